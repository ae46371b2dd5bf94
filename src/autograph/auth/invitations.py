"""Invitations: by mail to one address, or as a link for some; made, listed, sent again and withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth import rules
from autograph.auth.mail import words
from autograph.auth.parts import Parts
from autograph.auth.registration import DomainNotAllowed, check_domain
from autograph.auth.rights import Rights, within
from autograph.auth.rules import Person
from autograph.auth.store import invitations, people, teams
from autograph.auth.store.invitations import Invitation, Named
from autograph.auth.teams import Teams
from autograph.auth.vouching import Grant, Vouching
from autograph.core.ids import new_id
from autograph.core.problem import Conflict, Forbidden, Invalid, NotFound, Problem
from autograph.model.principal import Principal
from autograph.model.rights import Permission, demand

MOST_OPEN = 200
"""Invitations of one person that are open at a time, where they do not manage people."""

MOST_MAILS, MAILS_WITHIN = 5, timedelta(days=1)
"""Invitations to one address, whoever sends them: nobody's mailbox is filled by way of us."""

Outcome = Literal[
    "invited",
    "not-an-address",
    "domain-not-allowed",
    "has-account",
    "already-member",
    "already-invited",
    "too-many",
]
"""What became of one address of many."""


class InvitationClosed(Conflict):
    """An invitation that cannot be sent again."""

    slug, title = "invitation-closed", "This invitation was used or withdrawn, or is a link. Make a new one."


