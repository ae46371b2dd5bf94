"""Watching a database's statements: how long each ran, and on request the plan that the database would take."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.core.calls import Call, current_service, report
from autograph.core.problem import Invalid
from autograph.storage.sql import Database

Observer = Callable[[str, str, float], None]
"""Gets a statement's text (without parameters), the service that ran it, and how many seconds it took."""

_NUMBERED = re.compile(r"\$(\d+)")
_EXPLAINED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


def watch(database: Database, observer: Observer) -> None:
    """Tell `observer` of every statement from now on, also of one that failed, and whoever watches calls too."""
    engine = database.engine.sync_engine
    name = engine.dialect.name

    def before(
        _conn: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        context.autograph_started = time.perf_counter()

    def after(_conn: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        seconds, service = time.perf_counter() - context.autograph_started, current_service.get()
        operation = _operation(statement)
        report(Call(service, name, "database", operation, seconds, failed=False, detail=statement))
        observer(statement, service, seconds)

    def failed(context: Any) -> None:
        started = getattr(context.execution_context, "autograph_started", None)
        if started is not None and context.statement is not None:
            seconds = time.perf_counter() - started
            service, operation = current_service.get(), _operation(context.statement)
            is_stopped = isinstance(context.original_exception, asyncio.CancelledError)
            is_lost = (
                bool(context.is_disconnect) and not is_stopped
            )  # by us, which says nothing of the database
            text = context.statement
            report(Call(service, name, "database", operation, seconds, True, is_lost, detail=text))
            observer(text, service, seconds)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "handle_error", failed)


async def plan(database: Database, statement: str) -> str:
    """Return the plan for `statement`, one step a line. Never runs it, never touches its transaction.

    Parameters are not known here: the plan is the one that the database would make without looking at them.

    Raises:
        Invalid: There is no plan for this.
        Unavailable: The database does not answer.
    """
    if not _EXPLAINED.match(statement):
        raise Invalid("only queries have a plan")
    try:
        async with database.read() as connection:
            if database.is_sqlite:
                return await _sqlite_plan(connection, statement)
            return await _postgres_plan(connection, statement)
    except (DBAPIError, asyncpg.PostgresError) as error:
        raise Invalid("the database has no plan for this") from error


async def _sqlite_plan(connection: AsyncConnection, statement: str) -> str:
    unknown = (None,) * statement.count("?")
    steps = await connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, unknown)
    return _indented([(step.id, step.parent, step.detail) for step in steps])


async def _postgres_plan(connection: AsyncConnection, statement: str) -> str:
    """EXPLAIN EXECUTE of a prepared statement, forced to its generic plan; works on every supported version."""
    await connection.exec_driver_sql("SET LOCAL statement_timeout = 3000")
    await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    count = max((int(number) for number in _NUMBERED.findall(statement)), default=0)
    unknown = f"({', '.join(['NULL'] * count)})" if count else ""
    await driver.execute(f"PREPARE autograph_plan AS {statement}")
    try:
        lines = await driver.fetch(f"EXPLAIN EXECUTE autograph_plan{unknown}")
    finally:
        await driver.execute(
            "ROLLBACK"
        )  # also when the transaction has failed: DEALLOCATE could not run in it
        await driver.execute("DEALLOCATE autograph_plan")
    return "\n".join(str(line[0]) for line in lines)


def _operation(statement: str) -> str:
    return statement.lstrip()[:16].partition(" ")[0].upper()


def _indented(rows: list[tuple[int, int, str]]) -> str:
    """SQLite's steps with each below its parent."""
    depths: dict[int, int] = {0: -1}
    lines = []
    for identity, parent, text in rows:
        depths[identity] = depths.get(parent, -1) + 1
        lines.append("  " * depths[identity] + text)
    return "\n".join(lines)
