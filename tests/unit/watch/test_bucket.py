"""Tests of what is known of the object store: its size, its room, and when that is used up."""

import asyncio

import pytest
from tests.clock import HandClock

from autograph.core.problem import Unavailable
from autograph.storage.objects import Usage
from autograph.watch.bucket import Bucket

pytestmark = pytest.mark.feature("observability.disk")

GB = 10**9


class Store:
    """An object store of some size, which may be away."""

    def __init__(self):
        self.size_bytes, self.problem = 0, None

    async def usage(self):
        if self.problem is not None:
            raise self.problem
        return {"pictures": Usage(3, self.size_bytes), "uploads": Usage(1, 5)}


async def test_time_to_full_follows_the_trend():
    """A store of 100 GB that takes 1 GB an hour and has 30 left is full in 30 hours."""
    store, clock = Store(), HandClock()
    bucket = Bucket(store, clock, every_seconds=3600, limit_bytes=100 * GB)
    assert bucket.gauges() == {}
    for hour in range(11):
        store.size_bytes = (60 + hour) * GB - 5
        await bucket.look()
        clock.wind(hours=1)
    found = bucket.gauges()
    assert (found["objects_stored"], found["objects_bytes"]) == (4, 70 * GB)
    assert found["objects_used_percent"] == pytest.approx(70)
    assert found["objects_seconds_to_full"] == pytest.approx(30 * 3600)


async def test_without_a_limit_nothing_is_full():
    """The size is told all the same."""
    bucket = Bucket(Store(), HandClock(), every_seconds=3600, limit_bytes=0)
    await bucket.look()
    assert bucket.gauges() == {"objects_stored": 4.0, "objects_bytes": 5.0}


async def test_a_store_that_is_away_leaves_what_was_known():
    """It is asked again later; until it has answered once nothing is claimed."""
    store = Store()
    store.problem = Unavailable()
    bucket = Bucket(store, HandClock(), every_seconds=0.01, limit_bytes=0)
    await bucket.start()
    await asyncio.sleep(0.05)
    assert bucket.gauges() == {}
    store.problem = None
    await asyncio.sleep(0.1)
    store.problem = Unavailable()
    await asyncio.sleep(0.05)
    assert bucket.gauges()["objects_stored"] == 4
    assert not [name for name in bucket.gauges() if name.endswith(("_count", "_sum", "_total"))], (
        "promtool refuses it"
    )
    await bucket.close()
