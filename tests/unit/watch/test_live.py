"""Tests of the live figures: made once for all, for as long as somebody listens."""

import asyncio
import contextlib

import pytest

from autograph.core.problem import Unavailable
from autograph.watch import live
from autograph.watch.live import AWAY, Live

pytestmark = pytest.mark.feature("observability.metrics")


class Figures:
    """Counts how often it was asked."""

    def __init__(self):
        self.made, self.problem = 0, None

    async def __call__(self):
        self.made += 1
        if self.problem is not None:
            raise self.problem
        return f"event {self.made}"


async def heard(told, count):
    """The next events of one listener."""
    async with contextlib.aclosing(told.listen()) as events:
        return [await anext(events) for _ in range(count)]


async def test_many_listeners_share_one_reading():
    """Fifty who watch cost as much as one; who comes later hears the newest at once; with nobody it stops."""
    figures = Figures()
    told = Live(figures, 0.05)
    found = await asyncio.gather(*(heard(told, 3) for _ in range(50)))
    assert found == [["event 1", "event 2", "event 3"]] * 50
    assert figures.made == 3
    await asyncio.sleep(0.2)
    assert figures.made == 3

    async with contextlib.aclosing(told.listen()) as first:
        assert await anext(first) == "event 4"
        assert await asyncio.wait_for(heard(told, 1), 0.04) == ["event 4"]


@pytest.mark.parametrize("problem", [Unavailable(), RuntimeError("a fault of ours")])
async def test_the_connection_lives_while_the_figures_cannot_be_read(problem):
    """A sign of life goes out in their place; when they are back they go on."""
    figures = Figures()
    figures.problem = problem
    told = Live(figures, 0.02)
    async with contextlib.aclosing(told.listen()) as events:
        assert [await anext(events), await anext(events)] == [AWAY, AWAY]
        figures.problem = None
        async with asyncio.timeout(1):
            while (await anext(events)) == AWAY:
                pass


async def test_listeners_are_bounded(monkeypatch):
    """One too many is refused with when to come back; there is room again when one has left."""
    monkeypatch.setattr(live, "MOST_LISTENERS", 1)
    told = Live(Figures(), 1)
    async with contextlib.aclosing(told.listen()) as events:
        await anext(events)
        with pytest.raises(Unavailable) as refused:
            told.check()
        assert refused.value.headers["retry-after"] == "60"
    told.check()
