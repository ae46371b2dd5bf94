"""Proving once more who one is, before what one signs in with is changed."""

from datetime import timedelta

from autograph.auth.asking import asking
from autograph.auth.parts import Parts
from autograph.auth.rules import Person
from autograph.auth.service import WrongCredentials
from autograph.auth.store import people
from autograph.core.problem import Forbidden, Unauthenticated
from autograph.model.principal import Principal

FRESH = timedelta(minutes=5)
"""A session this young proves its owner as well as a password does."""


class SessionTooOld(Forbidden):
    """Whoever gives no password proves who they are by having just signed in."""

    slug, title = "session-too-old", "Give your password; or sign in again, then do this within five minutes."


class Again:
    """Asks for a password, or for a fresh session in its place."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def proven(self, principal: Principal, password: str, *, needs_password: bool = False) -> Person:
        """Return the account of whoever asks.

        Args:
            principal: Who asks.
            password: The account's; empty to be proven by the session.
            needs_password: Whether an account that has a password must give it, however fresh the session is.

        Raises:
            WrongCredentials: The password is not right; it counts as at a sign-in.
            SessionTooOld: None was given, and the session began too long ago.
            Unauthenticated: The session has ended, or the account is gone.
        """
        async with self._parts.database.read() as connection:
            found = await people.person_by_id(connection, principal.user_id)
            session = await people.session_by_id(connection, principal.session_id)
        if found is None or session is None or session[1].id != principal.user_id:
            raise Unauthenticated
        person, password_hash = found
        if not password and not (needs_password and password_hash):
            if self._parts.clock.now() - session[0].created_at >= FRESH:
                raise SessionTooOld
            return person
        async with self._parts.throttle.trying(
            person.email, asking.get().address, event="proof.refused", method="password"
        ) as attempt:
            is_right, _ = await self._parts.passwords.verify(password, password_hash)
            if not is_right:
                raise WrongCredentials("The current password is wrong.")
            attempt.does_not_count()  # only half of a sign-in: wrong codes go on counting
        return person
