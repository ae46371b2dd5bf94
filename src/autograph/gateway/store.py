"""All SQL of the gateway: who works under which Idempotency-Key, and what was answered."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from autograph.core.clock import Clock
from autograph.core.ids import new_id
from autograph.gateway.tables import idempotency_keys as keys
from autograph.storage.sql import Database

PURGE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """What a key stands for now.

    Attributes:
        holder: Names the attempt that now works on it; empty when somebody else does or has.
        kept: The answer, when there is one.
        is_other: Whether the key was used with another body.
    """

    holder: str = ""
    kept: Kept | None = None
    is_other: bool = False


class KeyStore:
    """Keys in the database, so that every gateway and every start knows them.

    Args:
        database: Migrated already.
        clock: Time.
        lease_seconds: How long an attempt counts as alive without renewing.
        kept_hours: How long an answer is repeated.
    """

    def __init__(
        self, database: Database, clock: Clock, *, lease_seconds: float = 30.0, kept_hours: float = 24.0
    ) -> None:
        self._database = database
        self._clock = clock
        self.lease_seconds = lease_seconds
        self._kept = timedelta(hours=kept_hours)
        self._purged_at = float("-inf")

    async def claim(self, key: str, fingerprint: str) -> Claim:
        """Begin to work under a key, or learn what became of it. Of any number of callers one may begin."""
        await self._purge()
        now, holder = self._clock.now(), new_id()
        fresh = {
            "id": key,
            "fingerprint": fingerprint,
            "holder": holder,
            "lease_until": self._lease(now),
            "expires_at": now + self._kept,
        }
        try:
            async with self._database.begin() as connection:
                await connection.execute(insert(keys).values(**fresh))
        except IntegrityError:
            return await self._known(key, fingerprint, holder, now)
        return Claim(holder)

    async def renew(self, key: str, holder: str) -> None:
        """Say that the attempt is still alive."""
        async with self._database.begin() as connection:
            await connection.execute(
                update(keys)
                .where(keys.c.id == key, keys.c.holder == holder, keys.c.status.is_(None))
                .values(lease_until=self._lease(self._clock.now()))
            )

    async def finish(self, key: str, holder: str, answer: Kept) -> None:
        """Keep the answer, unless somebody else has taken over."""
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers]
        async with self._database.begin() as connection:
            await connection.execute(
                update(keys)
                .where(keys.c.id == key, keys.c.holder == holder)
                .values(status=answer.status, headers=json.dumps(headers), body=answer.body, lease_until=None)
            )

    async def release(self, key: str, holder: str) -> None:
        """Forget the attempt: nothing was done, the key may be used again."""
        async with self._database.begin() as connection:
            await connection.execute(
                delete(keys).where(keys.c.id == key, keys.c.holder == holder, keys.c.status.is_(None))
            )

    async def _known(self, key: str, fingerprint: str, holder: str, now: datetime) -> Claim:
        async with self._database.begin() as connection:
            row = (await connection.execute(select(keys).where(keys.c.id == key))).first()
            if row is None:  # released in between: whoever asks again begins
                return Claim()
            is_over = row.expires_at <= now
            if row.fingerprint != fingerprint and not is_over:
                return Claim(is_other=True)
            if row.status is not None and not is_over:
                headers = [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in json.loads(row.headers)
                ]
                return Claim(kept=Kept(row.status, headers, row.body))
            taken = await connection.execute(
                update(keys)
                .where(
                    keys.c.id == key,
                    keys.c.holder == row.holder,
                    or_(keys.c.lease_until <= now, keys.c.expires_at <= now),
                )
                .values(
                    holder=holder,
                    fingerprint=fingerprint,
                    lease_until=self._lease(now),
                    expires_at=now + self._kept,
                    status=None,
                    headers=None,
                    body=None,
                )
            )
        return Claim(holder if taken.rowcount == 1 else "")

    def _lease(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.lease_seconds)

    async def _purge(self) -> None:
        """Let go of what has expired, now and then."""
        if self._clock.monotonic() - self._purged_at < PURGE_SECONDS:
            return
        self._purged_at = self._clock.monotonic()
        async with self._database.begin() as connection:
            await connection.execute(delete(keys).where(keys.c.expires_at <= self._clock.now()))
