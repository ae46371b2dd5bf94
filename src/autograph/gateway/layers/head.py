"""HEAD is GET without the body: services know GET only."""

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.gateway.routes import route_of


class Head:
    """Asks the service by GET and ends the answer after its headers, event streams too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or route_of(scope["path"]) is None:
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})

        await self._app({**scope, "method": "GET"}, receive, answer)
