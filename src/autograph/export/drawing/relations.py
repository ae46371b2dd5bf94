"""Edges of a model as relations of a picture: merged, turned the way messages flow, two-headed where mutual."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograph.export.drawing.fonts import printable
from autograph.model.architecture import Edge, Kind, Known, Model, Node

_STRENGTH = {known: rank for rank, known in enumerate(Known)}


@dataclass(frozen=True, slots=True)
class Relation:
    """What connects two components in the picture, drawn from `source` to `target`.

    Attributes:
        edges: Indexes into the model's edges that are drawn in this direction.
        back: Indexes of those drawn in the other direction; with them, the line has two heads.
        known: The strongest proof of any of them.
        message: Whether messages flow here rather than calls.
        protocols: Short protocol names, sorted, without duplicates.
    """

    source: str
    target: str
    edges: tuple[int, ...]
    back: tuple[int, ...]
    known: Known
    message: bool
    protocols: tuple[str, ...]

    @property
    def mutual(self) -> bool:
        """Whether it goes both ways."""
        return bool(self.back)

    @property
    def every_edge(self) -> tuple[int, ...]:
        """Indexes into the model's edges of all that this relation stands for."""
        return self.edges + self.back

    @property
    def label(self) -> str:
        """The protocols, as they would be written on the line."""
        return " · ".join(self.protocols)

    def halves(self) -> tuple["Relation", ...]:
        """This relation as one for each direction."""
        if not self.back:
            return (self,)
        there = replace(self, back=())
        return there, replace(there, source=self.target, target=self.source, edges=self.back)

    def other(self, node_id: str) -> str:
        """The end that is not `node_id`."""
        return self.target if node_id == self.source else self.source


def sound_nodes(model: Model) -> dict[str, Node]:
    """Nodes by id, in the model's order; the first of several with one id stands."""
    nodes: dict[str, Node] = {}
    for node in model.nodes:
        nodes.setdefault(node.id, node)
    return nodes


def relations_of(model: Model, nodes: Mapping[str, Node]) -> list[Relation]:
    """Merge the model's edges: one relation for each pair of components, in the order of the edges.

    Edges that name no node are left out: there is nothing to draw them to.
    """
    found: dict[tuple[str, str], Relation] = {}
    for index, edge in enumerate(model.edges):
        if edge.source not in nodes or edge.target not in nodes:
            continue
        relation = _relation(index, edge, nodes)
        key = (relation.source, relation.target)
        mirrored = (relation.target, relation.source)
        if key in found:
            found[key] = _merged(found[key], relation)
        elif mirrored in found:
            found[mirrored] = _merged(found[mirrored], replace(relation, edges=(), back=relation.edges))
        else:
            found[key] = relation
    return list(found.values())


def _relation(index: int, edge: Edge, nodes: Mapping[str, Node]) -> Relation:
    source, target = (edge.target, edge.source) if edge.consumes else (edge.source, edge.target)
    kinds = {nodes[source].kind, nodes[target].kind}
    protocol = printable(edge.protocol)[:24]
    return Relation(
        source=source,
        target=target,
        edges=(index,),
        back=(),
        known=edge.known,
        message=edge.consumes or Kind.QUEUE in kinds,
        protocols=(protocol,) if protocol else (),
    )


def _merged(first: Relation, second: Relation) -> Relation:
    return replace(
        first,
        edges=first.edges + second.edges,
        back=first.back + second.back,
        known=min(first.known, second.known, key=_STRENGTH.__getitem__),
        message=first.message or second.message,
        protocols=tuple(sorted({*first.protocols, *second.protocols})),
    )
