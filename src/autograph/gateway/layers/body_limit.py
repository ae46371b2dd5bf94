"""Refuses bodies that are larger than their route takes: by their declared length, else while they arrive."""

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Malformed, TooLarge
from autograph.gateway.headers import header
from autograph.gateway.routes import SMALL_BODY_BYTES, route_of


class BodyLimit:
    """Counts; buffers nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            TooLarge: The body is, or grows, beyond the limit.
            Malformed: Content-Length is not a number.
        """
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        route = route_of(scope["path"])
        limit = route.largest_body_bytes if route else SMALL_BODY_BYTES
        if (declared := header(scope, b"content-length")) is not None:
            if not declared.isdecimal():
                raise Malformed("Content-Length is not a number.")
            if int(declared) > limit:
                raise _too_large(limit)
            await self._app(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, counted, send)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"At most {limit:,} bytes are taken here.", limit_bytes=limit, headers={"connection": "close"}
    )
