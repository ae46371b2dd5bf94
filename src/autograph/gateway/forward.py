"""Forward(url): a service of another process as an ASGI app. Streams both ways, keeps repeated parameters.

Trailers end here in both directions: neither ASGI servers of HTTP/1.1 nor our client carry them, and a field
after a body must never pass for a header (`server.http`).
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
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
    named = {
        token.strip().lower().encode()
        for name, value in scope["headers"]
        if name == b"connection"
        for token in value.decode("latin-1").split(",")
    }
    dropped = HOP_BY_HOP | named | {_DEADLINE}
    pairs = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"] if n not in dropped]
    if (remaining := deadline.check()) is not None:
        pairs.append((deadline.HEADER, str(math.ceil(remaining * 1000))))
    return CIMultiDict(pairs)


async def _forward_request(
    session: aiohttp.ClientSession, target: URL, scope: Scope, receive: Receive, send: Send
) -> None:
    headers = _sent_headers(scope)
    has_body = "content-length" in headers or any(n == b"transfer-encoding" for n, _ in scope["headers"])
    begun = False
    try:
        async with session.request(
            scope["method"],
            target,
            headers=headers,
            data=_body(receive) if has_body else None,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as reply:
            kept = [(n.lower(), v) for n, v in reply.raw_headers if n.lower() not in HOP_BY_HOP]
            await send({"type": "http.response.start", "status": reply.status, "headers": kept})
            begun = True
            async for chunk in reply.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
    except aiohttp.ClientConnectorError as error:
        raise Unavailable("A service is not running.", headers={"retry-after": "2"}) from error
    except (TimeoutError, aiohttp.ClientError) as error:
        if begun:
            raise BadGateway("A service broke off in the middle of its answer.") from error
        raise BadGateway("A service broke off before it answered.") from error


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """The request's body as it arrives."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        if chunk := message.get("body", b""):
            yield chunk
        if not message.get("more_body", False):
            return


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
        finally:
            outward.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await outward
        with contextlib.suppress(RuntimeError):
            await send({"type": "websocket.close", "code": upstream.close_code or 1011})


async def _pump_out(upstream: aiohttp.ClientWebSocketResponse, receive: Receive) -> None:
    """What the client says goes to the service until the client leaves."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            await upstream.close(
                code=message.get("code", 1005) if message.get("code", 1005) != 1005 else 1000
            )
            return
        if message.get("bytes") is not None:
            await upstream.send_bytes(message["bytes"])
        elif message.get("text") is not None:
            await upstream.send_str(message["text"])
