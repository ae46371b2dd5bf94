"""Counters in this process's memory."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from autograph.storage.counters.part import Count, Quota, standing

MOST_KEYS = 100_000
"""Keys that memory holds at the same time; the longest unused goes first."""


class MemoryCounters:
    """Counts in this process.

    Args:
        clock: Seconds that only grow.
        most_keys: Keys held at the same time.
    """

    def __init__(self, clock: Callable[[], float] = time.time, *, most_keys: int = MOST_KEYS) -> None:
        self._clock = clock
        self._most_keys = most_keys
        self._counts: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    async def take(self, quotas: Sequence[Quota]) -> list[Count]:
        """Count without ever waiting."""
        at = self._clock()
        known = [self._known(quota, at) for quota in quotas]
        counts = [
            standing(quota, before, now, at % quota.window_seconds)
            for quota, (_, before, now) in zip(quotas, known, strict=True)
        ]
        if not all(count.allowed for count in counts):
            return counts
        for quota, (window, before, now) in zip(quotas, known, strict=True):
            self._counts[quota.key] = (window, before, now + 1)
            self._counts.move_to_end(quota.key)
        while len(self._counts) > self._most_keys:
            self._counts.popitem(last=False)
        return [Count(count.remaining - 1, count.reset_seconds) for count in counts]

    async def close(self) -> None:
        """Forget everything."""
        self._counts.clear()

    def _known(self, quota: Quota, at: float) -> tuple[int, int, int]:
        """Number of the fixed window, and the counts of the last one and of this one."""
        window = int(at // quota.window_seconds)
        found = self._counts.get(quota.key)
        if found is None or found[0] < window - 1:
            return window, 0, 0
        if found[0] == window - 1:
            return window, found[2], 0
        return found
