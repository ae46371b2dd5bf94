"""Circuit breaker: what fails again and again is left alone for a while, probed, and let back in.

The three states are M. Nygard's ("Release It!", Stability Patterns). Every call holds a ticket, the number of
the state's generation that admitted it, so that the late result of an older state changes nothing.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field

from autograph.core.clock import Clock
from autograph.core.problem import Unavailable
from autograph.gateway.routes import PUBLIC, ROUTES, Route, route_of

State = Literal["closed", "open", "half_open"]
Ticket = int

_log = structlog.get_logger(__name__)


class BreakerSettings(BaseModel):
    """When a failing service is cut off and let back in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    failures: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="Failures in a row (answers 5xx, timeouts) that cut a service off.",
    )
    open_seconds: float = Field(
        default=30.0, gt=0, le=3600, description="Seconds that a service is left alone before it is probed."
    )
    successes: int = Field(
        default=2,
        ge=1,
        le=100,
        description="Probes that must succeed before everybody is let in again; no more run at a time.",
    )
    memory_seconds: float = Field(
        default=60.0, gt=0, le=86400, description="A failure longer ago than this no longer counts."
    )


class CircuitOpen(Unavailable):
    """The service behind this address failed repeatedly and is left alone for a moment."""

    slug = "circuit-open"


class Breaker:
    """One breaker. Its callers ask `admit` first and then say how it went, exactly once a ticket.

    Args:
        name: For logs and `/health/circuit-breakers`.
        settings: Thresholds.
        clock: Time.
    """

    def __init__(self, name: str, settings: BreakerSettings, clock: Clock) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._state: State = "closed"
        self._generation: Ticket = 0
        self._failures = self._successes = self._probes = 0
        self._failed_at = self._opened_at = -math.inf
        self._last_failure: str | None = None

    @property
    def state(self) -> State:
        """Closed: calls pass. Open: none does. Half open: a few probes do."""
        return self._state

    def admit(self) -> Ticket:
        """Return a ticket for one call.

        Raises:
            CircuitOpen: The call may not be made now; says when to come back.
        """
        if self._state == "closed":
            return self._generation
        if self._state == "open":
            wait = self._opened_at + self._settings.open_seconds - self._clock.monotonic()
            if wait > 0:
                raise _open(wait)
            self._enter("half_open")
        if self._probes + self._successes >= self._settings.successes:
            raise _open(1)
        self._probes += 1
        return self._generation

    def succeed(self, ticket: Ticket) -> None:
        """The call with this ticket was answered, if only by a refusal of the client's request."""
        if ticket != self._generation:
            return
        if self._state == "closed":
            self._failures = 0
            return
        self._probes -= 1
        self._successes += 1
        if self._successes >= self._settings.successes:
            self._enter("closed")

    def fail(self, ticket: Ticket) -> None:
        """The call with this ticket failed by the service's fault."""
        if ticket != self._generation:
            return
        now = self._clock.monotonic()
        self._last_failure = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if now - self._failed_at > self._settings.memory_seconds:
            self._failures = 0
        self._failed_at = now
        self._failures += 1
        if self._state == "half_open" or self._failures >= self._settings.failures:
            self._opened_at = now
            self._enter("open")

    def drop(self, ticket: Ticket) -> None:
        """The call with this ticket says nothing about the service: its client left, or hurried it."""
        if ticket == self._generation and self._state == "half_open":
            self._probes -= 1

    def report(self) -> dict[str, object]:
        """Return what `/health/circuit-breakers` shows; `timeout` is in seconds."""
        return {
            "state": self._state,
            "failure_count": self._failures,
            "success_count": self._successes,
            "failure_threshold": self._settings.failures,
            "success_threshold": self._settings.successes,
            "timeout": self._settings.open_seconds,
            "last_failure": self._last_failure,
        }

    def _enter(self, state: State) -> None:
        """Change state; tickets of the one before are worth nothing from here on."""
        tell = _log.warning if state == "open" else _log.info
        tell("breaker.changed", breaker=self.name, before=self._state, after=state, failures=self._failures)
        self._state = state
        self._generation += 1
        self._probes = self._successes = 0
        if state == "closed":
            self._failures = 0


def _open(wait_seconds: float) -> CircuitOpen:
    return CircuitOpen(
        "This part of AutoGraph failed several times and is given a moment.",
        headers={"retry-after": str(math.ceil(wait_seconds))},
    )


class Breakers:
    """Every breaker of one gateway: one for each service and class of route.

    What anybody may call without proof of identity has a breaker of its own, and so have work done in
    batches and diagnostics, which fail on purpose: none of them can cut off what people are working with.
    """

    def __init__(self, settings: BreakerSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}

    def named(self, name: str) -> Breaker:
        """Return the breaker of this name; it is made when first asked for."""
        return self._breakers.get(name) or self._breakers.setdefault(
            name, Breaker(name, self._settings, self._clock)
        )

    def of_service(self, service: str) -> Mapping[str, Breaker]:
        """Return the breakers of one service by class of route; those that the table has no rows for are left out."""
        classes = {class_of(route, is_public=False) for route in ROUTES if route.service == service}
        owners: Iterable[Route | None] = (route_of(path) for _, path in PUBLIC)
        if any(route is not None and route.service == service for route in owners):
            classes.add("public")
        return {kind: self.named(f"{service}:{kind}" if kind else service) for kind in sorted(classes)}

    def report(self) -> dict[str, object]:
        """Return every breaker's report by name."""
        return {name: self._breakers[name].report() for name in sorted(self._breakers)}


def class_of(route: Route | None, *, is_public: bool) -> str:
    """Return the class of a call: ``public``, ``batch``, ``diagnostic``, or empty for everything else."""
    if is_public:
        return "public"
    if route is None:
        return ""
    return "diagnostic" if route.is_diagnostic else "batch" if route.is_batch else ""
