"""What can be done with accounts: the use cases, each in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from autograph.auth import rules, store
from autograph.auth.factors.password import PasswordFactor
from autograph.auth.keys import SigningKeys
from autograph.auth.recent import RecentSessions
from autograph.auth.rules import Person, Session
from autograph.auth.settings import AuthSettings
from autograph.auth.tokens import read_access, write_access, write_assertion
from autograph.clients.auth import Identified
from autograph.core.clock import Clock
from autograph.core.ids import new_id
from autograph.core.problem import Conflict, Forbidden, Problem, StorageFull, Unauthenticated
from autograph.model.principal import Principal
from autograph.storage.sql import Database

KEEP_ENDED_SESSIONS = timedelta(days=7)

_log = structlog.get_logger(__name__)


class FirstRunDone(Conflict):
    """The installation has its administrator."""

    slug, title = "first-run-done", "This installation already has an administrator."


class FirstRunCode(Forbidden):
    """A first-run code that opens nothing."""

    slug = "first-run-code"
    title = "This link is wrong, used or too old. Starting AutoGraph again prints a new one."


class RegistrationClosed(Forbidden):
    """Nobody may make an account for themselves here."""

    slug, title = "registration-closed", "Accounts are made by an administrator here."


class WrongCredentials(Unauthenticated):
    """The same words for a wrong password and for an address without an account."""

    slug, title = "wrong-credentials", "E-mail address or password is wrong."


class RefreshRefused(Unauthenticated):
    """A refresh token that is unknown, or whose session has ended."""

    slug, title = "refresh-refused", "This refresh token is not valid any more. Sign in again."


class RefreshReused(Unauthenticated):
    """Somebody used a refresh token that was used before: one of the two stole it, so the session ends."""

    slug = "refresh-reused"
    title = "This refresh token was used before; its session has been ended. Sign in again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: held by a cookie (`cookie`), or by tokens (`access_token`, `refresh_token`)."""

    person: Person
    session: Session
    cookie: str = ""
    access_token: str = ""
    refresh_token: str = ""
    expires_in: int = 0


