"""Who somebody is elsewhere: accounts by what providers call their owners."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import identities


class Taken(Exception):  # noqa: N818 - somebody was quicker; the caller looks again
    """The identity belongs to an account already."""


async def owner(connection: AsyncConnection, issuer: str, subject: str) -> str | None:
    """Return the id of the account that an identity belongs to."""
    found: str | None = await connection.scalar(
        select(identities.c.user_id).where(identities.c.issuer == issuer, identities.c.subject == subject)
    )
    return found


async def add(connection: AsyncConnection, issuer: str, subject: str, user_id: str, now: datetime) -> None:
    """Give an identity to an account.

    Raises:
        Taken: It belongs to one.
    """
    row = {
        "issuer": issuer,
        "subject": subject,
        "user_id": user_id,
        "created_at": now,
        "last_used_at": now,
    }
    try:
        await connection.execute(insert(identities), row)
    except IntegrityError as reason:
        raise Taken from reason


async def touch(connection: AsyncConnection, issuer: str, subject: str, now: datetime) -> None:
    """Note that somebody signed in by this identity."""
    await connection.execute(
        update(identities)
        .where(identities.c.issuer == issuer, identities.c.subject == subject)
        .values(last_used_at=now)
    )
