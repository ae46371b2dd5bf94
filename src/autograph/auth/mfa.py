"""Second factors by code: an authenticator app and backup codes; set up, shown at a sign-in, taken away."""

import secrets
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.again import FRESH, Again
from autograph.auth.asking import asking
from autograph.auth.factors import has_second, totp
from autograph.auth.parts import Parts
from autograph.auth.pending import Pending, held
from autograph.auth.proofs import MfaEnabled, MfaRequired, Proofs
from autograph.auth.rules import Person, field_error
from autograph.auth.sessions import Sessions, SignedIn
from autograph.auth.store import factors, passkeys, people
from autograph.auth.store.factors import Method, Totp
from autograph.auth.throttle import Attempt
from autograph.auth.vault import Broken
from autograph.core.problem import Forbidden, NotFound, Unauthenticated
from autograph.model.principal import Principal

PURPOSE = "totp"
BACKUP_CODES = 10

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE_LENGTH = 10


class WrongCode(Unauthenticated):
    """A second factor that is wrong, or was shown before."""

    slug, title = "wrong-code", "This code is wrong, too old, or was used before. Wait for the next one."


class SecondFactorWanted(Forbidden):
    """What is asked for cannot be undone, and the account has a second factor that was not shown."""

    slug = "second-factor-wanted"
    title = "Give a code too; or sign in again with your second factor, then do this within five minutes."


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator app is given: the secret, its address, and that as a picture (SVG)."""

    secret: str
    uri: str
    picture: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account has besides its password: what it may show, and how many backup codes and passkeys are left."""

    methods: tuple[Method, ...]
    backup_codes: int
    passkeys: int
    is_required: bool


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A session that began with the setting up of its second factor; the backup codes are shown this once."""

    signed_in: SignedIn
    backup_codes: list[str]


class Mfa:
    """The use cases of codes.

    Each of its transactions holds the account first and writes its audit records last, so that none waits for
    another that waits for it.
    """

    def __init__(self, parts: Parts, pending: Pending, sessions: Sessions) -> None:
        self._parts = parts
        self._pending = pending
        self._sessions = sessions
        self._again = Again(parts)
        self._proofs = Proofs(parts, sessions)

    async def standing(self, principal: Principal) -> Standing:
        """Return what the asker has."""
        async with self._parts.database.read() as connection:
            methods = await factors.methods_of(connection, principal.user_id)
            left = await factors.codes_left(connection, principal.user_id)
            keys = await passkeys.of(connection, principal.user_id)
        return Standing(methods, left, len(keys), self._proofs.are_required)

    async def setup(self, principal: Principal, password: str) -> Setup:
        """Begin with an authenticator app; it is wanted once its first code was right.

        Raises:
            WrongCredentials: The password is not right.
            SessionTooOld: None was given, and the session began too long ago.
            MfaEnabled: There is one.
        """
        person = await self._again.proven(principal, password)
        async with self._parts.database.begin() as connection:
            return await self._begin(connection, person.id)

    async def enable(self, principal: Principal, code: str) -> list[str]:
        """Want the app's codes from now on, and return backup codes, shown this once; other sessions end.

        Raises:
            Invalid: It is none of the app's codes; it counts like a wrong password.
            MfaEnabled: It was enabled before.
            NotFound: No app was set up.
        """
        await self._waiting(principal.user_id)
        async with self._tried(principal.email, "proof.refused") as attempt:
            async with self._parts.database.begin() as connection:
                person = await held(connection, principal.user_id)
                codes = await self._enabled(connection, person, code)
                await self._sessions.strengthen(connection, principal, "totp")
                await self._proofs.end_others(connection, principal)
                await self._note(connection, "mfa.enabled", person)
            attempt.succeeded()
        return codes

    async def regenerate(self, principal: Principal, code: str) -> list[str]:
        """Return fresh backup codes, shown this once; earlier ones are worth nothing.

        Raises:
            WrongCode: It is none of the app's codes; a backup code does not do.
            NotFound: There is no app.
        """
        await self._app(principal.user_id)
        async with self._tried(principal.email, "proof.refused") as attempt:
            async with self._parts.database.begin() as connection:
                person = await held(connection, principal.user_id)
                found = await factors.totp_of(connection, person.id)
                if not await self._takes(connection, person, found, code):
                    raise WrongCode
                codes = await self._fresh_codes(connection, person)
                await self._proofs.tell(connection, person, "The backup codes of your account were replaced.")
                await self._note(connection, "mfa.codes_replaced", person)
            attempt.succeeded()
        return codes

    async def disable(self, principal: Principal, password: str, code: str) -> None:
        """Want no codes any more; other sessions end.

        Raises:
            WrongCredentials: The password is not right.
            SessionTooOld: The account has none, and signed in too long ago.
            WrongCode: The code is neither the app's nor a backup code.
            MfaRequired: It is the only second factor, and one is wanted of everybody.
            NotFound: There is no app.
        """
        person = await self._again.proven(principal, password, needs_password=True)
        await self._app(person.id)
        async with self._tried(principal.email, "proof.refused") as attempt:
            async with self._parts.database.begin() as connection:
                person = await held(connection, principal.user_id)
                methods = await factors.methods_of(connection, person.id)
                if self._proofs.are_required and "passkey" not in methods:
                    attempt.does_not_count()
                    raise MfaRequired
                if await self._method(connection, person, code) is None:
                    raise WrongCode
                await factors.forget_totp(connection, person.id)
                await self._proofs.tell(
                    connection, person, "The authenticator app of your account was removed."
                )
                await self._proofs.end_others(connection, principal)
                await self._note(connection, "mfa.disabled", person)
            attempt.succeeded()

    async def prove(self, principal: Principal, code: str) -> None:
        """Let pass whoever shows a second factor now, has just signed in with one, or has none.

        Raises:
            WrongCode: The code is neither the app's nor a backup code; it counts like a wrong password.
            SecondFactorWanted: None was given, and the session was opened too long ago or without one.
        """
        async with self._parts.database.read() as connection:
            methods = await factors.methods_of(connection, principal.user_id)
            session = await people.session_by_id(connection, principal.session_id)
        if not methods:
            return
        if not code:
            now, known = self._parts.clock.now(), session[0] if session else None
            if known is None or now - known.created_at >= FRESH or not has_second(known.methods):
                raise SecondFactorWanted
            return
        async with self._tried(principal.email, "proof.refused") as attempt:
            async with self._parts.database.begin() as connection:
                person = await held(connection, principal.user_id)
                if await self._method(connection, person, code) is None:
                    raise WrongCode
            attempt.succeeded()

    async def verify(self, token: str, code: str) -> SignedIn:
        """Open the session of a sign-in whose second factor is a code. A wrong one does not use the token up.

        Raises:
            SecondStepWorthless: The token opens nothing.
            WrongCode: The code is wrong or was used; it counts like a wrong password.
            NotVerified: The account's address is not confirmed.
            AccountDisabled: The account may not be used.
        """
        person = await self._pending.of(token)
        async with self._tried(person.email, "session.refused") as attempt:
            async with self._parts.database.begin() as connection:
                person = await held(connection, person.id)
                method = await self._method(connection, person, code)
                if method is not None:
                    signed_in = await self._pending.open(connection, token, person, method)
            if method is None:
                raise WrongCode
            attempt.succeeded()
        return signed_in

    async def enrol_setup(self, token: str) -> Setup:
        """Begin with an authenticator app in the middle of a sign-in that wants one.

        Raises:
            SecondStepWorthless: The token opens nothing.
            MfaEnabled: The account has a second factor already.
        """
        person = await self._pending.of(token)
        async with self._parts.database.begin() as connection:
            await self._has_none(connection, person)
            return await self._begin(connection, person.id)

    async def enrol_enable(self, token: str, code: str) -> Enrolled:
        """Want the app's codes from now on, end what was opened without them, and open the session.

        Raises as `verify` and `enable`.
        """
        person = await self._pending.of(token)
        await self._waiting(person.id)
        async with self._tried(person.email, "session.refused") as attempt:
            async with self._parts.database.begin() as connection:
                person = await held(connection, person.id)
                await self._has_none(connection, person)
                codes = await self._enabled(connection, person, code)
                await self._sessions.end_all(connection, person.id, actor=person.id, why="second factor")
                signed_in = await self._pending.open(connection, token, person, "totp")
                await self._note(connection, "mfa.enabled", person)
            attempt.succeeded()
        return Enrolled(signed_in, codes)

    def _tried(self, email: str, event: str) -> AbstractAsyncContextManager[Attempt]:
        """One try at a code; wrong ones count like wrong passwords."""
        return self._parts.throttle.trying(email, asking.get().address, event=event, method="code")

    async def _begin(self, connection: AsyncConnection, user_id: str) -> Setup:
        person, secret = await held(connection, user_id), totp.new_secret()
        sealed = self._parts.vault.seal(PURPOSE, secret, owner=person.id)
        if not await factors.begin_totp(connection, person.id, sealed, self._parts.clock.now()):
            raise MfaEnabled
        uri = totp.address(secret, person.email)
        return Setup(secret, uri, totp.picture(uri))

    async def _waiting(self, user_id: str) -> None:
        """Demand an app that waits for its first code, before a code is looked at."""
        async with self._parts.database.read() as connection:
            found = await factors.totp_of(connection, user_id)
        if found is None:
            raise NotFound("No authenticator app was set up.")
        if found.enabled_at is not None:
            raise MfaEnabled

    async def _app(self, user_id: str) -> None:
        """Demand an app, before a code is looked at."""
        async with self._parts.database.read() as connection:
            found = await factors.totp_of(connection, user_id)
        if found is None or found.enabled_at is None:
            raise NotFound("No authenticator app was set up.")

    async def _has_none(self, connection: AsyncConnection, person: Person) -> None:
        if await factors.methods_of(connection, person.id):
            raise MfaEnabled

    async def _enabled(self, connection: AsyncConnection, person: Person, code: str) -> list[str]:
        """Enable the app that waits, tell its owner, and return backup codes."""
        found = await factors.totp_of(connection, person.id)
        if found is not None and found.enabled_at is not None:
            raise MfaEnabled
        if not await self._takes(connection, person, found, code):
            raise field_error("code", "is not the app's code of this moment: see that its clock is right")
        await factors.enable_totp(connection, person.id, self._parts.clock.now())
        await self._proofs.tell(connection, person, "An authenticator app was set up for your account.")
        return await self._fresh_codes(connection, person)

    async def _method(self, connection: AsyncConnection, person: Person, code: str) -> Method | None:
        """Use a code up, and return of which kind it is; None when it is wrong."""
        found = await factors.totp_of(connection, person.id)
        if found is None or found.enabled_at is None:
            return None
        if await self._takes(connection, person, found, code):
            return "totp"
        code_hash = self._code_hash(person.id, code)
        if await factors.take_code(connection, person.id, code_hash, self._parts.clock.now()):
            return "backup_code"
        return None

    async def _takes(
        self, connection: AsyncConnection, person: Person, found: Totp | None, code: str
    ) -> bool:
        """Use a code of the app up; False when it is wrong or was used."""
        if found is None:
            return False
        try:
            secret = self._parts.vault.open(PURPOSE, found.sealed_secret, owner=person.id)
        except Broken:
            return False
        step = totp.step_of(secret, code, self._parts.clock.now())
        return step is not None and await factors.take_step(connection, person.id, step)

    async def _fresh_codes(self, connection: AsyncConnection, person: Person) -> list[str]:
        codes = [_new_code() for _ in range(BACKUP_CODES)]
        hashes = [self._code_hash(person.id, code) for code in codes]
        await factors.replace_codes(connection, person.id, hashes, self._parts.clock.now())
        return codes

    def _code_hash(self, user_id: str, code: str) -> bytes:
        plain = "".join(letter for letter in code.lower() if letter.isalnum())
        return self._parts.vault.mac("backup code", f"{user_id} {plain}".encode("utf-8", "replace"))

    async def _note(self, connection: AsyncConnection, event: str, person: Person) -> None:
        await self._parts.audit.record(connection, event, actor=person.id, subject=("user", person.id))


def _new_code() -> str:
    """Ten letters and digits that are not mistaken for others, 49 bits, in two halves."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"
