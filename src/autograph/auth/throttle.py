"""Counts wrong tries at an account and from an address, over every way in, exactly and on every replica.

A try is written down before it is made and crossed out when it was right, so that of many at once no more than
allowed are made. Those that would be too many while others are undecided wait for them: right ones, however many at
once, all come in. Accounts are counted by the hash of their address, whether they exist or not; network addresses by
the place that they are of, for one IPv6 customer has more of them than anybody could count.
"""

import asyncio
import hashlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.audit import Audit
from autograph.auth.rules import LONGEST_EMAIL
from autograph.auth.settings import AuthSettings
from autograph.auth.store import attempts, people
from autograph.core.clock import Clock
from autograph.core.place import network_of
from autograph.core.problem import Problem
from autograph.storage.sql import Database

LOOK_AGAIN_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 20.0


WhenLocked = Callable[[AsyncConnection, str], Awaitable[None]]
"""Is told the address of an account in the transaction that locks it, whether there is such an account or not."""


async def _say_nothing(_connection: AsyncConnection, _email: str) -> None:
    return


class TooManyAttempts(Problem):
    """Too many wrong tries lately."""

    status, slug, title = 429, "too-many-attempts", "Too many wrong tries. Wait a while, then try again."


class AccountLocked(Problem):
    """So many wrong tries in a row that the account is locked."""

    status, slug = 429, "account-locked"
    title = "This account is locked. Use the link in the mail, ask an administrator, or wait."


