"""What may be reached through a mailbox: the account with its address, and the invitations that went there."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import invitations, users


async def roles_behind(connection: AsyncConnection, address: str, now: datetime) -> set[str]:
    """Return the roles of the account with this address, and those that open invitations to it bring."""
    account = await connection.scalar(select(users.c.roles).where(users.c.email == address))
    invited = await connection.scalars(
        select(invitations.c.role).where(
            invitations.c.email == address,
            invitations.c.revoked_at.is_(None),
            invitations.c.expires_at > now,
            invitations.c.uses_left > 0,
        )
    )
    return {*(account or ()), *invited}
