"""What is kept of one account, for its owner: no hash, no secret, nothing that only concerns others."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.audit.chain import Record
from autograph.auth.audit.store import record_of
from autograph.auth.tables import (
    api_keys,
    audit_records,
    backup_codes,
    identities,
    invitations,
    mails,
    passkeys,
    sessions,
    team_members,
    teams,
    totp_secrets,
    users,
)

Row = dict[str, Any]

_INVITATION = ("id", "email", "role", "team_id", "team_role", "created_at", "expires_at", "uses_left")
_OF_ACCOUNT = {
    "sessions": (
        sessions,
        ("id", "created_at", "last_seen_at", "expires_at", "revoked_at", "address", "user_agent", "methods"),
    ),
    "api-keys": (
        api_keys,
        ("id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "last_address"),
    ),
    "passkeys": (passkeys, ("name", "transports", "is_backed_up", "created_at", "last_used_at")),
    "identities": (identities, ("issuer", "subject", "created_at", "last_used_at")),
}


async def account(connection: AsyncConnection, user_id: str) -> Row | None:
    """Return what describes an account itself, and what proves it beside a password."""
    table = users.c
    query = select(
        table.id, table.email, table.name, table.roles, table.created_at, table.verified_at,
        (table.password_hash != "").label("has_password"),
    ).where(table.id == user_id)  # fmt: skip
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return None
    app = select(totp_secrets.c.enabled_at).where(totp_secrets.c.user_id == user_id)
    left = select(func.count()).where(backup_codes.c.user_id == user_id, backup_codes.c.used_at.is_(None))
    since, codes = await connection.scalar(app), await connection.scalar(left)
    return _plain({**row, "authenticator_app_since": since, "backup_codes_left": codes})


async def of_account(connection: AsyncConnection, user_id: str, email: str) -> dict[str, list[Row]]:
    """Return everything else by what it is: lists that are short, whatever somebody does."""
    found: dict[str, list[Row]] = {}
    for name, (table, columns) in _OF_ACCOUNT.items():
        found[name] = await _rows(
            connection, [table.c[one] for one in columns], table.c.user_id == user_id, table.c.created_at
        )
    found["teams"] = await _teams(connection, user_id)
    invited = [invitations.c[name] for name in _INVITATION]
    when = invitations.c.created_at
    found["invitations-made"] = await _rows(connection, invited, invitations.c.created_by == user_id, when)
    found["invitations-received"] = await _rows(connection, invited, invitations.c.email == email, when)
    letters = [mails.c[name] for name in ("kind", "recipient", "subject", "state", "created_at", "sent_at")]
    found["mails"] = await _rows(connection, letters, mails.c.recipient == email, mails.c.created_at)
    return found


async def audit_records_of(
    connection: AsyncConnection, user_id: str, *, after: int, most: int
) -> list[Record]:
    """Return records of what somebody did, or of what was done to them, with numbers above `after`."""
    table = audit_records.c
    query = select(audit_records).where(
        or_(table.actor_id == user_id, table.subject_id == user_id), table.number > after
    )
    return [record_of(row) for row in await connection.execute(query.order_by(table.number).limit(most))]


async def _teams(connection: AsyncConnection, user_id: str) -> list[Row]:
    mine = team_members.c
    query = (
        select(teams.c.id, teams.c.name, mine.role, mine.added_at)
        .join_from(team_members, teams)
        .where(mine.user_id == user_id)
        .order_by(mine.added_at)
    )
    return [_plain({**row}) for row in (await connection.execute(query)).mappings()]


async def _rows(
    connection: AsyncConnection, columns: list[Column[Any]], where: Any, order: Column[Any]
) -> list[Row]:
    rows = await connection.execute(select(*columns).where(where).order_by(order))
    return [_plain({**row}) for row in rows.mappings()]


def _plain(row: Row) -> Row:
    """Return a row as JSON takes it."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
