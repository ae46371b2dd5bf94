"""Disk: the file system of the data folder, or the object store, is nearly full. At once: both are looked at rarely."""

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


def look_at_objects(view: View) -> Iterator[Finding]:
    """Judge the object store by the room that the operator has named for it."""
    for service, instances in sorted(view.instances().items()):
        for found in instances:
            if (percent := found.gauges.get("objects_used_percent")) is not None:
                left = found.gauges.get("objects_seconds_to_full")
                until = f", and full in {over(left)}" if left is not None else ""
                message = f"The object store is {percent:.0f} % full{until}."
                yield Finding({"service": service}, percent >= view.thresholds.disk_percent, percent, message)


RULE = Rule(
    name="disk",
    summary="The disk is nearly full",
    advice="Make room, or move the data folder: on a full disk nothing can be saved.",
    severity="critical",
    look=look,
    keep_firing_seconds=300,
)

OBJECTS = Rule(
    name="objects_full",
    summary="The object store is nearly full",
    advice="Raise its quota, or delete what is in the trash: without room no picture is kept.",
    severity="critical",
    look=look_at_objects,
)
