"""What a text points at: hosts, URLs, connection strings and service names become parts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograph.analysis import technologies
from autograph.analysis.merge.configuration import UNKNOWN
from autograph.analysis.merge.parts import Part, Parts

_URL = re.compile(r"((?:jdbc:)?[a-z][a-z0-9+.\-]*)://([^\s\"'<>]+)", re.IGNORECASE)
_HOST_PORT = re.compile(r"^(?:\w+@)?([A-Za-z][\w.\-]*):(\d{2,5})(?:/\S*)?$")
_HOST = re.compile(r"^[A-Za-z][\w.\-]*$")
_CONNECTION = re.compile(
    r"(?:^|[;:])\s*(?:Server|Host|Data Source|Address|Addr)\s*=\s*(?:tcp:)?([\w.\-]+)", re.IGNORECASE
)
_GO_DSN = re.compile(r"@(?:tcp)?\(([\w.\-]+):?(\d*)\)")
_HERE = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal", "::1"})  # noqa: S104 (compared only)


@dataclass(frozen=True, slots=True)
class Address:
    """A host with what else the text told; `port` 0 is unknown."""

    scheme: str
    host: str
    port: int

    @property
    def here(self) -> bool:
        """Whether this is the machine itself."""
        return self.host.lower() in _HERE


def addresses(text: str, *, bare: bool) -> Iterator[Address]:
    """The addresses in a value; `bare` also takes a lone word as a host."""
    urls = list(_URL.finditer(text))
    for url in urls:
        place = url.group(2).partition("/")[0].partition("?")[0].rpartition("@")[2]
        for one in place.split(","):
            host, _, port = one.partition(":")
            if host and UNKNOWN not in host:
                yield Address(
                    url.group(1).lower(), host, int(port) if port.isdigit() and len(port) < 6 else 0
                )
    if urls:
        return
    for match in (*_CONNECTION.finditer(text), *_GO_DSN.finditer(text)):
        yield Address("", match.group(1), 0)
    for word in re.split(r"[,;\s]+", text[:500]):
        pair = _HOST_PORT.match(word)
        if pair is not None:
            yield Address("", pair.group(1), int(pair.group(2)))
        elif bare and _HOST.match(word):
            yield Address("", word, 0)


def resolve(address: Address, parts: Parts, source: Part | None) -> Part | None:
    """The part at this address, or None; "localhost" is told by its port."""
    if address.here:
        if source is not None and any(inner == address.port for _, inner in source.ports):
            return None
        found = parts.at_port(address.port) if address.port else None
        if found is not None and found is not source:
            return found
        known = technologies.of_scheme(address.scheme) or technologies.of_port(address.port)
        return parts.of_technology(known.key) if known is not None else None
    host = address.host
    labels = host.split(".")
    bare = not address.scheme and not address.port
    found = parts.named(host, exact=bare or len(labels) > 1)
    if (
        found is None
        and len(labels) > 1
        and (host.endswith(("svc", "cluster.local", ".internal")) or len(labels) == 2)
    ):
        found = parts.named(labels[0])
    return found
