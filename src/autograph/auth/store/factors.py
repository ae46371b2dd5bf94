"""What proves an account besides its password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import backup_codes, passkeys, totp_secrets

Method = Literal["totp", "backup_code", "passkey"]


async def methods_of(connection: AsyncConnection, user_id: str) -> tuple[Method, ...]:
    """Return the second factors that an account has; empty for none."""
    totp = exists().where(totp_secrets.c.user_id == user_id, totp_secrets.c.enabled_at.is_not(None))
    keys = exists().where(passkeys.c.user_id == user_id)
    codes = exists().where(backup_codes.c.user_id == user_id, backup_codes.c.used_at.is_(None))
    has_totp, has_keys, has_codes = (await connection.execute(select(totp, keys, codes))).one()
    found: list[Method] = []
    if has_totp:
        found.append("totp")
    if has_keys:
        found.append("passkey")
    if found and has_codes:
        found.append("backup_code")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Totp:
    """The secret of an authenticator app. `enabled_at` is None until its first code was right."""

    sealed_secret: bytes
    last_step: int
    enabled_at: datetime | None


async def totp_of(connection: AsyncConnection, user_id: str) -> Totp | None:
    """Return an account's secret, enabled or not."""
    columns = (totp_secrets.c.sealed_secret, totp_secrets.c.last_step, totp_secrets.c.enabled_at)
    row = (await connection.execute(select(*columns).where(totp_secrets.c.user_id == user_id))).first()
    return Totp(*row) if row else None


async def begin_totp(connection: AsyncConnection, user_id: str, sealed_secret: bytes, now: datetime) -> bool:
    """Keep a secret whose first code is still to come, in place of an earlier one; False when one is enabled."""
    mine = totp_secrets.c.user_id == user_id
    await connection.execute(delete(totp_secrets).where(mine, totp_secrets.c.enabled_at.is_(None)))
    if await totp_of(connection, user_id) is not None:
        return False
    row = {
        "user_id": user_id,
        "sealed_secret": sealed_secret,
        "last_step": 0,
        "created_at": now,
        "enabled_at": None,
    }
    await connection.execute(insert(totp_secrets), row)
    return True


async def take_step(connection: AsyncConnection, user_id: str, step: int) -> bool:
    """Use the code of a time step up; steps only rise, so each code works once. Of two at once, one gets True."""
    taken = await connection.execute(
        update(totp_secrets)
        .where(totp_secrets.c.user_id == user_id, totp_secrets.c.last_step < step)
        .values(last_step=step)
    )
    return taken.rowcount == 1


async def enable_totp(connection: AsyncConnection, user_id: str, now: datetime) -> None:
    """From now on the app's codes are wanted."""
    await connection.execute(
        update(totp_secrets).where(totp_secrets.c.user_id == user_id).values(enabled_at=now)
    )


async def forget_totp(connection: AsyncConnection, user_id: str) -> None:
    """Remove an account's secret and its backup codes."""
    await connection.execute(delete(totp_secrets).where(totp_secrets.c.user_id == user_id))
    await connection.execute(delete(backup_codes).where(backup_codes.c.user_id == user_id))


async def forget_all(connection: AsyncConnection, user_id: str) -> None:
    """Remove every second factor of an account."""
    await forget_totp(connection, user_id)
    await connection.execute(delete(passkeys).where(passkeys.c.user_id == user_id))


async def replace_codes(
    connection: AsyncConnection, user_id: str, hashes: list[bytes], now: datetime
) -> None:
    """Give an account fresh backup codes; earlier ones are worth nothing."""
    await connection.execute(delete(backup_codes).where(backup_codes.c.user_id == user_id))
    rows = [{"code_hash": one, "user_id": user_id, "created_at": now, "used_at": None} for one in hashes]
    await connection.execute(insert(backup_codes), rows)


async def take_code(connection: AsyncConnection, user_id: str, code_hash: bytes, now: datetime) -> bool:
    """Use a backup code up; of two at once, one gets True."""
    taken = await connection.execute(
        update(backup_codes)
        .where(
            backup_codes.c.code_hash == code_hash,
            backup_codes.c.user_id == user_id,
            backup_codes.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return taken.rowcount == 1


async def codes_left(connection: AsyncConnection, user_id: str) -> int:
    """Return how many backup codes were not used."""
    query = select(func.count()).where(backup_codes.c.user_id == user_id, backup_codes.c.used_at.is_(None))
    return int(await connection.scalar(query) or 0)
