"""Somebody leaves for good: the account in one transaction, and then what other rooms keep of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.asking import Asking, asking
from autograph.auth.parts import Parts
from autograph.auth.rights import Rights
from autograph.auth.rules import Person, field_error
from autograph.auth.sessions import Sessions
from autograph.auth.store import erasures, invitations, members, people, teams
from autograph.auth.store.erasures import Erasure
from autograph.auth.throttle import account_key
from autograph.auth.tokens import write_assertion
from autograph.core.problem import NotFound, Problem
from autograph.model.principal import Principal
from autograph.model.rights import ADMIN

LATE = timedelta(minutes=2)
"""Proof of who somebody was is good for a minute after an account is gone; what is made with it goes as well."""

LOOK_EVERY_SECONDS = 60.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What becomes of a team whose only owner leaves: somebody in it owns it, or (None) it is gone."""

    team_id: str
    name: str
    heir: str | None


@dataclass(frozen=True, slots=True)
class Left:
    """What became of an account.

    Attributes:
        documents: How many went for good or to somebody else; None while diagrams does not answer: then they go
            as soon as it does.
    """

    teams: tuple[HandedOn, ...]
    documents: int | None


class Leaving:
    """Takes accounts away. What is not done when a process ends is done by the next one that starts."""

    def __init__(self, parts: Parts, sessions: Sessions) -> None:
        self._parts = parts
        self._sessions = sessions
        self._rights = Rights(parts)
        self._working: asyncio.Task[None] | None = None

    async def take_leave(
        self, connection: AsyncConnection, user_id: str, *, actor: str, documents_to: str | None
    ) -> tuple[HandedOn, ...]:
        """Remove an account with all that hangs on it, in a transaction that holds all people; return its teams.

        The audit log keeps its records, without what only concerns the person.

        Raises:
            NotFound: There is no such account.
            Invalid: There is nobody else such to whom the documents are to go.
            LastAdministrator: It must stay one.
        """
        now = self._parts.clock.now()
        for team_id in await erasures.teams_of(connection, user_id):
            await teams.one(connection, team_id, hold=True)
        await people.hold_person(connection, user_id)
        found = await people.person_by_id(connection, user_id)
        if found is None:
            raise NotFound
        person = found[0]
        if documents_to is not None:
            await self._check_heir(connection, user_id, documents_to)
        handed_on = await self.teams(connection, user_id)
        for team in handed_on:
            if team.heir:
                await teams.set_role(connection, team.team_id, team.heir, "owner")
            else:
                await teams.remove(connection, team.team_id)
        await self._forget(connection, person)
        await erasures.add(connection, Erasure(user_id, person.email, documents_to, now))
        if ADMIN in person.roles and person.disabled_at is None:
            await self._rights.keep_administrator(connection)
        await self._told(connection, user_id, actor, handed_on, documents_to)
        return handed_on

    async def teams(self, connection: AsyncConnection, user_id: str) -> tuple[HandedOn, ...]:
        """Return what becomes of the teams of which somebody is the only owner."""
        found = []
        for team_id in await teams.owned(connection, user_id):
            team = await teams.one(connection, team_id)
            if team is not None and await teams.owners(connection, team_id) == 1:
                heir = await teams.heir(connection, team_id, but=user_id)
                found.append(HandedOn(team_id, team.name, heir))
        return tuple(found)

    async def finish(self, user_id: str) -> int | None:
        """Do elsewhere what is to be done for one who has left; return how many documents that concerned.

        What cannot be done now is done later; when that is so for documents the answer is None.
        """
        async with self._parts.database.read() as connection:
            mine = [one for one in await erasures.open_ones(connection) if one.user_id == user_id]
        moved = await self._if_possible(self._documents, mine[0]) if mine else None
        if mine:
            await self._if_possible(self._flags, mine[0])
        return moved

    def start(self) -> None:
        """Finish in the background."""
        self._working = asyncio.create_task(self._forever())

    async def close(self) -> None:
        """Stop; what is left is done after the next start."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def round(self) -> int:
        """Do what is to be done elsewhere for everybody who has left; return for how many nothing is left to do."""
        async with self._parts.database.read() as connection:
            waiting = await erasures.open_ones(connection)
        ended = 0
        for one in waiting:
            done = [await self._if_possible(work, one) for work in (self._documents, self._flags)]
            if None not in done and self._parts.clock.now() >= one.asked_at + LATE:
                async with self._parts.database.begin() as connection:
                    await erasures.forget_personal(connection, one.user_id)
                    await erasures.done(connection, one.user_id)
                ended += 1
        if ended:
            await self._parts.database.sweep()
        return ended

    @staticmethod
    async def _if_possible(work: Callable[[Erasure], Awaitable[int]], one: Erasure) -> int | None:
        """Do what can be done later as well; again it finds nothing, or what came late."""
        try:
            return await work(one)
        except Problem as reason:
            _log.warning("erasure.waits", reason=str(reason))
            return None

    async def _documents(self, one: Erasure) -> int:
        if one.documents_to:
            return await self._parts.documents.transfer(
                one.user_id, one.documents_to, identity=self._proof(one)
            )
        return await self._parts.documents.remove_all(one.user_id, identity=self._proof(one))

    async def _flags(self, one: Erasure) -> int:
        if not one.email:
            return 0
        named = await self._parts.flags.forget_me(identity=self._proof(one))
        async with self._parts.database.begin() as connection:
            await erasures.forget_address(connection, one.user_id)
        return len(named)

    def _proof(self, one: Erasure) -> str:
        """Who has left asks for it: for themselves everybody may, and nobody else is asked."""
        who = Principal(user_id=one.user_id, email=one.email)
        return write_assertion(self._parts.keys, who, ends=None, now=self._parts.clock.now())[0]

    @staticmethod
    async def _check_heir(connection: AsyncConnection, user_id: str, documents_to: str) -> None:
        found = await people.person_by_id(connection, documents_to)
        if found is None or found[0].disabled_at is not None or documents_to == user_id:
            raise field_error("documents_to", "there is no such person")

    async def _forget(self, connection: AsyncConnection, person: Person) -> None:
        ended = await erasures.sessions_of(connection, person.id)
        keys = await erasures.keys_of(connection, person.id)
        addresses = await erasures.addresses_of(connection, person.id, person.email)
        revoked = await invitations.revoke_of(connection, person.id, self._parts.clock.now())
        await self._parts.mail.withdraw(connection, revoked)
        await erasures.forget_letters(connection, person.id, addresses)
        counted = [f"{what}{one}" for one in addresses for what in ("", "reset ", "verification ")]
        await erasures.forget_tries(connection, {account_key(one) for one in counted})
        await erasures.forget_personal(connection, person.id, keys=keys, addresses=addresses)
        await members.remove(connection, person.id)
        for known_by in (*ended, *keys):
            self._sessions.recent.forget(known_by)

    async def _told(
        self,
        connection: AsyncConnection,
        user_id: str,
        actor: str,
        handed_on: tuple[HandedOn, ...],
        documents_to: str | None,
    ) -> None:
        """Write down what happened; of somebody who erases themselves, not from where."""
        token = asking.set(Asking()) if actor == user_id else None
        record = self._parts.audit.record
        for team in handed_on:
            event = "team.transferred" if team.heir else "team.removed"
            await record(
                connection,
                event,
                actor=actor,
                subject=("team", team.team_id),
                heir=team.heir,
                why="owner left",
            )
        await record(
            connection, "account.erased", actor=actor, subject=("user", user_id), documents_to=documents_to
        )
        if token is not None:
            asking.reset(token)

    async def _forever(self) -> None:
        while True:
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - a database that is away is no reason to stop
                _log.exception("erasure.waits")
            await asyncio.sleep(LOOK_EVERY_SECONDS)
