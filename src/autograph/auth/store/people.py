"""People, their sessions and refresh tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.rules import Person, Session
from autograph.auth.tables import first_run_codes, refresh_tokens, sessions, users
from autograph.core.problem import Conflict
from autograph.model.rights import ADMIN

PERSON = (
    users.c.id,
    users.c.email,
    users.c.name,
    users.c.roles,
    users.c.created_at,
    users.c.verified_at,
    users.c.disabled_at,
)
SESSION = (
    sessions.c.id,
    sessions.c.user_id,
    sessions.c.created_at,
    sessions.c.last_seen_at,
    sessions.c.expires_at,
    sessions.c.idle_seconds,
    sessions.c.revoked_at,
    sessions.c.address,
    sessions.c.user_agent,
    sessions.c.methods,
)
_SIGNED_IN = select(*SESSION, *PERSON).join_from(sessions, users)


class EmailTaken(Conflict):
    """There is an account with this address."""

    slug, title = "email-taken", "There is already an account with this e-mail address."


def person_of(row: Sequence[Any]) -> Person:
    """Return the account that the columns `PERSON` hold."""
    user_id, email, name, roles, *moments = row
    return Person(user_id, email, name, tuple(roles), *moments)


async def add_person(connection: AsyncConnection, person: Person, password_hash: str) -> None:
    """Keep a new account.

    Raises:
        EmailTaken: The address has one.
    """
    row = {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "roles": list(person.roles),
        "created_at": person.created_at,
        "verified_at": person.verified_at,
        "disabled_at": person.disabled_at,
        "password_hash": password_hash,
    }
    try:
        await connection.execute(insert(users), row)
    except IntegrityError as reason:
        raise EmailTaken from reason


async def person_by_id(connection: AsyncConnection, user_id: str) -> tuple[Person, str] | None:
    """Return an account and its password hash, which is empty when it has no password."""
    query = select(*PERSON, users.c.password_hash).where(users.c.id == user_id)
    row = (await connection.execute(query)).first()
    return (person_of(row[:-1]), row[-1]) if row else None


async def set_verified(connection: AsyncConnection, user_id: str, now: datetime) -> None:
    """Note that somebody reads what is sent to the account's address."""
    await connection.execute(
        update(users).where(users.c.id == user_id, users.c.verified_at.is_(None)).values(verified_at=now)
    )


async def person_by_email(connection: AsyncConnection, email: str) -> tuple[Person, str] | None:
    """Return the account with this address and its password hash."""
    query = select(*PERSON, users.c.password_hash).where(users.c.email == email)
    row = (await connection.execute(query)).first()
    return (person_of(row[:-1]), row[-1]) if row else None


async def set_password_hash(connection: AsyncConnection, user_id: str, password_hash: str) -> None:
    """Replace an account's password hash."""
    await connection.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))


async def set_name(connection: AsyncConnection, user_id: str, name: str) -> None:
    """Replace what people call somebody."""
    await connection.execute(update(users).where(users.c.id == user_id).values(name=name))


async def set_email(connection: AsyncConnection, user_id: str, email: str) -> None:
    """Replace an account's address.

    Raises:
        EmailTaken: Another account has it.
    """
    try:
        await connection.execute(update(users).where(users.c.id == user_id).values(email=email))
    except IntegrityError as reason:
        raise EmailTaken from reason


async def administrator_exists(connection: AsyncConnection) -> bool:
    """Whether the installation has an administrator. Accounts are few: their roles are read here."""
    rows = await connection.stream(select(users.c.roles).order_by(users.c.created_at))
    async for (roles,) in rows:
        if ADMIN in roles:
            return True
    return False


async def replace_code(
    connection: AsyncConnection, code_hash: bytes, now: datetime, expires: datetime
) -> None:
    """Keep a first-run code; any earlier one is worth nothing from now on."""
    await connection.execute(delete(first_run_codes))
    await connection.execute(
        insert(first_run_codes), {"code_hash": code_hash, "created_at": now, "expires_at": expires}
    )


async def code_is_valid(connection: AsyncConnection, code_hash: bytes, now: datetime) -> bool:
    """Whether this is the first-run code, and in time."""
    found = exists().where(first_run_codes.c.code_hash == code_hash, first_run_codes.c.expires_at > now)
    return bool(await connection.scalar(select(found)))


async def take_code(connection: AsyncConnection, code_hash: bytes, now: datetime) -> bool:
    """Use the first-run code up; of two at once, one gets True. On False the caller must roll back.

    Every code goes at once: the codes of two starts at the same moment cannot make two administrators.
    """
    taken = await connection.execute(
        delete(first_run_codes).returning(first_run_codes.c.code_hash, first_run_codes.c.expires_at)
    )
    return any(known == code_hash and expires > now for known, expires in taken.all())


