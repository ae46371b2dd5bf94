"""Refuses paths that can be read in more than one way, before anything looks at them."""

from autograph.core.asgi import ASGIApp, Receive, Scope, Send
from autograph.gateway.routes import checked_path


class PathCheck:
    """See `routes.checked_path`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            Malformed: The path is ambiguous.
        """
        if scope["type"] in {"http", "websocket"}:
            checked_path(scope["path"], scope.get("raw_path") or scope["path"].encode())
        await self._app(scope, receive, send)
