"""C#: typed HTTP and gRPC clients, brokers, stores, and the reverse proxies Ocelot and YARP by their settings."""

from collections.abc import Iterator

from autograph.analysis.facts import Fact
from autograph.analysis.readers.clients import client, uses
from autograph.analysis.readers.environment import environment
from autograph.analysis.readers.literals import references
from autograph.analysis.source_file import SourceFile

_CLIENTS = (
    client(
        r"^\s*using\s+RabbitMQ\.Client|\.UsingRabbitMq\(|AddRabbitMqEventBus\(|AddRabbitMQClient\(",
        "rabbitmq",
    ),
    client(r"\bIConsumer<\w+>|\.BasicConsume\w*\(|\.AddSubscription<", "rabbitmq", consumes=True),
    client(r"^\s*using\s+StackExchange\.Redis|AddStackExchangeRedisCache\(|AddRedis\w*\(", "redis"),
    client(r"^\s*using\s+MongoDB\.Driver", "mongodb"),
    client(r"^\s*using\s+Npgsql|\.UseNpgsql\(|AddNpgsql\w*[(<]", "postgres"),
    client(r"\.UseSqlServer\(|^\s*using\s+(?:System|Microsoft)\.Data\.SqlClient", "sqlserver"),
    client(r"\.UseMySql\(|^\s*using\s+MySql", "mysql"),
    client(r"^\s*using\s+Confluent\.Kafka", "kafka"),
    client(r"^\s*using\s+(?:Nest|Elastic\.Clients\w*)\s*;", "elasticsearch"),
)


class CSharpReader:
    """Every C# source and Razor page."""

    name = "csharp"

    def wants(self, file: SourceFile) -> bool:
        """Sources by suffix."""
        return file.suffix in {".cs", ".cshtml", ".razor"}

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Calls, settings read and clients used."""
        yield from uses(file, _CLIENTS)
        yield from environment(file)
        yield from references(file)
