"""Disk: how full the data folder's file system is, how large the object store is, and when it would be full."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from autograph.core.clock import Clock
from autograph.observability.series import Series, seconds_until

WARNING_PERCENT, ALERT_PERCENT = 70.0, 80.0
KEPT = 288
"""A day of samples, five minutes apart."""


class DiskUsage(NamedTuple):
    """Bytes of one file system."""

    total: int
    used: int
    free: int


def usage_of(folder: Path) -> DiskUsage:
    """Return the file system's use where `folder` lies; may wait for a slow disk, so call it in a thread.

    Used and free do not add up to the total: a part is reserved for root. The percentage is of what we can have.
    """
    return DiskUsage(*shutil.disk_usage(folder))


class Disk:
    """One file system over time.

    Args:
        clock: Time.
        folder: Where the data is kept.
        usage: Reads the use.
    """

    def __init__(self, clock: Clock, folder: Path, *, usage: Callable[[Path], DiskUsage] = usage_of) -> None:
        self._clock = clock
        self._usage = usage
        self.folder = folder
        self.latest: DiskUsage | None = None
        self.used = Series(KEPT)

    def sample(self) -> None:
        """Look once; a folder that cannot be asked leaves what was known."""
        try:
            self.latest = self._usage(self.folder)
        except OSError:
            return
        self.used.add(self._clock.monotonic(), self.latest.used)

    @property
    def percent(self) -> float | None:
        """Share of the space that we can have which is used; None before the first sample."""
        if self.latest is None or self.latest.used + self.latest.free == 0:
            return None
        return 100 * self.latest.used / (self.latest.used + self.latest.free)

    @property
    def seconds_to_full(self) -> float | None:
        """When nothing would be free, should it go on like this; None when use does not grow."""
        if self.latest is None:
            return None
        return seconds_until(self.latest.used + self.latest.free, self.used.points)

    def gauges(self) -> dict[str, float]:
        """What was measured, by name."""
        if self.latest is None or self.percent is None:
            return {}
        measured = {
            "disk_total_bytes": float(self.latest.total),
            "disk_used_bytes": float(self.latest.used),
            "disk_free_bytes": float(self.latest.free),
            "disk_used_percent": self.percent,
        }
        if (seconds := self.seconds_to_full) is not None:
            measured["disk_seconds_to_full"] = seconds
        return measured
