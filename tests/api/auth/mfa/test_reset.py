"""Whoever has lost their second factors gets back in through somebody who looks after people, and nobody else."""

import pytest
from sqlalchemy import select
from tests.api.auth.mfa.conftest import ADA, PASSWORD, by_cookie, login, mails, signed_in, verify

from autograph.auth.tables import audit_records, users

pytestmark = pytest.mark.feature("auth.mfa")


@pytest.fixture
async def root(call, code_of):
    """The administrator."""
    body = {"email": "root@example.org", "name": "Root", "password": PASSWORD}
    begun = await call("POST", "/api/auth/first-run", {**body, "code": await code_of(call.app)})
    return lambda: by_cookie(call, begun)


@pytest.fixture
async def ada_id(secret, database):
    async with database.read() as connection:
        return await connection.scalar(select(users.c.id).where(users.c.email == ADA["email"]))


async def reset(asker, user_id):
    return await asker("POST", f"/api/auth/admin/users/{user_id}/reset-mfa")


async def test_a_reset_takes_everything_and_ends_everything(
    call, secret, app_code, clock, root, ada_id, database
):
    """App, backup codes, sessions, and sign-ins that wait; then the password is enough, and the owner is told."""
    token = (await login(call)).json()["mfa_token"]
    session = (await verify(call, token, app_code(secret))).json()["access_token"]
    clock.wind(seconds=30)
    waiting = (await login(call)).json()["mfa_token"]
    answer = await reset(await root(), ada_id)
    assert (answer.status, answer.json()["has_mfa"], answer.json()["sessions"]) == (200, False, 0)
    assert (await call("POST", "/internal/identify", {"bearer": session})).status == 401
    for code in (app_code(secret), call.backup_codes[0]):
        assert (await verify(call, waiting, code)).slug == "second-step-worthless"
    ada = await signed_in(call, (await login(call)).json()["access_token"])
    found = (await ada("GET", "/api/auth/mfa")).json()
    assert (found["methods"], found["backup_codes_left"]) == ([], 0)
    assert "administrator" in (await mails(call))[0][1]
    async with database.read() as connection:
        query = select(audit_records).where(audit_records.c.event == "mfa.reset")
        record = (await connection.execute(query)).one()
    assert (record.subject_id, record.details) == (ada_id, {"before": ["totp", "backup_code"]})
    assert record.actor_id not in {None, ada_id}


async def test_nobody_resets_their_own(call, root, database):
    """Who manages people shows a code like everybody: a stolen session of theirs removes nothing."""
    asker = await root()
    own = (await asker("GET", "/api/auth/me")).json()["user"]["id"]
    assert (await reset(asker, own)).slug == "own-factors"


async def test_nobody_else_resets_any(call, secret, ada_id):
    """An editor does not, not even where there is nobody."""
    await call("POST", "/api/auth/register", {**ADA, "email": "eve@example.org", "name": "Eve"})
    eve = await signed_in(call, (await login(call, email="eve@example.org")).json()["access_token"])
    for user_id in (ada_id, "none"):
        assert (await reset(eve, user_id)).slug == "forbidden"
    assert (await login(call)).json()["mfa_required"] is True


async def test_who_has_none_is_left_in_peace(call, root, database):
    """There is no mail about what has not changed."""
    await call("POST", "/api/auth/register", ADA)
    async with database.read() as connection:
        ada_id = await connection.scalar(select(users.c.id).where(users.c.email == ADA["email"]))
    assert (await reset(await root(), ada_id)).status == 200
    assert await mails(call) == []
    assert (await reset(await root(), "none")).slug == "not-found"
