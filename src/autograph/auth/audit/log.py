"""What may be asked of the audit log: look, export, verify. Whoever asks is in it afterwards."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from autograph.auth.audit import store
from autograph.auth.audit.export import Format, as_csv, as_json
from autograph.auth.audit.search import Entry, Wanted
from autograph.auth.audit.verify import Verdict, Verifier
from autograph.auth.parts import Parts
from autograph.clients.audit import Happened
from autograph.core.problem import Conflict
from autograph.model.principal import Principal

EXPORTED_AT_ONCE = 500
VERIFY_SECONDS = 15.0


class VerificationRunning(Conflict):
    """One verification at a time."""

    slug, title = "verification-running", "The audit log is being verified already. Try again in a moment."


class AuditLog:
    """The use cases of the audit log."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._verifier = Verifier(
            database=parts.database, vault=parts.vault, checkpoints=parts.checkpoints, clock=parts.clock
        )
        self._verifying = asyncio.Lock()

    async def search(
        self, asker: Principal, wanted: Wanted, *, before: int | None, most: int
    ) -> tuple[list[Entry], int | None]:
        """Return records, the newest first, and before which number the next ones are; None when there are none."""
        async with self._parts.database.read() as connection:
            found = await store.search(connection, wanted, before=before, most=most + 1)
            entries = await store.named(connection, found[:most])
        await self._note(asker, "audit.read", filters=wanted.told())
        return entries, found[most - 1].number if len(found) > most else None

    async def export(self, asker: Principal, wanted: Wanted, format_: Format) -> AsyncIterator[str]:
        """Return all records up to now, the oldest first, as text in pieces."""
        await self._note(asker, "audit.exported", filters=wanted.told(), format=format_)
        async with self._parts.database.read() as connection:
            through = await store.newest(connection)
        batches = self._batches(wanted, through)
        return as_csv(batches) if format_ == "csv" else as_json(batches)

    async def verify(self, asker: Principal) -> Verdict:
        """Verify the log, as far as that goes in a request's time.

        Raises:
            VerificationRunning: Somebody else does.
        """
        if self._verifying.locked():
            raise VerificationRunning(headers={"retry-after": "15"})
        async with self._verifying:
            verdict = await self._verifier.verify(seconds=VERIFY_SECONDS)
        await self._note(
            asker,
            "audit.verified",
            records=verdict.records,
            broken=verdict.broken.number if verdict.broken else None,
        )
        return verdict

    async def witnessed(self, asker: Principal, happened: Happened) -> None:
        """Write down what somebody did in another room, by their account or by a key of theirs."""
        by_key = {"key": asker.key_id} if asker.key_id else {}
        async with self._parts.database.begin() as connection:
            await self._parts.audit.add(
                connection,
                happened.event,
                {**happened.details, **by_key},
                actor=asker.user_id,
                subject=(happened.subject_kind, happened.subject_id),
                outcome=happened.outcome,
            )

    async def _batches(self, wanted: Wanted, through: int) -> AsyncIterator[list[Entry]]:
        after = 0
        while True:
            async with self._parts.database.read() as connection:
                found = await store.export(
                    connection, wanted, after=after, through=through, most=EXPORTED_AT_ONCE
                )
                entries = await store.named(connection, found)
            if not entries:
                return
            yield entries
            after = found[-1].number

    async def _note(self, asker: Principal, event: str, **details: Any) -> None:
        async with self._parts.database.begin() as connection:
            await self._parts.audit.record(connection, event, actor=asker.user_id, **details)
