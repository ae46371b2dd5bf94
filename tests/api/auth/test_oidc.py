"""Signing in by an OpenID provider: with a real one, and against one that lies."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select, update
from tests.caller import Caller
from tests.clock import HandClock
from tests.servers import oidc
from tests.servers.oidc import Liar
from tests.servers.process import Absent

from autograph.auth.tables import audit_records, identities, links, mails, totp_secrets, users

pytestmark = pytest.mark.feature("auth.oidc")

START, CALLBACK = "/api/auth/oidc/start", "/api/auth/oidc/callback"
COOKIE, HELD = "autograph", "autograph-sign-in"
US = "http://127.0.0.1:8080"


@pytest.fixture
def clock():
    """Providers live in our time."""
    clock = HandClock()
    clock.time = datetime.now(UTC)
    return clock


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Issuer of a real provider."""
    try:
        server, issuer = oidc.start(tmp_path_factory.mktemp("oidc"))
    except Absent as reason:
        pytest.skip(str(reason))
    yield issuer
    server.stop()


@pytest.fixture
async def liar():
    """A provider that lies as it is told."""
    liar = Liar()
    await liar.open()
    yield liar
    await liar.close()


class Browser:
    """Keeps cookies, follows nothing by itself."""

    def __init__(self, app):
        self.call, self.cookies = Caller(app), {}

    async def get(self, path, method="GET"):
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.call(method, path, headers={"cookie": sent} if sent else {})
        for name, value in answer.fields:
            if name == "set-cookie":
                first, *rest = value.split("; ")
                kept, _, content = first.partition("=")
                self.cookies[kept] = content
                if "Max-Age=0" in rest:
                    del self.cookies[kept]
        return answer

    async def start(self, provider="company", **more):
        """Begin; return the address at the provider."""
        answer = await self.get(f"{START}?{urlencode({'provider': provider, **more})}")
        assert answer.status == 302, answer.body
        return answer.headers["location"]

    async def back(self, query):
        """Come back from the provider; return where one is sent."""
        answer = await self.get(f"{CALLBACK}?{query}")
        assert (answer.status, answer.headers["cache-control"]) == (302, "no-store"), answer.body
        return answer.headers["location"]


@pytest.fixture
def make(make_auth):
    """A browser at an installation with one provider."""

    def make(issuer, *, public_url=US, installation=None, **settings):
        company = {"issuer": issuer, "client_id": "autograph", "client_secret": "s3cret&", **settings}
        given = {"verification": "required", **(installation or {})}
        return Browser(make_auth(public_url=public_url, oidc={"company": company}, **given))

    return make


@pytest.fixture
def lied_to(make, liar):
    """A browser at an installation that makes accounts for whoever the liar names."""
    return make(liar.issuer, allow_new=True)


async def rows(database, *columns):
    async with database.read() as connection:
        return (await connection.execute(select(*columns))).all()


async def local_account(database, email, **values):
    """An account with a password."""
    row = {
        "id": f"id of {email}", "email": email, "name": "Local", "password_hash": "hash", "roles": ["editor"],
        "created_at": datetime.now(UTC), "verified_at": datetime.now(UTC), **values,
    }  # fmt: skip
    async with database.begin() as connection:
        await connection.execute(users.insert(), row)
    return row["id"]


async def through(browser, liar, **more):
    """The whole way; return where the browser ends."""
    return await browser.back(liar.code(await browser.start(**more)))


# -- with a real provider -----------------------------------------------------------------------------------------


async def test_the_whole_way_with_a_real_provider(make, real, database):
    """Sent there with PKCE, state and nonce; back with a code; a new account; signed in by a cookie."""
    oidc.know(real, "ada-7", email="Ada@Example.org", email_verified=True, name="Ada Lovelace")
    browser = make(real, allow_new=True)
    assert (await browser.get("/api/auth/providers")).json() == {
        "items": [{"id": "company", "name": "company"}]
    }

    url = await browser.start()
    asked = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{real}/oauth2/authorize?")
    assert asked["redirect_uri"] == [US + CALLBACK]
    assert (asked["code_challenge_method"], asked["scope"]) == (["S256"], ["openid profile email"])
    assert {len(asked[name][0]) for name in ("state", "nonce", "code_challenge")} == {43}

    back = oidc.sign_in(url, "ada-7")
    assert back.startswith(US + CALLBACK)
    assert await browser.back(urlsplit(back).query) == "/"
    assert set(browser.cookies) == {COOKIE}

    (person,) = await rows(database, users)
    assert (person.email, person.name, person.roles) == ("ada@example.org", "Ada Lovelace", ["viewer"])
    assert person.verified_at
    assert person.password_hash == ""
    (identity,) = await rows(database, identities)
    assert (identity.issuer, identity.subject, identity.user_id) == (real, "ada-7", person.id)


