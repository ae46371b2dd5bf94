"""Refuses bodies that are larger than their route takes: by their declared length, else while they arrive."""

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Malformed, TooLarge
from autograph.gateway.headers import header
from autograph.gateway.routes import SMALL_BODY_BYTES, route_of

_DIGITS = 18
"""A length with more digits is no length."""


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
        if scope["type"] != "http" or not _may_have_body(scope):
            await self._app(scope, receive, send)
            return
        route = route_of(scope["path"])
        limit = route.largest_body_bytes if route else SMALL_BODY_BYTES
        if (declared := header(scope, b"content-length")) is None:
            await self._counted(limit, scope, receive, send)
            return
        if not declared.isdecimal() or len(declared) > _DIGITS:
            raise Malformed("Content-Length is not a number.")
        if int(declared) > limit:
            raise _too_large(limit)
        await self._app(scope, receive, send)

    async def _counted(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Count while the body arrives. What the service makes of a body that was cut off is nobody's answer."""
        received = 0
        begun = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            return message

        async def answer(message: Message) -> None:
            nonlocal begun
            if begun or received <= limit:
                begun = True
                await send(message)

        try:
            await self._app(scope, counted, answer)
        except Exception:
            if begun or received <= limit:
                raise
        if received > limit and not begun:
            raise _too_large(limit)


def _may_have_body(scope: Scope) -> bool:
    """Whether a body can follow; GET and HEAD have one only when they say so."""
    return scope["method"] not in {"GET", "HEAD"} or any(
        name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"]
    )


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"At most {limit:,} bytes are taken here.", limit_bytes=limit)
