"""What watching a database's statements promises on SQLite and on PostgreSQL alike."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from autograph.core import calls
from autograph.core.problem import Invalid
from autograph.storage.sql import open_database
from autograph.storage.statements import plan, watch

SELECT = text("SELECT title FROM things WHERE owner = :owner ORDER BY title")


@pytest.fixture
async def database(database_url):
    """An open database with one table."""
    opened = open_database(database_url)
    async with opened.begin() as connection:
        await connection.execute(text("CREATE TABLE things (owner VARCHAR(20), title VARCHAR(20))"))
    yield opened
    await opened.close()


@pytest.fixture
def statements(database):
    """What was seen: text, service, seconds."""
    seen = []
    watch(database, lambda *found: seen.append(found))
    return seen


@pytest.mark.feature("observability.queries")
async def test_every_statement_is_timed_without_its_values(database, statements):
    """The text has places for values, never the values; the service that asked is named."""
    token = calls.current_service.set("diagrams")
    async with database.read() as connection:
        await connection.execute(SELECT, {"owner": "a secret"})
    calls.current_service.reset(token)
    statement, service, seconds = statements[-1]
    assert statement.startswith("SELECT title FROM things")
    assert "secret" not in statement
    assert service == "diagrams"
    assert 0 < seconds < 5


async def test_calls_are_told_with_their_end(database, statements):
    """Whoever watches calls sees the database as a target, and which statements failed."""
    seen = []
    stop = calls.observe(seen.append)
    async with database.read() as connection:
        await connection.execute(SELECT, {"owner": "x"})
    with pytest.raises(DBAPIError):
        async with database.read() as connection:
            await connection.execute(text("SELECT missing FROM things"))
    stop()
    selects = [(call.kind, call.operation, call.failed) for call in seen if call.operation == "SELECT"]
    assert selects == [("database", "SELECT", False), ("database", "SELECT", True)]
    assert statements


@pytest.mark.feature("observability.queries")
async def test_a_plan_is_made_without_running(database, statements):
    """The plan names the table that is read, also for a statement that would delete: nothing is touched."""
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO things VALUES ('a', 'b')"))
        await connection.execute(text("DELETE FROM things WHERE owner = :owner"), {"owner": "nobody"})
    delete = next(text for text, _, _ in statements if text.startswith("DELETE"))
    assert "things" in await plan(database, delete)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM things"))).scalar_one() == 1


@pytest.mark.parametrize(
    "statement", ["DROP TABLE things", "SELECT nothing FROM nowhere", "PRAGMA user_version"]
)
async def test_what_has_no_plan_says_so(database, statement):
    """Anything that is no query, or no good one, is a clear refusal; nothing happens to the database."""
    with pytest.raises(Invalid):
        await plan(database, statement)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM things"))).scalar_one() == 0
