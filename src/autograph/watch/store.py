"""All SQL of the watch but its alerts: samples by the minute, groups of errors with their events, settings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.core.ids import new_id
from autograph.model.telemetry import ErrorEvent
from autograph.watch.shapes import ErrorGroup, ErrorState
from autograph.watch.steps import Step
from autograph.watch.tables import error_counts, error_events, error_groups, samples, settings

ERROR_STEP_SECONDS = 120
ERROR_STEPS = 30

GAUGES = "@gauges"
"""Name of the rows that hold gauges instead of requests."""


@dataclass(frozen=True, slots=True)
class GaugeSample:
    """The worst value of each gauge in one step that begins at unix time `at`."""

    at: int
    values: Mapping[str, float]


async def keep_steps(
    connection: AsyncConnection, span_seconds: int, steps: Mapping[str, Sequence[Step]]
) -> None:
    """Keep steps of each service; one that is there already is replaced."""
    rows = [
        {
            "service": service,
            "span_seconds": span_seconds,
            "at": step.at,
            "errors": step.errors,
            "total_seconds": step.total_seconds,
            "content": json.dumps(step.counts),
        }
        for service, found in steps.items()
        for step in found
    ]
    await _replace(connection, rows)


async def keep_gauges(
    connection: AsyncConnection, span_seconds: int, samples_of_all: Sequence[GaugeSample]
) -> None:
    """Keep the worst gauges of steps; one that is there already is replaced."""
    rows = [
        {
            "service": GAUGES,
            "span_seconds": span_seconds,
            "at": sample.at,
            "errors": 0,
            "total_seconds": 0.0,
            "content": json.dumps(dict(sample.values)),
        }
        for sample in samples_of_all
    ]
    await _replace(connection, rows)


async def _replace(connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    upsert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    statement = upsert(samples)
    changed = {name: statement.excluded[name] for name in ("errors", "total_seconds", "content")}
    key = [samples.c.service, samples.c.span_seconds, samples.c.at]
    await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


async def read_steps(connection: AsyncConnection, span_seconds: int, since: int) -> dict[str, list[Step]]:
    """Return the kept steps of every service from unix time `since` on, the oldest first."""
    found: dict[str, list[Step]] = {}
    query = (
        select(samples)
        .where(samples.c.span_seconds == span_seconds, samples.c.at >= since, samples.c.service != GAUGES)
        .order_by(samples.c.at)
    )
    for row in await connection.execute(query):
        step = Step(row.at, json.loads(row.content), row.total_seconds, row.errors)
        found.setdefault(row.service, []).append(step)
    return found


async def read_gauges(connection: AsyncConnection, span_seconds: int, since: int) -> list[GaugeSample]:
    """Return the kept gauges from unix time `since` on, the oldest first."""
    query = (
        select(samples.c.at, samples.c.content)
        .where(samples.c.span_seconds == span_seconds, samples.c.service == GAUGES, samples.c.at >= since)
        .order_by(samples.c.at)
    )
    return [GaugeSample(row.at, json.loads(row.content)) for row in await connection.execute(query)]


async def forget_samples(connection: AsyncConnection, span_seconds: int, before: int) -> None:
    """Let go of every step of this length that began before unix time `before`."""
    await connection.execute(
        delete(samples).where(samples.c.span_seconds == span_seconds, samples.c.at < before)
    )


async def keep_error(connection: AsyncConnection, event: ErrorEvent, *, events_kept: int) -> None:
    """Count an event in its group; a resolved group that fails again has regressed, an ignored one stays so."""
    upsert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    statement = upsert(error_groups).values(
        fingerprint=event.fingerprint,
        service=event.service,
        kind=event.kind[:200],
        message=event.message[:500],
        culprit=event.culprit[:200],
        state="new",
        count=event.count,
        first_at=event.at,
        last_at=event.at,
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[error_groups.c.fingerprint],
            set_={
                "count": error_groups.c.count + event.count,
                "last_at": event.at,
                "message": event.message[:500],
                "state": _next_state(),
            },
        )
    )
    counted = upsert(error_counts).values(
        fingerprint=event.fingerprint, at=_step_of(event.at), count=event.count
    )
    await connection.execute(
        counted.on_conflict_do_update(
            index_elements=[error_counts.c.fingerprint, error_counts.c.at],
            set_={"count": error_counts.c.count + counted.excluded.count},
        )
    )
    kept = {
        "id": new_id(),
        "fingerprint": event.fingerprint,
        "at": event.at,
        "content": event.model_dump_json(),
    }
    await connection.execute(insert(error_events).values(kept))
    newest = (
        select(error_events.c.id)
        .where(error_events.c.fingerprint == event.fingerprint)
        .order_by(error_events.c.at.desc(), error_events.c.id.desc())
        .limit(events_kept)
    )
    await connection.execute(
        delete(error_events).where(
            error_events.c.fingerprint == event.fingerprint, error_events.c.id.not_in(newest)
        )
    )


def _next_state() -> Any:
    return case(
        (error_groups.c.state == "resolved", "regressed"),
        (error_groups.c.state == "new", "ongoing"),
        else_=error_groups.c.state,
    )


async def list_errors(
    connection: AsyncConnection,
    *,
    state: ErrorState | None,
    by_count: bool,
    page: int,
    page_size: int,
    now: datetime,
) -> tuple[list[ErrorGroup], int]:
    """Return one page of groups and how many there are in all; ignored ones only when asked for."""
    where = error_groups.c.state == state if state else error_groups.c.state != "ignored"
    total = (
        await connection.execute(select(func.count()).select_from(error_groups).where(where))
    ).scalar_one()
    first = error_groups.c.count.desc() if by_count else error_groups.c.last_at.desc()
    query = (
        select(error_groups)
        .where(where)
        .order_by(first, error_groups.c.fingerprint)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    rows = (await connection.execute(query)).mappings().all()
    return await _with_last_hour(connection, [dict(row) for row in rows], now), total


async def _with_last_hour(
    connection: AsyncConnection, rows: list[dict[str, Any]], now: datetime
) -> list[ErrorGroup]:
    """Return groups with how often each came in every step until now."""
    first = _step_of(now) - (ERROR_STEPS - 1) * ERROR_STEP_SECONDS
    counts = {row["fingerprint"]: [0] * ERROR_STEPS for row in rows}
    counted = error_counts.c
    query = select(counted.fingerprint, counted.at, counted["count"]).where(
        counted.fingerprint.in_(counts), counted.at.between(first, _step_of(now))
    )
    for fingerprint, at, count in await connection.execute(query):
        counts[fingerprint][(at - first) // ERROR_STEP_SECONDS] = count
    return [ErrorGroup.model_validate({**row, "last_hour": counts[row["fingerprint"]]}) for row in rows]


def _step_of(at: datetime) -> int:
    seconds = int(at.timestamp())
    return seconds - seconds % ERROR_STEP_SECONDS


async def read_error(
    connection: AsyncConnection, fingerprint: str, now: datetime
) -> tuple[ErrorGroup, list[ErrorEvent]] | None:
    """Return a group with its newest events, or None."""
    row = (
        (await connection.execute(select(error_groups).where(error_groups.c.fingerprint == fingerprint)))
        .mappings()
        .first()
    )
    if row is None:
        return None
    query = (
        select(error_events.c.content)
        .where(error_events.c.fingerprint == fingerprint)
        .order_by(error_events.c.at.desc())
    )
    events = [ErrorEvent.model_validate_json(content) for (content,) in await connection.execute(query)]
    [group] = await _with_last_hour(connection, [dict(row)], now)
    return group, events


async def set_error_state(connection: AsyncConnection, fingerprint: str, state: ErrorState) -> bool:
    """Mark a group; return whether there is one."""
    changed = await connection.execute(
        update(error_groups).where(error_groups.c.fingerprint == fingerprint).values(state=state)
    )
    return changed.rowcount == 1


async def forget_errors(connection: AsyncConnection, before: datetime, now: datetime) -> None:
    """Let go of groups whose last event is older, and of counts that are no longer shown."""
    oldest = _step_of(now) - ERROR_STEPS * ERROR_STEP_SECONDS
    await connection.execute(delete(error_counts).where(error_counts.c.at < oldest))
    old = select(error_groups.c.fingerprint).where(error_groups.c.last_at < before)
    await connection.execute(delete(error_counts).where(error_counts.c.fingerprint.in_(old)))
    await connection.execute(delete(error_events).where(error_events.c.fingerprint.in_(old)))
    await connection.execute(delete(error_groups).where(error_groups.c.last_at < before))


async def read_setting(connection: AsyncConnection, name: str) -> Any:
    """Return what is kept under a name, or None."""
    found = await connection.execute(select(settings.c.content).where(settings.c.name == name))
    content = found.scalar_one_or_none()
    return None if content is None else json.loads(content)


async def keep_setting(connection: AsyncConnection, name: str, content: Any) -> None:
    """Keep something under a name."""
    await connection.execute(delete(settings).where(settings.c.name == name))
    await connection.execute(insert(settings).values(name=name, content=json.dumps(content)))


async def slow_statement(connection: AsyncConnection, seconds: float) -> None:
    """Take time: PostgreSQL sleeps, SQLite counts until about that long has passed."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_sleep(seconds)))
        return
    rows = max(1000, int(seconds * _ROWS_A_SECOND))
    counting = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) SELECT max(i) FROM n"
    )
    await connection.execute(text(counting), {"rows": rows})


_ROWS_A_SECOND = 6_000_000
