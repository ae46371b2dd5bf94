"""Full disks: what the system, SQLite and PostgreSQL say when nothing more fits becomes one problem."""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator

from autograph.core.problem import StorageFull

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""SQLite says FULL for a full disk only; for a used-up quota it says that a write failed."""

_DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE disk_full."""


@contextlib.contextmanager
def told_when_full() -> Iterator[None]:
    """Raise StorageFull in place of the system's error for a full disk, a used-up quota or a file at its limit."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull from error
        raise


def is_full(error: BaseException | None) -> bool:
    """Whether a driver's error says that the database has no room left."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in _SQLITE
    return getattr(error, "sqlstate", None) == _DISK_FULL
