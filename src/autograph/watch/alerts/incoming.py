"""Alerts from outside: the webhook body of Alertmanager, version 4, as it comes in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from autograph.watch.gather import Outside
from autograph.watch.shapes import Severity, Shape

OURS = "autograph"
"""Value of the label `source` on what we send out: what comes back with it is an echo."""

MOST_OUTSIDE = 1000
_GRAVITY: dict[str, Severity] = {"critical": "critical", "page": "critical", "warning": "warning"}

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Text = Annotated[str, StringConstraints(max_length=2000)]


class IncomingAlert(BaseModel):
    """One alert as Alertmanager tells it; what else it says is left aside."""

    status: Literal["firing", "resolved"]
    labels: dict[Name, Text] = Field(min_length=1, max_length=50)
    annotations: dict[Name, Text] = Field(default={}, max_length=50)
    startsAt: datetime | None = None  # noqa: N815 - its name there


class IncomingAlerts(BaseModel):
    """The body of Alertmanager's webhook, version 4."""

    version: Literal["4"] = "4"
    alerts: list[IncomingAlert] = Field(max_length=500)


class TakenAlerts(Shape):
    """How many of them were taken: all but echoes of our own and signs of life."""

    taken: int


def outside(alerts: Iterable[IncomingAlert], *, at: float) -> list[Outside]:
    """Return what is worth keeping of alerts that were heard at unix time `at`."""
    kept = []
    for alert in alerts:
        if alert.labels.get("source") == OURS or alert.labels.get("severity") == "none":
            continue
        labels = {name: value[:100] for name, value in alert.labels.items() if name != "severity"}
        summary = alert.annotations.get("summary") or labels.get("alertname", "An alert from outside")
        said = [text.rstrip(".") + "." for text in (summary, alert.annotations.get("description")) if text]
        kept.append(
            Outside(
                labels=labels,
                severity=_GRAVITY.get(alert.labels.get("severity", ""), "info"),
                message=" ".join(said)[:400],
                is_firing=alert.status == "firing",
                since=alert.startsAt.timestamp() if alert.startsAt and alert.startsAt.tzinfo else at,
                heard_at=at,
            )
        )
    return kept
