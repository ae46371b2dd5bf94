"""The gateway on a real port, in front of a service that misbehaves on the wire."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager

import aiohttp
import pytest
import uvicorn
from tests.servers import faulty
from tests.servers.faulty import answer

from autograph.clients.auth import Identified
from autograph.core.clock import SystemClock
from autograph.gateway.app import create_gateway
from autograph.gateway.forward import forward
from autograph.gateway.health import Health
from autograph.gateway.settings import GatewaySettings
from autograph.gateway.upstreams.breaker import Breakers, BreakerSettings
from autograph.model.principal import Principal
from autograph.server.process import bind

DIAGRAMS = "/api/diagrams"
PRINCIPAL = Principal(user_id="u", email="a@example.org", name="A", roles=(), session_id="s")
QUICK = {"retry": {"attempts": 1}}


async def identify(_credential):
    """Everybody is the same person."""
    return Identified(assertion="a.b.c", expires_in=60, principal=PRINCIPAL)


@asynccontextmanager
async def gateway(url, tmp_path, upstreams=("auth", "diagrams"), **settings):
    """A gateway on a port of its own in front of `url`, and a signed-in client of it."""
    usual = {"timeout_seconds": 1, "stream_idle_seconds": 0.5}
    unlimited = {"rate_limit": {"user_per_minute": 0, "address_per_minute": 0}}  # one person asks for all
    chosen = GatewaySettings.model_validate({**usual, **unlimited, **settings})
    breakers = Breakers(chosen.breaker, SystemClock())
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(connect=2)) as session:
        app = create_gateway(
            {name: forward(url, session) for name in upstreams},
            identify=identify,
            health=Health(
                service="gateway", version="0", clock=SystemClock(), probes={}, breakers=breakers.report
            ),
            public_url="http://127.0.0.1",
            cookie_name="autograph",
            settings=chosen,
            breakers=breakers,
            static=tmp_path,
        )
        config = uvicorn.Config(app, port=0, lifespan="off", access_log=False, log_config=None)
        server = uvicorn.Server(config)
        listener = bind("127.0.0.1", 0)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with aiohttp.ClientSession(base, headers={"authorization": "Bearer t"}) as client:
            yield client
        server.should_exit = True
        await serving


async def ask(client, path=DIAGRAMS, method="GET", **options):
    """Status, slug (of a problem) and seconds of one call."""
    started = time.monotonic()
    async with client.request(method, path, **options) as reply:
        document = await reply.json(content_type=None)
    slug = str(document.get("type", "")).rpartition(":")[2] if isinstance(document, dict) else ""
    return reply.status, slug, time.monotonic() - started


async def state(client, name="diagrams"):
    """State of one breaker, as operators see it."""
    async with client.get("/health/circuit-breakers") as reply:
        return (await reply.json())["circuit_breakers"][name]["state"]


@pytest.mark.feature("gateway.timeout")
async def test_a_service_that_hangs_is_504_in_time_and_hears_of_it(tmp_path):
    """The client waits no longer than allowed, the work is given up, and the remaining time was sent along."""
    async with faulty.faulty(faulty.hang) as service, gateway(service.url, tmp_path) as client:
        status, slug, seconds = await ask(client, headers={"x-autograph-deadline-ms": "999999"})
        await asyncio.sleep(0.05)

    assert (status, slug) == (504, "timeout")
    assert 0.9 < seconds < 1.5
    assert service.abandoned == 1
    assert 800 < int(service.received[0].headers["x-autograph-deadline-ms"]) <= 1000


@pytest.mark.feature("gateway.timeout")
async def test_an_answer_that_drips_goes_on_beyond_the_total(tmp_path):
    """Slow but moving is fine: thirty bytes in one and a half seconds, with a total of one."""
    async with (
        faulty.faulty(faulty.drip(30, 0.05)) as service,
        gateway(service.url, tmp_path) as client,
        client.get(DIAGRAMS) as reply,
    ):
        assert len(await reply.read()) == 30


@pytest.mark.feature("gateway.timeout")
async def test_an_answer_that_stands_still_is_cut_off(tmp_path):
    """The client sees a broken answer, not a complete one, soon after the idle limit."""
    async with faulty.faulty(faulty.drip(2, 30)) as service, gateway(service.url, tmp_path) as client:
        started = time.monotonic()
        with pytest.raises(aiohttp.ClientPayloadError):
            async with client.get(DIAGRAMS) as reply:
                await reply.read()

        assert time.monotonic() - started < 2


@pytest.mark.feature("gateway.timeout")
async def test_a_client_that_hangs_up_stops_the_work(tmp_path):
    """The service hears of it at once, and its breaker does not blame it."""
    breaker = {"failures": 1}
    async with (
        faulty.faulty(faulty.hang) as service,
        gateway(service.url, tmp_path, timeout_seconds=20, breaker=breaker) as client,
    ):
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await ask(client, timeout=aiohttp.ClientTimeout(total=0.4))
        await asyncio.sleep(0.1)

        assert service.abandoned == 3
        assert await state(client) == "closed"


@pytest.mark.feature("gateway.timeout")
async def test_a_client_in_a_hurry_blames_nobody(tmp_path):
    """`Prefer: wait=1` ends in 504 after a second, and cannot open everybody's breaker."""
    async with (
        faulty.faulty(faulty.hang) as service,
        gateway(service.url, tmp_path, timeout_seconds=20, breaker={"failures": 1}) as client,
    ):
        status, _, seconds = await ask(client, headers={"prefer": "wait=1"})

        assert status == 504
        assert seconds < 1.5
        assert await state(client) == "closed"


