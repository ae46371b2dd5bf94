"""Compression: zstd, brotli or gzip for answers that gain by it, as a whole or while they stream.

Sources: RFC 9110, 8.4 and 12.5.3; RFC 8878 and 9659 (zstd); RFC 7932 (br).
"""

import asyncio
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import brotli
import zstandard
from pydantic import BaseModel, ConfigDict, Field

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.gateway.headers import Headers, varying

OFF_LOOP_BYTES = 64 * 1024
"""Pieces from this size on are compressed in a thread: less takes shorter than the way there and back."""

_TEXTUAL = (b"text/", b"application/json", b"application/javascript", b"application/xml", b"application/wasm")
_SUFFIXES = (b"+json", b"+xml")
_DROPPED = frozenset({b"content-length", b"accept-ranges", b"etag", b"content-encoding"})


class CompressionSettings(BaseModel):
    """What is worth compressing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minimum_bytes: int = Field(
        default=1024, ge=0, le=1024 * 1024, description="Bytes of an answer below which it is sent as it is."
    )


class _Compressor(Protocol):
    """One answer on its way through one encoding."""

    def process(self, data: bytes) -> bytes: ...
    def flush(self) -> bytes: ...
    def finish(self) -> bytes: ...


class _Zlib:
    def __init__(self) -> None:
        self._deflate = zlib.compressobj(4, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self.process = self._deflate.compress
        self.finish = self._deflate.flush

    def flush(self) -> bytes:
        return self._deflate.flush(zlib.Z_SYNC_FLUSH)


class _Zstd:
    def __init__(self) -> None:
        self._frame = zstandard.ZstdCompressor(level=3).compressobj()
        self.process = self._frame.compress
        self.finish = self._frame.flush

    def flush(self) -> bytes:
        return bytes(self._frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))


def _brotli() -> _Compressor:
    made: _Compressor = brotli.Compressor(quality=3, lgwin=19)
    return made


ENCODINGS: dict[bytes, Callable[[], _Compressor]] = {b"zstd": _Zstd, b"br": _brotli, b"gzip": _Zlib}
"""The first wins where a client likes several equally: at equal size zstd costs a third of br's time."""


@lru_cache(maxsize=256)
def preferred(accept_encoding: bytes, among: tuple[bytes, ...] = tuple(ENCODINGS)) -> bytes | None:
    """Return the encoding that a client likes best; the first of equals, None when it wants none of them."""
    if not among:
        return None
    weights: dict[bytes, float] = {}
    for part in accept_encoding.lower().split(b","):
        name, _, parameters = part.partition(b";")
        weights[name.strip()] = _weight(parameters)
    rest = weights.get(b"*", 0.0)
    best = max(among, key=lambda name: weights.get(name, rest))
    weight = weights.get(best, rest)
    return best if weight > 0 and weight >= weights.get(b"identity", 0.0) else None


def _weight(parameters: bytes) -> float:
    """The q-value; 1 where there is none, 0 where it cannot be read."""
    name, _, value = parameters.strip().partition(b"=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip() == b"q" and 0 <= weight <= 1 else 0.0


class Compression:
    """Compresses what is text of some kind, large enough, and not compressed yet.

    Event streams, and answers that forbid it (``Cache-Control: no-transform``), pass as they are. A
    streamed answer is flushed piece by piece, so nothing waits here; a strong ETag becomes a weak one.

    Args:
        app: What comes inside.
        settings: What is worth it.
    """

    def __init__(self, app: ASGIApp, *, settings: CompressionSettings) -> None:
        self._app = app
        self._minimum_bytes = settings.minimum_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send, self._minimum_bytes)
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            await answer.break_off()
            raise


