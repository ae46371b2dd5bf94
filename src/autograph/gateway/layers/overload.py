"""Overload: no more calls at a time than can be answered quickly; the rest are turned away at once.

The limit adapts by a gradient, after "Performance Under Load" (E. Spyra et al., Netflix Technology Blog, 2018)
and its library concurrency-limits: while calls take as long as they do without load it grows by its square
root, when they take longer it shrinks in proportion. Here each row of the route table is compared with
itself, since a drawing never takes as long as a look at one's account.
"""

import math
from time import perf_counter
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field

from autograph.core import deadline
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.problem import Unavailable
from autograph.gateway.health import PATHS as HEALTH_PATHS
from autograph.gateway.metrics import PATH as METRICS_PATH
from autograph.gateway.routes import route_of

Work = Literal["batch", "live", "entry"]

FREE = HEALTH_PATHS | {METRICS_PATH}
"""Whoever looks what is wrong is never turned away, and takes up no room."""

ENTRY = frozenset(
    {"/api/auth/login", "/api/auth/refresh", "/api/auth/first-run", "/api/auth/first-run/check"}
)
"""Ways in: who cannot sign in cannot even see what is wrong."""

WINDOW_CALLS = 50
WINDOW_SECONDS = 0.5
"""The limit moves once both that many calls were measured and that much time has passed."""

_SMOOTHING = 0.2
_FASTER, _SLOWER = 0.3, 0.02
"""How quickly the usual time of a row follows calls that got faster, and those that got slower."""

_log = structlog.get_logger(__name__)


class OverloadSettings(BaseModel):
    """How many calls are worked on at a time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int = Field(default=128, ge=1, description="Calls at a time, before anything was measured.")
    least: int = Field(default=32, ge=1, description="The limit never shrinks below this.")
    most: int = Field(default=1024, ge=1, description="The limit never grows beyond this.")
    tolerance: float = Field(
        default=2.0,
        ge=1,
        le=100,
        description="Calls may take this many times as long as usual before the limit shrinks.",
    )
    entry_percent: float = Field(
        default=10.0, ge=0, le=90, description="Share of the limit that is kept free for signing in."
    )
    live_percent: float = Field(
        default=30.0,
        ge=0,
        le=90,
        description="Share that is kept free for people at work, where drawing and exporting are turned away.",
    )
    service_percent: float = Field(
        default=70.0,
        gt=0,
        le=100,
        description="Share of the limit that the calls of one service may take up, so that one which hangs"
        " leaves room for the others. Signing in counts as a service of its own.",
    )


class Overloaded(Unavailable):
    """More is asked than can be answered in time; what was turned away has not been started."""

    slug, title = "overloaded", "AutoGraph has more to do than it can answer in time."


class _Usual:
    """How long one row's calls take without load, and lately."""

    __slots__ = ("calls", "total_seconds", "usual_seconds")

    def __init__(self) -> None:
        self.usual_seconds = 0.0
        self.total_seconds = 0.0
        self.calls = 0


class AdaptiveLimit:
    """How many calls may be in progress, from how long they take. Knows neither HTTP nor a clock.

    Args:
        settings: Where it starts, its bounds and its tolerance.
    """

    def __init__(self, settings: OverloadSettings) -> None:
        self._settings = settings
        self.limit = float(min(max(settings.start, settings.least), settings.most))
        self._rows: dict[str, _Usual] = {}
        self._calls = self._peak = 0
        self._was_full = False
        self._window_began = -math.inf

    def turned_away(self) -> None:
        """Learn that there was no room for a call: what takes long now does so under load."""
        self._was_full = True

    def measured(self, row: str, seconds: float, in_progress: int, now: float) -> None:
        """Learn that a call of `row` took `seconds` with `in_progress` calls at a time, at `now` (seconds)."""
        found = self._rows.get(row) or self._rows.setdefault(row, _Usual())
        found.total_seconds += seconds
        found.calls += 1
        self._calls += 1
        self._peak = max(self._peak, in_progress)
        if self._calls >= WINDOW_CALLS and now - self._window_began >= WINDOW_SECONDS:
            self._move(now)

    def _move(self, now: float) -> None:
        """Set the limit from this window and begin the next one."""
        gradient, settings = self._gradient(), self._settings
        was_needed = self._peak * 2 >= self.limit
        if gradient < 1 or was_needed:
            wanted = self.limit * gradient + math.sqrt(self.limit)
            moved = self.limit + (wanted - self.limit) * _SMOOTHING
            moved = min(max(moved, settings.least), settings.most)
            if int(moved) < int(self.limit) and int(self.limit) == settings.start:
                _log.info("overload.limit_shrinks", limit=int(moved))
            self.limit = moved
        self._calls = self._peak = 0
        self._was_full = False
        self._window_began = now

    def _gradient(self) -> float:
        """Usual time by present time over all rows, weighted by calls: 1 for no slower than tolerated, at least ½."""
        weighed = calls = 0.0
        for row in self._rows.values():
            if row.calls:
                present = row.total_seconds / row.calls
                usual = row.usual_seconds or present
                gradient = self._settings.tolerance * usual / present if present > 0 else 1.0
                weighed += row.calls * min(1.0, max(0.5, gradient))
                calls += row.calls
                follow = _FASTER if present < usual else 0.0 if self._was_full else _SLOWER
                row.usual_seconds = usual + (present - usual) * follow
                row.total_seconds, row.calls = 0.0, 0
        return weighed / calls if calls else 1.0