@pytest.mark.feature("gateway.routing")
@pytest.mark.parametrize("fault", [faulty.reset_in_body, faulty.truncate])
async def test_a_cut_answer_is_never_passed_on_as_whole(tmp_path, fault):
    """Part of a body with the wrong length reaches the client as an error, once, and counts as a failure."""
    async with (
        faulty.faulty(fault) as service,
        gateway(service.url, tmp_path, breaker={"failures": 1}) as client,
    ):
        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError)):
            async with client.get(DIAGRAMS) as reply:
                await reply.read()

        assert len(service.received) == 1
        assert await state(client) == "open"


@pytest.mark.feature("gateway.routing")
async def test_a_slow_close_delays_nobody(tmp_path):
    """The answer is whole when its length says so, whatever the connection does afterwards."""
    async with faulty.faulty(faulty.slow_close) as service, gateway(service.url, tmp_path) as client:
        for _ in range(3):
            status, _, seconds = await ask(client)
            assert status == 200
            assert seconds < 0.5


@pytest.mark.feature("gateway.retry")
async def test_a_service_that_flaps_is_not_noticed(tmp_path):
    """Two resets, then an answer: the client of a safe call sees only the answer."""
    retry = {"base_seconds": 0.05}
    async with (
        faulty.faulty(faulty.failing(2, faulty.reset)) as service,
        gateway(service.url, tmp_path, retry=retry) as client,
    ):
        assert (await ask(client))[0] == 200
        assert len(service.received) == 3


@pytest.mark.feature("gateway.retry")
@pytest.mark.parametrize("headers", [{}, {"idempotency-key": '"k"'}])
async def test_a_post_that_was_reset_is_made_once(tmp_path, headers):
    """Bytes were sent, so nobody knows what was done: 502, and exactly one effect."""
    async with (
        faulty.faulty(faulty.failing(1, faulty.reset)) as service,
        gateway(service.url, tmp_path, retry={"base_seconds": 0.01}) as client,
    ):
        status, slug, _ = await ask(client, method="POST", json={"title": "x"}, headers=headers)

    assert (status, slug) == (502, "bad-gateway")
    assert len(service.received) == 1


