"""What the database promises on SQLite and on PostgreSQL alike."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from autograph.core.calls import observe
from autograph.core.problem import Unavailable
from autograph.observability.scrub import hidden
from autograph.storage.sql import open_database


@pytest.fixture
async def database(database_url):
    """An open, empty database with one table of one row."""
    opened = open_database(database_url)
    async with opened.begin() as connection:
        await connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL CHECK (n < 1000))"))
        await connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield opened
    await opened.close()


async def value(database):
    """The counter's value."""
    async with database.read() as connection:
        return (await connection.execute(text("SELECT n FROM counter"))).scalar_one()


async def test_a_block_that_fails_changes_nothing(database):
    """An exception inside `begin` takes everything back."""
    with pytest.raises(RuntimeError):
        async with database.begin() as connection:
            await connection.execute(text("UPDATE counter SET n = 7"))
            raise RuntimeError

    assert await value(database) == 0


async def test_an_error_does_not_say_what_a_statement_was_given(database):
    """What is logged of a failed statement is its text and the reason, never a value."""
    with pytest.raises(DBAPIError) as raised:
        async with database.begin() as connection:
            await connection.execute(text("UPDATE counter SET n = :n"), {"n": 987654321})
    assert "UPDATE counter" in str(raised.value)
    assert "987654321" not in hidden(str(raised.value))


async def test_writers_at_the_same_time_all_count(database):
    """Twenty read-modify-writes in parallel add up: nobody loses an update or fails half-way."""

    async def add():
        async with database.begin() as connection:
            await connection.execute(text("UPDATE counter SET n = n + 1"))

    await asyncio.gather(*(add() for _ in range(20)))

    assert await value(database) == 20


async def test_a_read_does_not_wait_for_a_writer(database):
    """While a write is open, readers see the last committed state at once."""
    async with database.begin() as connection:
        await connection.execute(text("UPDATE counter SET n = 5"))

        assert await asyncio.wait_for(value(database), 2) == 0
    assert await value(database) == 5


async def test_a_cancelled_writer_leaves_no_lock(database):
    """A caller that hangs up in the middle of a write does not block the next one."""

    async def slow():
        async with database.begin() as connection:
            await connection.execute(text("UPDATE counter SET n = 9"))
            await asyncio.sleep(30)

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with asyncio.timeout(3), database.begin() as connection:
        await connection.execute(text("UPDATE counter SET n = n + 1"))
    assert await value(database) == 1


async def test_an_exhausted_pool_is_a_problem_that_says_when_to_come_back(database_url):
    """No free connection within the time is a 503 with Retry-After, not a hang."""
    database = open_database(database_url, pool_size=1, max_overflow=0, pool_timeout_seconds=0.1)
    async with database.read():
        with pytest.raises(Unavailable) as caught:
            async with database.read():
                pass

    assert caught.value.headers["retry-after"]
    await database.close()


@pytest.mark.feature("observability.queries")
async def test_who_waits_for_a_connection_is_counted(database_url):
    """In use, waiting, and waited in vain: told while it is so."""
    database = open_database(database_url, pool_size=1, max_overflow=0, pool_timeout_seconds=0.3)

    async def need():
        async with database.read():
            pass

    async with database.read():
        needing = [asyncio.create_task(need()) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert database.gauges() == {"pool_in_use": 1.0, "pool_size": 1.0, "pool_waiting": 3.0}
        found = await asyncio.gather(*needing, return_exceptions=True)
    assert [type(one) for one in found] == [Unavailable] * 3
    assert database.counters() == {"pool_timeouts": 3.0}
    assert database.gauges()["pool_waiting"] == 0
    await database.close()


async def test_a_database_that_is_away_is_unavailable():
    """No server at the address: a 503 problem without the address in it, and a lost call for those who watch."""
    database, calls = open_database("postgresql://autograph@127.0.0.1:9/none"), []
    stop = observe(calls.append)

    with pytest.raises(Unavailable) as caught:
        async with database.read():
            pass

    stop()
    assert [(call.target, call.failed, call.is_lost) for call in calls] == [("postgresql", True, True)]
    assert "127.0.0.1" not in caught.value.detail
    await database.close()


async def test_what_was_deleted_is_in_no_file(tmp_path):
    """SQLite: once swept, neither the database nor what lies beside it holds a deleted row's text; others stay."""
    database = open_database(f"sqlite:///{tmp_path}/some.db")
    for statement in (
        "CREATE TABLE people (name TEXT)",
        "INSERT INTO people VALUES ('quokka of long ago'), ('wombat who stays')",
        "DELETE FROM people WHERE name LIKE 'quokka%'",
    ):
        async with database.begin() as connection:
            await connection.execute(text(statement))
    await database.sweep()
    async with database.read() as connection:
        left = (await connection.execute(text("SELECT name FROM people"))).scalars().all()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    await database.close()
    assert (left, b"wombat" in kept, b"quokka" in kept) == (["wombat who stays"], True, False)
