"""Confirm an address, choose a new password, change what one signs in with: by links that work once."""

import asyncio
import re

import pytest
from tests.caller import Caller

from autograph.auth.store import people

PASSWORD, OTHER = "correct horse battery", "staple of the other kind"
ADA = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}


@pytest.fixture
def call(make_auth):
    """An installation where everybody may register and confirms the address."""
    return Caller(make_auth(registration="open", verification="required"))


async def mails(call):
    """Every mail with its text, the newest first."""
    await call.app.state.recovery.close()  # what was promised is done after the answer
    mail = call.app.state.parts.mail
    letters, _ = await mail.listed(page=1, page_size=50)
    return [await mail.read(letter.id) for letter in letters]


async def link(call, kind):
    """The secret in the newest mail of a kind."""
    text = next(text for letter, text in await mails(call) if letter.kind == kind)
    return re.search(r"#(\S+)", text)[1]


async def verified(call, **changes):
    """An account whose address is confirmed."""
    assert (await call("POST", "/api/auth/register", {**ADA, **changes})).status == 201
    token = await link(call, "verify")
    assert (await call("POST", "/api/auth/email/verify", {"token": token})).status == 204


async def login(call, password=PASSWORD, email="ada@example.org"):
    return await call("POST", "/api/auth/login", {"email": email, "password": password})


async def as_ada(call, password=PASSWORD):
    """A caller that is signed in."""
    token = (await login(call, password)).json()["access_token"]
    proof = (await call("POST", "/internal/identify", {"bearer": token})).json()["assertion"]
    return Caller(call.app, {"x-autograph-identity": proof})


@pytest.mark.feature("auth.verify-email")
async def test_an_account_waits_for_its_address(call):
    """403 not-verified for the right password, 401 for a wrong one; the link opens the account, once."""
    await call("POST", "/api/auth/register", ADA)
    assert (await login(call)).slug == "not-verified"
    assert (await login(call, "wrong")).slug == "wrong-credentials"
    token = await link(call, "verify")

    assert (await call("POST", "/api/auth/email/verify", {"token": token})).status == 204
    assert (await login(call)).status == 200
    assert (await call("POST", "/api/auth/email/verify", {"token": token})).slug == "link-worthless"


@pytest.mark.feature("auth.verify-email")
async def test_a_link_lasts_for_a_day_and_can_be_asked_for_again(call, clock):
    """After 24 hours it opens nothing; a new one makes the old one worthless."""
    await call("POST", "/api/auth/register", ADA)
    old = await link(call, "verify")
    clock.wind(hours=24)
    assert (await call("POST", "/api/auth/email/verify", {"token": old})).slug == "link-worthless"
    answers = [
        await call("POST", "/api/auth/email/resend-verification", {"email": email})
        for email in ("ada@example.org", "nobody@example.org", "no address")
    ]
    assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
    new = await link(call, "verify")
    assert (await call("POST", "/api/auth/email/verify", {"token": new})).status == 204
    assert len([letter for letter, _ in await mails(call) if letter.kind == "verify"]) == 2


@pytest.mark.feature("auth.reset")
async def test_a_reset_ends_every_session_and_works_once(call, identify_with):
    """The new password works, the old one does not, and whoever was in is out."""
    await verified(call)
    token = (await login(call)).json()["access_token"]
    assert (await call("POST", "/api/auth/password-reset/request", {"email": ADA["email"]})).status == 202
    secret = await link(call, "reset")
    body = {"token": secret, "password": OTHER}
    answers = await asyncio.gather(
        *(call("POST", "/api/auth/password-reset/confirm", body) for _ in range(5))
    )

    assert sorted(answer.status for answer in answers) == [204] + [403] * 4
    assert (await identify_with(call, token)).status == 401
    assert ((await login(call)).status, (await login(call, OTHER)).status) == (401, 200)
    assert "password-changed" in {letter.kind for letter, _ in await mails(call)}


@pytest.mark.feature("auth.reset")
async def test_asking_for_a_reset_tells_nothing(call):
    """Known, unknown and impossible addresses get the same answer; only the known one gets a mail."""
    await verified(call)
    answers = [
        await call("POST", "/api/auth/password-reset/request", {"email": email})
        for email in (ADA["email"], "nobody@example.org", "no address")
    ]
    assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
    resets = [letter.recipient for letter, _ in await mails(call) if letter.kind == "reset"]
    assert resets == [ADA["email"]]


