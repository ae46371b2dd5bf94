"""Looking after people: who is there, what they may do, and who may come in no more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.leaving import Leaving, Left
from autograph.auth.mail import words
from autograph.auth.parts import Parts
from autograph.auth.rights import BeyondOwnRights, LastAdministrator, Rights, within
from autograph.auth.rules import Person, field_error, normal_name
from autograph.auth.sessions import Sessions
from autograph.auth.store import attempts, factors, invitations, links, members, people
from autograph.auth.store.members import Seen
from autograph.auth.throttle import account_key
from autograph.core.problem import Conflict, NotFound
from autograph.model.principal import Principal
from autograph.model.rights import ADMIN, Permission

Status = Literal["active", "disabled", "locked", "unverified"]

MAIL_LASTS = timedelta(days=7)

Outcome = Literal["changed", "unchanged", "not-found", "beyond-own-rights", "last-administrator"]
"""What became of one person of many."""


class OwnFactors(Conflict):
    """Whoever manages people takes away their own second factors like everybody: by showing them."""

    slug, title = "own-factors", "Remove your own second factors in your account."


class OwnAccount(Conflict):
    """Whoever manages people leaves like everybody: by proving once more who they are."""

    slug, title = "own-account", "Erase your own account in your account."


@dataclass(frozen=True, slots=True)
class Member:
    """An account as whoever looks after people sees it.

    Attributes:
        is_locked: Whether too many wrong sign-ins have closed it for a while.
        last_seen_at: When a session was last used, of those that are remembered (about a week after their end).
        sessions: How many are alive.
    """

    person: Person
    is_locked: bool
    last_seen_at: datetime | None
    has_mfa: bool
    has_passkey: bool
    sessions: int


class Members:
    """The use cases of people administration.

    Nobody gives or takes permissions that they do not have, nor changes an account that has such, and an
    administrator always remains. Both are judged by what is true in the transaction itself.
    """

    def __init__(self, parts: Parts, sessions: Sessions, leaving: Leaving) -> None:
        self._parts = parts
        self._sessions = sessions
        self._leaving = leaving
        self._rights = Rights(parts)

    async def listed(
        self, *, page: int, page_size: int, search: str = "", role: str = "", status: Status | None = None
    ) -> tuple[list[Member], int]:
        """Return one page of accounts by address, and how many match.

        Args:
            page: Counts from 1.
            page_size: At most so many.
            search: Part of an address or name.
            role: Name of a role that they have.
            status: How they stand.
        """
        now = self._parts.clock.now()
        async with self._parts.database.read() as connection:
            among = await self._locked(connection, now) if status == "locked" else None
            found, total = await members.listed(
                connection,
                page=page,
                page_size=page_size,
                search=search.strip(),
                role=role,
                status=None if status == "locked" else status,
                among=among,
            )
            return await self._members(connection, found, now), total

    async def one(self, user_id: str) -> Member:
        """Return an account, or raise NotFound."""
        async with self._parts.database.read() as connection:
            found = await members.one(connection, user_id)
            if found is None:
                raise NotFound
            return (await self._members(connection, [found], self._parts.clock.now()))[0]

    async def change(
        self, actor: Principal, user_id: str, *, roles: Sequence[str] | None, name: str | None
    ) -> Member:
        """Replace the roles or the name of an account, and return it; None leaves what there is.

        Raises:
            NotFound: There is no such account.
            Invalid: There is no such role, or the name is not valid.
            BeyondOwnRights: A role allows, or the account may do, what the actor may not.
            LastAdministrator: It must stay one.
        """
        called = None if name is None else normal_name(name)
        wanted = None if roles is None else list(dict.fromkeys(roles))
        async with self._parts.database.begin() as connection:
            held, person = await self._target(connection, actor, user_id)
            if wanted is not None:
                await self._check_roles(connection, wanted, held)
                await self._set_roles(connection, person, wanted)
            if called is not None:
                await people.set_name(connection, user_id, called)
            if wanted is not None and tuple(wanted) != person.roles:
                await self._told_roles(connection, actor, person, wanted)
            if called is not None and called != person.name:
                await self._told(connection, "account.renamed", actor, user_id)
        return await self.one(user_id)

    async def give(self, actor: Principal, user_ids: Iterable[str], role: str) -> list[tuple[str, Outcome]]:
        """Make `role` the only one of many accounts; return what became of each, once for each id.

        Raises:
            Invalid: There is no such role.
            BeyondOwnRights: The role allows what the actor may not.
        """
        outcomes: list[tuple[str, Outcome]] = []
        changed: list[Person] = []
        async with self._parts.database.begin() as connection:
            held = await self._held(connection, actor)
            await self._check_roles(connection, [role], held, field="role")
            for user_id in dict.fromkeys(user_ids):
                found = await people.person_by_id(connection, user_id)
                outcome = await self._give(connection, held, found[0], role) if found else "not-found"
                outcomes.append((user_id, outcome))
                if found and outcome == "changed":
                    changed.append(found[0])
            for person in changed:  # others wait from the first record on: changes come before it
                await self._told_roles(connection, actor, person, [role])
        return outcomes

    async def disable(self, actor: Principal, user_id: str) -> Member:
        """Let somebody in no more: sessions, keys, links and invitations of theirs end now, for good.

        Raises:
            NotFound: There is no such account.
            BeyondOwnRights: It may do what the actor may not.
            LastAdministrator: It must stay.
        """
        now = self._parts.clock.now()
        async with self._parts.database.begin() as connection:
            _, person = await self._target(connection, actor, user_id)
            if person.disabled_at is None:
                await members.set_disabled(connection, user_id, now)
                await self._keep_administrator(connection, person)
            await members.end_access(connection, user_id, now)
            revoked = await invitations.revoke_of(connection, user_id, now)
            await self._parts.mail.withdraw(connection, revoked)
            await self._sessions.end_all(connection, user_id, actor=actor.user_id, why="account disabled")
            await self._told(connection, "account.disabled", actor, user_id)
        return await self.one(user_id)

    async def enable(self, actor: Principal, user_id: str) -> Member:
        """Let somebody in again; what ended when they were disabled stays ended. Raises as `disable`."""
        async with self._parts.database.begin() as connection:
            _, person = await self._target(connection, actor, user_id)
            if person.disabled_at is not None:
                await members.set_disabled(connection, user_id, None)
                await self._told(connection, "account.enabled", actor, user_id)
        return await self.one(user_id)

    async def unlock(self, actor: Principal, user_id: str) -> Member:
        """Forget an account's wrong sign-ins. Raises as `disable`."""
        async with self._parts.database.begin() as connection:
            _, person = await self._target(connection, actor, user_id)
            await self._parts.throttle.unlock(connection, person.email)
            await links.forget(connection, user_id, "unlock")
            await self._told(connection, "account.unlocked", actor, user_id)
        return await self.one(user_id)

    async def sign_out(self, actor: Principal, user_id: str) -> Member:
        """End every session of somebody. Raises as `disable`."""
        async with self._parts.database.begin() as connection:
            await self._target(connection, actor, user_id)
            await self._sessions.end_all(connection, user_id, actor=actor.user_id, why="by an administrator")
        return await self.one(user_id)

    async def reset_mfa(self, actor: Principal, user_id: str) -> Member:
        """Take every second factor from somebody who has lost theirs, and end their sessions.

        Raises:
            OwnFactors: It is the actor.
            NotFound: There is no such account.
            BeyondOwnRights: It may do what the actor may not.
        """
        if user_id == actor.user_id:
            raise OwnFactors
        async with self._parts.database.begin() as connection:
            _, person = await self._target(connection, actor, user_id)
            await people.hold_person(connection, user_id)
            before = await factors.methods_of(connection, user_id)
            await factors.forget_all(connection, user_id)
            await links.forget(connection, user_id, "second", "passkey")
            if before:
                said = words.security(person.name, "An administrator has removed your second factors.")
                until = self._parts.clock.now() + MAIL_LASTS
                await self._parts.mail.put(connection, "security", person.email, said, until=until)
            await self._sessions.end_all(connection, user_id, actor=actor.user_id, why="second factors reset")
            await self._parts.audit.record(
                connection,
                "mfa.reset",
                actor=actor.user_id,
                subject=("user", user_id),
                before=list(before),
            )
        return await self.one(user_id)

    async def remove(self, actor: Principal, user_id: str, *, documents_to: str | None) -> Left:
        """Remove somebody with all that is theirs, for good; documents may go to somebody else.

        Raises:
            OwnAccount: It is the actor.
            NotFound: There is no such account.
            BeyondOwnRights: It may do what the actor may not.
            Invalid: There is nobody else such to get the documents.
            LastAdministrator: It must stay.
        """
        if user_id == actor.user_id:
            raise OwnAccount
        async with self._parts.database.begin() as connection:
            await self._target(connection, actor, user_id)
            handed_on = await self._leaving.take_leave(
                connection, user_id, actor=actor.user_id, documents_to=documents_to
            )
        return Left(handed_on, await self._leaving.finish(user_id))

    async def _held(self, connection: AsyncConnection, actor: Principal) -> frozenset[Permission]:
        """Change people alone from here on; return what the actor may do."""
        await members.hold(connection, self._parts.clock.now())
        return await self._rights.held(connection, actor, Permission.PEOPLE_MANAGE)

    async def _target(
        self, connection: AsyncConnection, actor: Principal, user_id: str
    ) -> tuple[frozenset[Permission], Person]:
        """Return what the actor may do, and an account that may do no more."""
        held = await self._held(connection, actor)
        found = await people.person_by_id(connection, user_id)
        if found is None:
            raise NotFound
        within(await self._rights.of(connection, found[0].roles), held)
        return held, found[0]

    async def _check_roles(
        self,
        connection: AsyncConnection,
        roles: Sequence[str],
        held: frozenset[Permission],
        *,
        field: str = "roles",
    ) -> None:
        if not await self._rights.exist(connection, roles):
            raise field_error(field, "there is no such role")
        within(await self._rights.of(connection, roles), held)

    async def _give(
        self, connection: AsyncConnection, held: frozenset[Permission], person: Person, role: str
    ) -> Outcome:
        if person.roles == (role,):
            return "unchanged"
        try:
            within(await self._rights.of(connection, person.roles), held)
            await self._set_roles(connection, person, [role])
        except BeyondOwnRights:
            return "beyond-own-rights"
        except LastAdministrator:
            await members.set_roles(connection, person.id, person.roles)
            return "last-administrator"
        return "changed"

    async def _set_roles(self, connection: AsyncConnection, person: Person, roles: Sequence[str]) -> None:
        await members.set_roles(connection, person.id, roles)
        if ADMIN not in roles:
            await self._keep_administrator(connection, person)

    async def _keep_administrator(self, connection: AsyncConnection, before: Person) -> None:
        if ADMIN in before.roles and before.disabled_at is None:
            await self._rights.keep_administrator(connection)

    async def _members(
        self, connection: AsyncConnection, found: Sequence[Seen], now: datetime
    ) -> list[Member]:
        keys = {account_key(seen.person.email): seen.person.id for seen in found}
        locked = {keys[key] for key in await attempts.locked(connection, [*keys], now)}
        return [
            Member(
                seen.person,
                seen.person.id in locked,
                seen.last_seen_at,
                has_mfa=seen.has_totp or seen.passkeys > 0,
                has_passkey=seen.passkeys > 0,
                sessions=sum(session.is_alive(now) for session in seen.sessions),
            )
            for seen in found
        ]

    @staticmethod
    async def _locked(connection: AsyncConnection, now: datetime) -> list[str]:
        """Return the ids of the accounts that are locked; locks know only hashes of addresses."""
        locked = await attempts.all_locked(connection, now)
        known = await members.addresses(connection) if locked else []
        return [user_id for user_id, email in known if account_key(email) in locked]

    async def _told(self, connection: AsyncConnection, event: str, actor: Principal, user_id: str) -> None:
        await self._parts.audit.record(connection, event, actor=actor.user_id, subject=("user", user_id))

    async def _told_roles(
        self, connection: AsyncConnection, actor: Principal, before: Person, roles: Sequence[str]
    ) -> None:
        await self._parts.audit.record(
            connection,
            "roles.given",
            actor=actor.user_id,
            subject=("user", before.id),
            roles=list(roles),
            before=list(before.roles),
        )
