"""Memory: the floor under a process's memory rises steadily (slope by Theil and Sen over minima of a minute)."""

from collections.abc import Iterator, Mapping

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting, over
from autograph.watch.alerts.settings import Thresholds

LEAST_GROWN_BYTES = 8 * 2**20
"""Less than this above the first minute is warming up."""


def _growth(gauges: Mapping[str, float]) -> float | None:
    """Bytes a minute that count: none before the process has grown by some."""
    growth = gauges.get("memory_growth_bytes_per_second")
    if growth is None or "memory_baseline_bytes" not in gauges:
        return None
    grown = gauges.get("memory_rss_bytes", 0.0) - gauges["memory_baseline_bytes"]
    return growth * 60 if grown >= LEAST_GROWN_BYTES else 0.0


def _leaks(gauges: Mapping[str, float], growth: float, thresholds: Thresholds) -> bool:
    """Fast by itself, or slow and the limit is near."""
    left = gauges.get("memory_seconds_to_limit")
    is_near = left is not None and left < thresholds.memory_hours_to_limit * 3600
    return growth > thresholds.memory_growth_bytes_per_minute or (growth > 0 and is_near)


def look(view: View) -> Iterator[Finding]:
    """Judge the fastest growing process of each service."""
    for service, instances in sorted(view.instances().items()):
        measured = [(found, growth) for found in instances if (growth := _growth(found.gauges)) is not None]
        if not measured:
            continue
        worst, growth = max(measured, key=lambda pair: pair[1])
        left = worst.gauges.get("memory_seconds_to_limit")
        until = f", and is at its limit in {over(left)}" if left is not None else ""
        message = f"{service} on {worst.host} grows by {growth / 2**20:.1f} MB a minute{until}."
        holds = any(_leaks(found.gauges, grows, view.thresholds) for found, grows in measured)
        yield Finding({"service": service}, holds, growth, message)


RULE = Rule(
    name="memory_leak",
    summary="Memory grows steadily",
    advice="Restart it when it suits you; /test/memory/types tells which types have grown.",
    severity="warning",
    look=look,
    for_seconds=lasting(600),
    keep_firing_seconds=600,
    inhibited_by=("service_down",),
)
