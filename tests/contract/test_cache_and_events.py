"""What every cache and every event bus promises: memory and Redis."""

import asyncio
import contextlib

import pytest

from autograph.core import calls
from autograph.core.problem import Unavailable
from autograph.storage.cache import MemoryCache, open_cache
from autograph.storage.cache.redis import RedisCache
from autograph.storage.counters import Quota, open_counters
from autograph.storage.events import WAITING_AT_MOST, open_events
from autograph.storage.events.redis import RedisEvents


@pytest.fixture(params=["memory", "redis"])
def url(request):
    """Where the cache or the bus lives."""
    return "memory://" if request.param == "memory" else request.getfixturevalue("redis_url")


@pytest.fixture
async def cache(url):
    """An open cache."""
    opened = open_cache(url)
    yield opened
    await opened.close()


@pytest.fixture
async def events(url):
    """An open bus."""
    opened = open_events(url)
    yield opened
    await opened.close()


async def test_a_value_stays_until_its_time_is_up(cache):
    """A set value is got; after its time it is not."""
    await cache.set("a", b"\xff1", ttl_seconds=0.05)
    assert await cache.get("a") == b"\xff1"

    await asyncio.sleep(0.08)
    assert await cache.get("a") is None


async def test_a_deleted_value_is_gone(cache):
    """Delete forgets now, and minds no missing key."""
    await cache.set("a", b"1")
    await cache.delete("a")
    await cache.delete("a")

    assert await cache.get("a") is None


async def test_memory_is_bounded_and_forgets_the_least_used():
    """Beyond its limit the memory cache drops what was not used for longest."""
    cache = MemoryCache(limit_bytes=30)
    for key in ("a", "b", "c"):
        await cache.set(key, b"0123456789")
    await cache.get("a")
    await cache.set("d", b"0123456789")

    assert [await cache.get(k) is not None for k in "abcd"] == [True, False, True, True]


async def test_a_cache_without_its_redis_is_empty_not_broken():
    """No Redis: a miss, not an error."""
    cache = RedisCache("redis://127.0.0.1:9/0")
    await cache.set("a", b"1")

    assert await cache.get("a") is None
    await cache.close()


@pytest.mark.feature("platform.pubsub")
async def test_every_listener_hears_what_is_published_while_it_listens(events):
    """Two listeners of one channel both hear; one of another channel does not."""
    async with events.listen("doc-1") as one, events.listen("doc-1") as two, events.listen("doc-2") as other:
        await events.publish("doc-1", b"\x00saved")

        heard = await asyncio.wait_for(asyncio.gather(one.next(), two.next()), 2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(other.next(), 0.1)

    assert heard == [b"\x00saved", b"\x00saved"]


async def test_a_slow_listener_loses_the_oldest_and_blocks_nobody():
    """The bus is a hint: it forgets rather than waits or grows."""
    events = open_events("memory://")
    async with events.listen("c") as slow:
        for n in range(WAITING_AT_MOST + 5):
            await events.publish("c", str(n).encode())

        assert await slow.next() == b"5"


async def test_a_bus_without_its_redis_says_so():
    """No Redis: publishing is a 503 problem."""
    events = RedisEvents("redis://127.0.0.1:9/0")

    with pytest.raises(Unavailable):
        await events.publish("c", b"1")
    await events.close()


@pytest.mark.feature("observability.dependencies")
async def test_calls_to_redis_are_told(redis_url):
    """The cache, the counters and the bus, each with its end; memory is nobody's call."""
    seen = []
    stop = calls.observe(seen.append)
    for at in ("memory://", redis_url, "redis://127.0.0.1:1"):
        cache, counters, events = open_cache(at), open_counters(at), open_events(at)
        await cache.set("a", b"-")
        with contextlib.suppress(Unavailable):
            await counters.take([Quota("a", 1, 60)])
        with contextlib.suppress(Unavailable):
            await events.publish("a", b"-")
        for opened in (cache, counters, events):
            await opened.close()
    stop()
    told = [("redis", "cache", "SET"), ("redis", "cache", "EVALSHA"), ("events", "events", "PUBLISH")]
    assert [(call.target, call.kind, call.operation, call.failed) for call in seen] == [
        (*call, failed) for failed in (False, True) for call in told
    ]
