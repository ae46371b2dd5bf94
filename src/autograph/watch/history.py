"""What happened over hours and days: steps of a minute, ten minutes and an hour, kept in the database."""

from collections.abc import Mapping, Sequence

from autograph.model.telemetry import Durations
from autograph.storage.sql import Database
from autograph.watch import store
from autograph.watch.shapes import RANGE_SECONDS, Range
from autograph.watch.steps import Step, Steps
from autograph.watch.store import GaugeSample

MINUTE, TEN_MINUTES, HOUR = 60, 600, 3600
SPANS = (MINUTE, TEN_MINUTES, HOUR)
_SPAN_OF: Mapping[Range, int] = {"15m": MINUTE, "1h": MINUTE, "6h": MINUTE, "24h": TEN_MINUTES, "7d": HOUR}
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
        self._gauges: dict[int, GaugeSample] = {}

    async def restore(self, now: float) -> None:
        """Go on with the steps that were begun before a restart."""
        for span in SPANS:
            begins = int(now) // span * span
            async with self._database.read() as connection:
                steps = await store.read_steps(connection, span, begins)
                gauges = await store.read_gauges(connection, span, begins)
            for service, found in steps.items():
                self._of(span, service).restore(found)
            if gauges:
                self._gauges[span] = gauges[-1]

    def add(self, service: str, at: float, durations: Durations, errors: int) -> None:
        """Add what a service did at unix time `at`."""
        for span in SPANS:
            self._of(span, service).add(at, durations, errors)

    def add_gauges(self, at: float, gauges: Mapping[str, float]) -> None:
        """Add measured gauges; of each the highest value of a step is kept."""
        for span in SPANS:
            begins = int(at) // span * span
            known = self._gauges.get(span)
            before = known.values if known and known.at == begins else {}
            worst = {name: max(value, before.get(name, value)) for name, value in gauges.items()}
            self._gauges[span] = GaugeSample(begins, {**before, **worst})

    async def keep(self, now: float) -> None:
        """Write the newest steps, and let go of those that are old enough."""
        async with self._database.begin() as connection:
            for span in SPANS:
                newest = {name: steps.newest for name, steps in self._steps[span].items()}
                await store.keep_steps(
                    connection, span, {name: step for name, step in newest.items() if step}
                )
                if span in self._gauges:
                    await store.keep_gauges(connection, span, self._gauges[span])
                await store.forget_samples(connection, span, int(now) - self._kept[span])

    async def between(
        self, wanted: Range, now: float
    ) -> tuple[int, dict[str, list[Step]], Sequence[GaugeSample]]:
        """Return the length of a step, the steps of each service and the gauges over a range before `now`."""
        span, since = _SPAN_OF[wanted], int(now) - RANGE_SECONDS[wanted]
        async with self._database.read() as connection:
            steps = await store.read_steps(connection, span, since)
            gauges = await store.read_gauges(connection, span, since)
        for service, known in self._steps[span].items():
            kept = [
                step for step in steps.get(service, []) if known.newest is None or step.at < known.newest.at
            ]
            steps[service] = [
                *kept,
                *([known.newest] if known.newest else []),
            ]  # the newest is not written yet
        if (newest := self._gauges.get(span)) is not None:
            gauges = [*(sample for sample in gauges if sample.at < newest.at), newest]
        return span, steps, gauges

    def _of(self, span: int, service: str) -> Steps:
        known = self._steps[span]
        if service not in known:
            known[service] = Steps(step_seconds=span, kept_seconds=span * 2)
        return known[service]