class Overload:
    """Turns calls away beyond the limit: first batches, then people at work, last those who sign in.

    A call counts until its answer begins, so that streams
    and slow readers take no room. Only safe calls are measured: their time has no upload in it.

    Args:
        app: What comes inside.
        settings: The limit's bounds and shares.
    """

    def __init__(self, app: ASGIApp, *, settings: OverloadSettings) -> None:
        self._app = app
        self.adaptive = AdaptiveLimit(settings)
        live_percent = 100 - settings.entry_percent
        batch_percent = live_percent - settings.live_percent
        self._shares: dict[Work, float] = {
            "entry": 1.0,
            "live": live_percent / 100,
            "batch": batch_percent / 100,
        }
        self._service_share = settings.service_percent / 100
        self.in_progress = 0
        self.of_service: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call.

        Raises:
            Overloaded: There is no room for it now.
        """
        path = scope["path"] if scope["type"] == "http" else ""
        if not path or path in FREE:
            await self._app(scope, receive, send)
            return
        route = scope.get("state", {}).get("route") or route_of(path)
        work: Work = "entry" if path in ENTRY else "batch" if route is not None and route.is_batch else "live"
        service = "entry" if work == "entry" else route.service if route is not None else "page"
        self._check_room(work, service)
        row = (route.prefix if route is not None else "") if scope["method"] in {"GET", "HEAD"} else None
        call = _InProgress(self, service, row, send)
        try:
            await self._app(scope, receive, call.send)
        finally:
            call.ended()

    def _check_room(self, work: Work, service: str) -> None:
        limit = self.adaptive.limit
        has_room = self.in_progress < max(1.0, limit * self._shares[work])
        if not has_room or self.of_service.get(service, 0) >= max(1.0, limit * self._service_share):
            self.adaptive.turned_away()
            raise Overloaded(headers={"retry-after": "2" if work == "batch" else "1"})


class _InProgress:
    """One call that takes up room until its answer begins."""

    __slots__ = ("_began", "_is_counted", "_overload", "_row", "_send", "_service")

    def __init__(self, overload: Overload, service: str, row: str | None, send: Send) -> None:
        self._overload = overload
        self._service = service
        overload.in_progress += 1
        overload.of_service[service] = overload.of_service.get(service, 0) + 1
        self._row = row
        self._send = send
        self._is_counted = True
        self._began = perf_counter()

    async def send(self, message: Message) -> None:
        if self._is_counted:
            now = perf_counter()
            if self._row is not None and message.get("status", 0) < 400:
                overload = self._overload
                overload.adaptive.measured(self._row, now - self._began, overload.in_progress, now)
            self.done()
        await self._send(message)

    def done(self) -> None:
        """Make room, once."""
        if self._is_counted:
            self._is_counted = False
            self._overload.in_progress -= 1
            self._overload.of_service[self._service] -= 1

    def ended(self) -> None:
        """The call is over; one that was given up without an answer took at least as long as it was given."""
        current = deadline.current.get()
        if self._is_counted and current is not None and current.ending == "late" and self._row is not None:
            now, overload = perf_counter(), self._overload
            overload.adaptive.measured(self._row, now - self._began, overload.in_progress, now)
        self.done()
