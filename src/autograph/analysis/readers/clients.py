"""Clients of stores and brokers, as each language imports or constructs them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograph.analysis.facts import Reference, Use
from autograph.analysis.source_file import SourceFile

_HOST = re.compile(
    r"\b(?:host|hostname|server|broker|bootstrap_servers|address|addr)\w*[\"']?\s*[=:]\s*\[?\s*[\"']([A-Za-z][\w.\-]*(?::\d+)?)[\"']",
    re.IGNORECASE,
)
_CONSTRUCTED = re.compile(
    r"\b\w*(?:redis|mongo|rabbit|kafka|postgres|pgsql|mysql|sql|amqp|memcache|elastic|cassandra|nats)\w*\(\s*[\"']"
    r"([a-z][\w.\-]*(?::\d+)?)[\"']",
    re.IGNORECASE,
)  # fmt: skip
_PUBLISH = re.compile(r"publish|\bsend|produce|sendToQueue|WriteMessages|emit\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Client:
    """A pattern in code and the technology it is a client of."""

    pattern: re.Pattern[str]
    technology: str
    consumes: bool = False


def client(pattern: str, technology: str, *, consumes: bool = False) -> Client:
    """A client by its pattern, compiled for whole files."""
    return Client(re.compile(pattern, re.MULTILINE), technology, consumes)


def uses(file: SourceFile, clients: Sequence[Client]) -> Iterator[Use | Reference]:
    """The first line on which each client appears, and hosts given to clients as literals."""
    matches = [(one, match) for one in clients if (match := one.pattern.search(file.code)) is not None]
    only_consumed = (
        set() if _PUBLISH.search(file.code) else {one.technology for one, _ in matches if one.consumes}
    )
    for one, match in matches:
        if one.consumes or one.technology not in only_consumed:
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            place = file.place(file.line_at(start), f"{one.technology} client")
            yield Use(one.technology, place, consumes=one.consumes)
    for pattern in (_HOST, _CONSTRUCTED):
        for found, line in file.find(pattern):
            yield Reference(found.group(1), file.place(line, "host in code"))
