"""Keeps the log trustworthy and bounded in the background: signed checkpoints, and an end for what is too old."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.audit import chain, store
from autograph.auth.audit.chain import Record
from autograph.auth.audit.checkpoints import Checkpoint, Checkpoints
from autograph.auth.audit.service import Audit
from autograph.auth.settings import AuditSettings
from autograph.auth.vault import Vault
from autograph.core.clock import Clock
from autograph.core.problem import Problem
from autograph.storage.sql import Database

REMOVED_AT_ONCE = 2_000
REMOVE_EVERY = timedelta(days=1)
"""Records wait for one another, so that not every one that goes leaves a record that it went."""

_log = structlog.get_logger(__name__)


class Keeper:
    """Writes checkpoints and removes what is too old. Of several processes one does it at a time.

    Args:
        database: Where the log is; migrated already.
        clock: Time.
        vault: Whose keys make the chain.
        audit: Notes what was removed.
        checkpoints: The file.
        settings: How often, and for how long records are kept.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        vault: Vault,
        audit: Audit,
        checkpoints: Checkpoints,
        settings: AuditSettings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._audit = audit
        self._checkpoints = checkpoints
        self._settings = settings
        self._has_said = False
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Keep in the background.

        Raises:
            OSError: The file of checkpoints cannot be written.
        """
        with self._checkpoints.held():
            self._keeping = asyncio.create_task(self._forever())

    async def close(self) -> None:
        """Write a last checkpoint and stop."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            await self._if_possible(self.write)

    async def write(self) -> Checkpoint | None:
        """Write a checkpoint if the log has grown since the last one; return it.

        Raises:
            StorageFull: There is no room for it.
            OSError: The file cannot be written.
        """
        with self._checkpoints.held() as is_ours:
            return await self._append() if is_ours else None

    async def remove_old(self) -> int:
        """Remove the records that are too old, after a checkpoint that says where the log begins from then on.

        Returns:
            How many were removed; 0 while the oldest one is not a day too old.
        """
        until = self._clock.now() - timedelta(days=self._settings.kept_days)
        async with self._database.read() as connection:
            oldest = await store.oldest(connection)
            if oldest is None or oldest.at > until - REMOVE_EVERY:
                return 0
            kept_from = await store.first_since(connection, until) or (await store.head(connection))[0]
            last = await store.one(connection, kept_from - 1)
            if last is None or not await self._is_old(connection, last, until):
                return 0
        with self._checkpoints.held() as is_ours:
            if not is_ours:
                return 0
            await self._append((last.number, last.mac))
            return await self._remove(last.number, last.mac)

    async def _is_old(self, connection: AsyncConnection, record: Record, until: datetime) -> bool:
        """Whether it is what we wrote then: setting a date back in the database makes nothing old."""
        before = await store.one(connection, record.number - 1)
        base, base_mac = await store.base(connection)
        mac = before.mac if before else base_mac if record.number == base + 1 else b""
        if record.at < until and chain.mac(self._vault, mac, record) == record.mac:
            return True
        self._say_broken(record=record.number)
        return False

    async def _remove(self, through: int, mac: bytes) -> int:
        async with self._database.begin() as connection:
            removed = more = await store.remove(connection, through=through, most=REMOVED_AT_ONCE)
            if removed:
                await self._audit.record(connection, store.REMOVED, through=through, mac=mac.hex())
        while more:
            async with self._database.begin() as connection:
                more = await store.remove(connection, through=through, most=REMOVED_AT_ONCE)
            removed += more
        _log.info("audit.removed", records=removed, through=through)
        return removed

    async def _append(self, base: tuple[int, bytes] | None = None) -> Checkpoint | None:
        """Add a checkpoint with a new base, or with the one there was, and then only if there is news."""
        before = await asyncio.to_thread(self._checkpoints.last)
        async with self._database.read() as connection:
            number, mac = await store.head(connection)
            known = await store.base(connection)
            if before is not None:
                known = max(known, (before.base, before.base_mac))
                await self._compare(connection, before, head=number)
        found = Checkpoint(self._clock.now(), number, mac, *(base or known))
        if replace(found, at=before.at) == before if before else number == 0:
            return None
        line = await asyncio.to_thread(self._checkpoints.append, found)
        _log.info("audit.checkpoint", line=line)
        return found

    async def _compare(self, connection: AsyncConnection, before: Checkpoint, *, head: int) -> None:
        """Say so when the log does not go on from the last checkpoint: once, and `verify` says it always."""
        if before.number <= before.base:
            return
        record = await store.one(connection, before.number)
        if before.number > head or record is None or record.mac != before.mac:
            self._say_broken(checkpoint=before.number, head=head)

    def _say_broken(self, **what: int) -> None:
        if not self._has_said:
            self._has_said = True
            _log.error("audit.broken", advice="run: autograph audit verify", **what)

    async def _forever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.checkpoint_minutes * 60):
                    await self._audit.grown(self._settings.checkpoint_records)
            await self._if_possible(self.write)
            await self._if_possible(self.remove_old)

    async def _if_possible(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do what can be done later as well: a full disk or a database that is away is no reason to stop."""
        try:
            await work()
        except (OSError, Problem) as reason:
            _log.error("audit.not_kept", reason=str(reason))
        except Exception:  # noqa: BLE001 - whatever it is, the next time may go well
            _log.exception("audit.not_kept")
