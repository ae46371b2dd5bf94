"""Messages to whoever listens now: inside this process, or through Redis to every process, chosen by URL.

Events are hints, never the truth: one that is lost (a slow listener, Redis away) loses no data, because
whoever needs certainty reads the database.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

WAITING_AT_MOST = 1024
"""Messages a listener may lag behind before the oldest are dropped."""


class Listener(Protocol):
    """One open subscription."""

    async def next(self) -> bytes:
        """Wait for the next message."""
        ...


class Events(Protocol):
    """Publish to a channel, listen to a channel."""

    async def publish(self, channel: str, message: bytes) -> None:
        """Hand `message` to everyone who listens to `channel` at this moment."""
        ...

    def listen(self, channel: str) -> "contextlib.AbstractAsyncContextManager[Listener]":
        """Listen from the moment the block is entered."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def open_events(url: str) -> Events:
    """Open ``memory://`` or ``redis://host:port/0``.

    Raises:
        ValueError: The URL's scheme is neither.
    """
    if url.startswith("memory:"):
        return MemoryEvents()
    if url.startswith(("redis://", "rediss://")):
        from autograph.storage.redis_events import RedisEvents  # noqa: PLC0415 - 40 MB that memory:// does without

        return RedisEvents(url)
    raise ValueError("events travel by memory:// or redis://host:port/0")


class Queue:
    """A bounded queue that forgets its oldest message rather than make a publisher wait."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING_AT_MOST)

    def put(self, message: bytes) -> None:
        """Add a message; never waits."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(message)

    async def next(self) -> bytes:
        """Wait for the next message."""
        return await self._queue.get()


class MemoryEvents:
    """Events within one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Queue]] = defaultdict(set)

    async def publish(self, channel: str, message: bytes) -> None:
        """Put the message into every listener's queue."""
        for queue in self._listeners.get(channel, ()):
            queue.put(message)

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[Listener]:
        """Add a queue for as long as the block lasts."""
        queue = Queue()
        self._listeners[channel].add(queue)
        try:
            yield queue
        finally:
            self._listeners[channel].discard(queue)
            if not self._listeners[channel]:
                del self._listeners[channel]

    async def close(self) -> None:
        """Forget every listener."""
        self._listeners.clear()
