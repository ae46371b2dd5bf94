"""Go: HTTP and gRPC dials, SQL and broker drivers."""

from collections.abc import Iterator

from autograph.analysis.facts import Fact, Trait
from autograph.analysis.readers.clients import client, uses
from autograph.analysis.readers.environment import environment
from autograph.analysis.readers.literals import references
from autograph.analysis.source_file import SourceFile


def _import(names: str) -> str:
    return rf"^\s*(?:import\s+)?(?:[\w.]+\s+)?\"(?:{names})[\w./\-]*\"\s*$"


_CLIENTS = (
    client(_import("github.com/streadway/amqp|github.com/rabbitmq/amqp091-go|github.com/Azure/go-amqp"), "rabbitmq"),
    client(r"\.Consume\(", "rabbitmq", consumes=True),
    client(_import("github.com/go-redis/redis|github.com/redis/go-redis|github.com/gomodule/redigo"), "redis"),
    client(_import("go.mongodb.org/mongo-driver|gopkg.in/mgo|github.com/globalsign/mgo"), "mongodb"),
    client(_import("github.com/lib/pq|github.com/jackc/pgx|gorm.io/driver/postgres"), "postgres"),
    client(_import("github.com/go-sql-driver/mysql|gorm.io/driver/mysql"), "mysql"),
    client(_import("github.com/segmentio/kafka-go|github.com/Shopify/sarama|github.com/IBM/sarama|"
                   "github.com/confluentinc/confluent-kafka-go"), "kafka"),
    client(_import("github.com/nats-io/"), "nats"),
    client(_import("github.com/stripe/stripe-go"), "stripe"),
    client(_import("github.com/sashabaranov/go-openai|github.com/openai/openai-go"), "openai"),
    client(_import("github.com/bradfitz/gomemcache"), "memcached"),
    client(_import("github.com/elastic/go-elasticsearch|github.com/olivere/elastic"), "elasticsearch"),
)  # fmt: skip


class GoReader:
    """Every Go source outside tests."""

    name = "go"

    def wants(self, file: SourceFile) -> bool:
        """Sources by suffix."""
        return file.suffix == ".go"

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Whether it is a program, settings read and clients used."""
        if "func main()" in file.code and "package main" in file.code:
            yield Trait("program", file.place(file.line_at(file.code.find("func main()")), "func main"))
        consumer = "amqp" in file.code
        for fact in uses(file, _CLIENTS):
            if consumer or not getattr(fact, "consumes", False):
                yield fact
        yield from environment(file)
        yield from references(file)
