"""Disk: the file system of the data folder is nearly full. At once: it is looked at every few minutes only."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, over


def look(view: View) -> Iterator[Finding]:
    """Judge the fullest disk of each service."""
    for service, instances in sorted(view.instances().items()):
        measured = [found for found in instances if "disk_used_percent" in found.gauges]
        if not measured:
            continue
        worst = max(measured, key=lambda found: found.gauges["disk_used_percent"])
        percent, left = worst.gauges["disk_used_percent"], worst.gauges.get("disk_seconds_to_full")
        until = f", and full in {over(left)}" if left is not None else ""
        message = f"The disk of {service} on {worst.host} is {percent:.0f} % full{until}."
        yield Finding({"service": service}, percent >= view.thresholds.disk_percent, percent, message)


RULE = Rule(
    name="disk",
    summary="The disk is nearly full",
    advice="Make room, or move the data folder: on a full disk nothing can be saved.",
    severity="critical",
    look=look,
    keep_firing_seconds=300,
)
