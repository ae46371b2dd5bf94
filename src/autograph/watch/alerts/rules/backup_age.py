"""Backups: the newest one is too old. Silent until there are backups at all."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting, over


def look(view: View) -> Iterator[Finding]:
    """Judge the age that the newest measuring process tells; the youngest backup counts."""
    ages = [
        found.gauges["backup_age_seconds"]
        for instances in view.instances().values()
        for found in instances
        if "backup_age_seconds" in found.gauges
    ]
    if ages:
        age = min(ages)
        message = f"The newest backup is {over(age)} old."
        yield Finding({"service": "recovery"}, age > view.thresholds.backup_age_seconds, age, message)


RULE = Rule(
    name="backup_age",
    summary="The newest backup is too old",
    advice="See why the last backup failed, and start one by hand.",
    severity="critical",
    look=look,
    for_seconds=lasting(600),
)