@pytest.mark.feature("gateway.retry")
async def test_a_service_that_starts_a_moment_later_is_waited_for(tmp_path):
    """Refused connections are tried again, a POST too: nothing had been sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    retry = {"attempts": 10, "base_seconds": 0.02}
    async with gateway(
        f"http://127.0.0.1:{port}", tmp_path, timeout_seconds=8, retry=retry, breaker={"failures": 99}
    ) as client:
        asking = asyncio.ensure_future(ask(client, method="POST", json={"title": "x"}))
        await asyncio.sleep(0.15)
        async with faulty.faulty(faulty.good, port) as service:
            assert (await asking)[0] == 200
    assert [request.body for request in service.received] == [b'{"title": "x"}']


@pytest.mark.feature("gateway.retry")
async def test_retries_end_with_the_deadline(tmp_path):
    """Pauses and attempts together stay within the total."""
    async with (
        faulty.faulty(faulty.status(503)) as service,
        gateway(service.url, tmp_path, retry={"attempts": 10, "base_seconds": 0.2}) as client,
    ):
        status, _, seconds = await ask(client)

    assert status == 503
    assert seconds < 1.2
    assert len(service.received) > 1


@pytest.mark.feature("gateway.breaker")
async def test_a_failing_service_is_cut_off_and_let_back_in(tmp_path):
    """Five failures; then 503 with Retry-After at once without asking; then probes; then everybody."""
    breaker = BreakerSettings(open_seconds=0.4).model_dump()
    async with (
        faulty.faulty(faulty.status(500)) as service,
        gateway(service.url, tmp_path, breaker=breaker, **QUICK) as client,
    ):
        for _ in range(5):
            assert (await ask(client))[0] == 500
        status, slug, seconds = await ask(client)
        assert (status, slug) == (503, "circuit-open")
        assert seconds < 0.05
        assert len(service.received) == 5
        assert await state(client) == "open"
        service.behave = faulty.good
        await asyncio.sleep(0.45)
        assert (await ask(client))[0] == 200
        assert await state(client) == "half_open"
        assert (await ask(client))[0] == 200
        assert await state(client) == "closed"


@pytest.mark.feature("gateway.breaker")
async def test_timeouts_open_it_and_clients_errors_do_not(tmp_path):
    """Two hangs of a service that may hang twice cut it off; a thousand 404 would not."""
    async with (
        faulty.faulty(faulty.status(404)) as service,
        gateway(service.url, tmp_path, breaker={"failures": 2}, timeout_seconds=0.3) as client,
    ):
        for _ in range(20):
            assert (await ask(client))[0] == 404
        service.behave = faulty.hang
        assert [(await ask(client))[0] for _ in range(3)] == [504, 504, 503]


@pytest.mark.feature("gateway.breaker")
async def test_a_slow_public_path_does_not_open_everybodys_breaker(tmp_path):
    """Anybody can make the sign-in page time out; who is signed in goes on working."""

    async def behave(_service, request, writer):
        await (asyncio.sleep(60) if request.path.endswith("first-run") else answer(writer))

    async with (
        faulty.faulty(behave) as service,
        gateway(service.url, tmp_path, breaker={"failures": 2}, timeout_seconds=0.2) as client,
    ):
        for _ in range(3):
            await ask(client, "/api/auth/first-run")

        assert await state(client, "auth:public") == "open"
        assert (await ask(client, "/api/auth/me"))[0] == 200


@pytest.mark.feature("gateway.timeout")
async def test_a_body_that_drips_in_blames_the_client(tmp_path):
    """A client that sends too slowly gets 408, and the service's breaker stays closed."""

    async def pieces():
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.1)

    async with (
        faulty.faulty(faulty.good) as service,
        gateway(service.url, tmp_path, breaker={"failures": 1}, timeout_seconds=0.5) as client,
    ):
        status, slug, _ = await ask(client, method="PUT", data=pieces(), headers={"content-length": "100"})

        assert (status, slug) == (408, "body-timeout")
        assert await state(client) == "closed"
