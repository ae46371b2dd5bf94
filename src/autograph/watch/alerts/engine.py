"""The life of an alert, as pure rules: inactive, pending, firing, resolved. What nobody measured stays."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from autograph.watch.alerts.rules.part import Finding, Rule
from autograph.watch.alerts.settings import Thresholds
from autograph.watch.shapes import Severity

State = Literal["pending", "firing", "resolved"]
Told = Literal["", "firing", "resolved"]

LONGEST_GAP = timedelta(minutes=5)
"""A pending alert that was not confirmed for longer is none any more, and begins again if it comes back."""

LONGEST_IDENTITY = 300

KEPT_SEEN = timedelta(minutes=1)
"""That an alert still holds is written down this often, so that an evaluator that is new knows it."""

LONGEST_UNKNOWN = timedelta(days=7)
"""What nobody has measured for so long is gone for good, such as a service under an old name."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is wrong, or was.

    Attributes:
        identity: Rule and sorted labels: at most one open alert has it.
        starts_at: When it began to fire, the same for as long as it is open.
        last_true_at: When it was last seen to hold.
        escalations: How often somebody was told again because nobody took it.
        notified_at: When a notice last named it.
        told: What the last notice said of it.
    """

    id: str
    identity: str
    rule: str
    labels: Mapping[str, str]
    severity: Severity
    state: State
    message: str
    value: float | None
    pending_since: datetime
    last_true_at: datetime
    starts_at: datetime | None = None
    resolved_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    escalations: int = 0
    notified_at: datetime | None = None
    told: Told = ""

    @property
    def service(self) -> str:
        """The service that it is about."""
        return self.labels.get("service", "")

    @property
    def all_labels(self) -> dict[str, str]:
        """What silences match: its labels, its rule and its severity."""
        return {**self.labels, "rule": self.rule, "severity": self.severity}


@dataclass(frozen=True, slots=True)
class Changes:
    """What one round makes of the open alerts.

    Attributes:
        alerts: Those that are new or different.
        dropped: IDs of pending ones that did not last: nobody will hear of them.
    """

    alerts: list[Alert] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def identity_of(rule: str, labels: Mapping[str, str]) -> str:
    """Return what an alert is known by: its rule and its labels, whatever their order."""
    inside = ",".join(f"{name}={labels[name]}" for name in sorted(labels))
    identity = f"{rule}{{{inside}}}"
    if len(identity) <= LONGEST_IDENTITY:
        return identity
    return f"{identity[:200]}…{hashlib.sha256(identity.encode()).hexdigest()}"


def step(
    open_alerts: Iterable[Alert],
    findings: Sequence[tuple[Rule, Finding]],
    *,
    now: datetime,
    thresholds: Thresholds,
    new_id: Callable[[], str],
) -> Changes:
    """Advance the open (pending and firing) alerts by what the rules have found now.

    An alert that no finding mentions is unknown: it neither fires nor ends by that, unless for a week. A pending one is
    given up sooner, as its process may be gone.
    """
    known = {alert.identity: alert for alert in open_alerts}
    changes, seen = Changes(), set[str]()
    for rule, finding in findings:
        identity = identity_of(rule.name, finding.labels)
        if identity in seen:
            continue
        seen.add(identity)
        lasting = timedelta(seconds=rule.for_seconds(thresholds))
        before = known.get(identity)
        if finding.holds:
            after = _held(before, rule, finding, identity, now=now, lasting=lasting, new_id=new_id)
            if before is None or _is_worth_writing(before, after, rule):
                changes.alerts.append(after)
        elif before is not None:
            _ended(before, rule, finding, changes, now=now)
    for alert in known.values():
        longest = LONGEST_GAP if alert.state == "pending" else LONGEST_UNKNOWN
        if alert.identity not in seen and now - alert.last_true_at > longest:
            _end(alert, changes, now=now)
    return changes


def _held(
    before: Alert | None,
    rule: Rule,
    finding: Finding,
    identity: str,
    *,
    now: datetime,
    lasting: timedelta,
    new_id: Callable[[], str],
) -> Alert:
    since = now if finding.since is None else min(now, datetime.fromtimestamp(finding.since, UTC))
    message = f"{finding.message} {rule.advice}"[:500]
    severity = finding.severity or rule.severity
    if before is None:
        before = Alert(
            id=new_id(), identity=identity, rule=rule.name, labels=dict(finding.labels), severity=severity,
            state="pending", message=message, value=finding.value, pending_since=since, last_true_at=now,
        )  # fmt: skip
    elif before.state == "pending" and now - before.last_true_at > LONGEST_GAP:
        before = replace(before, pending_since=since)
    held = replace(before, message=message, value=finding.value, severity=severity, last_true_at=now)
    if held.state == "pending" and now - held.pending_since >= lasting:
        return replace(held, state="firing", starts_at=held.pending_since + lasting)
    return held


def _is_worth_writing(before: Alert, after: Alert, rule: Rule) -> bool:
    """A message that counts seconds is no news; when it last held is, to a rule that waits for it to come back."""
    is_exact = after.state == "firing" and rule.keep_firing_seconds > 0
    is_old = is_exact or after.last_true_at - before.last_true_at >= KEPT_SEEN
    return is_old or (before.state, before.severity, before.pending_since) != (
        after.state,
        after.severity,
        after.pending_since,
    )


def _ended(before: Alert, rule: Rule, finding: Finding, changes: Changes, *, now: datetime) -> None:
    """Not true now: a pending alert is none, a firing one waits whether it comes back."""
    if before.state == "pending" or now - before.last_true_at >= timedelta(seconds=rule.keep_firing_seconds):
        _end(replace(before, value=finding.value), changes, now=now)


def _end(alert: Alert, changes: Changes, *, now: datetime) -> None:
    if alert.state == "pending":
        changes.dropped.append(alert.id)
    else:
        changes.alerts.append(replace(alert, state="resolved", resolved_at=now))
