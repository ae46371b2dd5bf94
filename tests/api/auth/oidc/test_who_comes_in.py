"""Signing in by an OpenID provider: who comes in, to which account, with which roles."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import update
from tests import identity
from tests.api.auth.oidc.ways import CALLBACK, COOKIE, HELD, US, local_account, rows, through
from tests.caller import Caller
from tests.servers import oidc

from autograph.auth.tables import audit_records, identities, invitations, mails, totp_secrets, users

pytestmark = pytest.mark.feature("auth.oidc")


# -- with a real provider -----------------------------------------------------------------------------------------


async def test_the_whole_way_with_a_real_provider(make, real, database):
    """Sent there with PKCE, state and nonce; back with a code; a new account; signed in by a cookie."""
    oidc.know(real, "ada-7", email="Ada@Example.org", email_verified=True, name="Ada Lovelace")
    browser = make(real, allow_new=True)
    offered = (await browser.get("/api/auth/providers")).json()["items"]
    assert offered == [{"id": "company", "name": "company"}]

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


async def invited(browser, database, role="editor", team=False, **settings):
    """Somebody with the address of the liar's person is invited by mail; return the id of the team, if to one."""
    call, root = browser.call, await local_account(database, "root@example.org", roles=["admin"])
    proof = identity.assertion(
        call.app.state.parts.keys,
        call.app.state.parts.clock,
        root,
        roles=("admin",),
        email="root@example.org",
    )
    asker, body = Caller(call.app, {identity.HEADER: proof}), {"emails": ["eve@example.org"], "role": role}
    if team:
        made = (await asker("POST", "/api/auth/teams", {"name": "Payments"})).json()["id"]
        body |= {"team_id": made, "team_role": "admin"}
    answer = await asker("POST", "/api/auth/invitations", body)
    assert [one["outcome"] for one in answer.json()["items"]] == ["invited"], answer.body
    return asker, body.get("team_id")


@pytest.mark.feature("teams.teams")
async def test_whoever_was_invited_comes_in_by_a_provider(make, liar, database):
    """Also where it makes no accounts: with the invitation's role, into its team, once, and the mail is empty."""
    browser = make(liar.issuer)
    asker, team = await invited(browser, database, team=True)

    assert await through(browser, liar) == "/"

    [person] = [one for one in await rows(database, users) if one.email == "eve@example.org"]
    assert (person.roles, bool(person.verified_at)) == (["editor"], True)
    members = (await asker("GET", f"/api/auth/teams/{team}/members")).json()["items"]
    assert {one["email"]: one["role"] for one in members}["eve@example.org"] == "admin"
    assert [one.uses_left for one in await rows(database, invitations)] == [0]
    assert [one.sealed_text for one in await rows(database, mails)] == [None]
    events = {one.event: one.subject_kind for one in await rows(database, audit_records)}
    assert events["invitation.used"] == "invitation"
    assert await through(make(liar.issuer), liar) == "/"


@pytest.mark.feature("teams.teams")
@pytest.mark.parametrize("what", ["withdrawn", "expired", "not vouched for", "closed", "not verified"])
async def test_an_invitation_that_leads_nowhere_leads_nobody_in(make, liar, database, clock, what):
    """By a provider as by its link."""
    browser = make(liar.issuer)
    asker, _ = await invited(browser, database)
    if what == "withdrawn":
        [one] = (await asker("GET", "/api/auth/invitations")).json()["items"]
        await asker("DELETE", f"/api/auth/invitations/{one['id']}")
    elif what == "expired":
        async with database.begin() as connection:
            await connection.execute(update(invitations).values(expires_at=clock.now()))
    elif what == "not vouched for":
        async with database.begin() as connection:
            await connection.execute(update(users).values(roles=["editor"]))
    elif what == "closed":
        browser = make(liar.issuer, installation={"registration": "closed"})
    else:
        liar.claims = {"email_verified": False}

    ended = await through(browser, liar)

    assert ended == f"/sign-in?problem={'address-not-verified' if what == 'not verified' else 'no-account'}"
    assert [one.email for one in await rows(database, users)] == ["root@example.org"]


@pytest.mark.feature("teams.teams")
async def test_groups_decide_the_role_of_the_invited_too(make, liar, database):
    """Where a provider's groups bring roles an invitation brings the team alone."""
    browser = make(liar.issuer, roles={"drawers": "viewer"}, default_role="")
    await invited(browser, database, role="admin")
    assert await through(browser, liar) == "/sign-in?problem=no-role"
    liar.claims = {"groups": ["drawers"]}
    assert await through(browser, liar) == "/"
    assert [one.roles for one in await rows(database, users) if one.email == "eve@example.org"] == [
        ["viewer"]
    ]


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
