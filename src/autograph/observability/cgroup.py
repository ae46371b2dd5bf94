"""What this process may use: the limits of its container where there are any, else the machine's."""

import os
from pathlib import Path

import psutil

ROOT = Path("/sys/fs/cgroup")
_NO_LIMIT_BYTES = 1 << 60
"""Version 1 writes a number near 2^63 when there is no limit."""


def cores(root: Path = ROOT) -> float:
    """Return how many processors we may use, such as 0.5: quota of the cgroup, then affinity."""
    usable = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    written = _read(root / "cpu.max")
    if written:  # version 2: "max 100000" or "50000 100000", both in µs
        quota, _, period = written.partition(" ")
        return min(usable, int(quota) / int(period)) if quota != "max" else usable
    quota, period = _read(root / "cpu/cpu.cfs_quota_us"), _read(root / "cpu/cpu.cfs_period_us")
    if quota and period and int(quota) > 0:
        return min(usable, int(quota) / int(period))
    return usable


def memory_limit_bytes(root: Path = ROOT) -> int:
    """Return how much memory we may use: the cgroup's limit, else all that the machine has."""
    total = int(psutil.virtual_memory().total)
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        written = _read(root / name)
        if written.isdigit() and int(written) < _NO_LIMIT_BYTES:
            return min(total, int(written))
    return total


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
