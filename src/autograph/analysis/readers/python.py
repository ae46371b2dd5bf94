"""Python: HTTP and gRPC calls, nameko proxies, brokers and stores."""

import re
from collections.abc import Iterator

from autograph.analysis.facts import Fact, Reference, Trait
from autograph.analysis.readers.clients import client, uses
from autograph.analysis.readers.environment import environment
from autograph.analysis.readers.literals import references
from autograph.analysis.source_file import SourceFile

_CLIENTS = (
    client(r"^\s*(?:import|from)\s+(?:pika|aio_pika|kombu|nameko)\b", "rabbitmq"),
    client(r"\.basic_consume\(|@event_handler\(|\bevent_handler\(", "rabbitmq", consumes=True),
    client(r"^\s*(?:import|from)\s+(?:redis|aioredis)\b", "redis"),
    client(r"^\s*(?:import|from)\s+(?:pymongo|motor|mongoengine)\b", "mongodb"),
    client(r"^\s*(?:import|from)\s+(?:psycopg2?|asyncpg)\b", "postgres"),
    client(r"^\s*(?:import|from)\s+(?:MySQLdb|pymysql|aiomysql|mysql)\b", "mysql"),
    client(r"\bKafkaProducer\(|\bAIOKafkaProducer\(|\bProducer\(\s*\{", "kafka"),
    client(r"\bKafkaConsumer\(|\bAIOKafkaConsumer\(|\bConsumer\(\s*\{", "kafka", consumes=True),
    client(r"^\s*(?:import|from)\s+elasticsearch\b", "elasticsearch"),
    *(
        client(rf"^\s*(?:import|from)\s+{name}\b", name)
        for name in ("openai", "anthropic", "stripe", "twilio", "sendgrid")
    ),
    client(r"^\s*(?:import|from)\s+(?:pymemcache|memcache|pylibmc)\b", "memcached"),
)
_RPC = re.compile(r"\b(?:ServiceRpc|RpcProxy|ClusterRpcProxy)\(\s*['\"]([\w.\-]+)['\"]")
_EVENTS = re.compile(r"@event_handler\(\s*['\"]([\w.\-]+)['\"]\s*,\s*['\"]([\w.\-]+)['\"]")
_SERVES = re.compile(
    r"\b(?:Flask|FastAPI|Sanic|Starlette|Quart)\(|\bgrpc\.server\(|uvicorn\.run\(|\bCelery\("
)


class PythonReader:
    """Every Python source outside tests."""

    name = "python"

    def wants(self, file: SourceFile) -> bool:
        """Sources by suffix."""
        return file.suffix == ".py"

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Calls, settings read and clients used."""
        for match, line in file.find(_RPC):
            yield Reference(match.group(1), file.place(line, "nameko RPC"), protocol="AMQP")
        serves = _SERVES.search(file.code)
        if serves is not None:
            yield Trait("serves", file.place(file.line_at(serves.start()), "web application"))
        yield from uses(file, _CLIENTS)
        yield from environment(file)
        yield from references(file)
