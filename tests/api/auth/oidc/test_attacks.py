"""Signing in by an OpenID provider: what is not believed, and what goes wrong."""

import asyncio
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import RSAKey
from tests.api.auth.oidc.ways import CALLBACK, COOKIE, HELD, START, US, Browser, rows, through
from tests.servers import oidc
from tests.servers.oidc import Liar

from autograph.auth.tables import audit_records, links, users

pytestmark = pytest.mark.feature("auth.oidc")


# -- attacks ------------------------------------------------------------------------------------------------------


async def test_a_state_works_once(lied_to, liar):
    """Coming back twice signs in once, also with a fresh code."""
    url = await lied_to.start()
    held = dict(lied_to.cookies)
    query = liar.code(url)
    assert await lied_to.back(query) == "/"
    for again in (query, liar.code(url)):
        lied_to.cookies = dict(held)
        assert await lied_to.back(again) == "/sign-in?problem=sign-in-worthless"
        assert COOKIE not in lied_to.cookies


async def test_a_state_at_the_same_moment_works_once(lied_to, liar):
    """Of ten at once one comes in."""
    url = await lied_to.start()
    held = dict(lied_to.cookies)
    browsers = [Browser(lied_to.call.app) for _ in range(10)]
    for browser in browsers:
        browser.cookies = dict(held)
    ends = await asyncio.gather(*(browser.back(liar.code(url)) for browser in browsers))
    assert sorted(ends) == ["/"] + ["/sign-in?problem=sign-in-worthless"] * 9


async def test_another_browser_cannot_finish(lied_to, liar):
    """Without the cookie, with another sign-in's, or with a made-up one: nobody is signed in to the attacker's account."""
    query = liar.code(await lied_to.start())
    victim = Browser(lied_to.call.app)
    assert await victim.back(query) == "/sign-in?problem=sign-in-worthless"
    await victim.start()
    assert await victim.back(query) == "/sign-in?problem=sign-in-worthless"
    victim.cookies = {HELD: "é" * 43}
    assert await victim.back(query) == "/sign-in?problem=sign-in-worthless"
    assert await lied_to.back(query) == "/", "nobody else used it up"


async def test_a_sign_in_may_not_take_for_ever(lied_to, liar, clock):
    """After ten minutes it is worth nothing."""
    query = liar.code(await lied_to.start())
    clock.wind(minutes=10)
    assert await lied_to.back(query) == "/sign-in?problem=sign-in-worthless"


@pytest.mark.parametrize("query", ["", "state=", "code=x", "state=x&code=y", "state=%00&code=%00", "error=x"])
async def test_what_was_never_begun_is_not_finished(lied_to, query):
    """Whatever is in the address."""
    await lied_to.start()
    assert await lied_to.back(query) == "/sign-in?problem=sign-in-worthless"


async def test_a_code_of_another_sign_in_is_worth_nothing(lied_to, liar):
    """A stolen code, injected into one's own sign-in, carries another nonce and has another PKCE verifier."""
    victim = Browser(lied_to.call.app)
    stolen = dict(parse_qsl(liar.code(await victim.start())))["code"]
    state = parse_qs(urlsplit(await lied_to.start()).query)["state"][0]
    assert (
        await lied_to.back(urlencode({"code": stolen, "state": state}))
        == "/sign-in?problem=provider-not-believed"
    )


async def test_a_code_injected_at_the_real_provider(make, real):
    """The same with a provider that does not check PKCE: the nonce is enough."""
    browser, victim = make(real, allow_new=True), make(real, allow_new=True)
    stolen = dict(parse_qsl(urlsplit(oidc.sign_in(await victim.start(), "victim")).query))["code"]
    state = parse_qs(urlsplit(await browser.start()).query)["state"][0]
    assert (
        await browser.back(urlencode({"code": stolen, "state": state}))
        == "/sign-in?problem=provider-not-believed"
    )


async def test_a_code_that_is_none(lied_to, liar):
    """What the provider does not take leads back to the beginning."""
    state = parse_qs(urlsplit(await lied_to.start()).query)["state"][0]
    assert await lied_to.back(f"state={state}&code=none") == "/sign-in?problem=sign-in-worthless"


def unsigned(header, claims):
    """A token that says it needs no signature."""
    return Liar().signed({**header, "alg": "RS256"}, claims).rpartition(".")[0] + "."


def told(lie):
    """What a lie is called: the same in every process, whatever keys it has made."""
    return ",".join(f"{name} {value}" if isinstance(value, dict) else name for name, value in lie.items())