class _Answer:
    """One answer: held until its first piece tells what it is, then passed on or through a compressor."""

    __slots__ = ("_compressor", "_flushes", "_minimum_bytes", "_scope", "_send", "_start")

    def __init__(self, scope: Scope, send: Send, minimum_bytes: int) -> None:
        self._scope, self._send, self._minimum_bytes = scope, send, minimum_bytes
        self._start: Message | None = None
        self._compressor: _Compressor | None = None
        self._flushes = False

    async def send(self, message: Message) -> None:
        """Take one message of the answer."""
        kind = message["type"]
        if kind == "http.response.body":
            if self._start is not None:
                await self._begin(self._start, message)
            elif self._compressor is not None:
                await self._send_piece(self._compressor, message)
            else:
                await self._send(message)
        elif kind == "http.response.start" and self._gains(message):
            self._start = message
        else:
            await self._send(message)

    async def break_off(self) -> None:
        """An answer that had begun stays begun, so that its client sees it cut off."""
        if self._start is not None:
            await self._send(self._start)

    def _gains(self, start: Message) -> bool:
        """Whether an answer of this kind is compressed for clients that accept it."""
        length, kind = None, b""
        for name, value in start.get("headers", ()):
            if name == b"content-type":
                kind = value.partition(b";")[0].strip().lower()
            elif name == b"content-length":
                length = value
            elif name in {b"content-encoding", b"content-range"} or (
                name == b"cache-control" and b"no-transform" in value
            ):
                return False
        if length is not None and int(length) < self._minimum_bytes:
            return False
        if start["status"] in {204, 205, 206, 304} or kind == b"text/event-stream":
            return False
        return kind.startswith(_TEXTUAL) or kind.endswith(_SUFFIXES)

    async def _begin(self, start: Message, first: Message) -> None:
        """Send the start and the first piece, now that we see whether it is the only one."""
        self._start = None
        is_head = self._scope["method"] == "HEAD"
        is_whole = not first.get("more_body", False)
        body = first.get("body", b"")
        headers = varying(start.get("headers", ()), b"accept-encoding")
        encoding = self._accepted()
        if encoding is None or (is_whole and not is_head and len(body) < self._minimum_bytes):
            await self._send({**start, "headers": headers})
            await self._send(first)
            return
        headers, self._flushes = _encoded(headers, encoding)
        if is_whole and not is_head:
            size_bytes = len(body)
            body = await _run(lambda: _at_once(encoding, body), size_bytes)
            self._saved(size_bytes - len(body))
            headers.append((b"content-length", b"%d" % len(body)))
        await self._send({**start, "headers": headers})
        if is_head or is_whole:
            await self._send({**first, "body": b"" if is_head else body})
        else:
            self._compressor = ENCODINGS[encoding]()
            await self._send_piece(self._compressor, first)

    def _saved(self, size_bytes: int) -> None:
        """Tell whoever measures how many bytes stay off the wire."""
        state = self._scope.setdefault("state", {})
        state["saved_bytes"] = state.get("saved_bytes", 0) + size_bytes

    def _accepted(self) -> bytes | None:
        accepted: list[bytes] = []
        for name, value in self._scope["headers"]:
            if name == b"accept-encoding":
                accepted.append(value)
            elif name == b"cache-control" and b"no-transform" in value:
                return None
        return preferred(b",".join(accepted)) if accepted else None

    async def _send_piece(self, compressor: _Compressor, message: Message) -> None:
        """Send one piece of a stream on, with everything that it holds."""
        body = message.get("body", b"")
        is_last = not message.get("more_body", False)

        def piece() -> bytes:
            made = compressor.process(body) if body else b""
            return made + (compressor.finish() if is_last else compressor.flush() if self._flushes else b"")

        made = await _run(piece, len(body))
        self._saved(len(body) - len(made))
        if made or is_last:
            await self._send({**message, "body": made})


def _encoded(headers: Headers, encoding: bytes) -> tuple[Headers, bool]:
    """Headers of the compressed answer, and whether its pieces are flushed: those of unknown length are."""
    kept = [pair for pair in headers if pair[0] not in _DROPPED]
    kept.append((b"content-encoding", encoding))
    is_live = True
    for name, value in headers:
        if name == b"etag":
            kept.append((name, value if value.startswith(b"W/") else b"W/" + value))
        elif name == b"content-length":
            is_live = False
    return kept, is_live


def _at_once(encoding: bytes, body: bytes) -> bytes:
    compressor = ENCODINGS[encoding]()
    return compressor.process(body) + compressor.finish()


async def _run(work: Callable[[], bytes], size_bytes: int) -> bytes:
    """Do `work` here, or in a thread when it is about many bytes."""
    return work() if size_bytes < OFF_LOOP_BYTES else await asyncio.to_thread(work)
