"""Groups where the source declares none: components that call each other or bear the same first word.

Greedy modularity (the local moving step of Louvain, Blondel et al. 2008); a call counts the less the more
callers its target has, so that what everybody uses binds nobody.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from autograph.export.drawing.naming import first_part
from autograph.export.drawing.relations import Relation

Weights = dict[str, dict[str, float]]
_ROUNDS = 20
_SMALLEST, _LARGEST = 3, 12
_SAME_WORD = 2.0


def communities(ids: Sequence[str], lines: Iterable[Relation], shown: Mapping[str, str]) -> list[list[str]]:
    """Split `ids`; groups of fewer than three join their closest, the rest that fits nowhere comes last."""
    weights = _weights(ids, lines, shown)
    label = _moved(ids, weights)
    groups: dict[int, list[str]] = {}
    for node_id in ids:
        groups.setdefault(label[node_id], []).append(node_id)
    small = [name for name, members in groups.items() if len(members) < _SMALLEST]
    homeless: list[str] = []
    for name in small:
        for node_id in groups.pop(name):
            home = _closest(node_id, groups, weights)
            (homeless if home is None else groups[home]).append(node_id)
    return [*groups.values(), homeless] if homeless else list(groups.values())


def group_name(members: Sequence[str], shown: Mapping[str, str]) -> str:
    """The most frequent first words of the members' names, three at most."""
    words = Counter(first_part(shown[node_id]) for node_id in members)
    return ", ".join(word[:24] for word, _ in words.most_common(3))


def _weights(ids: Sequence[str], lines: Iterable[Relation], shown: Mapping[str, str]) -> Weights:
    weights: Weights = {node_id: {} for node_id in ids}
    pairs = [(line.source, line.target) for line in lines]
    callers = Counter(target for _, target in pairs)
    for source, target in pairs:
        if source in weights and target in weights and source != target:
            _bind(weights, source, target, 3 / (2 + callers[target]))
    by_word: dict[str, list[str]] = {}
    for node_id in ids:
        by_word.setdefault(first_part(shown[node_id]), []).append(node_id)
    for members in by_word.values():
        if len(members) > _LARGEST * 2:
            continue
        for number, first in enumerate(members):
            for second in members[number + 1 :]:
                _bind(weights, first, second, _SAME_WORD)
    return weights


def _bind(weights: Weights, first: str, second: str, by: float) -> None:
    weights[first][second] = weights[first].get(second, 0.0) + by
    weights[second][first] = weights[second].get(first, 0.0) + by


def _moved(ids: Sequence[str], weights: Weights) -> dict[str, int]:
    """Move components between groups as long as modularity grows."""
    label = {node_id: number for number, node_id in enumerate(ids)}
    strength = {node_id: sum(weights[node_id].values()) for node_id in ids}
    total = sum(strength.values()) or 1.0
    mass: dict[int, float] = {label[node_id]: strength[node_id] for node_id in ids}
    for _ in range(_ROUNDS):
        moved = False
        for node_id in ids:
            own = label[node_id]
            mass[own] -= strength[node_id]
            links: dict[int, float] = {}
            for other, weight in weights[node_id].items():
                links[label[other]] = links.get(label[other], 0.0) + weight
            best, gain = own, links.get(own, 0.0) - mass[own] * strength[node_id] / total
            for name in sorted(links):
                candidate = links[name] - mass[name] * strength[node_id] / total
                if candidate > gain + 1e-9:
                    best, gain = name, candidate
            mass[best] += strength[node_id]
            if best != own:
                label[node_id], moved = best, True
        if not moved:
            break
    return label


def _closest(node_id: str, groups: Mapping[int, list[str]], weights: Weights) -> int | None:
    pull: dict[int, float] = {}
    for name, members in groups.items():
        if len(members) < _LARGEST:
            pull[name] = sum(weights[node_id].get(member, 0.0) for member in members)
    best = max(pull, key=lambda name: pull[name], default=None)
    return best if best is not None and pull[best] > 0 else None
