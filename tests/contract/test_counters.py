"""What counters promise in memory and in Redis alike."""

import asyncio
import itertools

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from autograph.core.problem import Unavailable
from autograph.storage.counters import MOST_KEYS, MemoryCounters, Quota, open_counters
from autograph.storage.counters.redis import RedisCounters

_names = itertools.count()


@pytest.fixture(params=["memory", "redis"])
async def counters(request):
    """Open counters; on a busy machine Redis may take its time."""
    if request.param == "memory":
        opened = open_counters("memory://")
    else:
        opened = RedisCounters(request.getfixturevalue("redis_url"), timeout_seconds=10)
    yield opened
    await opened.close()


@pytest.fixture
def key():
    """A key of this test's own."""
    return f"test-{next(_names)}"


async def test_calls_are_counted_down(counters, key):
    """Each call leaves one fewer, until none is left; then it says when the next one is allowed."""
    quota = Quota(key, 3, 3600)
    counts = [(await counters.take([quota]))[0] for _ in range(5)]
    assert [count.remaining for count in counts] == [2, 1, 0, 0, 0]
    assert [count.allowed for count in counts] == [True, True, True, False, False]
    assert 0 < counts[-1].reset_seconds <= 3600
    assert counts[-1].retry_seconds > 0


async def test_all_quotas_or_none(counters, key):
    """A call that one quota refuses is not counted against the other."""
    wide, narrow = Quota(f"{key}-wide", 100, 3600), Quota(f"{key}-narrow", 1, 3600)
    assert all(count.allowed for count in await counters.take([wide, narrow]))
    refused = await counters.take([wide, narrow])
    assert [count.allowed for count in refused] == [True, False]
    assert (await counters.take([wide]))[0].remaining == 98


async def test_a_burst_at_once_is_counted_exactly(counters, key):
    """Of a hundred parallel calls exactly as many pass as are allowed."""
    quota = Quota(key, 40, 3600)
    counts = await asyncio.gather(*(counters.take([quota]) for _ in range(100)))
    assert sum(count.allowed for (count,) in counts) == 40


async def test_quotas_come_back(counters, key):
    """After two windows everything is allowed again."""
    quota = Quota(key, 2, 1)
    for _ in range(3):
        await counters.take([quota])
    await asyncio.sleep(2.1)
    assert (await counters.take([quota]))[0].remaining == 1


async def test_two_processes_count_together(redis_url, key):
    """What one has counted the other knows."""
    one, other = open_counters(redis_url), open_counters(redis_url)
    quota = Quota(key, 10, 3600)
    for counters in (one, other) * 3:
        count = (await counters.take([quota]))[0]
    assert count.remaining == 4
    await one.close()
    await other.close()


async def test_a_store_that_is_away_says_so_quickly(key):
    """Nobody waits for a Redis that does not answer."""
    counters = open_counters("redis://127.0.0.1:1/0")
    with pytest.raises(Unavailable):
        async with asyncio.timeout(1):
            await counters.take([Quota(key, 1)])
    await counters.close()


async def test_memory_is_bounded():
    """A million different callers do not fill the memory; the longest unused are forgotten."""
    counters = MemoryCounters(clock=lambda: 1000.0, most_keys=50)
    for n in range(200):
        await counters.take([Quota(f"k{n}", 5)])
    assert len(counters._counts) == 50
    assert (await counters.take([Quota("k199", 5)]))[0].remaining == 3
    assert (await counters.take([Quota("k1", 5)]))[0].remaining == 4
    assert MOST_KEYS == 100_000


class SlidingWindow(RuleBasedStateMachine):
    """Whatever the pace, the estimate never exceeds the quota, and what is said of later is true."""

    limit, window = 10, 60

    def __init__(self):
        super().__init__()
        self.at = 1_000_000.0
        self.counters = MemoryCounters(clock=lambda: self.at)
        self.allowed = []

    def call(self):
        """One call now."""
        return asyncio.run(self.counters.take([Quota("k", self.limit, self.window)]))[0]

    @rule(seconds=st.floats(0, 200))
    def wait(self, seconds):
        """Time goes on."""
        self.at += seconds

    @rule(times=st.integers(1, 25))
    def calls(self, times):
        """Several calls at one moment."""
        for _ in range(times):
            if self.call().allowed:
                self.allowed.append(self.at)

    @rule()
    def comes_back_when_told(self):
        """Whoever waits as long as they were told is let in."""
        count = self.call()
        if count.allowed:
            self.allowed.append(self.at)
            return
        self.at += count.retry_seconds + 1e-6
        assert self.call().allowed
        self.allowed.append(self.at)

    @invariant()
    def never_more_than_twice_anywhere(self):
        """No fixed window has more than the quota, so none that slides has more than twice as many."""
        windows = {}
        for at in self.allowed:
            windows[at // self.window] = windows.get(at // self.window, 0) + 1
        assert all(count <= self.limit for count in windows.values())


TestSlidingWindow = SlidingWindow.TestCase
TestSlidingWindow.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
