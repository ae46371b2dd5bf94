"""A clock that tests wind by hand."""

from datetime import UTC, datetime, timedelta


class HandClock:
    """Stands still until it is wound; both kinds of time move together."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self._started = self.time

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - self._started).total_seconds()

    def wind(self, **by: float) -> None:
        """Move on, for instance `wind(minutes=5)`."""
        self.time += timedelta(**by)
