"""The headers that browsers honour, on every answer whatever its status."""

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.gateway.headers import Headers

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
"""Scripts only from files of our own. Styles may be inline: drawings carry theirs, and style runs nothing."""


def security_headers(*, https: bool) -> Headers:
    """Return the headers; `https` adds the one that keeps browsers there."""
    return [
        (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        *([(b"strict-transport-security", b"max-age=31536000; includeSubDomains")] if https else []),
    ]


class SecurityHeaders:
    """Adds what an answer does not set itself (a picture may be stricter).

    Args:
        app: What comes inside.
        https: Whether people reach us by https; then browsers are told to stay there.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = security_headers(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request with the headers on its answer."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                given = list(message.get("headers", ()))
                names = {name for name, _ in given}
                message = {
                    **message,
                    "headers": given + [pair for pair in self._headers if pair[0] not in names],
                }
            await send(message)

        await self._app(scope, receive, answer)
