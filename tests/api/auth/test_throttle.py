"""Wrong tries are counted exactly: many at once, on two replicas, over every way in; right ones always come in."""

import asyncio

import pytest
from tests.caller import Caller

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.feature("auth.throttle")


@pytest.fixture
def replicas(make_auth):
    """Two processes' worth of auth on one database, as strict as by default."""
    settings = {"registration": "open", "tries_per_address": 5}
    return [Caller(make_auth(**settings), {"x-forwarded-for": "192.0.2.7"}) for _ in range(2)]


@pytest.fixture
def strict(make_auth):
    """Counts by account only, as everybody here has one address."""
    return Caller(make_auth(registration="open"))


async def registered(call, email="ada@example.org"):
    body = {"email": email, "name": "Ada", "password": PASSWORD}
    assert (await call("POST", "/api/auth/register", body)).status == 201


async def login(call, password=PASSWORD, email="ada@example.org", **headers):
    return await call("POST", "/api/auth/login", {"email": email, "password": password}, headers=headers)


async def test_of_fifty_wrong_ones_at_once_five_are_tried(strict):
    """On one account: five times 401, the rest 429 with the seconds to wait; then right ones must wait, too."""
    await registered(strict)
    answers = await asyncio.gather(*(login(strict, "wrong") for _ in range(50)))

    assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 45
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.slug == "too-many-attempts"
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert (await login(strict)).status == 429


async def test_twenty_right_ones_at_once_all_come_in(strict):
    """Nobody is locked out for being in a hurry."""
    await registered(strict)
    answers = await asyncio.gather(*(login(strict) for _ in range(20)))

    assert {answer.status for answer in answers} == {200}


async def test_right_and_wrong_ones_at_once(strict):
    """Four wrong ones among many right ones stop nobody."""
    await registered(strict)
    tries = [login(strict, "wrong") for _ in range(4)] + [login(strict) for _ in range(12)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]

    assert (statuses.count(200), statuses.count(401)) == (12, 4)


async def test_replicas_count_together(replicas):
    """What one has seen counts for the other."""
    await registered(replicas[0])
    tries = [login(replica, "wrong") for replica in replicas for _ in range(10)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]

    assert sorted(statuses) == [401] * 5 + [429] * 15


@pytest.mark.parametrize("addresses", ["2001:db8:1:2:{0}::1", "2001:db8:1:2::{0}", "::ffff:192.0.2.9"])
async def test_one_customer_is_one_address(replicas, addresses):
    """Whoever was given a /64 has no more tries than whoever has one address, nor has an IPv4 one written as IPv6."""
    statuses = []
    for number in range(7):
        address = addresses.format(number) if number else addresses.format(0).removeprefix("::ffff:")
        call = Caller(replicas[0].app, {"x-forwarded-for": address})
        statuses.append((await login(call, email=f"nobody{number}@example.org")).status)

    assert statuses == [401] * 5 + [429] * 2


async def test_an_address_is_counted_over_all_accounts(replicas):
    """Five accounts that do not exist, then the sixth try from there waits; from elsewhere nobody does."""
    call = replicas[0]
    await registered(call)
    for number in range(5):
        assert (await login(call, email=f"x{number}@example.org")).status == 401
    assert (await login(call)).status == 429
    assert (await login(Caller(call.app, {"x-forwarded-for": "192.0.2.8"}))).status == 200


async def test_tries_count_for_a_quarter_of_an_hour(strict, clock):
    """After 15 minutes it is as before."""
    await registered(strict)
    for _ in range(5):
        await login(strict, "wrong")
    clock.wind(minutes=14, seconds=59)
    assert (await login(strict)).status == 429
    clock.wind(seconds=2)
    assert (await login(strict)).status == 200


async def test_a_right_one_wipes_the_slate(strict):
    """Four wrong, one right, four wrong, one right."""
    await registered(strict)
    for _ in range(3):
        for _ in range(4):
            assert (await login(strict, "wrong")).status == 401
        assert (await login(strict)).status == 200


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
async def test_ten_in_a_row_lock_the_account_whether_it_exists_or_not(strict, clock, email):
    """Over two quarters of an hour; then 429 account-locked for an hour, to the right password as well."""
    await registered(strict)
    for _ in range(2):
        for _ in range(5):
            assert (await login(strict, "wrong", email)).status == 401
        clock.wind(minutes=16)
    locked = await login(strict, email=email)
    assert (locked.status, locked.slug) == (429, "account-locked")
    clock.wind(minutes=45)
    assert (await login(strict, email=email)).status != 429


async def test_the_owner_gets_a_link_that_unlocks(strict, clock):
    """The mail that is sent when an account is locked opens it once."""
    await registered(strict)
    for _ in range(10):
        await login(strict, "wrong")
        clock.wind(minutes=4)
    assert (await login(strict)).slug == "account-locked"
    mail = strict.app.state.parts.mail
    letter, text = await mail.read((await mail.listed(page=1, page_size=1))[0][0].id)
    assert letter.kind == "locked"
    secret = text.split("/unlock#")[1].split()[0]

    assert (await strict("POST", "/api/auth/unlock", {"token": secret})).status == 204
    assert (await login(strict)).status == 200
    assert (await strict("POST", "/api/auth/unlock", {"token": secret})).slug == "link-worthless"


async def test_who_goes_away_has_tried_nothing(strict):
    """A sign-in that is broken off half-way counts neither way, and holds nobody up."""
    await registered(strict)
    for _ in range(8):
        task = asyncio.create_task(login(strict, "wrong"))
        await asyncio.sleep(0.003)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (await login(strict)).status == 200
