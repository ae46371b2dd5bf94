"""The remaining time goes from the gateway over a service to the one that it asks, each in a process of its own shape."""

import asyncio
import time
from contextlib import asynccontextmanager

import aiohttp
import pytest
import uvicorn
from tests.faults.test_upstream_faults import DIAGRAMS, ask, gateway
from tests.servers import faulty

from autograph.clients.transport import HttpTransport, LocalTransport
from autograph.core import deadline
from autograph.core.clock import SystemClock
from autograph.core.deadline import Deadline, TimedOut
from autograph.core.problem import Unavailable
from autograph.gateway.app import create_service
from autograph.gateway.health import Health
from autograph.server.process import bind

pytestmark = pytest.mark.feature("gateway.timeout")


class Asking:
    """A service that asks another one and answers what it got; notes how long it thinks it has."""

    def __init__(self, url, session):
        self.transport = HttpTransport(url, session)
        self.remaining = []
        self.ended = []

    async def __call__(self, scope, _receive, send):
        self.remaining.append(deadline.remaining_seconds())
        try:
            reply = await self.transport.request("GET", "/asked", headers={})
        except BaseException as error:
            self.ended.append(type(error).__name__)
            raise
        await send({"type": "http.response.start", "status": reply.status, "headers": []})
        await send({"type": "http.response.body", "body": reply.body})


@asynccontextmanager
async def service(url):
    """A service in front of `url`, with what surrounds every service that runs apart, on a port."""
    async with aiohttp.ClientSession() as session:
        app = Asking(url, session)
        health = Health(service="diagrams", version="0", clock=SystemClock(), probes={})
        config = uvicorn.Config(
            create_service(app, health=health), lifespan="off", access_log=False, log_config=None
        )
        server, listener = uvicorn.Server(config), bind("127.0.0.1", 0)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        app.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield app
        server.should_exit = True
        await serving


async def test_the_time_shrinks_from_hop_to_hop(tmp_path):
    """One second at the door is a little less at the service and less again at the one behind."""
    async with (
        faulty.faulty(faulty.good) as behind,
        service(behind.url) as app,
        gateway(app.url, tmp_path) as client,
    ):
        assert (await ask(client))[0] == 200

    sent = int(behind.received[0].headers["x-autograph-deadline-ms"]) / 1000
    assert 0.8 < sent <= app.remaining[0] + 0.001 <= 1.001


async def test_a_timeout_stops_every_hop(tmp_path):
    """When the last one hangs the client gets 504 in time, and nobody in between works on."""
    async with (
        faulty.faulty(faulty.hang) as behind,
        service(behind.url) as app,
        gateway(app.url, tmp_path, timeout_seconds=0.6) as client,
    ):
        status, slug, seconds = await ask(client)
        await asyncio.sleep(0.3)

        assert (status, slug) == (504, "timeout")
        assert seconds < 1
        assert behind.abandoned == 1
        assert len(app.ended) == 1


async def test_a_hang_up_stops_every_hop(tmp_path):
    """A client that leaves is noticed three processes on."""
    async with (
        faulty.faulty(faulty.hang) as behind,
        service(behind.url) as app,
        gateway(app.url, tmp_path, timeout_seconds=20) as client,
    ):
        with pytest.raises(TimeoutError):
            await client.get(DIAGRAMS, timeout=aiohttp.ClientTimeout(total=0.4))
        await asyncio.sleep(0.6)

        assert app.ended == ["CancelledError"]
        assert behind.abandoned == 1


async def test_a_caller_stops_waiting_by_itself():
    """Even where nothing cancels it, a question ends with the time of its request, as a timeout."""
    async with faulty.faulty(faulty.hang) as behind, aiohttp.ClientSession() as session:
        deadline.current.set(Deadline(0.3))
        started = time.monotonic()
        with pytest.raises(TimedOut):
            await HttpTransport(behind.url, session).request("GET", "/", headers={})

        assert time.monotonic() - started < 0.6


async def test_a_question_without_time_is_not_asked():
    """Neither over a socket nor in the same process."""
    asked = []

    async def app(*_):
        asked.append(1)

    async with faulty.faulty(faulty.good) as behind, aiohttp.ClientSession() as session:
        deadline.current.set(Deadline(0))
        for transport in (HttpTransport(behind.url, session), LocalTransport(app)):
            with pytest.raises(TimedOut):
                await transport.request("GET", "/", headers={})

    assert not asked
    assert not behind.received


async def test_a_service_that_is_away_is_not_a_timeout():
    """A refused connection stays 503 with Retry-After, deadline or not."""
    async with aiohttp.ClientSession() as session:
        for limit in (None, Deadline(5)):
            deadline.current.set(limit)
            with pytest.raises(Unavailable):
                await HttpTransport("http://127.0.0.1:9", session).request("GET", "/", headers={})
