"""Service down: no process of it has answered for too long."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View, over


def look(view: View) -> Iterator[Finding]:
    """Judge every service that was ever heard of, and those that were down before the watch began anew."""
    has_settled = view.now - view.watching_since >= view.thresholds.settling_seconds
    for service in view.gathered.services():
        if view.gathered.instances(service)[0]:
            yield Finding({"service": service}, holds=False)
        elif has_settled:
            heard = [
                process.heard_at
                for process in view.gathered.known.processes.values()
                if service in process.latest.process.services
            ]
            yield _down(view, service, max(heard))
    if not has_settled:
        return
    for before in view.remembered:
        service = before.labels["service"]
        if service not in view.gathered.services():
            yield _down(view, service, before.since)


def _down(view: View, service: str, since: float) -> Finding:
    seconds = view.now - since
    message = f"{service} has not answered for {over(seconds)}."
    return Finding({"service": service}, holds=True, value=seconds, message=message, since=since)


RULE = Rule(
    name="service_down",
    summary="A service does not answer",
    advice="Look at its log, and start it again.",
    severity="critical",
    look=look,
    for_seconds=lambda thresholds: thresholds.service_down_seconds,
)
