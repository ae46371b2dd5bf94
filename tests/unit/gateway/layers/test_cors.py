"""The CORS layer: listed origins may, others may not, and asking first needs no token."""

import pytest
from pydantic import ValidationError
from tests.caller import Caller

from autograph.core.problem import Unauthenticated
from autograph.gateway.layers.cors import Cors, CorsSettings
from autograph.gateway.layers.problems import Problems

pytestmark = pytest.mark.feature("gateway.cors")

WIKI = "https://wiki.example.com"
ASKING = {"origin": WIKI, "access-control-request-method": "PUT"}


async def service(scope, _receive, send):
    """Knows nobody without a token."""
    if not any(name == b"authorization" for name, _ in scope["headers"]):
        raise Unauthenticated
    headers = [(b"vary", b"Accept-Encoding")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


def caller(*origins):
    return Caller(Cors(Problems(service), settings=CorsSettings(origins=origins, max_age_seconds=60)))


async def test_preflight_of_a_listed_origin():
    """A pre-flight of a listed origin is answered without a token, for credentials, and may be remembered."""
    answer = await caller(WIKI)("OPTIONS", "/api/diagrams", headers=ASKING)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == WIKI
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "60"
    assert {"PUT", "DELETE"} <= set(answer.headers["access-control-allow-methods"].split(", "))
    assert {"authorization", "idempotency-key"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )
    assert "origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://wiki.example.com", f"{WIKI}.evil.example", f"{WIKI}:444", "null", ""],
)
@pytest.mark.parametrize("origins", [(), (WIKI,)])
async def test_preflight_of_another_origin(origin, origins):
    """Any other origin is refused, also one that looks alike; so is every origin while none is listed."""
    answer = await caller(*origins)("OPTIONS", "/api/diagrams", headers={**ASKING, "origin": origin})
    assert answer.status == 403
    assert answer.slug == "origin-not-allowed"
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_answers_name_the_listed_origin():
    """An answer to a listed origin says that its page may read it, problems too."""
    for headers, status in (({"authorization": "Bearer x"}, 200), ({}, 401)):
        answer = await caller(WIKI)("GET", "/api/auth/me", headers={"origin": WIKI, **headers})
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == WIKI
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "x-correlation-id" in answer.headers["access-control-expose-headers"]
        assert "origin" in answer.headers["vary"].split(", ")


@pytest.mark.parametrize("origin", [None, "https://evil.example"])
async def test_answers_to_others_name_nobody(origin):
    """Other pages, and callers that are no page, get no permission; caches are told that answers differ."""
    headers = {"authorization": "Bearer x", **({"origin": origin} if origin else {})}
    answer = await caller(WIKI)("GET", "/api/auth/me", headers=headers)
    assert answer.headers == {"vary": "accept-encoding, origin"}


async def test_options_without_cors_is_no_preflight():
    """OPTIONS that no browser sent as a pre-flight goes on to the service, which wants its token."""
    assert (await caller(WIKI)("OPTIONS", "/api/auth/me", headers={"origin": WIKI})).status == 401
    assert (await caller()("OPTIONS", "/api/auth/me")).status == 401


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.com", "https://a.example/path", "wiki.example.com", "null"]
)
def test_only_origins_can_be_listed(origin):
    """Patterns, paths and whatever is no origin are refused at start-up."""
    with pytest.raises(ValidationError):
        CorsSettings(origins=(origin,))


def test_origins_are_compared_as_browsers_write_them():
    """A slash at the end and capitals are forgiven."""
    assert CorsSettings(origins=("https://Wiki.Example.com/",)).origins == (WIKI,)