@pytest.mark.parametrize(
    "lie",
    [
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another"}},
        {"claims": {"aud": ["autograph", "another"]}},
        {"claims": {"aud": None}},
        {"claims": {"azp": "another"}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"exp": 1}},
        {"claims": {"exp": None}},
        {"claims": {"iat": 4_000_000_000}},
        {"claims": {"nbf": 4_000_000_000}},
        {"claims": {"sub": None}},
        {"claims": {"sub": ""}},
        {"claims": {"sub": "x" * 256}},
        {"claims": {"sub": 7}},
        {"header": {"kid": "unknown"}},
        {"header": {"kid": ["first"]}},
        {"header": {"crit": ["exp"]}},
        {"header": {"alg": "RS512"}},
        {"token": unsigned},
        {"token": lambda *_: "no token"},
        {"answer": {"id_token": None}},
        {"answer": {"id_token": 7}},
        {"key": RSAKey.generate_key(2048, {"kid": "first"}, private=True)},
    ],
    ids=told,
)
async def test_an_id_token_that_lies(lied_to, liar, database, lie):
    """Nonce swapped or missing, made for or by others, too old, too young, unsigned or signed by others: nobody comes in."""
    for name, value in lie.items():
        setattr(liar, name, value)
    assert await through(lied_to, liar) == "/sign-in?problem=provider-not-believed"
    assert await rows(database, users) == []


async def test_a_key_is_not_mistaken_for_a_password(lied_to, liar):
    """HS256 with the public key as its secret, announced or not, is no signature."""
    liar.said = {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
    liar.header = {"alg": "HS256"}
    assert await through(lied_to, liar) == "/sign-in?problem=provider-not-believed"


async def test_the_answer_must_say_from_whom_it_is(lied_to, liar):
    """A wrong name is another provider's answer; whoever announces a name must give it (RFC 9207)."""
    url = await lied_to.start()
    assert (
        await lied_to.back(liar.code(url, iss="https://elsewhere.example"))
        == "/sign-in?problem=provider-not-believed"
    )
    assert await lied_to.back(liar.code(await lied_to.start(), iss=liar.issuer)) == "/"


async def test_an_announced_name_may_not_be_missing(lied_to, liar):
    """Leaving it out is no way around."""
    liar.said = {"authorization_response_iss_parameter_supported": True}
    assert await through(lied_to, liar) == "/sign-in?problem=provider-not-believed"


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    ],
)
async def test_a_provider_that_cannot_be(lied_to, liar, said):
    """What it says of itself must fit what the operator set, and lead over https only."""
    liar.said = said
    answer = await lied_to.get(f"{START}?provider=company")
    assert answer.headers["location"] == "/sign-in?problem=provider-not-believed"


# -- what goes wrong ----------------------------------------------------------------------------------------------


async def test_a_provider_that_is_away(make, ada, sign_in, clock):
    """It is said at once the second time; who signs in with a password notices nothing."""
    browser = make("http://127.0.0.1:1")
    for _ in range(3):
        answer = await browser.get(f"{START}?provider=company")
        assert (answer.status, answer.headers["location"]) == (302, "/sign-in?problem=provider-away")
    assert (await sign_in()).status == 200


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_provider_that_fails_on_the_way(lied_to, liar, status):
    """Going away between beginning and end is no fault of the person."""
    url = await lied_to.start()
    liar.status = status
    assert await lied_to.back(liar.code(url)) == "/sign-in?problem=provider-away"


async def test_a_provider_that_hangs_or_never_ends(make, liar, monkeypatch):
    """Nobody waits for ever, and nothing is read for ever."""
    monkeypatch.setattr("autograph.auth.factors.oidc.ANSWER_SECONDS", 0.3)
    liar.delay_seconds = 2
    slow = make(liar.issuer)
    answer = await slow.get(f"{START}?provider=company")
    assert answer.headers["location"] == "/sign-in?problem=provider-away"
    liar.delay_seconds, liar.padding = 0, "x" * 600_000
    large = make(liar.issuer, allow_new=True)
    assert await through(large, liar) == "/sign-in?problem=provider-not-believed"


async def test_after_a_rest_it_is_asked_again(make, liar, clock):
    """A provider that is back is used, some seconds later."""
    browser = make(liar.issuer)
    liar.status = 503
    assert (await browser.get(f"{START}?provider=company")).headers["location"].endswith("provider-away")
    liar.status = 200
    assert (await browser.get(f"{START}?provider=company")).headers["location"].endswith("provider-away")
    clock.wind(seconds=5)
    assert (await browser.start()).startswith(f"{liar.issuer}/authorize?")


