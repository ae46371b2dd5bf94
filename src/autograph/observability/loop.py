"""The event loop's lag and the garbage collector's pauses: both are time in which nobody is served."""

import asyncio
import gc
import time
from collections.abc import Mapping

from autograph.core.clock import Clock
from autograph.observability.series import Series

EVERY_SECONDS = 0.25
KEPT = 240


class LoopLag:
    """How much later than asked a sleeper is woken: that long something held the loop.

    Args:
        clock: Time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lags = Series(KEPT)
        self.worst_seconds = 0.0

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            asked = self._clock.monotonic()
            await asyncio.sleep(EVERY_SECONDS)
            self.add(self._clock.monotonic() - asked - EVERY_SECONDS)

    def add(self, seconds: float) -> None:
        """Keep one measured lag."""
        lag = max(0.0, seconds)
        self.worst_seconds = max(self.worst_seconds, lag)
        self._lags.add(self._clock.monotonic(), lag)

    def gauges(self) -> dict[str, float]:
        """Worst and 99th percentile of the last minute, and the worst ever."""
        lags = sorted(value for _, value in self._lags.points)
        if not lags:
            return {}
        return {
            "loop_lag_seconds": lags[-1],
            "loop_lag_p99_seconds": lags[int(0.99 * (len(lags) - 1))],
            "loop_lag_worst_seconds": self.worst_seconds,
        }


class GcPauses:
    """Time that garbage collections have taken, as growing counts. For `gc.callbacks`."""

    def __init__(self) -> None:
        self._began = 0.0
        self.total_seconds = 0.0
        self.longest_seconds = 0.0
        self.collections = 0

    def __call__(self, phase: str, _info: Mapping[str, int]) -> None:
        """Take the time between the start and the end of one collection."""
        if phase == "start":
            self._began = time.perf_counter()
            return
        pause = time.perf_counter() - self._began
        self.total_seconds += pause
        self.longest_seconds = max(self.longest_seconds, pause)
        self.collections += 1

    def counters(self) -> dict[str, float]:
        """Growing values by name."""
        return {
            "gc_pauses_seconds": self.total_seconds,
            "gc_collections": float(self.collections),
            "gc_longest_pause_seconds": self.longest_seconds,
            "gc_uncollectable": float(sum(found["uncollectable"] for found in gc.get_stats())),
        }
