"""What the breaker makes of each ending of a call."""

import asyncio

import pytest
from tests.clock import HandClock

from autograph.clients.transport import Reply
from autograph.core import deadline
from autograph.core.deadline import Deadline, TimedOut
from autograph.core.problem import NotFound, Unavailable
from autograph.gateway.upstreams.breaker import Breaker, Breakers, BreakerSettings, CircuitOpen
from autograph.gateway.upstreams.guard import BreakerLayer, GuardedTransport

pytestmark = pytest.mark.feature("gateway.breaker")

ONCE = BreakerSettings(failures=1, successes=1)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def breakers(clock):
    return Breakers(ONCE, clock)


def answering(status, kind=b"application/json"):
    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": b""})

    return app


def raising(error):
    async def app(_scope, _receive, _send):
        raise error

    return app


async def call(app, breakers, path="/api/diagrams", method="GET", service="diagrams"):
    async def nothing(*_):
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    await BreakerLayer(app, service=service, breakers=breakers)(scope, nothing, nothing)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, "closed"),
        (404, "closed"),
        (429, "closed"),
        (501, "closed"),
        (507, "closed"),
        (500, "open"),
        (503, "open"),
    ],
)
async def test_answers_count_by_their_status(breakers, status, state):
    """5xx counts, but for 501 and 507; what the client did wrong never does."""
    await call(answering(status), breakers)

    assert breakers.named("diagrams").state == state


@pytest.mark.parametrize(
    ("error", "state"),
    [(NotFound(), "closed"), (Unavailable(), "open"), (TimedOut(), "open"), (ValueError(), "open")],
)
async def test_raised_problems_count_like_answers(breakers, error, state):
    """A problem counts by its status, any other exception as a failure."""
    with pytest.raises(type(error)):
        await call(raising(error), breakers)

    assert breakers.named("diagrams").state == state


async def test_an_answer_that_breaks_off_is_a_failure(breakers):
    """A good status is worth nothing when the body never ends."""

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise NotFound

    with pytest.raises(NotFound):
        await call(app, breakers)
    assert breakers.named("diagrams").state == "open"


@pytest.mark.parametrize(
    ("ending", "is_short", "state"),
    [
        ("late", False, "open"),
        ("idle", False, "open"),
        ("late", True, "closed"),
        ("gone", False, "closed"),
        ("unsent", False, "closed"),
        ("", False, "closed"),
    ],
)
async def test_a_cancelled_call_counts_only_when_the_service_had_its_time(breakers, ending, is_short, state):
    """Client hang-ups, dripping bodies and clients in a hurry never open anything; real timeouts do."""
    limit = Deadline(10, is_short=is_short)
    limit.ending = ending
    token = deadline.current.set(limit)
    try:
        with pytest.raises(asyncio.CancelledError):
            await call(raising(asyncio.CancelledError()), breakers)
    finally:
        deadline.current.reset(token)

    assert breakers.named("diagrams").state == state


async def test_an_open_breaker_never_calls_the_service(breakers):
    """Cut off means cut off."""
    await call(answering(500), breakers)
    called = []

    async def app(*_):
        called.append(1)

    with pytest.raises(CircuitOpen):
        await call(app, breakers)
    assert not called


async def test_a_failing_public_path_shuts_nobody_else_out(breakers):
    """Sign-in may fail for the whole world: who is signed in goes on working."""
    await call(answering(500), breakers, "/api/auth/login", "POST", "auth")
    with pytest.raises(CircuitOpen):
        await call(answering(200), breakers, "/api/auth/login", "POST", "auth")
    await call(answering(200), breakers, "/api/auth/me", service="auth")

    assert breakers.named("auth").state == "closed"


async def test_a_diagnostic_that_fails_on_purpose_leaves_operations_open(breakers):
    """Trying errors again and again does not cut off the page that shows them."""
    await call(answering(500), breakers, "/test/error", service="watch")
    with pytest.raises(CircuitOpen):
        await call(answering(200), breakers, "/test/cpu", service="watch")
    await call(answering(200), breakers, "/api/ops/overview", service="watch")

    assert breakers.named("watch").state == "closed"


async def test_an_event_stream_is_a_good_probe_at_its_first_byte(breakers, clock):
    """A stream that goes on for hours does not keep the breaker half open for hours."""
    await call(answering(500), breakers)
    clock.wind(seconds=30)
    states = []

    async def app(_scope, _receive, send):
        await answering(200, b"text/event-stream; charset=utf-8")(_scope, _receive, send)
        states.append(breakers.named("diagrams").state)

    await call(app, breakers)

    assert states == ["closed"]


async def test_the_gateways_own_questions_are_guarded_too(clock):
    """A transport behind a breaker is refused while open, and hears about failures itself."""
    breaker = Breaker("auth:identity", ONCE, clock)
    replies = [NotFound(), Unavailable(), Reply(200, {}, b"")]

    class Scripted:
        async def request(self, *_args, **_kwargs):
            reply = replies.pop(0)
            if isinstance(reply, Exception):
                raise reply
            return reply

    guarded = GuardedTransport(Scripted(), breaker)
    for expected in (NotFound, Unavailable, CircuitOpen, CircuitOpen):
        with pytest.raises(expected):
            await guarded.request("GET", "/", headers={})
    clock.wind(seconds=30)

    assert (await guarded.request("GET", "/", headers={})).status == 200
    assert breaker.state == "closed"
