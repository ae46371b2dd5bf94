"""What watching a database's statements promises on SQLite and on PostgreSQL alike."""

import asyncio
import socket

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from autograph.core import calls
from autograph.core.correlation import correlation_id
from autograph.core.problem import Invalid
from autograph.core.trace import Trace, trace
from autograph.storage import sql
from autograph.storage.postgres import begun_for
from autograph.storage.sql import open_database
from autograph.storage.statements import plan, watch

TRACE = "0af7651916cd43dd8448eb211c80319c"
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
async def test_a_statement_that_is_stopped_counts_with_its_time(postgres_url):
    """The slowest of all are those that nobody waited for to the end; the database is not lost by that."""
    database, seen, told = open_database(postgres_url), [], []
    watch(database, lambda *found: told.append(found))
    stop = calls.observe(seen.append)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3), database.read() as connection:
            await connection.execute(text("SELECT pg_sleep(20)"))
    stop()
    await database.close()
    (call,) = [call for call in seen if call.operation == "SELECT"]
    assert (call.failed, call.is_lost) == (True, False)
    ((statement, _, seconds),) = [found for found in told if "pg_sleep" in found[0]]
    assert (statement, seconds > 0.1) == ("SELECT pg_sleep(20)", True)


@pytest.mark.feature("observability.dependencies")
@pytest.mark.parametrize(("patience", "is_told"), [(0.1, True), (5.0, False)])
async def test_a_database_that_is_silent_is_lost(monkeypatch, patience, is_told):
    """Whoever gives up waiting for a connection says so; one who leaves at once has learned nothing."""
    monkeypatch.setattr(sql, "SILENT_SECONDS", patience)
    silent = socket.create_server(("127.0.0.1", 0))
    database = open_database(f"postgresql://ada@127.0.0.1:{silent.getsockname()[1]}/ada")
    seen = []
    stop = calls.observe(seen.append)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5), database.read():
            pass
    stop()
    await database.close()
    silent.close()
    assert [(call.target, call.operation, call.is_lost) for call in seen] == (
        [("postgresql", "CONNECT", True)] if is_told else []
    )


@pytest.fixture
def serving():
    """A request of the diagrams service that belongs to a trace."""
    tokens = (
        (trace, trace.set(Trace(TRACE, "b7ad6b7169203331", 1))),
        (correlation_id, correlation_id.set("it's*/me")),
        (calls.current_service, calls.current_service.set("diagrams")),
    )
    yield
    for variable, token in tokens:
        variable.reset(token)


@pytest.mark.feature("observability.correlation")
async def test_postgresql_knows_whom_it_works_for(postgres_url, serving):
    """All of a transaction bears the service and the trace; nothing of it is left for the next one."""
    database = open_database(postgres_url)
    name = text("SELECT current_setting('application_name')")
    async with database.begin() as connection:
        assert (await connection.execute(name)).scalar_one() == f"diagrams {TRACE}"
        await connection.execute(text("CREATE TABLE kept (id INT)"))
    trace.set(None)
    calls.current_service.set("")
    async with database.read() as connection:
        assert (await connection.execute(name)).scalar_one() == "autograph"
        assert (await connection.execute(text("SELECT count(*) FROM kept"))).scalar_one() == 0
    await database.close()


@pytest.mark.feature("observability.correlation")
def test_what_is_said_stays_inside_of_its_comment(serving):
    """The form of sqlcommenter: names in order, values encoded so that none can end the comment or a quote."""
    assert begun_for("BEGIN;") == (
        f"BEGIN; SET LOCAL application_name = 'diagrams {TRACE}'"
        " /*correlation_id='it%27s%2A%2Fme',service='diagrams',"
        f"traceparent='00-{TRACE}-b7ad6b7169203331-01'*/"
    )
    assert begun_for("SAVEPOINT one;") == "SAVEPOINT one;"


async def test_statements_keep_their_text(postgres_url, serving):
    """However many requests there are, one statement is prepared once a connection."""
    database = open_database(postgres_url, pool_size=1, max_overflow=0)
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%pg_class%'")
    for number in range(5):
        trace.set(Trace(f"{number:032x}", "b7ad6b7169203331", 1))
        async with database.read() as connection:
            await connection.execute(text("SELECT count(*) FROM pg_class WHERE oid = :oid"), {"oid": number})
    async with database.read() as connection:
        assert (await connection.execute(prepared)).scalar_one() == 2  # it and the one that asks
    await database.close()


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
