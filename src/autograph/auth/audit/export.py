"""Records as CSV (RFC 4180) and as JSON, in pieces."""

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from autograph.auth.audit.search import Entry

Format = Literal["csv", "json"]

COLUMNS = (
    "number", "at", "event", "outcome", "actor_id", "actor_name", "actor_email", "subject_kind", "subject_id",
    "subject_name", "address", "device", "email", "correlation_id", "details", "mac",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate."""


async def as_csv(batches: AsyncIterator[list[Entry]]) -> AsyncIterator[str]:
    """Yield a table with a head; a cell that would be a formula begins with a quote."""
    yield _lines([COLUMNS])
    async for batch in batches:
        yield _lines([[_cell(value) for value in row(entry).values()] for entry in batch])


async def as_json(batches: AsyncIterator[list[Entry]]) -> AsyncIterator[str]:
    """Yield one list of objects, one a line."""
    begin = "[\n"
    async for batch in batches:
        yield begin + ",\n".join(json.dumps(row(entry), ensure_ascii=False) for entry in batch)
        begin = ",\n"
    yield "[]\n" if begin == "[\n" else "\n]\n"


def row(entry: Entry) -> dict[str, Any]:
    """Return a record by the names of its columns."""
    record, personal = entry.record, entry.record.personal or {}
    values = (
        record.number,
        record.at.isoformat(),
        record.event,
        record.outcome,
        record.actor_id,
        entry.actor.name if entry.actor else None,
        entry.actor.email if entry.actor else None,
        record.subject_kind,
        record.subject_id,
        entry.subject.name if entry.subject else None,
        personal.get("address"),
        personal.get("device"),
        personal.get("email"),
        record.correlation_id,
        record.details,
        record.mac.hex(),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _cell(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: list[Any]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()
