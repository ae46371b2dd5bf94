"""How often something may happen: counted in this process's memory, or in Redis for several, chosen by URL."""

from autograph.storage.counters.memory import MOST_KEYS, MemoryCounters
from autograph.storage.counters.part import Count, Counters, Quota

__all__ = ["MOST_KEYS", "Count", "Counters", "MemoryCounters", "Quota", "open_counters"]


def open_counters(url: str) -> Counters:
    """Open ``memory://`` or ``redis://host:port/0``.

    Raises:
        ValueError: The URL's scheme is neither.
    """
    if url.startswith("memory:"):
        return MemoryCounters()
    if url.startswith(("redis://", "rediss://")):
        from autograph.storage.counters.redis import RedisCounters  # noqa: PLC0415 - 40 MB that memory:// spares

        return RedisCounters(url)
    raise ValueError("counters live at memory:// or redis://host:port/0")
