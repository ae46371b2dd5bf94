"""API keys, by their hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import api_keys


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without what it is made of.

    Attributes:
        prefix: How it begins, to tell it from others: ``ag_`` and eight characters.
        scopes: Out of `model.rights.SCOPES`.
        expires_at: None when it does not end by itself.
        last_used_at: None before its first use; not written more than once a minute.
        last_address: From where that was.
    """

    id: str
    user_id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    last_address: str = ""
    revoked_at: datetime | None = None


_KEY = (
    api_keys.c.id,
    api_keys.c.user_id,
    api_keys.c.name,
    api_keys.c.prefix,
    api_keys.c.scopes,
    api_keys.c.created_at,
    api_keys.c.expires_at,
    api_keys.c.last_used_at,
    api_keys.c.last_address,
    api_keys.c.revoked_at,
)


async def add(connection: AsyncConnection, key: ApiKey, token_hash: bytes) -> None:
    """Keep a new key."""
    row = {
        "id": key.id,
        "user_id": key.user_id,
        "name": key.name,
        "prefix": key.prefix,
        "token_hash": token_hash,
        "scopes": list(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_address": "",
    }
    await connection.execute(insert(api_keys), row)


async def by_hash(connection: AsyncConnection, token_hash: bytes) -> ApiKey | None:
    """Return a key, whether it still opens anything or not."""
    row = (await connection.execute(select(*_KEY).where(api_keys.c.token_hash == token_hash))).first()
    return _key(row) if row else None


async def of(connection: AsyncConnection, user_id: str) -> list[ApiKey]:
    """Return a person's keys that were not revoked, the newest first."""
    query = (
        select(*_KEY)
        .where(api_keys.c.user_id == user_id, api_keys.c.revoked_at.is_(None))
        .order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc())
    )
    return [_key(row) for row in await connection.execute(query)]


async def count(connection: AsyncConnection, user_id: str) -> int:
    """Return how many keys of a person were not revoked."""
    query = select(func.count()).where(api_keys.c.user_id == user_id, api_keys.c.revoked_at.is_(None))
    return int(await connection.scalar(query) or 0)


async def revoke(connection: AsyncConnection, user_id: str, key_id: str, now: datetime) -> bool:
    """Revoke a person's key; False when they have no such key, or it was revoked before."""
    revoked = await connection.execute(
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.user_id == user_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return revoked.rowcount == 1


async def touch(connection: AsyncConnection, key_id: str, address: str, now: datetime) -> None:
    """Note that a key was used."""
    await connection.execute(
        update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now, last_address=address)
    )


def _key(row: Sequence[Any]) -> ApiKey:
    key_id, user_id, name, prefix, scopes, *rest = row
    return ApiKey(key_id, user_id, name, prefix, tuple(scopes), *rest)
