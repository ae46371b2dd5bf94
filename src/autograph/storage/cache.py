"""Values that may be forgotten: in this process's memory, or in Redis for several processes, chosen by URL."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

DEFAULT_TTL_SECONDS = 300.0
_PREFIX = "autograph:cache:"


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


class RedisCache:
    """Entries in Redis. When Redis is away a cache is merely empty: nothing fails."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)

    async def get(self, key: str) -> bytes | None:
        """GET."""
        try:
            found = await self._redis.get(_PREFIX + key)
        except (RedisError, OSError):
            return None
        return found if isinstance(found, bytes) else None

    async def set(self, key: str, value: bytes, ttl_seconds: float = DEFAULT_TTL_SECONDS) -> None:
        """SET with an expiry in milliseconds."""
        try:
            await self._redis.set(_PREFIX + key, value, px=max(1, int(ttl_seconds * 1000)))
        except (RedisError, OSError):
            return

    async def delete(self, key: str) -> None:
        """DEL."""
        try:
            await self._redis.delete(_PREFIX + key)
        except (RedisError, OSError):
            return

    async def close(self) -> None:
        """Close the pool."""
        await self._redis.aclose()
