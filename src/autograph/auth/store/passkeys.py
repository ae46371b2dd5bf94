"""Passkeys, by their credential ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import passkeys
from autograph.core.problem import Conflict


class PasskeyKnown(Conflict):
    """One passkey belongs to one account, once."""

    slug, title = "passkey-known", "This passkey is set up already."


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey's public half.

    Attributes:
        public_key: COSE key (RFC 9052).
        sign_count: How often its authenticator says that it has signed; always 0 for those that do not count.
        transports: How a browser reaches it, such as ``internal`` or ``usb``.
        is_backed_up: Whether it exists on more than one device.
        last_used_at: None before its first sign-in.
    """

    credential_id: bytes
    user_id: str
    public_key: bytes
    sign_count: int
    name: str
    transports: tuple[str, ...]
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None


_PASSKEY = (
    passkeys.c.credential_id,
    passkeys.c.user_id,
    passkeys.c.public_key,
    passkeys.c.sign_count,
    passkeys.c.name,
    passkeys.c.transports,
    passkeys.c.is_backed_up,
    passkeys.c.created_at,
    passkeys.c.last_used_at,
)


async def add(connection: AsyncConnection, passkey: Passkey) -> None:
    """Keep a new passkey.

    Raises:
        PasskeyKnown: Somebody has it.
    """
    row = {
        "credential_id": passkey.credential_id,
        "user_id": passkey.user_id,
        "public_key": passkey.public_key,
        "sign_count": passkey.sign_count,
        "name": passkey.name,
        "transports": list(passkey.transports),
        "is_backed_up": passkey.is_backed_up,
        "created_at": passkey.created_at,
    }
    try:
        await connection.execute(insert(passkeys), row)
    except IntegrityError as reason:
        raise PasskeyKnown from reason


async def one(connection: AsyncConnection, credential_id: bytes) -> Passkey | None:
    """Return a passkey, whosever it is."""
    query = select(*_PASSKEY).where(passkeys.c.credential_id == credential_id)
    row = (await connection.execute(query)).first()
    return _passkey(row) if row else None


async def of(connection: AsyncConnection, user_id: str) -> list[Passkey]:
    """Return an account's passkeys, the oldest first."""
    query = (
        select(*_PASSKEY)
        .where(passkeys.c.user_id == user_id)
        .order_by(passkeys.c.created_at, passkeys.c.credential_id)
    )
    return [_passkey(row) for row in await connection.execute(query)]


async def rename(connection: AsyncConnection, user_id: str, credential_id: bytes, name: str) -> bool:
    """Call an account's passkey something else; False when it has no such."""
    mine = (passkeys.c.user_id == user_id, passkeys.c.credential_id == credential_id)
    renamed = await connection.execute(update(passkeys).where(*mine).values(name=name))
    return renamed.rowcount == 1


async def remove(connection: AsyncConnection, user_id: str, credential_id: bytes) -> bool:
    """Forget an account's passkey; False when it has no such."""
    mine = (passkeys.c.user_id == user_id, passkeys.c.credential_id == credential_id)
    removed = await connection.execute(delete(passkeys).where(*mine))
    return removed.rowcount == 1


async def advance(
    connection: AsyncConnection, credential_id: bytes, sign_count: int, *, is_backed_up: bool, now: datetime
) -> bool:
    """Note that a passkey has signed; False when its count has not risen: then there are two of it.

    Those that do not count say 0 for ever (WebAuthn Level 3, 6.1.1).
    """
    has_risen = passkeys.c.sign_count < sign_count if sign_count else passkeys.c.sign_count == 0
    advanced = await connection.execute(
        update(passkeys)
        .where(passkeys.c.credential_id == credential_id, has_risen)
        .values(sign_count=sign_count, is_backed_up=is_backed_up, last_used_at=now)
    )
    return advanced.rowcount == 1


def _passkey(row: Sequence[Any]) -> Passkey:
    credential_id, user_id, public_key, sign_count, name, transports, *rest = row
    return Passkey(credential_id, user_id, public_key, sign_count, name, tuple(transports), *rest)
