"""Health: living needs nothing, being ready can be taken back, and one service that is away is no fault of all."""

import asyncio

import pytest
from tests.caller import Caller
from tests.clock import HandClock

from autograph.core.problem import MethodNotAllowed, Unavailable
from autograph.gateway import health as module
from autograph.gateway.health import PATHS, Health

pytestmark = pytest.mark.feature("platform.health")


async def touched():
    """A dependency that must not be asked."""
    raise AssertionError


async def lives():
    return "http://auth:8085"


async def away():
    raise Unavailable("A service did not answer.")


async def hangs():
    await asyncio.sleep(60)


def health(**probes):
    return Health(service="gateway", version="1.2", clock=HandClock(), probes=probes)


@pytest.mark.parametrize("path", sorted(PATHS - {"/health/services"}))
async def test_living_touches_nothing(path):
    """No dependency is asked, whatever state it is in, and nobody keeps the answer."""
    answer = await Caller(health(auth=touched))("GET", path)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_said():
    """Status, service, time with Z, and version."""
    told = (await Caller(health())("GET", "/health")).json()
    assert told.keys() == {"status", "service", "timestamp", "version"}
    assert (told["status"], told["service"], told["version"]) == ("healthy", "gateway", "1.2")
    assert told["timestamp"].endswith("Z")


async def test_draining():
    """Not ready is 503 for balancers, while everything else says that we live."""
    subject = health()
    subject.ready = False
    ask = Caller(subject)
    refused = await ask("GET", "/readyz")
    assert (refused.status, refused.json()["status"]) == (503, "draining")
    for path in ("/livez", "/startupz", "/health"):
        assert (await ask("GET", path)).status == 200


async def test_services(monkeypatch):
    """Each service is asked at once and for a bounded time; one that is away makes the whole degraded, not broken."""
    monkeypatch.setattr(module, "PROBE_TIMEOUT_SECONDS", 0.1)
    async with asyncio.timeout(1):
        answer = await Caller(health(auth=lives, diagrams=away, export=hangs, flags=hangs))(
            "GET", "/health/services"
        )
    told = answer.json()
    assert (answer.status, told["status"]) == (200, "degraded")
    assert told["services"]["auth"]["url"] == "http://auth:8085"
    assert told["services"]["diagrams"] == {"status": "unhealthy", "error": "A service did not answer."}
    assert told["services"]["export"]["error"] == "no answer in time"
    assert (await Caller(health(auth=lives))("GET", "/health/services")).json()["status"] == "healthy"


async def test_head_and_others():
    """HEAD has the length of GET and no body; nothing else is answered."""
    ask = Caller(health())
    got, asked = await ask("GET", "/livez"), await ask("HEAD", "/livez")
    assert (asked.status, asked.body) == (200, b"")
    assert asked.headers["content-length"] == str(len(got.body))
    for method in ("POST", "DELETE", "OPTIONS"):
        with pytest.raises(MethodNotAllowed) as refused:
            await ask(method, "/livez")
        assert refused.value.headers == {"allow": "GET, HEAD"}
