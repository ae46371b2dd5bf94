"""Whoever knows the password and not the code stays out, however they try."""

import asyncio

import pytest
from sqlalchemy import update
from tests.api.auth.mfa.conftest import ADA, PASSWORD, login, mails, signed_in, verify
from tests.caller import Caller

from autograph.auth.tables import totp_secrets, users

pytestmark = pytest.mark.feature("auth.mfa")


@pytest.mark.parametrize("tokens", [1, 20])
async def test_of_twenty_replays_at_once_one_comes_in(make_auth, secret, app_code, tokens):
    """On two replicas, with one sign-in's token or with twenty: the code works once."""
    calls = [Caller(make_auth(tries_per_account=100, lock_after=100)) for _ in range(2)]
    given = [(await login(calls[0])).json()["mfa_token"] for _ in range(tokens)]
    code = app_code(secret)
    tries = [verify(calls[n % 2], given[n % tokens], code) for n in range(20)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]

    assert (statuses.count(200), statuses.count(401)) == (1, 19)


async def test_of_twenty_uses_of_a_backup_code_at_once_one_comes_in(make_auth, call, secret):
    """The same for codes on paper."""
    patient = Caller(make_auth(tries_per_account=100, lock_after=100))
    tokens = [(await login(patient)).json()["mfa_token"] for _ in range(20)]
    tries = [verify(patient, token, call.backup_codes[3]) for token in tokens]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]

    assert (statuses.count(200), statuses.count(401)) == (1, 19)


@pytest.mark.parametrize(
    "code",
    ["000000", "", "0" * 64, "\uff11\uff12\uff13\uff14\uff15\uff16", "-" * 64, "aaaaa-aaaaa"],
)
async def test_what_is_no_code_opens_nothing(call, secret, code):
    """Empty, long, in other digits: wrong, and nothing breaks."""
    token = (await login(call)).json()["mfa_token"]
    answer = await verify(call, token, code)
    assert answer.slug == "wrong-code"


@pytest.mark.feature("auth.throttle")
async def test_ten_wrong_codes_lock_the_account_for_passwords_too(call, secret, app_code, clock):
    """With a fresh password each time, and from then on nothing right is taken; the owner gets a mail."""
    for _ in range(2):
        for _ in range(5):
            token = (await login(call)).json()["mfa_token"]
            assert (await verify(call, token, "000000")).slug == "wrong-code"
        clock.wind(minutes=16)
    assert (await login(call)).slug == "account-locked"
    assert [to for to, _ in await mails(call, "locked")] == ["ada@example.org"]


@pytest.mark.feature("auth.throttle")
async def test_a_locked_account_takes_no_code_of_a_sign_in_that_was_begun_before(call, secret, app_code):
    """The second step looks at what the first one does."""
    token = (await login(call)).json()["mfa_token"]
    for _ in range(5):
        assert (await login(call, "wrong")).status == 401
    assert (await verify(call, token, app_code(secret))).slug == "too-many-attempts"


@pytest.mark.feature("auth.throttle")
async def test_a_wrong_code_does_not_use_the_sign_in_up_and_a_right_one_wipes_the_slate(
    call, secret, app_code
):
    """Four typing errors, then in; then there is room for four more."""
    for step in range(2):
        token = (await login(call)).json()["mfa_token"]
        for _ in range(4):
            assert (await verify(call, token, "000000")).status == 401
        assert (await verify(call, token, app_code(secret, step))).status == 200


async def test_codes_are_tried_at_nothing_else_without_limit(call, secret, clock):
    """Whoever holds a session and guesses codes to remove or replace is stopped after five as well."""
    token = (await login(call)).json()["mfa_token"]
    ada = await signed_in(call, (await verify(call, token, call.backup_codes[0])).json()["access_token"])
    ways = [
        ("disable", {"current_password": PASSWORD, "code": "000000"}),
        ("backup-codes/regenerate", {"code": "000000"}),
    ]
    slugs = [(await ada("POST", f"/api/auth/mfa/{way}", body)).slug for way, body in ways * 3]
    assert slugs == ["wrong-code"] * 5 + ["too-many-attempts"]