async def test_again_it_is_the_same_account(make, real, database):
    """Who somebody is hangs on issuer and subject; another address there, or another name, changes nothing here."""
    browser = make(real, allow_new=True)
    for email in ("bob@example.org", "robert@example.org"):
        oidc.know(real, "bob", email=email, email_verified=True)
        assert await browser.back(urlsplit(oidc.sign_in(await browser.start(), "bob")).query) == "/"
    assert [person.email for person in await rows(database, users)] == ["bob@example.org"]


async def test_somebody_who_says_no(make, real):
    """Whoever declines there is back at the sign-in page."""
    browser = make(real)
    back = urlsplit(oidc.refuse(await browser.start())).query
    state = parse_qs(urlsplit(await browser.start()).query)["state"][0]
    assert parse_qs(back)["error"] == ["access_denied"]
    assert (
        await browser.back(urlencode({"error": "access_denied", "state": state}))
        == "/sign-in?problem=sign-in-declined"
    )


# -- who comes in -------------------------------------------------------------------------------------------------


async def test_without_allow_new_nobody_gets_an_account(make, liar, database):
    """By default a provider opens accounts that are there and makes none."""
    assert await through(make(liar.issuer), liar) == "/sign-in?problem=no-account"
    assert await rows(database, users) == []


@pytest.mark.parametrize("says", [False, None, "false", "yes", 1, {}])
async def test_an_address_that_is_not_verified_makes_nothing(lied_to, liar, database, says):
    """Only true says verified; who has an account is not told."""
    await local_account(database, "eve@example.org")
    liar.claims = {"email_verified": says}
    assert await through(lied_to, liar) == "/sign-in?problem=address-not-verified"
    assert await rows(database, identities) == []


async def test_a_provider_that_says_nothing_of_it_may_be_trusted(make, liar, database):
    """Where the operator says so, no word means verified; a no is a no."""
    browser = make(liar.issuer, allow_new=True, emails_are_verified=True)
    liar.claims = {"email_verified": False}
    assert await through(browser, liar) == "/sign-in?problem=address-not-verified"
    liar.claims = {"email_verified": None}
    assert await through(browser, liar) == "/"


@pytest.mark.parametrize("email", ["", None, "no address", "a@b@c", "x" * 300 + "@example.org"])
async def test_without_an_address_there_is_no_account(lied_to, liar, email):
    """What is no address makes no account."""
    liar.claims = {"email": email}
    assert await through(lied_to, liar) == "/sign-in?problem=address-not-verified"


async def test_allowed_domains_hold(make, liar):
    """A new account is of a domain that may have one."""
    browser = make(liar.issuer, allow_new=True, installation={"allowed_domains": ("example.com",)})
    assert await through(browser, liar) == "/sign-in?problem=domain-not-allowed"


async def test_an_address_alone_opens_no_account(lied_to, liar, database):
    """An account with the same address stays its owner's: it is linked only where the operator wants that."""
    await local_account(database, "eve@example.org")
    assert await through(lied_to, liar) == "/sign-in?problem=email-taken"
    assert await rows(database, identities) == []


async def test_an_operator_may_link_by_address(make, liar, database):
    """Then a verified address leads to the account, with its password, and its owner is told."""
    mine = await local_account(database, "eve@example.org")
    browser = make(liar.issuer, link_by_email=True)
    assert await through(browser, liar) == "/"
    assert await rows(database, identities.c.user_id) == [(mine,)]
    assert await rows(database, users.c.password_hash) == [("hash",)]
    ((kind, recipient),) = await rows(database, mails.c.kind, mails.c.recipient)
    assert (kind, recipient) == ("security", "eve@example.org")


async def test_a_stranger_cannot_wait_in_an_account(make, liar, database):
    """Who registered with somebody else's address and never proved it loses the password when that one comes."""
    await local_account(database, "eve@example.org", verified_at=None)
    assert await through(make(liar.issuer, link_by_email=True), liar) == "/"
    ((password, verified),) = await rows(database, users.c.password_hash, users.c.verified_at)
    assert password == ""
    assert verified


async def test_where_nobody_proves_addresses_none_is_linked(make, liar, database):
    """With verification off an account may be anybody's, whatever its address."""
    await local_account(database, "eve@example.org")
    browser = make(liar.issuer, link_by_email=True, installation={"verification": "off"})
    assert await through(browser, liar) == "/sign-in?problem=email-taken"


async def test_a_disabled_account_stays_out(lied_to, liar, database):
    """Also its provider does not open it."""
    assert await through(lied_to, liar) == "/"
    async with database.begin() as connection:
        await connection.execute(update(users).values(disabled_at=datetime.now(UTC)))
    lied_to.cookies.clear()
    assert await through(lied_to, liar) == "/sign-in?problem=account-disabled"
    assert COOKIE not in lied_to.cookies


