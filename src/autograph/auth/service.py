"""What can be done with accounts: make one, sign in, and prove who is asking. Each in one transaction."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth import rules
from autograph.auth.api_keys import ApiKeys
from autograph.auth.asking import asking
from autograph.auth.factors import second
from autograph.auth.factors.second import SecondStep
from autograph.auth.invited import Invited
from autograph.auth.mail import words
from autograph.auth.parts import Parts
from autograph.auth.registration import RegistrationClosed, check_domain
from autograph.auth.rights import Rights
from autograph.auth.rules import Person, Session
from autograph.auth.sessions import Sessions, SignedIn
from autograph.auth.store import links, people
from autograph.auth.tokens import read_access, write_assertion
from autograph.clients.auth import API_KEY_START, Identified
from autograph.core.ids import new_id
from autograph.core.problem import Conflict, Forbidden, Problem, StorageFull, Unauthenticated
from autograph.model import rights
from autograph.model.principal import Principal

_log = structlog.get_logger(__name__)


class FirstRunDone(Conflict):
    """The installation has its administrator."""

    slug, title = "first-run-done", "This installation already has an administrator."


class FirstRunCode(Forbidden):
    """A first-run code that opens nothing."""

    slug = "first-run-code"
    title = "This link is wrong, used or too old. Starting AutoGraph again prints a new one."


class WrongCredentials(Unauthenticated):
    """The same words for a wrong password and for an address without an account."""

    slug, title = "wrong-credentials", "E-mail address or password is wrong."


class NotVerified(Forbidden):
    """The password was right, but nobody has confirmed the address yet."""

    slug, title = "not-verified", "Confirm your e-mail address first: follow the link in the mail."


class AccountDisabled(Forbidden):
    """The password was right, but an administrator has disabled the account."""

    slug, title = "account-disabled", "This account is disabled. Ask an administrator."


class Accounts:
    """The use cases of auth."""

    def __init__(self, parts: Parts, sessions: Sessions) -> None:
        self._parts = parts
        self._database = parts.database
        self._clock = parts.clock
        self._settings = parts.settings
        self._audit = parts.audit
        self._sessions = sessions
        self._rights = Rights(parts)
        self._invited = Invited(parts)
        self._api_keys = ApiKeys(parts)
        self._has_administrator = False
        parts.throttle.when_locked = self._when_locked

    async def first_run_needed(self) -> bool:
        """Whether no administrator exists yet."""
        if not self._has_administrator:
            async with self._database.read() as connection:
                self._has_administrator = await people.administrator_exists(connection)
        return not self._has_administrator

    async def new_first_run_code(self) -> str | None:
        """Return a fresh code for the first-run link, or None when there is an administrator.

        Only its hash is kept, and every earlier code is worth nothing from now on.
        """
        if not await self.first_run_needed():
            return None
        code, now = rules.new_code(), self._clock.now()
        expires = now + timedelta(minutes=self._settings.first_run_code_minutes)
        async with self._database.begin() as connection:
            await people.replace_code(connection, rules.code_hash(code), now, expires)
        return code

    async def check_first_run(self, code: str) -> None:
        """Let pass who has the code that would open the first run just now.

        Raises:
            FirstRunDone: There is an administrator.
            FirstRunCode: The code is wrong, used or too old.
            TooManyAttempts: It is, as others from there were lately.
        """
        if not await self.first_run_needed():
            raise FirstRunDone
        async with self._database.read() as connection:
            if await people.code_is_valid(connection, rules.code_hash(code), self._clock.now()):
                return
        async with self._parts.throttle.trying(
            "", asking.get().address, event="link.refused", apart="link", purpose="first-run"
        ):
            raise FirstRunCode

    async def first_run(self, code: str, email: str, name: str, password: str) -> SignedIn:
        """Make the first administrator and sign them in with a cookie. Of two at once, one succeeds.

        Raises:
            FirstRunDone: There is an administrator.
            FirstRunCode: The code is wrong, used or too old.
            TooManyAttempts: It is, as others from there were lately.
            Invalid: Address, name or password is not valid.
        """
        await self.check_first_run(code)
        person, password_hash = await self._new_person(
            email, name, password, rights.ADMIN, verified_at=self._clock.now()
        )
        now = self._clock.now()
        async with self._database.begin() as connection:
            taken = await people.take_code(connection, rules.code_hash(code), now)
            if await people.administrator_exists(connection):
                raise FirstRunDone
            if not taken:
                raise FirstRunCode
            await people.add_person(connection, person, password_hash)
            await self._made(connection, person, actor=person.id, how="first run")
            signed_in = await self._sessions.open(
                connection, person, methods="password", remember_me=False, cookie=True
            )
        self._has_administrator = True
        return signed_in

    async def create_administrator(self, email: str, name: str, password: str) -> Person:
        """Make an administrator without a link: for whoever has a shell on the machine.

        Raises:
            Invalid: Address, name or password is not valid.
            EmailTaken: The address has an account.
        """
        person, password_hash = await self._new_person(
            email, name, password, rights.ADMIN, verified_at=self._clock.now()
        )
        async with self._database.begin() as connection:
            await people.add_person(connection, person, password_hash)
            await self._made(connection, person, actor=None, how="command line")
        return person

    async def register(self, email: str, name: str, password: str, *, invitation: str = "") -> bool:
        """Make an account for whoever asks, if the installation allows it; return whether a mail is to be answered.

        An address that has an account gets a mail that says so; to whoever asked it looks the same. An
        `invitation` (its secret) by mail proves the address, so that there it is said.

        Raises:
            RegistrationClosed: It does not.
            InvitationWorthless: The invitation opens nothing, or is for another address.
            TooManyAttempts: There were too many such.
            DomainNotAllowed: Not for this domain.
            Invalid: Address, name or password is not valid.
            EmailTaken: Who was invited by mail has an account.
        """
        registration = self._settings.registration
        if registration == "closed" or (registration == "invited" and not invitation):
            raise RegistrationClosed
        address, invited = rules.normal_email(email), None
        if invitation:
            invited = await self._invited.opened(invitation, email=address)
        async with self._parts.throttle.trying(address, "", event="", apart="registration"):
            pass  # it counts, whatever becomes of it: nobody's mailbox is filled
        is_proven = invited is not None and invited.email is not None
        needs_proof = self._settings.verification == "required" and not is_proven
        person, password_hash = await self._new_person(
            address,
            name,
            password,
            invited.role if invited else rights.EDITOR,
            verified_at=None if needs_proof else self._clock.now(),
        )
        try:
            await self._register(
                person, password_hash, invitation, needs_proof=needs_proof, is_proven=is_proven
            )
        except people.EmailTaken:  # somebody was quicker by a moment, or may be told
            if is_proven:
                raise
            await self._register(person, password_hash, invitation, needs_proof=True, is_proven=False)
        return needs_proof

    async def _register(
        self, person: Person, password_hash: str, invitation: str, *, needs_proof: bool, is_proven: bool
    ) -> None:
        """Make an account or write to the owner of the one that there is: both are one transaction of equal length."""
        async with self._database.begin() as connection:
            invited = await self._invited.use(connection, invitation) if invitation else None
            if found := await people.person_by_email(connection, person.email):
                if is_proven:
                    raise people.EmailTaken
                await self._say_already_registered(connection, found[0])
                return
            await people.add_person(connection, person, password_hash)
            if invited:
                await self._invited.join(connection, invited, person.id)
            if needs_proof:
                await self.send_verification(connection, person)
            how = "invitation" if invited else "registration"
            await self._made(connection, person, actor=person.id, how=how)
            if invited:
                await self._invited.told_used(connection, invited, person.id)

    async def send_verification(self, connection: AsyncConnection, person: Person) -> None:
        """Send the link that confirms an address; earlier ones are worth nothing from now on."""
        now, hours = self._clock.now(), self._settings.verification_hours
        secret = await links.make(
            connection, "verify", now=now, lasts=timedelta(hours=hours), user_id=person.id, is_only=True
        )
        mail = words.verify(person.name, self._parts.link("/verify", secret), hours)
        await self._parts.mail.put(
            connection, "verify", person.email, mail, until=now + timedelta(hours=hours)
        )

    async def login(
        self, email: str, password: str, *, remember_me: bool, cookie: bool
    ) -> SignedIn | SecondStep:
        """Open a session for whoever knows the password, or say which second factor is wanted.

        Raises:
            WrongCredentials: Wrong password or unknown address; both look and take the same.
            TooManyAttempts: Too many wrong ones.
            AccountLocked: Far too many wrong ones.
            NotVerified: Right, but the address is not confirmed.
            AccountDisabled: Right, but the account may not be used.
        """
        try:
            address = rules.normal_email(email)
        except Problem:
            address = ""
        async with self._parts.throttle.trying(
            address or email, asking.get().address, event="session.refused", method="password"
        ) as attempt:
            async with self._database.read() as connection:
                found = await people.person_by_email(connection, address)
            is_right, renewed = await self._parts.passwords.verify(password, found[1] if found else None)
            if found is None or not is_right:
                raise WrongCredentials
            person, password_hash = found
            async with self._database.read() as connection:
                is_enough = not await second.is_wanted(connection, self._parts, person)
            try:
                self.check_usable(person)
            except Problem as problem:
                attempt.does_not_count(problem.slug)
                raise
            if is_enough:
                attempt.succeeded()
            else:  # wrong second factors go on counting: a right password does not wipe them away
                attempt.does_not_count()
        async with self._database.begin() as connection:
            still = await people.hold_proven(connection, person.id, password_hash)
            if still is not None:
                if renewed:
                    await people.set_password_hash(connection, person.id, renewed)
                if step := await second.wanted(
                    connection, self._parts, still, remember_me=remember_me, cookie=cookie
                ):
                    return step
                return await self._sessions.open(
                    connection, still, methods="password", remember_me=remember_me, cookie=cookie
                )
        # The password was changed meanwhile, or its hash renewed: compare with what there is now.
        return await self.login(email, password, remember_me=remember_me, cookie=cookie)

    def check_usable(self, person: Person) -> None:
        """Refuse an account whose owner has proven to be the owner, and who may not come in all the same.

        Raises:
            NotVerified: The address is not confirmed.
            AccountDisabled: An administrator has disabled it.
        """
        if person.disabled_at is not None:
            raise AccountDisabled
        if person.verified_at is None and self._settings.verification == "required":
            raise NotVerified

    async def logout(self, principal: Principal) -> None:
        """End the session that proved who is asking, and every token that hangs on it."""
        async with self._database.begin() as connection:
            await people.revoke_session(connection, principal.session_id, self._clock.now())
            await self._audit.record(
                connection,
                "session.ended",
                actor=principal.user_id,
                subject=("session", principal.session_id),
            )
        self._sessions.recent.forget(principal.session_id)

    async def logout_everywhere(self, principal: Principal) -> int:
        """End every session of whoever asks; return how many these were."""
        async with self._database.begin() as connection:
            return await self._sessions.end_all(
                connection, principal.user_id, actor=principal.user_id, why="signed out everywhere"
            )

    async def me(self, principal: Principal) -> tuple[Person, Session | None]:
        """Return the asker's account and session as they stand now, or stood up to three seconds ago.

        A key has no session.

        Raises:
            Unauthenticated: The session has ended since it was proven, or the account is gone.
        """
        if recent := self._sessions.recent.get(principal.key_id or principal.session_id):
            return recent
        async with self._database.read() as connection:
            if principal.key_id:
                owner = await people.person_by_id(connection, principal.user_id)
                if owner is None or owner[0].disabled_at:
                    raise Unauthenticated
                self._sessions.recent.put(owner[0], None, key_id=principal.key_id)
                return owner[0], None
            found = await people.session_by_id(connection, principal.session_id)
        person, session = self._alive(found, self._clock.now())
        self._sessions.recent.put(person, session)
        return person, session

    async def identify(self, *, cookie: str | None, bearer: str | None) -> Identified:
        """Return an identity assertion for the holder of a session cookie, an access token or an API key.

        Raises:
            Unauthenticated: Unknown, expired, revoked or forged.
            TooManyAttempts: Wrong keys came too often from where this one comes.
        """
        if bearer is not None and bearer.startswith(API_KEY_START):
            proven = await self._api_keys.identify(bearer)
            return self._vouched(proven.principal, proven.ends)
        now = self._clock.now()
        async with self._database.read() as connection:
            if cookie is not None:
                found = await people.session_by_cookie(connection, rules.secret_hash(cookie))
                person, session = self._alive(found, now)
            else:
                claims = read_access(self._parts.keys, bearer or "", now=now)
                person, session = self._alive(await people.session_by_id(connection, claims.sid), now)
                if claims.sub != person.id:
                    raise Unauthenticated("this token and its session are two people's")
            permissions = await self._rights.of(connection, person.roles)
        if second.is_missing(self._settings, session.methods):
            permissions = frozenset()
        self._sessions.recent.put(person, session)
        if session.wants_touch(now):
            await self._touch(session, now)
        principal = Principal(
            user_id=person.id,
            email=person.email,
            name=person.name,
            roles=person.roles,
            session_id=session.id,
            permissions=permissions,
        )
        return self._vouched(principal, session.expires_at)

    def _vouched(self, principal: Principal, ends: datetime | None) -> Identified:
        now = self._clock.now()
        assertion, expires_in = write_assertion(self._parts.keys, principal, ends=ends, now=now)
        return Identified(assertion=assertion, expires_in=expires_in, principal=principal)

    async def _touch(self, session: Session, now: datetime) -> None:
        """Keep when a session was last used; a full disk must not lock out those who only read."""
        try:
            async with self._database.begin() as connection:
                await people.touch_session(connection, session.id, now)
        except StorageFull:
            _log.warning("auth.last_seen_not_kept", reason="no room left")

    @staticmethod
    def _alive(found: tuple[Session, Person] | None, now: datetime) -> tuple[Person, Session]:
        if found is None or not found[0].is_alive(now) or found[1].disabled_at:
            raise Unauthenticated("this session has ended: sign in again")
        return found[1], found[0]

    async def _new_person(
        self, email: str, name: str, password: str, role: str, *, verified_at: datetime | None
    ) -> tuple[Person, str]:
        address, called = rules.normal_email(email), rules.normal_name(name)
        self.check_domain(address)
        await self._parts.passwords.check(password, email=address, name=called)
        person = Person(new_id(), address, called, (role,), self._clock.now(), verified_at)
        return person, await self._parts.passwords.hash(password)

    def check_domain(self, address: str) -> None:
        """Refuse an address of a domain that may have no account here, or raise nothing."""
        check_domain(self._settings, address)

    async def _made(
        self, connection: AsyncConnection, person: Person, *, actor: str | None, how: str
    ) -> None:
        await self._audit.record(
            connection,
            "account.made",
            actor=actor,
            subject=("user", person.id),
            email=person.email,
            how=how,
            roles=list(person.roles),
        )

    async def _say_already_registered(self, connection: AsyncConnection, person: Person) -> None:
        now, lasts = self._clock.now(), timedelta(minutes=self._settings.reset_minutes)
        secret = await links.make(connection, "reset", now=now, lasts=lasts, user_id=person.id, is_only=True)
        if person.disabled_at is None:
            mail = words.already_registered(person.name, self._parts.link("/reset", secret))
            await self._parts.mail.put(
                connection, "already-registered", person.email, mail, until=now + lasts
            )
        await self._audit.record(
            connection, "account.made", subject=("user", person.id), outcome="failure", why="address is taken"
        )

    async def _when_locked(self, connection: AsyncConnection, email: str) -> None:
        """An account was locked: tell its owner, if it has one."""
        found = await people.person_by_email(connection, email)
        if found is None:
            return
        person, now = found[0], self._clock.now()
        lasts = timedelta(minutes=self._settings.lock_minutes)
        secret = await links.make(connection, "unlock", now=now, lasts=lasts, user_id=person.id, is_only=True)
        mail = words.locked(person.name, self._parts.link("/unlock", secret), self._settings.lock_minutes)
        await self._parts.mail.put(connection, "locked", person.email, mail, until=now + lasts)
        await self._audit.record(connection, "account.locked", subject=("user", person.id))
