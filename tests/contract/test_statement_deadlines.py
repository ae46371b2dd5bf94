"""Statements end with the request that they work for, on SQLite and PostgreSQL alike."""

import asyncio
import time

import pytest
from sqlalchemy import text

from autograph.core import deadline
from autograph.core.deadline import Deadline, TimedOut
from autograph.core.problem import Unavailable
from autograph.storage.sql import open_database

pytestmark = pytest.mark.feature("gateway.timeout")

ENDLESS = {
    True: "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 900000000) SELECT count(*) FROM c",
    False: "SELECT pg_sleep(60)",
}


@pytest.fixture
async def database(database_url):
    """An open database with one empty table."""
    opened = open_database(database_url)
    async with opened.begin() as connection:
        await connection.execute(text("CREATE TABLE line (n INTEGER)"))
    yield opened
    await opened.close()


def within(seconds):
    """Set the deadline of what follows in this test."""
    deadline.current.set(Deadline(seconds))


@pytest.mark.parametrize("how", ["read", "begin"])
async def test_a_cancelled_statement_stops_at_once_and_frees_its_locks(database, how):
    """Nobody waits, nothing runs on, and the next writer gets in immediately."""
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3), getattr(database, how)() as connection:
            if how == "begin":
                await connection.execute(text("INSERT INTO line VALUES (1)"))
            await connection.execute(text(ENDLESS[database.is_sqlite]))
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO line VALUES (2)"))
        found = (await connection.execute(text("SELECT n FROM line"))).scalars().all()

    assert time.monotonic() - started < 3
    assert found == [2]


async def test_nothing_is_started_without_time(database):
    """An expired request gets no connection."""
    within(0)
    for opening in (database.read, database.begin):
        with pytest.raises(TimedOut):
            async with opening():
                pass


async def test_postgresql_stops_a_statement_by_itself(postgres_url):
    """The server keeps the deadline even when this process does not, and that is the timeout problem."""
    database = open_database(postgres_url)
    within(0.4)
    started = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        async with database.read() as connection:
            await connection.execute(text("SELECT pg_sleep(20)"))

    assert caught.value.status == 504
    assert time.monotonic() - started < 3
    await database.close()


@pytest.mark.parametrize(("seconds", "limit"), [(29, "30s"), (5, "5s"), (600, "10min"), (None, "0")])
async def test_postgresql_is_told_only_when_the_time_differs(postgres_url, seconds, limit):
    """About the usual time costs no extra statement; less, more and none are said, for this transaction only."""
    database = open_database(postgres_url)
    if seconds is not None:
        within(seconds)
    async with database.read() as connection:
        shown = (await connection.execute(text("SHOW statement_timeout"))).scalar_one()
    within(29)
    async with database.read() as connection:
        afterwards = (await connection.execute(text("SHOW statement_timeout"))).scalar_one()

    milliseconds = {"5s": range(4000, 5001), "10min": range(599_000, 600_001)}
    assert shown == limit or int(shown.removesuffix("ms")) in milliseconds[limit]
    assert afterwards == "30s"
    await database.close()


async def test_a_writer_waits_for_the_lock_no_longer_than_it_may(tmp_path):
    """SQLite has one writer: the second gives up when its request's time is over, and later waits normally."""
    database = open_database(f"sqlite:///{tmp_path}/autograph.db")
    async with database.begin():
        within(0.3)
        started = time.monotonic()
        with pytest.raises((TimedOut, Unavailable)):
            async with database.begin():
                pass
        assert time.monotonic() - started < 2
    within(20)
    async with database.begin() as connection:
        waits = (await connection.exec_driver_sql("PRAGMA busy_timeout")).scalar_one()
    assert waits == 10_000
    await database.close()


async def test_an_exhausted_pool_is_not_a_timeout(database_url):
    """Having no connection to give is 503 with Retry-After within the pool's own, shorter time."""
    database = open_database(database_url, pool_size=1, max_overflow=0, pool_timeout_seconds=0.2)
    async with database.read():
        with pytest.raises(Unavailable) as refused:
            async with database.read():
                pass

    assert refused.value.headers["retry-after"] == "1"
    await database.close()
