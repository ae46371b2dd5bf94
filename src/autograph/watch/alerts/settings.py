"""What an installation may choose about its alerts: when they fire, and who is told."""

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from autograph.clients.smtp import MailServerUrl
from autograph.watch.alerts.apprised import service_of
from autograph.watch.shapes import Severity


class Thresholds(BaseModel):
    """From where on something is worth an alert."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service_down_seconds: float = Field(
        default=300, ge=0, description="A service that is silent for longer is down, in seconds."
    )
    settling_seconds: float = Field(
        default=30,
        ge=0,
        description="How long a watch that begins anew listens before it calls anybody silent, in seconds.",
    )
    store_down_seconds: float = Field(
        default=120, ge=0, description="A store that cannot be reached for longer is told of, in seconds."
    )
    error_ratio: float = Field(
        default=0.05, gt=0, le=1, description="Share of failed requests in five minutes."
    )
    p95_seconds: float = Field(
        default=1.0, gt=0, description="One request in twenty may take longer than this, in seconds."
    )
    cpu_warning_percent: float = Field(default=70, gt=0, le=100, description="CPU use that is high.")
    cpu_critical_percent: float = Field(default=90, gt=0, le=100, description="CPU use that is too high.")
    memory_growth_bytes_per_minute: float = Field(
        default=512 * 1024, gt=0, description="Steady growth of memory that is a leak, in bytes a minute."
    )
    memory_hours_to_limit: float = Field(
        default=24, gt=0, description="Memory that would be full sooner than this, in hours."
    )
    disk_percent: float = Field(default=80, gt=0, le=100, description="Used share of the data folder's disk.")
    loop_lag_p99_seconds: float = Field(
        default=0.5, gt=0, description="99th percentile of the event loop's lag, in seconds."
    )
    loop_blocked_seconds: float = Field(
        default=1.5, gt=0, description="One stop of the event loop that is too long, in seconds."
    )
    gc_pause_seconds: float = Field(
        default=0.5, gt=0, description="One pause of the garbage collector that is too long, in seconds."
    )
    pool_ratio: float = Field(
        default=0.9, gt=0, le=1, description="Share of the database connections in use."
    )
    backup_age_seconds: float = Field(
        default=26 * 3600, gt=0, description="Age of the newest backup, in seconds."
    )
    certificate_seconds_left: float = Field(
        default=14 * 86400, gt=0, description="A certificate that ends sooner needs a new one, in seconds."
    )
    queue_age_seconds: float = Field(
        default=600, gt=0, description="Age of the oldest waiting analysis, in seconds."
    )


class AlertsSettings(BaseModel):
    """Settings of the alerts; the environment names are ``AUTOGRAPH_WATCH__ALERTS__<NAME>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smtp_url: MailServerUrl = Field(
        default=SecretStr(""),
        description="Mail server for alerts: smtp://user:password@host:587 or smtps://…; empty for no mail.",
    )
    mail_from: str = Field(default="autograph@localhost", description="Sender of the mails.")
    mail_to: tuple[str, ...] = Field(default=(), description="Who gets mails, as a JSON list.")
    slack_url: SecretStr = Field(
        default=SecretStr(""), description="Address of an incoming Slack webhook; empty for none."
    )
    webhook_url: SecretStr = Field(
        default=SecretStr(""),
        description=(
            "An http address that gets Alertmanager's webhook body (version 4), or any address that Apprise "
            "knows, such as discord://…; empty for none."
        ),
    )
    alertmanager_url: SecretStr = Field(
        default=SecretStr(""), description="Root of an Alertmanager that takes alerts; empty for none."
    )
    public_url: str = Field(
        default="", description="What links in notices begin with, where that is not AUTOGRAPH_PUBLIC_URL."
    )
    evaluate_every_seconds: float = Field(
        default=5, ge=0.05, le=60, description="Pause between two looks at the rules, in seconds."
    )
    lease_seconds: float = Field(
        default=30, ge=1, description="How long a silent evaluator keeps others from judging, in seconds."
    )
    group_wait_seconds: float = Field(
        default=30, ge=0, description="How long a first notice waits for alerts of its kind, in seconds."
    )
    group_interval_seconds: float = Field(
        default=300, ge=0, description="Pause before a notice of what changed among them, in seconds."
    )
    repeat_seconds: float = Field(
        default=4 * 3600,
        ge=60,
        description="Pause before somebody is reminded of a firing alert, in seconds.",
    )
    escalation_seconds: float = Field(
        default=900, ge=60, description="Pause before nobody's alert is told again, in seconds."
    )
    escalated: tuple[Severity, ...] = Field(
        default=("critical", "warning"), description="Which severities are escalated, as a JSON list."
    )
    heartbeat_seconds: float = Field(
        default=300, ge=10, description="Pause between two signs of life to the webhook, in seconds."
    )
    send_timeout_seconds: float = Field(
        default=10, gt=0, le=60, description="How long one delivery may take, in seconds."
    )
    give_up_seconds: float = Field(
        default=24 * 3600,
        ge=0,
        description="How long a notice that cannot be delivered is tried, in seconds.",
    )
    kept_days: int = Field(
        default=90, ge=1, description="How long ended alerts and their notices are kept, in days."
    )
    thresholds: Thresholds = Thresholds()

    @field_validator("slack_url", "webhook_url")
    @classmethod
    def _is_known(cls, url: SecretStr, field: ValidationInfo) -> SecretStr:
        address = url.get_secret_value()
        if address and not (field.field_name == "webhook_url" and _is_http(address)):
            service_of(address)
        return url

    @field_validator("alertmanager_url")
    @classmethod
    def _is_a_root(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and not _is_http(url.get_secret_value()):
            raise ValueError("begins with http:// or https:// and a host")
        return url


def _is_http(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
