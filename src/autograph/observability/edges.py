"""Which part calls which, how often, how long and with what end: the raw material of the live map."""

from autograph.core.calls import Call
from autograph.model.telemetry import EdgeCounts
from autograph.observability.tally import DurationTally

MOST_EDGES = 500
"""Parts are few; this bound only keeps a mistake from growing."""


class _Edge:
    __slots__ = ("durations", "errors")

    def __init__(self) -> None:
        self.durations = DurationTally()
        self.errors = 0


class Edges:
    """Counts every call that it observes. One for a process."""

    def __init__(self) -> None:
        self._edges: dict[tuple[str, str, str], _Edge] = {}

    def __call__(self, call: Call) -> None:
        """Count one finished call; calls that no service made (a start, a timer) are no edges."""
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

    def counts(self) -> tuple[EdgeCounts, ...]:
        """Return every edge since the process began."""
        return tuple(
            EdgeCounts(
                source=source, target=target, kind=kind, durations=edge.durations.frozen(), errors=edge.errors
            )
            for (source, target, kind), edge in sorted(self._edges.items())
        )
