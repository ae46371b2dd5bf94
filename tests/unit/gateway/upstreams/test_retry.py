"""Which calls are made again, how often, after which pause, and which never."""

import asyncio

import aiohttp
import pytest

from autograph.core import deadline
from autograph.core.deadline import Deadline
from autograph.core.problem import Conflict, Problem, Unavailable
from autograph.gateway.forward import BadGateway
from autograph.gateway.upstreams.breaker import CircuitOpen
from autograph.gateway.upstreams.retry import RetryLayer, RetrySettings

pytestmark = pytest.mark.feature("gateway.retry")


class Upstream:
    """Plays one outcome a call: a status, (status, headers) or an exception; notes what arrived."""

    def __init__(self, *outcomes, reads_body=True):
        self.outcomes = list(outcomes)
        self.bodies = []
        self.reads_body = reads_body

    async def __call__(self, scope, receive, send):
        body = b""
        while self.reads_body:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.bodies.append(body)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        status, headers = outcome if isinstance(outcome, tuple) else (outcome, {})
        raw = [(n.encode(), v.encode()) for n, v in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"one ", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})

    @property
    def calls(self):
        return len(self.bodies)


class Caller:
    """Makes calls through a retry layer and keeps the pauses instead of waiting."""

    def __init__(self, upstream, jitter=0.5, **settings):
        self.pauses = []

        async def sleep(seconds):
            self.pauses.append(seconds)

        self.layer = RetryLayer(
            upstream,
            service="diagrams",
            settings=RetrySettings(**settings),
            jitter=lambda: jitter,
            sleep=sleep,
        )

    async def __call__(self, method="GET", *pieces, **headers):
        pieces = list(pieces or [b""])
        raw = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
        answered = []

        async def receive():
            body = pieces.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(pieces)}

        async def send(message):
            answered.append(message)

        scope = {"type": "http", "method": method, "path": "/", "headers": raw}
        await self.layer(scope, receive, send)
        assert self.layer.active == self.layer.repeating == 0
        assert [m["type"] for m in answered].count("http.response.start") == 1
        return answered[0]["status"], b"".join(m.get("body", b"") for m in answered)


def refused():
    """What forwarding raises when nothing listens: no byte has left."""
    problem = Unavailable("not running")
    key = aiohttp.client_reqrep.ConnectionKey("h", 1, False, True, None, None, None)
    problem.__cause__ = aiohttp.ClientConnectorError(key, OSError())
    return problem


@pytest.mark.parametrize("failure", [502, 503, 504, BadGateway(), Unavailable(), refused()])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_safe_call_that_failed_is_made_again(failure, method):
    """The client sees the second attempt's answer alone, and the service the same body twice."""
    upstream = Upstream(failure, 200)
    caller = Caller(upstream)

    assert await caller(method, b"a", b"b") == (200, b"one two")
    assert upstream.bodies == [b"ab", b"ab"]
    assert caller.pauses == [0.5]


@pytest.mark.parametrize("status", [200, 304, 400, 401, 404, 409, 412, 422, 425, 429, 500, 501])
async def test_other_answers_are_final(status):
    """Refusals, conflicts and bugs do not get better by asking again."""
    caller = Caller(Upstream(status))

    assert (await caller())[0] == status
    assert not caller.pauses


@pytest.mark.parametrize("problem", [Conflict(), CircuitOpen(), ValueError()])
async def test_other_problems_are_final(problem):
    """A conflict, an open breaker and a bug go straight to the client."""
    caller = Caller(Upstream(problem))

    with pytest.raises(type(problem)):
        await caller()
    assert not caller.pauses


async def test_three_attempts_with_growing_pauses():
    """Pauses are a random part of one second, then of two; the last failure is the answer."""
    upstream = Upstream(503, Unavailable(), 502)
    caller = Caller(upstream, jitter=0.25)

    assert await caller() == (502, b"one two")
    assert upstream.calls == 3
    assert caller.pauses == [0.25, 0.5]


async def test_the_last_problem_is_raised():
    """When every attempt raised, so does the call."""
    caller = Caller(Upstream(Unavailable(), Unavailable(), BadGateway()))

    with pytest.raises(BadGateway):
        await caller()


