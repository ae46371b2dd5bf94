"""Outside: what an Alertmanager elsewhere has told us of, judged by it and shown, told and escalated by us."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import Finding, Rule, View

REPEATED_SECONDS = 24 * 3600.0
"""An Alertmanager repeats what fires (every 4 h as it comes); what it is silent of for longer is unknown."""


def look(view: View) -> Iterator[Finding]:
    """Say what it has said last of each."""
    for told in view.gathered.known.outside.values():
        if view.now - told.heard_at <= REPEATED_SECONDS:
            yield Finding(
                told.labels, told.is_firing, None, told.message, since=told.since, severity=told.severity
            )


RULE = Rule(
    name="outside",
    summary="Something outside of AutoGraph",
    advice="Look where it comes from.",
    severity="info",
    look=look,
)
