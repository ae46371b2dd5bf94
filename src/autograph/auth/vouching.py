"""Who may invite to what: asked when an invitation is made, and of its inviter again when it is used."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.parts import Parts
from autograph.auth.registration import RegistrationClosed
from autograph.auth.rights import Rights, within
from autograph.auth.rules import field_error
from autograph.auth.store import people, teams
from autograph.auth.store.invitations import Invitation
from autograph.auth.store.teams import TeamRole
from autograph.core.problem import Forbidden, NotFound, Problem
from autograph.model.principal import Principal
from autograph.model.rights import DESCRIPTIONS, EDITOR, VIEWER, Permission


@dataclass(frozen=True, slots=True)
class Grant:
    """What an invitation brings: a role to a new account, and a place in a team to any."""

    role: str
    team_id: str | None = None
    team_role: TeamRole | None = None


def grant_of(role: str | None, team_id: str | None, team_role: TeamRole | None) -> Grant:
    """Return what is asked for, with what goes without saying.

    Raises:
        Invalid: A part does not go with the others.
    """
    if team_id is None:
        if team_role is not None:
            raise field_error("team_role", "needs a team")
        return Grant(role or EDITOR)
    as_what = team_role or "member"
    if as_what == "guest" and role not in {None, VIEWER}:
        raise field_error("role", f"a guest has the role {VIEWER}")
    return Grant(role or _default(as_what), team_id, as_what)


class Vouching:
    """Decides what one may invite to.

    Who manages people gives any role within their own rights; owners and admins of a team bring people into it
    with the role that everybody gets.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rights = Rights(parts)

    async def demand(
        self, connection: AsyncConnection, asker: Principal, grant: Grant
    ) -> frozenset[Permission]:
        """Return what the asker may do, if they may invite to this.

        Raises:
            Unauthenticated: Their account is gone or disabled.
            NotFound: There is no such team for them.
            Forbidden: They may not.
            BeyondOwnRights: The role allows what they may not.
            RegistrationClosed: The installation makes no accounts by invitation.
            Invalid: There is no such role.
        """
        held = await self._rights.held(connection, asker)
        await self._check(connection, asker.user_id, grant, held=held, may=held & asker.permissions)
        return held

    async def still(self, connection: AsyncConnection, invitation: Invitation) -> bool:
        """Whether whoever vouches for an invitation could make it now."""
        found = await people.person_by_id(connection, invitation.created_by)
        if found is None or found[0].disabled_at is not None:
            return False
        held = await self._rights.of(connection, found[0].roles)
        grant = Grant(invitation.role, invitation.team_id, invitation.team_role)
        try:
            await self._check(connection, invitation.created_by, grant, held=held, may=held)
        except Problem:
            return False
        return True

    async def _check(
        self,
        connection: AsyncConnection,
        user_id: str,
        grant: Grant,
        *,
        held: frozenset[Permission],
        may: frozenset[str],
    ) -> None:
        if grant.team_id is not None:
            await self._check_team(connection, user_id, grant, may)
        manages = Permission.PEOPLE_MANAGE in may
        if grant.team_id is None and not manages:
            raise Forbidden(
                f"Your account may not do this: {DESCRIPTIONS[Permission.PEOPLE_MANAGE].lower()}."
            )
        is_closed = self._parts.settings.registration == "closed"
        if is_closed and (grant.team_id is None or not manages):
            raise RegistrationClosed
        if not await self._rights.exist(connection, [grant.role]):
            raise field_error("role", "there is no such role")
        if not manages and grant.role != _default(grant.team_role):
            raise Forbidden("Who does not manage people invites with the role that everybody gets.")
        within(await self._rights.of(connection, [grant.role]), held)

    @staticmethod
    async def _check_team(
        connection: AsyncConnection, user_id: str, grant: Grant, may: frozenset[str]
    ) -> None:
        team_id = grant.team_id or ""
        if await teams.one(connection, team_id) is None:
            raise NotFound
        standing = await teams.role_of(connection, team_id, user_id)
        if Permission.TEAMS_MANAGE in may or standing == "owner":
            return
        if standing is None:
            raise NotFound
        if standing != "admin" or grant.team_role == "owner":
            raise Forbidden("Only the team's owners and admins may do this, and only owners make owners.")


def _default(team_role: TeamRole | None) -> str:
    """The role that everybody gets who comes into a team as this."""
    return VIEWER if team_role == "guest" else EDITOR
