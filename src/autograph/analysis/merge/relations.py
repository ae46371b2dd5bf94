"""Edges under construction: one per pair and direction, gathering evidence."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from autograph.analysis.facts import Place
from autograph.analysis.merge.parts import Part
from autograph.model.architecture import Known

_STRENGTH = {Known.TRACE: 0, Known.CODE: 1, Known.CONFIG: 2, Known.DECLARED: 3, Known.INFERRED: 4}


@dataclass(slots=True)
class Relation:
    """An edge's parts, words and places."""

    source: Part
    target: Part
    consumes: bool = False
    protocol: str = ""
    label: str = ""
    places: list[Place] = field(default_factory=list)

    @property
    def known(self) -> Known:
        """The strongest of its proofs."""
        return min((place.known for place in self.places), key=_STRENGTH.__getitem__)


class Relations:
    """All edges, in the order they were found."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int, bool], Relation] = {}

    def __iter__(self) -> Iterator[Relation]:
        return iter(self._found.values())

    def add(
        self,
        source: Part,
        target: Part,
        place: Place,
        *,
        protocol: str = "",
        label: str = "",
        consumes: bool = False,
    ) -> None:
        """Add an edge or another proof of it; a part never relates to itself."""
        if source is target:
            return
        key = (id(source), id(target), consumes)
        relation = self._found.setdefault(key, Relation(source, target, consumes))
        if place not in relation.places:
            relation.places.append(place)
        known = target.technology
        relation.protocol = relation.protocol or (known.protocol if known is not None else protocol)
        relation.label = relation.label or label

    def between(self, source: Part, target: Part) -> Relation | None:
        """The edge from `source` to `target`, of either direction of flow."""
        return self._found.get((id(source), id(target), False)) or self._found.get(
            (id(source), id(target), True)
        )

    def drop(self, source: Part, target: Part, *, consumes: bool) -> None:
        """Forget one edge."""
        self._found.pop((id(source), id(target), consumes), None)
