"""Counts wrong tries at an account and from an address, over every way in, exactly and on every replica.

A try is written down before it is made and crossed out when it was right, so that of many at once no more than
allowed are made. Those that would be too many while others are undecided wait for them: right ones, however many at
once, all come in. Accounts are counted by the hash of their address, whether they exist or not.
"""

import asyncio
import hashlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.settings import AuthSettings
from autograph.auth.store import attempts
from autograph.core.clock import Clock
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
    """One try; it counts as wrong unless it is said to be right, or not to have been a try at all."""

    def __init__(self) -> None:
        self.has_failed = True
        self.counts = True

    def succeeded(self) -> None:
        """It was right: the account's wrong tries are forgotten."""
        self.has_failed = False

    def does_not_count(self) -> None:
        """It was neither right nor wrong, or only half of what is wanted."""
        self.counts = False


class Throttle:
    """Says who may try once more.

    Args:
        database: Where tries are counted; migrated already.
        clock: Time.
        settings: How many are allowed, and for how long an account is locked.
    """

    def __init__(self, database: Database, clock: Clock, settings: AuthSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._window = timedelta(minutes=settings.try_minutes)
        self.when_locked: WhenLocked = _say_nothing

    @asynccontextmanager
    async def trying(self, email: str, address: str) -> AsyncIterator[Attempt]:
        """Make one try at an account (empty for none in particular) from an address (empty for our own work).

        Raises:
            TooManyAttempts: It may not be made yet; Retry-After says when.
            AccountLocked: The account is locked.
        """
        account = account_key(email) if email else ""
        attempt_id = await self._admitted(account, address)
        attempt = Attempt()
        try:
            yield attempt
        except BaseException as error:  # cancelled, or a fault of ours: nobody learned anything from it
            if not isinstance(error, Problem) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                attempt.does_not_count()
            raise
        finally:
            await asyncio.shield(self._decide(attempt_id, email, attempt))

    async def locked(self, emails: list[str]) -> set[str]:
        """Return which of these accounts are locked just now."""
        keys = {account_key(email): email for email in emails}
        async with self._database.read() as connection:
            found = await attempts.locked(connection, [*keys], self._clock.now())
        return {keys[key] for key in found}

    async def unlock(self, connection: AsyncConnection, email: str) -> None:
        """Forget an account's wrong tries, and the lock."""
        await attempts.unlock(connection, account_key(email))

    async def _admitted(self, account: str, address: str) -> str:
        """Write a try down, as soon as there is room for it; return its id."""
        deadline = self._clock.monotonic() + LONGEST_WAIT_SECONDS
        while True:
            now = self._clock.now()
            async with self._database.begin() as connection:
                await attempts.hold(connection, account, address, now)
                if account and (until := await attempts.locked_until(connection, account, now)):
                    raise AccountLocked(headers=_retry_after(until - now))
                most = self._settings.tries_per_account
                has_room = not account or await self._has_room(connection, "account", account, most, now)
                most = self._settings.tries_per_address
                has_room &= not address or await self._has_room(connection, "address", address, most, now)
                if has_room:
                    return await attempts.write(connection, account, address, now)
            if self._clock.monotonic() >= deadline:
                raise TooManyAttempts(headers={"Retry-After": "5"})
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _has_room(
        self,
        connection: AsyncConnection,
        column: Literal["account", "address"],
        value: str,
        most: int,
        now: datetime,
    ) -> bool:
        """Whether one more try has room now; False when others must be decided first.

        Raises:
            TooManyAttempts: Wrong ones alone are too many.
        """
        found = await attempts.count(connection, column, value, since=now - self._window, now=now)
        if found.wrong >= most:
            raise TooManyAttempts(headers=_retry_after((found.oldest or now) + self._window - now))
        return found.whole < most

    async def _decide(self, attempt_id: str, email: str, attempt: Attempt) -> None:
        now, account = self._clock.now(), account_key(email) if email else ""
        async with self._database.begin() as connection:
            if attempt.counts and attempt.has_failed:
                await attempts.failed(connection, attempt_id)
                until = now + timedelta(minutes=self._settings.lock_minutes)
                if account and await attempts.add_failure(
                    connection, account, now=now, lock_after=self._settings.lock_after, until=until
                ):
                    await self.when_locked(connection, email)
            else:
                await attempts.cross_out(connection, attempt_id)
                if account and attempt.counts:
                    await attempts.forget_wrong(connection, account)
            await attempts.forget(connection, now)


def account_key(email: str) -> str:
    """Return the key under which an account's tries are counted."""
    return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()


def _retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}
