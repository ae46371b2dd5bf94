"""The last samples of one measure, and the trend in them."""

from collections import deque
from collections.abc import Sequence
from statistics import median

Point = tuple[float, float]
"""Seconds, value."""


class Series:
    """A bounded run of samples, the oldest first.

    Args:
        capacity: Samples kept.
    """

    def __init__(self, capacity: int) -> None:
        self._points: deque[Point] = deque(maxlen=capacity)

    def add(self, seconds: float, value: float) -> None:
        """Keep one more sample; the oldest beyond the capacity is let go."""
        self._points.append((seconds, value))

    @property
    def points(self) -> Sequence[Point]:
        """Every kept sample."""
        return tuple(self._points)

    @property
    def latest(self) -> float | None:
        """The newest value, or None before the first."""
        return self._points[-1][1] if self._points else None

    def mean(self, since: float = float("-inf")) -> float | None:
        """Return the mean of the samples from `since` on, or None without any."""
        values = [value for seconds, value in self._points if seconds >= since]
        return sum(values) / len(values) if values else None


def slope(points: Sequence[Point]) -> float | None:
    """Return the trend in value a second, by the estimator of Theil and Sen; None for less than three points.

    The median of the slopes between all pairs: up to 29 % of the points may be wild without moving it.
    Source: P. K. Sen, Estimates of the Regression Coefficient Based on Kendall's Tau, JASA 63 (1968).
    """
    if len(points) < 3:
        return None
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for index, earlier in enumerate(points)
        for later in points[index + 1 :]
        if later[0] > earlier[0]
    ]
    return median(slopes) if slopes else None


def seconds_until(limit: float, points: Sequence[Point]) -> float | None:
    """Return in how many seconds the trend reaches `limit` from above or below the newest value, None when never."""
    found = slope(points)
    if not found or not points:
        return None
    missing = limit - points[-1][1]
    return missing / found if missing * found > 0 else None
