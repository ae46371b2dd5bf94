"""Teams: made by whoever may, looked after by their owners and admins, unseen from outside."""

from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.parts import Parts
from autograph.auth.rights import Rights
from autograph.auth.rules import field_error, normal_name
from autograph.auth.store import people, teams
from autograph.auth.store.teams import Counted, Team, TeamMember, TeamRole
from autograph.core.ids import new_id
from autograph.core.problem import Conflict, Forbidden, NotFound
from autograph.model.principal import Principal
from autograph.model.rights import Permission

MOST_OWNED = 100
LONGEST_DESCRIPTION = 300
_OWNED = "Only the team's owners may do this."
_LOOKED_AFTER = "Only the team's owners and admins may do this."

Standing = TeamRole | Literal["manager"]
"""What somebody is to a team; a manager looks after all teams without being in them."""


class TooManyTeams(Conflict):
    """Somebody owns as many teams as one may."""

    slug, title = "too-many-teams", f"You own {MOST_OWNED} teams. Remove one that nobody needs."


class LastOwner(Conflict):
    """A team without an owner would be nobody's."""

    slug, title = "last-owner", "This is the team's last owner. Make somebody else an owner first."


class AlreadyMember(Conflict):
    """Somebody is in the team already."""

    slug, title = "already-member", "This person is in the team already."


@dataclass(frozen=True, slots=True)
class Seen:
    """A team as the asker sees it."""

    team: Team
    standing: Standing


