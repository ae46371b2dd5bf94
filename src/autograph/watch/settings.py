"""What an installation may choose about its watch."""

from pydantic import BaseModel, ConfigDict, Field

from autograph.watch.alerts.settings import AlertsSettings


class WatchSettings(BaseModel):
    """Settings of the watch; the environment names are ``AUTOGRAPH_WATCH__<NAME>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kept_days: int = Field(
        default=7, ge=1, le=90, description="How long samples by the minute are kept, in days."
    )
    errors_kept_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="How long a group of errors is kept after its last event, in days.",
    )
    events_per_error: int = Field(
        default=20, ge=1, le=1000, description="Newest events kept of each group of errors."
    )
    objects_interval_seconds: float = Field(
        default=3600,
        ge=60,
        description="Pause between two looks at the size of the object store, which read its whole list, in seconds.",
    )
    objects_limit_bytes: int = Field(
        default=0,
        ge=0,
        description="Room of the object store, such as its quota, in bytes: from 80 % of it on somebody is told."
        " 0 means that it has no limit.",
    )
    alerts: AlertsSettings = AlertsSettings()
