"""A store without room says so in one way: the databases, the folder of objects."""

import errno

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from autograph.core.problem import StorageFull
from autograph.storage.disk import told_when_full
from autograph.storage.objects import FolderObjects
from autograph.storage.sql import open_database

pytestmark = pytest.mark.feature("gateway.validation")


async def test_sqlite_without_room(tmp_path):
    """A database file that may not grow refuses the write as storage-full, keeps what it has, and goes on later."""
    database = open_database(f"sqlite:///{tmp_path}/small.db", pool_size=1, max_overflow=0)
    async with database.begin() as connection:
        await connection.execute(text("CREATE TABLE kept (content BLOB)"))
        await connection.execute(text("INSERT INTO kept VALUES ('first')"))
        await connection.exec_driver_sql("PRAGMA max_page_count = 8")
    with pytest.raises(StorageFull):
        async with database.begin() as connection:
            await connection.execute(text("INSERT INTO kept VALUES ('half')"))
            await connection.execute(text("INSERT INTO kept VALUES (zeroblob(1000000))"))
    async with database.read() as connection:
        assert [*await connection.scalars(text("SELECT content FROM kept"))] == ["first"]
        await connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO kept VALUES (zeroblob(1000000))"))
    await database.close()


async def test_postgresql_without_room(postgres_url):
    """What PostgreSQL calls disk_full (53100) is storage-full; its other errors stay what they are."""
    database = open_database(postgres_url)
    for state, raised in (("53100", StorageFull), ("53000", DBAPIError)):
        with pytest.raises(raised):
            async with database.begin() as connection:
                raising = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"
                await connection.exec_driver_sql(raising)
    await database.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_the_system_without_room(number):
    """A full disk, a used-up quota and a file at its limit are storage-full."""
    with pytest.raises(StorageFull), told_when_full():
        raise OSError(number, "a secret path")


def test_other_errors_of_the_system_stay_what_they_are():
    """Only what room would mend is called so."""
    with pytest.raises(PermissionError), told_when_full():
        raise PermissionError(errno.EACCES, "not yours")


async def test_objects_without_room(tmp_path, monkeypatch):
    """An object that does not fit is storage-full; the one that was there is still there, whole, and nothing beside it."""
    objects = FolderObjects(tmp_path)
    await objects.put("pictures/a.svg", b"first")

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("autograph.storage.objects.os.fsync", full)
    with pytest.raises(StorageFull):
        await objects.put("pictures/a.svg", b"second")
    assert await objects.get("pictures/a.svg") == b"first"
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["a.svg"]
