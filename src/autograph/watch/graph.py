"""Rules of the map: which edges are declared, seen or stale, where they run in a circle, which path is the longest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

EdgeState = Literal["declared", "observed", "stale"]

Pair = tuple[str, str]
"""Source, target."""

DECLARED: tuple[Pair, ...] = (
    ("browser", "gateway"),
    ("gateway", "auth"),
    ("gateway", "diagrams"),
    ("gateway", "export"),
    ("gateway", "analysis"),
    ("gateway", "flags"),
    ("gateway", "watch"),
    ("gateway", "database"),
    ("auth", "database"),
    ("auth", "diagrams"),
    ("diagrams", "auth"),
    ("diagrams", "database"),
    ("diagrams", "objects"),
    ("export", "auth"),
    ("export", "diagrams"),
    ("analysis", "auth"),
    ("analysis", "export"),
    ("analysis", "diagrams"),
    ("analysis", "flags"),
    ("flags", "auth"),
    ("flags", "database"),
    ("watch", "auth"),
    ("watch", "database"),
    ("watch", "diagrams"),
    ("watch", "objects"),
)
"""What the program is built to call. An edge that is only here has not been seen yet."""


def state_of(*, last_call_at: float | None, now: float, stale_after_seconds: float) -> EdgeState:
    """Return how an edge is known: never seen, seen lately, or not for so long that it may be gone."""
    if last_call_at is None:
        return "declared"
    return "observed" if now - last_call_at <= stale_after_seconds else "stale"


def cycles(edges: Iterable[Pair]) -> list[list[str]]:
    """Return the groups of parts that call each other in a circle, each in order of name; loops of one count.

    Strongly connected components. Source: R. Tarjan, Depth-first search and linear graph algorithms (1972),
    written without recursion.
    """
    following: dict[str, list[str]] = {}
    loops = set()
    for source, target in edges:
        following.setdefault(source, []).append(target)
        following.setdefault(target, [])
        if source == target:
            loops.add(source)
    found = [sorted(group) for group in _components(following) if len(group) > 1 or group[0] in loops]
    return sorted(found)


def _components(following: Mapping[str, Sequence[str]]) -> list[list[str]]:
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_parts: list[str] = []
    found: list[list[str]] = []
    for root in sorted(following):
        if root in number:
            continue
        path = [(root, iter(following[root]))]
        number[root] = lowest[root] = len(number)
        open_parts.append(root)
        while path:
            part, rest = path[-1]
            for target in rest:
                if target not in number:
                    number[target] = lowest[target] = len(number)
                    open_parts.append(target)
                    path.append((target, iter(following[target])))
                    break
                if target in open_parts:
                    lowest[part] = min(lowest[part], number[target])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[part])
                if lowest[part] == number[part]:
                    cut = open_parts.index(part)
                    found.append(open_parts[cut:])
                    del open_parts[cut:]
    return found


MOST_STEPS = 20_000
"""A map so dense that it has more chains than this is answered with the longest of those looked at."""


def critical_path(edges: Mapping[Pair, float]) -> list[str]:
    """Return the chain of calls that takes longest in sum, parts in circles taken once.

    Args:
        edges: Seconds of a call from one part to another, usually its p95.
    """
    left = MOST_STEPS
    following: dict[str, list[tuple[str, float]]] = {}
    for (source, target), seconds in sorted(edges.items()):
        following.setdefault(source, []).append((target, seconds))
    best: tuple[float, list[str]] = (0.0, [])
    targets = {target for _, target in edges}
    for start in sorted(set(following) - targets) or sorted(following):
        stack: list[tuple[float, list[str]]] = [(0.0, [start])]
        while stack and left:
            left -= 1
            seconds, path = stack.pop()
            if (seconds, len(path)) > (best[0], len(best[1])):
                best = (seconds, path)
            for target, more in following.get(path[-1], ()):
                if target not in path:
                    stack.append((seconds + more, [*path, target]))
    return best[1]
