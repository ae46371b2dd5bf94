"""Coming in by an invitation: what it leads to, and each use of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth import rules
from autograph.auth.asking import asking
from autograph.auth.parts import Parts
from autograph.auth.rights import Rights
from autograph.auth.rules import Person
from autograph.auth.store import invitations, members, people, teams
from autograph.auth.store.invitations import Invitation, Named
from autograph.auth.store.teams import Counted
from autograph.auth.teams import AlreadyMember, Teams
from autograph.auth.vouching import Vouching
from autograph.core.problem import Conflict, Forbidden, NotFound
from autograph.model.principal import Principal


class InvitationWorthless(Forbidden):
    """An invitation that leads nowhere, or not whoever shows it."""

    slug = "invitation-worthless"
    title = "This invitation was used, withdrawn, is too old, or is for another address. Ask for a new one."


class InvitationForNewAccount(Conflict):
    """An invitation that leads into no team is worth nothing to somebody who is in already."""

    slug, title = "invitation-for-new-account", "This invitation is for a new account. You have one."


class Invited:
    """The use cases of those who are invited.

    What an invitation brings is judged by the rights that whoever vouches for it has when it is used: nobody
    leaves a door open behind them.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rights = Rights(parts)
        self._vouching = Vouching(parts)
        self._teams = Teams(parts)

    async def look(self, secret: str) -> Named:
        """Return an invitation that leads somewhere, or raise InvitationWorthless."""
        invitation = await self.opened(secret)
        async with self._parts.database.read() as connection:
            named = await invitations.named(connection, invitation.id)
        if named is None:
            raise InvitationWorthless
        return named

    async def opened(self, secret: str, *, email: str | None = None) -> Invitation:
        """Return the open invitation of a secret, if it is for this address; a wrong try counts.

        Raises:
            InvitationWorthless: There is none such.
            TooManyAttempts: From where it is asked there were too many wrong ones.
        """
        async with self._tried(), self._parts.database.read() as connection:
            found = await invitations.look(connection, rules.secret_hash(secret), self._parts.clock.now())
            is_for = found is not None and (email is None or found.email in {None, email})
            if found is None or not is_for or not await self._vouching.still(connection, found):
                raise InvitationWorthless
        return found

    async def use(self, connection: AsyncConnection, secret: str) -> Invitation:
        """Use an invitation up, by one, in the transaction of what it leads to.

        Raises:
            InvitationWorthless: Somebody was quicker.
        """
        now = self._parts.clock.now()
        await members.hold(connection, now)  # roles neither go nor change meanwhile
        found = await invitations.look(connection, rules.secret_hash(secret), now)
        taken = await self._taken(connection, found) if found else None
        if taken is None:
            raise InvitationWorthless
        return taken

    async def use_of(self, connection: AsyncConnection, email: str) -> Invitation | None:
        """Use the newest open invitation up that was sent to an address; None when there is none.

        For whoever has proven the address without the mail. Where nobody may register it makes no account either.
        """
        now = self._parts.clock.now()
        if self._parts.settings.registration == "closed":
            return None
        await members.hold(connection, now)
        for found in await invitations.open_to(connection, email, now):
            if await self._vouching.still(connection, found):
                return await self._taken(connection, found)
        return None

    async def join(self, connection: AsyncConnection, invitation: Invitation, user_id: str) -> None:
        """Bring somebody into the team that an invitation leads to, if it leads to one."""
        if invitation.team_id is not None:
            role = invitation.team_role or "member"
            await teams.put(connection, invitation.team_id, user_id, role, self._parts.clock.now())

    async def told_used(self, connection: AsyncConnection, invitation: Invitation, user_id: str) -> None:
        """Write down who came in by an invitation."""
        await self._parts.audit.record(
            connection,
            "invitation.used",
            actor=user_id,
            subject=("invitation", invitation.id),
            role=invitation.role,
            team=invitation.team_id,
        )

    async def accept(self, asker: Principal, secret: str) -> Counted:
        """Bring the asker, who has an account, into the team that an invitation leads to; return the team.

        Raises:
            InvitationWorthless: It opens nothing, or is for another address.
            InvitationForNewAccount: It leads to no team.
            AlreadyMember: They are in it; the invitation is not used.
        """
        async with self._parts.database.read() as connection:
            person = await self._asking(connection, asker)
        invitation = await self.opened(secret, email=person.email)
        if invitation.team_id is None:
            raise InvitationForNewAccount
        async with self._parts.database.begin() as connection:
            taken = await self.use(connection, secret)
            person = await self._asking(connection, asker)
            if taken.team_id is None or taken.email not in {None, person.email}:
                raise InvitationWorthless
            if await teams.role_of(connection, taken.team_id, person.id) is not None:
                raise AlreadyMember
            await self.join(connection, taken, person.id)
            if taken.email is not None:
                await people.set_verified(connection, person.id, self._parts.clock.now())
            await self.told_used(connection, taken, person.id)
        return await self._teams.one(asker, taken.team_id)

    async def _asking(self, connection: AsyncConnection, asker: Principal) -> Person:
        await self._rights.held(connection, asker)
        found = await people.person_by_id(connection, asker.user_id)
        if found is None:
            raise NotFound
        return found[0]

    async def _taken(self, connection: AsyncConnection, found: Invitation) -> Invitation | None:
        """Use an invitation up; None when somebody was quicker, or nobody vouches for it any more."""
        if found.team_id:
            await teams.one(connection, found.team_id, hold=True)
        taken = await invitations.take(connection, found.id, self._parts.clock.now())
        if taken is None or not await self._vouching.still(connection, taken):
            return None
        if taken.uses_left == 0:
            await self._parts.mail.withdraw(connection, [taken.id])
        return taken

    @asynccontextmanager
    async def _tried(self) -> AsyncIterator[None]:
        """One try at a secret; wrong ones count for the place they come from."""
        async with self._parts.throttle.trying(
            "", asking.get().address, event="link.refused", apart="link", purpose="invitation"
        ) as attempt:
            yield
            attempt.succeeded()
