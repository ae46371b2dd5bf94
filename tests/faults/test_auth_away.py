"""The whole gateway in front of an auth service that misbehaves: everybody's question, asked once and guarded."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from tests.caller import Caller
from tests.servers import faulty

from autograph.server.settings import SERVICES, Settings
from autograph.server.wiring import opened

ME = "/api/auth/me"


@asynccontextmanager
async def gateway(url, tmp_path, **settings):
    """The gateway as the program wires it, all services at `url`."""
    chosen = Settings(
        data=tmp_path,
        upstreams=dict.fromkeys(SERVICES, url),
        gateway={"timeout_seconds": 0.3, "breaker": {"failures": 2}, "retry": {"attempts": 1}, **settings},
    )
    async with opened(chosen, ["gateway"]) as (_, app):
        yield Caller(app, {"authorization": "Bearer some-token"})


@pytest.mark.feature("gateway.breaker")
async def test_nobody_waits_for_an_auth_that_hangs(tmp_path):
    """The first callers wait for their time, the others are told at once; public paths have a breaker of their own."""
    async with faulty.faulty(faulty.hang) as service, gateway(service.url, tmp_path) as call:
        people = [{"authorization": f"Bearer {n}"} for n in range(2)]
        first = [(await call("GET", ME, headers=person)).status for person in people]
        await asyncio.sleep(0.1)
        started = time.monotonic()
        refused = await call("GET", ME)

        assert first == [504, 504]
        assert (refused.status, refused.slug) == (503, "circuit-open")
        assert int(refused.headers["retry-after"]) > 0
        assert time.monotonic() - started < 0.05
        service.behave = faulty.good
        assert (await call("GET", "/api/auth/first-run")).status == 200
        assert (await call("GET", "/health")).status == 200


@pytest.mark.feature("gateway.breaker")
async def test_wrong_tokens_cut_nobody_off(tmp_path):
    """Auth's 401 is an answer, however often it comes."""
    problem = b'{"type": "urn:autograph:problem:unauthenticated", "title": "t", "status": 401, "detail": "d"}'

    async def behave(_service, _request, writer):
        await faulty.answer(writer, 401, problem)

    async with faulty.faulty(behave) as service, gateway(service.url, tmp_path) as call:
        answers = [await call("GET", ME, headers={"authorization": f"Bearer {n}"}) for n in range(20)]

        assert {answer.status for answer in answers} == {401}
        assert sum(one.path == "/internal/identify" for one in service.received) == 20
