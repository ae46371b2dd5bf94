"""A SQLite connection whose statement stops when whoever waits for it is cancelled."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

ROWS_AT_A_TIME = 64


class InterruptibleConnection(aiosqlite.Connection):
    """Interrupts its thread, which cannot be cancelled, and takes the transaction back.

    Otherwise a statement that nobody waits for any more keeps its locks and its processor until it is done.
    """

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run `fn` in the connection's thread."""
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            if self._connection is not None:
                self._connection.interrupt()
                # Closing alone would leave the lock to the garbage collector, with the statement's last cursor.
                self._tx.put_nowait((None, self._connection.rollback))
            raise


def connect(database: str, **options: Any) -> InterruptibleConnection:
    """Return a connection to `database` that opens when it is awaited; `options` are those of `sqlite3.connect`."""

    def connector() -> sqlite3.Connection:
        opened: sqlite3.Connection = sqlite3.connect(database, **options)
        return opened

    connection = InterruptibleConnection(connector, ROWS_AT_A_TIME)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: it must not keep the program alive
    return connection
