"""Time series of counts: what happened in each short step, for as long as it is kept."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograph.model.telemetry import SECONDS_BOUNDS, Durations

LEAST_SECONDS = 5.0
"""Readings come that often: a step that has just begun is as old as the first of them."""


@dataclass(slots=True)
class Step:
    """What one part did from `at` on, for the length of a step.

    Attributes:
        at: Unix seconds of its beginning.
        counts: Buckets of durations, as in `model.telemetry.Durations`.
        total_seconds: Sum of the durations.
        errors: Of them, those that failed by our fault.
    """

    at: int
    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS_BOUNDS) + 1))
    total_seconds: float = 0.0
    errors: int = 0

    def add(self, durations: Durations, errors: int) -> None:
        """Add what has come since the last reading."""
        for index, count in enumerate(durations.counts):
            if count:
                self.counts[index] += count
        self.total_seconds += durations.total_seconds
        self.errors += errors


@dataclass(frozen=True, slots=True)
class Span:
    """Several steps together.

    Attributes:
        seconds: Length of the time that was measured; 0 when nothing was.
    """

    durations: Durations
    errors: int
    seconds: float

    @property
    def rate(self) -> float | None:
        """Requests a second, None when nothing was measured."""
        return self.durations.count / self.seconds if self.seconds else None

    @property
    def error_ratio(self) -> float | None:
        """Share of requests that failed by our fault, None without requests."""
        return self.errors / self.durations.count if self.durations.count else None

    def quantile(self, fraction: float) -> float | None:
        """Duration below which that share of the requests lies, None without requests."""
        return self.durations.quantile(fraction)


class Steps:
    """The steps of one part, the oldest first.

    Args:
        step_seconds: Length of a step.
        kept_seconds: How long a step is kept.
    """

    def __init__(self, *, step_seconds: int, kept_seconds: int) -> None:
        self.step_seconds = step_seconds
        self._steps: deque[Step] = deque(maxlen=kept_seconds // step_seconds)

    def add(self, at: float, durations: Durations, errors: int) -> None:
        """Add what was measured at unix time `at`; the past is not rewritten, late readings count as now."""
        begins = int(at) // self.step_seconds * self.step_seconds
        if not self._steps or self._steps[-1].at < begins:
            self._steps.append(Step(begins))
        self._steps[-1].add(durations, errors)

    def restore(self, steps: Iterable[Step]) -> None:
        """Begin with steps that were kept before, the oldest first."""
        self._steps.extend(steps)

    @property
    def newest(self) -> Step | None:
        """The step that is still being filled, or None before the first."""
        return self._steps[-1] if self._steps else None

    def between(self, start: float, end: float) -> Sequence[Step]:
        """Return the steps that begin at `start` or later and before `end`."""
        return [step for step in self._steps if start <= step.at < end]

    def span(self, start: float, end: float) -> Span:
        """Return everything between two moments as one."""
        found = self.between(start, end)
        return together(found, len(found) * self.step_seconds)


def together(steps: Iterable[Step], seconds: float) -> Span:
    """Return steps that were measured over `seconds` in all as one span."""
    counts, total, errors = [0] * (len(SECONDS_BOUNDS) + 1), 0.0, 0
    for step in steps:
        for index, count in enumerate(step.counts):
            counts[index] += count
        total += step.total_seconds
        errors += step.errors
    return Span(Durations(counts=tuple(counts), total_seconds=total), errors, seconds)


def measured_seconds(steps: Iterable[Step], step_seconds: int, end: float) -> float:
    """Over how much time these steps were filled until `end`: the newest is not over yet."""
    return sum(min(step_seconds, max(end - step.at, LEAST_SECONDS)) for step in steps)


def binned(
    steps: Sequence[Step], *, start: float, width: float, bins: int, step_seconds: int
) -> list[Span | None]:
    """Return `bins` spans of `width` seconds from `start` on; None where nothing was measured."""
    end = start + width * bins
    sorted_into: list[list[Step]] = [[] for _ in range(bins)]
    for step in steps:
        index = int((step.at - start) // width)
        if 0 <= index < bins:
            sorted_into[index].append(step)
    return [
        together(part, measured_seconds(part, step_seconds, end)) if part else None for part in sorted_into
    ]
