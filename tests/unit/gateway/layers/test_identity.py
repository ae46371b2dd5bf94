"""Proof of identity at the door: who gets in with what, what is stripped, which pages may send with a cookie."""

import asyncio
import contextlib
import gc
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.caller import Caller

from autograph.clients.auth import Identified
from autograph.core.problem import Malformed, NotFound, Problem, Unauthenticated, Unavailable
from autograph.gateway.layers.identity import REMEMBERED, TRUSTED_SECONDS, Credential, ForeignOrigin, Identity
from autograph.gateway.layers.path_check import PathCheck
from autograph.gateway.routes import PUBLIC, ROUTES, checked_path, is_public, route_of
from autograph.model.principal import Principal

pytestmark = pytest.mark.feature("gateway.auth")

COOKIE, BEARER = {"cookie": "autograph=good"}, {"authorization": "Bearer good"}
OURS, ELSEWHERE = "https://ag.example.org", "https://evil.example"
PATH = "/api/diagrams"


class Auth:
    """Knows one credential, counts its questions, and can be away or slow."""

    def __init__(self):
        self.asked, self.problem, self.hold = [], None, None

    async def __call__(self, credential):
        self.asked.append(credential)
        if self.hold is not None:
            await self.hold.wait()
        if self.problem is not None:
            raise self.problem
        if "good" not in {credential.cookie, credential.bearer}:
            raise Unauthenticated
        return Identified(
            assertion="signed", expires_in=60, principal=Principal(user_id="u", email="a@example.org")
        )


class Service:
    """Remembers what reached it."""

    def __init__(self):
        self.headers = None

    async def __call__(self, scope, _receive, send):
        self.headers = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def values(self, name):
        return [value for found, value in self.headers if found == name]


class Door:
    """The layer between a caller and a service."""

    def __init__(self, **options):
        self.auth, self.service, self.now = Auth(), Service(), 0.0
        usual = {"cookie_name": "autograph", "public_url": OURS, "monotonic": lambda: self.now}
        self.layer = Identity(self.service, identify=self.auth, **{**usual, **options})
        self.ask = Caller(PathCheck(self.layer), {"host": "internal:8080"})

    async def ask_as_written(self, method, path):
        """Ask for a path that no client would send; ASGI servers decode it once."""
        raw = path.encode()
        scope = {"type": "http", "method": method, "path": unquote(path), "raw_path": raw, "headers": []}
        await PathCheck(self.layer)(scope, None, None)


@pytest.fixture
def door():
    return Door()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.prefix)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_default_deny(door, route, method):
    """Without proof no method of any row gets through, and the answer says how to prove oneself."""
    with pytest.raises(Unauthenticated) as refused:
        await door.ask(method, f"{route.prefix}/anything")
    assert refused.value.headers == {"www-authenticate": "Bearer"}
    assert door.service.headers is None
    assert door.auth.asked == []


@pytest.mark.parametrize(("method", "path"), sorted(PUBLIC))
async def test_public_calls(door, method, path):
    """Public calls pass without proof; auth is not asked, not even about a bad credential, and nobody is named."""
    for headers in ({}, {"authorization": "Bearer bad"}, {"x-autograph-identity": "forged"}):
        assert (await door.ask(method, path, headers=headers)).status == 200
        assert not {"x-autograph-identity", "authorization", "cookie"} & {
            name for name, _ in door.service.headers
        }
    assert door.auth.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/auth/login/", "/api/auth/Login", "/api/auth/login;x=1", "/api/auth/loginx", "/api/auth/login/../me", "/api/auth//login",
        "/api/auth/me/login", "/api/auth/%6dogin", "/api/auth/login%2f", "/api/auth/login%00", "/api/auth/login\\me", "/api/auth/./login",
        "/api/auth/.well-known/jwks.json/../../me", "/api/diagrams/api/auth/login", "/api/auth/login\n", "/api/auth/login%0d%0a",
        "/api/auth/login%ff", "/api/auth/%c0%ae%c0%ae/login", "/api/auth/login\uff0fme", "/api/auth/login%252f..", "/api/auth/login ", "api/auth/login",
    ],
)  # fmt: skip
async def test_the_public_list_cannot_be_reached_around(door, path):
    """What only resembles a public call is no public call: refused as ambiguous, denied, or nothing there."""
    with pytest.raises((Malformed, Unauthenticated, NotFound)):
        await door.ask_as_written("POST", path)
    assert door.service.headers is None


