"""`/metrics`: for Prometheus, behind a token wherever others could read along, or on a port of its own."""

import asyncio
import hmac
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from autograph.core.asgi import ASGIApp, Receive, Scope, Send
from autograph.core.problem import MethodNotAllowed, Unauthenticated
from autograph.gateway.address import is_loopback
from autograph.gateway.headers import header

PATH = "/metrics"

Text = Callable[[str], tuple[bytes, str]]
"""Makes the page for an Accept header; returns it with its content type."""


class MetricsSettings(BaseModel):
    """Who may read the metrics."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr = Field(
        default=SecretStr(""),
        description="Whoever shows it as a bearer token may read /metrics. Empty: only this machine itself, and"
        " nobody in production.",
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="A further port that answers /metrics and health, and nothing else. Without a token whoever"
        " reaches it may read: keep it inside.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the further port listens on.")


class Metrics:
    """Answers `/metrics`.

    Args:
        text: Makes the page.
        settings: Who may read it.
        is_open: Whether this machine itself may read it without the token.
        is_apart: Whether it stands on the port of its own, where all may that reach it.
    """

    def __init__(
        self, text: Text, settings: MetricsSettings, *, is_open: bool, is_apart: bool = False
    ) -> None:
        self._text = text
        self._token = settings.token.get_secret_value()
        self._is_open = is_open
        self._is_apart = is_apart

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the page.

        Raises:
            Unauthenticated: Neither the token nor this machine itself.
            MethodNotAllowed: Anything but GET and HEAD.
        """
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed(headers={"allow": "GET, HEAD"})
        if not self._may_read(scope):
            raise Unauthenticated(
                "Send the token of AUTOGRAPH_METRICS__TOKEN.", headers={"www-authenticate": "Bearer"}
            )
        page, kind = await asyncio.to_thread(self._text, header(scope, b"accept") or "")
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(page)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page})

    def _may_read(self, scope: Scope) -> bool:
        shown = (header(scope, b"authorization") or "").removeprefix("Bearer ")
        if self._token:
            return hmac.compare_digest(shown.encode(), self._token.encode())
        if self._is_apart:
            return True
        state = scope.get("state", {})
        return self._is_open and not state.get("is_forwarded") and is_loopback(state.get("client", ""))


class ByPort:
    """Hands requests on by the port that they came in by.

    Args:
        app: Serves every port but one.
        port: That one.
        apart: Serves it.
    """

    def __init__(self, app: ASGIApp, *, port: int, apart: ASGIApp) -> None:
        self._app = app
        self._port = port
        self._apart = apart

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        server = scope.get("server")
        app = self._apart if server is not None and server[1] == self._port else self._app
        await app(scope, receive, send)
