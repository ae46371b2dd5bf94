"""`/metrics`: for Prometheus, behind a token wherever others could read along."""

import asyncio
import hmac
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from autograph.core.asgi import Receive, Scope, Send
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


class Metrics:
    """Answers `/metrics`.

    Args:
        text: Makes the page.
        settings: Who may read it.
        is_open: Whether this machine itself may read it without the token.
    """

    def __init__(self, text: Text, settings: MetricsSettings, *, is_open: bool) -> None:
        self._text = text
        self._token = settings.token.get_secret_value()
        self._is_open = is_open

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
        state = scope.get("state", {})
        return self._is_open and not state.get("is_forwarded") and is_loopback(state.get("client", ""))
