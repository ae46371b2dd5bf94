"""The installation's own roles."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import roles
from autograph.core.problem import Conflict
from autograph.model.rights import Permission, Role


class RoleTaken(Conflict):
    """There is a role of this name."""

    slug, title = "role-taken", "There is already a role of this name."


async def listed(connection: AsyncConnection, names: Sequence[str] | None = None) -> list[Role]:
    """Return the installation's own roles by name; all of them when no names are given."""
    query = select(roles.c.name, roles.c.description, roles.c.permissions).order_by(roles.c.name)
    if names is not None:
        query = query.where(roles.c.name.in_(names))
    rows = await connection.execute(query)
    known = set(Permission)
    return [
        Role(name, description, frozenset(Permission(one) for one in permissions if one in known))
        for name, description, permissions in rows
    ]


async def add(connection: AsyncConnection, role: Role, now: datetime) -> None:
    """Keep a new role.

    Raises:
        RoleTaken: There is one of this name.
    """
    row = {
        "name": role.name,
        "description": role.description,
        "permissions": sorted(role.permissions),
        "created_at": now,
        "changed_at": now,
    }
    try:
        await connection.execute(insert(roles), row)
    except IntegrityError as reason:
        raise RoleTaken from reason


async def replace(connection: AsyncConnection, role: Role, now: datetime) -> None:
    """Replace what a role says and allows."""
    values = {
        "description": role.description,
        "permissions": sorted(role.permissions),
        "changed_at": now,
    }
    await connection.execute(update(roles).where(roles.c.name == role.name).values(values))


async def remove(connection: AsyncConnection, name: str) -> None:
    """Forget a role."""
    await connection.execute(delete(roles).where(roles.c.name == name))
