"""Garbage collection: one pause of it was too long. Nobody is served meanwhile."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, over


def look(view: View) -> Iterator[Finding]:
    """Judge the longest pause of the last minute or two."""
    for service, host, seconds in view.highest(lambda gauges: gauges.get("gc_pause_seconds")):
        message = f"Collecting garbage stopped {service} on {host} for {over(seconds)}."
        yield Finding({"service": service}, seconds > view.thresholds.gc_pause_seconds, seconds, message)


RULE = Rule(
    name="gc_pause",
    summary="Collecting garbage takes long",
    advice="Something keeps very many small objects: /test/memory/types tells which types have grown.",
    severity="warning",
    look=look,
    keep_firing_seconds=300,
    inhibited_by=("service_down",),
)
