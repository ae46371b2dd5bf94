"""The cache in this process's memory."""

import time
from collections import OrderedDict
from collections.abc import Callable

from autograph.storage.cache.part import DEFAULT_TTL_SECONDS


class MemoryCache:
    """Least recently used entries go first.

    Args:
        limit_bytes: Most bytes of values kept.
        monotonic: Seconds that never run backwards.
    """

    def __init__(
        self, limit_bytes: int = 32 * 1024 * 1024, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit_bytes
        self._monotonic = monotonic
        self._size = 0
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        """Look the key up and make it the most recent."""
        found = self._entries.get(key)
        if found is None:
            return None
        if found[0] <= self._monotonic():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return found[1]

    async def set(self, key: str, value: bytes, ttl_seconds: float = DEFAULT_TTL_SECONDS) -> None:
        """Keep the value and push out the oldest beyond the limit."""
        self._drop(key)
        if len(value) > self._limit:
            return
        self._entries[key] = (self._monotonic() + ttl_seconds, value)
        self._size += len(value)
        while self._size > self._limit:
            self._drop(next(iter(self._entries)))

    async def delete(self, key: str) -> None:
        """Forget the key."""
        self._drop(key)

    async def close(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._size = 0

    def _drop(self, key: str) -> None:
        if (found := self._entries.pop(key, None)) is not None:
            self._size -= len(found[1])
