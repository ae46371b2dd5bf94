"""PHP, Rust and Ruby: what strings, environment and client libraries tell."""

from collections.abc import Iterator

from autograph.analysis.facts import Fact
from autograph.analysis.readers.clients import client, uses
from autograph.analysis.readers.environment import environment
from autograph.analysis.readers.literals import references
from autograph.analysis.source_file import SourceFile

_CLIENTS = (
    client(r"^\s*use\s+PhpAmqpLib\\|^\s*use\s+lapin\b|\bBunny\.new", "rabbitmq"),
    client(r"^\s*use\s+Predis\\|new\s+\\?Redis\(|^\s*use\s+redis::|\bRedis\.new", "redis"),
    client(r"^\s*use\s+MongoDB\\|^\s*use\s+mongodb::|\bMongo::Client\.new", "mongodb"),
    client(r"^\s*use\s+rdkafka::|^\s*use\s+RdKafka\\|\bRdkafka::Config", "kafka"),
)


class OtherLanguagesReader:
    """Languages read by their lines only."""

    name = "other-languages"

    def wants(self, file: SourceFile) -> bool:
        """Sources by suffix."""
        return file.suffix in {".php", ".rs", ".rb"}

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Calls, settings read and clients used."""
        yield from uses(file, _CLIENTS)
        yield from environment(file)
        yield from references(file)
