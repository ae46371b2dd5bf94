"""The deadline layer: total time, shedding, hang-ups, streams, slow bodies."""

import asyncio
import contextlib

import pytest

from autograph.core import deadline
from autograph.core.deadline import TimedOut
from autograph.core.problem import NotFound
from autograph.gateway.layers.deadline import (
    BodyTimeout,
    DeadlineLayer,
    gateway_limit,
    service_limit,
)

pytestmark = pytest.mark.feature("gateway.timeout")

START = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b"end"}
WHOLE = {"type": "http.request", "body": b"", "more_body": False}


class Client:
    """The other side: sends what it is told, and hangs up when told."""

    def __init__(self, *messages, path="/api/diagrams", **headers):
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "state": {},
            "headers": [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()],
        }
        self.messages = list(messages or [WHOLE])
        self.left = asyncio.Event()
        self.answered = []

    async def receive(self):
        if self.messages:
            return self.messages.pop(0)
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.answered.append(message)

    async def ask(self, app, timeout=0.1, idle=1.0, watch_after=0.02, limit_of=None):
        layer = DeadlineLayer(
            app,
            limit_of=limit_of or gateway_limit(timeout),
            idle_seconds=idle,
            watch_after_seconds=watch_after,
        )
        async with asyncio.timeout(5):
            await layer(self.scope, self.receive, self.send)


def sleeper(seconds, log=None):
    """An app that answers after `seconds` and notes whether it was cancelled."""

    async def app(_scope, _receive, send):
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            if log is not None:
                log.append("cancelled")
            raise
        await send(START)
        await send(END)

    return app


async def test_a_quick_answer_passes():
    """Within its time nothing is touched and nothing is left running."""
    client = Client()
    await client.ask(sleeper(0))

    assert client.answered == [START, END]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_past_its_time_the_work_is_cancelled():
    """The client gets the timeout problem and the app sees the cancellation."""
    log = []
    with pytest.raises(TimedOut):
        await Client().ask(sleeper(9, log))

    assert log == ["cancelled"]
    assert asyncio.current_task().cancelling() == 0


async def test_a_cancellation_from_outside_stays_one():
    """Whoever cancels the request's task gets a cancelled task, not a problem."""
    asking = asyncio.ensure_future(Client().ask(sleeper(9), timeout=9))
    await asyncio.sleep(0.05)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_cancellation_from_outside_wins_over_a_timeout():
    """When a stop of the program reaches a request that is being cleaned up, the request ends as cancelled."""

    async def app(_scope, _receive, _send):
        try:
            await asyncio.sleep(9)
        finally:
            await asyncio.sleep(9)

    asking = asyncio.ensure_future(Client().ask(app, timeout=0.02))
    await asyncio.sleep(0.1)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_an_app_that_swallows_the_cancellation_is_late_all_the_same():
    """Going on quietly without an answer is a timeout too, and the task is clean afterwards."""

    async def app(_scope, _receive, _send):
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            pass

    with pytest.raises(TimedOut):
        await Client().ask(app)
    assert asyncio.current_task().cancelling() == 0


@pytest.mark.parametrize(
    ("prefer", "is_late"),
    [("wait=1", True), ('respond-async, Wait="1"; x', True), ("wait=999", False), ("wait=soon", False)],
)
async def test_a_client_may_ask_for_less_never_for_more(prefer, is_late, monkeypatch):
    """`Prefer: wait` shortens the time, marks it as the client's own wish, and cannot lengthen it."""
    limit = gateway_limit(2.0)(Client(prefer=prefer).scope)

    assert limit.is_short == is_late
    assert limit.remaining_seconds() == pytest.approx(1 if is_late else 2, abs=0.1)


async def test_what_is_expired_is_not_started():
    """No time left: the app is never called."""
    started = []

    async def app(*_):
        started.append(1)

    with pytest.raises(TimedOut):
        await Client(prefer="wait=0").ask(app)
    with pytest.raises(TimedOut):
        await Client(x_autograph_deadline_ms="0").ask(app, limit_of=service_limit)
    assert not started


async def test_a_service_takes_over_what_remains():
    """The header's milliseconds become the deadline; without the header, or with nonsense, there is none."""
    seen = []

    async def app(_scope, _receive, send):
        seen.append(deadline.remaining_seconds())
        await send(START)
        await send(END)

    for value in ("5000", "soon"):
        await Client(x_autograph_deadline_ms=value).ask(app, limit_of=service_limit)
    await Client().ask(app, limit_of=service_limit)

    assert seen[0] == pytest.approx(5, abs=0.2)
    assert seen[1:] == [None, None]


async def test_a_route_may_have_its_own_time():
    """Uploads of archives have longer than the rest."""
    limit_of = gateway_limit(30)

    assert limit_of(Client(path="/api/analysis/jobs/upload").scope).remaining_seconds() > 300
    assert limit_of(Client(path="/api/analysis/jobs").scope).remaining_seconds() <= 30


