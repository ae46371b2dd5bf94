"""One's own data: handed out whole, or erased with the account, and what stays then."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from autograph.auth.again import Again
from autograph.auth.archive import zipped
from autograph.auth.leaving import HandedOn, Leaving, Left
from autograph.auth.mail import words
from autograph.auth.mail.service import KEPT as MAIL_KEPT
from autograph.auth.mfa import Mfa
from autograph.auth.own_data import OwnData
from autograph.auth.parts import Parts
from autograph.auth.rights import Rights
from autograph.auth.rules import field_error
from autograph.auth.store import factors, members, people, teams
from autograph.auth.store.factors import Method
from autograph.core.problem import Unauthenticated, Unavailable
from autograph.model.principal import Principal
from autograph.model.rights import ADMIN

MOST_EXPORTS = 4
"""Archives that are written at the same time."""

MAIL_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Stays:
    """Something that is kept after an account is gone, and for how many days; None for as long as others keep it."""

    what: Literal["audit", "authorship", "drawings", "answers", "mails", "logs", "backups"]
    days: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """What erasing one's account would do, and what it asks for.

    Attributes:
        teams: What becomes of the teams that one alone owns.
        has_password: Whether it can be given as proof; else one signs in again.
        second_factors: Of which one is asked; none for an account without.
        is_last_administrator: Then it cannot be done.
    """

    teams: tuple[HandedOn, ...]
    has_password: bool
    second_factors: tuple[Method, ...]
    is_last_administrator: bool


class Privacy:
    """The use cases of one's own data."""

    def __init__(self, parts: Parts, leaving: Leaving, mfa: Mfa) -> None:
        self._parts = parts
        self._leaving = leaving
        self._mfa = mfa
        self._again = Again(parts)
        self._rights = Rights(parts)
        self._own_data = OwnData(parts)
        self._room = asyncio.Semaphore(MOST_EXPORTS)

    async def export(self, principal: Principal) -> AsyncIterator[bytes]:
        """Return a zip archive of all that is the asker's, in pieces; its owner is told by mail.

        Raises:
            Unavailable: Too many are being written, or another room does not answer.
        """
        if self._room.locked():
            raise Unavailable("Others are just being given their data.", headers={"retry-after": "30"})
        proof = self._own_data.proof(principal)
        first = await self._parts.documents.belongings(identity=proof)
        flags = await self._parts.flags.me(identity=proof)
        async with self._parts.database.begin() as connection:
            await self._rights.held(connection, principal)
            until = self._parts.clock.now() + MAIL_LASTS
            said = words.security(principal.name, "Everything in your account was downloaded.")
            await self._parts.mail.put(connection, "security", principal.email, said, until=until)
            subject = ("user", principal.user_id)
            await self._parts.audit.record(
                connection, "account.exported", actor=principal.user_id, subject=subject
            )
        files = self._own_data.files(principal, flags, first)
        return self._bounded(zipped(files, self._parts.clock.now()))

    async def prospect(self, principal: Principal) -> Prospect:
        """Return what erasing the asker's account would do."""
        async with self._parts.database.read() as connection:
            found = await people.person_by_id(connection, principal.user_id)
            if found is None:
                raise Unauthenticated
            administrators = await members.administrators(connection)
            return Prospect(
                await self._leaving.teams(connection, principal.user_id),
                has_password=bool(found[1]),
                second_factors=await factors.methods_of(connection, principal.user_id),
                is_last_administrator=ADMIN in found[0].roles and len(administrators) == 1,
            )

    async def erase(
        self, principal: Principal, password: str, code: str, *, documents_to: str | None
    ) -> Left:
        """Erase the asker's account with all that is theirs. Of two at once, one does it.

        Args:
            principal: Who asks.
            password: The account's; empty to be proven by a fresh session.
            code: Of the app, or a backup code; empty where a fresh session was opened with a second factor.
            documents_to: Somebody in one of the asker's teams; None to remove the documents for good.

        Raises:
            WrongCredentials: The password is not right.
            SessionTooOld: None was given, and the session began too long ago.
            WrongCode: The code is not right.
            SecondFactorWanted: None was given, and the session was opened too long ago or without one.
            Invalid: Nobody in the asker's teams is to get the documents.
            LastAdministrator: It must stay.
            Unauthenticated: It is gone.
        """
        await self._again.proven(principal, password)
        await self._mfa.prove(principal, code)
        async with self._parts.database.begin() as connection:
            await members.hold(connection, self._parts.clock.now())
            found = await people.person_by_id(connection, principal.user_id)
            if found is None or found[0].disabled_at is not None:
                raise Unauthenticated
            if documents_to and not await teams.share_one(connection, principal.user_id, documents_to):
                raise field_error("documents_to", "is nobody in one of your teams")
            handed_on = await self._leaving.take_leave(
                connection, principal.user_id, actor=principal.user_id, documents_to=documents_to
            )
        return Left(handed_on, await self._leaving.finish(principal.user_id))

    def stays(self) -> tuple[Stays, ...]:
        """Return what is kept after an account is gone."""
        return (
            Stays(
                "audit", self._parts.settings.audit.kept_days,
                "The audit log keeps its records. They name the account's id; address, device and e-mail address are "
                "erased from them.",
            ),
            Stays(
                "authorship", None,
                "Versions of documents that belong to others now, feature flags, silences and alerts name the "
                "account's id where it was the author.",
            ),
            Stays("drawings", 1, "Drawings of repositories that were not made documents go by themselves."),
            Stays("answers", 1, "Answers to calls with an Idempotency-Key are kept for whoever sends them again."),
            Stays("mails", MAIL_KEPT.days, "Mails to an e-mail address that the account had before."),
            Stays("logs", None, "Logs, traces and reports of errors name the account's id until they are removed."),
            Stays("backups", None, "Backups hold everything of their day until they are removed."),
        )  # fmt: skip

    async def _bounded(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async with self._room:
            async for piece in pieces:
                yield piece
