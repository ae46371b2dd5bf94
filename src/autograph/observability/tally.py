"""Counting durations: one list of integers, ready to be frozen into the model's histogram."""

from bisect import bisect_left

from autograph.model.telemetry import SECONDS_BOUNDS, Durations


class DurationTally:
    """A growing histogram over `SECONDS_BOUNDS`."""

    __slots__ = ("counts", "total_seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS_BOUNDS) + 1)
        self.total_seconds = 0.0

    def add(self, seconds: float) -> int:
        """Count one duration; return the index of its bucket."""
        bucket = bisect_left(SECONDS_BOUNDS, seconds)
        self.counts[bucket] += 1
        self.total_seconds += seconds
        return bucket

    def frozen(self) -> Durations:
        """Return a reading."""
        return Durations(counts=tuple(self.counts), total_seconds=self.total_seconds)