class Accounts:
    """The use cases of auth. Owns nothing that outlives it but the threads of its password factor."""

    def __init__(
        self, *, database: Database, clock: Clock, settings: AuthSettings, keys: SigningKeys
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self.keys = keys
        self.passwords = PasswordFactor(settings)
        self._has_administrator = False
        self._recent = RecentSessions(clock)

    async def first_run_needed(self) -> bool:
        """Whether no administrator exists yet."""
        if not self._has_administrator:
            async with self._database.read() as connection:
                self._has_administrator = await store.administrator_exists(connection)
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
            await store.replace_code(connection, rules.code_hash(code), now, expires)
        return code

    async def code_is_valid(self, code: str) -> bool:
        """Whether `code` would open the first run just now."""
        async with self._database.read() as connection:
            return await store.code_is_valid(connection, rules.code_hash(code), self._clock.now())

    async def first_run(self, code: str, email: str, name: str, password: str) -> SignedIn:
        """Make the first administrator and sign them in with a cookie. Of two at once, one succeeds.

        Raises:
            FirstRunDone: There is an administrator.
            FirstRunCode: The code is wrong, used or too old.
            Invalid: Address, name or password is not valid.
        """
        if not await self.code_is_valid(code):
            raise FirstRunCode if await self.first_run_needed() else FirstRunDone
        person, password_hash = await self._new_person(email, name, password, rules.ADMIN)
        now = self._clock.now()
        async with self._database.begin() as connection:
            taken = await store.take_code(connection, rules.code_hash(code), now)
            if await store.administrator_exists(connection):
                raise FirstRunDone
            if not taken:
                raise FirstRunCode
            await store.add_person(connection, person, password_hash)
        self._has_administrator = True
        return await self._open_session(person, remember_me=False, cookie=True)

    async def create_administrator(self, email: str, name: str, password: str) -> Person:
        """Make an administrator without a link: for whoever has a shell on the machine.

        Raises:
            Invalid: Address, name or password is not valid.
            EmailTaken: The address has an account.
        """
        return await self._add(email, name, password, rules.ADMIN)

    async def register(self, email: str, name: str, password: str) -> Person:
        """Make an account for whoever asks, if the installation allows it.

        Raises:
            RegistrationClosed: It does not.
            Invalid: Address, name or password is not valid.
            EmailTaken: The address has an account.
        """
        if self._settings.registration != "open":
            raise RegistrationClosed
        return await self._add(email, name, password, rules.EDITOR)

    async def login(self, email: str, password: str, *, remember_me: bool, cookie: bool) -> SignedIn:
        """Open a session for whoever knows the password.

        Raises:
            WrongCredentials: Wrong password or unknown address; both look and take the same.
        """
        try:
            address = rules.normal_email(email)
        except Problem:
            address = ""
        async with self._database.read() as connection:
            found = await store.person_by_email(connection, address)
        right, renewed = await self.passwords.verify(password, found[1] if found else None)
        if found is None or not right:
            raise WrongCredentials
        person = found[0]
        if renewed:
            async with self._database.begin() as connection:
                await store.set_password_hash(connection, person.id, renewed)
        return await self._open_session(person, remember_me=remember_me, cookie=cookie)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """Exchange a refresh token for a new pair. Each works once; using one again ends its session.

        Raises:
            RefreshRefused: Unknown, or its session has ended.
            RefreshReused: It was used before. The session, and with it the newest token, is ended.
        """
        token_hash, fresh, now = rules.secret_hash(refresh_token), rules.new_secret(), self._clock.now()
        async with self._database.begin() as connection:
            session_id = await store.session_of_refresh_token(connection, token_hash)
            found = await store.session_by_id(connection, session_id) if session_id else None
            if found is None:
                raise RefreshRefused
            session, person = found
            taken = await store.take_refresh_token(connection, token_hash, now)
            if not taken:
                await store.revoke_session(connection, session.id, now)
            elif not session.is_alive(now):
                raise RefreshRefused
            else:
                await store.touch_session(connection, session.id, now)
                await store.add_refresh_token(connection, rules.secret_hash(fresh), session.id, now)
        if not taken:  # raised only now: the revocation above has to be committed
            self._recent.forget(session.id)
            raise RefreshReused
        return self._with_tokens(person, session, fresh, now)

    async def logout(self, principal: Principal) -> None:
        """End the session that proved who is asking, and every token that hangs on it."""
        async with self._database.begin() as connection:
            await store.revoke_session(connection, principal.session_id, self._clock.now())
        self._recent.forget(principal.session_id)

    async def me(self, principal: Principal) -> tuple[Person, Session]:
        """Return the asker's account and session as they stand now, or stood up to three seconds ago.

        Raises:
            Unauthenticated: The session has ended since it was proven.
        """
        if recent := self._recent.get(principal.session_id):
            return recent
        async with self._database.read() as connection:
            found = await store.session_by_id(connection, principal.session_id)
        person, session = self._alive(found, self._clock.now())
        self._recent.put(person, session)
        return person, session

    async def identify(self, *, cookie: str | None, bearer: str | None) -> Identified:
        """Return an identity assertion for the holder of a session cookie or of an access token.

        Raises:
            Unauthenticated: Unknown, expired, revoked or forged.
        """
        now = self._clock.now()
        async with self._database.read() as connection:
            if cookie is not None:
                found = await store.session_by_cookie(connection, rules.secret_hash(cookie))
                person, session = self._alive(found, now)
            else:
                claims = read_access(self.keys, bearer or "", now=now)
                person, session = self._alive(await store.session_by_id(connection, claims.sid), now)
                if claims.sub != person.id:
                    raise Unauthenticated("this token and its session are two people's")
        self._recent.put(person, session)
        if session.wants_touch(now):
            await self._touch(session, now)
        assertion, expires_in = write_assertion(self.keys, person, session, now=now)
        principal = Principal(
            user_id=person.id,
            email=person.email,
            name=person.name,
            roles=person.roles,
            session_id=session.id,
        )
        return Identified(assertion=assertion, expires_in=expires_in, principal=principal)

    async def _touch(self, session: Session, now: datetime) -> None:
        """Keep when a session was last used; a full disk must not lock out those who only read."""
        try:
            async with self._database.begin() as connection:
                await store.touch_session(connection, session.id, now)
        except StorageFull:
            _log.warning("auth.last_seen_not_kept", reason="no room left")

    def close(self) -> None:
        """Let the password threads go."""
        self.passwords.close()

    @staticmethod
    def _alive(found: tuple[Session, Person] | None, now: datetime) -> tuple[Person, Session]:
        if found is None or not found[0].is_alive(now):
            raise Unauthenticated("this session has ended: sign in again")
        return found[1], found[0]

    async def _new_person(self, email: str, name: str, password: str, role: str) -> tuple[Person, str]:
        address, called = rules.normal_email(email), rules.normal_name(name)
        rules.check_password(password, email=address, name=called)
        person = Person(new_id(), address, called, (role,), self._clock.now())
        return person, await self.passwords.hash(password)

    async def _add(self, email: str, name: str, password: str, role: str) -> Person:
        person, password_hash = await self._new_person(email, name, password, role)
        async with self._database.begin() as connection:
            await store.add_person(connection, person, password_hash)
        return person

    async def _open_session(self, person: Person, *, remember_me: bool, cookie: bool) -> SignedIn:
        now, secret = self._clock.now(), rules.new_secret()
        session = self._new_session(person, now, remember_me=remember_me, cookie=cookie)
        async with self._database.begin() as connection:
            await store.forget_dead_sessions(connection, person.id, now - KEEP_ENDED_SESSIONS)
            await store.add_session(connection, session, rules.secret_hash(secret) if cookie else None)
            if not cookie:
                await store.add_refresh_token(connection, rules.secret_hash(secret), session.id, now)
        if cookie:
            return SignedIn(person, session, cookie=secret)
        return self._with_tokens(person, session, secret, now)

    def _new_session(self, person: Person, now: datetime, *, remember_me: bool, cookie: bool) -> Session:
        settings = self._settings
        life = (
            timedelta(days=settings.remembered_session_days)
            if remember_me
            else timedelta(hours=settings.session_hours)
        )
        rests = settings.idle_minutes * 60 if cookie and not remember_me else 0
        return Session(new_id(), person.id, now, now, now + life, rests or None, None)

    def _with_tokens(self, person: Person, session: Session, refresh_token: str, now: datetime) -> SignedIn:
        seconds = self._settings.access_token_minutes * 60
        return SignedIn(
            person,
            session,
            access_token=write_access(self.keys, person, session, now=now, seconds=seconds),
            refresh_token=refresh_token,
            expires_in=min(seconds, int((session.expires_at - now).total_seconds())),
        )


async def first_run_code(service: Accounts) -> str | None:
    """Return a fresh first-run code to print at start, or None when there is an administrator."""
    return await service.new_first_run_code()
