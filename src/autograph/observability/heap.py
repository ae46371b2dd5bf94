"""What memory is made of: live objects by type and, for a few seconds, the lines of code that take it."""

import gc
import threading
import time
import tracemalloc
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from autograph.core.clock import Clock

LONGEST_SECONDS = 2.0
"""No count takes longer than this; what is not reached is left out, and said to be."""

_CHUNK = 10_000


class TypeCount(NamedTuple):
    """Live objects of one type, and how many more there are than at the baseline (None without one)."""

    type: str
    objects: int
    grown: int | None


class LineTaking(NamedTuple):
    """Bytes that one line of code has taken and not given back."""

    line: str
    bytes: int


class HeapLook(NamedTuple):
    """One count: how many objects, whether that were all, and the types, the fastest growing first."""

    objects: int
    is_whole: bool
    types: list[TypeCount]


class Heap:
    """The objects that the garbage collector knows, compared with a baseline. All of it blocks: use a thread.

    Args:
        clock: Time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._baseline: Counter[str] | None = None
        self.baseline_at: datetime | None = None
        self._tracing = threading.Lock()

    def begin(self) -> None:
        """Take the baseline: what is there once the process has warmed up."""
        self._baseline, _ = _count()
        self.baseline_at = self._clock.now()

    def look(self, most: int = 20) -> HeapLook:
        """Count, for `LONGEST_SECONDS` at most; return the `most` types that have grown, else the most frequent."""
        now, is_whole = _count()
        before = self._baseline
        types = [
            TypeCount(name, n, n - before[name] if before is not None else None) for name, n in now.items()
        ]
        types.sort(key=lambda found: (-(found.grown or 0), -found.objects))
        return HeapLook(now.total(), is_whole, types[:most])

    def lines(self, seconds: float, most: int = 20) -> list[LineTaking]:
        """Watch allocations for so long; return the lines that took most and still hold it. One at a time.

        Everything is slower meanwhile, by about half: keep it short.
        """
        with self._tracing:
            tracemalloc.start()
            try:
                time.sleep(seconds)
                taken = tracemalloc.take_snapshot().statistics("lineno")
            finally:
                tracemalloc.stop()
        return [LineTaking(_place(found.traceback[0]), found.size) for found in taken[:most]]


def _count() -> tuple[Counter[str], bool]:
    """Objects by type, and whether time was enough for all."""
    until = time.monotonic() + LONGEST_SECONDS
    objects = gc.get_objects()
    counts: Counter[type] = Counter()
    reached = 0
    while reached < len(objects) and time.monotonic() < until:
        counts.update(map(type, objects[reached : reached + _CHUNK]))
        reached += _CHUNK
    named: Counter[str] = Counter()
    for kind, count in counts.items():
        named[f"{kind.__module__}.{kind.__qualname__}"] += count
    return named, reached >= len(objects)


def _place(frame: tracemalloc.Frame) -> str:
    """File and line, without where on this machine it lies."""
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"
