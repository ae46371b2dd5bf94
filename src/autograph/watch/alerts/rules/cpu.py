"""CPU: a process uses nearly all that it may; two severities, of which the graver one explains the other."""

from collections.abc import Callable, Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting
from autograph.watch.alerts.settings import Thresholds


def _look(limit: Callable[[Thresholds], float]) -> Callable[[View], Iterator[Finding]]:
    def look(view: View) -> Iterator[Finding]:
        for service, host, percent in view.highest(lambda gauges: gauges.get("cpu_percent")):
            message = f"{service} on {host} uses {percent:.0f} % of its processors."
            yield Finding({"service": service}, percent > limit(view.thresholds), percent, message)

    return look


HIGH = Rule(
    name="cpu_high",
    summary="CPU use is high",
    advice="See which routes are busy; run the drawing and reading services apart if it stays so.",
    severity="warning",
    look=_look(lambda thresholds: thresholds.cpu_warning_percent),
    for_seconds=lasting(600),
    keep_firing_seconds=300,
    inhibited_by=("cpu_critical", "service_down"),
)

CRITICAL = Rule(
    name="cpu_critical",
    summary="CPU is used up",
    advice="Give it more processors or another replica; the slowest routes are on the operations page.",
    severity="critical",
    look=_look(lambda thresholds: thresholds.cpu_critical_percent),
    for_seconds=lasting(300),
    keep_firing_seconds=300,
    inhibited_by=("service_down",),
)
