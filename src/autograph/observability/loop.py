"""The event loop's lag and the garbage collector's pauses: both are time in which nobody is served."""

import asyncio
import gc
import time
from collections.abc import Callable, Mapping

from autograph.core.clock import Clock
from autograph.observability.series import Series

EVERY_SECONDS = 0.25
KEPT = 240
MINUTE_SECONDS = 60.0


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
    """Time that garbage collections have taken. For `gc.callbacks`.

    Args:
        seconds: Time that the thread which collects has worked: on a busy machine it waits too, for others' sake.
        monotonic: Time that never runs backwards.
    """

    def __init__(
        self,
        seconds: Callable[[], float] = time.thread_time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._began = seconds()
        self._minute_began = monotonic()
        self._longest_of_minute = self._longest_before = 0.0
        self.total_seconds = 0.0
        self.collections = 0

    def __call__(self, phase: str, _info: Mapping[str, int]) -> None:
        """Take the time between the start and the end of one collection."""
        if phase == "start":
            self._began = self._seconds()
            return
        pause = self._seconds() - self._began
        self.total_seconds += pause
        self.collections += 1
        self._turn(self._monotonic())
        self._longest_of_minute = max(self._longest_of_minute, pause)

    def _turn(self, now: float) -> None:
        """Begin a new minute when this one is over."""
        passed = now - self._minute_began
        if passed >= MINUTE_SECONDS:
            self._longest_before = self._longest_of_minute if passed < 2 * MINUTE_SECONDS else 0.0
            self._longest_of_minute, self._minute_began = 0.0, now

    def gauges(self) -> dict[str, float]:
        """The longest pause of the last minute or two."""
        self._turn(self._monotonic())
        return {"gc_pause_seconds": max(self._longest_of_minute, self._longest_before)}

    def counters(self) -> dict[str, float]:
        """Growing values by name."""
        return {
            "gc_pauses_seconds": self.total_seconds,
            "gc_collections": float(self.collections),
            "gc_uncollectable": float(sum(found["uncollectable"] for found in gc.get_stats())),
        }
