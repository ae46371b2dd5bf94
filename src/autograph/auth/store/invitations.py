"""Invitations, by the hashes of their secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.store.teams import TeamRole
from autograph.auth.tables import invitations, teams, users

KEPT = timedelta(days=30)
"""After its end an invitation can be looked up for so long."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Leave to come in.

    Attributes:
        email: Whose it is alone; None for a link that anybody may use.
        role: What a new account gets.
        team_id: Into which team it leads; None for none.
        team_role: As what.
        created_by: Account that vouches for it.
        uses_left: How often it can still be used.
    """

    id: str
    email: str | None
    role: str
    team_id: str | None
    team_role: TeamRole | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    uses_left: int
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """An invitation, and what its inviter and its team are called; None for those that are gone."""

    invitation: Invitation
    inviter: str | None
    team: str | None


_COLUMNS = tuple(invitations.c[name] for name in Invitation.__dataclass_fields__)


async def add(connection: AsyncConnection, invitation: Invitation, token_hash: bytes, now: datetime) -> None:
    """Keep a new invitation; those that ended long ago are forgotten."""
    await connection.execute(delete(invitations).where(invitations.c.expires_at < now - KEPT))
    row = {name: getattr(invitation, name) for name in Invitation.__dataclass_fields__}
    await connection.execute(insert(invitations), row | {"token_hash": token_hash})


async def look(connection: AsyncConnection, token_hash: bytes, now: datetime) -> Invitation | None:
    """Return the open invitation that a secret belongs to, without using it."""
    query = select(*_COLUMNS).where(invitations.c.token_hash == token_hash, *_open(now))
    row = (await connection.execute(query)).first()
    return Invitation(*row) if row else None


async def open_to(connection: AsyncConnection, email: str, now: datetime) -> list[Invitation]:
    """Return the open invitations by mail to an address, the newest first."""
    query = select(*_COLUMNS).where(invitations.c.email == email, *_open(now))
    rows = await connection.execute(query.order_by(invitations.c.created_at.desc(), invitations.c.id.desc()))
    return [Invitation(*row) for row in rows]


async def take(connection: AsyncConnection, invitation_id: str, now: datetime) -> Invitation | None:
    """Use an invitation once and return it as it is then; of two at its last use, one gets it."""
    taken = await connection.execute(
        update(invitations)
        .where(invitations.c.id == invitation_id, *_open(now))
        .values(uses_left=invitations.c.uses_left - 1)
        .returning(*_COLUMNS)
    )
    row = taken.first()
    return Invitation(*row) if row else None


async def one(connection: AsyncConnection, invitation_id: str, *, hold: bool = False) -> Invitation | None:
    """Return an invitation, open or not; with `hold` nobody else uses or changes it meanwhile."""
    query = select(*_COLUMNS).where(invitations.c.id == invitation_id)
    row = (await connection.execute(query.with_for_update() if hold else query)).first()
    return Invitation(*row) if row else None


async def is_invited(connection: AsyncConnection, email: str, team_id: str | None, now: datetime) -> bool:
    """Whether an open invitation leads somebody to the same place."""
    same = invitations.c.team_id.is_(None) if team_id is None else invitations.c.team_id == team_id
    found = exists().where(invitations.c.email == email, same, *_open(now))
    return bool(await connection.scalar(select(found)))


async def open_by(connection: AsyncConnection, user_id: str, now: datetime) -> int:
    """Return how many invitations of somebody are open."""
    query = select(func.count()).where(invitations.c.created_by == user_id, *_open(now))
    return int(await connection.scalar(query) or 0)


async def listed(
    connection: AsyncConnection, *, team_id: str | None, page: int, page_size: int
) -> tuple[list[Named], int]:
    """Return one page of invitations, the newest first, to one team or (None) all; and how many there are."""
    where = [] if team_id is None else [invitations.c.team_id == team_id]
    return await _named(connection, where, limit=page_size, offset=(page - 1) * page_size)


async def named(connection: AsyncConnection, invitation_id: str) -> Named | None:
    """Return an invitation with the names in it."""
    found, _ = await _named(connection, [invitations.c.id == invitation_id], limit=1, offset=0)
    return found[0] if found else None


async def renew(
    connection: AsyncConnection, invitation_id: str, token_hash: bytes, *, by: str, expires_at: datetime
) -> None:
    """Give an invitation another secret, another end, and somebody else who vouches for it."""
    values = {"token_hash": token_hash, "created_by": by, "expires_at": expires_at}
    await connection.execute(update(invitations).where(invitations.c.id == invitation_id).values(values))


async def revoke(connection: AsyncConnection, invitation_id: str, now: datetime) -> bool:
    """Make an invitation worth nothing; False when it was withdrawn before."""
    return bool(await _revoke(connection, invitations.c.id == invitation_id, now))


async def revoke_of(connection: AsyncConnection, user_id: str, now: datetime) -> list[str]:
    """Make all invitations of somebody worth nothing; return which were not so before."""
    return await _revoke(connection, invitations.c.created_by == user_id, now)


async def revoke_to(connection: AsyncConnection, role: str, now: datetime) -> list[str]:
    """Make all invitations that bring a role worth nothing; return which were not so before."""
    return await _revoke(connection, invitations.c.role == role, now)


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        invitations.c.uses_left > 0,
        invitations.c.revoked_at.is_(None),
        invitations.c.expires_at > now,
    )


async def _revoke(connection: AsyncConnection, which: ColumnElement[bool], now: datetime) -> list[str]:
    revoked = await connection.execute(
        update(invitations)
        .where(which, invitations.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(invitations.c.id)
    )
    return [invitation_id for (invitation_id,) in revoked]


async def _named(
    connection: AsyncConnection, where: Sequence[ColumnElement[bool]], *, limit: int, offset: int
) -> tuple[list[Named], int]:
    source = invitations.outerjoin(users, users.c.id == invitations.c.created_by).outerjoin(
        teams, teams.c.id == invitations.c.team_id
    )
    query = select(*_COLUMNS, users.c.name, teams.c.name).select_from(source).where(*where)
    query = query.order_by(invitations.c.created_at.desc(), invitations.c.id.desc())
    rows: Sequence[Any] = (await connection.execute(query.limit(limit).offset(offset))).all()
    total = await connection.scalar(select(func.count()).select_from(invitations).where(*where))
    return [Named(Invitation(*row[:-2]), row[-2], row[-1]) for row in rows], int(total or 0)
