"""Databases with a room's tables, all empty: made once a run, then copied (SQLite) or emptied (PostgreSQL).

To create a PostgreSQL database, its tables, and at the end to remove its three hundred files takes longer than most
tests that want one.
"""

import asyncio
import shutil
from pathlib import Path

import asyncpg
from sqlalchemy import MetaData

from autograph.storage.sql import open_database

EMPTY = """
DO $$ DECLARE name text; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'DELETE FROM ' || name;
  END LOOP;
  FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
  END LOOP;
END $$
"""
"""Connections that a test left open are ended; foreign keys and triggers look away meanwhile."""


def with_tables(url: str, metadata: MetaData) -> str:
    """Make the tables in the empty database at `url`; return the URL."""

    async def make() -> None:
        database = open_database(url)
        async with database.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await database.close()

    asyncio.run(make())
    return url


def copied(template: Path, target: Path) -> str:
    """Copy an SQLite database that nobody has open; return the URL of the copy."""
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


def emptied(url: str) -> str:
    """Delete every row of the PostgreSQL database at `url`, which keeps its tables; return the URL."""

    async def empty() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(EMPTY)
        await connection.close()

    asyncio.run(empty())
    return url
