"""Tests of what lasts: it ends when it may not go on, and only then."""

import asyncio

import pytest

from autograph.core.problem import Unauthenticated, Unavailable
from autograph.gateway.layers import identity
from autograph.gateway.layers.lasting import POLICY, while_allowed

pytestmark = pytest.mark.feature("gateway.auth")

STREAM = [(b"content-type", b"text/event-stream; charset=utf-8")]


class Endless:
    """Speaks forever; remembers that it was ended."""

    def __init__(self, headers=STREAM, *, pieces=10_000):
        self.headers, self.pieces, self.is_ended = headers, pieces, False

    async def __call__(self, scope, _receive, send):
        try:
            if scope["type"] == "websocket":
                await send({"type": "websocket.accept"})
            else:
                await send({"type": "http.response.start", "status": 200, "headers": self.headers})
            for _ in range(self.pieces):
                await asyncio.sleep(0.005)
                if scope["type"] == "http":
                    await send({"type": "http.response.body", "body": b"x", "more_body": True})
        except asyncio.CancelledError:
            self.is_ended = True
            raise
        await send({"type": "http.response.body", "body": b""})


async def served(app, kind="http", *, allowed=lambda: True):
    """Every message that a client got."""
    sent = []

    async def send(message):
        sent.append(message)

    async def answer():
        return allowed()

    async with asyncio.timeout(3):
        await while_allowed(app, {"type": kind}, None, send, allowed=answer, every_seconds=0.02)
    return sent


def changing(answers):
    """Says one thing after the other, the last again and again."""
    left = list(answers)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


async def test_a_stream_ends_properly_when_it_may_not_go_on():
    """Its service is stopped, its client gets a whole answer, and whoever serves next is not cancelled."""
    app = Endless()
    sent = await served(app, allowed=changing([True, True, False]))
    assert app.is_ended
    assert sent[-1] == {"type": "http.response.body", "body": b""}
    assert 2 < len(sent) < 100
    await asyncio.sleep(0)


async def test_an_open_socket_is_closed():
    """With the code for what one may not do."""
    sent = await served(Endless(), "websocket", allowed=changing([True, False]))
    assert sent[-1]["type"] == "websocket.close"
    assert sent[-1]["code"] == POLICY


async def test_what_does_not_last_is_not_asked_about():
    """An answer with an end costs no question, however long it takes."""
    asked = []
    app = Endless([(b"content-type", b"application/json")], pieces=30)
    sent = await served(app, allowed=lambda: asked.append(1) or False)
    assert (asked, app.is_ended, len(sent)) == ([], False, 32)


async def test_whoever_is_cancelled_from_outside_is_cancelled():
    """A stop of the server is not taken for a lost right."""
    app = Endless()
    task = asyncio.create_task(served(app))
    await asyncio.sleep(0.03)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert app.is_ended


@pytest.mark.parametrize(
    ("change", "goes_on"),
    [
        (lambda auth: None, True),
        (lambda auth: setattr(auth, "problem", Unavailable()), True),
        (lambda auth: setattr(auth, "problem", Unauthenticated()), False),
        (lambda auth: setattr(auth, "permissions", frozenset()), False),
    ],
    ids=["the same", "auth is away", "signed out", "lost a role"],
)
async def test_who_may_listen_is_asked_again(monkeypatch, change, goes_on):
    """A stream ends with the session, the account or the role that opened it, and outlives a restart of auth."""
    from tests.unit.gateway.layers.test_identity import BEARER, Auth, Caller

    from autograph.clients.auth import Identified
    from autograph.model.principal import Principal

    class Rights(Auth):
        permissions = frozenset({"operations.read"})

        async def __call__(self, credential):
            found = await super().__call__(credential)
            principal = Principal(user_id="u", email="a@example.org", permissions=self.permissions)
            return Identified(assertion=found.assertion, expires_in=60, principal=principal)

    monkeypatch.setattr(identity, "ASKED_AGAIN_SECONDS", 0.02)
    monkeypatch.setattr(identity, "TRUSTED_SECONDS", 0.01)
    auth, app = Rights(), Endless(pieces=60)
    layer = identity.Identity(
        app, identify=auth, cookie_name="autograph", public_url="https://ag.example.org"
    )
    asking = asyncio.create_task(Caller(layer, BEARER)("GET", "/api/ops/stream"))
    await asyncio.sleep(0.05)
    change(auth)
    await asyncio.wait_for(asking, 3)
    assert app.is_ended is not goes_on
