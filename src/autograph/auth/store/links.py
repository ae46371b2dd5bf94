"""Links that work once: to verify an address, to choose a new password, to unlock an account, to finish a sign-in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.rules import new_secret, secret_hash
from autograph.auth.tables import links

Purpose = Literal["verify", "reset", "unlock", "second", "passkey", "oidc", "email"]


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for.

    Attributes:
        user_id: Whose it is; None for those of nobody yet.
        data: What is to be remembered until it is used.
    """

    purpose: Purpose
    user_id: str | None
    data: dict[str, Any]
    created_at: datetime
    expires_at: datetime


async def make(
    connection: AsyncConnection,
    purpose: Purpose,
    *,
    now: datetime,
    lasts: timedelta,
    user_id: str | None = None,
    is_only: bool = False,
    **data: Any,
) -> str:
    """Return a fresh secret of 43 characters that opens for `purpose` once, until it is too old.

    With `is_only` the person's earlier links for the same purpose are worth nothing from now on; `data` (JSON) is
    remembered until it is used.
    """
    if is_only and user_id:
        await forget(connection, user_id, purpose)
    await connection.execute(delete(links).where(links.c.expires_at < now - timedelta(days=1)))
    secret = new_secret()
    await connection.execute(
        insert(links),
        {
            "token_hash": secret_hash(secret),
            "purpose": purpose,
            "user_id": user_id,
            "data": data,
            "created_at": now,
            "expires_at": now + lasts,
        },
    )
    return secret


async def take(connection: AsyncConnection, purpose: Purpose, secret: str, *, now: datetime) -> Link | None:
    """Use a link up and return what it stood for; of two at once, one gets it. None when it opens nothing."""
    wanted = (links.c.token_hash == secret_hash(secret), links.c.purpose == purpose, links.c.expires_at > now)
    row = (await connection.execute(delete(links).where(*wanted).returning(*_COLUMNS))).first()
    return Link(*row) if row else None


async def look(connection: AsyncConnection, purpose: Purpose, secret: str, *, now: datetime) -> Link | None:
    """Return what a link stands for without using it up."""
    wanted = (links.c.token_hash == secret_hash(secret), links.c.purpose == purpose, links.c.expires_at > now)
    row = (await connection.execute(select(*_COLUMNS).where(*wanted))).first()
    return Link(*row) if row else None


async def forget(connection: AsyncConnection, user_id: str, *purposes: Purpose) -> None:
    """Make a person's links for some purposes worth nothing."""
    await connection.execute(delete(links).where(links.c.user_id == user_id, links.c.purpose.in_(purposes)))


async def forget_expired(connection: AsyncConnection, purpose: Purpose, now: datetime) -> None:
    """Remove what is too old of a purpose for which anybody may ask."""
    await connection.execute(delete(links).where(links.c.expires_at <= now, links.c.purpose == purpose))


_COLUMNS = (links.c.purpose, links.c.user_id, links.c.data, links.c.created_at, links.c.expires_at)
