"""CORS: pages of the origins that an operator has listed may call the API; every other page may not.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol.
"""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Forbidden
from autograph.gateway.headers import Headers, varying
from autograph.gateway.routes import METHODS
from autograph.observability.answers import problem_answer

_ALLOWED_HEADERS = b"authorization, content-type, idempotency-key, if-match, if-none-match, prefer, traceparent, tracestate, x-api-key, x-correlation-id"  # fmt: skip # noqa: E501
_EXPOSED_HEADERS = b"content-disposition, etag, location, ratelimit, ratelimit-policy, retry-after, x-correlation-id"  # fmt: skip # noqa: E501


def _origin(value: str) -> str:
    """The origin as a browser writes it.

    Raises:
        ValueError: It is a pattern, a path, or no origin at all.
    """
    found = urlsplit(value)
    origin = f"{found.scheme}://{found.netloc}".lower()
    if found.scheme not in {"http", "https"} or not found.hostname or origin != value.lower().rstrip("/"):
        raise ValueError(
            f"{value!r} is no origin; write scheme and host only, such as https://wiki.example.com"
        )
    if "*" in value or "@" in value:
        raise ValueError(f"{value!r} is a pattern; list each origin by itself")
    return origin


class CorsSettings(BaseModel):
    """Which other sites' pages may use the API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origins: Annotated[tuple[str, ...], Field(max_length=100)] = Field(
        default=(),
        description="Origins whose pages may call the API with the cookie or a token, as JSON:"
        ' ["https://wiki.example.com"]. None by default; there is no wildcard.',
    )
    max_age_seconds: int = Field(
        default=600,
        ge=0,
        le=86400,
        description="Seconds for which a browser may remember a pre-flight's answer.",
    )

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_origin, value))


class OriginNotAllowed(Forbidden):
    """A browser asked whether another site's page may make a call, and it may not."""

    slug, title = "origin-not-allowed", "Pages of this origin may not call AutoGraph."


class Cors:
    """Answers pre-flights itself, without any token, and names the allowed origin on answers.

    Stands outside of what answers problems, so that a page may read those too. With no origin listed
    it does nothing but refuse pre-flights.

    Args:
        app: What comes inside.
        settings: Who is allowed.
    """

    def __init__(self, app: ASGIApp, *, settings: CorsSettings) -> None:
        self._app = app
        self._origins = frozenset(origin.encode() for origin in settings.origins)
        self._preflight: Headers = [
            (b"access-control-allow-methods", ", ".join(METHODS).encode()),
            (b"access-control-allow-headers", _ALLOWED_HEADERS),
            (b"access-control-max-age", str(settings.max_age_seconds).encode()),
            (b"vary", b"origin, access-control-request-method, access-control-request-headers"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer it when it is a pre-flight."""
        if scope["type"] != "http" or not (self._origins or scope["method"] == "OPTIONS"):
            await self._app(scope, receive, send)
            return
        origin, asks = None, False
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
            elif name == b"access-control-request-method":
                asks = True
        if asks and origin is not None and scope["method"] == "OPTIONS":
            await self._answer_preflight(origin, scope, receive, send)
            return
        allowed = _allowed(origin) if origin is not None and origin in self._origins else []

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = varying(message.get("headers", ()), b"origin")
                if allowed:
                    headers += allowed
                    headers.append((b"access-control-expose-headers", _EXPOSED_HEADERS))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, answer if self._origins else send)

    async def _answer_preflight(self, origin: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        if origin not in self._origins:
            refused = OriginNotAllowed("An administrator can list it in AUTOGRAPH_GATEWAY__CORS__ORIGINS.")
            refused.headers = {"vary": "origin"}
            await problem_answer(refused, scope["path"])(scope, receive, send)
            return
        headers = [*_allowed(origin), *self._preflight]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _allowed(origin: bytes) -> Headers:
    return [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]