@pytest.mark.parametrize(
    ("change", "slug"), [("disabled_at", "account-disabled"), ("verified_at", "not-verified")]
)
async def test_the_second_step_asks_what_the_first_asks(
    make_auth, secret, app_code, database, clock, change, slug
):
    """An account that was disabled since, or whose address is not confirmed, stays out with the right code."""
    call = Caller(make_auth(verification="required"))
    token = (await login(call)).json()["mfa_token"]
    value = clock.now() if change == "disabled_at" else None
    async with database.begin() as connection:
        await connection.execute(update(users).values(**{change: value}))
    assert (await verify(call, token, app_code(secret))).slug == slug
    for way in ("enrol/setup", "enrol/enable"):
        body = {"mfa_token": token, **({"code": "000000"} if way.endswith("enable") else {})}
        assert (await call("POST", f"/api/auth/mfa/{way}", body)).slug == slug


async def test_a_new_password_by_mail_does_not_go_round_the_code(call, secret, app_code):
    """And a sign-in that was begun with the old one is over."""
    token = (await login(call)).json()["mfa_token"]
    await call("POST", "/api/auth/password-reset/request", {"email": "ada@example.org"})
    await asyncio.gather(*call.app.state.recovery._later)
    link = (await mails(call, "reset"))[0][1].split("/reset#")[1].split()[0]
    new = "quite another horse"
    assert (
        await call("POST", "/api/auth/password-reset/confirm", {"token": link, "password": new})
    ).status == 204
    assert (await verify(call, token, app_code(secret))).slug == "second-step-worthless"
    assert (await login(call, new)).json()["mfa_required"] is True


async def test_a_changed_password_ends_sign_ins_that_wait(call, secret, app_code):
    """Whoever knew the old password does not come in with a code that they saw."""
    waiting = (await login(call)).json()["mfa_token"]
    token = (await login(call)).json()["mfa_token"]
    ada = await signed_in(call, (await verify(call, token, app_code(secret))).json()["access_token"])
    body = {"current_password": PASSWORD, "new_password": "quite another horse"}
    assert (await ada("POST", "/api/auth/password/change", body)).status == 204
    assert (await verify(call, waiting, app_code(secret, 1))).slug == "second-step-worthless"


async def test_a_secret_that_was_put_into_another_row_opens_nothing(call, secret, app_code, database):
    """Whoever may write the database cannot give an account a secret of their own: it is sealed for its owner."""
    await call("POST", "/api/auth/register", {**ADA, "email": "eve@example.org", "name": "Eve"})
    eve = await signed_in(call, (await login(call, email="eve@example.org")).json()["access_token"])
    own = (await eve("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).json()["secret"]
    async with database.begin() as connection:
        sealed = (
            await connection.execute(totp_secrets.select().where(totp_secrets.c.enabled_at.is_(None)))
        ).one()
        await connection.execute(
            update(totp_secrets)
            .where(totp_secrets.c.user_id != sealed.user_id)
            .values(sealed_secret=sealed.sealed_secret)
        )
    token = (await login(call)).json()["mfa_token"]
    assert (await verify(call, token, app_code(own))).slug == "wrong-code"


@pytest.mark.parametrize("way", ["enable", "enrol"])
async def test_first_codes_are_not_guessed_either(make_auth, way):
    """Five tries at an app that waits for its first code, then no more."""
    call = Caller(make_auth(registration="open", mfa="required" if way == "enrol" else "optional"))
    await call("POST", "/api/auth/register", ADA)
    answer = (await login(call)).json()
    if way == "enable":
        asker, base, more = await signed_in(call, answer["access_token"]), "/api/auth/mfa/", {}
        begun = await asker("POST", base + "setup", {"current_password": PASSWORD})
    else:
        asker, base, more = call, "/api/auth/mfa/enrol/", {"mfa_token": answer["mfa_token"]}
        begun = await asker("POST", base + "setup", more)
    assert begun.status == 200
    statuses = [(await asker("POST", base + "enable", {"code": "000000", **more})).status for _ in range(6)]
    assert statuses == [422] * 5 + [429]


async def test_whoever_reads_gets_no_secret_again(call, secret):
    """Status tells numbers; setting up once more needs the app removed; answers are kept nowhere."""
    token = (await login(call)).json()["mfa_token"]
    opened = await verify(call, token, call.backup_codes[0])
    assert opened.headers["cache-control"] == "no-store"
    ada = await signed_in(call, opened.json()["access_token"])
    assert secret not in (await ada("GET", "/api/auth/mfa")).body.decode()
    assert (await ada("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).slug == "mfa-enabled"