async def add_session(connection: AsyncConnection, session: Session, token_hash: bytes | None) -> None:
    """Keep a new session; `token_hash` is that of its cookie, if it lives in one."""
    row = {
        "id": session.id,
        "user_id": session.user_id,
        "token_hash": token_hash,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
        "idle_seconds": session.idle_seconds,
        "revoked_at": None,
        "address": session.address,
        "user_agent": session.user_agent,
        "methods": session.methods,
    }
    await connection.execute(insert(sessions), row)


async def session_by_cookie(connection: AsyncConnection, token_hash: bytes) -> tuple[Session, Person] | None:
    """Return the session that a cookie stands for, alive or not, and whose it is."""
    return _signed_in(await connection.execute(_SIGNED_IN.where(sessions.c.token_hash == token_hash)))


async def session_by_id(connection: AsyncConnection, session_id: str) -> tuple[Session, Person] | None:
    """Return a session, alive or not, and whose it is."""
    return _signed_in(await connection.execute(_SIGNED_IN.where(sessions.c.id == session_id)))


def _signed_in(rows: CursorResult[*tuple[Any, ...]]) -> tuple[Session, Person] | None:
    row = rows.first()
    if row is None:
        return None
    width = len(SESSION)
    return Session(*row[:width]), person_of(row[width:])


async def touch_session(connection: AsyncConnection, session_id: str, now: datetime) -> None:
    """Note that a session was used."""
    await connection.execute(update(sessions).where(sessions.c.id == session_id).values(last_seen_at=now))


async def set_methods(connection: AsyncConnection, session_id: str, methods: str) -> None:
    """Replace what proved a session."""
    await connection.execute(update(sessions).where(sessions.c.id == session_id).values(methods=methods))


async def revoke_session(connection: AsyncConnection, session_id: str, now: datetime) -> None:
    """End a session, and with it every token that hangs on it."""
    await connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def revoke_sessions(
    connection: AsyncConnection, user_id: str, now: datetime, *, but: str = ""
) -> list[str]:
    """End a person's sessions but one; return which these were."""
    ended = await connection.execute(
        update(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None), sessions.c.id != but)
        .values(revoked_at=now)
        .returning(sessions.c.id)
    )
    return [session_id for (session_id,) in ended]


async def hold_person(connection: AsyncConnection, user_id: str) -> bool:
    """Let nobody else open sessions for this account until the transaction ends; say whether it may be used."""
    query = select(users.c.disabled_at).where(users.c.id == user_id).with_for_update()
    row = (await connection.execute(query)).first()
    return row is not None and row.disabled_at is None


async def hold_proven(connection: AsyncConnection, user_id: str, password_hash: str) -> Person | None:
    """Hold an account as `hold_person` does and return it, if its password still is the one that was compared.

    None: it was changed meanwhile, or the account is gone or disabled.
    """
    if not await hold_person(connection, user_id):
        return None
    found = await person_by_id(connection, user_id)
    return found[0] if found and found[1] == password_hash else None


async def sessions_of(connection: AsyncConnection, user_id: str) -> list[Session]:
    """Return a person's sessions that were not ended, the one used last before the others."""
    query = (
        select(*SESSION)
        .where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None))
        .order_by(sessions.c.last_seen_at.desc(), sessions.c.id.desc())
    )
    return [Session(*tuple(row)) for row in await connection.execute(query)]


async def forget_dead_sessions(connection: AsyncConnection, user_id: str, before: datetime) -> None:
    """Remove a person's sessions that ended before `before`, with their refresh tokens."""
    await connection.execute(
        delete(sessions).where(sessions.c.user_id == user_id, sessions.c.expires_at < before)
    )


async def add_refresh_token(
    connection: AsyncConnection, token_hash: bytes, session_id: str, now: datetime
) -> None:
    """Keep a session's newest refresh token."""
    await connection.execute(
        insert(refresh_tokens),
        {"token_hash": token_hash, "session_id": session_id, "created_at": now, "used_at": None},
    )


async def take_refresh_token(connection: AsyncConnection, token_hash: bytes, now: datetime) -> bool:
    """Use a refresh token up; of two at once, one gets True."""
    taken = await connection.execute(
        update(refresh_tokens)
        .where(refresh_tokens.c.token_hash == token_hash, refresh_tokens.c.used_at.is_(None))
        .values(used_at=now)
    )
    return taken.rowcount == 1


async def session_of_refresh_token(connection: AsyncConnection, token_hash: bytes) -> str | None:
    """Return the id of the session to which a refresh token belongs, used or not."""
    found: str | None = await connection.scalar(
        select(refresh_tokens.c.session_id).where(refresh_tokens.c.token_hash == token_hash)
    )
    return found
