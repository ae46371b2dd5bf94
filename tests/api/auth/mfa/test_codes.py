"""An authenticator app's codes: each works once, wrong ones count with wrong passwords, and nothing goes round them."""

import asyncio

import pytest
from sqlalchemy import select
from tests.api.auth.mfa.conftest import ADA, PASSWORD, login, mails, signed_in, verify
from tests.caller import Caller
from tests.identity import HEADER, assertion

from autograph.auth.tables import audit_records, backup_codes, totp_secrets

pytestmark = pytest.mark.feature("auth.mfa")


async def test_the_password_alone_opens_nothing(call, secret, app_code):
    """It leads to a second step; the code opens the session, which says by what."""
    answer = await login(call)
    assert answer.json()["mfa_required"] is True
    assert answer.json()["methods"] == ["totp", "backup_code"]
    assert "access_token" not in answer.json()
    body = {"mfa_token": answer.json()["mfa_token"], "code": app_code(secret)}
    done = await call("POST", "/api/auth/mfa/verify", body)
    assert done.status == 200, done.body
    ada = await signed_in(call, done.json()["access_token"])
    assert (await ada("GET", "/api/auth/sessions")).json()["items"][0]["methods"] == ["password", "totp"]


async def test_a_code_works_once_however_often_it_is_sent_at_once(call, secret, app_code):
    """Of twelve sign-ins with the same code at the same time one succeeds."""
    tokens = [(await login(call)).json()["mfa_token"] for _ in range(4)]
    code = app_code(secret)
    tries = [call("POST", "/api/auth/mfa/verify", {"mfa_token": token, "code": code}) for token in tokens]
    statuses = sorted(answer.status for answer in await asyncio.gather(*tries))
    assert statuses == [200, 401, 401, 401]


async def test_a_token_opens_one_session(call, secret, app_code, clock):
    """Two right codes of different steps with one token: one session."""
    token = (await login(call)).json()["mfa_token"]
    bodies = [{"mfa_token": token, "code": app_code(secret, steps)} for steps in (0, 1)]
    answers = await asyncio.gather(*(call("POST", "/api/auth/mfa/verify", body) for body in bodies))
    assert sorted(answer.status for answer in answers) == [200, 401]


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 401), (0, 200), (1, 200), (2, 401)])
async def test_a_clock_may_be_wrong_by_half_a_minute(call, secret, app_code, steps, status):
    """The step before was used to enable the app, so it is worth nothing here."""
    token = (await login(call)).json()["mfa_token"]
    body = {"mfa_token": token, "code": app_code(secret, steps)}
    assert (await call("POST", "/api/auth/mfa/verify", body)).status == status


async def test_wrong_codes_count_with_wrong_passwords(call, secret, app_code):
    """Right passwords in between wipe nothing away; after five, right codes must wait, too."""
    statuses = []
    for _ in range(6):
        found = await login(call)
        if found.status == 429:
            statuses.append(429)
            continue
        body = {"mfa_token": found.json()["mfa_token"], "code": "000000"}
        statuses.append((await call("POST", "/api/auth/mfa/verify", body)).status)
    assert statuses == [401] * 5 + [429]


async def test_parallel_guesses_are_counted(call, secret):
    """Of forty at once with one token five are tried."""
    token = (await login(call)).json()["mfa_token"]
    tries = [call("POST", "/api/auth/mfa/verify", {"mfa_token": token, "code": f"{n:06}"}) for n in range(40)]
    statuses = sorted(answer.status for answer in await asyncio.gather(*tries))
    assert statuses == [401] * 5 + [429] * 35


async def test_backup_codes_work_once_each_and_however_they_are_typed(call, secret):
    """And are replaced as a whole."""
    code = call.backup_codes[0].upper().replace("-", " ")
    for status in (200, 401):
        token = (await login(call)).json()["mfa_token"]
        answer = await call("POST", "/api/auth/mfa/verify", {"mfa_token": token, "code": code})
        assert answer.status == status


async def test_codes_are_replaced_by_a_code_of_the_app(call, secret, app_code, clock):
    """A backup code does not do; earlier ones are worth nothing then."""
    token = (await login(call)).json()["mfa_token"]
    body = {"mfa_token": token, "code": app_code(secret)}
    ada = await signed_in(call, (await call("POST", "/api/auth/mfa/verify", body)).json()["access_token"])
    assert (await ada("GET", "/api/auth/mfa")).json()["backup_codes_left"] == 10
    clock.wind(seconds=30)
    fresh = await ada("POST", "/api/auth/mfa/backup-codes/regenerate", {"code": app_code(secret)})
    assert fresh.status == 200
    token = (await login(call)).json()["mfa_token"]
    old = await call("POST", "/api/auth/mfa/verify", {"mfa_token": token, "code": call.backup_codes[1]})
    assert old.status == 401
    new = await call(
        "POST", "/api/auth/mfa/verify", {"mfa_token": token, "code": fresh.json()["backup_codes"][0]}
    )
    assert new.status == 200


