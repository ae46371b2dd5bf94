"""What follows whenever one's second factors change: a mail to the owner, and the end of other sessions."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.mail import words
from autograph.auth.parts import Parts
from autograph.auth.rules import Person
from autograph.auth.sessions import Sessions
from autograph.core.problem import Conflict
from autograph.model.principal import Principal

MAIL_LASTS = timedelta(days=7)


class MfaEnabled(Conflict):
    """There is an authenticator app already."""

    slug, title = "mfa-enabled", "An authenticator app is set up already. Remove it first."


class MfaRequired(Conflict):
    """The installation wants a second factor of everybody."""

    slug, title = "mfa-required", "Everybody needs a second factor here. Set up another one first."


class Proofs:
    """Works in the transaction of the change, before its audit record."""

    def __init__(self, parts: Parts, sessions: Sessions) -> None:
        self._parts = parts
        self._sessions = sessions

    @property
    def are_required(self) -> bool:
        """Whether everybody needs a second factor here."""
        return self._parts.settings.mfa == "required"

    async def tell(self, connection: AsyncConnection, person: Person, what: str) -> None:
        """Write the owner of the account a mail that says what has happened."""
        mail, until = words.security(person.name, what), self._parts.clock.now() + MAIL_LASTS
        await self._parts.mail.put(connection, "security", person.email, mail, until=until)

    async def end_others(self, connection: AsyncConnection, principal: Principal) -> None:
        """End every session of the asker but the one that asks."""
        await self._sessions.end_all(
            connection,
            principal.user_id,
            actor=principal.user_id,
            but=principal.session_id,
            why="second factor",
        )
