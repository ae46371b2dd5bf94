"""Watchdog: always fires, so that somebody outside notices when alerts stop to arrive."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View


def look(_view: View) -> Iterator[Finding]:
    """Say that we live."""
    yield Finding({"service": "watch"}, holds=True, message="Alerts are judged.")


RULE = Rule(
    name="watchdog",
    summary="Always fires: a sign of life",
    advice="Nothing is to be done while this arrives.",
    severity="info",
    look=look,
    is_heartbeat=True,
)
