"""What the alerts answer, as it travels."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from autograph.watch.alerts.engine import State
from autograph.watch.alerts.notify import Content
from autograph.watch.shapes import Severity, Shape

Status = Literal["active", "resolved", "all"]
Matcher = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class AlertView(Shape):
    """One alert, with what keeps it quiet."""

    id: str
    rule: str
    summary: str
    severity: Severity
    state: State
    service: str
    labels: dict[str, str]
    value: float | None
    message: str
    pending_since: datetime
    starts_at: datetime | None
    resolved_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    escalations: int
    notified_at: datetime | None
    silenced_by: str | None = Field(description="ID of the silence that covers it.")
    inhibited_by: str | None = Field(description="ID of the alert that explains it.")


class AlertList(Shape):
    """Alerts, the newest first."""

    items: list[AlertView]


class RuleView(Shape):
    """One rule, and how it stands."""

    name: str
    summary: str
    advice: str
    severity: Severity
    for_seconds: float
    keep_firing_seconds: float
    inhibited_by: list[str]
    state: Literal["inactive", "pending", "firing", "unknown"] = Field(
        description="unknown: nothing is measured that it could judge."
    )
    alerts: int = Field(description="Open alerts of this rule.")


class RuleList(Shape):
    """Every rule, in the order of the shelf."""

    items: list[RuleView]


class SilenceWish(Shape):
    """What is not to be told for a while."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    matchers: dict[Matcher, Matcher] = Field(
        min_length=1,
        max_length=10,
        description="Labels that an alert must have to be silent: rule, service, severity.",
    )
    until: AwareDatetime
    comment: str = Field(default="", max_length=300)


class SilenceView(Shape):
    """A silence that lasts."""

    id: str
    matchers: dict[str, str]
    until: datetime
    comment: str
    created_by: str
    created_at: datetime


class SilenceList(Shape):
    """Silences, the one that ends first before the others."""

    items: list[SilenceView]


class NoticeView(Shape):
    """What was told through one channel, and how that went."""

    id: str
    channel: str
    state: Literal["waiting", "sent", "failed"]
    title: str
    tries: int
    created_at: datetime
    next_try_at: datetime | None
    sent_at: datetime | None
    error: str
    content: Content


class NoticeList(Shape):
    """Notices, the newest first."""

    items: list[NoticeView]
    channels: list[str] = Field(description="Ways out that are set up.")


class ChannelTest(Shape):
    """How a test of one channel went."""

    channel: str
    error: str = Field(description="Why it was not taken; empty when it was.")


class ChannelTests(Shape):
    """A test of every channel that is set up."""

    items: list[ChannelTest]


class KnownAlert(Shape):
    """An alert in the shape that scripts know from the first version."""

    alert_id: str
    type: str
    service_id: str
    service_name: str
    severity: Severity
    status: Literal["active", "resolved"]
    triggered_at: datetime
    resolved_at: datetime | None
    escalation_count: int
    down_duration_seconds: float | None = Field(description="Only of services that were or are down.")
    message: str


class AlertsConfig(Shape):
    """How alerts are set up."""

    service_down_threshold_minutes: float
    escalation_interval_minutes: float
    email_enabled: bool
    slack_enabled: bool


class KnownAlerts(Shape):
    """Alerts in the shape that scripts know from the first version."""

    correlation_id: str
    timestamp: datetime
    total_alerts: int
    active_alerts: int
    resolved_alerts: int
    alerts: list[KnownAlert]
    config: AlertsConfig
