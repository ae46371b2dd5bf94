"""What an alert rule is: it looks at what was gathered and says what holds, what does not, and nothing else."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograph.watch.alerts.settings import Thresholds
from autograph.watch.gather import Gatherer
from autograph.watch.shapes import Severity
from autograph.watch.steps import Span

LATELY_SECONDS = 300.0
FRESH_SECONDS = 60.0
"""A series that is silent for longer is not measured now."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of one thing. What it could not measure it does not mention.

    Attributes:
        labels: Which thing: together with the rule's name its identity.
        holds: Whether it is as the rule fears.
        value: What was measured.
        message: One sentence on what is the matter.
        since: Unix time from which it is known to hold, when that is earlier than now.
        severity: How grave this one is, when that differs from the rule.
    """

    labels: Mapping[str, str]
    holds: bool
    value: float | None = None
    message: str = ""
    since: float | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """An alert of the rule that is open, perhaps from before the watch was started again.

    Attributes:
        since: Unix time from which it holds.
    """

    labels: Mapping[str, str]
    since: float


@dataclass(frozen=True, slots=True)
class Instance:
    """One process that answers: where it runs, and the newest value of each gauge."""

    host: str
    gauges: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class View:
    """What rules may look at; they change nothing.

    Attributes:
        gathered: What every process has told.
        now: Unix time.
        watching_since: Unix time from which this process has listened.
        remembered: Open alerts of the rule that is asked.
    """

    gathered: Gatherer
    now: float
    thresholds: Thresholds
    watching_since: float
    remembered: tuple[Remembered, ...] = ()

    def spans(self) -> Iterator[tuple[str, Span]]:
        """Every service that is measured now, with its last five minutes."""
        for service, steps in sorted(self.gathered.known.services.items()):
            newest = steps.newest
            if newest is not None and self.now - newest.at <= FRESH_SECONDS:
                yield service, steps.span(self.now - LATELY_SECONDS, self.now + 1)

    def instances(self) -> dict[str, list[Instance]]:
        """Every process that answers, by what it is: its service, or ``autograph`` when it is all of them."""
        found: dict[str, list[Instance]] = {}
        for reading, _ in self.gathered.gauges():
            services = reading.process.services
            name = services[0] if len(services) == 1 else "autograph"
            found.setdefault(name, []).append(Instance(reading.process.host, reading.gauges))
        return found

    def highest(
        self, measure: Callable[[Mapping[str, float]], float | None]
    ) -> Iterator[tuple[str, str, float]]:
        """The process with the highest measured value of each service: service, host, value."""
        for service, instances in sorted(self.instances().items()):
            measured = [
                (value, found.host) for found in instances if (value := measure(found.gauges)) is not None
            ]
            if measured:
                value, host = max(measured)
                yield service, host, value


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to tell somebody.

    Attributes:
        name: As it stands in labels and silences.
        summary: What it watches for, in a few words.
        advice: What to do when it fires.
        look: Says what holds.
        for_seconds: How long it must hold before it fires, by what the installation has set.
        keep_firing_seconds: How long it must not hold before it is resolved.
        inhibited_by: Rules whose open alerts on the same service explain this one.
        is_heartbeat: Always fires, and only outward: when it stops to arrive, alerts do not work.
    """

    name: str
    summary: str
    advice: str
    severity: Severity
    look: Callable[[View], Iterable[Finding]]
    for_seconds: Callable[[Thresholds], float] = lambda _: 0.0
    keep_firing_seconds: float = 0.0
    inhibited_by: tuple[str, ...] = ()
    is_heartbeat: bool = False


def lasting(seconds: float) -> Callable[[Thresholds], float]:
    """Return a `for_seconds` that nobody can change."""
    return lambda _thresholds: seconds


def over(seconds: float) -> str:
    """Return a duration as people say it."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and unit != "days"):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