async def test_the_method_counts(door):
    """A public path is public for its own methods only; HEAD is GET."""
    assert is_public("HEAD", "/api/auth/first-run")
    for method, path in (
        ("GET", "/api/auth/login"),
        ("DELETE", "/api/auth/first-run"),
        ("PUT", "/api/auth/register"),
    ):
        with pytest.raises(Unauthenticated):
            await door.ask(method, path)


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"x-api-key": "ag_good"}, Credential(bearer="ag_good")),
        ({"x-api-key": "ag_good", **COOKIE}, Credential(bearer="ag_good")),
        ({"x-api-key": "ag_good", **BEARER}, Credential(bearer="good")),
    ],
)
async def test_an_api_key_has_a_header_of_its_own(door, headers, asked):
    """X-API-Key counts before a cookie and after Authorization, and goes no further than here."""
    with contextlib.suppress(Unauthenticated):
        await door.ask("POST", PATH, headers=headers)
    assert door.auth.asked == [asked]
    if door.service.headers is not None:
        assert not door.service.values("x-api-key")


async def test_whoever_signs_in_elsewhere_is_known_when_they_come_back(door):
    """The short-lived cookie of a sign-in reaches public calls, alone, and no others."""
    both = {"cookie": "autograph=good; autograph-sign-in=way; other=x"}
    await door.ask("GET", "/api/auth/oidc/callback", headers=both)
    assert door.service.values("cookie") == ["autograph-sign-in=way"]
    await door.ask("GET", PATH, headers=both)
    assert door.service.values("cookie") == []


async def test_x_api_key_takes_nothing_but_keys(door):
    """A session's token does not pass for a key."""
    with pytest.raises(Unauthenticated):
        await door.ask("GET", PATH, headers={"x-api-key": "good"})
    assert door.auth.asked == []


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "cookie"])
async def test_what_is_too_long_is_no_credential(door, name):
    """It is a 401 like any other that opens nothing, and auth is not asked."""
    start = {"authorization": "Bearer ", "x-api-key": "ag_", "cookie": "autograph="}[name]
    with pytest.raises(Unauthenticated):
        await door.ask("GET", PATH, headers={name: start + "x" * 8193})
    assert door.auth.asked == []


async def test_auth_hears_from_where(door):
    """The client's address goes along; whoever is known already is known from everywhere."""
    await door.ask("GET", PATH, headers=BEARER)
    first, second = Credential(bearer="x", address="192.0.2.1"), Credential(bearer="x", address="192.0.2.2")
    assert (first, first.digest()) == (second, second.digest())
    scope = {"type": "http", "method": "GET", "path": PATH, "headers": [(b"authorization", b"Bearer bad")]}
    with pytest.raises(Unauthenticated):
        await door.layer({**scope, "state": {"client": "192.0.2.7"}}, None, None)
    assert door.auth.asked[-1].address == "192.0.2.7"


@given(path=st.text(max_size=40).map(lambda rest: "/api/" + rest), raw=st.binary(max_size=40))
def test_a_checked_path_is_plain(path, raw):
    """What passes the check has no empty or dotted segment, no separator in disguise, and resolves to itself."""
    try:
        checked_path(path, raw)
    except Malformed:
        return
    assert "\\" not in path
    assert "\x00" not in path
    assert not {"", ".", ".."} & set(path.removesuffix("/").split("/")[1:])
    assert not any(found in raw.lower() for found in (b"%2f", b"%2e", b"%5c", b"%00"))


@pytest.mark.parametrize(
    "path", ["/api/authx", "/api/auth2/me", "/API/auth/me", "/internal/identify", "/testing", "/api"]
)
def test_what_no_service_owns(path):
    """Prefixes match whole segments, in lower case."""
    assert route_of(path) is None


