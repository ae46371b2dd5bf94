"""Where the audit log is kept. Records are added at the end, one writer at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.audit.chain import START, Record
from autograph.auth.audit.search import Entry, Named, Wanted
from autograph.auth.tables import audit_head, audit_records, users

HEAD = 1
REMOVED = "audit.removed"
"""The record that says that all up to one number were removed because of their age."""


async def hold_head(connection: AsyncConnection) -> tuple[int, bytes]:
    """Return number and MAC of the newest record; nobody else adds one until this transaction ends."""
    flavour = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    first = flavour(audit_head).values(id=HEAD, number=0, mac=START).on_conflict_do_nothing()
    query = select(audit_head.c.number, audit_head.c.mac).where(audit_head.c.id == HEAD).with_for_update()
    row = (await connection.execute(query)).first()
    if row is None:
        await connection.execute(first)
        row = (await connection.execute(query)).one()
    return row.number, row.mac


async def add(connection: AsyncConnection, record: Record) -> None:
    """Keep a record as the newest one."""
    await connection.execute(
        insert(audit_records),
        {
            "number": record.number,
            "at": record.at,
            "event": record.event,
            "outcome": record.outcome,
            "actor_id": record.actor_id,
            "subject_kind": record.subject_kind,
            "subject_id": record.subject_id,
            "correlation_id": record.correlation_id,
            "details": record.details,
            "personal": record.personal,
            "personal_hash": record.personal_hash,
            "mac": record.mac,
        },
    )
    await connection.execute(
        update(audit_head).where(audit_head.c.id == HEAD).values(number=record.number, mac=record.mac)
    )


async def head(connection: AsyncConnection) -> tuple[int, bytes]:
    """Return number and MAC of the newest record, 0 and the start of the chain when there is none."""
    query = select(audit_head.c.number, audit_head.c.mac).where(audit_head.c.id == HEAD)
    row = (await connection.execute(query)).first()
    return (row.number, row.mac) if row else (0, START)


async def base(connection: AsyncConnection) -> tuple[int, bytes]:
    """Return number and MAC of the newest record that was removed because of its age, as the log itself says."""
    query = select(audit_records.c.details).where(audit_records.c.event == REMOVED)
    details = await connection.scalar(query.order_by(audit_records.c.number.desc()).limit(1))
    return (int(details["through"]), bytes.fromhex(details["mac"])) if details else (0, START)


async def newest(connection: AsyncConnection) -> int:
    """Return the number of the newest record that is there, whatever the head says; 0 for none."""
    return int(await connection.scalar(select(func.max(audit_records.c.number))) or 0)


async def after(connection: AsyncConnection, number: int, *, through: int, most: int) -> list[Record]:
    """Return records with numbers above `number` and up to `through`, the lowest first."""
    query = (
        select(audit_records)
        .where(audit_records.c.number > number, audit_records.c.number <= through)
        .order_by(audit_records.c.number)
        .limit(most)
    )
    return [record_of(row) for row in await connection.execute(query)]


async def one(connection: AsyncConnection, number: int) -> Record | None:
    """Return a record."""
    row = (await connection.execute(select(audit_records).where(audit_records.c.number == number))).first()
    return record_of(row) if row else None


async def first_since(connection: AsyncConnection, moment: datetime) -> int | None:
    """Return the lowest number of a record that was made at `moment` or later."""
    query = select(func.min(audit_records.c.number)).where(audit_records.c.at >= moment)
    number: int | None = await connection.scalar(query)
    return number


async def oldest(connection: AsyncConnection) -> Record | None:
    """Return the record with the lowest number."""
    row = (await connection.execute(select(audit_records).order_by(audit_records.c.number).limit(1))).first()
    return record_of(row) if row else None


async def remove(connection: AsyncConnection, *, through: int, most: int) -> int:
    """Remove at most `most` records with numbers up to `through`, the lowest first; return how many these were."""
    lowest = await connection.scalar(select(func.min(audit_records.c.number)))
    if lowest is None or lowest > through:
        return 0
    removed = await connection.execute(
        delete(audit_records).where(audit_records.c.number <= min(through, lowest + most - 1))
    )
    return removed.rowcount


async def search(
    connection: AsyncConnection, wanted: Wanted, *, before: int | None = None, most: int
) -> list[Record]:
    """Return records with numbers below `before`, the newest first."""
    query = select(audit_records).where(*_conditions(wanted)).order_by(audit_records.c.number.desc())
    if before is not None:
        query = query.where(audit_records.c.number < before)
    return [record_of(row) for row in await connection.execute(query.limit(most))]


async def export(
    connection: AsyncConnection, wanted: Wanted, *, after: int, through: int, most: int
) -> list[Record]:
    """Return records with numbers above `after` and up to `through`, the oldest first."""
    number = audit_records.c.number
    query = select(audit_records).where(*_conditions(wanted), number > after, number <= through)
    return [record_of(row) for row in await connection.execute(query.order_by(number).limit(most))]


async def named(connection: AsyncConnection, records: Sequence[Record]) -> list[Entry]:
    """Return records with the names of the accounts that they speak of."""
    ids = {record.actor_id for record in records if record.actor_id}
    ids |= {record.subject_id for record in records if record.subject_kind == "user"}
    query = select(users.c.id, users.c.name, users.c.email).where(users.c.id.in_(ids))
    known = {row.id: Named(*row) for row in await connection.execute(query)}
    return [
        Entry(
            record,
            known.get(record.actor_id or ""),
            known.get(record.subject_id) if record.subject_kind == "user" else None,
        )
        for record in records
    ]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    table, found = audit_records.c, []
    if wanted.since:
        found.append(table.at >= wanted.since)
    if wanted.until:
        found.append(table.at < wanted.until)
    if wanted.event:
        found.append(table.event.startswith(wanted.event, autoescape=True))
    if "@" in wanted.actor:
        address = select(users.c.id).where(users.c.email == wanted.actor.lower())
        found.append(table.actor_id.in_(address))
    elif wanted.actor:
        found.append(table.actor_id == wanted.actor)
    if wanted.subject:
        found.append(table.subject_id == wanted.subject)
    if wanted.outcome:
        found.append(table.outcome == wanted.outcome)
    if wanted.text:
        found.append(_has(wanted.text))
    return found


def _has(text: str) -> ColumnElement[bool]:
    table, has = audit_records.c, {"autoescape": True}
    people = select(users.c.id).where(
        or_(users.c.name.icontains(text, **has), users.c.email.icontains(text, **has))
    )
    return or_(
        table.event.icontains(text, **has),
        table.subject_id.icontains(text, **has),
        table.personal["email"].as_string().icontains(text, **has),
        table.actor_id.in_(people),
        table.subject_id.in_(people),
    )


def record_of(row: Sequence[Any]) -> Record:
    """Return the record that a whole row of the table holds."""
    return Record(*row)
