"""What proves an account besides its password."""

from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import backup_codes, passkeys, totp_secrets

Method = Literal["totp", "backup_code", "passkey"]


async def methods_of(connection: AsyncConnection, user_id: str) -> tuple[Method, ...]:
    """Return the second proofs that an account has; empty for none."""
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