@pytest.mark.parametrize(
    "claim",
    ["x-autograph-identity", "x-autograph-loopback", "x-user-id", "x-user-roles", "x-internal-call", "x-forwarded-user", "x-remote-user", "remote-user"],
)  # fmt: skip
async def test_claims_are_stripped(door, claim):
    """With proof and on public calls: what a client says of itself never reaches a service."""
    for path, headers, method in ((PATH, BEARER, "GET"), ("/api/auth/login", {}, "POST")):
        await door.ask(method, path, headers={**headers, claim: "admin", claim.upper(): "admin"})
        assert "admin" not in [value for _, value in door.service.headers]
    await door.ask("GET", PATH, headers={**BEARER, "accept": "kept"})
    assert door.service.values("accept") == ["kept"]
    assert door.service.values("x-autograph-identity") == ["signed"]
    assert door.service.values("authorization") == []


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer bad"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer  "},
        {"authorization": "Basic Z29vZDpnb29k"},
        {"authorization": "good"},
        {"authorization": ""},
        {"authorization": "Bearer bad", **COOKIE},
        {"cookie": "autograph=bad"},
        {"cookie": "autograph="},
        {"cookie": "AUTOGRAPH=good"},
        {"cookie": "xautograph=good"},
        {"cookie": "autograph2=good; other=autograph=good"},
        {"cookie": "__Host-autograph=good"},
        {"x-autograph-identity": "signed"},
    ],
)
async def test_bad_credentials(door, headers):
    """Unknown, empty, of another kind or another cookie: 401. A bad token is not made good by a cookie."""
    with pytest.raises(Unauthenticated):
        await door.ask("GET", PATH, headers=headers)
    assert door.service.headers is None


@pytest.mark.parametrize(
    "headers", [BEARER, {"authorization": "bearer  good "}, COOKIE, {"cookie": "a=1;autograph=good; b=2"}]
)
async def test_good_credentials(door, headers):
    """A token in any case of its scheme, or the cookie among others."""
    assert (await door.ask("GET", PATH, headers=headers)).status == 200


async def test_a_credential_that_is_no_text(door):
    """Bytes beyond ASCII are a wrong credential, not a fault."""
    for headers in ({"authorization": "Bearer \u00ff\u0000"}, {"cookie": "autograph=\u00ff"}):
        with pytest.raises(Unauthenticated):
            await door.ask("GET", PATH, headers=headers)


