"""How often something may happen: counted in this process's memory, or in Redis for several, chosen by URL.

The count is a sliding window made of two fixed ones: what the last window counted weighs as much as of it still
lies within the window that ends now. It never allows more than the quota in such an estimate, keeps two numbers
a key, and needs one round trip for any number of keys. Source: "How we built rate limiting capable of scaling to
millions of domains", Cloudflare (2017).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

MOST_KEYS = 100_000
"""Keys that memory holds at the same time; the longest unused goes first."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What one key may do: `limit` times in `window_seconds`."""

    key: str
    limit: int
    window_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Count:
    """How one key stands after a call.

    Attributes:
        remaining: Calls that are left now.
        reset_seconds: Until the current fixed window ends: then more are left.
        retry_seconds: Until one more call is allowed; 0 when it is now.
    """

    remaining: int
    reset_seconds: float
    retry_seconds: float = 0.0

    @property
    def allowed(self) -> bool:
        """Whether the call may go on."""
        return self.retry_seconds == 0


class Counters(Protocol):
    """Counts calls against quotas."""

    async def take(self, quotas: Sequence[Quota]) -> list[Count]:
        """Count one call against every quota, if all of them allow it; else against none.

        Raises:
            Unavailable: The store does not answer.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def open_counters(url: str) -> Counters:
    """Open ``memory://`` or ``redis://host:port/0``.

    Raises:
        ValueError: The URL's scheme is neither.
    """
    if url.startswith("memory:"):
        return MemoryCounters()
    if url.startswith(("redis://", "rediss://")):
        from autograph.storage.redis_counters import RedisCounters  # noqa: PLC0415 - 40 MB that memory:// spares

        return RedisCounters(url)
    raise ValueError("counters live at memory:// or redis://host:port/0")


def standing(quota: Quota, before: int, now: int, elapsed_seconds: float) -> Count:
    """Return how a key stands that has `before` calls in the last fixed window and `now` in this one.

    Args:
        quota: What it may do.
        before: Calls of the last fixed window.
        now: Calls of this one.
        elapsed_seconds: Since this fixed window began.
    """
    window, limit = quota.window_seconds, quota.limit
    left = window - elapsed_seconds
    used = before * left / window + now
    if used + 1 <= limit:
        return Count(int(limit - used), left)
    if now + 1 <= limit:  # the last window has to fade: before * (left - x) / window + now + 1 = limit
        return Count(0, left, max(1e-3, left - (limit - now - 1) * window / before))
    # this window is full itself: it has to become the last one and fade
    return Count(0, left, left + max(1e-3, window * (1 - (limit - 1) / now)))


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
