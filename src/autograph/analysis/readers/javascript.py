"""JavaScript and TypeScript, server and browser: calls, proxies, brokers and stores."""

import re
from collections.abc import Iterator

from autograph.analysis.facts import Fact, Reference
from autograph.analysis.readers.clients import client, uses
from autograph.analysis.readers.environment import environment
from autograph.analysis.readers.literals import references
from autograph.analysis.source_file import SourceFile


def _module(names: str) -> str:
    return rf"(?:require\(|from\s|import\s)\s*['\"](?:{names})['\"]"


_CLIENTS = (
    client(_module("amqplib|amqp|amqplib/callback_api|amqp-connection-manager|rhea"), "rabbitmq"),
    client(r"\bchannel\.consume\(", "rabbitmq", consumes=True),
    client(_module("mongoose|mongodb"), "mongodb"),
    client(_module("redis|ioredis|@redis/client"), "redis"),
    client(_module("mysql|mysql2|mysql2/promise"), "mysql"),
    client(_module("pg|pg-promise|postgres"), "postgres"),
    client(_module("kafkajs|kafka-node|node-rdkafka"), "kafka"),
    client(r"\.consumer\(\s*\{\s*groupId", "kafka", consumes=True),
    client(_module("@elastic/elasticsearch|elasticsearch"), "elasticsearch"),
    client(_module("nats"), "nats"),
    client(_module("openai|@azure/openai"), "openai"),
    client(_module("@anthropic-ai/sdk"), "anthropic"),
    client(_module("stripe"), "stripe"),
    client(_module("twilio"), "twilio"),
    client(_module("@sendgrid/mail"), "sendgrid"),
    client(_module("firebase-admin|firebase|firebase/app"), "firebase"),
    client(_module("memcached|memjs"), "memcached"),
)
_PORT_ONLY = re.compile(r"location\.hostname\s*\+\s*['\"`]:(\d{2,5})|location\.hostname\}:(\d{2,5})")


class JavaScriptReader:
    """Scripts and single-file components."""

    name = "javascript"

    def wants(self, file: SourceFile) -> bool:
        """Sources by suffix."""
        return file.suffix in {".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".vue", ".svelte"}

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Calls, settings read and clients used."""
        for match, line in file.find(_PORT_ONLY):
            port = match.group(1) or match.group(2)
            yield Reference(f"http://localhost:{port}", file.place(line, "URL in code"), protocol="HTTP")
        yield from uses(file, _CLIENTS)
        yield from environment(file)
        yield from references(file)
