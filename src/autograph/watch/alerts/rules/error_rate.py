"""Error rate: too large a share of a service's requests fails by our fault."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting

FEWEST_REQUESTS = 20
"""One failure of three says nothing about the next hundred."""


def look(view: View) -> Iterator[Finding]:
    """Judge the last five minutes of every service; without requests none fails."""
    for service, span in view.spans():
        ratio, limit = span.error_ratio or 0.0, view.thresholds.error_ratio
        holds = span.durations.count >= FEWEST_REQUESTS and ratio > limit
        message = f"{ratio:.1%} of the requests to {service} fail; {limit:.0%} is the limit."
        yield Finding({"service": service}, holds, ratio, message)


RULE = Rule(
    name="error_rate",
    summary="Requests fail",
    advice="The errors on the operations page name the lines of code; the newest ones come first.",
    severity="critical",
    look=look,
    for_seconds=lasting(300),
    keep_firing_seconds=300,
    inhibited_by=("service_down",),
)
