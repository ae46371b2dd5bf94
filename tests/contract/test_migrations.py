"""Each room's revisions, forward and back on both databases, make exactly the tables that its code uses."""

import importlib

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect

from autograph.storage.migrations import downgrade, is_current, revisions, scripts, upgrade
from autograph.storage.sql import open_database

ROOMS = ["auth", "diagrams", "flags", "gateway", "watch"]

pytestmark = [pytest.mark.parametrize("room", ROOMS), pytest.mark.feature("platform.migrations")]


@pytest.fixture
async def database(database_url):
    database = open_database(database_url)
    yield database
    await database.close()


def metadata_of(room: str) -> MetaData:
    metadata: MetaData = importlib.import_module(f"autograph.{room}.tables").metadata
    return metadata


async def look(database, question):
    async with database.read() as connection:
        return await connection.run_sync(question)


def own_tables(connection):
    return {name for name in inspect(connection).get_table_names() if not name.startswith("alembic_version")}


async def test_the_migrated_schema_is_what_the_code_uses(database, room):
    """After all revisions nothing is missing, nothing is left over and every type agrees."""
    await upgrade(database, room)

    def differences(connection):
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _: not (name or "").startswith("alembic"),
        }
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata_of(room))

    assert await look(database, differences) == []


async def test_constraints_bear_the_names_the_code_gives_them(database, room):
    """Keys, foreign keys and indexes are named alike in the migration and in the tables."""
    await upgrade(database, room)

    def names(connection):
        found = inspect(connection)
        return {
            table: (
                found.get_pk_constraint(table)["name"],
                {key["name"] for key in found.get_foreign_keys(table)},
                {
                    index["name"]
                    for index in found.get_indexes(table)
                    if not index.get("duplicates_constraint")
                },
            )
            for table in metadata_of(room).tables
        }

    expected = {
        name: (
            table.primary_key.name,
            {key.name for key in table.foreign_key_constraints},
            {index.name for index in table.indexes},
        )
        for name, table in metadata_of(room).tables.items()
    }
    assert await look(database, names) == expected


async def test_every_revision_goes_forward_and_back(database, room):
    """Each step up can be taken back, down to nothing, and up again."""
    steps = [revision.revision for revision in reversed([*scripts(room).walk_revisions()])]
    for revision in steps:
        await upgrade(database, room, revision)
    assert await look(database, own_tables) == set(metadata_of(room).tables)

    for revision in [*reversed(steps[:-1]), "base"]:
        assert await downgrade(database, room, revision)
    assert await look(database, own_tables) == set()

    assert await upgrade(database, room)
    assert await is_current(database, room)


async def test_a_second_run_changes_nothing(database, room):
    """Migrating a current database does nothing."""
    assert await upgrade(database, room)
    assert not await upgrade(database, room)


async def test_what_is_applied_and_expected_is_told(database, room):
    """A room whose tables were never made has applied nothing; afterwards both are the newest revision."""

    async def told():
        return {found.room: (found.applied, found.expected) for found in await revisions(database)}[room]

    head = scripts(room).get_current_head()
    assert await told() == ("", head)
    await upgrade(database, room)
    assert await told() == (head, head)
