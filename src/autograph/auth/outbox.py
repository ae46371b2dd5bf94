"""The outbox as administrators see it: what was written to whom, and how that went."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.mail.store import Letter
from autograph.auth.parts import Parts
from autograph.auth.rights import BeyondOwnRights, Rights
from autograph.auth.store import standing
from autograph.core.problem import Conflict
from autograph.model.principal import Principal
from autograph.model.rights import Permission

PAGE_SIZE = 50


class MailGone(Conflict):
    """A mail that cannot be sent again."""

    slug, title = "mail-gone", "The text of this mail is not kept any more. Ask for a new one."


class NoMailServer(Conflict):
    """An installation that sends no mail."""

    slug, title = "no-mail-server", "No mail server is set: read the mail here, and pass its link on."


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail and its text; that is empty once it was sent or is too old."""

    letter: Letter
    text: str


class Outbox:
    """The use cases of the outbox."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rights = Rights(parts)

    @property
    def is_sent(self) -> bool:
        """Whether mails leave the installation at all."""
        return self._parts.mail.is_sent

    async def listed(self, page: int) -> tuple[list[Letter], int]:
        """Return one page of mails, the newest first, and how many there are."""
        return await self._parts.mail.listed(page=page, page_size=PAGE_SIZE)

    async def read(self, asker: Principal, letter_id: str) -> Opened:
        """Return a mail with its text, links and all; whoever reads one stands in the audit log.

        A link opens its recipient's account. So nobody reads mail to somebody who may do more than they may.

        Raises:
            NotFound: There is no such mail.
            BeyondOwnRights: Its recipient may do more than who asks.
        """
        letter, text = await self._parts.mail.read(letter_id)
        async with self._parts.database.begin() as connection:
            is_allowed = not text or await self._is_within(connection, asker, letter.recipient)
            await self._parts.audit.record(
                connection,
                "mail.read",
                actor=asker.user_id,
                subject=("mail", letter.id),
                outcome="success" if is_allowed else "failure",
                email=letter.recipient,
                kind=letter.kind,
                has_text=bool(text),
            )
        if not is_allowed:
            raise BeyondOwnRights("Its link opens an account that may do more than yours.")
        return Opened(letter, text)

    async def resend(self, asker: Principal, letter_id: str) -> Letter:
        """Send a mail now that waits for its next try, and return it.

        Raises:
            NotFound: There is no such mail.
            NoMailServer: Mails do not leave this installation.
            MailGone: It was sent, or is too old.
        """
        letter, text = await self._parts.mail.read(letter_id)
        if not self.is_sent:
            raise NoMailServer
        if not text:
            raise MailGone
        async with self._parts.database.begin() as connection:
            await self._parts.mail.hurry(connection, letter_id)
            await self._parts.audit.record(
                connection,
                "mail.resent",
                actor=asker.user_id,
                subject=("mail", letter.id),
                email=letter.recipient,
                kind=letter.kind,
            )
        return (await self._parts.mail.read(letter_id))[0]

    async def _is_within(self, connection: AsyncConnection, asker: Principal, address: str) -> bool:
        held = await self._rights.held(connection, asker, Permission.MAIL_READ)
        behind = await standing.roles_behind(connection, address, self._parts.clock.now())
        return await self._rights.of(connection, behind) <= held & asker.permissions
