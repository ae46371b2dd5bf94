"""Accounts are made with care and entered with the right password only."""

import asyncio
import statistics
import time

import pytest
from sqlalchemy import func, select

from autograph.auth.tables import users

PASSWORD = "correct horse battery"


def body(**changes):
    return {"email": "bob@example.org", "name": "Bob", "password": PASSWORD, **changes}


async def test_nobody_registers_unless_the_installation_allows_it(make_auth):
    """Registration is closed by default: 403 registration-closed."""
    from tests.caller import Caller

    answer = await Caller(make_auth())("POST", "/api/auth/register", body())

    assert (answer.status, answer.slug) == (403, "registration-closed")


@pytest.mark.parametrize("extra", [{"role": "admin"}, {"roles": ["admin"]}, {"is_admin": True}, {"id": "x"}])
@pytest.mark.feature("auth.register")
async def test_roles_are_never_asked_for(call, extra):
    """A body with any further field is refused with 422 that names it, and no account is made."""
    answer = await call("POST", "/api/auth/register", body(**extra))

    assert answer.wrong_fields == set(extra)
    assert (
        await call("POST", "/api/auth/login", {"email": "bob@example.org", "password": PASSWORD})
    ).status == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"), ("email", "a@b@c"), ("email", "@x.org"), ("email", "a@"), ("email", "a@-x.org"),
        ("email", "a" * 65 + "@x.org"), ("email", "a@" + "x" * 250 + ".org"), ("email", "a\u0000@x.org"),
        ("email", 'a"b@x.org'), ("email", "a\r\nBcc: b@x.org"), ("email", "a..b@x.org"), ("email", ""),
        ("name", ""), ("name", "   "), ("name", "x" * 101), ("name", "a\u0000b"), ("name", "a\u202eb"),
        ("password", "short"), ("password", "x" * 129), ("password", "12345678"), ("password", "Password123!"),
        ("password", "aaaaaaaaaaaa"), ("password", "bob@example.org"), ("password", "qwertyuiop"),
        ("password", "long enough\u0000"), ("email", None), ("password", 12345678), ("name", ["x"]),
        ("email", "x" * 2000), ("password", "x" * 100_000),
    ],
)  # fmt: skip
@pytest.mark.feature("gateway.validation")
async def test_bad_input_names_its_field(call, field, value):
    """Every refused value is a 422 that names its field, and the answer never repeats a password."""
    answer = await call("POST", "/api/auth/register", body(**{field: value}))

    assert answer.wrong_fields == {field}
    assert PASSWORD.encode() not in answer.body


async def test_half_a_character_is_refused(call):
    """A lone surrogate cannot be stored: 422, not 500."""
    raw = b'{"email": "bob@example.org", "name": "\\ud800", "password": "correct horse battery"}'

    answer = await call(
        "POST", "/api/auth/register", content=raw, headers={"content-type": "application/json"}
    )

    assert answer.status == 422


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'"x"', b"null"])
async def test_unreadable_bodies_are_refused(call, raw):
    """What is no JSON object is a 4xx problem."""
    answer = await call("POST", "/api/auth/login", content=raw, headers={"content-type": "application/json"})

    assert answer.status in {400, 422}
    assert answer.slug in {"malformed", "invalid"}


async def test_one_address_has_one_account_however_it_is_written(call, ada, sign_in, auth):
    """Case and blanks do not make another address; whoever asks is told nothing, its owner gets a mail."""
    new = await call("POST", "/api/auth/register", body())
    taken = await call(
        "POST", "/api/auth/register", body(email="  ADA@Example.ORG ", password="another one 7!")
    )

    assert (taken.status, taken.body) == (new.status, new.body)
    assert (await sign_in(password="another one 7!")).status == 401
    [letter], _ = await auth.state.parts.mail.listed(page=1, page_size=9)
    assert (letter.recipient, letter.kind) == ("ada@example.org", "already-registered")


@pytest.mark.parametrize("email", ["ada@example.org", "new@example.org"])
async def test_nobodys_mailbox_is_filled_by_registering(call, ada, auth, email):
    """Five in a quarter of an hour, whether the address has an account or not; then 429, and no more mails."""
    sent = body(email=email)
    statuses = [(await call("POST", "/api/auth/register", sent)).status for _ in range(7)]
    written = len((await auth.state.parts.mail.listed(page=1, page_size=99))[0])

    assert (await call("POST", "/api/auth/register", sent)).slug == "too-many-attempts"
    assert len((await auth.state.parts.mail.listed(page=1, page_size=99))[0]) == written <= 5
    allowed = 4 if email == "ada@example.org" else 5  # Ada's own registration counts
    assert statuses == [201] * allowed + [429] * (7 - allowed)


