"""Signing in by passkey: alone, or as the second factor after a password."""

from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.asking import asking
from autograph.auth.challenges import Challenges, PasskeyTooLate
from autograph.auth.factors import passkey as protocol
from autograph.auth.factors.passkey import NotProven, RelyingParty, Shown
from autograph.auth.parts import Parts
from autograph.auth.passkeys import known, short
from autograph.auth.pending import Pending, held
from autograph.auth.proofs import Proofs
from autograph.auth.rules import Person
from autograph.auth.service import AccountDisabled, Accounts, NotVerified
from autograph.auth.sessions import Sessions, SignedIn
from autograph.auth.store import passkeys, people
from autograph.auth.store.passkeys import Passkey
from autograph.auth.throttle import Attempt
from autograph.core.problem import NotFound, Unauthenticated

_log = structlog.get_logger(__name__)


class PasskeyRefused(Unauthenticated):
    """A passkey that proves nothing: unknown here, not for this, or not signed as it must be."""

    slug, title = "passkey-refused", "This passkey was not accepted. Try another one, or another way."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser's passkey says, and how the session is to be that it opens.

    Attributes:
        credential: AuthenticationResponseJSON.
        token: Of the sign-in that waits for a second factor; empty for a passkey alone.
        remember_me: For a passkey alone; else it is as it was chosen with the password.
        cookie: The same.
    """

    credential: dict[str, Any]
    token: str = ""
    remember_me: bool = False
    cookie: bool = False


class PasskeySignIn:
    """The use cases of a sign-in.

    Nobody guesses a signature: a passkey alone is counted by where it comes from, not at the account, and comes in
    where a stranger's wrong passwords have locked it. After a password it counts as codes do.
    """

    def __init__(
        self,
        parts: Parts,
        challenges: Challenges,
        *,
        accounts: Accounts,
        pending: Pending,
        sessions: Sessions,
    ) -> None:
        self._parts = parts
        self._challenges = challenges
        self._accounts = accounts
        self._pending = pending
        self._sessions = sessions
        self._proofs = Proofs(parts, sessions)

    async def ask(self, token: str) -> dict[str, Any]:
        """Return what a browser is asked for (PublicKeyCredentialRequestOptionsJSON).

        Without a token any passkey does that makes sure of its owner; with one, those of the account whose sign-in
        waits for a second factor.

        Raises:
            PasskeysUnavailable: No browser would show one.
            SecondStepWorthless: The token opens nothing.
            NotFound: The account has no passkey.
            NotVerified: The account's address is not confirmed.
            AccountDisabled: The account may not be used.
        """
        party = self._challenges.party
        person = await self._pending.of(token) if token else None
        async with self._parts.database.begin() as connection:
            if person is None:
                challenge = await self._challenges.make(connection, "alone")
                return protocol.request_options(party, challenge, mine=(), needs_user=True)
            mine = await passkeys.of(connection, person.id)
            if not mine:
                raise NotFound("This account has no passkey.")
            challenge = await self._challenges.make(connection, "second", person.id, bound_to=token)
            return protocol.request_options(party, challenge, mine=known(mine), needs_user=False)

    async def sign_in(self, answer: Answer) -> SignedIn:
        """Open a session for whoever holds a passkey.

        Raises:
            PasskeysUnavailable: No browser would show one.
            PasskeyTooLate: It was not asked for, or not for this, or too long ago.
            PasskeyRefused: It proves nothing; it counts like a wrong password.
            SecondStepWorthless: The token opens nothing.
            NotVerified: The account's address is not confirmed.
            AccountDisabled: The account may not be used.
        """
        party = self._challenges.party
        waiting = await self._pending.of(answer.token) if answer.token else None
        email = waiting.email if waiting else ""
        async with self._parts.throttle.trying(
            email, asking.get().address, event="session.refused", method="passkey"
        ) as attempt:
            try:
                found, shown = await self._proven(party, answer, waiting, attempt)
                await self._check_usable(found.user_id)
            except (PasskeyTooLate, NotVerified, AccountDisabled) as problem:
                attempt.does_not_count(problem.slug)
                raise
            signed_in = await self._opened(answer, found, shown)
            if signed_in is None:
                raise PasskeyRefused  # only now: that there is a copy of it has to be committed
            attempt.succeeded()
        return signed_in

    async def _proven(
        self, party: RelyingParty, answer: Answer, waiting: Person | None, attempt: Attempt
    ) -> tuple[Passkey, Shown]:
        """Use the challenge up, and return the passkey that has signed it."""
        try:
            challenge = protocol.challenge_of(answer.credential)
            if waiting:
                await self._challenges.take(challenge, "second", waiting.id, bound_to=answer.token)
            else:
                await self._challenges.take(challenge, "alone")
            async with self._parts.database.read() as connection:
                found = await passkeys.one(connection, protocol.bytes_of(answer.credential["id"]))
            if found is None:
                raise NotProven("nobody has this passkey")
            attempt.concerns("user", waiting.id if waiting else found.user_id)
            _check_owner(found, answer.credential, waiting)
            return found, protocol.shown(
                party, challenge, answer.credential, public_key=found.public_key, needs_user=waiting is None
            )
        except NotProven as reason:
            _log.info("passkey.refused", reason=str(reason))
            raise PasskeyRefused from reason

    async def _check_usable(self, user_id: str) -> None:
        async with self._parts.database.read() as connection:
            found = await people.person_by_id(connection, user_id)
        if found is None:
            raise PasskeyRefused
        self._accounts.check_usable(found[0])

    async def _opened(self, answer: Answer, passkey: Passkey, shown: Shown) -> SignedIn | None:
        """Open the session; None when there is a copy of the passkey, which is told instead."""
        now = self._parts.clock.now()
        async with self._parts.database.begin() as connection:
            person = await held(connection, passkey.user_id)
            if not await passkeys.advance(
                connection, passkey.credential_id, shown.sign_count, is_backed_up=shown.is_backed_up, now=now
            ):
                await self._tell_copied(connection, person, passkey, shown)
                return None
            if answer.token:
                return await self._pending.open(connection, answer.token, person, "passkey")
            return await self._sessions.open(
                connection,
                person,
                methods="passkey",
                remember_me=answer.remember_me,
                cookie=answer.cookie,
            )

    async def _tell_copied(
        self, connection: AsyncConnection, person: Person, passkey: Passkey, shown: Shown
    ) -> None:
        what = "What looks like a copy of one of your passkeys wanted to sign in, and was refused. Remove that passkey."
        await self._proofs.tell(connection, person, what)
        await self._parts.audit.record(
            connection,
            "passkey.copied",
            subject=("user", person.id),
            outcome="failure",
            passkey=short(passkey.credential_id),
            count=shown.sign_count,
            before=passkey.sign_count,
        )


def _check_owner(passkey: Passkey, credential: dict[str, Any], waiting: Person | None) -> None:
    """Refuse a passkey of somebody else than who signs in, or than the authenticator says."""
    if waiting is not None and waiting.id != passkey.user_id:
        raise NotProven("somebody else's passkey")
    handle = credential["response"].get("userHandle")
    if not handle and waiting is not None:
        return  # a plain security key does not know whose it is
    if not handle or protocol.bytes_of(handle) != passkey.user_id.encode():
        raise NotProven("the authenticator says that it is somebody else's")
