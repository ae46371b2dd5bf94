"""The people of an installation, as whoever looks after them sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, String, cast, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.rules import Person, Session
from autograph.auth.store import attempts
from autograph.auth.store.people import PERSON, SESSION, person_of
from autograph.auth.tables import api_keys, links, passkeys, sessions, totp_secrets, users
from autograph.model.rights import ADMIN

Status = Literal["active", "disabled", "unverified"]
"""What one may look for: `active` is neither of the others."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An account, and what can be told of how it is used.

    Attributes:
        last_seen_at: When a session was last used, of those that are remembered.
        has_totp: Whether codes of an app are its second factor.
        passkeys: How many it has.
        sessions: Those not ended; some may be too old.
    """

    person: Person
    last_seen_at: datetime | None
    has_totp: bool
    passkeys: int
    sessions: tuple[Session, ...]


async def hold(connection: AsyncConnection, now: datetime) -> None:
    """Hold everything about who may do what until the transaction ends: whoever changes it changes it alone."""
    await attempts.hold_key(connection, "people", now)


async def listed(
    connection: AsyncConnection,
    *,
    page: int,
    page_size: int,
    search: str = "",
    role: str = "",
    status: Status | None = None,
    among: Sequence[str] | None = None,
) -> tuple[list[Seen], int]:
    """Return one page of accounts by address, and how many match; `among` are ids out of which to choose."""
    where: list[ColumnElement[bool]] = []
    if search:
        where.append(
            or_(
                users.c.email.icontains(search, autoescape=True),
                users.c.name.icontains(search, autoescape=True),
            )
        )
    if role:
        where.append(_has_role(role))
    if status == "disabled":
        where.append(users.c.disabled_at.is_not(None))
    elif status is not None:
        where.append(users.c.disabled_at.is_(None))
        where.append(
            users.c.verified_at.is_(None) if status == "unverified" else users.c.verified_at.is_not(None)
        )
    if among is not None:
        where.append(users.c.id.in_(among))
    total = await connection.scalar(select(func.count()).select_from(users).where(*where))
    found = await _seen(connection, where, limit=page_size, offset=(page - 1) * page_size)
    return found, int(total or 0)


async def one(connection: AsyncConnection, user_id: str) -> Seen | None:
    """Return an account."""
    found = await _seen(connection, [users.c.id == user_id], limit=1, offset=0)
    return found[0] if found else None


async def addresses(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Return every account's id and address; accounts are few."""
    return [
        (user_id, email) for user_id, email in await connection.execute(select(users.c.id, users.c.email))
    ]


async def has_role(connection: AsyncConnection, role: str) -> bool:
    """Whether anybody has a role."""
    return bool(await connection.scalar(select(exists().where(_has_role(role)))))


async def administrators(connection: AsyncConnection) -> list[Person]:
    """Return the administrators who are not disabled."""
    query = select(*PERSON).where(_has_role(ADMIN), users.c.disabled_at.is_(None))
    return [person_of(row) for row in await connection.execute(query)]


async def set_roles(connection: AsyncConnection, user_id: str, roles: Sequence[str]) -> None:
    """Replace the roles of an account."""
    await connection.execute(update(users).where(users.c.id == user_id).values(roles=list(roles)))


async def set_disabled(connection: AsyncConnection, user_id: str, moment: datetime | None) -> None:
    """Disable an account from a moment on, or enable it (None)."""
    await connection.execute(update(users).where(users.c.id == user_id).values(disabled_at=moment))


async def end_access(connection: AsyncConnection, user_id: str, now: datetime) -> None:
    """End every key of an account, and every link that was sent to its owner."""
    mine = (api_keys.c.user_id == user_id, api_keys.c.revoked_at.is_(None))
    await connection.execute(update(api_keys).where(*mine).values(revoked_at=now))
    await connection.execute(delete(links).where(links.c.user_id == user_id))


async def remove(connection: AsyncConnection, user_id: str) -> bool:
    """Remove an account with all that hangs on it; say whether it was there."""
    removed = await connection.execute(delete(users).where(users.c.id == user_id))
    return removed.rowcount == 1


def _has_role(role: str) -> ColumnElement[bool]:
    """Roles are a short JSON list, kept as its text."""
    return cast(users.c.roles, String).contains(f'"{role}"', autoescape=True)


async def _seen(
    connection: AsyncConnection, where: Sequence[ColumnElement[bool]], *, limit: int, offset: int
) -> list[Seen]:
    last = select(func.max(sessions.c.last_seen_at)).where(sessions.c.user_id == users.c.id).scalar_subquery()
    totp = exists().where(totp_secrets.c.user_id == users.c.id, totp_secrets.c.enabled_at.is_not(None))
    keys = select(func.count()).where(passkeys.c.user_id == users.c.id).scalar_subquery()
    query = select(*PERSON, last, totp, keys).where(*where).order_by(users.c.email)
    rows = (await connection.execute(query.limit(limit).offset(offset))).all()
    opened = await _opened(connection, [row[0] for row in rows])
    return [
        Seen(person_of(row[:-3]), row[-3], bool(row[-2]), row[-1], tuple(opened.get(row[0], ())))
        for row in rows
    ]


async def _opened(connection: AsyncConnection, user_ids: Sequence[str]) -> dict[str, list[Session]]:
    query = select(*SESSION).where(sessions.c.user_id.in_(user_ids), sessions.c.revoked_at.is_(None))
    found: dict[str, list[Session]] = {}
    for row in await connection.execute(query):
        session = Session(*tuple(row))
        found.setdefault(session.user_id, []).append(session)
    return found
