"""Where the audit log is kept. Records are added at the end, one writer at a time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.audit.chain import START, Record
from autograph.auth.tables import audit_head, audit_records

HEAD = 1


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


def record_of(row: Sequence[Any]) -> Record:
    """Return the record that a whole row of the table holds."""
    return Record(*row)