@pytest.mark.feature("auth.reset")
async def test_resets_are_limited(call):
    """Five in a quarter of an hour; nobody's inbox is flooded."""
    await verified(call)
    statuses = [
        (await call("POST", "/api/auth/password-reset/request", {"email": ADA["email"]})).status
        for _ in range(7)
    ]
    assert statuses == [202] * 5 + [429] * 2
    assert (await login(call)).status == 200


@pytest.mark.feature("auth.reset")
@pytest.mark.parametrize("hours", [1, 25])
async def test_a_reset_link_ends(call, clock, hours):
    """After an hour it opens nothing."""
    await verified(call)
    await call("POST", "/api/auth/password-reset/request", {"email": ADA["email"]})
    secret = await link(call, "reset")
    clock.wind(hours=hours)
    body = {"token": secret, "password": OTHER}
    assert (await call("POST", "/api/auth/password-reset/confirm", body)).slug == "link-worthless"
    assert (await login(call)).status == 200


async def test_a_weak_new_password_leaves_the_link(call):
    """422 names the field; then a better one is taken."""
    await verified(call)
    await call("POST", "/api/auth/password-reset/request", {"email": ADA["email"]})
    secret = await link(call, "reset")
    weak = await call(
        "POST", "/api/auth/password-reset/confirm", {"token": secret, "password": "qwertyuiop1"}
    )
    assert weak.wrong_fields == {"password"}
    body = {"token": secret, "password": OTHER}
    assert (await call("POST", "/api/auth/password-reset/confirm", body)).status == 204


async def test_a_link_is_for_one_purpose(call):
    """What confirms an address neither sets a password nor unlocks."""
    await call("POST", "/api/auth/register", ADA)
    secret = await link(call, "verify")
    body = {"token": secret, "password": OTHER}
    assert (await call("POST", "/api/auth/password-reset/confirm", body)).slug == "link-worthless"
    assert (await call("POST", "/api/auth/unlock", {"token": secret})).slug == "link-worthless"
    assert (await call("POST", "/api/auth/email/verify", {"token": secret})).status == 204


@pytest.mark.feature("auth.change-password")
async def test_changing_the_password_ends_the_other_sessions(call, identify_with):
    """It needs the current one; the session that asks goes on."""
    await verified(call)
    other = (await login(call)).json()["access_token"]
    mine = (await login(call)).json()["access_token"]
    proof = (await identify_with(call, mine)).json()["assertion"]
    ask = Caller(call.app, {"x-autograph-identity": proof})
    wrong = {"current_password": "wrong", "new_password": OTHER}
    assert (await ask("POST", "/api/auth/password/change", wrong)).slug == "wrong-credentials"
    right = {"current_password": PASSWORD, "new_password": OTHER}
    assert (await ask("POST", "/api/auth/password/change", right)).status == 204

    assert (await identify_with(call, mine)).status == 200
    assert (await identify_with(call, other)).status == 401
    assert (await login(call, OTHER)).status == 200


