"""Messages to whoever listens now: inside this process, or through Redis to every process, chosen by URL.

Events are hints, never the truth: one that is lost (a slow listener, Redis away) loses no data, because
whoever needs certainty reads the database.
"""

from autograph.storage.events.memory import MemoryEvents
from autograph.storage.events.part import WAITING_AT_MOST, Events

__all__ = ["WAITING_AT_MOST", "Events", "MemoryEvents", "open_events"]


def open_events(url: str) -> Events:
    """Open ``memory://`` or ``redis://host:port/0``.

    Raises:
        ValueError: The URL's scheme is neither.
    """
    if url.startswith("memory:"):
        return MemoryEvents()
    if url.startswith(("redis://", "rediss://")):
        from autograph.storage.events.redis import RedisEvents  # noqa: PLC0415 - 40 MB that memory:// does without

        return RedisEvents(url)
    raise ValueError("events travel by memory:// or redis://host:port/0")
