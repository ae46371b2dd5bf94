"""Gives every request its correlation ID, in the context, to the services behind and on the answer."""

from autograph.core import correlation
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.gateway.headers import header, without

_NAME = correlation.HEADER.encode()


class Correlation:
    """Outermost layer, so that every other one and every answer has the ID."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under its ID."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        current = correlation.accept(header(scope, _NAME))
        scope = {
            **scope,
            "headers": [*without(scope["headers"], frozenset({_NAME})), (_NAME, current.encode())],
        }

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = without(message.get("headers", ()), frozenset({_NAME}))
                message = {**message, "headers": [*kept, (_NAME, current.encode())]}
            await send(message)

        token = correlation.correlation_id.set(current)
        try:
            await self._app(scope, receive, answer)
        finally:
            correlation.correlation_id.reset(token)
