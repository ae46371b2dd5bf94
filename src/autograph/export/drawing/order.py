"""An order of components without cycles; what runs against it is laid out reversed and drawn back.

Greedy feedback arc set after Eades, Lin and Smyth (1993): sources first, sinks last, then the component
with the largest surplus of outgoing lines, entry kinds preferred.
"""

from collections.abc import Callable, Sequence

from autograph.export.drawing.relations import Relation
from autograph.model.architecture import Kind, Known

_RANKS = {
    Kind.USER: 0,
    Kind.LOADGEN: 0,
    Kind.GATEWAY: 1,
    Kind.FRONTEND: 2,
    Kind.EXTERNAL: 8,
    Kind.DATABASE: 9,
    Kind.CACHE: 9,
    Kind.STORAGE: 9,
}
_MIDDLE = 5


def rank(kind: Kind) -> int:
    """Where a kind usually stands: 0 at the entry, 9 at the far end."""
    return _RANKS.get(kind, _MIDDLE)


def against_the_flow(lines: Sequence[Relation], kind_of: Callable[[str], Kind]) -> list[bool]:
    """Say for each line whether the layout should see it reversed.

    That is so for lines against the order, and for inferred lines that would add a column.
    """
    ids = list(dict.fromkeys(end for line in lines for end in (line.source, line.target)))
    position = _positions(ids, lines, kind_of)
    column = _columns(position, lines)
    proven = {end for line in lines if line.known is not Known.INFERRED for end in (line.source, line.target)}
    flipped = []
    for line in lines:
        if line.known is Known.INFERRED and (line.target in proven or line.source in proven):
            flipped.append(column[line.source] >= column[line.target])
        else:
            flipped.append(position[line.source] > position[line.target])
    return flipped


def _positions(
    ids: Sequence[str], lines: Sequence[Relation], kind_of: Callable[[str], Kind]
) -> dict[str, int]:
    """Place of each component in the order."""
    index = {node_id: number for number, node_id in enumerate(ids)}
    ranks = {node_id: rank(kind_of(node_id)) for node_id in ids}
    outgoing: dict[str, dict[str, int]] = {node_id: {} for node_id in ids}
    incoming: dict[str, dict[str, int]] = {node_id: {} for node_id in ids}
    for line in lines:
        weight = 1 if line.known is Known.INFERRED else 3
        outgoing[line.source][line.target] = weight
        incoming[line.target][line.source] = weight
    out_weight = {node_id: sum(outgoing[node_id].values()) for node_id in ids}
    in_weight = {node_id: sum(incoming[node_id].values()) for node_id in ids}
    left = dict.fromkeys(ids)
    head: list[str] = []
    tail: list[str] = []
    while left:
        sources = [i for i in left if not in_weight[i]]
        sinks = [] if sources else [i for i in left if not out_weight[i]]
        if sources:
            chosen = min(sources, key=lambda i: (ranks[i], index[i]))
            head.append(chosen)
        elif sinks:
            chosen = max(sinks, key=lambda i: (ranks[i], index[i]))
            tail.append(chosen)
        else:
            surplus = {i: out_weight[i] - in_weight[i] + 4 * (_MIDDLE - ranks[i]) for i in left}
            chosen = max(left, key=lambda i: (surplus[i], -index[i]))
            head.append(chosen)
        del left[chosen]
        for target, weight in outgoing[chosen].items():
            in_weight[target] -= weight
        for source, weight in incoming[chosen].items():
            out_weight[source] -= weight
    return {node_id: place for place, node_id in enumerate([*head, *reversed(tail)])}


def _columns(position: dict[str, int], lines: Sequence[Relation]) -> dict[str, int]:
    """Longest path to each component over proven lines, inferred ones only where there is nothing else."""
    proven: dict[str, list[str]] = {node_id: [] for node_id in position}
    guessed: dict[str, list[str]] = {node_id: [] for node_id in position}
    for line in lines:
        shelf = guessed if line.known is Known.INFERRED else proven
        shelf[line.target].append(line.source)
    column: dict[str, int] = {}
    for node_id in sorted(position, key=position.__getitem__):
        before = [column[s] + 1 for s in proven[node_id] if position[s] < position[node_id]]
        column[node_id] = max(before, default=0)
    for node_id in sorted(position, key=lambda i: (column[i], position[i])):
        if not proven[node_id] and guessed[node_id]:
            before = [column[s] + 1 for s in guessed[node_id] if position[s] < position[node_id]]
            column[node_id] = max([column[node_id], *before])
    return column
