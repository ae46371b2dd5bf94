"""The one merge step: facts of all readers in, a Model out."""

from collections.abc import Mapping

from autograph.analysis import technologies
from autograph.analysis.facts import Fact, Place, Setting
from autograph.analysis.merge.configuration import Configuration
from autograph.analysis.merge.connections import Connector
from autograph.analysis.merge.infrastructure import imply, kind_of, people
from autograph.analysis.merge.parts import Part, Parts, unique_id
from autograph.model.architecture import Edge, Evidence, Kind, Model, Node, Skipped, Unresolved

_MOST_EVIDENCE = 8


def merge(facts: list[Fact], *, title: str, texts: Mapping[str, str], skipped: list[Skipped]) -> Model:
    """Join components, resolve configuration, connect, and quote the lines.

    Args:
        facts: What all readers found, in a stable order.
        title: The model's title.
        texts: The text of each file that a fact may quote, by its path.
        skipped: Files that could not be read.
    """
    parts = Parts(facts)
    parts.keep(_drawn(parts))
    configuration = Configuration([fact for fact in facts if isinstance(fact, Setting)], parts)
    connector = Connector(parts, configuration)
    connector.connect(facts)
    imply(connector)
    people(connector)
    return _model(connector, title, _Quotes(texts), skipped)


def _drawn(parts: Parts) -> list[Part]:
    deployed = any(part.deployed for part in parts)
    return [part for part in parts if part.deployed or _runs(part, deployed=deployed)]


def _runs(part: Part, *, deployed: bool) -> bool:
    if "main" in part.traits or any(trait.endswith("-proxy") for trait in part.traits):
        return True
    if part.language == ".NET":
        return part.runnable
    if not part.runnable or (
        not part.language and technologies.of_image((part.images or [""])[0][5:]) is not None
    ):
        return False
    return not deployed or (part.kind is Kind.FRONTEND and "" not in part.folders)


class _Quotes:
    """Turns places into evidence with the line and its neighbours."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._lines: dict[str, list[str]] = {}

    def evidence(self, place: Place) -> Evidence:
        lines = self._lines.get(place.file)
        if lines is None:
            lines = self._lines[place.file] = self._texts.get(place.file, "").split("\n")
        first = max(1, place.line - 1)
        quoted = [line.rstrip()[:200] for line in lines[first - 1 : place.line + 1]]
        return Evidence(
            file=place.file,
            line=place.line,
            snippet="\n".join(quoted),
            snippet_line=place.line - first + 1,
            rule=place.rule,
            known=place.known,
        )


def _model(connector: Connector, title: str, quotes: _Quotes, skipped: list[Skipped]) -> Model:
    taken: set[str] = set()
    parts = sorted(connector.parts, key=lambda part: (part.external, part.name.lower()))
    ids = {id(part): unique_id(part.name, taken) for part in parts}
    nodes = [
        Node(
            id=ids[id(part)],
            name=part.name,
            kind=kind_of(part),
            technology=known.title if (known := part.technology) is not None else part.language,
            evidence=tuple(quotes.evidence(place) for place in part.places[:_MOST_EVIDENCE]),
        )
        for part in parts
    ]
    edges = [
        Edge(
            source=ids[id(relation.source)],
            target=ids[id(relation.target)],
            protocol=relation.protocol,
            label=relation.label,
            consumes=relation.consumes,
            known=relation.known,
            evidence=tuple(quotes.evidence(place) for place in relation.places[:_MOST_EVIDENCE]),
        )
        for relation in connector.relations
    ]
    unresolved = [
        Unresolved(source=source, reference=text[:200], reason=reason, evidence=quotes.evidence(place))
        for source, text, reason, place in dict.fromkeys(connector.unresolved)
    ]
    return Model(
        title=title,
        nodes=tuple(nodes),
        edges=tuple(sorted(edges, key=lambda edge: (edge.source, edge.target, edge.consumes))),
        unresolved=tuple(unresolved),
        skipped=tuple(sorted(skipped, key=lambda one: one.file)),
    )