class TooManyInvitations(Problem):
    """An address that was invited often enough for a day."""

    status, slug, title = 429, "too-many-invitations", "This address was invited often today. Wait a day."


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one address, as it was given; `invitation_id` is empty where nothing was sent."""

    email: str
    outcome: Outcome
    invitation_id: str = ""


class Invitations:
    """The use cases of those who invite. Secrets are kept as hashes."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rights = Rights(parts)
        self._vouching = Vouching(parts)
        self._teams = Teams(parts)

    async def invite(
        self, asker: Principal, emails: Sequence[str], grant: Grant, *, days: int | None
    ) -> list[Judged]:
        """Invite people by mail; return what became of each address, once for each.

        Raises:
            Problem: As `Vouching.demand`.
        """
        async with self._parts.database.begin() as connection:
            await people.hold_person(connection, asker.user_id)
            held = await self._vouching.demand(connection, asker, grant)
            now = self._parts.clock.now()
            room = MOST_OPEN - await invitations.open_by(connection, asker.user_id, now)
            if Permission.PEOPLE_MANAGE in held & asker.permissions:
                room = len(emails)
            found: dict[str, tuple[Judged, Invitation | None]] = {}
            for email in emails:
                address, outcome = await self._judged(connection, email, grant, now)
                if address not in found:
                    outcome = "too-many" if outcome == "invited" and room <= 0 else outcome
                    made = None
                    if outcome == "invited":
                        made, room = await self._sent(connection, asker, address, grant, days), room - 1
                    found[address] = Judged(email, outcome, made.id if made else ""), made
            for _, made in found.values():
                if made is not None:
                    await self._told(connection, "invitation.made", asker.user_id, made)
        return [judged for judged, _ in found.values()]

    async def link(self, asker: Principal, grant: Grant, *, uses: int, days: int | None) -> tuple[Named, str]:
        """Return a link with which anybody may come in, so often, and the invitation that it stands for.

        Raises:
            Problem: As `Vouching.demand`.
        """
        secret = rules.new_secret()
        async with self._parts.database.begin() as connection:
            await people.hold_person(connection, asker.user_id)
            await self._vouching.demand(connection, asker, grant)
            made = await self._added(connection, asker, None, grant, secret, uses=uses, days=days)
            await self._told(connection, "invitation.made", asker.user_id, made, uses=uses)
        async with self._parts.database.read() as connection:
            named = await invitations.named(connection, made.id)
        return named or Named(made, None, None), self._parts.link("/invitation", secret)

    async def listed(
        self, asker: Principal, *, team_id: str | None, page: int, page_size: int
    ) -> tuple[list[Named], int]:
        """Return one page of the invitations to a team or of all, the newest first, and how many there are.

        Raises:
            NotFound: There is no such team for the asker.
            Forbidden: They do not look after it, or may not see all people.
        """
        async with self._parts.database.read() as connection:
            if team_id is not None:
                seen = await self._teams.seen(connection, asker, team_id)
                if seen.standing not in {"owner", "admin", "manager"}:
                    raise Forbidden("Only the team's owners and admins may do this.")
            else:
                await self._rights.held(
                    connection, demand(asker, Permission.PEOPLE_READ), Permission.PEOPLE_READ
                )
            return await invitations.listed(connection, team_id=team_id, page=page, page_size=page_size)

    async def revoke(self, asker: Principal, invitation_id: str) -> None:
        """Make an invitation worth nothing.

        Raises:
            NotFound: There is none such, or the asker may not see it.
            BeyondOwnRights: It gives more than the asker, who did not make it, may do.
        """
        now = self._parts.clock.now()
        async with self._parts.database.begin() as connection:
            found = await self._held(connection, asker, invitation_id)
            if await invitations.revoke(connection, invitation_id, now):
                await self._parts.mail.withdraw(connection, [invitation_id])
                await self._told(connection, "invitation.revoked", asker.user_id, found)

    async def resend(self, asker: Principal, invitation_id: str, *, days: int | None) -> Named:
        """Send an invitation again with another secret and from now on; the earlier link is worth nothing.

        Raises:
            NotFound: There is none such, or the asker may not see it.
            InvitationClosed: It was used or withdrawn, or is a link.
            TooManyInvitations: The address has got enough of them for today.
            Problem: As `Vouching.demand`: whoever sends it again vouches for it.
        """
        async with self._parts.database.begin() as connection:
            before = await self._held(connection, asker, invitation_id)
            if before.email is None or before.revoked_at is not None or before.uses_left == 0:
                raise InvitationClosed
            grant = Grant(before.role, before.team_id, before.team_role)
            await self._vouching.demand(connection, asker, grant)
            if await self._is_enough(connection, before.email):
                raise TooManyInvitations(headers={"retry-after": "86400"})
            secret, ends = rules.new_secret(), self._ends(days)
            await invitations.renew(
                connection, before.id, rules.secret_hash(secret), by=asker.user_id, expires_at=ends
            )
            await self._parts.mail.withdraw(connection, [before.id])
            await self._mail(connection, asker, before.id, before.email, grant, secret, ends)
            await self._told(connection, "invitation.resent", asker.user_id, before)
        async with self._parts.database.read() as connection:
            named = await invitations.named(connection, before.id)
        if named is None:
            raise NotFound
        return named

    async def _judged(
        self, connection: AsyncConnection, email: str, grant: Grant, now: datetime
    ) -> tuple[str, Outcome]:
        """Return an address in normal form, and whether it can be invited.

        Whether it has an account is told to who manages people alone: others invite to a team, and whoever has
        an account may accept that.
        """
        try:
            address = rules.normal_email(email)
            check_domain(self._parts.settings, address)
        except Invalid:
            return email, "not-an-address"
        except DomainNotAllowed:
            return address, "domain-not-allowed"
        found = await people.person_by_email(connection, address)
        if found and grant.team_id is None:
            return address, "has-account"
        if found and await teams.role_of(connection, grant.team_id or "", found[0].id) is not None:
            return address, "already-member"
        if await invitations.is_invited(connection, address, grant.team_id, now):
            return address, "already-invited"
        return address, "too-many" if await self._is_enough(connection, address) else "invited"

    async def _is_enough(self, connection: AsyncConnection, address: str) -> bool:
        written = await self._parts.mail.written(connection, "invitation", address, MAILS_WITHIN)
        return written >= MOST_MAILS

    async def _sent(
        self, connection: AsyncConnection, asker: Principal, address: str, grant: Grant, days: int | None
    ) -> Invitation:
        secret = rules.new_secret()
        made = await self._added(connection, asker, address, grant, secret, uses=1, days=days)
        await self._mail(connection, asker, made.id, address, grant, secret, made.expires_at)
        return made

    async def _added(
        self,
        connection: AsyncConnection,
        asker: Principal,
        address: str | None,
        grant: Grant,
        secret: str,
        *,
        uses: int,
        days: int | None,
    ) -> Invitation:
        now = self._parts.clock.now()
        made = Invitation(
            id=new_id(),
            email=address,
            role=grant.role,
            team_id=grant.team_id,
            team_role=grant.team_role,
            created_by=asker.user_id,
            created_at=now,
            expires_at=self._ends(days),
            uses_left=uses,
        )
        await invitations.add(connection, made, rules.secret_hash(secret), now)
        return made

    async def _mail(
        self,
        connection: AsyncConnection,
        asker: Principal,
        invitation_id: str,
        address: str,
        grant: Grant,
        secret: str,
        ends: datetime,
    ) -> None:
        inviter = await self._inviter(connection, asker)
        team = await teams.one(connection, grant.team_id) if grant.team_id else None
        lasts = ends - self._parts.clock.now()
        link = self._parts.link("/invitation", secret)
        text = words.invited(inviter.name, inviter.email, team.name if team else "", link, lasts)
        await self._parts.mail.put(connection, "invitation", address, text, until=ends, about=invitation_id)

    async def _inviter(self, connection: AsyncConnection, asker: Principal) -> Person:
        await self._rights.held(connection, asker)
        found = await people.person_by_id(connection, asker.user_id)
        if found is None:
            raise NotFound
        return found[0]

    async def _held(self, connection: AsyncConnection, asker: Principal, invitation_id: str) -> Invitation:
        """Return an invitation that the asker may change, and that nobody else changes meanwhile."""
        held = await self._rights.held(connection, asker)
        found = await invitations.one(connection, invitation_id, hold=True)
        if found is None:
            raise NotFound
        if found.created_by == asker.user_id:
            return found
        if Permission.PEOPLE_MANAGE in held & asker.permissions:
            within(await self._rights.of(connection, [found.role]), held)
            return found
        seen = await self._teams.seen(connection, asker, found.team_id or "")
        if seen.standing not in {"owner", "admin", "manager"}:
            raise NotFound
        return found

    def _ends(self, days: int | None) -> datetime:
        return self._parts.clock.now() + timedelta(days=days or self._parts.settings.invitation_days)

    async def _told(
        self,
        connection: AsyncConnection,
        event: str,
        actor: str,
        invitation: Invitation,
        *,
        uses: int | None = None,
    ) -> None:
        await self._parts.audit.record(
            connection,
            event,
            actor=actor,
            subject=("invitation", invitation.id),
            email=invitation.email or "",
            role=invitation.role,
            team=invitation.team_id,
            team_role=invitation.team_role,
            uses=uses,
        )
