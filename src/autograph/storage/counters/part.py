"""Quotas, and how a key stands.

The count is a sliding window made of two fixed ones: what the last window counted weighs as much as of it still
lies within the window that ends now. It never allows more than the quota in such an estimate, keeps two numbers
a key, and needs one round trip for any number of keys. Source: "How we built rate limiting capable of scaling to
millions of domains", Cloudflare (2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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
