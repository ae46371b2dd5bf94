"""Reading and writing raw ASGI headers without building objects: this runs for every request."""

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from autograph.core.asgi import Scope

Headers = list[tuple[bytes, bytes]]


def header(scope: Scope, name: bytes) -> str | None:
    """Return the first header called `name` (lower case) as text, or None."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def without(headers: Iterable[tuple[bytes, bytes]], names: frozenset[bytes], *prefixes: bytes) -> Headers:
    """Return the headers whose name is neither in `names` nor starts with one of `prefixes`."""
    return [pair for pair in headers if pair[0] not in names and not pair[0].startswith(prefixes)]


def cookie(scope: Scope, name: str) -> str | None:
    """Return the value of the cookie called `name`, or None. The first of two equal names counts."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            for part in value.decode("latin-1").split(";"):
                found, _, content = part.strip().partition("=")
                if found == name:
                    return content or None
    return None


def split_url(text: str) -> SplitResult:
    """Return the parts of a URL that a client wrote; all of them are empty when it is none."""
    try:
        return urlsplit(text)
    except ValueError:
        return urlsplit("")


def varying(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> Headers:
    """Return `headers` with one Vary that has `name` (lower case) among what it had before."""
    found: list[bytes] = []
    kept: Headers = []
    for pair in headers:
        if pair[0] == b"vary":
            found += [part.strip().lower() for part in pair[1].split(b",")]
        else:
            kept.append(pair)
    if name not in found and b"*" not in found:
        found.append(name)
    kept.append((b"vary", b", ".join(part for part in found if part)))
    return kept
