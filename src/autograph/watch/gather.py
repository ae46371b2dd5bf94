"""Gathers the readings of all processes: what is new since the last one goes into the series, the rest is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from autograph.model.telemetry import (
    Durations,
    EdgeCounts,
    ErrorEvent,
    Observations,
    QueryCounts,
    RouteCounts,
    Setting,
)
from autograph.watch.shapes import Severity
from autograph.watch.steps import Steps

STEP_SECONDS = 5
KEPT_SECONDS = 3600
REPORTS_MISSED = 3
"""A process that is silent for longer than so many of its reports does not answer."""

NEW_SECONDS = 30.0
"""A process that is older at its first report was there before this watch, which was started anew."""

FORGOTTEN_SECONDS = 15 * 60.0
"""So long a silent process counts as one that should be there."""

EDGE_STALE_SECONDS = 15 * 60.0

Tell = Callable[[str, float, Durations, int], None]

EdgeKey = tuple[str, str, str]
"""Source, target, kind."""


@dataclass(slots=True)
class Watched:
    """One process, as far as it has told.

    Attributes:
        heard_at: Unix time of its last report, by our clock.
        settings: What is in force there; empty until it has told.
    """

    latest: Observations
    heard_at: float
    first_heard_at: float
    last_error: int = 0
    settings: tuple[Setting, ...] = ()

    def answers(self, now: float) -> bool:
        """Whether it was heard of lately, at unix time `now`."""
        return now - self.heard_at <= REPORTS_MISSED * self.latest.process.report_seconds


@dataclass(slots=True)
class EdgeSeries:
    """What is known of one edge; it is up when the newest call reached its target."""

    steps: Steps
    last_call_at: float
    is_up: bool = True


@dataclass(frozen=True, slots=True)
class Outside:
    """An alert that somebody else has judged.

    Attributes:
        since: Unix time from which it holds.
        heard_at: Unix time at which we were told last.
    """

    labels: Mapping[str, str]
    severity: Severity
    message: str
    is_firing: bool
    since: float
    heard_at: float


@dataclass(slots=True)
class Gathered:
    """Everything that has been told, ready to be asked.

    Attributes:
        processes: By process ID.
        services: The series of each service.
        edges: The series of each edge.
        down_since: Since when a service has had no process that answers.
        outside: Alerts of others, by their labels.
    """

    processes: dict[str, Watched] = field(default_factory=dict)
    services: dict[str, Steps] = field(default_factory=dict)
    edges: dict[EdgeKey, EdgeSeries] = field(default_factory=dict)
    down_since: dict[str, float] = field(default_factory=dict)
    outside: dict[tuple[tuple[str, str], ...], Outside] = field(default_factory=dict)


class Gatherer:
    """Takes readings. One for the installation, in one event loop.

    Args:
        now: Unix time.
        tell: Is told of everything that is counted too: service, unix time, durations, errors.

    Attributes:
        remembered_down: Says which services did not answer before this watch began, and since which unix time.
    """

    def __init__(
        self, now: Callable[[], float], *, tell: Tell = lambda _service, _at, _durations, _errors: None
    ) -> None:
        self._now = now
        self._tell = tell
        self.known = Gathered()
        self.remembered_down: Callable[[], Mapping[str, float]] = dict

    def take(self, reading: Observations) -> tuple[ErrorEvent, ...]:
        """Take one reading; return the error events that are new, until `keep_errors` says that they are kept."""
        at, identity = self._now(), reading.process.id
        self._settle(at)
        before = self.known.processes.get(identity)
        earlier = before.latest if before else self._baseline(at, reading)
        self._count_routes(at, reading, earlier)
        self._count_edges(at, reading, earlier)
        last = before.last_error if before else 0
        fresh = tuple(event for event in reading.errors if event.sequence > last)
        self.known.processes[identity] = Watched(
            latest=reading,
            heard_at=at,
            first_heard_at=before.first_heard_at if before else at,
            last_error=last,
            settings=reading.settings or (before.settings if before else ()),
        )
        self.forget()
        return fresh

    def keep_errors(self, process_id: str, upto: int) -> None:
        """Note that the errors of a process are kept, up to the event of that number."""
        if (process := self.known.processes.get(process_id)) is not None:
            process.last_error = max(process.last_error, upto)

    def hear(self, alerts: Iterable[Outside], *, most: int) -> None:
        """Take what others have judged; of more than `most` the longest silent are let go."""
        outside = self.known.outside
        for alert in alerts:
            key = tuple(sorted(alert.labels.items()))
            outside.pop(key, None)
            outside[key] = alert
        while len(outside) > most:
            del outside[next(iter(outside))]

    def forget(self) -> None:
        """Let go of processes that have been silent for long, and note which services do not answer."""
        now = self._now()
        self._settle(now)
        for identity, process in list(self.known.processes.items()):
            if now - process.heard_at > FORGOTTEN_SECONDS and self._has_successor(process):
                del self.known.processes[identity]
        for service in self.services():
            if self.instances(service)[0]:
                self.known.down_since.pop(service, None)
            else:
                heard = max(process.heard_at for process in self._of(service))
                self.known.down_since.setdefault(service, heard)

    def services(self) -> list[str]:
        """Every service that has ever been heard of, in order."""
        found = {
            name for process in self.known.processes.values() for name in process.latest.process.services
        }
        return sorted(found)

    def instances(self, service: str) -> tuple[int, int]:
        """How many processes of a service answer, and how many should: those heard of lately."""
        now, processes = self._now(), list(self._of(service))
        up = sum(process.answers(now) for process in processes)
        known = sum(now - process.heard_at <= FORGOTTEN_SECONDS for process in processes)
        return up, max(known, 1) if processes or service in self.remembered_down() else 0

    def down_since(self, service: str) -> float | None:
        """Unix time since which no process of a service has answered; None while one does, or nothing is known."""
        if self.heard_of(service):
            return self.known.down_since.get(service)
        return self.remembered_down().get(service)

    def heard_of(self, service: str) -> bool:
        """Whether a process of it has told something since this watch began."""
        return any(True for _ in self._of(service))

    def routes(self, service: str) -> list[RouteCounts]:
        """Rows of all processes of a service, since each began."""
        return [
            row for process in self._of(service) for row in process.latest.routes if row.service == service
        ]

    def queries(self) -> list[QueryCounts]:
        """Shapes of all processes, since each began."""
        return [row for process in self.known.processes.values() for row in process.latest.queries]

    def knows_settings(self, process_id: str) -> bool:
        """Whether that process has told what is in force there."""
        known = self.known.processes.get(process_id)
        return known is not None and bool(known.settings)

    def gauges(self) -> Iterator[tuple[Observations, float]]:
        """The newest reading of every process that answers, with when it was heard."""
        now = self._now()
        for process in self.known.processes.values():
            if process.answers(now):
                yield process.latest, process.heard_at

    def _baseline(self, at: float, reading: Observations) -> Observations | None:
        """What a process has counted before we heard of it is of no time that we know: only what follows is counted."""
        return reading if at - reading.process.started_at.timestamp() > NEW_SECONDS else None

    def _settle(self, now: float) -> None:
        """Nothing was heard in the future: where the clock was set back, it was heard now."""
        for process in self.known.processes.values():
            process.heard_at = min(process.heard_at, now)
        for edge in self.known.edges.values():
            edge.last_call_at = min(edge.last_call_at, now)
        for service, since in self.known.down_since.items():
            self.known.down_since[service] = min(since, now)

    def _of(self, service: str) -> Iterator[Watched]:
        return (
            process for process in self.known.processes.values() if service in process.latest.process.services
        )

    def _has_successor(self, silent: Watched) -> bool:
        """Whether each service of a silent process has another one that was heard of later."""
        return all(
            any(other.heard_at > silent.heard_at for other in self._of(service))
            for service in silent.latest.process.services
        )

    def _count_routes(self, at: float, reading: Observations, before: Observations | None) -> None:
        for name in reading.process.services:
            self._add(name, at, Durations(), 0)  # measured, even if nothing happened
        earlier = {(row.service, row.method, row.route): row for row in before.routes} if before else {}
        for row in reading.routes:
            then = earlier.get((row.service, row.method, row.route))
            durations = row.durations.since(then.durations) if then else row.durations
            self._add(row.service, at, durations, row.errors - (then.errors if then else 0))

    def _count_edges(self, at: float, reading: Observations, before: Observations | None) -> None:
        earlier = {_key(edge): edge for edge in before.edges} if before else {}
        for edge in reading.edges:
            key, then = _key(edge), earlier.get(_key(edge))
            durations = edge.durations.since(then.durations) if then else edge.durations
            series = self.known.edges.get(key)
            if series is None:
                steps = Steps(step_seconds=STEP_SECONDS, kept_seconds=KEPT_SECONDS)
                seen_at = (
                    at if durations.count else at - EDGE_STALE_SECONDS - 1
                )  # called once, but not lately
                series = self.known.edges[key] = EdgeSeries(steps, seen_at)
            if durations.count:
                series.last_call_at = at
            series.is_up = edge.is_up
            series.steps.add(at, durations, edge.errors - (then.errors if then else 0))

    def _add(self, service: str, at: float, durations: Durations, errors: int) -> None:
        self._series(service).add(at, durations, errors)
        self._tell(service, at, durations, errors)

    def _series(self, service: str) -> Steps:
        if service not in self.known.services:
            self.known.services[service] = Steps(step_seconds=STEP_SECONDS, kept_seconds=KEPT_SECONDS)
        return self.known.services[service]


def _key(edge: EdgeCounts) -> EdgeKey:
    return edge.source, edge.target, edge.kind