async def test_a_step_ends_after_five_minutes(call, secret, app_code, clock):
    """Then the password is asked for again."""
    token = (await login(call)).json()["mfa_token"]
    clock.wind(minutes=5)
    body = {"mfa_token": token, "code": app_code(secret)}
    assert (await call("POST", "/api/auth/mfa/verify", body)).slug == "second-step-worthless"


@pytest.mark.parametrize("token", ["", "none", "x" * 8000])
async def test_without_a_password_no_code_is_even_looked_at(call, secret, app_code, token):
    """A token that nobody was given opens nothing."""
    body = {"mfa_token": token, "code": app_code(secret)}
    assert (await call("POST", "/api/auth/mfa/verify", body)).slug == "second-step-worthless"


async def test_somebody_elses_code_is_wrong(call, secret, app_code):
    """A token is its owner's."""
    await call("POST", "/api/auth/register", {**ADA, "email": "eve@example.org", "name": "Eve"})
    eve = await signed_in(call, (await login(call, email="eve@example.org")).json()["access_token"])
    own = (await eve("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).json()["secret"]
    assert (await eve("POST", "/api/auth/mfa/enable", {"code": app_code(own)})).status == 200
    token = (await login(call)).json()["mfa_token"]
    body = {"mfa_token": token, "code": app_code(own, 1)}
    assert (await call("POST", "/api/auth/mfa/verify", body)).slug == "wrong-code"


async def test_setting_up_needs_the_password_and_wants_nothing_before_its_first_code(call):
    """Whoever finds an open browser sets up nothing; a wrong first code leaves all as it was."""
    await call("POST", "/api/auth/register", ADA)
    ada = await signed_in(call, (await login(call)).json()["access_token"])
    assert (await ada("POST", "/api/auth/mfa/setup", {"current_password": "x"})).slug == "wrong-credentials"
    assert (await ada("POST", "/api/auth/mfa/enable", {"code": "123456"})).status == 404
    await ada("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})
    assert (await ada("POST", "/api/auth/mfa/enable", {"code": "123456"})).wrong_fields == {"code"}
    assert "access_token" in (await login(call)).json()


async def test_removing_it_needs_both_and_ends_other_sessions(call, secret, app_code, clock):
    """Then the password is enough again."""
    tokens = []
    for _ in range(2):
        token = (await login(call)).json()["mfa_token"]
        body = {"mfa_token": token, "code": app_code(secret)}
        tokens.append((await call("POST", "/api/auth/mfa/verify", body)).json()["access_token"])
        clock.wind(seconds=30)
    ada = await signed_in(call, tokens[1])
    body = {"current_password": PASSWORD, "code": "000000"}
    assert (await ada("POST", "/api/auth/mfa/disable", body)).slug == "wrong-code"
    body = {"current_password": PASSWORD, "code": app_code(secret)}
    assert (await ada("POST", "/api/auth/mfa/disable", body)).status == 204
    assert (await call("POST", "/internal/identify", {"bearer": tokens[0]})).status == 401
    assert "access_token" in (await login(call)).json()


async def test_the_secret_and_the_codes_are_kept_sealed(call, secret, database):
    """Nothing in the database opens anything."""
    async with database.read() as connection:
        sealed = await connection.scalar(select(totp_secrets.c.sealed_secret))
        hashes = (await connection.execute(select(backup_codes.c.code_hash))).scalars().all()
    assert secret.encode() not in sealed
    assert not {code.replace("-", "").encode() for code in call.backup_codes} & set(hashes)


async def test_what_is_changed_is_told_to_the_owner_and_to_the_log(call, secret, app_code, database, clock):
    """Enabling, replacing and removing: a mail and a record each, without a secret in either."""
    token = (await login(call)).json()["mfa_token"]
    opened = await verify(call, token, app_code(secret))
    ada = await signed_in(call, opened.json()["access_token"])
    clock.wind(seconds=30)
    body = {"code": app_code(secret)}
    fresh = (await ada("POST", "/api/auth/mfa/backup-codes/regenerate", body)).json()["backup_codes"]
    body = {"current_password": PASSWORD, "code": fresh[0]}
    assert (await ada("POST", "/api/auth/mfa/disable", body)).status == 204
    told = [text for to, text in reversed(await mails(call)) if to == "ada@example.org"]
    assert ["set up" in told[0], "replaced" in told[1], "removed" in told[2]] == [True] * 3
    async with database.read() as connection:
        query = select(audit_records.c.event, audit_records.c.details).order_by(audit_records.c.number)
        rows = (await connection.execute(query)).all()
    events = [event for event, _ in rows if event.startswith("mfa.")]
    assert events == ["mfa.enabled", "mfa.codes_replaced", "mfa.disabled"]
    kept = str(rows) + str(told)
    assert not [one for one in (secret, *fresh, *call.backup_codes) if one in kept]


async def test_enabling_ends_every_other_session(call, app_code):
    """Whoever came in with the password alone is out; whoever enabled it goes on."""
    await call("POST", "/api/auth/register", ADA)
    tokens = [(await login(call)).json()["access_token"] for _ in range(2)]
    ada = await signed_in(call, tokens[0])
    secret = (await ada("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).json()["secret"]
    assert (await ada("POST", "/api/auth/mfa/enable", {"code": app_code(secret)})).status == 200
    statuses = [(await call("POST", "/internal/identify", {"bearer": token})).status for token in tokens]
    assert statuses == [200, 401]


async def test_whoever_has_just_signed_in_need_not_type_the_password_again(call, clock):
    """Within five minutes; after that it is wanted. Removing always wants it."""
    await call("POST", "/api/auth/register", ADA)
    token = (await login(call)).json()["access_token"]
    clock.wind(minutes=4, seconds=59)
    ada = await signed_in(call, token)
    assert (await ada("POST", "/api/auth/mfa/setup", {})).status == 200
    body = {"current_password": "", "code": "000000"}
    assert (await ada("POST", "/api/auth/mfa/disable", body)).slug == "wrong-credentials"
    clock.wind(seconds=1)
    assert (await ada("POST", "/api/auth/mfa/setup", {})).slug == "session-too-old"
    assert (await ada("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).status == 200


async def test_setting_up_again_before_the_first_code_replaces_the_secret(call, app_code):
    """Ten at once as well: one secret is left, and an earlier one is worth nothing."""
    await call("POST", "/api/auth/register", ADA)
    ada = await signed_in(call, (await login(call)).json()["access_token"])
    begun = await asyncio.gather(*(ada("POST", "/api/auth/mfa/setup", {}) for _ in range(5)))
    assert {answer.status for answer in begun} == {200}
    last = (await ada("POST", "/api/auth/mfa/setup", {})).json()["secret"]
    earlier = {"code": app_code(begun[0].json()["secret"])}
    assert (await ada("POST", "/api/auth/mfa/enable", earlier)).wrong_fields == {"code"}
    assert (await ada("POST", "/api/auth/mfa/enable", {"code": app_code(last)})).status == 200


async def test_a_session_opens_as_the_first_step_asked(call, secret, app_code):
    """By cookie, remembered for a month: what was chosen with the password holds."""
    token = (await login(call, cookie=True, remember_me=True)).json()["mfa_token"]
    done = await verify(call, token, app_code(secret))
    assert "Max-Age=2592000" in done.headers["set-cookie"]
    assert "access_token" not in done.json()


async def test_a_key_neither_sets_up_nor_removes(auth, clock, keys):
    """What its owner signs in with is not a key's business."""
    proof = assertion(keys, clock, "ada", session_id="", key_id="key of ada")
    by_key = Caller(auth, {HEADER: proof})
    for way, body in (("setup", {}), ("enable", {"code": "0"}), ("backup-codes/regenerate", {"code": "0"})):
        assert (await by_key("POST", f"/api/auth/mfa/{way}", body)).slug == "forbidden"


async def test_another_address_wants_the_second_factor_too(call, secret, app_code, clock):
    """Five minutes after a sign-in the password is not enough; wrong codes count, and a right password wipes none."""
    step = (await login(call)).json()["mfa_token"]
    token = (await verify(call, step, app_code(secret))).json()["access_token"]

    async def ask(code=""):
        body = {"current_password": PASSWORD, "email": "new@example.org", "code": code}
        ada = await signed_in(call, token)
        return await ada("POST", "/api/auth/email/change", body)

    assert (await ask()).status == 202
    clock.wind(minutes=5)
    assert (await ask()).slug == "second-factor-wanted"
    assert (await ask(app_code(secret))).status == 202
    assert [(await ask("000000")).slug for _ in range(6)] == ["wrong-code"] * 5 + ["too-many-attempts"]
