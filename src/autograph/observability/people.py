"""How many different people asked for something lately. Only the count leaves this file."""

from collections import OrderedDict

from autograph.core.clock import Clock

LATELY_SECONDS = 300.0
MOST_PEOPLE = 100_000


class People:
    """Who was here in the last minutes, the longest silent first.

    Args:
        clock: Time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, float] = OrderedDict()

    def saw(self, user_id: str) -> None:
        """Note that somebody asked for something."""
        self._seen[user_id] = self._clock.monotonic()
        self._seen.move_to_end(user_id)
        if len(self._seen) > MOST_PEOPLE:
            self._seen.popitem(last=False)

    def gauges(self) -> dict[str, float]:
        """How many there were."""
        since = self._clock.monotonic() - LATELY_SECONDS
        while self._seen and next(iter(self._seen.values())) < since:
            self._seen.popitem(last=False)
        return {"people_online": float(len(self._seen))}
