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

from redis.asyncio import Redis
from redis.exceptions import RedisError

from autograph.core.problem import Unavailable

WAITING_AT_MOST = 1024
"""Messages a listener may lag behind before the oldest are dropped."""

_PREFIX = "autograph:events:"


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
        return RedisEvents(url)
    raise ValueError("events travel by memory:// or redis://host:port/0")


class _Queue:
    """A bounded queue that forgets its oldest message rather than make a publisher wait."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING_AT_MOST)

    def put(self, message: bytes) -> None:
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(message)

    async def next(self) -> bytes:
        return await self._queue.get()


class MemoryEvents:
    """Events within one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[_Queue]] = defaultdict(set)

    async def publish(self, channel: str, message: bytes) -> None:
        """Put the message into every listener's queue."""
        for queue in self._listeners.get(channel, ()):
            queue.put(message)

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[Listener]:
        """Add a queue for as long as the block lasts."""
        queue = _Queue()
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


class RedisEvents:
    """Events through Redis pub/sub."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=2.0, health_check_interval=15)

    async def publish(self, channel: str, message: bytes) -> None:
        """PUBLISH.

        Raises:
            Unavailable: Redis does not answer.
        """
        try:
            await self._redis.publish(_PREFIX + channel, message)
        except (RedisError, OSError) as error:
            raise Unavailable("The event bus does not answer.", headers={"retry-after": "2"}) from error

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[Listener]:
        """SUBSCRIBE; the block starts once Redis has confirmed it."""
        subscription = self._redis.pubsub()
        queue = _Queue()
        try:
            await subscription.subscribe(_PREFIX + channel)
            await subscription.get_message(timeout=2.0)
        except (RedisError, OSError) as error:
            await subscription.aclose()  # type: ignore[no-untyped-call]
            raise Unavailable("The event bus does not answer.", headers={"retry-after": "2"}) from error

        async def pump() -> None:
            async for message in subscription.listen():
                if message["type"] == "message":
                    queue.put(message["data"])

        task = asyncio.create_task(pump())
        try:
            yield queue
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, RedisError, OSError):
                await task
            await subscription.aclose()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Close the pool."""
        await self._redis.aclose()
