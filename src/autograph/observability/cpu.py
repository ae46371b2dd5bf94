"""CPU: what this process and the machine use, from samples in the background. Asking never blocks."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple

import psutil

from autograph.core.clock import Clock
from autograph.observability import cgroup
from autograph.observability.series import Series

WARNING_PERCENT, CRITICAL_PERCENT = 70.0, 90.0
BASELINE_SECONDS = 60.0
KEPT = 720


class CpuTimes(NamedTuple):
    """Seconds spent since some moment: by us, by the machine, and by the machine doing nothing."""

    process: float
    busy: float
    idle: float


def read_times() -> CpuTimes:
    """Read the counters of the process and the machine."""
    found = psutil.cpu_times()
    idle = found.idle + getattr(found, "iowait", 0.0)
    busy = (
        found.user + found.nice + found.system + getattr(found, "irq", 0.0) + getattr(found, "softirq", 0.0)
    )
    return CpuTimes(time.process_time(), busy, idle)


class Cpu:
    """Percentages between two samples, of what we may use: 100 is every core of the container.

    Args:
        clock: Time.
        times: Reads the counters.
        cores: Processors that we may use.
        window_seconds: What "now" means: samples of this long are averaged.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        times: Callable[[], CpuTimes] = read_times,
        cores: float | None = None,
        window_seconds: float = 60.0,
    ) -> None:
        self._clock = clock
        self._times = times
        self._window_seconds = window_seconds
        self.cores = cores or cgroup.cores()
        self.process = Series(KEPT)
        self.system = Series(KEPT)
        self.baseline_percent: float | None = None
        self._started = clock.monotonic()
        self._last: tuple[float, CpuTimes] | None = None

    def sample(self) -> None:
        """Compare with the last sample; the first only begins."""
        at, times = self._clock.monotonic(), self._times()
        if self._last is not None and at > self._last[0]:
            then, before = self._last
            self.process.add(at, 100 * (times.process - before.process) / ((at - then) * self.cores))
            passed = (times.busy - before.busy) + (times.idle - before.idle)
            if passed > 0:
                self.system.add(at, min(100.0, 100 * (times.busy - before.busy) / passed))
            if self.baseline_percent is None and at - self._started >= BASELINE_SECONDS:
                self.baseline_percent = self.process.mean()
        self._last = (at, times)

    @property
    def process_percent(self) -> float | None:
        """What we used in the last window; None before two samples."""
        return self.process.mean(self._clock.monotonic() - self._window_seconds)

    @property
    def system_percent(self) -> float | None:
        """What the machine used in the last window."""
        return self.system.mean(self._clock.monotonic() - self._window_seconds)

    def gauges(self) -> dict[str, float]:
        """What was measured, by name."""
        one, five, fifteen = os.getloadavg()
        measured = {
            "cpu_percent": self.process_percent,
            "cpu_system_percent": self.system_percent,
            "cpu_baseline_percent": self.baseline_percent,
            "cpu_cores": self.cores,
            "cpu_load_average_1m": one,
            "cpu_load_average_5m": five,
            "cpu_load_average_15m": fifteen,
        }
        return {name: value for name, value in measured.items() if value is not None}
