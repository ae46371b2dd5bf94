"""One database, SQLite or PostgreSQL, chosen by URL. The only file that commits.

Reads and writes are told apart because SQLite has one writer: `begin` takes the write lock at once
(BEGIN IMMEDIATE), so two writers queue instead of one of them failing half-way.

Statements end with the request that they work for: PostgreSQL stops one by itself when what remained of the
request's time is over, SQLite is interrupted when the request is cancelled.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from autograph.core import deadline
from autograph.core.calls import Call, current_service, report
from autograph.core.deadline import TimedOut
from autograph.core.problem import StorageFull, Unavailable
from autograph.storage import postgres, sqlite
from autograph.storage.disk import is_full

BUSY_TIMEOUT_SECONDS = 10.0
SILENT_SECONDS = 5.0
"""Who gave up waiting for a connection after so long has found a database that is silent: the pool gives up sooner."""

STATEMENT_TIMEOUT_SECONDS = 30.0
"""A connection's own limit on PostgreSQL; a transaction that has clearly more or less time says so itself."""

_ABOUT = 0.2
"""A transaction's time that differs from the connection's limit by less than this share is about the same."""

_QUERY_CANCELED = "57014"
_LOCKED = ("database is locked", "database table is locked")


class Database:
    """An open database. Make it with :func:`open_database`.

    Args:
        engine: SQLAlchemy's.
        most_connections: Connections that the pool gives out at most.
    """

    def __init__(self, engine: AsyncEngine, *, most_connections: int) -> None:
        self.engine = engine
        self._most_connections = most_connections
        self._waiting = self._timeouts = 0
        self.is_sqlite = engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction: committed when the block ends well, rolled back otherwise."""
        async with self._connected() as connection:
            if self.is_sqlite:
                await _wait_for_lock(connection)
            try:
                yield connection
            except BaseException:
                await connection.rollback()
                raise
            await connection.commit()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view for reading; whatever it wrote is rolled back."""
        async with self._connected() as connection:
            if self.is_sqlite:
                await connection.exec_driver_sql("BEGIN")
            yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """A connection of the pool; having none to give is a problem that says when to come back."""
        deadline.check()
        connection = await self._opened()
        try:
            if not self.is_sqlite:
                await _limit_statements(connection)
            yield connection
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _QUERY_CANCELED:
                raise TimedOut from error
            if is_full(error.orig):
                raise StorageFull from error
            if self.is_sqlite and str(error.orig).startswith(_LOCKED):
                deadline.check()
                raise Unavailable("The database is busy.", headers={"retry-after": "1"}) from error
            raise
        finally:
            await asyncio.shield(connection.close())

    async def _opened(self) -> AsyncConnection:
        connection, started = self.engine.connect(), time.perf_counter()
        self._waiting += 1
        try:
            await connection.start()
        except PoolTimeoutError as error:
            self._timeouts += 1
            raise Unavailable("The database is busy.", headers={"retry-after": "1"}) from error
        except asyncio.CancelledError:
            if time.perf_counter() - started > SILENT_SECONDS:
                self._report_lost(started)
            raise
        except (OSError, DBAPIError) as error:
            self._report_lost(started)
            raise Unavailable("The database does not answer.", headers={"retry-after": "5"}) from error
        finally:
            self._waiting -= 1
        return connection

    def _report_lost(self, started: float) -> None:
        """Tell whoever watches calls that the database could not be reached."""
        name, seconds = self.engine.dialect.name, time.perf_counter() - started
        report(Call(current_service.get(), name, "database", "CONNECT", seconds, failed=True, is_lost=True))

    def gauges(self) -> dict[str, float]:
        """How many connections of the pool are in use, of how many there may be, and how many wait for one."""
        pool = self.engine.pool
        if not isinstance(pool, QueuePool):
            return {}
        return {
            "pool_in_use": float(pool.checkedout()),
            "pool_size": float(self._most_connections),
            "pool_waiting": float(self._waiting),
        }

    def counters(self) -> dict[str, float]:
        """How often nobody gave a connection back in time."""
        return {"pool_timeouts": float(self._timeouts)}

    async def sweep(self) -> None:
        """Take what was deleted out of the write-ahead log of SQLite, where earlier pages stay else; best effort."""
        if self.engine.dialect.name == "sqlite":
            async with self.engine.connect() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


def parsed_url(url: str) -> URL:
    """Return the parts of a database's URL.

    Raises:
        ValueError: It names no database that we can use; never says what was in it, which may be a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"sqlite", "postgresql", "postgres"}:
        raise ValueError("needs sqlite:///path or postgresql://user:password@host/name")
    return parsed


def open_database(
    url: str, *, pool_size: int = 10, max_overflow: int = 20, pool_timeout_seconds: float = 3.0
) -> Database:
    """Open `url` (``sqlite:///path`` or ``postgresql://user@host/name``) without connecting yet.

    Raises:
        ValueError: See `parsed_url`.
    """
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            parsed.set(drivername="sqlite+aiosqlite"),
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=pool_timeout_seconds,
            hide_parameters=True,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "async_creator_fn": sqlite.connect},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _leave_begin_to_us)
        return Database(engine, most_connections=pool_size + max_overflow)
    engine = create_async_engine(
        parsed.set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=pool_timeout_seconds,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "connection_class": postgres.Connection,
            "server_settings": {
                "application_name": postgres.NAME,
                "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS:.0f}s",
            },
        },
    )
    return Database(engine, most_connections=pool_size + max_overflow)


async def _limit_statements(connection: AsyncConnection) -> None:
    """Give the transaction that begins what remains of the request's time; work for no request has no limit."""
    remaining = deadline.remaining_seconds()
    if remaining is None:
        await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    elif abs(remaining - STATEMENT_TIMEOUT_SECONDS) > _ABOUT * STATEMENT_TIMEOUT_SECONDS:
        milliseconds = max(1, math.ceil(remaining * 1000))
        await connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")


async def _wait_for_lock(connection: AsyncConnection) -> None:
    """Begin as SQLite's one writer, waiting no longer than the request may: that wait cannot be interrupted."""
    remaining = deadline.remaining_seconds()
    wanted = BUSY_TIMEOUT_SECONDS if remaining is None else min(BUSY_TIMEOUT_SECONDS, remaining)
    assert connection.sync_connection is not None
    info = connection.sync_connection.info
    if info.get("busy_seconds", BUSY_TIMEOUT_SECONDS) != wanted:
        info["busy_seconds"] = wanted
        await connection.exec_driver_sql(f"PRAGMA busy_timeout = {math.ceil(wanted * 1000)}")
    await connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL so that readers never wait; FULL because NORMAL loses acknowledged rows in a power cut.

    What is deleted is overwritten: somebody who erases their account is gone from the file, too.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _leave_begin_to_us(_connection: Any) -> None:
    """The driver's own BEGIN is off; `Database.begin` says BEGIN IMMEDIATE itself."""
