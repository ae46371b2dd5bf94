"""Store down: a database, cache, object store or event bus cannot be reached by whoever needs it."""

from collections.abc import Iterator

from autograph.watch.alerts.rules.part import FRESH_SECONDS, Finding, Rule, View

_SERVICES = frozenset({"http", "process"})


def look(view: View) -> Iterator[Finding]:
    """Judge every store that was called lately, by whether the newest call of each caller reached it."""
    callers: dict[str, list[tuple[str, bool]]] = {}
    for (source, target, kind), edge in sorted(view.gathered.known.edges.items()):
        newest = edge.steps.newest
        if kind not in _SERVICES and newest is not None and view.now - newest.at <= FRESH_SECONDS:
            callers.setdefault(target, []).append((source, edge.is_up))
    for target, found in callers.items():
        lost = [source for source, is_up in found if not is_up]
        message = f"{', '.join(lost)} cannot reach {target}."
        yield Finding({"service": target}, bool(lost), float(len(lost)), message)


RULE = Rule(
    name="store_down",
    summary="A store cannot be reached",
    advice="See whether it runs, and whether its address and its password are still right.",
    severity="critical",
    look=look,
    for_seconds=lambda thresholds: thresholds.store_down_seconds,
    keep_firing_seconds=30,
)
