"""Which permissions an account has: those of its roles, built-in ones and the installation's own."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.parts import Parts
from autograph.auth.store import roles
from autograph.model.rights import BUILT_IN, Permission, permissions_of


class Rights:
    """Looks roles up."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def of(self, connection: AsyncConnection, names: Iterable[str]) -> frozenset[Permission]:
        """Return what these roles allow together; only roles of the installation's own are looked up."""
        wanted = tuple(names)
        own = [name for name in wanted if name not in BUILT_IN]
        return permissions_of(wanted, await roles.listed(connection, own) if own else ())