@pytest.mark.parametrize("failure", [502, 503, (503, {"retry-after": "1"}), 504, BadGateway()])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_post_that_may_have_done_something_is_never_repeated(failure, method):
    """Without a key no answer of any kind leads to a second POST."""
    upstream = Upstream(failure)
    try:
        await Caller(upstream)(method, b"body")
    except Problem:
        pass

    assert upstream.calls == 1


async def test_a_post_that_never_left_is_made_again():
    """Nothing listened, so nothing was sent."""
    upstream = Upstream(refused(), 201, reads_body=False)

    assert (await Caller(upstream)("POST", b"body"))[0] == 201
    assert upstream.calls == 2


@pytest.mark.parametrize(
    ("failure", "calls"),
    [((503, {"retry-after": "2"}), 2), (503, 1), (502, 1), (504, 1), (BadGateway(), 1)],
)
async def test_a_post_with_a_key_is_repeated_only_when_it_was_turned_away(failure, calls):
    """503 with Retry-After says that nothing was done; a broken connection says nothing."""
    upstream = Upstream(failure, 201)
    try:
        await Caller(upstream)("POST", b"body", idempotency_key='"k"')
    except Problem:
        pass

    assert upstream.calls == calls


async def test_a_large_body_is_not_kept():
    """Beyond the limit a call is not made again, and nothing of its body stays in memory."""
    upstream = Upstream(503)
    caller = Caller(upstream, largest_body_bytes=10)

    assert (await caller("PUT", b"x" * 6, b"y" * 6))[0] == 503
    assert upstream.bodies == [b"x" * 6 + b"y" * 6]


async def test_what_was_not_read_the_first_time_is_read_the_second():
    """A service that fails before reading everything leaves nothing out for the next attempt."""

    class Impatient(Upstream):
        async def __call__(self, scope, receive, send):
            if not self.calls:
                self.bodies.append((await receive())["body"])
                raise Unavailable
            await super().__call__(scope, receive, send)

    upstream = Impatient(200)

    assert (await Caller(upstream)("PUT", b"a", b"b", b"c"))[0] == 200
    assert upstream.bodies == [b"a", b"abc"]


async def test_retry_after_is_honoured_when_it_fits():
    """The service's own wish is the shortest pause; a wish beyond the longest pause is a final answer."""
    caller = Caller(Upstream((503, {"retry-after": "4"}), 200))
    await caller()
    assert caller.pauses == [4]

    caller = Caller(Upstream((503, {"retry-after": "11"})))
    assert (await caller())[0] == 503


async def test_no_attempt_is_planned_beyond_the_deadline():
    """When the pause does not fit into what remains, the failure is the answer, at once."""
    token = deadline.current.set(Deadline(0.4))
    try:
        assert (await Caller(Upstream(503), jitter=0.5)())[0] == 503
        assert (await Caller(Upstream(503, 200), jitter=0.1)())[0] == 200
    finally:
        deadline.current.reset(token)


async def test_an_answer_that_has_begun_is_not_repeated():
    """Bytes that the client has cannot be taken back."""
    calls = []

    async def app(_scope, _receive, send):
        calls.append(1)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise BadGateway

    with pytest.raises(BadGateway):
        await Caller(app)()
    assert len(calls) == 1


@pytest.mark.parametrize(("active", "repeated"), [(40, range(6, 9)), (5, range(3, 4))])
async def test_repeated_calls_have_a_budget(active, repeated):
    """Of many calls in progress that all fail a fifth is repeated; of few, three are."""
    gate, calls = asyncio.Event(), []

    async def app(_scope, _receive, _send):
        calls.append(1)
        await gate.wait()
        raise Unavailable

    async def sleep(_seconds):
        await asyncio.sleep(0.02)

    layer = RetryLayer(app, service="s", settings=RetrySettings(attempts=2), sleep=sleep)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asked = [asyncio.ensure_future(layer(scope, None, None)) for _ in range(active)]
    await asyncio.sleep(0)
    gate.set()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)

    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    assert len(calls) - active in repeated
    assert layer.active == layer.repeating == 0


async def test_one_attempt_switches_it_off():
    """`attempts=1` passes every failure on."""
    assert (await Caller(Upstream(503), attempts=1)())[0] == 503
