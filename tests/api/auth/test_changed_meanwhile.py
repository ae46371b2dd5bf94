"""A password that is changed while somebody else is just proving that they know the old one."""

import pytest
from sqlalchemy import select

from autograph.auth.store import people
from autograph.auth.tables import links, sessions

PASSWORD, CHANGED = "correct horse battery", "staple of the other kind"
ADA = "ada@example.org"


@pytest.fixture
async def signed_in(call, ada, sign_in, identify):
    """Ada, who is signed in, as headers of her requests."""
    token = (await sign_in()).json()["access_token"]
    return {"x-autograph-identity": (await identify(bearer=token)).json()["assertion"]}


@pytest.fixture
def change_meanwhile(auth, ada, database, monkeypatch):
    """Once the next password was compared, the account gets another one, as by a link in a mail."""

    async def change_meanwhile():
        passwords = auth.state.parts.passwords
        compare, changed = passwords.verify, await passwords.hash(CHANGED)

        async def verify(password, known_hash):
            found = await compare(password, known_hash)
            monkeypatch.setattr(passwords, "verify", compare)
            async with database.begin() as connection:
                await people.set_password_hash(connection, ada["id"], changed)
            return found

        monkeypatch.setattr(passwords, "verify", verify)

    return change_meanwhile


async def rows(database, table):
    async with database.read() as connection:
        return (await connection.execute(select(table))).all()


@pytest.mark.feature("auth.login")
async def test_the_old_password_opens_nothing_any_more(ada, sign_in, change_meanwhile, database):
    """A sign-in that was half done when the password was changed is refused, and leaves no session."""
    await change_meanwhile()
    answer = await sign_in()
    assert (answer.status, answer.slug) == (401, "wrong-credentials")
    assert await rows(database, sessions) == []
    assert (await sign_in(password=CHANGED)).status == 200


@pytest.mark.feature("auth.login")
async def test_a_hash_that_is_renewed_never_brings_the_old_password_back(
    make_auth, ada, call, sign_in, change_meanwhile, auth, monkeypatch
):
    """Renewing a hash at a sign-in does not undo a change of the password that came in between."""
    passwords = auth.state.parts.passwords
    renewing = make_auth(registration="open", argon2_passes=2).state.parts.passwords
    monkeypatch.setattr(passwords, "verify", renewing.verify)
    await change_meanwhile()
    assert (await sign_in()).status == 401
    assert (await sign_in(password=CHANGED)).status == 200


@pytest.mark.feature("auth.change-password")
async def test_who_knew_the_old_password_sets_no_other(call, signed_in, sign_in, change_meanwhile):
    """Who holds a session and the old password does not overwrite the one that the owner has just set."""
    await change_meanwhile()
    body = {"current_password": PASSWORD, "new_password": "a phrase of the thief's own"}
    answer = await call("POST", "/api/auth/password/change", body, headers=signed_in)
    assert (answer.status, answer.slug) == (401, "wrong-credentials")
    assert (await sign_in(password=CHANGED)).status == 200


@pytest.mark.feature("auth.change-password")
async def test_who_knew_the_old_password_moves_no_account(call, signed_in, change_meanwhile, database):
    """Nor do they get a link that would give the account another address."""
    await change_meanwhile()
    body = {"current_password": PASSWORD, "email": "thief@example.net"}
    answer = await call("POST", "/api/auth/email/change", body, headers=signed_in)
    assert (answer.status, answer.slug) == (401, "wrong-credentials")
    assert await rows(database, links) == []
