"""Tests of who may read the metrics."""

import pytest
from pydantic import SecretStr

from autograph.core.problem import MethodNotAllowed, Unauthenticated
from autograph.gateway.metrics import Metrics, MetricsSettings


async def ask(
    *, token="", shown="", client="127.0.0.1", is_open=True, forwarded="", method="GET", apart=False
):
    """Ask for the page; return the status and the body."""
    headers = [(b"authorization", f"Bearer {shown}".encode())] if shown else []
    state = {"client": client, "is_forwarded": bool(forwarded)}
    scope = {"type": "http", "method": method, "path": "/metrics", "headers": headers, "state": state}
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    door = Metrics(
        lambda _accept: (b"up 1\n", "text/plain"),
        MetricsSettings(token=SecretStr(token)),
        is_open=is_open,
        is_apart=apart,
    )
    await door(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    "shown",
    [
        {"client": "127.0.0.1"},
        {"client": "::1"},
        {"token": "t" * 20, "shown": "t" * 20, "client": "192.0.2.1", "is_open": False},
        {"apart": True, "client": "192.0.2.1", "is_open": False},
    ],
)
async def test_whoever_may_reads(shown):
    """This machine itself while developing, whoever reaches the port apart, and whoever shows the token anywhere."""
    assert await ask(**shown) == (200, b"up 1\n")


@pytest.mark.parametrize(
    "shown",
    [
        {"client": "192.0.2.1"},
        {"client": "127.0.0.1", "is_open": False},
        {"client": "127.0.0.1", "forwarded": "192.0.2.1"},
        {"token": "t" * 20, "client": "127.0.0.1"},
        {"token": "t" * 20, "shown": "u" * 20},
        {"shown": "", "client": ""},
        {"apart": True, "token": "t" * 20},
    ],
)
async def test_nobody_else_does(shown):
    """Others, those behind a proxy of this machine, and a wrong token get a 401."""
    with pytest.raises(Unauthenticated):
        await ask(**shown)


async def test_only_reading():
    """POST is refused, HEAD has no body."""
    with pytest.raises(MethodNotAllowed):
        await ask(method="POST")
    assert await ask(method="HEAD") == (200, b"")
