"""Event loop: something holds it, again and again, or once for long. Nobody is served meanwhile."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting, over


def look_for_lag(view: View) -> Iterator[Finding]:
    """Judge the 99th percentile of the last minute."""
    for service, host, seconds in view.highest(lambda gauges: gauges.get("loop_lag_p99_seconds")):
        message = f"The event loop of {service} on {host} is late by {over(seconds)}, again and again."
        yield Finding({"service": service}, seconds > view.thresholds.loop_lag_p99_seconds, seconds, message)


def look_for_block(view: View) -> Iterator[Finding]:
    """Judge the longest stop of the last minute."""
    for service, host, seconds in view.highest(lambda gauges: gauges.get("loop_lag_seconds")):
        message = f"The event loop of {service} on {host} stood still for {over(seconds)}."
        yield Finding({"service": service}, seconds > view.thresholds.loop_blocked_seconds, seconds, message)


LAG = Rule(
    name="loop_lag",
    summary="The event loop is late",
    advice="Look for slow requests and statements of that time, and for a machine that is short of processors.",
    severity="warning",
    look=look_for_lag,
    for_seconds=lasting(120),
    keep_firing_seconds=300,
    inhibited_by=("service_down",),
)

BLOCKED = Rule(
    name="loop_blocked",
    summary="The event loop stood still",
    advice="Look for the slow requests of that minute: one of them computes where it should wait.",
    severity="warning",
    look=look_for_block,
    keep_firing_seconds=300,
    inhibited_by=("loop_lag", "service_down"),
)