async def test_what_it_says_of_itself_is_remembered(lied_to, liar):
    """Description and keys are fetched once an hour, however many sign in."""
    for _ in range(3):
        assert await through(lied_to, liar) == "/"
    assert liar.asked.count("/.well-known/openid-configuration") == 1
    assert liar.asked.count("/keys") == 1


async def test_a_new_key_is_found(lied_to, liar, clock):
    """A key that nobody knew is looked up, and unknown ones cannot make a storm of questions."""
    assert await through(lied_to, liar) == "/"
    clock.wind(seconds=5)
    liar.key = RSAKey.generate_key(2048, {"kid": "second"}, private=True)
    liar.keys.append(liar.key)
    assert await through(lied_to, liar) == "/"
    assert liar.asked.count("/keys") == 2
    liar.header = {"kid": "forged"}
    for _ in range(5):
        assert (await through(lied_to, liar)).endswith("provider-not-believed")
    assert liar.asked.count("/keys") <= 3


@pytest.mark.parametrize(
    ("methods", "secret", "expected"),
    [
        (["client_secret_basic"], "s3cret&", ("Basic YXV0b2dyYXBoOnMzY3JldCUyNg==", None, None)),
        (["client_secret_post"], "s3cret&", ("", "autograph", "s3cret&")),
        (["client_secret_post", "client_secret_basic"], "", ("", "autograph", None)),
    ],
)
async def test_who_we_are_to_a_provider(make, liar, methods, secret, expected):
    """The secret goes as the provider wants it, and the verifier with it."""
    liar.said = {"token_endpoint_auth_methods_supported": methods}
    browser = make(liar.issuer, allow_new=True, client_secret=secret)
    assert await through(browser, liar) == "/"
    (sent,) = liar.sent
    assert (sent["authorization"], sent.get("client_id"), sent.get("client_secret")) == expected
    assert (len(sent["code_verifier"]), sent["redirect_uri"]) == (43, US + CALLBACK)


async def test_unknown_providers_and_none(make_auth):
    """Without providers the list is empty and nobody is sent anywhere."""
    browser = Browser(make_auth())
    assert (await browser.get("/api/auth/providers")).json()["items"] == []
    answer = await browser.get(f"{START}?provider=none")
    assert answer.headers["location"] == "/sign-in?problem=provider-unknown"
    assert (await browser.get(START)).wrong_fields == {"provider"}


async def test_the_cookie_on_the_way_is_short_lived_and_bound_to_its_host(make, liar):
    """Off this machine it is Secure with the __Host- prefix; scripts never see it."""
    browser = make(liar.issuer, public_url="https://diagrams.example.org")
    answer = await browser.get(f"{START}?provider=company")
    first, *attributes = answer.headers["set-cookie"].split("; ")
    assert first.startswith("__Host-autograph-sign-in=")
    assert set(attributes) == {"HttpOnly", "Max-Age=600", "Path=/", "SameSite=lax", "Secure"}


async def test_nothing_that_opens_a_door_is_kept(lied_to, liar, database):
    """While somebody is at the provider the database holds neither state, nonce, verifier nor cookie."""
    asked = parse_qs(urlsplit(await lied_to.start()).query)
    kept = repr(await rows(database, links))
    for secret in (asked["state"][0], asked["nonce"][0], lied_to.cookies[HELD]):
        assert secret not in kept
    assert lied_to.cookies[HELD] != asked["nonce"][0]


async def test_the_log_hears_of_it(make, liar, database):
    """New account, session, roles, and who was turned away."""
    browser = make(liar.issuer, allow_new=True, roles={"staff": "editor"}, default_role="")
    liar.claims = {"groups": ["staff"]}
    await through(browser, liar)
    liar.claims = {}
    await through(browser, liar)
    told = [(one.event, one.outcome) for one in await rows(database, audit_records)]
    assert told == [
        ("session.opened", "success"),
        ("account.made", "success"),
        ("account.roles_changed", "success"),
        ("session.refused", "failure"),
    ]
    last = (await rows(database, audit_records.c.details, audit_records.c.personal))[-1]
    assert last.details == {"method": "oidc company", "why": "no-role"}
    assert last.personal["email"] == "eve@example.org"
