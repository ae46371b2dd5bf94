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
    alerts: AlertsSettings = AlertsSettings()
