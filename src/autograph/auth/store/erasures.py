"""Accounts that are going: what of them stands beside the account itself, and those whose things elsewhere go yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, insert, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import (
    api_keys,
    attempts,
    audit_records,
    erasures,
    invitations,
    links,
    locks,
    mails,
    sessions,
    team_members,
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """An account that is gone, whose things in other rooms are going.

    Attributes:
        email: By which other rooms may know them, too; empty once these forgot it.
        documents_to: Who gets the documents; None when they go for good.
    """

    user_id: str
    email: str
    documents_to: str | None
    asked_at: datetime


async def add(connection: AsyncConnection, erasure: Erasure) -> None:
    """Remember what is to be done elsewhere. Whatever was to go to this account goes where its own things go."""
    here = erasures.c.documents_to == erasure.user_id
    await connection.execute(update(erasures).where(here).values(documents_to=erasure.documents_to))
    row = {name: getattr(erasure, name) for name in Erasure.__dataclass_fields__}
    await connection.execute(insert(erasures), row)


async def open_ones(connection: AsyncConnection) -> list[Erasure]:
    """Return what is to be done elsewhere, the oldest first."""
    columns = (erasures.c[name] for name in Erasure.__dataclass_fields__)
    rows = await connection.execute(select(*columns).order_by(erasures.c.asked_at))
    return [Erasure(*row) for row in rows]


async def forget_address(connection: AsyncConnection, user_id: str) -> None:
    """The other rooms know the address no more: forget it here, too."""
    await connection.execute(update(erasures).where(erasures.c.user_id == user_id).values(email=""))


async def done(connection: AsyncConnection, user_id: str) -> None:
    """Nothing is left to be done."""
    await connection.execute(delete(erasures).where(erasures.c.user_id == user_id))


async def teams_of(connection: AsyncConnection, user_id: str) -> list[str]:
    """Return the ids of all teams that somebody is in, in one order for all."""
    query = select(team_members.c.team_id).where(team_members.c.user_id == user_id)
    return [*await connection.scalars(query.order_by(team_members.c.team_id))]


async def sessions_of(connection: AsyncConnection, user_id: str) -> list[str]:
    """Return the ids of an account's sessions, alive or not."""
    return [*await connection.scalars(select(sessions.c.id).where(sessions.c.user_id == user_id))]


async def keys_of(connection: AsyncConnection, user_id: str) -> list[str]:
    """Return the ids of an account's API keys, revoked or not."""
    return [*await connection.scalars(select(api_keys.c.id).where(api_keys.c.user_id == user_id))]


async def addresses_of(connection: AsyncConnection, user_id: str, email: str) -> list[str]:
    """Return an account's address, and the one that it was to get."""
    mine = (links.c.user_id == user_id, links.c.purpose == "email")
    asked_for = await connection.scalars(select(links.c.data).where(*mine))
    return [email, *(str(data["email"]) for data in asked_for)]


async def forget_letters(connection: AsyncConnection, user_id: str, addresses: Sequence[str]) -> None:
    """Forget mails to these addresses, and invitations to them or by this account."""
    await connection.execute(delete(mails).where(mails.c.recipient.in_(addresses)))
    theirs = or_(invitations.c.created_by == user_id, invitations.c.email.in_(addresses))
    await connection.execute(delete(invitations).where(theirs))


async def forget_tries(connection: AsyncConnection, accounts: Collection[str]) -> None:
    """Forget tries at these accounts, by the hashes under which they are counted, and their locks."""
    await connection.execute(delete(attempts).where(attempts.c.account.in_(accounts)))
    await connection.execute(delete(locks).where(locks.c.key.in_([f"a:{account}" for account in accounts])))


async def forget_personal(
    connection: AsyncConnection, user_id: str, *, keys: Sequence[str] = (), addresses: Sequence[str] = ()
) -> None:
    """Erase address, device and e-mail address from the audit log wherever they are this person's.

    The records stay, with the account's id and the hash of what was erased. Each condition has an index.
    """
    table = audit_records.c
    email = table.personal["email"].as_string()
    about_them = and_(table.subject_id == user_id, or_(table.actor_id.is_(None), email.is_not(None)))
    by_their_keys = and_(table.subject_kind == "key", table.subject_id.in_(keys), table.actor_id.is_(None))
    # tries at an address without an account name nobody; of invitations and mails the address is all that there is
    before_them = and_(table.subject_id == "", email.in_(addresses))
    is_letter = or_(table.event.startswith("invitation."), table.event.startswith("mail."))
    written = and_(is_letter, email.in_(addresses))
    theirs = or_(table.actor_id == user_id, about_them, by_their_keys, before_them, written)
    await connection.execute(update(audit_records).where(theirs).values(personal=null()))
