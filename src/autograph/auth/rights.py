"""Which permissions an account has: those of its roles, built-in ones and the installation's own."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.parts import Parts
from autograph.auth.store import members, people, roles
from autograph.core.problem import Conflict, Forbidden, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import BUILT_IN, DESCRIPTIONS, Permission, permissions_of


class BeyondOwnRights(Forbidden):
    """Whoever asks would give, take or touch permissions that are not theirs."""

    slug, title = "beyond-own-rights", "This takes permissions that your account does not have."


class LastAdministrator(Conflict):
    """Without this account nobody would run the installation."""

    slug, title = "last-administrator", "This is the last administrator. Make somebody else one first."


class Rights:
    """Looks roles up."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def of(self, connection: AsyncConnection, names: Iterable[str]) -> frozenset[Permission]:
        """Return what these roles allow together; only roles of the installation's own are looked up."""
        wanted = tuple(names)
        own = [name for name in wanted if name not in BUILT_IN]
        return permissions_of(wanted, await roles.listed(connection, own) if own else ())

    async def exist(self, connection: AsyncConnection, names: Iterable[str]) -> bool:
        """Whether there is a role of each of these names."""
        own = {name for name in names if name not in BUILT_IN}
        return not own or {role.name for role in await roles.listed(connection, sorted(own))} == own

    async def held(
        self, connection: AsyncConnection, who: Principal, *needed: Permission
    ) -> frozenset[Permission]:
        """Return what the asker's account may do as it stands in this transaction, not when it was identified.

        A key that may do something at all does it with its owner's standing.

        Raises:
            Unauthenticated: The account is gone or disabled.
            Forbidden: A permission that is needed has been taken from it.
        """
        found = await people.person_by_id(connection, who.user_id)
        if found is None or found[0].disabled_at is not None:
            raise Unauthenticated
        permissions = await self.of(connection, found[0].roles)
        for permission in needed:
            if permission not in permissions:
                raise Forbidden(f"Your account may not do this: {DESCRIPTIONS[permission].lower()}.")
        return permissions

    async def keep_administrator(self, connection: AsyncConnection) -> None:
        """Refuse a change, already made in this transaction, after which no administrator could sign in.

        The transaction must hold `members.hold`: then of many such changes at once one is the last.

        Raises:
            LastAdministrator: The caller lets the transaction be rolled back.
        """
        needs_proof = self._parts.settings.verification == "required"
        left = await members.administrators(connection)
        if not any(one.verified_at is not None or not needs_proof for one in left):
            raise LastAdministrator


def within(permissions: Iterable[Permission], held: frozenset[Permission]) -> None:
    """Refuse what reaches beyond what one holds, or raise nothing.

    Raises:
        BeyondOwnRights: It names what is missing.
    """
    missing = sorted(frozenset(permissions) - held)
    if missing:
        raise BeyondOwnRights(f"Your account does not have: {', '.join(missing)}.")
