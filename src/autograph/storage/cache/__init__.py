"""Values that may be forgotten: in this process's memory, or in Redis for several processes, chosen by URL."""

from autograph.storage.cache.memory import MemoryCache
from autograph.storage.cache.part import Cache

__all__ = ["Cache", "MemoryCache", "open_cache"]


def open_cache(url: str) -> Cache:
    """Open ``memory://`` or ``redis://host:port/0``.

    Raises:
        ValueError: The URL's scheme is neither.
    """
    if url.startswith("memory:"):
        return MemoryCache()
    if url.startswith(("redis://", "rediss://")):
        from autograph.storage.cache.redis import RedisCache  # noqa: PLC0415 - 40 MB that memory:// does without

        return RedisCache(url)
    raise ValueError("a cache lives at memory:// or redis://host:port/0")
