"""Forward(url): a service of another process as an ASGI app. Streams both ways, keeps repeated parameters.

Trailers end here in both directions: neither ASGI servers of HTTP/1.1 nor our client carry them, and a field
after a body must never pass for a header (`server.http`).
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterable
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from autograph.core import deadline
from autograph.core.asgi import ASGIApp, Receive, Scope, Send
from autograph.core.problem import Problem, Unavailable

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"host",
    }
)
"""Headers that speak about one connection (RFC 9110, 7.6.1) and end here; the host is the upstream's."""

_DEADLINE = deadline.HEADER.encode()
_GOING_AWAY, _NO_CODE = 1001, 1005


class BadGateway(Problem):
    """A service broke off, or answered what is no answer."""

    status, slug, title = 502, "bad-gateway", "A part of AutoGraph answered wrongly."


def forward(url: str, session: aiohttp.ClientSession) -> ASGIApp:
    """Return an ASGI app that passes every request on to `url`.

    Args:
        url: Where the service listens, such as ``http://auth:8085``.
        session: Shared, with its own limits; owned by whoever starts the process. It must not decompress.
    """
    base = url.rstrip("/")
    if urlsplit(base).scheme not in {"http", "https"}:
        raise ValueError(f"an upstream is an http or https URL, not {url!r}")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        target = URL(base + _path(scope), encoded=True)
        if scope["type"] == "websocket":
            await _forward_socket(session, target, scope, receive, send)
        elif scope["type"] == "http":
            await _forward_request(session, target, scope, receive, send)

    return app


def _path(scope: Scope) -> str:
    """Path and query exactly as the client wrote them."""
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return str((raw + b"?" + query if query else raw).decode("latin-1"))


def _sent_headers(scope: Scope) -> CIMultiDict[str]:
    """What goes on, without what belongs to this connection only."""
    dropped = _ending_here(scope["headers"]) | {_DEADLINE}
    pairs = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"] if n not in dropped]
    if (remaining := deadline.check()) is not None:
        pairs.append((deadline.HEADER, str(math.ceil(remaining * 1000))))
    return CIMultiDict(pairs)


def _ending_here(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """Names of the headers that belong to one connection, with those that the message itself calls so."""
    named = (value.lower().split(b",") for name, value in headers if name.lower() == b"connection")
    return HOP_BY_HOP.union(token.strip() for tokens in named for token in tokens)


async def _forward_request(
    session: aiohttp.ClientSession, target: URL, scope: Scope, receive: Receive, send: Send
) -> None:
    headers = _sent_headers(scope)
    has_body = "content-length" in headers or any(n == b"transfer-encoding" for n, _ in scope["headers"])
    begun = False
    body = _Body(receive)
    try:
        async with session.request(
            scope["method"],
            target,
            headers=headers,
            data=body.pieces() if has_body else None,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as reply:
            dropped = _ending_here(reply.raw_headers) | {b"date"}  # our own server says when it was
            kept = [(n.lower(), v) for n, v in reply.raw_headers if n.lower() not in dropped]
            await send({"type": "http.response.start", "status": reply.status, "headers": kept})
            begun = True
            async for chunk in reply.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
    except aiohttp.ClientConnectorError as error:
        raise Unavailable("A service is not running.", headers={"retry-after": "2"}) from error
    except (TimeoutError, aiohttp.ClientError) as error:
        if body.refusal is not None:
            raise body.refusal from error
        if begun:
            raise BadGateway("A service broke off in the middle of its answer.") from error
        raise BadGateway("A service broke off before it answered.") from error


class _Body:
    """The request's body as it arrives.

    Attributes:
        refusal: The problem for which a layer outside stopped it (too large, for one): it is the client's fault
            and must not be taken for one of the service.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.refusal: Problem | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield piece by piece."""
        more = True
        while more:
            try:
                message = await self._receive()
            except Problem as problem:
                self.refusal = problem
                raise
            if message["type"] == "http.disconnect":
                raise ConnectionResetError
            if chunk := message.get("body", b""):
                yield chunk
            more = message.get("more_body", False)


async def _forward_socket(
    session: aiohttp.ClientSession, target: URL, scope: Scope, receive: Receive, send: Send
) -> None:
    headers = _sent_headers(scope)
    for name in [n for n in headers if n.lower().startswith("sec-websocket-")]:
        del headers[name]
    await receive()  # websocket.connect
    try:
        upstream = await session.ws_connect(
            target, headers=headers, protocols=scope.get("subprotocols", ()), max_msg_size=0
        )
    except (TimeoutError, aiohttp.ClientError):
        await send({"type": "websocket.close", "code": 1013, "reason": "A service does not answer."})
        return
    async with upstream:
        await send({"type": "websocket.accept", "subprotocol": upstream.protocol})
        outward = asyncio.create_task(_pump_out(upstream, receive))
        try:
            async for message in upstream:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await send({"type": "websocket.send", "text": message.data})
                elif message.type is aiohttp.WSMsgType.BINARY:
                    await send({"type": "websocket.send", "bytes": message.data})
        except OSError:
            await upstream.close(code=_GOING_AWAY)  # the client is gone: so says whoever sends to it
        finally:
            outward.cancel()
            [ended] = await asyncio.gather(outward, return_exceptions=True)
        if ended is not None:  # else the client has closed, and hears nothing any more
            with contextlib.suppress(OSError, RuntimeError):
                await send({"type": "websocket.close", "code": _told(upstream.close_code, 1011)})


async def _pump_out(upstream: aiohttp.ClientWebSocketResponse, receive: Receive) -> None:
    """What the client says goes to the service until the client leaves."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            code = message.get("code", _NO_CODE)
            await upstream.close(code=1000 if code == _NO_CODE else _told(code, _GOING_AWAY))
            return
        if message.get("bytes") is not None:
            await upstream.send_bytes(message["bytes"])
        elif message.get("text") is not None:
            await upstream.send_str(message["text"])


def _told(code: int | None, otherwise: int) -> int:
    """Return `code` where it may be sent (RFC 6455, 7.4), else `otherwise`: some codes only say what was seen."""
    if code is None or code in {1004, _NO_CODE, 1006} or not (1000 <= code <= 1014 or 3000 <= code < 5000):
        return otherwise
    return code
