"""Queue: analyses wait too long for their turn."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting, over


def look(view: View) -> Iterator[Finding]:
    """Judge the oldest waiting job of each service."""
    for service, _host, seconds in view.highest(lambda gauges: gauges.get("analysis_queue_age_seconds")):
        message = f"An analysis has waited for {over(seconds)} to begin."
        yield Finding({"service": service}, seconds > view.thresholds.queue_age_seconds, seconds, message)


RULE = Rule(
    name="queue_age",
    summary="Analyses wait long",
    advice="See whether one of the running analyses hangs; cancel it, or add a replica.",
    severity="warning",
    look=look,
    for_seconds=lasting(300),
    keep_firing_seconds=120,
)
