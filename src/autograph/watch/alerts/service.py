"""Use cases of the alerts: judge in the background, look at what is open, acknowledge, silence."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from autograph.core.clock import Clock
from autograph.core.correlation import correlation_id
from autograph.core.ids import new_id
from autograph.core.problem import Conflict, Invalid, NotFound, Problem
from autograph.storage.sql import Database
from autograph.watch.alerts import deliver, judge, store, words
from autograph.watch.alerts.channels import channels_of
from autograph.watch.alerts.engine import Alert
from autograph.watch.alerts.incoming import MOST_OUTSIDE, IncomingAlerts, TakenAlerts, outside
from autograph.watch.alerts.notify import Content, Told, inhibitor_of, silence_of
from autograph.watch.alerts.rules import RULES, service_down
from autograph.watch.alerts.settings import AlertsSettings
from autograph.watch.alerts.shapes import (
    AlertList,
    AlertsConfig,
    AlertView,
    ChannelTest,
    ChannelTests,
    KnownAlert,
    KnownAlerts,
    NoticeList,
    NoticeView,
    RuleList,
    RuleView,
    SilenceView,
    SilenceWish,
    Status,
)
from autograph.watch.alerts.store import Notice, Silence
from autograph.watch.gather import Gatherer
from autograph.watch.shapes import AlertCounts, Worst

MOST = 200
LONGEST_SILENCE = timedelta(days=365)
_GRAVITY = {"critical": 0, "warning": 1, "info": 2}
_STATES = {
    "active": ("pending", "firing"),
    "resolved": ("resolved",),
    "all": ("pending", "firing", "resolved"),
}


class AlreadyResolved(Conflict):
    """An alert that has ended needs nobody any more."""

    slug, title = "alert-resolved", "This alert is resolved."


class Alerts:
    """The alerts of the installation.

    Args:
        database: Where state is kept; migrated already.
        gathered: What the rules look at.
        clock: Time.
        settings: Thresholds, pauses and ways out.
    """

    def __init__(
        self, database: Database, gathered: Gatherer, clock: Clock, settings: AlertsSettings
    ) -> None:
        self._database = database
        self._clock = clock
        self._gathered = gathered
        self._settings = settings
        self._channels = channels_of(settings)
        takes = {name: channel.takes_beats for name, channel in self._channels.items()}
        self.judge = judge.Judge(database, gathered, clock, settings, takes)
        self.courier = deliver.Courier(database, clock, settings, self._channels)
        self.judge.tell = self.courier.tell
        self._rules = {rule.name: rule for rule in RULES}
        self._beats = {rule.name for rule in RULES if rule.is_heartbeat}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Judge and deliver in the background."""
        pause = self._settings.evaluate_every_seconds
        self._tasks = [
            asyncio.create_task(judge.forever(self.judge, pause)),
            asyncio.create_task(deliver.forever(self.courier, pause)),
        ]

    async def close(self) -> None:
        """Stop, and let another process go on at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        try:
            await self.judge.close()
        except Problem:  # the lease ends by itself
            return

    def counts(self) -> AlertCounts:
        """Return how many alerts there are, as of the last look; signs of life do not count."""
        found = [*self._open()]
        firing = [alert for alert in found if alert.state == "firing"]
        silent = [alert for alert in firing if silence_of(alert, self.judge.verdict.silences)]
        return AlertCounts(firing=len(firing), pending=len(found) - len(firing), silenced=len(silent))

    def worst(self) -> Worst | None:
        """Return the gravest firing alert that nothing else explains, the oldest of those; None without any."""
        verdict = self.judge.verdict
        firing = [
            alert
            for alert in self._open()
            if alert.state == "firing"
            and silence_of(alert, verdict.silences) is None
            and inhibitor_of(alert, self._rules, verdict.alerts) is None
        ]
        firing.sort(key=lambda alert: (_GRAVITY[alert.severity], alert.pending_since))
        if not firing:
            return None
        first, *others = firing
        return Worst(
            kind="alert",
            id=first.id,
            title=self._title(first),
            detail=first.message,
            severity=first.severity,
            since=first.pending_since,
            then=[self._title(alert) for alert in others[:5]],
        )

    def down(self) -> dict[str, float]:
        """Return the services whose silence is an alert, perhaps from before a restart, since which unix time."""
        rule = service_down.RULE.name
        found = (alert for alert in self._open() if alert.rule == rule and alert.state == "firing")
        return {alert.service: alert.pending_since.timestamp() for alert in found}

    async def listed(self, status: Status) -> AlertList:
        """Return alerts with what keeps them quiet."""
        async with self._database.read() as connection:
            found = await store.list_alerts(connection, states=_STATES[status], most=MOST)
            silences = await store.list_silences(connection, self._clock.now())
        shown = [alert for alert in found if alert.rule not in self._beats]
        return AlertList(items=[self._view(alert, silences, found) for alert in shown])

    async def known(self, status: Status) -> KnownAlerts:
        """Return alerts as scripts know them; what is only pending is none there."""
        states = [state for state in _STATES[status] if state != "pending"]
        async with self._database.read() as connection:
            found = await store.list_alerts(connection, states=states, most=MOST)
            counts = await store.count_alerts(connection, but=self._beats)
        active, resolved = counts.get("firing", 0), counts.get("resolved", 0)
        thresholds = self._settings.thresholds
        return KnownAlerts(
            correlation_id=correlation_id.get(),
            timestamp=self._clock.now(),
            total_alerts=active + resolved,
            active_alerts=active,
            resolved_alerts=resolved,
            alerts=[_known(alert, self._clock.now()) for alert in found if alert.rule not in self._beats],
            config=AlertsConfig(
                service_down_threshold_minutes=thresholds.service_down_seconds / 60,
                escalation_interval_minutes=self._settings.escalation_seconds / 60,
                email_enabled="email" in self._channels,
                slack_enabled="slack" in self._channels,
            ),
        )

    def rules(self) -> RuleList:
        """Return every rule and how it stood at the last look."""
        still, measured = self.judge.verdict.alerts, self.judge.measured()
        views = []
        for rule in RULES:
            states = [alert.state for alert in still if alert.rule == rule.name]
            quiet: Literal["inactive", "unknown"] = "inactive" if rule.name in measured else "unknown"
            views.append(
                RuleView(
                    name=rule.name,
                    summary=rule.summary,
                    advice=rule.advice,
                    severity=rule.severity,
                    for_seconds=rule.for_seconds(self._settings.thresholds),
                    keep_firing_seconds=rule.keep_firing_seconds,
                    inhibited_by=list(rule.inhibited_by),
                    state="firing" if "firing" in states else "pending" if states else quiet,
                    alerts=len(states),
                )
            )
        return RuleList(items=views)

    def hear(self, told: IncomingAlerts) -> TakenAlerts:
        """Take what an Alertmanager has judged; the next look makes alerts of it."""
        found = outside(told.alerts, at=self._clock.now().timestamp())
        self._gathered.hear(found, most=MOST_OUTSIDE)
        return TakenAlerts(taken=len(found))

    async def acknowledge(self, alert_id: str, user_id: str) -> AlertView:
        """Note that somebody looks after an alert; who did so first stays. Raises NotFound or AlreadyResolved."""
        now = self._clock.now()
        async with self._database.begin() as connection:
            await store.acknowledge(connection, alert_id, user_id=user_id, now=now)
            alert = await store.read_alert(connection, alert_id)
            silences = await store.list_silences(connection, now)
        if alert is None:
            raise NotFound
        if alert.state == "resolved":
            raise AlreadyResolved
        return self._view(alert, silences, self.judge.verdict.alerts)

    async def silence(self, wish: SilenceWish, user_id: str) -> SilenceView:
        """Keep alerts quiet until a moment that is to come."""
        now = self._clock.now()
        if not now < wish.until <= now + LONGEST_SILENCE:
            detail = "A silence ends in the future, within a year."
            raise Invalid(detail, errors=[{"field": "until", "message": detail}])
        made = Silence(new_id(), dict(wish.matchers), wish.until, wish.comment, user_id, now)
        async with self._database.begin() as connection:
            await store.add_silence(connection, made)
        return _silence(made)

    async def silences(self) -> list[SilenceView]:
        """Return the silences that last."""
        async with self._database.read() as connection:
            return [_silence(found) for found in await store.list_silences(connection, self._clock.now())]

    async def end_silence(self, silence_id: str) -> None:
        """End a silence, or raise NotFound."""
        async with self._database.begin() as connection:
            if not await store.end_silence(connection, silence_id, self._clock.now()):
                raise NotFound

    async def notices(self, state: str | None) -> NoticeList:
        """Return what was told, and how that went."""
        async with self._database.read() as connection:
            found = await store.list_notices(connection, state=state, most=MOST)
        return NoticeList(items=[_notice(notice) for notice in found], channels=list(self._channels))

    async def try_channels(self) -> ChannelTests:
        """Send a notice that says that it is a test through every channel, now and once."""
        now = self._clock.now()
        told = Told(
            id=new_id(),
            rule="test",
            summary="Notices arrive",
            labels={"service": "watch"},
            severity="info",
            state="firing",
            message="This is a test.",
            value=None,
            starts_at=now,
            resolved_at=None,
            escalations=0,
        )
        went = await self.courier.try_out(Content(group="test", reason="test", at=now, alerts=[told]))
        return ChannelTests(items=[ChannelTest(channel=name, error=error) for name, error in went.items()])

    def _open(self) -> Iterable[Alert]:
        return (alert for alert in self.judge.verdict.alerts if alert.rule not in self._beats)

    def _title(self, alert: Alert) -> str:
        """What is the matter, and with what."""
        rule = self._rules.get(alert.rule)
        where = alert.service or alert.labels.get("alertname", "")  # one from outside has its name only
        return f"{rule.summary if rule else alert.rule}{where and f': {where}'}"

    def _view(self, alert: Alert, silences: Iterable[Silence], others: Iterable[Alert]) -> AlertView:
        rule, is_open = self._rules.get(alert.rule), alert.state != "resolved"
        silence = silence_of(alert, silences) if is_open else None
        inhibitor = inhibitor_of(alert, self._rules, others) if is_open else None
        return AlertView(
            id=alert.id,
            rule=alert.rule,
            summary=rule.summary if rule else alert.rule,
            severity=alert.severity,
            state=alert.state,
            service=alert.service,
            labels=dict(alert.labels),
            value=alert.value,
            message=alert.message,
            pending_since=alert.pending_since,
            starts_at=alert.starts_at,
            resolved_at=alert.resolved_at,
            acknowledged_by=alert.acknowledged_by,
            acknowledged_at=alert.acknowledged_at,
            escalations=alert.escalations,
            notified_at=alert.notified_at,
            silenced_by=silence.id if silence else None,
            inhibited_by=inhibitor.id if inhibitor else None,
        )


def _known(alert: Alert, now: datetime) -> KnownAlert:
    until = alert.resolved_at or now
    is_down = alert.rule == "service_down"
    return KnownAlert(
        alert_id=alert.id,
        type=alert.rule,
        service_id=alert.service,
        service_name=alert.service,
        severity=alert.severity,
        status="resolved" if alert.state == "resolved" else "active",
        triggered_at=alert.starts_at or alert.pending_since,
        resolved_at=alert.resolved_at,
        escalation_count=alert.escalations,
        down_duration_seconds=(until - alert.pending_since).total_seconds() if is_down else None,
        message=alert.message,
    )


def _silence(found: Silence) -> SilenceView:
    return SilenceView(
        id=found.id,
        matchers=dict(found.matchers),
        until=found.until,
        comment=found.comment,
        created_by=found.created_by,
        created_at=found.created_at,
    )


def _notice(found: Notice) -> NoticeView:
    content = Content.model_validate(found.content)
    return NoticeView(
        id=found.id,
        channel=found.channel,
        state=found.state,  # type: ignore[arg-type]
        title=words.title(content),
        tries=found.tries,
        created_at=found.created_at,
        next_try_at=found.next_try_at if found.state == "waiting" else None,
        sent_at=found.sent_at,
        error=found.error,
        content=content,
    )
