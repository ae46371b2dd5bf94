"""Time does not tell who has an account: not at a sign-in, a registration, or a request for a link."""

import asyncio
import itertools
import statistics
import time

import pytest
from tests.caller import Caller
from tests.servers import emptied

PASSWORD = "correct horse battery"
TRIES = 200

pytestmark = pytest.mark.feature("auth.login")


@pytest.fixture
def database_url(kept_postgres):
    """One database is enough: what differs is what is asked of it."""
    return emptied.emptied(kept_postgres)


@pytest.fixture
async def call(make_auth):
    """An installation with one account, which confirms addresses and does not count tries."""
    call = Caller(
        make_auth(registration="open", verification="required", tries_per_account=10**6, lock_after=10**6)
    )
    await register(call, "ada@example.org")
    return call


async def register(call, email):
    body = {"email": email, "name": "Ada", "password": PASSWORD}
    answer = await call("POST", "/api/auth/register", body)
    return answer.status, answer.body


async def login(call, email):
    answer = await call("POST", "/api/auth/login", {"email": email, "password": "wrong"})
    return answer.status, answer.body


def asks(path):
    async def ask(call, email):
        answer = await call("POST", path, {"email": email})
        return answer.status, answer.body

    return ask


@pytest.mark.parametrize(
    "ask",
    [login, register, asks("/api/auth/password-reset/request"), asks("/api/auth/email/resend-verification")],
    ids=["login", "register", "reset", "verification"],
)
async def test_neither_answer_nor_time_tells(call, ask):
    """Over 200 tries each the answers are equal, and a guess by time alone is hardly better than tossing a coin."""
    strangers = (f"nobody{n}@example.org" for n in itertools.count())
    times, answers = ([], []), set()
    for _ in range(TRIES):
        for found, email in zip(times, ("ada@example.org", next(strangers)), strict=True):
            started = time.perf_counter()
            answers.add(await ask(call, email))
            found.append(time.perf_counter() - started)
    await asyncio.gather(*call.app.state.recovery._later)
    known, unknown = times
    wins = sum((a > b) + (a == b) / 2 for a in known for b in unknown)
    area = wins / (len(known) * len(unknown))

    assert len(answers) == 1
    assert max(area, 1 - area) < 0.6, (area, statistics.median(known), statistics.median(unknown))
