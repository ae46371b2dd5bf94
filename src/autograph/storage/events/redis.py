"""Events through Redis pub/sub, to every process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError

from autograph.core.calls import called
from autograph.core.problem import Unavailable
from autograph.storage.events.part import Listener, Queue

_PREFIX = "autograph:events:"


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
            with called("events", "events", "PUBLISH"):
                await self._redis.publish(_PREFIX + channel, message)
        except (RedisError, OSError) as error:
            raise Unavailable("The event bus does not answer.", headers={"retry-after": "2"}) from error

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[Listener]:
        """SUBSCRIBE; the block starts once Redis has confirmed it."""
        subscription = self._redis.pubsub()
        queue = Queue()
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