async def test_roles_come_from_groups_each_time(make, liar, database):
    """Where groups bring roles, each sign-in brings those of now, and what an administrator gave by hand is gone."""
    roles = {"staff": "editor", "ops": "operator"}
    browser = make(liar.issuer, allow_new=True, roles=roles, groups_claim="realm.groups")
    await local_account(database, "root@example.org", roles=["admin"])
    for groups, expected in (
        (["staff", "ops", "other"], ["editor", "operator"]), (["ops"], ["operator"]), ("staff", ["editor"]),
        ([], ["viewer"]), ([["staff"], {"staff": 1}, 7], ["viewer"]), (None, ["viewer"]), ({"staff": 1}, ["viewer"]),
    ):  # fmt: skip
        liar.claims = {"realm": {"groups": groups}}
        assert await through(browser, liar) == "/"
        assert [one.roles for one in await rows(database, users) if one.email == "eve@example.org"] == [
            expected
        ]


async def test_without_a_group_nobody_comes_in_where_groups_decide(make, liar, database):
    """Neither for the first time nor, having lost the group, once more; then the account's roles are gone too."""
    browser = make(liar.issuer, allow_new=True, roles={"staff": "editor"}, default_role="")
    assert await through(browser, liar) == "/sign-in?problem=no-role"
    assert await rows(database, users) == []
    liar.claims = {"groups": ["staff"]}
    assert await through(browser, liar) == "/"
    liar.claims = {}
    assert await through(browser, liar) == "/sign-in?problem=no-role"
    assert [tuple(one) for one in await rows(database, users.c.roles)] == [([],)]


async def test_the_last_administrator_stays_one(make, liar, database):
    """No mistake in the groups leaves an installation without an administrator."""
    browser = make(liar.issuer, link_by_email=True, roles={"staff": "editor"}, default_role="")
    await local_account(database, "eve@example.org", roles=["admin"])
    liar.claims = {"groups": ["staff"]}
    assert await through(browser, liar) == "/"
    assert [one.roles for one in await rows(database, users)] == [["admin", "editor"]]
    await local_account(database, "root@example.org", roles=["admin"])
    assert await through(browser, liar) == "/"
    assert {one.email: one.roles for one in await rows(database, users)}["eve@example.org"] == ["editor"]


async def test_a_second_factor_is_asked_for_here_too(make, liar, database, clock):
    """Whoever has one shows it; what is to be sent with it never stands in an address."""
    mine = await local_account(database, "eve@example.org")
    async with database.begin() as connection:
        row = {"user_id": mine, "sealed_secret": b"s", "last_step": 0, "created_at": clock.now()}
        await connection.execute(totp_secrets.insert(), {**row, "enabled_at": clock.now()})
    browser = make(liar.issuer, link_by_email=True)
    assert await through(browser, liar) == "/sign-in?step=second"
    assert set(browser.cookies) == {HELD}
    step = await browser.get("/api/auth/oidc/second", "POST")
    assert step.json()["methods"] == ["totp"]
    assert len(step.json()["mfa_token"]) == 43
    assert browser.cookies == {}
    assert (await browser.get("/api/auth/oidc/second", "POST")).slug == "sign-in-worthless"

    there = make(liar.issuer, link_by_email=True, second_factor="there")
    assert await through(there, liar) == "/"


@pytest.mark.parametrize(("remember_me", "days"), [("true", 30), ("false", 1)])
async def test_remember_me(lied_to, liar, remember_me, days):
    """It is remembered from the beginning to the end."""
    url = await lied_to.start(remember_me=remember_me)
    answer = await lied_to.get(f"{CALLBACK}?{liar.code(url)}")
    (cookie,) = [
        value for name, value in answer.fields if name == "set-cookie" and value.startswith(f"{COOKIE}=")
    ]
    assert ("Max-Age=2592000" in cookie) == (days == 30)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


async def test_of_two_first_sign_ins_at_once_one_account_comes(make, liar, database):
    """Both are signed in, to one account."""
    browsers = [make(liar.issuer, allow_new=True) for _ in range(4)]
    queries = [liar.code(await browser.start()) for browser in browsers]
    pairs = zip(browsers, queries, strict=True)
    ends = await asyncio.gather(*(browser.back(query) for browser, query in pairs))
    assert ends == ["/"] * 4
    assert len(await rows(database, users)) == 1


async def test_what_id_tokens_leave_out_is_asked_for(make, liar, database):
    """Address and groups may come on request; what was signed counts more, and it must be the same person."""
    browser = make(liar.issuer, allow_new=True, roles={"staff": "editor"})
    liar.claims = {"email": None, "email_verified": True, "name": "Signed"}
    liar.userinfo = {"sub": "u1", "email": "asked@example.org", "groups": ["staff"], "name": "Asked"}
    assert (
        await through(browser, liar) == "/sign-in?problem=address-not-verified"
    )  # signed for another address
    liar.userinfo["email_verified"] = True
    assert await through(browser, liar) == "/"
    ((email, name, roles),) = await rows(database, users.c.email, users.c.name, users.c.roles)
    assert (email, name, roles) == ("asked@example.org", "Signed", ["editor"])
    liar.userinfo["sub"] = "u2"
    assert await through(browser, liar) == "/sign-in?problem=provider-not-believed"


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
    ids=str,
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
    assert (await browser.get("/api/auth/providers")).json() == {"items": []}
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
