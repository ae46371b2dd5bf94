"""Which part calls which, how often, how long and with what end: the raw material of the live map."""

from autograph.core.calls import Call
from autograph.model.telemetry import EdgeCounts
from autograph.observability.tally import DurationTally

MOST_EDGES = 500
"""Parts are few; this bound only keeps a mistake from growing."""

_ALL_OR_NOTHING = frozenset({"cache", "objects", "events"})
"""What fails there fails because the store is not there; a database may refuse one statement and serve the next."""


class _Edge:
    __slots__ = ("durations", "errors", "is_up", "unpaired")

    def __init__(self) -> None:
        self.durations = DurationTally()
        self.errors = self.unpaired = 0
        self.is_up = True


class Edges:
    """Counts every call that it observes. One for a process."""

    def __init__(self) -> None:
        self._edges: dict[tuple[str, str, str], _Edge] = {}

    def __call__(self, call: Call) -> None:
        """Count one finished call; calls that no service made (a report, a gateway's start) are no edges."""
        if not call.source:
            return
        key = (call.source, call.target, call.kind)
        edge = self._edges.get(key)
        if edge is None:
            if len(self._edges) >= MOST_EDGES:
                return
            edge = self._edges[key] = _Edge()
        edge.durations.add(call.seconds)
        edge.errors += call.failed
        edge.unpaired += call.is_lost
        edge.is_up = not (call.is_lost or (call.failed and call.kind in _ALL_OR_NOTHING))

    def counts(self) -> tuple[EdgeCounts, ...]:
        """Return every edge since the process began."""
        return tuple(
            EdgeCounts(
                source=source,
                target=target,
                kind=kind,
                durations=edge.durations.frozen(),
                errors=edge.errors,
                unpaired=edge.unpaired,
                is_up=edge.is_up,
            )
            for (source, target, kind), edge in sorted(self._edges.items())
        )
