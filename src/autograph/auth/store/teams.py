"""Teams, and who belongs to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import team_members, teams, users
from autograph.core.problem import Conflict

TeamRole = Literal["owner", "admin", "member", "guest"]


class TeamNameTaken(Conflict):
    """Another team is called so."""

    slug, title = "team-name-taken", "There is already a team of this name."


@dataclass(frozen=True, slots=True)
class Team:
    """Some people of an installation."""

    id: str
    name: str
    description: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """A team, what one is in it (None for nothing), and of how many people it is."""

    team: Team
    role: TeamRole | None
    members: int


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody in a team."""

    user_id: str
    name: str
    email: str
    role: TeamRole
    added_at: datetime
    disabled_at: datetime | None


_TEAM = (teams.c.id, teams.c.name, teams.c.description, teams.c.created_at)
_ORDER = {"owner": 0, "admin": 1, "member": 2, "guest": 3}


async def add(connection: AsyncConnection, team: Team) -> None:
    """Keep a new team, without anybody in it. Raises TeamNameTaken."""
    row = {"id": team.id, "name": team.name, "description": team.description, "created_at": team.created_at}
    try:
        await connection.execute(insert(teams), row)
    except IntegrityError as reason:
        raise TeamNameTaken from reason


async def one(connection: AsyncConnection, team_id: str, *, hold: bool = False) -> Team | None:
    """Return a team; with `hold` nobody else changes who is in it until the transaction ends."""
    query = select(*_TEAM).where(teams.c.id == team_id)
    row = (await connection.execute(query.with_for_update() if hold else query)).first()
    return Team(*row) if row else None


async def listed(
    connection: AsyncConnection, user_id: str, *, everyones: bool, page: int, page_size: int
) -> tuple[list[Counted], int]:
    """Return one page of somebody's teams by name, or of all, and how many these are."""
    mine = team_members.alias("mine")
    is_mine = (mine.c.team_id == teams.c.id) & (mine.c.user_id == user_id)
    count = select(func.count()).where(team_members.c.team_id == teams.c.id).scalar_subquery()
    source = teams.join(mine, is_mine, isouter=everyones)
    total = await connection.scalar(select(func.count()).select_from(source))
    query = select(*_TEAM, mine.c.role, count).select_from(source).order_by(teams.c.name)
    rows = await connection.execute(query.limit(page_size).offset((page - 1) * page_size))
    return [Counted(Team(*row[:4]), row[4], row[5]) for row in rows], int(total or 0)


async def replace(connection: AsyncConnection, team: Team) -> None:
    """Replace what a team is called and says. Raises TeamNameTaken."""
    values = {"name": team.name, "description": team.description}
    try:
        await connection.execute(update(teams).where(teams.c.id == team.id).values(values))
    except IntegrityError as reason:
        raise TeamNameTaken from reason


async def remove(connection: AsyncConnection, team_id: str) -> None:
    """Forget a team, who was in it, and the invitations to it."""
    await connection.execute(delete(teams).where(teams.c.id == team_id))


async def role_of(connection: AsyncConnection, team_id: str, user_id: str) -> TeamRole | None:
    """Return what somebody is in a team; None for nothing."""
    role: TeamRole | None = await connection.scalar(select(team_members.c.role).where(*_of(team_id, user_id)))
    return role


async def count(connection: AsyncConnection, team_id: str) -> int:
    """Return of how many people a team is."""
    query = select(func.count()).where(team_members.c.team_id == team_id)
    return int(await connection.scalar(query) or 0)


async def members(
    connection: AsyncConnection, team_id: str, *, page: int, page_size: int
) -> tuple[list[TeamMember], int]:
    """Return one page of the people of a team by name, and how many these are."""
    query = _people(team_id).order_by(users.c.name, users.c.id)
    rows = await connection.execute(query.limit(page_size).offset((page - 1) * page_size))
    return [TeamMember(*row) for row in rows], await count(connection, team_id)


async def member(connection: AsyncConnection, team_id: str, user_id: str) -> TeamMember | None:
    """Return somebody in a team."""
    row = (await connection.execute(_people(team_id).where(users.c.id == user_id))).first()
    return TeamMember(*row) if row else None


async def owners(connection: AsyncConnection, team_id: str) -> int:
    """Return how many owners a team has."""
    query = select(func.count()).where(team_members.c.team_id == team_id, team_members.c.role == "owner")
    return int(await connection.scalar(query) or 0)


async def owned(connection: AsyncConnection, user_id: str) -> list[str]:
    """Return the ids of the teams that somebody owns, in one order for all."""
    query = select(team_members.c.team_id).where(
        team_members.c.user_id == user_id, team_members.c.role == "owner"
    )
    return [*await connection.scalars(query.order_by(team_members.c.team_id))]


async def share_one(connection: AsyncConnection, user_id: str, other_id: str) -> bool:
    """Whether two people are in one team."""
    mine, theirs = team_members.alias("mine"), team_members.alias("theirs")
    query = select(mine.c.team_id).join_from(mine, theirs, mine.c.team_id == theirs.c.team_id)
    found = query.where(mine.c.user_id == user_id, theirs.c.user_id == other_id)
    return await connection.scalar(found.limit(1)) is not None


async def put(connection: AsyncConnection, team_id: str, user_id: str, role: TeamRole, now: datetime) -> None:
    """Make somebody a part of a team who is not yet."""
    row = {"team_id": team_id, "user_id": user_id, "role": role, "added_at": now}
    await connection.execute(insert(team_members), row)


async def set_role(connection: AsyncConnection, team_id: str, user_id: str, role: TeamRole) -> None:
    """Replace what somebody is in a team."""
    await connection.execute(update(team_members).where(*_of(team_id, user_id)).values(role=role))


async def take_out(connection: AsyncConnection, team_id: str, user_id: str) -> None:
    """Make somebody no part of a team any more."""
    await connection.execute(delete(team_members).where(*_of(team_id, user_id)))


async def heir(connection: AsyncConnection, team_id: str, but: str) -> str | None:
    """Return who follows an owner that goes: the first admin, else the first member; never a guest."""
    query = (
        select(team_members.c.user_id, team_members.c.role)
        .join(users, users.c.id == team_members.c.user_id)
        .where(
            team_members.c.team_id == team_id,
            team_members.c.user_id != but,
            team_members.c.role != "guest",
            users.c.disabled_at.is_(None),
        )
        .order_by(team_members.c.added_at, team_members.c.user_id)
    )
    found = (await connection.execute(query)).all()
    return min(found, key=lambda row: _ORDER[row.role]).user_id if found else None


def _of(team_id: str, user_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return team_members.c.team_id == team_id, team_members.c.user_id == user_id


def _people(team_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            users.c.id,
            users.c.name,
            users.c.email,
            team_members.c.role,
            team_members.c.added_at,
            users.c.disabled_at,
        )
        .join_from(team_members, users)
        .where(team_members.c.team_id == team_id)
    )
