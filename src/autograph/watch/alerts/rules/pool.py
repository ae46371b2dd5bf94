"""Pool: nearly all database connections are in use, so that requests wait for one."""

from collections.abc import Iterator, Mapping

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting


def _used(gauges: Mapping[str, float]) -> float | None:
    size = gauges.get("pool_size")
    return gauges["pool_in_use"] / size if size and "pool_in_use" in gauges else None


def look(view: View) -> Iterator[Finding]:
    """Judge the fullest pool of each service."""
    for service, host, ratio in view.highest(_used):
        message = f"{ratio:.0%} of the database connections of {service} on {host} are in use."
        yield Finding({"service": service}, ratio > view.thresholds.pool_ratio, ratio, message)


RULE = Rule(
    name="pool",
    summary="Database connections run out",
    advice="Look for slow statements on the operations page, or add a replica.",
    severity="critical",
    look=look,
    for_seconds=lasting(60),
    keep_firing_seconds=120,
)
