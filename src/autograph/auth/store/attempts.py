"""Tries at accounts and from addresses, and the locks that follow from wrong ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import attempts, locks
from autograph.core.ids import new_id

UNDECIDED = timedelta(seconds=30)
"""A try that was not decided for this long has failed: its process ended, or somebody went away."""

FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Count:
    """Tries since a moment: wrong ones, all of them, and when the oldest was."""

    wrong: int
    whole: int
    oldest: datetime | None


def account_row(account: str) -> str:
    """Return the key of the row that whoever counts an account's tries holds."""
    return f"a:{account}"


def address_row(address: str) -> str:
    """Return the key of the row that whoever counts an address's tries holds."""
    return f"n:{address}"


async def hold(connection: AsyncConnection, account: str, address: str, now: datetime) -> None:
    """Hold the rows of account and address until the transaction ends: who counts them counts alone."""
    keys = [account_row(account)] * bool(account) + [address_row(address)] * bool(address)
    for held in sorted(keys):
        await hold_key(connection, held, now)


async def hold_key(connection: AsyncConnection, key: str, now: datetime) -> None:
    """Hold the row of a key until the transaction ends: whoever holds the same one waits."""
    flavour = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    row = flavour(locks).values(key=key, failures=0, locked_until=None, changed_at=now)
    await connection.execute(
        row.on_conflict_do_update(index_elements=[locks.c.key], set_={"changed_at": now})
    )


async def count(
    connection: AsyncConnection,
    column: Literal["account", "address"],
    value: str,
    *,
    since: datetime,
    now: datetime,
) -> Count:
    """Return how many tries there were at an account, or from an address."""
    is_wrong = attempts.c.has_failed | (attempts.c.created_at <= now - UNDECIDED)
    query = select(
        func.coalesce(func.sum(case((is_wrong, 1), else_=0)), 0),
        func.count(),
        func.min(attempts.c.created_at),
    ).where(attempts.c[column] == value, attempts.c.created_at > since)
    return Count(*(await connection.execute(query)).one())


async def write(connection: AsyncConnection, account: str, address: str, now: datetime) -> str:
    """Write a try down that is about to be made; return its id."""
    attempt_id = new_id()
    row = {"id": attempt_id, "account": account, "address": address, "created_at": now, "has_failed": False}
    await connection.execute(insert(attempts), row)
    return attempt_id


async def failed(connection: AsyncConnection, attempt_id: str) -> None:
    """A try was wrong."""
    await connection.execute(update(attempts).where(attempts.c.id == attempt_id).values(has_failed=True))


async def cross_out(connection: AsyncConnection, attempt_id: str) -> None:
    """A try no longer counts."""
    await connection.execute(delete(attempts).where(attempts.c.id == attempt_id))


async def add_failure(
    connection: AsyncConnection, account: str, *, now: datetime, lock_after: int, until: datetime
) -> bool:
    """Count one wrong try in a row; lock the account when these were too many, and return whether."""
    mine = locks.c.key == account_row(account)
    await connection.execute(update(locks).where(mine).values(failures=locks.c.failures + 1, changed_at=now))
    locked = await connection.execute(
        update(locks).where(mine, locks.c.failures >= lock_after).values(failures=0, locked_until=until)
    )
    return locked.rowcount == 1


async def turn_away(connection: AsyncConnection, row: str, *, since: datetime, now: datetime) -> int:
    """Count a try that is turned away; return the how-manyth it is of those that began after `since`."""
    goes_on = locks.c.refused_since > since
    counted = (
        update(locks)
        .where(locks.c.key == row)
        .values(
            refused=case((goes_on, locks.c.refused + 1), else_=1),
            refused_since=case((goes_on, locks.c.refused_since), else_=now),
        )
    )
    times: int = (await connection.execute(counted.returning(locks.c.refused))).scalar_one()
    return times


async def forget_wrong(connection: AsyncConnection, account: str) -> None:
    """A right try: those at the account that failed no longer count, in a row neither."""
    wrong = (attempts.c.account == account, attempts.c.has_failed)
    await connection.execute(update(attempts).where(*wrong).values(account=""))
    await connection.execute(update(locks).where(locks.c.key == account_row(account)).values(failures=0))


async def unlock(connection: AsyncConnection, account: str) -> None:
    """Forget an account's wrong tries, and its lock."""
    await connection.execute(update(attempts).where(attempts.c.account == account).values(account=""))
    await connection.execute(
        update(locks).where(locks.c.key == account_row(account)).values(failures=0, locked_until=None)
    )


async def locked_until(connection: AsyncConnection, account: str, now: datetime) -> datetime | None:
    """Return until when an account is locked; None when it is not."""
    query = select(locks.c.locked_until).where(
        locks.c.key == account_row(account), locks.c.locked_until > now
    )
    found: datetime | None = await connection.scalar(query)
    return found


async def locked(connection: AsyncConnection, accounts: list[str], now: datetime) -> set[str]:
    """Return which of these accounts are locked."""
    keys = {account_row(account): account for account in accounts}
    query = select(locks.c.key).where(locks.c.key.in_(keys), locks.c.locked_until > now)
    return {keys[key] for (key,) in await connection.execute(query)}


async def all_locked(connection: AsyncConnection, now: datetime) -> set[str]:
    """Return the accounts that are locked, whether there are such accounts or not."""
    query = select(locks.c.key).where(locks.c.key.startswith("a:"), locks.c.locked_until > now)
    return {key.removeprefix("a:") for (key,) in await connection.execute(query)}


async def forget(connection: AsyncConnection, now: datetime) -> None:
    """Forget tries of more than a day ago, and what they led to."""
    before = now - FORGET_AFTER
    await connection.execute(delete(attempts).where(attempts.c.created_at < before))
    is_open = locks.c.locked_until.is_(None) | (locks.c.locked_until < now)
    await connection.execute(delete(locks).where(locks.c.changed_at < before, is_open))
