"""Latency: one request in twenty takes too long."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting, over

FEWEST_REQUESTS = 20
LONG_BY_NATURE = {"analysis"}
"""Uploads of repositories take as long as the line is slow."""


def look(view: View) -> Iterator[Finding]:
    """Judge the 95th percentile of the last five minutes; without requests none is slow."""
    for service, span in view.spans():
        if service in LONG_BY_NATURE:
            continue
        seconds, limit = span.quantile(0.95) or 0.0, view.thresholds.p95_seconds
        holds = span.durations.count >= FEWEST_REQUESTS and seconds > limit
        message = f"One request in twenty to {service} takes longer than {over(seconds)}."
        yield Finding({"service": service}, holds, seconds, message)


RULE = Rule(
    name="latency",
    summary="Requests are slow",
    advice="See which routes and statements take the time on the operations page.",
    severity="warning",
    look=look,
    for_seconds=lasting(600),
    keep_firing_seconds=300,
    inhibited_by=("service_down",),
)
