"""Tests of the limits by address and by person: who counts as whom, what is free, what is said."""

import pytest
from tests.caller import Caller

from autograph.core.problem import Unavailable
from autograph.gateway.app import create_gateway
from autograph.gateway.layers.rate_limit import PAUSE_SECONDS, RateLimitSettings, SharedCounters
from autograph.gateway.settings import GatewaySettings
from autograph.model.principal import Principal
from autograph.storage.counters import MemoryCounters, Quota, open_counters

pytestmark = pytest.mark.feature("gateway.limits")


class Identified:
    """What auth answers."""

    def __init__(self, principal):
        self.principal, self.assertion = principal, "proof"


async def identify(credential):
    """Everybody is who their token says; the role stands behind a slash."""
    user_id, _, role = credential.bearer.partition("/")
    return Identified(Principal(user_id=user_id, email=f"{user_id}@example.org", roles=(role or "editor",)))


async def service(scope, receive, send):
    """Answers everything."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


def gateway(counters=None, trusted=("127.0.0.1",), **limits):
    """A gateway with these limits; peers of this machine may say where a request comes from."""
    return create_gateway(
        dict.fromkeys(("auth", "diagrams", "analysis", "export"), service),
        identify=identify,
        health=service,
        public_url="http://127.0.0.1:8080",
        cookie_name="autograph",
        trusted=trusted,
        settings=GatewaySettings(rate_limit=RateLimitSettings(**limits)),
        counters=counters,
    )


def caller(app, address="192.0.2.1", who="ada"):
    """Somebody at an address."""
    return Caller(app, {"authorization": f"Bearer {who}", "x-forwarded-for": address})


async def statuses(ask, times, path="/api/diagrams", method="GET"):
    """Statuses of several calls in a row."""
    return [(await ask(method, path)).status for _ in range(times)]


async def test_a_person_is_limited_and_told():
    """The answers count down; beyond the quota a 429 problem says when to come back."""
    ask = caller(gateway(user_per_minute=3))
    answers = [await ask("GET", "/api/diagrams") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"user";q=3;w=60, "ip";q=1000;w=60'
    assert answers[0].headers["ratelimit"].startswith('"user";r=2;t=')
    assert '"ip";r=999;t=' in answers[0].headers["ratelimit"]
    refused = answers[3]
    assert refused.slug == "rate-limited"
    resets = int(refused.headers["ratelimit"].rpartition("t=")[2])
    assert int(refused.headers["retry-after"]) >= resets
    assert refused.headers["ratelimit"].startswith('"user";r=0;t=')


async def test_one_person_from_many_places_is_one_person():
    """Another address does not help, another person is not hurt."""
    app = gateway(user_per_minute=2)
    assert await statuses(caller(app, "192.0.2.1"), 2) == [200, 200]
    assert await statuses(caller(app, "192.0.2.2"), 1) == [429]
    assert await statuses(caller(app, "192.0.2.1", who="bob"), 1) == [200]


async def test_addresses_are_limited_before_anybody_proves_anything():
    """Anonymous calls count by address; others are not in the same bucket."""
    app = gateway(address_per_minute=2)
    anonymous = Caller(app, {"x-forwarded-for": "192.0.2.1"})
    assert await statuses(anonymous, 3, "/api/auth/login", "POST") == [200, 200, 429]
    elsewhere = Caller(app, {"x-forwarded-for": "192.0.2.9"})
    assert await statuses(elsewhere, 1, "/api/auth/login", "POST") == [200]


async def test_a_claimed_address_counts_for_nothing():
    """Without a trusted proxy X-Forwarded-For does not make new callers."""
    app = gateway(trusted=(), address_per_minute=2)
    found = [
        await statuses(Caller(app, {"x-forwarded-for": f"192.0.2.{n}"}), 1, "/api/auth/login", "POST")
        for n in range(3)
    ]
    assert found == [[200], [200], [429]]


@pytest.mark.parametrize("path", ["/health", "/livez", "/", "/assets/x.js"])
async def test_health_and_the_page_are_free(path):
    """However often they are asked for, nothing is counted and nothing said."""
    ask = caller(gateway(address_per_minute=1, user_per_minute=1))
    for _ in range(5):
        answer = await ask("GET", path)
        assert answer.status != 429
        assert "ratelimit" not in answer.headers


async def test_pictures_and_drawings_count_apart():
    """A library full of thumbnails does not use up the quota for work, and drawing repositories has its own."""
    ask = caller(gateway(user_per_minute=1, picture_per_minute=5, drawing_per_minute=2))
    assert await statuses(ask, 5, "/api/export/1/thumbnail") == [200] * 5
    assert await statuses(ask, 3, "/api/analysis/jobs", "POST") == [200, 200, 429]
    assert await statuses(ask, 2) == [200, 429]


async def test_plans_raise_the_quota_of_a_role():
    """An administrator may do more when the operator says so; 0 is without limit."""
    app = gateway(user_per_minute=1, plans={"admin": 3, "robot": 0})
    assert await statuses(caller(app, who="eva/admin"), 4) == [200, 200, 200, 429]
    assert await statuses(caller(app, who="r2d2/robot"), 9) == [200] * 9
    assert await statuses(caller(app, who="ada/editor"), 2) == [200, 429]


async def test_nothing_is_limited_when_that_is_switched_off():
    """0 means no limit and no headers."""
    ask = caller(gateway(user_per_minute=0, address_per_minute=0))
    assert await statuses(ask, 20) == [200] * 20
    assert "ratelimit" not in (await ask("GET", "/api/diagrams")).headers


async def test_replicas_count_together(redis_url):
    """Two gateways on one Redis let a person do no more than one would."""
    counters = [open_counters(redis_url) for _ in range(2)]
    asks = [caller(gateway(counters=found, user_per_minute=4), who="grace") for found in counters]
    found = [(await asks[n % 2]("GET", "/api/diagrams")).status for n in range(6)]
    assert found == [200, 200, 200, 200, 429, 429]
    for opened in counters:
        await opened.close()


class Flapping:
    """A shared store that is away when the test says so."""

    def __init__(self):
        self.is_away, self.asked = False, 0
        self._counts = MemoryCounters()

    async def take(self, quotas):
        """Count, or be away."""
        self.asked += 1
        if self.is_away:
            raise Unavailable
        return await self._counts.take(quotas)

    async def close(self):
        """Nothing is open."""


async def test_without_its_store_a_process_counts_alone():
    """While the store is away limits hold in each process, it is not asked again at once, and then it is."""
    now, store = [100.0], Flapping()
    counters = SharedCounters(store, lambda: now[0])
    quota = [Quota("k", 2, 3600)]
    store.is_away = True
    counts = [(await counters.take(quota))[0].allowed for _ in range(3)]
    assert counts == [True, True, False]
    assert store.asked == 1
    store.is_away = False
    now[0] += PAUSE_SECONDS
    assert (await counters.take(quota))[0].allowed
    assert store.asked == 2