async def test_guessing_the_current_password_counts(call):
    """Five wrong ones, then 429, and at the sign-in as well."""
    await verified(call)
    ask = await as_ada(call)
    wrong = {"current_password": "wrong", "new_password": OTHER}
    statuses = [(await ask("POST", "/api/auth/password/change", wrong)).status for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert (await login(call)).status == 429


async def test_a_new_address_is_confirmed_there_and_told_here(call):
    """It changes when the link is followed; the old address hears of it."""
    await verified(call)
    ask = await as_ada(call)
    body = {"email": "countess@example.org", "current_password": PASSWORD}
    assert (await ask("POST", "/api/auth/email/change", body)).status == 202
    assert (await login(call, email="countess@example.org")).status == 401
    secret = await link(call, "new-address")
    assert (await call("POST", "/api/auth/email/confirm-change", {"token": secret})).status == 204

    assert (await login(call, email="countess@example.org")).status == 200
    told = {(letter.kind, letter.recipient) for letter, _ in await mails(call)}
    assert {("new-address", "countess@example.org"), ("security", "ada@example.org")} <= told


@pytest.mark.parametrize("how", ["reset", "change"])
async def test_a_new_password_ends_a_change_of_address(call, how):
    """Who had the old password and asked for another address does not get the account once it has a new one."""
    await verified(call)
    ada = await as_ada(call)
    body = {"current_password": PASSWORD, "email": "thief@example.net"}
    assert (await ada("POST", "/api/auth/email/change", body)).status == 202
    if how == "reset":
        await call("POST", "/api/auth/password-reset/request", {"email": ADA["email"]})
        body = {"token": await link(call, "reset"), "password": OTHER}
        assert (await call("POST", "/api/auth/password-reset/confirm", body)).status == 204
    else:
        body = {"current_password": PASSWORD, "new_password": OTHER}
        assert (await ada("POST", "/api/auth/password/change", body)).status == 204
    token = await link(call, "new-address")
    assert (await call("POST", "/api/auth/email/confirm-change", {"token": token})).slug == "link-worthless"
    assert (await login(call, OTHER)).status == 200


async def test_an_address_that_is_taken_meanwhile_stays_its_owners(call):
    """409 for the one who was late; nothing told beforehand whether it is taken."""
    await verified(call)
    ask = await as_ada(call)
    body = {"email": "eve@example.org", "current_password": PASSWORD}
    free = await ask("POST", "/api/auth/email/change", body)
    secret = await link(call, "new-address")
    await verified(call, email="eve@example.org", name="Eve")
    taken = await ask("POST", "/api/auth/email/change", body)
    assert (taken.status, taken.body) == (free.status, free.body)
    late = await call("POST", "/api/auth/email/confirm-change", {"token": secret})
    assert late.status in {403, 409}
    assert (await login(call, email="eve@example.org")).status == 200


@pytest.mark.feature("auth.register")
async def test_only_allowed_domains_have_accounts(make_auth):
    """403 domain-not-allowed for others, however they are written."""
    call = Caller(make_auth(registration="open", allowed_domains=("@Example.org",)))
    assert (await call("POST", "/api/auth/register", ADA)).status == 201
    for email in ("ada@example.com", "ada@sub.example.org", "ada@example.org.evil.net"):
        assert (
            await call("POST", "/api/auth/register", {**ADA, "email": email})
        ).slug == "domain-not-allowed"


@pytest.mark.feature("auth.sessions")
async def test_the_sixth_session_ends_the_one_used_longest_ago(call, identify_with, clock):
    """At most five live; the list says from where, by what and when."""
    await verified(call)
    tokens = []
    for number in range(6):
        headers = {"x-forwarded-for": f"192.0.2.{number}", "user-agent": f"Browser {number}"}
        body = {"email": ADA["email"], "password": PASSWORD}
        tokens.append((await call("POST", "/api/auth/login", body, headers=headers)).json()["access_token"])
        clock.wind(minutes=2)
    assert (await identify_with(call, tokens[0])).status == 401
    found = await identify_with(call, tokens[5])
    ask = Caller(call.app, {"x-autograph-identity": found.json()["assertion"]})
    items = (await ask("GET", "/api/auth/sessions")).json()["items"]

    assert [item["user_agent"] for item in items] == [f"Browser {n}" for n in (5, 4, 3, 2, 1)]
    assert (items[0]["address"], items[0]["is_current"], items[0]["methods"]) == (
        "192.0.2.5",
        True,
        ["password"],
    )
    assert (await ask("DELETE", f"/api/auth/sessions/{items[1]['id']}")).status == 204
    assert (await identify_with(call, tokens[4])).status == 401
    assert (await ask("DELETE", f"/api/auth/sessions/{items[1]['id']}")).status == 404
    assert (await ask("POST", "/api/auth/logout-all")).status == 204
    assert (await identify_with(call, tokens[5])).status == 401


@pytest.mark.feature("auth.sessions")
async def test_of_many_sign_ins_at_once_five_live(call):
    """The bound holds for parallel sign-ins, too."""
    await verified(call)
    await asyncio.gather(*(login(call) for _ in range(12)))
    async with call.app.state.parts.database.read() as connection:
        person, _ = await people.person_by_email(connection, ADA["email"])
    assert len(await call.app.state.sessions.listed(person.id)) == 5


@pytest.mark.feature("auth.sessions")
async def test_nobody_ends_somebody_elses_session(call):
    """404, and it lives on."""
    await verified(call)
    await verified(call, email="eve@example.org", name="Eve")
    ada, session = await as_ada(call), None
    session = (await ada("GET", "/api/auth/sessions")).json()["items"][0]["id"]
    token = (await login(call, email="eve@example.org")).json()["access_token"]
    proof = (await call("POST", "/internal/identify", {"bearer": token})).json()["assertion"]
    eve = Caller(call.app, {"x-autograph-identity": proof})
    assert (await eve("DELETE", f"/api/auth/sessions/{session}")).status == 404
    assert len((await ada("GET", "/api/auth/sessions")).json()["items"]) == 1


@pytest.fixture
def identify_with():
    """Asks who holds an access token."""

    async def identify_with(call, token):
        return await call("POST", "/internal/identify", {"bearer": token})

    return identify_with
