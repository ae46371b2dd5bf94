"""Events within one process."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from autograph.storage.events.part import Listener, Queue


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
