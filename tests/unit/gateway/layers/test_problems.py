"""The problems layer on WebSockets: refused handshakes are answered, open sockets closed with a code."""

import pytest

from autograph.core.problem import Forbidden, NotFound, Problem, Unauthenticated, Unavailable
from autograph.gateway.layers.problems import Problems

pytestmark = pytest.mark.feature("gateway.routing")


async def ended(fault, *, is_open=False, extensions=None):
    sent = []

    async def app(_scope, _receive, send):
        if is_open:
            await send({"type": "websocket.accept"})
        raise fault

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": "/api/collab/1", "headers": [], "extensions": extensions or {}}
    await Problems(app)(scope, None, send)
    return sent


@pytest.mark.parametrize("kind", [Unauthenticated, Forbidden, NotFound])
async def test_refused_handshake(kind):
    """A handshake that is refused gets the problem itself, like any request."""
    started, body = await ended(kind(), extensions={"websocket.http.response": {}})
    assert started["type"] == "websocket.http.response.start"
    assert started["status"] == kind.status
    assert (b"content-type", b"application/problem+json") in started["headers"]
    assert kind.slug.encode() in body["body"]


async def test_server_that_cannot_answer_handshakes():
    """Where the server cannot do that, closing before acceptance makes it answer 403."""
    (message,) = await ended(Unauthenticated())
    assert (message["type"], message["code"]) == ("websocket.close", 1008)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Unauthenticated(), 1008),
        (Forbidden(), 1008),
        (Unavailable(), 1013),
        (Problem(), 1011),
        (ValueError(), 1011),
    ],
)
async def test_open_socket(fault, code):
    """An open socket is closed with a code that says whose fault it is, and without inner details."""
    _, message = await ended(fault, is_open=True, extensions={"websocket.http.response": {}})
    assert (message["type"], message["code"]) == ("websocket.close", code)
