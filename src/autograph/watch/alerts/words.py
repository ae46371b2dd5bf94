"""How a notice reads: its title, its text, and an alert as Alertmanager's formats have it."""

from typing import Any

from autograph.watch.alerts.incoming import OURS
from autograph.watch.alerts.notify import Content, Told

_REASONS = {
    "firing": "",
    "escalation": "Nobody has acknowledged it yet.",
    "repeat": "It still holds.",
    "resolved": "",
    "heartbeat": "",
    "test": "Somebody tries out whether notices arrive. Nothing is wrong.",
}


def title(content: Content) -> str:
    """Return one line: how grave, what, and where."""
    firing = [alert for alert in content.alerts if alert.state == "firing"]
    about = firing or content.alerts
    named = (alert.labels.get("service") or alert.labels.get("alertname", "") for alert in about)
    services = sorted({*named} - {""})
    state = "Resolved" if not firing else about[0].severity.capitalize()
    if content.reason == "test":
        state = "Test"
    if content.reason == "escalation":
        state += f" (reminder {max(alert.escalations for alert in firing)})"
    where = f": {', '.join(services[:5])}" if services else ""
    return f"[AutoGraph] {state}: {about[0].summary}{where}".replace("\n", " ")[:200]


def body(content: Content, public_url: str) -> str:
    """Return the text: each alert with what to do, and where to look."""
    lines: list[str] = []
    for alert in sorted(content.alerts, key=lambda alert: alert.state):
        if alert.state == "resolved" and alert.resolved_at is not None:
            lines.append(f"Resolved at {alert.resolved_at:%d %b %Y %H:%M} UTC: {alert.message}")
        else:
            lines.append(f"{alert.message}\nSince {alert.starts_at:%d %b %Y %H:%M} UTC.")
    if reason := _REASONS[content.reason]:
        lines.append(reason)
    if public_url:
        lines.append(f"{public_url.rstrip('/')}/operations")
    return "\n\n".join(lines)


def alertmanager_alert(alert: Told, public_url: str) -> dict[str, Any]:
    """Return labels, annotations and times as Alertmanager's API and webhook name them."""
    return {
        "labels": {"alertname": alert.rule, **alert.labels, "severity": alert.severity, "source": OURS},
        "annotations": {"summary": alert.summary, "description": alert.message},
        "startsAt": alert.starts_at.isoformat(),
        "endsAt": alert.resolved_at.isoformat() if alert.resolved_at else "0001-01-01T00:00:00Z",
        "generatorURL": f"{public_url.rstrip('/')}/operations" if public_url else "",
    }
