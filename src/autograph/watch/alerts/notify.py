"""Who is told what, and when, as pure rules: grouping, silences, inhibition, escalation, reminders, retries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from autograph.watch.alerts.engine import Alert
from autograph.watch.alerts.rules.part import Rule
from autograph.watch.alerts.settings import AlertsSettings
from autograph.watch.alerts.store import Silence
from autograph.watch.shapes import Severity

Reason = Literal["firing", "escalation", "repeat", "resolved", "heartbeat", "test"]

FIRST_RETRY_SECONDS = 10.0
LONGEST_RETRY_SECONDS = 900.0


class Told(BaseModel):
    """An alert as a notice tells it."""

    model_config = ConfigDict(frozen=True)

    id: str
    rule: str
    summary: str
    labels: dict[str, str]
    severity: Severity
    state: Literal["firing", "resolved"]
    message: str
    value: float | None
    starts_at: datetime
    resolved_at: datetime | None
    escalations: int


class Content(BaseModel):
    """What a notice says; every channel writes it in its own way."""

    model_config = ConfigDict(frozen=True)

    group: str
    reason: Reason
    at: datetime
    alerts: list[Told]

    @property
    def is_resolved(self) -> bool:
        """Whether all of it has ended."""
        return all(alert.state == "resolved" for alert in self.alerts)


@dataclass(frozen=True, slots=True)
class Plan:
    """What this round says.

    Attributes:
        contents: One a group at most.
        alerts: Those of which something is noted: that they were told, or that nobody needs to be.
    """

    contents: list[Content]
    alerts: list[Alert]


def silence_of(alert: Alert, silences: Iterable[Silence]) -> Silence | None:
    """Return the silence that covers an alert."""
    return next((silence for silence in silences if silence.covers(alert)), None)


def inhibitor_of(alert: Alert, rules: Mapping[str, Rule], alerts: Iterable[Alert]) -> Alert | None:
    """Return the open alert on the same service that explains this one."""
    rule = rules.get(alert.rule)
    causes = rule.inhibited_by if rule else ()
    return next(
        (
            cause
            for cause in alerts
            if cause.rule in causes and cause.state != "resolved" and cause.service == alert.service
        ),
        None,
    )


def plan(
    alerts: Sequence[Alert],
    *,
    silences: Sequence[Silence],
    rules: Mapping[str, Rule],
    settings: AlertsSettings,
    now: datetime,
) -> Plan:
    """Return what is to be told now. Alerts of one rule go out together.

    Args:
        alerts: What is open, and what has ended without people knowing.
        silences: Those that last.
        rules: By name.
        settings: How long to wait.
        now: This moment.
    """
    made = Plan([], [])
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        if alert.state == "pending" or (alert.state == "resolved" and alert.told != "firing"):
            continue
        is_quiet = silence_of(alert, silences) is not None
        if is_quiet and alert.state == "resolved":
            made.alerts.append(replace(alert, told="resolved"))
        elif not is_quiet and (alert.state == "resolved" or inhibitor_of(alert, rules, alerts) is None):
            groups.setdefault(alert.rule, []).append(alert)
    for name, group in groups.items():
        rule = rules.get(name)
        tell = _beat if rule is not None and rule.is_heartbeat else _tell
        found = tell(group, settings, now)
        if found is not None:
            reason, noted = found
            changed = {alert.id: alert for alert in noted}
            said = [changed.get(alert.id, alert) for alert in group]
            made.alerts.extend(noted)
            made.contents.append(_content(name, reason, said, rules, now))
    return made


def _beat(group: list[Alert], settings: AlertsSettings, now: datetime) -> tuple[Reason, list[Alert]] | None:
    pause = timedelta(seconds=settings.heartbeat_seconds)
    due = [alert for alert in group if alert.notified_at is None or now - alert.notified_at >= pause]
    return ("heartbeat", [_noted(alert, now) for alert in due]) if due else None


def _tell(group: list[Alert], settings: AlertsSettings, now: datetime) -> tuple[Reason, list[Alert]] | None:
    """Return why this group is to be told of now and the alerts whose turn it is, or None."""
    fresh = [alert for alert in group if alert.state == "firing" and alert.told != "firing"]
    ended = [alert for alert in group if alert.state == "resolved"]
    if (fresh or ended) and _is_time(group, fresh, settings, now):
        noted = [_noted(alert, now) for alert in fresh + ended]
        return ("firing" if fresh else "resolved"), noted
    ignored = [alert for alert in group if _is_ignored(alert, settings, now)]
    if ignored:
        return "escalation", [
            replace(_noted(alert, now), escalations=alert.escalations + 1) for alert in ignored
        ]
    pause = timedelta(seconds=settings.repeat_seconds)
    stale = [alert for alert in group if alert.state == "firing" and _waited(alert, pause, now)]
    return ("repeat", [_noted(alert, now) for alert in stale]) if stale else None


def _is_time(group: list[Alert], fresh: list[Alert], settings: AlertsSettings, now: datetime) -> bool:
    """A new group waits for others to join it, a known one so that people are not told every second."""
    told = [alert.notified_at for alert in group if alert.notified_at is not None]
    if told:
        return now - max(told) >= timedelta(seconds=settings.group_interval_seconds)
    begun = min(alert.starts_at or alert.pending_since for alert in fresh)
    return now - begun >= timedelta(seconds=settings.group_wait_seconds)


def _is_ignored(alert: Alert, settings: AlertsSettings, now: datetime) -> bool:
    """Firing, told, and nobody has taken it for too long."""
    return (
        alert.state == "firing"
        and alert.severity in settings.escalated
        and alert.acknowledged_at is None
        and _waited(alert, timedelta(seconds=settings.escalation_seconds), now)
    )


def _waited(alert: Alert, pause: timedelta, now: datetime) -> bool:
    return alert.told == "firing" and alert.notified_at is not None and now - alert.notified_at >= pause


def _noted(alert: Alert, now: datetime) -> Alert:
    return replace(alert, notified_at=now, told="resolved" if alert.state == "resolved" else "firing")


def _content(
    group: str, reason: Reason, alerts: Iterable[Alert], rules: Mapping[str, Rule], now: datetime
) -> Content:
    told = [
        Told(
            id=alert.id,
            rule=alert.rule,
            summary=rules[alert.rule].summary if alert.rule in rules else alert.rule,
            labels=dict(alert.labels),
            severity=alert.severity,
            state="resolved" if alert.state == "resolved" else "firing",
            message=alert.message,
            value=alert.value,
            starts_at=alert.starts_at or alert.pending_since,
            resolved_at=alert.resolved_at,
            escalations=alert.escalations,
        )
        for alert in alerts
    ]
    return Content(group=group, reason=reason, at=now, alerts=told)


def retry_after(tries: int) -> timedelta:
    """Return how long to wait after that many tries: twice as long each time, a quarter of an hour at most."""
    return timedelta(seconds=min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(tries - 1, 16)))
