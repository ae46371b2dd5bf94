"""Memory: what this process holds, whether it grows when it should not, and when that would end."""

import mmap
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from autograph.core.clock import Clock
from autograph.observability import cgroup
from autograph.observability.series import Series, seconds_until, slope

WINDOW_SECONDS = 60.0
WINDOWS = 120
BASELINE_SECONDS = 60.0
LEAK_WINDOWS = 10
"""Fewer minima than these say nothing: a process that just started grows."""

_STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Return what this process holds in memory now."""
    try:
        pages = int(_STATM.read_bytes().split(b" ", 2)[1])
    except OSError:
        return int(psutil.Process().memory_info().rss)
    return pages * mmap.PAGESIZE


class Memory:
    """The minimum of each minute is what counts: peaks come and go, a leak lifts the floor.

    Args:
        clock: Time.
        resident: Reads what the process holds, in bytes.
        limit_bytes: What the container or machine gives us.
    """

    def __init__(
        self, clock: Clock, *, resident: Callable[[], int] = resident_bytes, limit_bytes: int | None = None
    ) -> None:
        self._clock = clock
        self._resident = resident
        self.limit_bytes = limit_bytes or cgroup.memory_limit_bytes()
        self.minima = Series(WINDOWS)
        self.current_bytes = 0
        self.baseline_bytes: int | None = None
        self._started = self._window_from = clock.monotonic()
        self._lowest: int | None = None

    def sample(self) -> None:
        """Look once; at the end of a window its minimum is kept."""
        at, self.current_bytes = self._clock.monotonic(), self._resident()
        self._lowest = self.current_bytes if self._lowest is None else min(self._lowest, self.current_bytes)
        if at - self._window_from >= WINDOW_SECONDS:
            self.minima.add(at, self._lowest)
            self._window_from, self._lowest = at, None
        if self.baseline_bytes is None and at - self._started >= BASELINE_SECONDS:
            self.baseline_bytes = self.current_bytes

    def after_collection(self, phase: str, info: Mapping[str, int]) -> None:
        """Look right after a full garbage collection: for `gc.callbacks`."""
        if phase == "stop" and info["generation"] == 2:
            self.sample()

    @property
    def growth_bytes_per_second(self) -> float | None:
        """How fast the floor rises; None until there are enough minima to tell."""
        points = self.minima.points
        return slope(points) if len(points) >= LEAK_WINDOWS else None

    @property
    def seconds_to_limit(self) -> float | None:
        """When the floor would reach the limit, should it go on like this; None when it does not rise."""
        points = self.minima.points
        return seconds_until(self.limit_bytes, points) if len(points) >= LEAK_WINDOWS else None

    def gauges(self) -> dict[str, float]:
        """What was measured, by name."""
        machine = psutil.virtual_memory()
        measured = {
            "memory_rss_bytes": self.current_bytes or None,
            "memory_baseline_bytes": self.baseline_bytes,
            "memory_limit_bytes": self.limit_bytes,
            "memory_growth_bytes_per_second": self.growth_bytes_per_second,
            "memory_seconds_to_limit": self.seconds_to_limit,
            "memory_system_total_bytes": machine.total,
            "memory_system_available_bytes": machine.available,
            "memory_system_percent": machine.percent,
        }
        return {name: float(value) for name, value in measured.items() if value is not None}
