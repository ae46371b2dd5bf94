"""Draw few lines, lose no relation: decides which relations become lines, and what form the others take."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograph.export.drawing.relations import Relation, relations_of, sound_nodes
from autograph.model.architecture import INFRASTRUCTURE, STORES, Kind, Model, Node

DRAWERS_PER_CARD = 8


@dataclass(slots=True)
class Reduction:
    """What is where. Every relation of the picture is in exactly one of the fields that hold relations.

    Attributes:
        nodes: All components by id.
        main: Ids of the components in the flow; `infrastructure` and `loose` are in the bands below it.
        lines: Drawn between main cards; `infrastructure_lines` inside the band.
        badges: By main card: what infrastructure it talks to. `drawers`: by owner. `chips`: by the card
            that names its target. `marks`: by called card.
    """

    title: str
    nodes: dict[str, Node]
    edge_count: int
    main: list[str] = field(default_factory=list)
    infrastructure: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    lines: list[Relation] = field(default_factory=list)
    infrastructure_lines: list[Relation] = field(default_factory=list)
    badges: dict[str, list[Relation]] = field(default_factory=dict)
    drawers: dict[str, list[Relation]] = field(default_factory=dict)
    chips: dict[str, list[Relation]] = field(default_factory=dict)
    marks: dict[str, list[Relation]] = field(default_factory=dict)

    def kind(self, node_id: str) -> Kind:
        """Kind of the component."""
        return self.nodes[node_id].kind

    def everything(self) -> Iterable[Relation]:
        """All relations, whatever their form."""
        yield from self.lines
        yield from self.infrastructure_lines
        for shelf in (self.badges, self.drawers, self.chips, self.marks):
            for relations in shelf.values():
                yield from relations

    def name_instead(self, relations: Iterable[Relation]) -> None:
        """Turn these lines into chips: each is named on the card it starts from."""
        named = {(relation.source, relation.target): relation for relation in relations}
        self.lines = [line for line in self.lines if (line.source, line.target) not in named]
        self.infrastructure_lines = [
            line for line in self.infrastructure_lines if (line.source, line.target) not in named
        ]
        for relation in named.values():
            for half in relation.halves():
                self.chips.setdefault(half.source, []).append(half)

    def copy(self) -> "Reduction":
        """An independent copy, to try something on."""
        return Reduction(
            self.title,
            self.nodes,
            self.edge_count,
            list(self.main),
            list(self.infrastructure),
            list(self.loose),
            list(self.lines),
            list(self.infrastructure_lines),
            *({key: list(kept) for key, kept in shelf.items()} for shelf in self._shelves()),
        )

    def _shelves(self) -> tuple[dict[str, list[Relation]], ...]:
        return self.badges, self.drawers, self.chips, self.marks


def reduce(model: Model) -> Reduction:
    """Take infrastructure, unrelated components and private stores out of the flow; the rest are lines."""
    nodes = sound_nodes(model)
    relations = relations_of(model, nodes)
    reduction = Reduction(title=model.title, nodes=nodes, edge_count=len(model.edges))
    neighbours: dict[str, dict[str, None]] = {node_id: {} for node_id in nodes}
    for relation in relations:
        neighbours[relation.source][relation.target] = None
        neighbours[relation.target][relation.source] = None
    infrastructure = _infrastructure(nodes, neighbours)
    for node_id in nodes:
        if not neighbours[node_id]:
            reduction.loose.append(node_id)
        elif node_id in infrastructure:
            reduction.infrastructure.append(node_id)
        else:
            reduction.main.append(node_id)
    rest = _separate(reduction, relations, infrastructure)
    _dock(reduction, rest)
    return reduction


def _infrastructure(nodes: dict[str, Node], neighbours: dict[str, dict[str, None]]) -> set[str]:
    """Ids of infrastructure: by kind, and stores and frontends that nothing else touches."""
    found = {node_id for node_id, node in nodes.items() if node.kind in INFRASTRUCTURE}
    follows = [node_id for node_id, node in nodes.items() if node.kind in STORES | {Kind.FRONTEND}]
    grown = True
    while grown:
        grown = False
        for node_id in follows:
            touched = neighbours[node_id]
            if node_id not in found and touched and all(other in found for other in touched):
                found.add(node_id)
                grown = True
    return found


def _separate(reduction: Reduction, relations: list[Relation], infrastructure: set[str]) -> list[Relation]:
    """File what touches infrastructure, and what a component has with itself; return the other relations."""
    rest = []
    for relation in relations:
        source_below, target_below = relation.source in infrastructure, relation.target in infrastructure
        if relation.source == relation.target:
            reduction.chips.setdefault(relation.source, []).append(relation)
        elif source_below and target_below:
            reduction.infrastructure_lines.append(relation)
        elif source_below or target_below:
            card = relation.target if source_below else relation.source
            reduction.badges.setdefault(card, []).append(relation)
        else:
            rest.append(relation)
    return rest


def _dock(reduction: Reduction, rest: list[Relation]) -> None:
    """A store with one owner becomes a drawer of its owner's card; all other relations become lines."""
    nodes = reduction.nodes
    degree = Counter(end for relation in rest for end in (relation.source, relation.target))
    docked = set()
    for relation in rest:
        owner, store = relation.source, relation.target
        drawers = reduction.drawers.get(owner, [])
        private = nodes[store].kind in STORES and degree[store] == 1 and not relation.mutual
        busy = store in reduction.badges or store in reduction.chips
        together = not nodes[store].group or nodes[store].group == nodes[owner].group
        if (
            private
            and together
            and not busy
            and nodes[owner].kind not in STORES
            and len(drawers) < DRAWERS_PER_CARD
        ):
            reduction.drawers.setdefault(owner, []).append(relation)
            docked.add(store)
        else:
            reduction.lines.append(relation)
    reduction.main = [node_id for node_id in reduction.main if node_id not in docked]


def callers(reduction: Reduction) -> Counter[str]:
    """How many components call each component, in whatever form that is shown."""
    counted: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for relation in reduction.everything():
        for half in relation.halves():
            pair = (half.source, half.target)
            if pair not in seen and half.source != half.target:
                seen.add(pair)
                counted[half.target] += 1
    return counted