ALLOWED = [
    {"origin": OURS},
    {"origin": "http://internal:8080"},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
]
FOREIGN = [
    {},
    {"origin": "null"},
    {"origin": ""},
    {"origin": ELSEWHERE},
    {"origin": OURS + ".evil.example"},
    {"origin": "https://evil.example/ag.example.org"},
    {"origin": "https://ag.example.org@evil.example"},
    {"origin": "https://ag.example.org:444"},
    {"origin": "ag.example.org"},
    {"origin": "http://["},
    {"origin": "https://evil.example, https://ag.example.org"},
    {"origin": ELSEWHERE, "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "Same-Origin "},
    {"referer": OURS},
]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("headers", ALLOWED, ids=str)
async def test_our_own_page(door, method, headers):
    """A page of ours may send with the cookie."""
    assert (await door.ask(method, PATH, headers={**COOKIE, **headers})).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_other_pages(door, method, headers):
    """Nobody else may, nor whoever does not say which page it is; auth is not even asked."""
    with pytest.raises(ForeignOrigin):
        await door.ask(method, PATH, headers={**COOKIE, **headers})
    assert door.auth.asked == []


async def test_where_the_page_does_not_matter(door):
    """Reading changes nothing, and no other page can send a token."""
    assert (await door.ask("GET", PATH, headers={**COOKIE, "origin": ELSEWHERE})).status == 200
    assert (await door.ask("POST", PATH, headers={**BEARER, "origin": ELSEWHERE})).status == 200


async def test_nobody_is_signed_in_by_another_page(door):
    """Public calls that write are open to scripts, which name no page, and closed to pages of others."""
    assert (await door.ask("POST", "/api/auth/login")).status == 200
    for origin in (ELSEWHERE, "null", "http://["):
        with pytest.raises(ForeignOrigin):
            await door.ask("POST", "/api/auth/login", headers={"origin": origin})


async def test_listed_origins():
    """Pages of a listed origin may send with the cookie; one that looks alike may not."""
    door = Door(allowed_origins=("https://app.example.org",))
    assert (
        await door.ask("POST", PATH, headers={**COOKIE, "origin": "https://app.example.org"})
    ).status == 200
    for origin in ("http://app.example.org", "https://app.example.org.evil.example"):
        with pytest.raises(ForeignOrigin):
            await door.ask("POST", PATH, headers={**COOKIE, "origin": origin})


async def test_auth_is_asked_once_in_a_while(door):
    """An answer is used again for a few seconds and no longer: then a session that was ended is refused."""
    for now in (0.0, TRUSTED_SECONDS - 0.1):
        door.now = now
        await door.ask("GET", PATH, headers=BEARER)
    assert door.auth.asked == [Credential(bearer="good")]
    door.auth.problem, door.now = Unauthenticated(), TRUSTED_SECONDS
    with pytest.raises(Unauthenticated):
        await door.ask("GET", PATH, headers=BEARER)


async def test_a_cookie_is_no_token(door):
    """The same text as cookie and as token are two credentials."""
    await door.ask("GET", PATH, headers=BEARER)
    await door.ask("GET", PATH, headers=COOKIE)
    assert door.auth.asked == [Credential(bearer="good"), Credential(cookie="good")]


async def test_refusals_and_faults_are_not_kept(door):
    """Whoever was refused, or came while auth was away, is asked about again."""
    door.auth.problem = Unavailable()
    with pytest.raises(Unavailable):
        await door.ask("GET", PATH, headers=BEARER)
    door.auth.problem = None
    assert (await door.ask("GET", PATH, headers=BEARER)).status == 200


async def test_many_at_once_ask_once(door):
    """A page that loads twenty things asks auth once; one of them leaving disturbs no other."""
    door.auth.hold = asyncio.Event()
    asking = [asyncio.ensure_future(door.ask("GET", PATH, headers=BEARER)) for _ in range(20)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    door.auth.hold.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert {answer.status for answer in answers[1:]} == {200}
    assert len(door.auth.asked) == 1


async def test_what_is_remembered_is_bounded(door):
    """However many credentials are shown, no more than so many are kept."""
    for number in range(REMEMBERED + 5):
        door.layer._known[b"%d" % number] = (1e9, None)
    await door.ask("GET", PATH, headers=BEARER)
    assert len(door.layer._known) == REMEMBERED


@pytest.mark.parametrize(
    ("state", "headers", "is_open"),
    [
        ({"client": "127.0.0.1"}, {"host": "localhost:8080"}, True),
        ({"client": "::1"}, {"host": "[::1]:8080"}, True),
        ({"client": "127.0.0.1"}, {"host": "rebound.example"}, False),
        ({"client": "127.0.0.1"}, {"host": "["}, False),
        ({"client": "127.0.0.1"}, {"host": ""}, False),
        ({"client": "192.0.2.1"}, {"host": "localhost"}, False),
        ({"client": ""}, {"host": "localhost"}, False),
        ({"client": "127.0.0.1", "is_forwarded": True}, {"host": "localhost"}, False),
        ({"client": "127.0.0.1"}, {"host": "localhost", "sec-fetch-site": "cross-site"}, False),
        ({"client": "127.0.0.1"}, {"host": "localhost", "authorization": "Bearer bad"}, False),
    ],
)
async def test_diagnostics_of_ones_own_machine(state, headers, is_open):
    """Only whoever sits at this machine, by its own name, and only where it is allowed."""

    async def asked(door, path):
        async def seated(scope, receive, send):
            scope["state"] = {**scope["state"], **state}
            await door.layer(scope, receive, send)

        try:
            return (await Caller(PathCheck(seated), headers)("GET", path)).status
        except Problem as problem:
            return problem.status

    assert await asked(Door(open_on_loopback=True), "/test/cpu") == (200 if is_open else 401)
    assert await asked(Door(open_on_loopback=True), PATH) == 401
    assert await asked(Door(), "/test/cpu") == 401


async def test_nobody_waits_for_an_answer_that_fails(door):
    """Whoever asked has run out of time before auth says that it cannot: that is no failure of ours to be logged."""
    failures = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
    door.auth.hold, door.auth.problem = asyncio.Event(), Unavailable()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            await door.ask("GET", PATH, headers=BEARER)
    door.auth.hold.set()
    await asyncio.sleep(0.01)
    gc.collect()
    assert failures == []
