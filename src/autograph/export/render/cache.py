"""Finished drawings, by what they were made from: in this process, or shared by all, as `storage.cache` is opened."""

import json
from dataclasses import dataclass

from autograph.storage.cache import Cache

KEPT_SECONDS = 24 * 3600.0
_PREFIX = "drawing:"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished text and what its source deserved saying."""

    text: str
    diagnostics: tuple[dict[str, object], ...] = ()


class DrawingCache:
    """Drawings as values of a cache. Equal input gives an equal drawing, so nothing here is ever out of date.

    Args:
        cache: Where they are kept; it may forget at any time.
        largest_bytes: Larger drawings are not kept.
    """

    def __init__(self, cache: Cache, largest_bytes: int) -> None:
        self._cache = cache
        self._largest = largest_bytes

    async def get(self, key: str) -> Drawing | None:
        """Return what is kept under `key`."""
        found = await self._cache.get(_PREFIX + key)
        if found is None:
            return None
        kept = json.loads(found)
        return Drawing(kept["text"], tuple(kept["diagnostics"]))

    async def put(self, key: str, drawing: Drawing) -> None:
        """Keep `drawing`, unless it is too large to be worth its room."""
        content = json.dumps({"text": drawing.text, "diagnostics": drawing.diagnostics}).encode()
        if len(content) <= self._largest:
            await self._cache.set(_PREFIX + key, content, KEPT_SECONDS)
