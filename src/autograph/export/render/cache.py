"""Finished drawings in memory, by what they were made from; the longest unused go first."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished text and what its source deserved saying. `cost` is its size in bytes."""

    text: str
    diagnostics: tuple[dict[str, object], ...] = ()

    @property
    def cost(self) -> int:
        """Bytes, counted as characters: enough to bound memory."""
        return len(self.text) + 200 * len(self.diagnostics) + 100


class DrawingCache:
    """A least-recently-used cache bounded by `limit_bytes`; 0 keeps nothing."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._kept: OrderedDict[str, Drawing] = OrderedDict()
        self.size_bytes = 0

    def get(self, key: str) -> Drawing | None:
        """Return what is kept under `key`."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: str, drawing: Drawing) -> None:
        """Keep `drawing`, unless it alone is larger than a quarter of the cache."""
        if drawing.cost > self._limit // 4:
            return
        replaced = self._kept.pop(key, None)
        self.size_bytes += drawing.cost - (replaced.cost if replaced else 0)
        self._kept[key] = drawing
        while self.size_bytes > self._limit:
            _, dropped = self._kept.popitem(last=False)
            self.size_bytes -= dropped.cost
