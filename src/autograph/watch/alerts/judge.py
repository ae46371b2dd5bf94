"""Judges the alerts: asks the rules, advances what is open, and writes down what is to be told. One at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from autograph.core.clock import Clock
from autograph.core.ids import new_id
from autograph.core.problem import Problem
from autograph.storage.sql import Database
from autograph.watch.alerts import engine, notify, store
from autograph.watch.alerts.engine import Alert
from autograph.watch.alerts.rules import RULES
from autograph.watch.alerts.rules.part import Finding, Remembered, Rule, View
from autograph.watch.alerts.settings import AlertsSettings
from autograph.watch.alerts.store import Notice, Silence
from autograph.watch.gather import Gatherer

LONGEST_ROUND_SECONDS = 15.0
"""A database that does not answer for longer counts as away."""

HEARTBEATS = "watchdog"
FORGET_EVERY = timedelta(hours=1)

LONGEST_PAUSE = timedelta(minutes=1)
"""Who has not looked for longer (the machine slept, its clock was set) has not heard of anybody either."""

_log = structlog.get_logger(__name__)

Tell = Callable[[notify.Content], Awaitable[None]]
"""Tells people at once, without keeping whether that went well."""


async def _nobody(_content: notify.Content) -> None:
    """Before there is anybody to tell."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was known after a round.

    Attributes:
        alerts: Those that are open.
        silences: Those that last.
    """

    alerts: tuple[Alert, ...] = ()
    silences: tuple[Silence, ...] = ()


class Judge:
    """The evaluator of this process; of all processes, the one that holds the lease judges.

    Args:
        database: Where the state is.
        gathered: What the rules look at.
        clock: Time.
        settings: Thresholds and pauses.
        channels: Names of the ways out, and whether each gets signs of life.
    """

    def __init__(
        self,
        database: Database,
        gathered: Gatherer,
        clock: Clock,
        settings: AlertsSettings,
        channels: dict[str, bool],
    ) -> None:
        self._database = database
        self._gathered = gathered
        self._clock = clock
        self._settings = settings
        self._channels = channels
        self._rules = {rule.name: rule for rule in RULES}
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._held_until: datetime | None = None
        self._watching_since = clock.now().timestamp()
        self._forgot_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._is_kept = True
        self._current: list[Alert] = []
        self._unkept: dict[str, Alert] = {}
        self.tell: Tell = _nobody
        self.holder = new_id()
        self.verdict = Verdict()

    async def round(self) -> bool:
        """Look once; return whether it was this process's turn to judge.

        While the database is away or full, what holds is judged from memory, told in the log and, by the process
        that judged last, at once through every channel; it is written down when that works again.
        """
        self._notice_pause(self._clock.now())
        try:
            async with asyncio.timeout(LONGEST_ROUND_SECONDS):
                is_ours = await self._round(self._clock.now())
        except (Problem, TimeoutError) as reason:
            if self._is_kept:
                _log.warning("alerts.not_kept", reason=str(reason) or "The database did not answer in time.")
            self._is_kept = False
            await self._judge_unkept(self._clock.now())
            return False
        self._is_kept = True
        return is_ours

    def measured(self) -> frozenset[str]:
        """Return the names of the rules that have something to judge now; of all others nothing is known."""
        return frozenset(rule.name for rule, _ in self._look(list(self.verdict.alerts), self._clock.now()))

    def _notice_pause(self, now: datetime) -> None:
        pause = max(LONGEST_PAUSE, timedelta(seconds=3 * self._settings.evaluate_every_seconds))
        if self._looked_at is not None and not timedelta(0) <= now - self._looked_at <= pause:
            _log.warning("alerts.paused", seconds=round((now - self._looked_at).total_seconds()))
            self._watching_since = now.timestamp()
        self._looked_at = now

    async def _round(self, now: datetime) -> bool:
        is_ours = await self._hold(now)
        async with self._database.read() as connection:
            current = await store.read_current(connection)
            silences = await store.list_silences(connection, now)
        if is_ours:
            current = await self._judge(self._caught_up(current), silences, now)
        self._current, self._unkept = current, {}
        still = tuple(alert for alert in current if alert.state != "resolved")
        self.verdict = Verdict(still, tuple(silences))
        return is_ours

    async def close(self) -> None:
        """Let another process judge from now on."""
        if self._held_until is not None:
            self._held_until = None
            async with self._database.begin() as connection:
                await store.release_lease(connection, self.holder)

    async def _hold(self, now: datetime) -> bool:
        """Have the lease: renewed when half of it is over."""
        if self._held_until is not None and now < self._held_until - self._lease / 2:
            return True
        async with self._database.begin() as connection:
            is_ours = await store.take_lease(connection, self.holder, now=now, until=now + self._lease)
        if is_ours and self._held_until is None:
            _log.info("alerts.judging")
        self._held_until = now + self._lease if is_ours else None
        return is_ours

    async def _judge(self, current: list[Alert], silences: list[Silence], now: datetime) -> list[Alert]:
        still = [alert for alert in current if alert.state != "resolved"]
        changes = self._step(still, now)
        after = {alert.id: alert for alert in current if alert.id not in changes.dropped}
        after.update((alert.id, alert) for alert in changes.alerts)
        made = notify.plan(
            list(after.values()), silences=silences, rules=self._rules, settings=self._settings, now=now
        )
        after.update((alert.id, alert) for alert in made.alerts)
        changed = {alert.id for alert in changes.alerts + made.alerts} | (self._unkept.keys() & after.keys())
        notices = [notice for content in made.contents for notice in self._notices(content, now)]
        if changed or changes.dropped or notices:
            kept = await self._write([after[found] for found in changed], changes.dropped, notices, now)
            if not kept:
                return current
            self._report(current, changes.alerts, made.contents)
        await self._forget(now)
        return list(after.values())

    def _caught_up(self, kept: list[Alert]) -> list[Alert]:
        """What the database has, brought to where we have judged without it."""
        found = {alert.id: alert for alert in kept}
        for alert in self._unkept.values():
            by = found.get(alert.id, alert)
            taken = {"acknowledged_by": by.acknowledged_by, "acknowledged_at": by.acknowledged_at}
            found[alert.id] = replace(alert, **taken)  # type: ignore[arg-type]  # the names are its own
        return list(found.values())

    async def _judge_unkept(self, now: datetime) -> None:
        before = self._current
        changes = self._step([alert for alert in before if alert.state != "resolved"], now)
        after = {alert.id: alert for alert in before if alert.id not in changes.dropped}
        after.update((alert.id, alert) for alert in changes.alerts)
        contents: list[notify.Content] = []
        if self._held_until is not None:  # of all processes only one had the lease when the database went
            silences = [found for found in self.verdict.silences if found.until > now]
            made = notify.plan(
                list(after.values()), silences=silences, rules=self._rules, settings=self._settings, now=now
            )
            after.update((alert.id, alert) for alert in made.alerts)
            self._unkept.update((found.id, after[found.id]) for found in changes.alerts + made.alerts)
            contents = made.contents
        for dropped in changes.dropped:
            self._unkept.pop(dropped, None)
        self._current = [
            alert for alert in after.values() if alert.state != "resolved" or alert.told == "firing"
        ]
        still = tuple(alert for alert in self._current if alert.state != "resolved")
        self.verdict = Verdict(still, self.verdict.silences)
        self._report(before, changes.alerts, contents)
        await asyncio.gather(*(self.tell(content) for content in contents))

    def _step(self, still: list[Alert], now: datetime) -> engine.Changes:
        return engine.step(
            still, self._look(still, now), now=now, thresholds=self._settings.thresholds, new_id=new_id
        )

    def _look(self, still: list[Alert], now: datetime) -> list[tuple[Rule, Finding]]:
        """Ask every rule; one that fails is reported and judges nothing this time."""
        self._gathered.forget()
        found: list[tuple[Rule, Finding]] = []
        view = View(self._gathered, now.timestamp(), self._settings.thresholds, self._watching_since)
        for rule in self._rules.values():
            remembered = tuple(
                Remembered(alert.labels, alert.pending_since.timestamp())
                for alert in still
                if alert.rule == rule.name
            )
            try:
                found.extend(
                    (rule, finding) for finding in [*rule.look(replace(view, remembered=remembered))]
                )
            except Exception:  # noqa: BLE001 - rules may come from other packages
                _log.exception("alerts.rule_failed", rule=rule.name)
        return found

    def _notices(self, content: notify.Content, now: datetime) -> list[Notice]:
        written = content.model_dump(mode="json")
        is_beat = content.reason == "heartbeat"
        return [
            Notice(new_id(), content.group, channel, written, "waiting", 0, now, now, None, "")
            for channel, takes_beats in self._channels.items()
            if takes_beats or not is_beat
        ]

    async def _write(
        self, alerts: list[Alert], dropped: list[str], notices: list[Notice], now: datetime
    ) -> bool:
        """Write all of it, or nothing when the lease was lost in the meantime."""
        now = self._clock.now()
        async with self._database.begin() as connection:
            is_ours = await store.keep_lease(connection, self.holder, now=now, until=now + self._lease)
            if is_ours:
                for alert in alerts:
                    await store.keep_alert(connection, alert)
                for alert_id in dropped:
                    await store.drop_alert(connection, alert_id)
                await store.add_notices(connection, notices)
        self._held_until = now + self._lease if is_ours else None
        return is_ours

    async def _forget(self, now: datetime) -> None:
        if self._forgot_at is not None and now - self._forgot_at < FORGET_EVERY:
            return
        self._forgot_at = now
        async with self._database.begin() as connection:
            kept = timedelta(days=self._settings.kept_days)
            await store.forget(connection, now=now, kept=kept, heartbeats=HEARTBEATS)

    def _report(self, before: list[Alert], changed: list[Alert], contents: list[notify.Content]) -> None:
        """The log is the channel that is always there."""
        states = {alert.id: alert.state for alert in before}
        for alert in changed:
            if alert.state != "pending" and alert.state != states.get(alert.id) and alert.rule != HEARTBEATS:
                write = _log.info if alert.state == "resolved" else _log.warning
                write(f"alerts.{alert.state}", alert=alert.identity, message=alert.message)
        for content in contents:
            if content.reason == "escalation":
                _log.warning("alerts.escalated", group=content.group)


async def forever(judge: Judge, every_seconds: float) -> None:
    """Judge until cancelled; a database that is away is no reason to stop."""
    while True:
        try:
            await judge.round()
        except Exception:  # noqa: BLE001 - the next round may do better
            _log.exception("alerts.not_judged")
        await asyncio.sleep(every_seconds)