class Teams:
    """The use cases of teams. To whoever is not in a team and does not manage all of them, there is none."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rights = Rights(parts)

    async def make(self, asker: Principal, name: str, description: str) -> Counted:
        """Make a team that the asker owns.

        Raises:
            Forbidden: They may not make teams.
            Invalid: Name or description is not valid.
            TeamNameTaken: Another team is called so.
            TooManyTeams: They own enough.
        """
        team = Team(new_id(), normal_name(name), _described(description), self._parts.clock.now())
        async with self._parts.database.begin() as connection:
            await people.hold_person(connection, asker.user_id)
            await self._rights.held(connection, asker, Permission.TEAMS_MAKE)
            if len(await teams.owned(connection, asker.user_id)) >= MOST_OWNED:
                raise TooManyTeams
            await teams.add(connection, team)
            await teams.put(connection, team.id, asker.user_id, "owner", team.created_at)
            await self._told(connection, "team.made", asker, team.id)
        return Counted(team, "owner", 1)

    async def listed(
        self, asker: Principal, *, everyones: bool, page: int, page_size: int
    ) -> tuple[list[Counted], int]:
        """Return one page of the asker's teams by name, or of all teams, and how many these are.

        Raises:
            Forbidden: Everybody's teams are for those who manage them.
        """
        async with self._parts.database.read() as connection:
            if everyones and not await self._manages(connection, asker):
                raise Forbidden("Your account may not do this: manage every team.")
            return await teams.listed(
                connection, asker.user_id, everyones=everyones, page=page, page_size=page_size
            )

    async def one(self, asker: Principal, team_id: str) -> Counted:
        """Return a team that the asker may see, or raise NotFound."""
        async with self._parts.database.read() as connection:
            seen = await self.seen(connection, asker, team_id)
            role = None if seen.standing == "manager" else seen.standing
            return Counted(seen.team, role, await teams.count(connection, team_id))

    async def change(
        self, asker: Principal, team_id: str, *, name: str | None, description: str | None
    ) -> Counted:
        """Replace what a team is called or says, and return it; None leaves what there is.

        Raises:
            NotFound: There is no such team for the asker.
            Forbidden: They are neither owner nor admin.
            Invalid: Name or description is not valid.
            TeamNameTaken: Another team is called so.
        """
        called = None if name is None else normal_name(name)
        said = None if description is None else _described(description)
        async with self._parts.database.begin() as connection:
            seen = await self._held(connection, asker, team_id, "owner", "admin")
            team = seen.team if called is None else replace(seen.team, name=called)
            await teams.replace(connection, team if said is None else replace(team, description=said))
            await self._told(connection, "team.changed", asker, team_id)
        return await self.one(asker, team_id)

    async def remove(self, asker: Principal, team_id: str) -> None:
        """Forget a team and the invitations to it; only its owners and who manages all teams may."""
        async with self._parts.database.begin() as connection:
            await self._held(connection, asker, team_id, "owner")
            await teams.remove(connection, team_id)
            await self._told(connection, "team.removed", asker, team_id)

    async def members(
        self, asker: Principal, team_id: str, *, page: int, page_size: int
    ) -> tuple[list[TeamMember], int, Standing]:
        """Return one page of a team's people by name, how many they are, and what the asker is to it."""
        async with self._parts.database.read() as connection:
            seen = await self.seen(connection, asker, team_id)
            found, total = await teams.members(connection, team_id, page=page, page_size=page_size)
        return found, total, seen.standing

    async def add(self, asker: Principal, team_id: str, user_id: str, role: TeamRole) -> TeamMember:
        """Make somebody who has an account a part of a team.

        Raises:
            NotFound: There is no such team for the asker.
            Forbidden: They may not give this role.
            Invalid: There is no such person.
            AlreadyMember: That person is in it.
        """
        now = self._parts.clock.now()
        async with self._parts.database.begin() as connection:
            seen = await self._held(connection, asker, team_id, "owner", "admin")
            _demand(seen.standing, role)
            if not await people.hold_person(connection, user_id):
                raise field_error("user_id", "there is no such person")
            if await teams.role_of(connection, team_id, user_id) is not None:
                raise AlreadyMember
            await teams.put(connection, team_id, user_id, role, now)
            added = await self._member(connection, team_id, user_id)
            await self._told_of(connection, "member.added", asker, user_id, team_id, role=role)
        return added

    async def set_role(self, asker: Principal, team_id: str, user_id: str, role: TeamRole) -> TeamMember:
        """Replace what somebody is in a team.

        Raises:
            NotFound: There is no such team for the asker, or nobody such in it.
            Forbidden: They may not give or take this role.
            LastOwner: The team would be nobody's.
        """
        async with self._parts.database.begin() as connection:
            seen = await self._held(connection, asker, team_id, "owner", "admin")
            before = await self._member(connection, team_id, user_id)
            _demand(seen.standing, before.role, role)
            await teams.set_role(connection, team_id, user_id, role)
            await self._keep_owner(connection, before, team_id)
            await self._told_of(
                connection, "member.changed", asker, user_id, team_id, role=role, before=before.role
            )
        return replace(before, role=role)

    async def take_out(self, asker: Principal, team_id: str, user_id: str) -> None:
        """Take somebody out of a team; everybody may take out themselves. Raises as `set_role`."""
        async with self._parts.database.begin() as connection:
            is_own = user_id == asker.user_id
            may = () if is_own else ("owner", "admin")
            seen = await self._held(connection, asker, team_id, *may)
            before = await self._member(connection, team_id, user_id)
            if not is_own:
                _demand(seen.standing, before.role)
            await teams.take_out(connection, team_id, user_id)
            await self._keep_owner(connection, before, team_id)
            event = "member.left" if is_own else "member.removed"
            await self._told_of(connection, event, asker, user_id, team_id, before=before.role)

    async def transfer(self, asker: Principal, team_id: str, user_id: str) -> TeamMember:
        """Make somebody in the team its owner in the asker's place, who is an admin from then on.

        Raises:
            NotFound: There is no such team for the asker, or nobody such in it.
            Forbidden: They do not own it.
        """
        async with self._parts.database.begin() as connection:
            seen = await self._held(connection, asker, team_id, "owner")
            before = await self._member(connection, team_id, user_id)
            if seen.standing == "owner" and user_id != asker.user_id:
                await teams.set_role(connection, team_id, asker.user_id, "admin")
            await teams.set_role(connection, team_id, user_id, "owner")
            await self._told_of(connection, "team.transferred", asker, user_id, team_id, before=before.role)
        return replace(before, role="owner")

    async def seen(
        self, connection: AsyncConnection, asker: Principal, team_id: str, *, hold: bool = False
    ) -> Seen:
        """Return a team and what the asker is to it as of this transaction, or raise NotFound."""
        team = await teams.one(connection, team_id, hold=hold)
        standing: Standing | None = await teams.role_of(connection, team_id, asker.user_id)
        if standing not in {"owner", "admin"} and await self._manages(connection, asker):
            standing = "manager"
        if team is None or standing is None:
            raise NotFound
        return Seen(team, standing)

    async def _held(
        self, connection: AsyncConnection, asker: Principal, team_id: str, *may: Standing
    ) -> Seen:
        """Return a team that nobody else changes until the transaction ends, if the asker may; nobody named: all."""
        seen = await self.seen(connection, asker, team_id, hold=True)
        if may and seen.standing not in {*may, "manager"}:
            raise Forbidden(_LOOKED_AFTER if "admin" in may else _OWNED)
        return seen

    async def _manages(self, connection: AsyncConnection, asker: Principal) -> bool:
        """Whether the asker manages all teams: now, and by what they have shown."""
        if Permission.TEAMS_MANAGE not in asker.permissions:
            return False
        return Permission.TEAMS_MANAGE in await self._rights.held(connection, asker)

    async def _member(self, connection: AsyncConnection, team_id: str, user_id: str) -> TeamMember:
        found = await teams.member(connection, team_id, user_id)
        if found is None:
            raise NotFound
        return found

    @staticmethod
    async def _keep_owner(connection: AsyncConnection, before: TeamMember, team_id: str) -> None:
        if before.role == "owner" and await teams.owners(connection, team_id) == 0:
            raise LastOwner

    async def _told(self, connection: AsyncConnection, event: str, asker: Principal, team_id: str) -> None:
        await self._parts.audit.record(connection, event, actor=asker.user_id, subject=("team", team_id))

    async def _told_of(
        self,
        connection: AsyncConnection,
        event: str,
        asker: Principal,
        user_id: str,
        team_id: str,
        *,
        role: TeamRole | None = None,
        before: TeamRole | None = None,
    ) -> None:
        await self._parts.audit.record(
            connection,
            event,
            actor=asker.user_id,
            subject=("user", user_id),
            team=team_id,
            role=role,
            before=before,
        )


def _demand(standing: Standing, *roles: TeamRole) -> None:
    """Refuse to give or take what only an owner gives and takes."""
    if standing not in {"owner", "manager"} and "owner" in roles:
        raise Forbidden(_OWNED)


def _described(text: str) -> str:
    said = text.strip()
    if len(said) > LONGEST_DESCRIPTION or not said.isprintable():
        raise field_error("description", f"needs at most {LONGEST_DESCRIPTION} characters that can be shown")
    return said
