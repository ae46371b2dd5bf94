"""The outbox for administrators: who reads what, and what is gone."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from tests.api.auth.conftest import PASSWORD
from tests.caller import Caller
from tests.identity import HEADER, assertion

from autograph.auth.mail.words import Words
from autograph.auth.rules import Person
from autograph.auth.store import people
from autograph.auth.tables import audit_records, invitations, mails, roles
from autograph.core.ids import new_id
from autograph.model.rights import SCOPES

pytestmark = pytest.mark.feature("auth.register")

MAILS = "/api/auth/admin/mails"


@pytest.fixture
def auth(make_auth):
    return make_auth(registration="open", verification="required")


@pytest.fixture
async def person(database, clock):
    """Adds an account with these roles."""

    async def person(name, *roles):
        found = Person(new_id(), f"{name}@example.org", name, roles, clock.now(), clock.now())
        async with database.begin() as connection:
            await people.add_person(connection, found, "")
        return found

    return person


@pytest.fixture
def as_(auth, keys, clock):
    """A caller who is signed in as an account."""

    def as_(person, **more):
        given = {"roles": person.roles, "email": person.email, **more}
        return Caller(auth, {HEADER: assertion(keys, clock, person.id, **given)})

    return as_


@pytest.fixture
async def admin(person, as_):
    return as_(await person("eva", "admin"))


@pytest.fixture
def registered(call):
    """Registers somebody, who gets a mail."""

    async def registered(name="ada"):
        body = {"email": f"{name}@example.org", "name": name, "password": PASSWORD}
        assert (await call("POST", "/api/auth/register", body)).status == 201

    return registered


@pytest.fixture
def reset_of(call, auth):
    """Asks for a link to a new password for somebody, and returns the mail's id."""

    async def reset_of(email):
        assert (await call("POST", "/api/auth/password-reset/request", {"email": email})).status == 202
        await auth.state.recovery.close()
        letters, _ = await auth.state.parts.mail.listed(page=1, page_size=50)
        return next(one.id for one in letters if one.recipient == email)

    return reset_of


async def test_a_link_is_read_and_works(admin, registered, call, database):
    """Without a mail server an administrator finds the link, passes it on, and stands in the log."""
    await registered()
    page = (await admin("GET", MAILS)).json()
    assert (page["total"], page["is_sent"]) == (1, False)
    [mail] = page["items"]
    assert (mail["kind"], mail["recipient"], mail["state"]) == ("verify", "ada@example.org", "waiting")
    assert (mail["has_text"], mail["next_try_at"]) == (True, None)
    assert "text" not in mail
    opened = await admin("GET", f"{MAILS}/{mail['id']}")
    assert opened.headers["cache-control"] == "no-store"
    secret = opened.json()["text"].split("/verify#")[1].split()[0]
    assert (await call("POST", "/api/auth/email/verify", {"token": secret})).status == 204
    async with database.read() as connection:
        query = select(audit_records).where(audit_records.c.event == "mail.read")
        [row] = (await connection.execute(query)).all()
    assert (row.subject_id, row.outcome, row.personal["email"]) == (mail["id"], "success", "ada@example.org")
    assert secret not in str(row)


async def test_only_who_may_read_mail(registered, person, as_, admin, call):
    """Others get 403, also for the list; nobody 401."""
    await registered()
    mail = (await admin("GET", MAILS)).json()["items"][0]["id"]
    tom = as_(await person("tom", "editor"))
    for method, path in (("GET", MAILS), ("GET", f"{MAILS}/{mail}"), ("POST", f"{MAILS}/{mail}/resend")):
        assert (await tom(method, path)).slug == "forbidden"
        assert (await call(method, path)).slug == "unauthenticated"
        assert (await admin(method, path.replace(mail, "none"))).status == (200 if path == MAILS else 404)


