"""Timeouts and hang-ups of a service in the gateway's own process, with a real framework and a real database."""

import asyncio

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from starlette.responses import StreamingResponse
from tests.faults.test_upstream_faults import DIAGRAMS, ask, identify

from autograph.core.clock import SystemClock
from autograph.gateway.app import create_gateway
from autograph.gateway.health import Health
from autograph.gateway.settings import GatewaySettings
from autograph.observability.answers import install
from autograph.server.process import bind
from autograph.storage.sql import open_database

pytestmark = pytest.mark.feature("gateway.timeout")
ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 900000000) SELECT count(*) FROM c"


@pytest.fixture
async def database(tmp_path):
    """A database with one empty table."""
    opened = open_database(f"sqlite:///{tmp_path}/autograph.db")
    async with opened.begin() as connection:
        await connection.execute(text("CREATE TABLE line (n INTEGER)"))
    yield opened
    await opened.close()


@pytest.fixture
def ended():
    """What ended, and how."""
    return []


@pytest.fixture
async def client(database, ended, tmp_path):
    """A signed-in client of a gateway with one service in its process."""
    app = FastAPI()
    install(app)

    @app.put(DIAGRAMS)
    async def save(body: dict) -> dict:
        try:
            async with database.begin() as connection:
                await connection.execute(text("INSERT INTO line VALUES (1)"))
                await connection.execute(text(ENDLESS))
        except BaseException as error:
            ended.append(type(error).__name__)
            raise
        return body

    @app.get(DIAGRAMS)
    async def stream() -> StreamingResponse:
        async def lines():
            try:
                for number in range(1000):
                    yield f"data: {number}\n\n"
                    await asyncio.sleep(0.05)
            finally:
                ended.append("stream")

        return StreamingResponse(lines(), media_type="text/event-stream")

    gateway = create_gateway(
        {"diagrams": app},
        identify=identify,
        health=Health(service="gateway", version="0", clock=SystemClock(), probes={}),
        public_url="http://127.0.0.1",
        cookie_name="autograph",
        settings=GatewaySettings(timeout_seconds=0.6, stream_idle_seconds=0.5),
        static=tmp_path,
    )
    server = uvicorn.Server(uvicorn.Config(gateway, lifespan="off", access_log=False, log_config=None))
    listener = bind("127.0.0.1", 0)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with aiohttp.ClientSession(base, headers={"authorization": "Bearer t"}) as session:
        yield session
    server.should_exit = True
    await serving


async def written(database):
    """How many rows are there, through a write: the lock must be free."""
    async with asyncio.timeout(1), database.begin() as connection:
        return (await connection.execute(text("SELECT count(*) FROM line"))).scalar_one()


async def test_a_late_save_is_taken_back_and_its_lock_is_free(client, database, ended):
    """504 in time, nothing written, and the next writer does not wait."""
    status, slug, seconds = await ask(client, method="PUT", json={})

    assert (status, slug) == (504, "timeout")
    assert seconds < 1.2
    assert ended == ["CancelledError"]
    assert await written(database) == 0


async def test_a_save_whose_client_left_is_taken_back(client, database, ended):
    """A hang-up stops the statement at once, long before the deadline would."""
    with pytest.raises(TimeoutError):
        await client.put(DIAGRAMS, json={}, timeout=aiohttp.ClientTimeout(total=0.35))
    await asyncio.sleep(0.15)

    assert ended == ["CancelledError"]
    assert await written(database) == 0


async def test_a_stream_outlives_the_total_and_ends_with_its_listener(client, ended):
    """More than a second of events with a total of 0.6 s; then the listener leaves and the producer stops."""
    async with client.get(DIAGRAMS) as reply:
        started = asyncio.get_running_loop().time()
        async for _ in reply.content:
            if asyncio.get_running_loop().time() - started > 1.2:
                break
        assert not ended
    reply.close()
    await asyncio.sleep(0.2)

    assert ended == ["stream"]
