"""Certificate: it ends soon. Silent where the gateway does not speak TLS itself."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, lasting, over


def look(view: View) -> Iterator[Finding]:
    """Judge the certificate that ends first."""
    left = [
        found.gauges["certificate_seconds_left"]
        for instances in view.instances().values()
        for found in instances
        if "certificate_seconds_left" in found.gauges
    ]
    if left:
        seconds = min(left)
        message = f"The certificate ends in {over(seconds)}." if seconds > 0 else "The certificate has ended."
        holds = seconds < view.thresholds.certificate_seconds_left
        yield Finding({"service": "gateway"}, holds, seconds, message)


RULE = Rule(
    name="certificate",
    summary="The certificate ends soon",
    advice="Renew it and put the new files in place; the running gateway takes them by itself.",
    severity="warning",
    look=look,
    for_seconds=lasting(60),
)
