"""The in-flight limit: how it moves, and who is turned away first."""

import asyncio
import itertools

import pytest

from autograph.core import deadline
from autograph.core.deadline import Deadline
from autograph.gateway.layers.overload import AdaptiveLimit, Overload, Overloaded, OverloadSettings

_TIMES = itertools.count(0, 0.02)
BOUNDS = OverloadSettings(start=100, least=10, most=400)


def measure(limit, seconds, *, windows=1, in_progress=100, row="/api/diagrams", is_full=False):
    """Feed whole windows of calls that took `seconds`."""
    for _ in range(windows):
        if is_full:
            limit.turned_away()
        for _ in range(50):
            limit.measured(row, seconds, in_progress, next(_TIMES))


def test_it_grows_while_calls_are_as_quick_as_usual():
    """Full and quick: more is allowed, up to the bound."""
    limit = AdaptiveLimit(BOUNDS)
    measure(limit, 0.01, windows=5)
    assert limit.limit > 105
    measure(limit, 0.01, windows=500, in_progress=400)

    assert limit.limit == 400


def test_it_shrinks_when_calls_take_much_longer_and_recovers():
    """Ten times as long: down to the bound, no further. As quick as before: up again."""
    limit = AdaptiveLimit(BOUNDS)
    measure(limit, 0.01, windows=5)
    measure(limit, 0.1, windows=400, is_full=True)
    assert limit.limit < 40
    low = limit.limit
    measure(limit, 0.01, windows=40)

    assert limit.limit > low


def test_slower_within_the_tolerance_changes_nothing():
    """Up to twice as long is no overload."""
    limit = AdaptiveLimit(BOUNDS)
    measure(limit, 0.01, windows=5)
    before = limit.limit
    measure(limit, 0.019, windows=5)

    assert limit.limit >= before


def test_a_quiet_gateway_learns_nothing_about_its_limit():
    """A handful of quick calls is no proof that hundreds at a time are fine."""
    limit = AdaptiveLimit(BOUNDS)
    measure(limit, 0.01, windows=50, in_progress=3)

    assert limit.limit == 100


def test_a_burst_of_drawings_is_not_taken_for_slowness():
    """Each row is compared with itself: slow kinds of calls shrink nothing by being asked more often."""
    limit = AdaptiveLimit(BOUNDS)
    for _ in range(5):
        measure(limit, 0.01)
        measure(limit, 1.0, row="/api/export")
    before = limit.limit
    measure(limit, 1.0, row="/api/export", windows=10)

    assert limit.limit >= before


def test_what_became_slower_for_good_is_the_new_usual():
    """A database that is slower from now on does not keep the limit low when nobody is turned away."""
    limit = AdaptiveLimit(BOUNDS)
    measure(limit, 0.01, windows=5)
    measure(limit, 0.05, windows=20)
    low = limit.limit
    measure(limit, 0.05, windows=400, in_progress=8)
    measure(limit, 0.05, windows=20, in_progress=8)
    measure(limit, 0.05, windows=20, in_progress=int(limit.limit * 0.7))

    assert limit.limit > low


class Door:
    """A gateway's overload layer in front of calls that wait until they are let go."""

    def __init__(self, **settings):
        self.go = asyncio.Event()
        self.layer = Overload(self.app, settings=OverloadSettings(**settings))
        self.calls = []

    async def app(self, scope, _receive, send):
        if scope["path"] == "/api/analysis/jobs/1/events":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.go.wait()
        await send({"type": "http.response.body", "body": b""})

    async def ask(self, path, count=1):
        """Begin `count` calls; return how many were let in."""

        async def send(_message):
            pass

        begun = []
        for _ in range(count):
            scope = {"type": "http", "method": "POST", "path": path, "headers": []}
            begun.append(asyncio.ensure_future(self.layer(scope, None, send)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        refused = [call for call in begun if call.done()]
        for call in refused:
            error = call.exception()
            assert isinstance(error, Overloaded)
            assert (error.status, error.slug) == (503, "overloaded")
            assert int(error.headers["retry-after"]) >= 1
        self.calls += begun
        return len(begun) - len(refused)

    async def let_go(self):
        self.go.set()
        await asyncio.gather(*self.calls, return_exceptions=True)
        assert self.layer.in_progress == 0


@pytest.mark.parametrize("live_first", [True, False])
async def test_batches_yield_to_people_and_people_to_those_who_sign_in(live_first):
    """Of a limit of 100: drawings get 60, people 90, and signing in the last ten. Health is always answered."""
    door = Door(start=100)
    if live_first:
        assert await door.ask("/api/diagrams", 60) == 60
        assert await door.ask("/api/auth/me", 200) == 30
        assert await door.ask("/api/export/1", 5) == 0
    else:
        assert await door.ask("/api/export/1", 200) == 60
        assert await door.ask("/api/diagrams", 200) == 30
    assert await door.ask("/api/auth/login", 200) == 10
    assert await door.ask("/health", 50) == 50
    assert await door.ask("/livez", 50) == 50
    await door.let_go()


@pytest.mark.parametrize("path", ["/api/diagrams", "/api/auth/login", "/assets/x.js"])
async def test_one_service_that_hangs_leaves_room_for_the_others(path):
    """Of a limit of 100 one service gets 70, and so do all who sign in: the rest of the house goes on."""
    door = Door(start=100)

    assert await door.ask(path, 200) == 70
    assert await door.ask("/api/auth/me", 20) == 20
    assert await door.ask("/health") == 1
    await door.let_go()
    assert set(door.layer.of_service.values()) == {0}


async def test_streams_take_room_only_until_they_begin():
    """Open event streams keep nobody out."""
    door = Door(start=10, least=10)

    for _ in range(3):
        assert await door.ask("/api/analysis/jobs/1/events", 7) == 7
    assert await door.ask("/api/diagrams", 20) == 7
    await door.let_go()


async def test_a_socket_is_none_of_its_business():
    """WebSockets pass."""
    passed = []

    async def app(*_):
        passed.append(1)

    await Overload(app, settings=OverloadSettings())({"type": "websocket", "path": "/x"}, None, None)

    assert passed


async def test_calls_that_never_answer_count_as_slow():
    """A call that was given up when its time was over is measured with that time."""
    layer = Overload(lambda *_: asyncio.sleep(0), settings=OverloadSettings())
    limit = Deadline(1)
    limit.ending = "late"
    deadline.current.set(limit)
    measured = []
    layer.adaptive.measured = lambda *arguments: measured.append(arguments)

    await layer({"type": "http", "method": "GET", "path": "/api/diagrams", "headers": []}, None, None)

    assert measured[0][0] == "/api/diagrams"
