"""Remembers for a moment who was just identified, so that "who am I" need not ask the database again."""

from collections import OrderedDict

from autograph.auth.rules import Person, Session
from autograph.core.clock import Clock

KEEP_SECONDS = 3.0
"""An ended session is refused everywhere within 5 seconds; this is the larger part of them."""


class RecentSessions:
    """Sessions found alive and owners of keys found within the last three seconds, a bounded number of them."""

    def __init__(self, clock: Clock, *, size: int = 4096) -> None:
        self._clock = clock
        self._size = size
        self._known: OrderedDict[str, tuple[float, Person, Session | None]] = OrderedDict()

    def put(self, person: Person, session: Session | None, *, key_id: str = "") -> None:
        """Remember a session that has just been read from the database, or the owner of a key, which has none."""
        known_by = session.id if session else key_id
        self._known[known_by] = (self._clock.monotonic() + KEEP_SECONDS, person, session)
        self._known.move_to_end(known_by)
        if len(self._known) > self._size:
            self._known.popitem(last=False)

    def get(self, known_by: str) -> tuple[Person, Session | None] | None:
        """Return whose session or key this is, and the session, if that was found a moment ago."""
        known = self._known.get(known_by)
        if known is None or self._clock.monotonic() >= known[0]:
            return None
        return known[1], known[2]

    def forget(self, session_id: str) -> None:
        """The session has ended or changed."""
        self._known.pop(session_id, None)
