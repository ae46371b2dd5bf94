"""Sessions: opened once somebody proved who they are, seen and ended by their owner, a bounded number of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth import rules
from autograph.auth.asking import asking
from autograph.auth.factors import FACTORS
from autograph.auth.parts import Parts
from autograph.auth.recent import RecentSessions
from autograph.auth.rules import Person, Session
from autograph.auth.store import people
from autograph.auth.tokens import write_access
from autograph.core.ids import new_id
from autograph.core.problem import NotFound, Unauthenticated
from autograph.model.principal import Principal

KEEP_ENDED_SESSIONS = timedelta(days=7)


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
    is_remembered: bool = False


class Sessions:
    """The use cases of sessions."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.recent = RecentSessions(parts.clock)

    async def open(
        self, connection: AsyncConnection, person: Person, *, methods: str, remember_me: bool, cookie: bool
    ) -> SignedIn:
        """Open a session for somebody who has proven who they are; the one used longest ago makes room.

        Args:
            connection: The transaction of the proof.
            person: Who it is.
            methods: What proved it, such as ``password totp``.
            remember_me: Whether it lasts for weeks, without a rest ending it.
            cookie: Whether a cookie holds it, else tokens.

        Raises:
            ValueError: A proof is none of the shelf of factors.
            Unauthenticated: The account was disabled or removed since.
        """
        if not {factor.name for factor in FACTORS if factor.opens}.issuperset(methods.split()[:1]):
            raise ValueError(f"no factor opens a session as {methods!r}")
        now, secret = self._parts.clock.now(), rules.new_secret()
        session = self._new(person, now, methods=methods, remember_me=remember_me, cookie=cookie)
        await people.forget_dead_sessions(connection, person.id, now - KEEP_ENDED_SESSIONS)
        if not await people.hold_person(connection, person.id):
            raise Unauthenticated
        await self._make_room(connection, person, now)
        await people.add_session(connection, session, rules.secret_hash(secret) if cookie else None)
        if not cookie:
            await people.add_refresh_token(connection, rules.secret_hash(secret), session.id, now)
        subject = ("session", session.id)
        await self._parts.audit.record(
            connection, "session.opened", actor=person.id, subject=subject, methods=methods
        )
        if cookie:
            return SignedIn(person, session, cookie=secret, is_remembered=remember_me)
        return self._with_tokens(person, session, secret, now)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """Exchange a refresh token for a new pair. Each works once; using one again ends its session.

        Raises:
            RefreshRefused: Unknown, or its session has ended.
            RefreshReused: It was used before. The session, and with it the newest token, is ended.
        """
        token_hash, fresh = rules.secret_hash(refresh_token), rules.new_secret()
        now = self._parts.clock.now()
        async with self._parts.database.begin() as connection:
            session_id = await people.session_of_refresh_token(connection, token_hash)
            found = await people.session_by_id(connection, session_id) if session_id else None
            if found is None:
                raise RefreshRefused
            session, person = found
            subject = ("session", session.id)
            taken = await people.take_refresh_token(connection, token_hash, now)
            if not taken:
                await people.revoke_session(connection, session.id, now)
                await self._parts.audit.record(
                    connection, "refresh.reused", actor=person.id, subject=subject, outcome="failure"
                )
            elif not session.is_alive(now) or person.disabled_at:
                raise RefreshRefused
            else:
                await people.touch_session(connection, session.id, now)
                await people.add_refresh_token(connection, rules.secret_hash(fresh), session.id, now)
                await self._parts.audit.record(
                    connection, "session.refreshed", actor=person.id, subject=subject
                )
        if not taken:  # raised only now: the revocation above has to be committed
            self.recent.forget(session.id)
            raise RefreshReused
        return self._with_tokens(person, session, fresh, now)

    async def listed(self, user_id: str) -> list[Session]:
        """Return a person's living sessions, the one used last before the others."""
        async with self._parts.database.read() as connection:
            found = await people.sessions_of(connection, user_id)
        now = self._parts.clock.now()
        return [session for session in found if session.is_alive(now)]

    async def end(self, principal: Principal, session_id: str) -> None:
        """End one of one's own sessions and every token that hangs on it, or raise NotFound."""
        async with self._parts.database.begin() as connection:
            found = await people.session_by_id(connection, session_id)
            if found is None or found[1].id != principal.user_id or found[0].revoked_at:
                raise NotFound
            await people.revoke_session(connection, session_id, self._parts.clock.now())
            await self._parts.audit.record(
                connection, "session.ended", actor=principal.user_id, subject=("session", session_id)
            )
        self.recent.forget(session_id)

    async def strengthen(self, connection: AsyncConnection, principal: Principal, method: str) -> None:
        """Note that whoever holds the asker's session has shown one more proof, in the transaction of the proof."""
        found = await people.session_by_id(connection, principal.session_id)
        if found is None or method in found[0].methods.split():
            return
        await people.set_methods(connection, principal.session_id, f"{found[0].methods} {method}".strip())
        self.recent.forget(principal.session_id)

    async def end_all(
        self, connection: AsyncConnection, user_id: str, *, actor: str | None, but: str = "", why: str
    ) -> int:
        """End all sessions of a person but one, in the transaction of the reason; return how many these were."""
        ended = await people.revoke_sessions(connection, user_id, self._parts.clock.now(), but=but)
        for session_id in ended:
            self.recent.forget(session_id)
        if ended:
            await self._parts.audit.record(
                connection,
                "sessions.ended",
                actor=actor,
                subject=("user", user_id),
                count=len(ended),
                why=why,
            )
        return len(ended)

    async def _make_room(self, connection: AsyncConnection, person: Person, now: datetime) -> None:
        alive = [one for one in await people.sessions_of(connection, person.id) if one.is_alive(now)]
        for session in alive[self._parts.settings.most_sessions - 1 :]:
            await people.revoke_session(connection, session.id, now)
            self.recent.forget(session.id)

    def _new(
        self, person: Person, now: datetime, *, methods: str, remember_me: bool, cookie: bool
    ) -> Session:
        settings, where = self._parts.settings, asking.get()
        life = (
            timedelta(days=settings.remembered_session_days)
            if remember_me
            else timedelta(hours=settings.session_hours)
        )
        rests = settings.idle_minutes * 60 if cookie and not remember_me else 0
        return Session(
            id=new_id(),
            user_id=person.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + life,
            idle_seconds=rests or None,
            revoked_at=None,
            address=where.address,
            user_agent=where.user_agent,
            methods=methods,
        )

    def _with_tokens(self, person: Person, session: Session, refresh_token: str, now: datetime) -> SignedIn:
        seconds = self._parts.settings.access_token_minutes * 60
        return SignedIn(
            person,
            session,
            access_token=write_access(self._parts.keys, person, session, now=now, seconds=seconds),
            refresh_token=refresh_token,
            expires_in=min(seconds, int((session.expires_at - now).total_seconds())),
        )
