"""All SQL of flags."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.flags.tables import flags
from autograph.model.flags import Flag


async def read_flags(connection: AsyncConnection) -> list[Flag]:
    """Return every flag that somebody has set."""
    found = await connection.execute(select(flags.c.content).order_by(flags.c.key))
    return [Flag.model_validate_json(content) for (content,) in found]


async def read_flag(connection: AsyncConnection, key: str) -> Flag | None:
    """Return a flag that somebody has set, or None; nobody else changes it until the transaction ends."""
    query = select(flags.c.content).where(flags.c.key == key).with_for_update()
    content = (await connection.execute(query)).scalar_one_or_none()
    return None if content is None else Flag.model_validate_json(content)


async def keep_flag(connection: AsyncConnection, flag: Flag, *, by: str, at: datetime) -> bool:
    """Keep `flag` as the version after the stored one; return False when that has moved on."""
    row = {"version": flag.version, "content": flag.model_dump_json(), "updated_by": by, "updated_at": at}
    if flag.version > 1:
        before = (flags.c.key == flag.key) & (flags.c.version == flag.version - 1)
        return (await connection.execute(update(flags).where(before).values(**row))).rowcount == 1
    await connection.execute(insert(flags).values(key=flag.key, **row))
    return True


async def replace_rules(connection: AsyncConnection, flag: Flag) -> None:
    """Keep other rules of a flag that is held, as of whoever changed it last."""
    values = {"version": flag.version, "content": flag.model_dump_json()}
    await connection.execute(update(flags).where(flags.c.key == flag.key).values(**values))


async def forget_flag(connection: AsyncConnection, key: str) -> bool:
    """Forget what was set; return whether there was anything."""
    return (await connection.execute(delete(flags).where(flags.c.key == key))).rowcount == 1
