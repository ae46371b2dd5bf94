"""Passkeys: set up, named and removed by those who are signed in, or set up where a sign-in wants one."""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.again import Again
from autograph.auth.challenges import Challenges
from autograph.auth.factors import passkey as protocol
from autograph.auth.factors.passkey import Known, NotProven, RelyingParty
from autograph.auth.parts import Parts
from autograph.auth.pending import Pending, held
from autograph.auth.proofs import MfaEnabled, MfaRequired, Proofs
from autograph.auth.rules import Person, field_error, normal_name
from autograph.auth.sessions import Sessions, SignedIn
from autograph.auth.store import factors, passkeys
from autograph.auth.store.passkeys import Passkey
from autograph.core.problem import Conflict, NotFound
from autograph.model.principal import Principal

MOST = 20
"""Passkeys of one account."""

_log = structlog.get_logger(__name__)


class TooManyPasskeys(Conflict):
    """An account has as many as anybody may."""

    slug, title = "too-many-passkeys", f"An account has {MOST} passkeys at most. Remove one first."


class Passkeys:
    """The use cases of one's own passkeys. Each transaction holds the account first and is told of last."""

    def __init__(self, parts: Parts, challenges: Challenges, sessions: Sessions, pending: Pending) -> None:
        self._parts = parts
        self._challenges = challenges
        self._pending = pending
        self._sessions = sessions
        self._again = Again(parts)
        self._proofs = Proofs(parts, sessions)

    async def listed(self, user_id: str) -> list[Passkey]:
        """Return somebody's passkeys, the oldest first."""
        async with self._parts.database.read() as connection:
            return await passkeys.of(connection, user_id)

    async def begin(self, principal: Principal, password: str) -> dict[str, Any]:
        """Return what a browser is asked for a new passkey (PublicKeyCredentialCreationOptionsJSON).

        Raises:
            PasskeysUnavailable: No browser would make one.
            WrongCredentials: The password is not right.
            SessionTooOld: None was given, and the session began too long ago.
            TooManyPasskeys: There are enough.
        """
        party = self._challenges.party
        person = await self._again.proven(principal, password)
        return await self._asked(party, person, bound_to=principal.session_id)

    async def add(self, principal: Principal, credential: dict[str, Any], name: str) -> Passkey:
        """Keep the passkey that a browser has made; the first second factor of an account ends its other sessions.

        Raises:
            PasskeysUnavailable: No browser would make one.
            PasskeyTooLate: It was not asked for by this session, or too long ago.
            Invalid: It is not what was asked for, or the name is not valid.
            PasskeyKnown: It belongs to an account.
            TooManyPasskeys: There are enough.
        """
        kept = await self._made(principal.user_id, principal.session_id, credential, name)
        async with self._parts.database.begin() as connection:
            person = await held(connection, principal.user_id)
            before = await factors.methods_of(connection, person.id)
            await self._keep(connection, person, kept)
            if not before:
                await self._sessions.strengthen(connection, principal, "passkey")
                await self._proofs.end_others(connection, principal)
            await self._note(connection, "passkey.added", person, kept.credential_id)
        return kept

    async def enrol_ask(self, token: str) -> dict[str, Any]:
        """Return what `begin` does in the middle of a sign-in that wants a second factor of somebody who has none.

        Raises:
            PasskeysUnavailable: No browser would make one.
            SecondStepWorthless: The token opens nothing.
            MfaEnabled: The account has a second factor already.
        """
        party = self._challenges.party
        person = await self._pending.of(token)
        async with self._parts.database.read() as connection:
            await self._has_none(connection, person)
        return await self._asked(party, person, bound_to=token)

    async def enrol(self, token: str, credential: dict[str, Any], name: str) -> SignedIn:
        """Keep the passkey that a browser has made, end what was opened without it, and open the session.

        Raises as `enrol_ask` and `add`.
        """
        person = await self._pending.of(token)
        kept = await self._made(person.id, token, credential, name)
        async with self._parts.database.begin() as connection:
            person = await held(connection, person.id)
            await self._has_none(connection, person)
            await self._keep(connection, person, kept)
            await self._sessions.end_all(connection, person.id, actor=person.id, why="second factor")
            signed_in = await self._pending.open(connection, token, person, "passkey")
            await self._note(connection, "passkey.added", person, kept.credential_id)
        return signed_in

    async def rename(self, principal: Principal, passkey_id: str, name: str) -> Passkey:
        """Call one's passkey something else, and return it.

        Raises:
            NotFound: One has no such.
            Invalid: The name is not valid.
        """
        credential_id, called = _id_of(passkey_id), normal_name(name)
        async with self._parts.database.begin() as connection:
            person = await held(connection, principal.user_id)
            if not await passkeys.rename(connection, person.id, credential_id, called):
                raise NotFound
            found = await passkeys.one(connection, credential_id)
            await self._note(connection, "passkey.renamed", person, credential_id)
        if found is None:
            raise NotFound
        return found

    async def remove(self, principal: Principal, passkey_id: str, password: str) -> None:
        """Forget one's passkey; when no second factor is left other sessions end.

        Raises:
            NotFound: One has no such.
            WrongCredentials: The password is not right.
            SessionTooOld: None was given, and the session began too long ago.
            MfaRequired: It is the only second factor, and one is wanted of everybody.
        """
        credential_id = _id_of(passkey_id)
        if credential_id not in {one.credential_id for one in await self.listed(principal.user_id)}:
            raise NotFound
        await self._again.proven(principal, password)
        async with self._parts.database.begin() as connection:
            person = await held(connection, principal.user_id)
            if not await passkeys.remove(connection, person.id, credential_id):
                raise NotFound
            left = await factors.methods_of(connection, person.id)
            if not left and self._proofs.are_required:
                raise MfaRequired
            await self._proofs.tell(connection, person, "A passkey was removed from your account.")
            if not left:
                await self._proofs.end_others(connection, principal)
            await self._note(connection, "passkey.removed", person, credential_id)

    async def _asked(self, party: RelyingParty, person: Person, *, bound_to: str) -> dict[str, Any]:
        async with self._parts.database.begin() as connection:
            mine = await passkeys.of(connection, person.id)
            if len(mine) >= MOST:
                raise TooManyPasskeys
            challenge = await self._challenges.make(connection, "register", person.id, bound_to=bound_to)
        return protocol.creation_options(
            party,
            challenge,
            user_id=person.id,
            email=person.email,
            name=person.name,
            mine=known(mine),
        )

    async def _made(self, user_id: str, bound_to: str, credential: dict[str, Any], name: str) -> Passkey:
        """Use the challenge up, and return the passkey that has signed it."""
        party, called = self._challenges.party, normal_name(name)
        try:
            challenge = protocol.challenge_of(credential)
            await self._challenges.take(challenge, "register", user_id, bound_to=bound_to)
            made = protocol.made(party, challenge, credential)
        except NotProven as reason:
            _log.info("passkey.not_made", reason=str(reason))
            raise field_error("credential", "is not a passkey for this installation") from reason
        return Passkey(
            made.credential_id,
            user_id,
            made.public_key,
            made.sign_count,
            called,
            _transports(credential),
            made.is_backed_up,
            self._parts.clock.now(),
        )

    async def _keep(self, connection: AsyncConnection, person: Person, kept: Passkey) -> None:
        if len(await passkeys.of(connection, person.id)) >= MOST:
            raise TooManyPasskeys
        await passkeys.add(connection, kept)
        await self._proofs.tell(connection, person, "A passkey was added to your account.")

    async def _has_none(self, connection: AsyncConnection, person: Person) -> None:
        if await factors.methods_of(connection, person.id):
            raise MfaEnabled

    async def _note(
        self, connection: AsyncConnection, event: str, person: Person, credential_id: bytes
    ) -> None:
        await self._parts.audit.record(
            connection, event, actor=person.id, subject=("user", person.id), passkey=short(credential_id)
        )


def known(mine: Sequence[Passkey]) -> list[Known]:
    """Return how a browser finds these passkeys."""
    return [Known(one.credential_id, one.transports) for one in mine]


def short(credential_id: bytes) -> str:
    """Return how a passkey is called in the log: enough to tell it from others."""
    return protocol.text_of(credential_id)[:22]


def _transports(credential: dict[str, Any]) -> tuple[str, ...]:
    said = credential["response"].get("transports") or ()
    return tuple(sorted(protocol.TRANSPORTS & set(said)))


def _id_of(passkey_id: str) -> bytes:
    try:
        return protocol.bytes_of(passkey_id)
    except NotProven as reason:
        raise NotFound from reason
