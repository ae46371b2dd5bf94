"""What happened over hours and days: steps of a minute, ten minutes and an hour, kept in the database."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import TypeVar

from autograph.model.telemetry import Durations
from autograph.storage.sql import Database
from autograph.watch import store
from autograph.watch.shapes import RANGE_SECONDS, Range
from autograph.watch.steps import Step, Steps
from autograph.watch.store import GaugeSample

MINUTE, TEN_MINUTES, HOUR = 60, 600, 3600
Sample = TypeVar("Sample", Step, GaugeSample)

SPANS = (MINUTE, TEN_MINUTES, HOUR)
_SPAN_OF: Mapping[Range, int] = {"15m": MINUTE, "1h": MINUTE, "6h": MINUTE, "24h": TEN_MINUTES, "7d": HOUR}
MOST_UNWRITTEN = 60
"""So many steps of a length are held while the database is away."""

_KEPT_SECONDS = {MINUTE: 24 * 3600, TEN_MINUTES: 8 * 24 * 3600}
"""How long the finer steps are kept; hours as long as the operator wants."""


class History:
    """Keeps what it is told, one row a service and step.

    Args:
        database: Where rows are kept.
        kept_days: How long hours are kept.
    """

    def __init__(self, database: Database, *, kept_days: int) -> None:
        self._database = database
        self._kept = {**_KEPT_SECONDS, HOUR: kept_days * 24 * 3600}
        self._steps: dict[int, dict[str, Steps]] = {span: {} for span in SPANS}
        self._gauges: dict[int, deque[GaugeSample]] = {span: deque(maxlen=MOST_UNWRITTEN) for span in SPANS}
        self._written_at = 0.0

    async def restore(self, now: float) -> None:
        """Go on with the steps that were begun before a restart."""
        for span in SPANS:
            begins = int(now) // span * span
            async with self._database.read() as connection:
                steps = await store.read_steps(connection, span, begins)
                gauges = await store.read_gauges(connection, span, begins)
            for service, found in steps.items():
                self._of(span, service).restore(found)
            self._gauges[span].extend(gauges)

    def add(self, service: str, at: float, durations: Durations, errors: int) -> None:
        """Add what a service did at unix time `at`."""
        for span in SPANS:
            self._of(span, service).add(at, durations, errors)

    def add_gauges(self, at: float, gauges: Mapping[str, float]) -> None:
        """Add measured gauges; of each the highest value of a step is kept."""
        for span in SPANS:
            begins = int(at) // span * span
            known = self._gauges[span]
            before = known.pop().values if known and known[-1].at == begins else {}
            worst = {name: max(value, before.get(name, value)) for name, value in gauges.items()}
            known.append(GaugeSample(begins, {**before, **worst}))

    async def keep(self, now: float) -> None:
        """Write the steps that may have grown since the last time, and let go of those that are old enough.

        The step before the newest is one of them: what came in after it was written last is in no other place.
        """
        async with self._database.begin() as connection:
            for span in SPANS:
                grown = self._written_at - span
                await store.keep_steps(connection, span, self._steps_since(span, grown))
                fresh = [sample for sample in self._gauges[span] if sample.at >= grown]
                await store.keep_gauges(connection, span, fresh)
                await store.forget_samples(connection, span, int(now) - self._kept[span])
        self._written_at = now

    async def between(
        self, wanted: Range, now: float
    ) -> tuple[int, dict[str, list[Step]], Sequence[GaugeSample]]:
        """Return the length of a step, the steps of each service and the gauges over a range before `now`."""
        span, since = _SPAN_OF[wanted], int(now) - RANGE_SECONDS[wanted]
        async with self._database.read() as connection:
            steps = await store.read_steps(connection, span, since)
            gauges = await store.read_gauges(connection, span, since)
        for service, held in self._steps_since(span, since).items():
            steps[service] = _newer([*steps.get(service, []), *held])
        held_gauges = [sample for sample in self._gauges[span] if sample.at >= since]
        gauges = _newer([*gauges, *held_gauges])
        return span, steps, gauges

    def _steps_since(self, span: int, at: float) -> dict[str, Sequence[Step]]:
        """What is held of every service and begins at unix time `at` or later."""
        return {service: steps.between(at, inf) for service, steps in self._steps[span].items()}

    def _of(self, span: int, service: str) -> Steps:
        known = self._steps[span]
        if service not in known:
            known[service] = Steps(step_seconds=span, kept_seconds=span * MOST_UNWRITTEN)
        return known[service]


def _newer(samples: Iterable[Sample]) -> list[Sample]:
    """One sample a step, the oldest first: of two that begin together the later in the row, which is the fuller one."""
    found = {sample.at: sample for sample in samples}
    return [found[at] for at in sorted(found)]
