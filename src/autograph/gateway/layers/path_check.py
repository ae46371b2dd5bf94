"""Refuses what can be read in more than one way, then finds the row of the table: once, for all layers inside."""

from autograph.core.asgi import ASGIApp, Receive, Scope, Send
from autograph.core.problem import Problem
from autograph.gateway.routes import METHODS, checked_path, route_of


class UnknownMethod(Problem):
    """The method is none that AutoGraph answers anywhere."""

    status, slug, title = 501, "unknown-method", "This method is not known here."


class PathCheck:
    """Sets ``scope["state"]["route"]``: the row that owns the path, None when no service does.

    See `routes.checked_path` for what is refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            Malformed: The path is ambiguous.
            UnknownMethod: No address answers this method.
        """
        if scope["type"] in {"http", "websocket"}:
            path = scope["path"]
            checked_path(path, scope.get("raw_path") or path.encode())
            if scope["type"] == "http" and scope["method"] not in METHODS:
                raise UnknownMethod(headers={"allow": ", ".join(METHODS)})
            scope.setdefault("state", {})["route"] = route_of(path)
        await self._app(scope, receive, send)
