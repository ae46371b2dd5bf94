"""Writes the audit log."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.asking import asking
from autograph.auth.audit import chain, store
from autograph.auth.audit.chain import Record
from autograph.auth.vault import Vault
from autograph.core.clock import Clock
from autograph.core.correlation import correlation_id

Outcome = Literal["success", "failure"]


class Audit:
    """Adds to the log, in the transaction of what is told: either both are kept, or neither.

    Args:
        vault: Whose keys make the chain.
        clock: Time.
    """

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._written = 0
        self._has_grown = asyncio.Event()

    async def grown(self, records: int) -> None:
        """Wait until this process has added so many records since this was last waited for to its end."""
        while self._written < records:
            self._has_grown.clear()
            await self._has_grown.wait()
        self._written = 0

    async def record(
        self,
        connection: AsyncConnection,
        event: str,
        *,
        actor: str | None = None,
        subject: tuple[str, str] = ("", ""),
        outcome: Outcome = "success",
        email: str = "",
        **details: Any,
    ) -> None:
        """Add one record. The last thing to do in a transaction: others wait for it from here on.

        Args:
            connection: The transaction.
            event: What happened: ``thing.verb in the past``, such as ``session.opened``.
            actor: Account that did it; None for nobody known.
            subject: Kind and id of what it was done to.
            outcome: Whether it could be done.
            email: Address it concerns, where there may be no account; erased with the person's other data.
            details: More, as JSON; never a secret, never what only concerns a person.
        """
        await self.add(connection, event, details, actor=actor, subject=subject, outcome=outcome, email=email)

    async def add(
        self,
        connection: AsyncConnection,
        event: str,
        details: Mapping[str, Any],
        *,
        actor: str | None = None,
        subject: tuple[str, str] = ("", ""),
        outcome: Outcome = "success",
        email: str = "",
    ) -> None:
        """Add one record like `record`, with details of any names."""
        before_number, before = await store.hold_head(connection)
        kept = json.loads(json.dumps(dict(details)))  # as it is read again, else its MAC would be another one
        number, now = before_number + 1, asking.get()
        personal = {
            key: value
            for key, value in (("address", now.address), ("device", now.user_agent), ("email", email))
            if value
        }
        unsealed = Record(
            number=number,
            at=self._clock.now(),
            event=event,
            outcome=outcome,
            actor_id=actor,
            subject_kind=subject[0],
            subject_id=subject[1],
            correlation_id=correlation_id.get(),
            details=kept,
            personal=personal,
            personal_hash=chain.personal_hash(self._vault, number, personal),
            mac=b"",
        )
        mac = chain.mac(self._vault, before, unsealed)
        await store.add(connection, replace(unsealed, mac=mac))
        self._written += 1
        self._has_grown.set()
