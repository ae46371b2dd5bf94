"""Schema changes: each room brings its own Alembic revisions, and they are applied here, one room at a time.

A room's folder `migrations/versions/` holds its revisions; which of them a database has is written in the
table ``alembic_version_<room>``. A whole room is brought up or down in one transaction, so that a start
that is killed half-way leaves the schema as it was, and two starts at once wait for each other: SQLite by
its write lock, PostgreSQL by an advisory lock.
"""

import zlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from autograph.storage.sql import Database

HEAD, BASE = "head", "base"


async def upgrade(database: Database, room: str, revision: str = HEAD) -> bool:
    """Bring `room`'s tables up to `revision`; return whether anything changed."""
    return await _move(database, room, revision, up=True)


async def downgrade(database: Database, room: str, revision: str = BASE) -> bool:
    """Take `room`'s tables back to `revision`; return whether anything changed."""
    return await _move(database, room, revision, up=False)


async def is_current(database: Database, room: str) -> bool:
    """Whether `room`'s tables are what its newest revision makes."""
    script = scripts(room)
    async with database.read() as connection:
        heads = await connection.run_sync(lambda sync: _context(sync, room).get_current_heads())
    return set(heads) == set(script.get_heads())


@dataclass(frozen=True, slots=True)
class Revisions:
    """Where a room's tables are.

    Attributes:
        applied: Newest revision that the database has; empty before the first.
        expected: Newest revision that this program brings.
    """

    room: str
    applied: str
    expected: str


async def revisions(database: Database) -> list[Revisions]:
    """Return where every room's tables are in `database`, in order of name."""
    rooms = sorted(path.parent.parent.name for path in _package().glob("*/migrations/versions"))
    async with database.read() as connection:
        return await connection.run_sync(lambda sync: [_revisions(sync, room) for room in rooms])


def _revisions(connection: Connection, room: str) -> Revisions:
    applied, expected = _context(connection, room).get_current_heads(), scripts(room).get_heads()
    return Revisions(room, ", ".join(sorted(applied)), ", ".join(sorted(expected)))


def scripts(room: str) -> ScriptDirectory:
    """Return the revisions that `room` brings."""
    return ScriptDirectory(str(_package() / room / "migrations"))


def _package() -> Path:
    return Path(str(files("autograph")))


async def _move(database: Database, room: str, revision: str, *, up: bool) -> bool:
    script = scripts(room)

    def run(connection: Connection) -> bool:
        before = _context(connection, room).get_current_heads()
        context = _context(connection, room, script=script, revision=revision, up=up)
        with Operations.context(context):
            context.run_migrations()
        return context.get_current_heads() != before

    async with database.begin() as connection:
        if not database.is_sqlite:
            key = zlib.crc32(f"autograph migrations {room}".encode())
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({key})")
        return await connection.run_sync(run)


def _context(
    connection: Connection,
    room: str,
    *,
    script: ScriptDirectory | None = None,
    revision: str = HEAD,
    up: bool = True,
) -> MigrationContext:
    """Alembic's view of one room's tables over an open connection."""
    options: dict[str, object] = {"version_table": f"alembic_version_{room}", "transactional_ddl": True}
    if script is not None:
        plan = script._upgrade_revs if up else script._downgrade_revs  # noqa: SLF001 - how Alembic is driven without its env.py
        options["fn"] = lambda current, _context: plan(revision, current)
    return MigrationContext.configure(connection, opts=options)
