"""What was wrong and what was turned away stands in the audit log, whichever way in it was tried at."""

import asyncio

import pytest
from tests.caller import Caller
from tests.identity import HEADER

from autograph.auth.tables import audit_records

pytestmark = pytest.mark.feature("auth.audit")

PASSWORD = "correct horse battery"
FROM = {"x-forwarded-for": "192.0.2.7"}


@pytest.fixture
def told(database):
    """Returns the failures in the log, the oldest first: event, subject, details, personal."""

    async def told(event=""):
        query = audit_records.select().where(
            audit_records.c.outcome == "failure", audit_records.c.event.startswith(event)
        )
        async with database.read() as connection:
            found = await connection.execute(query.order_by(audit_records.c.number))
            return [(row.event, row.subject_id, row.details, row.personal) for row in found]

    return told


@pytest.fixture
async def strict(make_auth):
    """As strict as by default, with Ada's account."""
    call = Caller(make_auth(registration="open", tries_per_address=1000))
    answer = await call(
        "POST", "/api/auth/register", {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    )
    assert answer.status == 201, answer.body
    return call


async def login(call, password="wrong", email="ada@example.org"):
    return await call("POST", "/api/auth/login", {"email": email, "password": password}, headers=FROM)


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
async def test_what_is_turned_away_is_told_by_tens(strict, told, email):
    """Of 23 at once five are tried; of those turned away the 1st and the 10th are records, and say so."""
    await asyncio.gather(*(login(strict, email=email) for _ in range(23)))

    wrong, refused = await told("session.refused"), await told("attempt.refused")
    assert [details for _, _, details, _ in wrong] == [{"method": "password", "why": "wrong-credentials"}] * 5
    assert [details for _, _, details, _ in refused] == [
        {"method": "password", "limit": "account", "times": times} for times in (1, 10)
    ]
    subjects = {subject for _, subject, _, _ in wrong + refused}
    assert len(subjects) == 1
    assert (subjects == {""}) is (email == "nobody@example.org")
    assert {personal["email"] for *_, personal in wrong + refused} == {email}
    assert {personal["address"] for *_, personal in wrong + refused} == {"192.0.2.7"}


async def test_each_quarter_of_an_hour_begins_anew(strict, told, clock):
    """What is turned away later is told again, and so is what a lock turns away."""
    for _ in range(2):
        for _ in range(7):
            await login(strict)
        clock.wind(minutes=16)
    await login(strict, PASSWORD)

    assert [(details["limit"], details["times"]) for _, _, details, _ in await told("attempt.refused")] == [
        ("account", 1),
        ("lock", 1),
        ("lock", 1),
    ]


async def test_an_address_that_is_turned_away(make_auth, told):
    """Over accounts that do not exist: the record names the address as what was too much."""
    call = Caller(make_auth(tries_per_address=5))
    for number in range(7):
        await login(call, email=f"x{number}@example.org")

    [(_, subject, details, personal)] = await told("attempt.refused")
    assert (subject, details["limit"], details["times"]) == ("", "address", 1)
    assert personal == {"address": "192.0.2.7", "email": "x5@example.org"} | (
        {"device": personal["device"]} if "device" in personal else {}
    )


async def test_an_account_that_may_not_be_used(make_auth, told):
    """The right password of an account whose address is not proven is a refusal, and says why."""
    call = Caller(make_auth(registration="open", verification="required"))
    body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    assert (await call("POST", "/api/auth/register", body)).status == 201
    slug = (await login(call, PASSWORD)).slug

    [(event, subject, details, _)] = await told()
    assert (event, details) == ("session.refused", {"method": "password", "why": slug})
    assert subject


async def test_what_is_proven_once_more(strict, told):
    """A wrong current password is a record, whatever it was asked for."""
    token = (await login(strict, PASSWORD)).json()["access_token"]
    identity = (await strict("POST", "/internal/identify", {"bearer": token})).json()["assertion"]
    wrong, headers = {"current_password": "wrong"}, {HEADER: identity}
    for path, more in (
        ("/api/auth/password/change", {"new_password": "quite another staple"}),
        ("/api/auth/email/change", {"email": "new@example.org"}),
        ("/api/auth/mfa/setup", {}),
    ):
        answer = await strict("POST", path, wrong | more, headers=headers)
        assert answer.slug == "wrong-credentials", (path, answer.body)

    found = [(event, details["method"]) for event, _, details, _ in await told()]
    assert found == [("proof.refused", "password")] * 3


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("/api/auth/email/verify", "verify"),
        ("/api/auth/email/confirm-change", "email"),
        ("/api/auth/unlock", "unlock"),
    ],
)
async def test_links_that_open_nothing(strict, told, path, purpose):
    """Each is a record, without the secret that was tried."""
    secret = "x" * 43
    assert (await strict("POST", path, {"token": secret}, headers=FROM)).slug == "link-worthless"

    [(event, _, details, _)] = await told()
    assert (event, details) == ("link.refused", {"purpose": purpose, "why": "link-worthless"})


async def test_wrong_first_run_codes(make_auth, told):
    """Five from one address, then the address is turned away; each is a record."""
    call = Caller(make_auth(tries_per_address=5))
    slugs = [
        (await call("POST", "/api/auth/first-run/check", {"code": "AAAA-BBBB-CCCC"}, headers=FROM)).slug
        for _ in range(6)
    ]
    assert slugs == ["first-run-code"] * 5 + ["too-many-attempts"]
    assert [event for event, *_ in await told()] == ["link.refused"] * 5 + ["attempt.refused"]
