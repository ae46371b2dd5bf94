"""Rate limits: so many calls a minute from one address, and from one person. Health, metrics and the page are free.

Both layers count into the same store, shared by replicas when there is a Redis, and say on every answer how the
caller stands (draft-ietf-httpapi-ratelimit-headers): ``RateLimit-Policy`` and ``RateLimit``.
"""

import math
from collections.abc import Callable, Mapping

import structlog
from pydantic import BaseModel, ConfigDict, Field

from autograph.core.asgi import ASGIApp, Receive, Scope, Send
from autograph.core.place import network_of
from autograph.core.problem import Problem, Unavailable
from autograph.gateway.layers.correlation import ADDED
from autograph.gateway.routes import RateClass, Route
from autograph.model.principal import Principal
from autograph.storage.counters import Count, Counters, MemoryCounters, Quota

WINDOW_SECONDS = 60
PAUSE_SECONDS = 2.0
"""How long the shared store is left alone after it did not answer."""

_SAID = "limits_said"
_log = structlog.get_logger(__name__)


class RateLimitSettings(BaseModel):
    """How many calls are allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user_per_minute: int = Field(
        default=100,
        ge=0,
        le=1_000_000,
        description="Calls a minute for one person; 0 switches the limit off.",
    )
    address_per_minute: int = Field(
        default=1000,
        ge=0,
        le=1_000_000,
        description="Calls a minute from one address; 0 switches the limit off.",
    )
    picture_per_minute: int = Field(
        default=1200,
        ge=0,
        le=1_000_000,
        description="Thumbnails, pictures and previews a minute for one person, counted apart: a library shows many.",
    )
    drawing_per_minute: int = Field(
        default=20, ge=0, le=1_000_000, description="Repositories a minute that one person may have drawn."
    )
    plans: dict[str, int] = Field(
        default_factory=dict,
        description='Calls a minute by role instead of the general number, as JSON: {"admin": 600}.'
        " The highest of one's roles counts.",
    )


class RateLimited(Problem):
    """More calls than are allowed; `Retry-After` says when the next one is."""

    status, slug, title = 429, "rate-limited", "Too many requests for now."


class SharedCounters:
    """The shared store; while it does not answer this process counts alone (decision 0010).

    Args:
        shared: What all replicas count into.
        monotonic: Seconds that never run backwards.
    """

    def __init__(self, shared: Counters, monotonic: Callable[[], float]) -> None:
        self._shared = shared
        self._alone = MemoryCounters()
        self._monotonic = monotonic
        self._again_at = 0.0
        self._away = False

    async def take(self, quotas: list[Quota]) -> list[Count]:
        """Count, by the store or without it."""
        if self._monotonic() >= self._again_at:
            try:
                counts = await self._shared.take(quotas)
            except Unavailable:
                self._again_at = self._monotonic() + PAUSE_SECONDS
                if not self._away:
                    _log.warning(
                        "rate_limit.alone", advice="each process counts for itself until Redis answers"
                    )
                self._away = True
            else:
                if self._away:
                    _log.warning("rate_limit.shared_again")
                self._away = False
                return counts
        return await self._alone.take(quotas)


class AddressLimit:
    """Counts by address, before anybody has proven anything.

    Args:
        app: What comes inside.
        counters: Where is counted.
        settings: How much is allowed.
    """

    def __init__(self, app: ASGIApp, *, counters: SharedCounters, settings: RateLimitSettings) -> None:
        self._app = app
        self._counters = counters
        self._limit = settings.address_per_minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise RateLimited."""
        state = scope.get("state", {})
        if not self._limit or state.get("route") is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        quota = Quota(f"ip:{network_of(state.get('client', ''))}", self._limit, WINDOW_SECONDS)
        (count,) = await self._counters.take([quota])
        await _limited(self._app, scope, receive, send, "ip", self._limit, count)


class UserLimit:
    """Counts by person, by the class of the call and the person's plan.

    Args:
        app: What comes inside.
        counters: Where is counted.
        settings: How much is allowed.
    """

    def __init__(self, app: ASGIApp, *, counters: SharedCounters, settings: RateLimitSettings) -> None:
        self._app = app
        self._counters = counters
        self._plans = settings.plans
        self._limits: Mapping[RateClass, int] = {
            "user": settings.user_per_minute,
            "picture": settings.picture_per_minute,
            "drawing": settings.drawing_per_minute,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise RateLimited."""
        state = scope.get("state", {})
        principal: Principal | None = state.get("principal")
        route: Route | None = state.get("route")
        if principal is None or route is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kind = route.rate_class(scope["method"], scope["path"])
        limit = self._limit_of(kind, principal)
        if not limit:
            await self._app(scope, receive, send)
            return
        (count,) = await self._counters.take([Quota(f"{kind}:{principal.user_id}", limit, WINDOW_SECONDS)])
        await _limited(self._app, scope, receive, send, kind, limit, count)

    def _limit_of(self, kind: RateClass, principal: Principal) -> int:
        if kind == "user" and self._plans:
            planned = [self._plans[role] for role in principal.roles if role in self._plans]
            if planned:
                return 0 if 0 in planned else max(planned)
        return self._limits[kind]


async def _limited(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, name: str, limit: int, count: Count
) -> None:
    """Go on, or raise RateLimited; the answer says how the caller stands, the inner limit first."""
    policy = f'"{name}";q={limit};w={WINDOW_SECONDS}'
    standing = f'"{name}";r={count.remaining};t={math.ceil(count.reset_seconds)}'
    state = scope["state"]
    outer = state.get(_SAID)
    if outer is not None:
        policy, standing = f"{policy}, {outer[0]}", f"{standing}, {outer[1]}"
    state[_SAID] = (policy, standing)
    state[ADDED] = ((b"ratelimit-policy", policy.encode()), (b"ratelimit", standing.encode()))
    if not count.allowed:
        wait = math.ceil(max(count.retry_seconds, count.reset_seconds))
        raise RateLimited(
            f"At most {limit} a minute. Try again in {wait} s.", headers={"retry-after": str(wait)}
        )
    await app(scope, receive, send)
