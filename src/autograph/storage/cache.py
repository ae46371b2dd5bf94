"""Values that may be forgotten: in this process's memory, or in Redis for several processes, chosen by URL."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

DEFAULT_TTL_SECONDS = 300.0


class Cache(Protocol):
    """A cache: what was set may be gone at any time, what is there is what was set."""

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None when it is not there (any more)."""
        ...

    async def set(self, key: str, value: bytes, ttl_seconds: float = DEFAULT_TTL_SECONDS) -> None:
        """Keep `value` for at most `ttl_seconds`."""
        ...

    async def delete(self, key: str) -> None:
        """Forget `key` now."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def open_cache(url: str) -> Cache:
    """Open ``memory://`` or ``redis://host:port/0``.

    Raises:
        ValueError: The URL's scheme is neither.
    """
    if url.startswith("memory:"):
        return MemoryCache()
    if url.startswith(("redis://", "rediss://")):
        from autograph.storage.redis_cache import RedisCache  # noqa: PLC0415 - 40 MB that memory:// does without

        return RedisCache(url)
    raise ValueError("a cache lives at memory:// or redis://host:port/0")


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
