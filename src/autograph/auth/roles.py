"""Roles of the installation's own: made, changed and removed by those who hold what they give."""

import re
from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.parts import Parts
from autograph.auth.rights import Rights, within
from autograph.auth.rules import field_error
from autograph.auth.store import invitations, members, roles
from autograph.auth.store.roles import RoleTaken
from autograph.core.problem import Conflict, NotFound
from autograph.model.principal import Principal
from autograph.model.rights import BUILT_IN, Permission, Role

LONGEST_DESCRIPTION = 300
_NAME = re.compile(r"[a-z][a-z0-9-]{1,49}")


class BuiltInRole(Conflict):
    """Every installation has this role as it is."""

    slug, title = "built-in-role", "This role is the same in every installation. Make another one."


class RoleInUse(Conflict):
    """Somebody has the role; give them another one first."""

    slug, title = "role-in-use", "People have this role. Give them another one first."


class Roles:
    """The use cases of roles. Nobody makes or changes a role that allows what they may not do themselves."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rights = Rights(parts)

    async def listed(self) -> list[Role]:
        """Return all roles: the built-in ones, then the installation's own by name."""
        async with self._parts.database.read() as connection:
            return [*BUILT_IN.values(), *await roles.listed(connection)]

    async def make(
        self, actor: Principal, name: str, description: str, permissions: Iterable[Permission]
    ) -> Role:
        """Make a role and return it.

        Raises:
            Invalid: Name or description is not valid.
            RoleTaken: There is one of this name.
            BeyondOwnRights: It allows more than the actor may do.
        """
        role = _role(name, description, permissions)
        if role.name in BUILT_IN:
            raise RoleTaken
        now = self._parts.clock.now()
        async with self._parts.database.begin() as connection:
            await members.hold(connection, now)
            within(role.permissions, await self._rights.held(connection, actor, Permission.ROLES_MANAGE))
            await roles.add(connection, role, now)
            await self._parts.audit.record(
                connection,
                "role.made",
                actor=actor.user_id,
                subject=("role", role.name),
                permissions=sorted(role.permissions),
            )
        return role

    async def change(
        self, actor: Principal, name: str, description: str, permissions: Iterable[Permission]
    ) -> Role:
        """Replace what a role says and allows; whoever has it may do that from now on.

        Raises:
            NotFound: There is no such role.
            BuiltInRole: Nobody changes it.
            Invalid: The description is not valid.
            BeyondOwnRights: It allows, or has allowed, more than the actor may do.
        """
        now = self._parts.clock.now()
        async with self._parts.database.begin() as connection:
            await members.hold(connection, now)
            held = await self._rights.held(connection, actor, Permission.ROLES_MANAGE)
            before = await self._one(connection, name)
            role = _role(before.name, description, permissions)
            within(role.permissions | before.permissions, held)
            await roles.replace(connection, role, now)
            await self._parts.audit.record(
                connection,
                "role.changed",
                actor=actor.user_id,
                subject=("role", name),
                permissions=sorted(role.permissions),
                before=sorted(before.permissions),
            )
        return role

    async def remove(self, actor: Principal, name: str) -> None:
        """Forget a role that nobody has; invitations that would give it are worth nothing from now on.

        Raises:
            NotFound: There is no such role.
            BuiltInRole: Nobody removes it.
            RoleInUse: Somebody has it.
            BeyondOwnRights: It allows more than the actor may do.
        """
        now = self._parts.clock.now()
        async with self._parts.database.begin() as connection:
            await members.hold(connection, now)
            held = await self._rights.held(connection, actor, Permission.ROLES_MANAGE)
            role = await self._one(connection, name)
            within(role.permissions, held)
            if await members.has_role(connection, name):
                raise RoleInUse
            await roles.remove(connection, name)
            await self._parts.mail.withdraw(connection, await invitations.revoke_to(connection, name, now))
            await self._parts.audit.record(
                connection, "role.removed", actor=actor.user_id, subject=("role", name)
            )

    @staticmethod
    async def _one(connection: AsyncConnection, name: str) -> Role:
        if name in BUILT_IN:
            raise BuiltInRole
        found = await roles.listed(connection, [name])
        if not found:
            raise NotFound
        return found[0]


def _role(name: str, description: str, permissions: Iterable[Permission]) -> Role:
    if not _NAME.fullmatch(name):
        raise field_error("name", "needs 2 to 50 small letters, digits and dashes, a letter first")
    said = description.strip()
    if len(said) > LONGEST_DESCRIPTION or not said.isprintable():
        raise field_error("description", f"needs at most {LONGEST_DESCRIPTION} characters that can be shown")
    return Role(name, said, frozenset(permissions))