async def test_nobody_reads_their_way_up(auth, database, person, as_, admin, reset_of, clock):
    """A link into an account that may do more than the reader, or an invitation to be more, stays closed."""
    boss = await person("boss", "admin")
    async with database.begin() as connection:
        await connection.execute(
            insert(roles).values(
                name="postman", description="", created_at=clock.now(), changed_at=clock.now(),
                permissions=["mail:read", "documents:read"],
            )
        )  # fmt: skip
        await connection.execute(
            insert(invitations).values(
                id="i", token_hash=b"x" * 32, email="new@example.org", role="admin", created_by="x",
                created_at=clock.now(), expires_at=clock.now() + timedelta(days=1), uses_left=1,
            )
        )  # fmt: skip
        letter, until = Words("Come", "https://x/#secret"), clock.now() + timedelta(days=1)
        await auth.state.parts.mail.put(connection, "invitation", "new@example.org", letter, until=until)
    postman = await person("postman", "postman")
    reader = as_(postman, permissions=frozenset({"mail:read", "documents:read"}))
    to_boss = await reset_of(boss.email)
    for mail in (to_boss, await _mail_to(admin, "new@example.org")):
        refused = await reader("GET", f"{MAILS}/{mail}")
        assert (refused.status, refused.slug) == (403, "beyond-own-rights")
        assert b"#" not in refused.body
        assert (await admin("GET", f"{MAILS}/{mail}")).status == 200
    await person("guest", "postman")
    to_guest = await reset_of("guest@example.org")
    assert "#" in (await reader("GET", f"{MAILS}/{to_guest}")).json()["text"]
    async with database.read() as connection:
        query = select(audit_records.c.outcome).where(audit_records.c.event == "mail.read")
        outcomes = list(await connection.scalars(query.order_by(audit_records.c.number)))
    assert outcomes == ["failure", "success", "failure", "success", "success"]


async def _mail_to(admin, address):
    items = (await admin("GET", MAILS)).json()["items"]
    return next(item["id"] for item in items if item["recipient"] == address)


async def test_a_key_opens_no_account(registered, person, as_, admin):
    """An API key, which never makes keys, reads no link of anybody who may make some."""
    await registered()
    eva = await person("eve", "admin")
    key = as_(eva, permissions=SCOPES["admin"], key_id="k", session_id="")
    mail = (await admin("GET", MAILS)).json()["items"][0]["id"]
    assert (await key("GET", MAILS)).status == 200
    assert (await key("GET", f"{MAILS}/{mail}")).slug == "beyond-own-rights"


async def test_who_was_demoted_reads_nothing(registered, person, as_, database, admin):
    """What counts is what the reader's account may do now, not when it was identified."""
    await registered()
    mail = (await admin("GET", MAILS)).json()["items"][0]["id"]
    was = await person("was", "viewer")
    assert (await as_(was, roles=("admin",))("GET", f"{MAILS}/{mail}")).status == 403


async def test_what_is_too_old_is_gone(person, as_, registered, auth, clock):
    """A link that is worth nothing is kept nowhere; the mail stays, for a month, without it."""
    await registered()
    eva = await person("eva", "admin")
    [mail] = (await as_(eva)("GET", MAILS)).json()["items"]
    clock.wind(hours=25)
    await auth.state.parts.mail.round()
    found = (await as_(eva)("GET", f"{MAILS}/{mail['id']}")).json()
    assert (found["text"], found["has_text"], found["state"]) == ("", False, "failed")
    clock.wind(days=31)
    await auth.state.parts.mail.round()
    assert (await as_(eva)("GET", MAILS)).json()["total"] == 0


async def test_nothing_is_sent_without_a_server(admin, registered):
    """There is nowhere to send to: the answer says what to do."""
    await registered()
    [mail] = (await admin("GET", MAILS)).json()["items"]
    refused = await admin("POST", f"{MAILS}/{mail['id']}/resend")
    assert (refused.status, refused.slug) == (409, "no-mail-server")


async def test_pages(admin, registered):
    """Pages count from one, the newest mail first."""
    for index in range(3):
        await registered(f"p{index}")
    page = (await admin("GET", f"{MAILS}?page=1")).json()
    assert [item["recipient"][:2] for item in page["items"]] == ["p2", "p1", "p0"]
    assert (await admin("GET", f"{MAILS}?page=2")).json()["items"] == []
    assert (await admin("GET", f"{MAILS}?page=0")).wrong_fields == {"page"}


async def test_texts_are_sealed(registered, database):
    """The database holds neither the link nor the words around it."""
    await registered()
    async with database.read() as connection:
        [row] = (await connection.execute(select(mails))).all()
    assert b"http" not in row.sealed_text
    assert b"Hello" not in row.sealed_text
