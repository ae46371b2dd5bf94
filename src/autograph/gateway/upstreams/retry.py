"""Retries: the one place where a call is made again, only where that cannot do anything twice.

Full jitter and its reasons: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog (2015). The
budget as a share of the calls in progress is Envoy's: retries never become the load that keeps a service down.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict, Field

from autograph.core import deadline
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Problem
from autograph.gateway.headers import header
from autograph.gateway.upstreams.breaker import CircuitOpen

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
RETRIED_STATUSES = frozenset({502, 503, 504})
NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""Failures before the first byte went out: whatever the call would do, it has not done it."""

LEAST_ATTEMPT_SECONDS = 0.05
"""A further attempt needs at least this much time after its pause to be worth making."""

_log = structlog.get_logger(__name__)


class RetrySettings(BaseModel):
    """When a failed call to a service is made again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attempts: int = Field(default=3, ge=1, le=10, description="How often a call is made at most; 1 for once.")
    base_seconds: float = Field(
        default=1.0,
        ge=0,
        le=60,
        description="The pause before the second attempt is a random part of this many seconds; the range doubles"
        " with each further attempt.",
    )
    longest_pause_seconds: float = Field(
        default=10.0, ge=0, le=300, description="A service that asks for a longer pause is not asked again."
    )
    budget_percent: float = Field(
        default=20.0, ge=0, le=100, description="Share of the calls in progress that may be repeated ones."
    )
    budget_least: int = Field(
        default=3, ge=0, description="Calls that may be repeated at a time in any case."
    )
    largest_body_bytes: int = Field(
        default=64 * 1024, ge=0, description="A call with a larger body is not made again."
    )


class RetryLayer:
    """Makes calls to one service again when that is safe, promising, within the budget and in time.

    Safe is an idempotent method; or a call that never reached the service; or a call with an Idempotency-Key
    that the service turned away with 503 and Retry-After. A POST that may have done something is not repeated.

    Args:
        app: The service behind its breaker.
        service: Its name.
        settings: How often, and how much.
        jitter: Returns a random number from 0 up to 1.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        settings: RetrySettings,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._service = service
        self._settings = settings
        self._jitter = jitter
        self._sleep = sleep
        self.active = 0
        self.repeating = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call; the last attempt's answer or problem is the client's."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = _Call(self, scope, receive, send)
        self.active += 1
        try:
            while (pause := await call.attempt(self._app)) is not None:
                await self._sleep(pause)
        finally:
            self.active -= 1
            self.repeating -= call.is_repeating

    def pause(self, scope: Scope, attempt: int, failure: "_Failure") -> float | None:
        """Return how many seconds to wait before the next attempt, or None when there is to be none."""
        settings = self._settings
        if attempt >= settings.attempts or not _is_safe(scope, failure):
            return None
        pause = self._jitter() * settings.base_seconds * 2.0 ** (attempt - 1)
        if failure.retry_after is not None:
            pause = max(pause, failure.retry_after)
        remaining = deadline.remaining_seconds()
        if pause > settings.longest_pause_seconds:
            return None
        if remaining is not None and pause + LEAST_ATTEMPT_SECONDS >= remaining:
            return None
        return pause

    def may_repeat(self) -> bool:
        """Whether the budget has room for one more call that is repeated."""
        allowed = self.active * self._settings.budget_percent / 100
        return self.repeating < max(self._settings.budget_least, allowed)

    @property
    def largest_body_bytes(self) -> int:
        """Bodies up to this size are kept for another attempt."""
        return self._settings.largest_body_bytes

    def tell(self, scope: Scope, attempt: int, failure: "_Failure", pause: float) -> None:
        """Log that a call is made again."""
        _log.warning(
            "upstream.retry",
            upstream=self._service,
            method=scope["method"],
            path=scope["path"],
            attempt=attempt,
            status=failure.status,
            pause_seconds=round(pause, 3),
        )


class _Failure:
    """How one attempt failed."""

    __slots__ = ("never_sent", "retry_after", "status")

    def __init__(self, status: int, retry_after: str | None, *, never_sent: bool = False) -> None:
        self.status = status
        self.never_sent = never_sent
        self.retry_after = float(retry_after) if retry_after is not None and retry_after.isdecimal() else None


def _is_safe(scope: Scope, failure: _Failure) -> bool:
    if failure.never_sent or scope["method"] in IDEMPOTENT_METHODS:
        return True
    turned_away = failure.status == 503 and failure.retry_after is not None
    return turned_away and header(scope, b"idempotency-key") is not None


class _Call:
    """One call and its attempts. A failed attempt's answer is swallowed; once one has begun it is the answer."""

    __slots__ = (
        "_attempt", "_is_begun", "_layer", "_pause", "_position", "_real_receive", "_real_send", "_scope",
        "_size_bytes", "_taken", "is_repeating",
    )  # fmt: skip

    def __init__(self, layer: RetryLayer, scope: Scope, receive: Receive, send: Send) -> None:
        self._layer = layer
        self._scope = scope
        self._real_receive, self._real_send = receive, send
        self._taken: list[Message] = []
        self._attempt = self._position = self._size_bytes = 0
        self._is_begun = self.is_repeating = False
        self._pause: float | None = None

    async def attempt(self, app: ASGIApp) -> float | None:
        """Make the call once; return the pause before the next attempt, None when this was the last."""
        self._begin()
        try:
            await app(self._scope, self._receive, self._send)
        except Problem as problem:
            if self._is_begun or problem.status not in RETRIED_STATUSES or isinstance(problem, CircuitOpen):
                raise
            never_sent = isinstance(problem.__cause__, NEVER_CONNECTED)
            failure = _Failure(problem.status, problem.headers.get("retry-after"), never_sent=never_sent)
            if self._pause is None and not self._plan(failure):
                raise
        except Exception:
            if self._pause is None:
                raise
        return self._pause

    def _begin(self) -> None:
        self._attempt += 1
        self._position, self._pause = 0, None

    def _plan(self, failure: _Failure) -> bool:
        """Decide on another attempt."""
        layer = self._layer
        if self._size_bytes > layer.largest_body_bytes or not (self.is_repeating or layer.may_repeat()):
            return False
        self._pause = layer.pause(self._scope, self._attempt, failure)
        if self._pause is None:
            return False
        if not self.is_repeating:
            self.is_repeating = True
            layer.repeating += 1
        layer.tell(self._scope, self._attempt, failure, self._pause)
        return True

    async def _receive(self) -> Message:
        """What the client sends, from the start for each attempt as long as it is small."""
        if self._position < len(self._taken):
            self._position += 1
            return self._taken[self._position - 1]
        message = await self._real_receive()
        if message["type"] == "http.request" and self._size_bytes <= self._layer.largest_body_bytes:
            self._size_bytes += len(message.get("body", b""))
            if self._size_bytes <= self._layer.largest_body_bytes:
                self._taken.append(message)
                self._position = len(self._taken)
            else:
                self._taken, self._position = [], 0
        return message

    async def _send(self, message: Message) -> None:
        if self._pause is not None:
            return  # the rest of an answer that nobody shall see
        if not self._is_begun and message["type"] == "http.response.start":
            status = message["status"]
            if status in RETRIED_STATUSES:
                failure = _Failure(status, _value(message.get("headers", ()), b"retry-after"))
                if self._plan(failure):
                    return
            self._is_begun = True
        await self._real_send(message)


def _value(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == wanted), None)
