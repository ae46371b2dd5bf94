"""The installation's own roles."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.tables import roles
from autograph.model.rights import Permission, Role


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
