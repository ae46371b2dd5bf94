"""Sends the notices that wait, each channel for itself, and keeps how every try went."""

import asyncio
from datetime import timedelta

import structlog

from autograph.core.clock import Clock
from autograph.core.ids import new_id
from autograph.core.problem import Problem
from autograph.storage.sql import Database
from autograph.watch.alerts import store
from autograph.watch.alerts.channels import Channel, Undeliverable
from autograph.watch.alerts.notify import Content, retry_after
from autograph.watch.alerts.settings import AlertsSettings
from autograph.watch.alerts.store import Notice

MOST_AT_ONCE = 20

_log = structlog.get_logger(__name__)


class Courier:
    """Delivers. A notice is claimed before it is sent, so that of several processes one sends it.

    Args:
        database: Where notices wait.
        clock: Time.
        settings: How long a delivery is tried.
        channels: The ways out, by name.
    """

    def __init__(
        self, database: Database, clock: Clock, settings: AlertsSettings, channels: dict[str, Channel]
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._channels = channels

    async def tell(self, content: Content) -> None:
        """Send one content through every channel now, once, for when notices cannot be kept."""
        is_beat, notice_id = content.reason == "heartbeat", new_id()
        names = [name for name, channel in self._channels.items() if channel.takes_beats or not is_beat]
        errors = await asyncio.gather(*(self._send(name, notice_id, content) for name in names))
        for name, error in zip(names, errors, strict=True):
            if error:
                _log.warning("alerts.not_delivered", channel=name, state="not kept", reason=error)

    async def try_out(self, content: Content) -> dict[str, str]:
        """Send one content through every channel now; return why each could not, empty when it was taken."""
        names, notice_id = [*self._channels], new_id()
        errors = await asyncio.gather(*(self._send(name, notice_id, content) for name in names))
        return dict(zip(names, errors, strict=True))

    async def round(self) -> int:
        """Try what is due; return how many notices were delivered."""
        async with self._database.read() as connection:
            due = await store.due_notices(connection, self._clock.now(), most=MOST_AT_ONCE)
        return sum(await asyncio.gather(*(self._try(notice) for notice in due)))

    async def _try(self, notice: Notice) -> bool:
        next_try_at = self._clock.now() + retry_after(notice.tries + 1)
        next_try_at = max(
            next_try_at, self._clock.now() + timedelta(seconds=2 * self._settings.send_timeout_seconds)
        )
        async with self._database.begin() as connection:
            if not await store.claim_notice(connection, notice, next_try_at):
                return False
        error = await self._send(notice.channel, notice.id, Content.model_validate(notice.content))
        now = self._clock.now()
        state = "sent" if not error else "waiting" if self._is_worth_more(notice) else "failed"
        async with self._database.begin() as connection:
            sent_at = None if error else now
            await store.end_try(connection, notice.id, state=state, sent_at=sent_at, error=error)
        if error:
            _log.warning("alerts.not_delivered", channel=notice.channel, state=state, reason=error)
        return not error

    async def _send(self, name: str, notice_id: str, content: Content) -> str:
        """Send; return why it could not be, empty when it was."""
        channel = self._channels.get(name)
        if channel is None:
            return "This channel is not set up any more."
        try:
            await channel.send(notice_id, content)
        except Undeliverable as reason:
            return str(reason)
        except Exception as error:  # noqa: BLE001 - its text may name the address
            _log.error("alerts.channel_failed", channel=name, kind=type(error).__name__)
            return f"It failed: {type(error).__name__}."
        return ""

    def _is_worth_more(self, notice: Notice) -> bool:
        """A sign of life that is late is none; the rest is tried until it is too old to matter."""
        if notice.content.get("reason") == "heartbeat" or notice.channel not in self._channels:
            return False
        age = self._clock.now() - notice.created_at
        return age < timedelta(seconds=self._settings.give_up_seconds)


async def forever(courier: Courier, every_seconds: float) -> None:
    """Deliver until cancelled; a database that is away or full is no reason to stop, and told once."""
    is_away = False
    while True:
        try:
            await courier.round()
            is_away = False
        except Problem as reason:
            if not is_away:
                _log.warning("alerts.not_delivering", reason=str(reason))
            is_away = True
        except Exception:  # noqa: BLE001 - the next round may do better
            _log.exception("alerts.not_delivering")
        await asyncio.sleep(every_seconds)
