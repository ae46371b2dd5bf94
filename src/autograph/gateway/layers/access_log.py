"""One log line a request: method, path, status, duration, who, from where. Never a query, a body or a secret."""

import time
from http import HTTPStatus

import structlog

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.correlation import user_id
from autograph.observability.scrub import hidden

_log = structlog.get_logger("autograph.access")
CLIENT_GONE = 499
"""Written as the status of a request whose client left before it was answered."""

_QUIET = ("/livez", "/readyz", "/startupz", "/health")

_REGULAR = frozenset({"/internal/observations"})
"""What processes tell every few seconds; worth a line at level debug, or when it goes wrong."""


class AccessLog:
    """Logs when the last byte is out, also for what was cut off.

    Args:
        app: What comes inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and log it."""
        if scope["type"] != "http" or scope["path"].startswith(_QUIET):
            await self._app(scope, receive, send)
            return
        started, status, sent_bytes = time.perf_counter(), 0, 0
        state = scope.setdefault("state", {})

        async def answer(message: Message) -> None:
            nonlocal status, sent_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            principal = state.get("principal")
            is_usual = scope["path"] in _REGULAR and status < HTTPStatus.BAD_REQUEST
            (_log.debug if is_usual else _log.info)(
                "request",
                method=scope["method"],
                path=_clean(scope["path"], status),
                status=CLIENT_GONE if state.get("client_gone") else status,
                duration_ms=round((time.perf_counter() - started) * 1000, 2),
                sent_bytes=sent_bytes,
                user=principal.user_id if principal else user_id.get() or None,
                client=state.get("client", ""),
            )


def _clean(path: str, status: int) -> str:
    """A path that is none of ours may be anything, such as a token that somebody has pasted; ours name things only."""
    return path if 0 < status < 400 else hidden(path)
