"""Where a request comes from: found once, and the only thing that services are told of it."""

from autograph.core.asgi import ASGIApp, Receive, Scope, Send
from autograph.gateway.address import TrustedProxies, client_address
from autograph.gateway.headers import without

_NAMES = frozenset({b"x-forwarded-for", b"forwarded", b"x-real-ip"})


class Client:
    """Puts the client's address into the scope's state as `client`, and into X-Forwarded-For for the services.

    The state's `is_forwarded` says whether anybody claimed to have passed the request on.

    Args:
        app: What comes inside.
        trusted: Proxies whose X-Forwarded-For is believed.
    """

    def __init__(self, app: ASGIApp, *, trusted: TrustedProxies) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] in {"http", "websocket"}:
            address = client_address(scope, self._trusted)
            state, headers = scope.setdefault("state", {}), without(scope["headers"], _NAMES)
            state["client"], state["is_forwarded"] = address, len(headers) < len(scope["headers"])
            headers.append((b"x-forwarded-for", address.encode("latin-1")))
            scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)
