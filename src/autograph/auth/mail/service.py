"""Writes, sends and shows mails."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.auth.mail import store
from autograph.auth.mail.store import Letter
from autograph.auth.mail.words import Words
from autograph.auth.settings import AuthSettings
from autograph.auth.vault import Broken, Vault
from autograph.clients.smtp import MailServer, NotTaken
from autograph.core.clock import Clock
from autograph.core.ids import new_id
from autograph.core.problem import NotFound
from autograph.storage.sql import Database

PURPOSE = "mail"
MOST_AT_ONCE = 20
LOOK_EVERY_SECONDS = 60.0
SEND_SECONDS = 15.0
COMMITTED_AFTER_SECONDS = 0.3
"""A mail is put in before its transaction ends."""

KEPT = timedelta(days=30)
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 10, 900

_log = structlog.get_logger(__name__)


class Mail:
    """The outbox. What is put in goes out when a mail server is set; administrators can read what has not gone out.

    Args:
        database: Where mails wait; migrated already.
        clock: Time.
        vault: Seals their text, which holds links.
        settings: The mail server, and who writes.

    Raises:
        ValueError: The mail server's address is none.
    """

    def __init__(self, *, database: Database, clock: Clock, vault: Vault, settings: AuthSettings) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._sender = settings.mail_from
        url = settings.smtp_url.get_secret_value()
        self._server = MailServer(url, timeout_seconds=SEND_SECONDS) if url else None
        self._wake = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    @property
    def is_sent(self) -> bool:
        """Whether mails leave the installation at all."""
        return self._server is not None

    async def put(
        self,
        connection: AsyncConnection,
        kind: str,
        recipient: str,
        words: Words,
        *,
        until: datetime,
        about: str = "",
    ) -> None:
        """Write a mail in the transaction of what it is about; after `until` it is not worth sending.

        With the id of what it is `about` it can be withdrawn with that.
        """
        now, letter_id = self._clock.now(), new_id()
        sealed = self._vault.seal(PURPOSE, words.text, owner=letter_id)
        letter = Letter(
            letter_id, kind, recipient, words.subject, sealed, "waiting", 0, now, now, until, None, "", about
        )
        await store.add(connection, letter)
        self._wake.set()

    async def written(self, connection: AsyncConnection, kind: str, recipient: str, within: timedelta) -> int:
        """Return how many mails of a kind an address was lately written, sent or not."""
        return await store.count(connection, kind, recipient, since=self._clock.now() - within)

    async def withdraw(self, connection: AsyncConnection, about: Sequence[str]) -> None:
        """Send no mails any more that went with these ids."""
        await store.withdraw(connection, about)

    async def listed(self, *, page: int, page_size: int) -> tuple[list[Letter], int]:
        """Return one page of mails without their texts, and how many there are."""
        async with self._database.read() as connection:
            return await store.listed(connection, page=page, page_size=page_size)

    async def read(self, letter_id: str) -> tuple[Letter, str]:
        """Return a mail and its text, empty when that is gone. Raises NotFound."""
        async with self._database.read() as connection:
            letter = await store.one(connection, letter_id)
        if letter is None:
            raise NotFound
        return letter, self._text(letter)

    async def hurry(self, connection: AsyncConnection, letter_id: str) -> None:
        """Try a mail that waits for its next try as soon as this transaction ends."""
        await store.hurry(connection, letter_id, self._clock.now())
        self._wake.set()

    def start(self) -> None:
        """Send in the background."""
        self._sending = asyncio.create_task(self._forever())

    async def close(self) -> None:
        """Stop; what was not sent waits for the next start."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    async def round(self) -> int:
        """Forget what is too old and try what is due; return how many mails were sent."""
        now = self._clock.now()
        async with self._database.begin() as connection:
            await store.forget(connection, now=now, before=now - KEPT)
            letters = await store.due(connection, now, most=MOST_AT_ONCE) if self._server else []
        return sum(await asyncio.gather(*(self._try(letter) for letter in letters)))

    async def _forever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - a database that is away is no reason to stop
                _log.exception("mail.not_sending")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY_SECONDS)
                await asyncio.sleep(COMMITTED_AFTER_SECONDS)

    async def _try(self, letter: Letter) -> bool:
        pause = min(_FIRST_PAUSE_SECONDS * 2**letter.tries, _LONGEST_PAUSE_SECONDS)
        async with self._database.begin() as connection:
            next_try_at = self._clock.now() + timedelta(seconds=max(pause, 2 * SEND_SECONDS))
            if not await store.claim(connection, letter, next_try_at):
                return False
        error = await self._send(letter)
        async with self._database.begin() as connection:
            state: store.State = "waiting" if error else "sent"
            await store.end_try(connection, letter.id, state=state, now=self._clock.now(), error=error)
        if error:
            _log.warning("mail.not_sent", kind=letter.kind, tries=letter.tries + 1, reason=error)
        return not error

    async def _send(self, letter: Letter) -> str:
        """Send; return why it could not be, empty when it was."""
        text = self._text(letter)
        if self._server is None or not text:
            return "Its text cannot be read."
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = letter.recipient
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.created_at)
        message["Message-ID"] = f"<{letter.id}@autograph.mail>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            await self._server.send(message)
        except NotTaken as reason:
            return str(reason)
        return ""

    def _text(self, letter: Letter) -> str:
        if letter.sealed_text is None:
            return ""
        try:
            return self._vault.open(PURPOSE, letter.sealed_text, owner=letter.id)
        except Broken:
            return ""
