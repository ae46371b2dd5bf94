"""The cache in Redis, for several processes."""

from redis.asyncio import Redis
from redis.exceptions import RedisError

from autograph.core.calls import called
from autograph.storage.cache.part import DEFAULT_TTL_SECONDS

_PREFIX = "autograph:cache:"


class RedisCache:
    """Entries in Redis. When Redis is away a cache is merely empty: nothing fails."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)

    async def get(self, key: str) -> bytes | None:
        """GET."""
        try:
            with called("redis", "cache", "GET"):
                found = await self._redis.get(_PREFIX + key)
        except (RedisError, OSError):
            return None
        return found if isinstance(found, bytes) else None

    async def set(self, key: str, value: bytes, ttl_seconds: float = DEFAULT_TTL_SECONDS) -> None:
        """SET with an expiry in milliseconds."""
        try:
            with called("redis", "cache", "SET"):
                await self._redis.set(_PREFIX + key, value, px=max(1, int(ttl_seconds * 1000)))
        except (RedisError, OSError):
            return

    async def delete(self, key: str) -> None:
        """DEL."""
        try:
            with called("redis", "cache", "DEL"):
                await self._redis.delete(_PREFIX + key)
        except (RedisError, OSError):
            return

    async def close(self) -> None:
        """Close the pool."""
        await self._redis.aclose()