class Attempt:
    """One try; it counts as wrong unless it is said to be right, or not to have been a try at all.

    Args:
        event: What the audit log calls a wrong one; empty when it is told there by whoever tries.
        email: Address of the account it is made at; empty for none in particular.
        details: What else the log says of it.
    """

    def __init__(self, event: str, email: str = "", details: Mapping[str, Any] | None = None) -> None:
        self.event = event
        self.email = email
        self.details = dict(details or {})
        self.subject: tuple[str, str] | None = None
        self.has_failed = True
        self.counts = True
        self.is_refused = False

    def succeeded(self) -> None:
        """It was right: the account's wrong tries are forgotten."""
        self.has_failed = False

    def does_not_count(self, why: str = "") -> None:
        """It was neither right nor wrong, or only half of what is wanted, or right and yet refused: then say why."""
        self.counts = False
        self.is_refused = bool(why)
        self.details |= {"why": why} if why else {}

    def concerns(self, kind: str, subject_id: str) -> None:
        """Say what it is a try at, where the address does not."""
        self.subject = (kind, subject_id)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What tries until now mean for one more: whether it has room, or why it is turned away, and by which count."""

    has_room: bool = True
    problem: Problem | None = None
    limit: Literal["lock", "account", "address"] = "lock"


class Throttle:
    """Says who may try once more.

    Args:
        database: Where tries are counted; migrated already.
        clock: Time.
        settings: How many are allowed, and for how long an account is locked.
        audit: Is told what was wrong, and what was turned away.
    """

    def __init__(self, database: Database, clock: Clock, settings: AuthSettings, audit: Audit) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self._settings = settings
        self._window = timedelta(minutes=settings.try_minutes)
        self.when_locked: WhenLocked = _say_nothing

    @asynccontextmanager
    async def trying(
        self, email: str, address: str, *, event: str, apart: str = "", **details: Any
    ) -> AsyncIterator[Attempt]:
        """Make one try.

        Args:
            email: Address of the account it is made at; empty for none in particular.
            address: Where it comes from; empty for our own work.
            event: What the audit log calls a wrong one; empty when a wrong one is none.
            apart: What is counted apart from signing in; empty when it is not.
            details: What the audit log says of it: neither secrets nor what only concerns a person.

        Raises:
            TooManyAttempts: It may not be made yet; Retry-After says when.
            AccountLocked: The account is locked.
        """
        account = account_key(f"{apart} {email}" if apart else email) if email else ""
        network = network_of(address)
        place = f"{apart} {network}" if apart and network else network
        attempt = Attempt(event, email, details)
        attempt_id = await self._admitted(account, place, attempt, apart)
        try:
            yield attempt
        except BaseException as error:  # cancelled, or a fault of ours: nobody learned anything from it
            if not isinstance(error, Problem) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                attempt.does_not_count()
            else:
                attempt.details.setdefault("why", error.slug)
            raise
        finally:
            await asyncio.shield(self._decide(attempt_id, account, attempt))

    async def locked(self, emails: list[str]) -> set[str]:
        """Return which of these accounts are locked just now."""
        keys = {account_key(email): email for email in emails}
        async with self._database.read() as connection:
            found = await attempts.locked(connection, [*keys], self._clock.now())
        return {keys[key] for key in found}

    async def unlock(self, connection: AsyncConnection, email: str) -> None:
        """Forget an account's wrong tries, and the lock."""
        await attempts.unlock(connection, account_key(email))

    async def _admitted(self, account: str, address: str, attempt: Attempt, apart: str) -> str:
        """Write a try down, as soon as there is room for it; return its id."""
        deadline = self._clock.monotonic() + LONGEST_WAIT_SECONDS
        while True:
            now = self._clock.now()
            async with self._database.begin() as connection:
                await attempts.hold(connection, account, address, now)
                standing = await self._standing(connection, account, address, now)
                if standing.has_room:
                    return await attempts.write(connection, account, address, now)
                if standing.problem is not None:
                    key = (
                        attempts.address_row(address)
                        if standing.limit == "address"
                        else attempts.account_row(account)
                    )
                    times = await attempts.turn_away(connection, key, since=now - self._window, now=now)
                    if _is_told(times):
                        await self._tell_turned_away(connection, attempt, standing.limit, times, apart)
            if standing.problem is not None:  # only now: that it was turned away has to be committed
                raise standing.problem
            if self._clock.monotonic() >= deadline:
                raise TooManyAttempts(headers={"Retry-After": "5"})
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _standing(
        self, connection: AsyncConnection, account: str, address: str, now: datetime
    ) -> _Standing:
        if account and (until := await attempts.locked_until(connection, account, now)):
            return _Standing(has_room=False, problem=AccountLocked(headers=_retry_after(until - now)))
        counted: tuple[tuple[Literal["account", "address"], str, int], ...] = (
            ("account", account, self._settings.tries_per_account),
            ("address", address, self._settings.tries_per_address),
        )
        has_room = True
        for column, value, most in counted:
            if not value:
                continue
            found = await attempts.count(connection, column, value, since=now - self._window, now=now)
            if found.wrong >= most:
                wait = (found.oldest or now) + self._window - now
                return _Standing(
                    has_room=False, problem=TooManyAttempts(headers=_retry_after(wait)), limit=column
                )
            has_room &= found.whole < most
        return _Standing(has_room=has_room)

    async def _decide(self, attempt_id: str, account: str, attempt: Attempt) -> None:
        now, is_wrong = self._clock.now(), attempt.counts and attempt.has_failed
        is_locked = False
        async with self._database.begin() as connection:
            if is_wrong:
                await attempts.failed(connection, attempt_id)
                until = now + timedelta(minutes=self._settings.lock_minutes)
                is_locked = bool(account) and await attempts.add_failure(
                    connection, account, now=now, lock_after=self._settings.lock_after, until=until
                )
            else:
                await attempts.cross_out(connection, attempt_id)
                if account and attempt.counts:
                    await attempts.forget_wrong(connection, account)
            await attempts.forget(connection, now)
            if attempt.event and (is_wrong or attempt.is_refused):
                await self._tell(connection, attempt.event, attempt, attempt.details)
            if is_locked:
                await self.when_locked(connection, attempt.email)

    async def _tell_turned_away(
        self, connection: AsyncConnection, attempt: Attempt, limit: str, times: int, apart: str
    ) -> None:
        details = {**attempt.details, "limit": limit, "times": times}
        await self._tell(connection, "attempt.refused", attempt, details | ({"of": apart} if apart else {}))

    async def _tell(
        self, connection: AsyncConnection, event: str, attempt: Attempt, details: Mapping[str, Any]
    ) -> None:
        """Write a record; whether there is an account with this address makes no difference in time."""
        subject = attempt.subject
        if subject is None and attempt.email:
            found = await people.person_by_email(connection, attempt.email)
            subject = ("user", found[0].id if found else "")
        email = attempt.email[:LONGEST_EMAIL]
        await self._audit.add(
            connection, event, details, subject=subject or ("", ""), outcome="failure", email=email
        )


def _is_told(times: int) -> bool:
    """Whether the log tells the so-manyth try that is turned away: the 1st, 10th, 100th, and so on."""
    return times == int("1" + "0" * (len(str(times)) - 1))


def account_key(email: str) -> str:
    """Return the key under which an account's tries are counted."""
    return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()


def _retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}
