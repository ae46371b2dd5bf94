"""What carries events, and the queue of one who listens."""

import asyncio
from contextlib import AbstractAsyncContextManager
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

    def listen(self, channel: str) -> AbstractAsyncContextManager[Listener]:
        """Listen from the moment the block is entered."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


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