async def test_a_client_that_leaves_cancels_the_work():
    """The hang-up is noticed while the app is busy; nobody is answered, and the log can tell."""
    log, client = [], Client()
    asyncio.get_running_loop().call_later(0.05, client.left.set)
    await client.ask(sleeper(9, log), timeout=9)

    assert log == ["cancelled"]
    assert not client.answered
    assert client.scope["state"]["client_gone"]


async def test_a_client_that_leaves_ends_its_stream():
    """A stream whose listener is gone is not produced any further."""
    client = Client()

    async def app(_scope, _receive, send):
        await send(START)
        while True:
            await asyncio.sleep(0.01)
            await send({**END, "more_body": True})

    asyncio.get_running_loop().call_later(0.1, client.left.set)
    await client.ask(app)

    assert len(client.answered) < 30


async def test_a_hang_up_that_the_app_hears_itself_is_no_fault():
    """An app that listens and raises because its client left does not become an error of ours."""
    client = Client()

    async def app(_scope, receive, _send):
        await receive()
        if (await receive())["type"] == "http.disconnect":
            raise ConnectionResetError

    asyncio.get_running_loop().call_later(0.05, client.left.set)
    await client.ask(app, timeout=9)

    assert client.scope["state"]["client_gone"]


async def test_a_stream_outlives_the_total():
    """Once the answer has begun only standing still counts, and the deadline is lifted for what it calls."""
    client, seen = Client(), []

    async def app(_scope, _receive, send):
        await send(START)
        for _ in range(10):
            await asyncio.sleep(0.03)
            seen.append(deadline.remaining_seconds())
            await send({**END, "more_body": True})
        await send(END)

    await client.ask(app, timeout=0.1, idle=2)

    assert len(client.answered) == 12
    assert set(seen) == {None}


async def test_a_stream_that_stands_still_is_cut_off():
    """Nothing for longer than the idle limit: the connection is broken off, so that the client can tell."""
    client = Client()

    async def app(_scope, _receive, send):
        await send(START)
        await asyncio.sleep(9)

    with pytest.raises(TimedOut, match="stood still"):
        await client.ask(app, idle=0.1)
    assert client.answered == [START]


async def test_a_slow_reader_is_not_a_stream_that_stands_still():
    """While the client takes its time to read, the service is not to blame."""
    client = Client()

    async def slow(message):
        await asyncio.sleep(0.3)
        client.answered.append(message)

    client.send = slow
    await client.ask(sleeper(0), idle=0.1)

    assert client.answered == [START, END]


async def test_a_body_that_drips_gets_its_own_problem():
    """The client was too slow, not the service: 408, and the connection is closed."""
    client = Client({"type": "http.request", "body": b"a", "more_body": True}, content_length="10")

    async def app(_scope, receive, _send):
        while (await receive()).get("more_body"):
            pass

    with pytest.raises(BodyTimeout) as caught:
        await client.ask(app)
    assert caught.value.headers == {"connection": "close"}


async def test_watching_loses_no_byte_of_the_body():
    """An app that begins to read late gets every piece in order, and still hears the hang-up."""
    pieces = [{"type": "http.request", "body": bytes([n]), "more_body": n < 3} for n in range(1, 4)]
    client, heard = Client(*pieces), []

    async def app(_scope, receive, _send):
        await asyncio.sleep(0.08)
        for _ in range(3):
            heard.append((await receive())["body"])
            await asyncio.sleep(0.02)
        heard.append((await receive())["type"])

    asyncio.get_running_loop().call_later(0.3, client.left.set)
    await client.ask(app, timeout=9)

    assert heard == [b"\1", b"\2", b"\3"] or heard == [b"\1", b"\2", b"\3", "http.disconnect"]
    assert client.scope["state"]["client_gone"]


async def test_work_after_the_answer_is_not_limited():
    """A background task that follows the last byte is neither late nor idle nor abandoned."""
    client, done = Client(), []

    async def app(_scope, _receive, send):
        await send(START)
        await send(END)
        client.left.set()
        await asyncio.sleep(0.2)
        done.append(1)

    await client.ask(app, timeout=0.05, idle=0.05)

    assert done == [1]


@pytest.mark.parametrize("answers", [True, False])
async def test_work_left_running_keeps_no_deadline(answers):
    """A task that a request started has its limit while the request lasts, and none afterwards."""
    seen, tasks = [], []

    async def left_running():
        seen.append(deadline.remaining_seconds())
        await asyncio.sleep(0.15)
        seen.append(deadline.remaining_seconds())

    async def app(_scope, _receive, send):
        tasks.append(asyncio.ensure_future(left_running()))
        await asyncio.sleep(0)
        if not answers:
            raise NotFound
        await send(START)
        await send(END)

    with contextlib.suppress(NotFound):
        await Client().ask(app)
    await asyncio.gather(*tasks)

    assert seen[0] is not None
    assert seen[1] is None
