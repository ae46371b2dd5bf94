"""Where mails wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import mails

State = Literal["waiting", "sent", "failed"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `sealed_text` is None once it was sent or its link is worth nothing; `about` is what it goes with."""

    id: str
    kind: str
    recipient: str
    subject: str
    sealed_text: bytes | None
    state: State
    tries: int
    created_at: datetime
    next_try_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    error: str
    about: str = ""


async def add(connection: AsyncConnection, letter: Letter) -> None:
    """Keep a mail until it is sent."""
    row = {name: getattr(letter, name) for name in Letter.__dataclass_fields__}
    await connection.execute(insert(mails), row)


async def due(connection: AsyncConnection, now: datetime, *, most: int) -> list[Letter]:
    """Return what is to be sent, the oldest first."""
    query = (
        select(mails)
        .where(mails.c.state == "waiting", mails.c.next_try_at <= now, mails.c.sealed_text.is_not(None))
        .order_by(mails.c.next_try_at)
        .limit(most)
    )
    return [_letter(row) for row in await connection.execute(query)]


async def claim(connection: AsyncConnection, letter: Letter, next_try_at: datetime) -> bool:
    """Take a mail for one try; of two processes one gets True."""
    taken = await connection.execute(
        update(mails)
        .where(mails.c.id == letter.id, mails.c.tries == letter.tries, mails.c.state == "waiting")
        .values(tries=letter.tries + 1, next_try_at=next_try_at, error="")
    )
    return taken.rowcount == 1


async def end_try(
    connection: AsyncConnection, letter_id: str, *, state: State, now: datetime, error: str
) -> None:
    """Note how a try went; the text of what was sent is kept nowhere."""
    values: dict[str, Any] = {"state": state, "error": error[:300]}
    if state == "sent":
        values |= {"sent_at": now, "sealed_text": None}
    await connection.execute(update(mails).where(mails.c.id == letter_id).values(**values))


async def hurry(connection: AsyncConnection, letter_id: str, now: datetime) -> None:
    """Make a mail due now, unless it is being sent just now: that has no error yet."""
    await connection.execute(
        update(mails)
        .where(mails.c.id == letter_id, mails.c.state == "waiting", mails.c.error != "")
        .values(next_try_at=now)
    )


async def forget(connection: AsyncConnection, *, now: datetime, before: datetime) -> None:
    """Forget texts whose links are worth nothing any more, and mails from before `before`."""
    await connection.execute(
        update(mails)
        .where(mails.c.expires_at <= now, mails.c.sealed_text.is_not(None))
        .values(sealed_text=None, state="failed", error="It was too old to be sent.")
    )
    await connection.execute(delete(mails).where(mails.c.created_at < before))


async def withdraw(connection: AsyncConnection, about: Sequence[str]) -> None:
    """Forget the texts of mails whose links are worth nothing because what they went with has ended."""
    await connection.execute(
        update(mails)
        .where(mails.c.about.in_(about), mails.c.sealed_text.is_not(None))
        .values(sealed_text=None, state="failed", error="It was withdrawn.")
    )


async def count(connection: AsyncConnection, kind: str, recipient: str, *, since: datetime) -> int:
    """Return how many mails of a kind were written to an address since a moment."""
    query = select(func.count()).where(
        mails.c.recipient == recipient, mails.c.kind == kind, mails.c.created_at > since
    )
    return int(await connection.scalar(query) or 0)


async def listed(connection: AsyncConnection, *, page: int, page_size: int) -> tuple[list[Letter], int]:
    """Return one page of mails, the newest first, and how many there are."""
    query = select(mails).order_by(mails.c.created_at.desc(), mails.c.id.desc())
    rows = await connection.execute(query.limit(page_size).offset((page - 1) * page_size))
    total = await connection.scalar(select(func.count()).select_from(mails))
    return [_letter(row) for row in rows], int(total or 0)


async def one(connection: AsyncConnection, letter_id: str) -> Letter | None:
    """Return a mail."""
    row = (await connection.execute(select(mails).where(mails.c.id == letter_id))).first()
    return _letter(row) if row else None


def _letter(row: Sequence[Any]) -> Letter:
    return Letter(*row)