async def test_a_disabled_account_is_sent_nothing_by_registering(call, ada, auth, database):
    """No link to a new password either; to whoever asks it looks like any other."""
    async with database.begin() as connection:
        await connection.execute(users.update().values(disabled_at=users.c.created_at))
    new = await call("POST", "/api/auth/register", body(email="new@example.org"))
    taken = await call("POST", "/api/auth/register", body())

    assert (taken.status, taken.body) == (new.status, new.body)
    assert "already-registered" not in {
        letter.kind for letter in (await auth.state.parts.mail.listed(page=1, page_size=99))[0]
    }


async def test_two_registrations_at_once_make_one_account(call, database):
    """Of five at the same moment with the same address, one is made."""
    answers = await asyncio.gather(*(call("POST", "/api/auth/register", body()) for _ in range(5)))

    assert {answer.status for answer in answers} == {201}
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(users)) == 1


@pytest.mark.feature("auth.login")
async def test_wrong_password_and_unknown_address_look_the_same(ada, sign_in):
    """The answers to both are equal to the last byte."""
    wrong = await sign_in(password="not my password")
    unknown = await sign_in(email="nobody@example.org")

    assert (wrong.status, wrong.slug) == (401, "wrong-credentials")
    assert wrong.body == unknown.body
    assert wrong.fields == unknown.fields


@pytest.mark.parametrize("password", ["", "x", "\u0000", "x" * 1000, PASSWORD + " ", PASSWORD.upper()])
async def test_nearly_right_is_wrong(ada, sign_in, password):
    """Only the very password opens the account."""
    assert (await sign_in(password=password)).slug == "wrong-credentials"


async def test_the_password_is_kept_as_argon2id(ada, database):
    """What is stored is a salted argon2id hash in PHC form."""
    async with database.read() as connection:
        kept = await connection.scalar(select(users.c.password_hash))

    assert kept.startswith("$argon2id$v=19$m=8192,t=1,p=1$")
    assert PASSWORD not in kept


async def test_a_hash_is_renewed_when_the_parameters_rise(make_auth, ada, database):
    """Signing in under costlier settings replaces the hash, and the password still works."""
    from tests.caller import Caller

    stronger = Caller(make_auth(argon2_memory_kib=9216))
    for _ in range(2):
        answer = await stronger("POST", "/api/auth/login", {"email": ada["email"], "password": PASSWORD})
        assert answer.status == 200

    async with database.read() as connection:
        assert (await connection.scalar(select(users.c.password_hash))).startswith(
            "$argon2id$v=19$m=9216,t=1"
        )


async def test_accents_typed_apart_are_the_same_password(call, sign_in):
    """A password works on keyboards that compose characters differently."""
    await call("POST", "/api/auth/register", body(password="über-geheim-ö"))

    answer = await sign_in(email="bob@example.org", password="u\u0308ber-geheim-o\u0308")

    assert answer.status == 200


async def test_the_loop_runs_on_while_eight_sign_in(make_auth, ada):
    """With the production cost, the event loop never stops for as long as one hash takes."""
    from autograph.auth.factors.password import PasswordFactor
    from autograph.auth.settings import AuthSettings

    factor = PasswordFactor(AuthSettings())
    known = await factor.hash(PASSWORD)
    lags, done = [], False

    async def watch():
        while not done:
            started = time.perf_counter()
            await asyncio.sleep(0.001)
            lags.append(time.perf_counter() - started - 0.001)

    watcher = asyncio.create_task(watch())
    results = await asyncio.gather(*(factor.verify(PASSWORD, known) for _ in range(8)))
    done = True
    await watcher
    factor.close()

    assert all(right for right, _ in results)
    assert statistics.quantiles(lags, n=20)[18] < 0.02


async def test_too_many_waiting_passwords_are_turned_away():
    """A full queue answers 503 at once, with Retry-After, and takes passwords again afterwards."""
    from autograph.auth.factors.password import PasswordFactor
    from autograph.auth.settings import AuthSettings
    from autograph.core.problem import Unavailable

    factor = PasswordFactor(
        AuthSettings(argon2_memory_kib=8192, argon2_passes=1, password_threads=1, password_queue=2)
    )
    results = await asyncio.gather(*(factor.hash(PASSWORD) for _ in range(8)), return_exceptions=True)
    again = await factor.hash(PASSWORD)
    factor.close()

    refused = [result for result in results if isinstance(result, Unavailable)]
    assert len(refused) == 5
    assert "Retry-After" in refused[0].headers
    assert again.startswith("$argon2id$")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_form_of_another_site_cannot_sign_in(call, ada, kind):
    """Only JSON is read: what a plain form can send without asking (login CSRF) is refused."""
    raw = b'{"email": "ada@example.org", "password": "correct horse battery", "cookie": true}'

    answer = await call("POST", "/api/auth/login", content=raw, headers={"content-type": kind})

    assert answer.status == 422
    assert "set-cookie" not in answer.headers
