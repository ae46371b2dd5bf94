"""Flow layout: cards in columns, lines at right angles between fixed ports, by the layered engine."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograph.export.drawing.cards import DRAWER_HEIGHT, PEOPLE, Card
from autograph.export.drawing.engine import engine
from autograph.export.drawing.fonts import text_width
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.layout import Frame, Layout, Route
from autograph.export.drawing.order import against_the_flow
from autograph.export.drawing.relations import Relation
from autograph.model.architecture import STORES, Kind, Known

LABEL_SIZE, LABEL_HEIGHT = 11.5, 18.0
_PORT_DISTANCE = 12
_BASE: dict[str, str] = {
    "elk.algorithm": "layered",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
    "elk.layered.nodePlacement.favorStraightEdges": "true",
    "elk.layered.crossingMinimization.strategy": "LAYER_SWEEP",
    "elk.layered.crossingMinimization.greedySwitch.type": "TWO_SIDED",
    "elk.layered.thoroughness": "40",
    "elk.layered.cycleBreaking.strategy": "GREEDY",
    "elk.layered.layering.strategy": "NETWORK_SIMPLEX",
    "elk.layered.mergeEdges": "false",
    "elk.spacing.nodeNode": "26",
    "elk.spacing.edgeNode": "16",
    "elk.spacing.edgeEdge": "12",
    "elk.spacing.edgeLabel": "4",
    "elk.spacing.portPort": str(_PORT_DISTANCE),
    "elk.spacing.componentComponent": "40",
    "elk.layered.spacing.nodeNodeBetweenLayers": "60",
    "elk.layered.spacing.edgeEdgeBetweenLayers": "12",
    "elk.layered.spacing.edgeNodeBetweenLayers": "18",
    "elk.edgeLabels.inline": "true",
    "elk.padding": "[top=0,left=0,bottom=0,right=0]",
    "elk.aspectRatio": "1.7",
}
_SIDES = {"RIGHT": ("EAST", "WEST"), "DOWN": ("SOUTH", "NORTH")}


def label_width(text: str) -> float:
    """Width of the pill that carries `text` on a line."""
    return text_width(text, LABEL_SIZE, 500) + 12


@dataclass(frozen=True, slots=True)
class FlowOptions:
    """How one candidate is laid out.

    Attributes:
        seed: The engine's random seed.
        direction: RIGHT or DOWN.
        label_of: What to write on a line, or nothing.
        reserve: Lines (source, target) whose label gets room in the layout itself.
        spacing: Engine options that differ from the usual ones.
    """

    label_of: Callable[[Relation], str]
    seed: int = 7
    direction: str = "RIGHT"
    reserve: Collection[tuple[str, str]] = ()
    spacing: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Wire:
    """One line as the engine sees it: possibly reversed, between ports that trunks share."""

    relation: Relation
    flipped: bool
    source_port: str
    target_port: str
    trunk: str
    fans_out: bool
    text: str

    @property
    def start(self) -> str:
        return self.relation.target if self.flipped else self.relation.source

    @property
    def end(self) -> str:
        return self.relation.source if self.flipped else self.relation.target


def lay_out_flow(
    cards: Mapping[str, Card],
    ids: Sequence[str],
    lines: Sequence[Relation],
    frames: Sequence[Frame],
    options: FlowOptions,
) -> Layout:
    """Lay out the cards `ids` with `lines` between them, inside `frames` where they are members.

    Cards may be made taller to give every port its room.

    Raises:
        LayoutFailed: The engine threw.
    """
    wires = _wires(cards, lines, options)
    ports: dict[str, dict[str, str]] = {}
    out_side, in_side = _SIDES[options.direction]
    for wire in wires:
        ports.setdefault(wire.start, {})[wire.source_port] = out_side
        ports.setdefault(wire.end, {})[wire.target_port] = in_side
    graph = _Graph(cards, ports, frames, options)
    placed = engine().lay_out(graph.root(ids, wires))
    return _read(placed, cards, wires)


def _wires(cards: Mapping[str, Card], lines: Sequence[Relation], options: FlowOptions) -> list[_Wire]:
    flips = against_the_flow(lines, lambda node_id: cards[node_id].node.kind)
    ends = [
        (line.target, line.source) if flip else (line.source, line.target)
        for line, flip in zip(lines, flips, strict=True)
    ]
    outgoing = Counter(start for start, _ in ends)
    incoming = Counter(end for _, end in ends)
    wires = []
    for number, (line, flip, (start, end)) in enumerate(zip(lines, flips, ends, strict=True)):
        style = f"{line.known}/{_colour_class(cards, line)}/{'back' if flip else 'on'}"
        source_port, target_port, trunk = f"{start}>{number}", f"{end}<{number}", f"line {number}"
        fans_out = True
        if not line.mutual and outgoing[start] >= incoming[end] and outgoing[start] > 1:
            source_port = trunk = f"{start}>>{style}"
            fans_out = not flip
        elif not line.mutual and incoming[end] > 1:
            target_port = trunk = f"{end}<<{style}"
            fans_out = flip
        wires.append(_Wire(line, flip, source_port, target_port, trunk, fans_out, options.label_of(line)))
    return wires


def _colour_class(cards: Mapping[str, Card], line: Relation) -> str:
    """Lines of one trunk look alike: this says how they look."""
    if line.message:
        return "message"
    kind = cards[line.target].node.kind
    return str(kind) if kind in STORES else "call"


@dataclass(frozen=True, slots=True)
class _Graph:
    """Builds the engine's input."""

    cards: Mapping[str, Card]
    ports: Mapping[str, Mapping[str, str]]
    frames: Sequence[Frame]
    options: FlowOptions

    def root(self, ids: Sequence[str], wires: Sequence[_Wire]) -> dict[str, Any]:
        layout = {
            **_BASE,
            "elk.direction": self.options.direction,
            "elk.randomSeed": str(self.options.seed),
            "elk.hierarchyHandling": "INCLUDE_CHILDREN" if self.frames else "INHERIT",
            **self.options.spacing,
        }
        framed = {member for frame in self.frames for member in frame.members}
        children = [self._frame(frame, layout) for frame in self.frames if frame.parent is None]
        children += [self._card(node_id, framed=False) for node_id in ids if node_id not in framed]
        edges = [self._edge(number, wire) for number, wire in enumerate(wires)]
        return {"id": "/root", "layoutOptions": layout, "children": children, "edges": edges}

    def _frame(self, frame: Frame, layout: Mapping[str, str]) -> dict[str, Any]:
        inner = [self._frame(other, layout) for other in self.frames if other.parent == frame.path]
        return {
            "id": f"frame:{frame.path}",
            "children": [*inner, *(self._card(node_id, framed=True) for node_id in frame.members)],
            "layoutOptions": {**layout, "elk.padding": "[top=40,left=18,bottom=18,right=18]"},
        }

    def _card(self, node_id: str, *, framed: bool) -> dict[str, Any]:
        card = self.cards[node_id]
        ports = self.ports.get(node_id, {})
        sides = Counter(ports.values())
        if ports and self.options.direction == "RIGHT":
            card.body_height = max(card.body_height, max(sides.values()) * _PORT_DISTANCE + 10)
        drawers = DRAWER_HEIGHT * len(card.drawers)
        width = card.width
        if ports and self.options.direction == "DOWN":
            width = max(width, max(sides.values()) * _PORT_DISTANCE + 30)
        options = {"elk.alignment": "LEFT"}
        if ports:
            options["elk.portConstraints"] = "FIXED_SIDE"
            options["elk.portAlignment.default"] = "CENTER"
            options["elk.spacing.portsSurrounding"] = f"[top=10,left=12,bottom={10 + drawers},right=12]"
        if card.node.kind in PEOPLE and not framed:
            options["elk.layered.layering.layerConstraint"] = "FIRST"
        return {
            "id": f"card:{node_id}",
            "width": width,
            "height": card.height,
            "layoutOptions": options,
            "ports": [
                {"id": f"port:{port}", "width": 0, "height": 0, "layoutOptions": {"elk.port.side": side}}
                for port, side in ports.items()
            ],
        }

    def _edge(self, number: int, wire: _Wire) -> dict[str, Any]:
        straight = 0 if wire.relation.known is Known.INFERRED else 1
        if straight and self.cards[wire.start].node.kind in {Kind.USER, Kind.GATEWAY, Kind.FRONTEND}:
            straight = 5
        edge: dict[str, Any] = {
            "id": f"edge:{number}",
            "sources": [f"port:{wire.source_port}"],
            "targets": [f"port:{wire.target_port}"],
            "layoutOptions": {
                "elk.layered.priority.direction": str(straight),
                "elk.layered.priority.straightness": str(straight + 1),
            },
        }
        if wire.text and (wire.relation.source, wire.relation.target) in self.options.reserve:
            size = {"width": label_width(wire.text), "height": LABEL_HEIGHT}
            centre = {"elk.edgeLabels.placement": "CENTER"}
            edge["labels"] = [{"id": f"label:{number}", "text": wire.text, **size, "layoutOptions": centre}]
        return edge


def _read(placed: dict[str, Any], cards: Mapping[str, Card], wires: Sequence[_Wire]) -> Layout:
    """Turn the engine's output, relative to each container, into absolute geometry."""
    layout = Layout(width=placed["width"], height=placed["height"])
    origins: dict[str, tuple[float, float]] = {"/root": (0.0, 0.0)}
    edges: list[dict[str, Any]] = list(placed.get("edges", []))

    def walk(parent: dict[str, Any], x: float, y: float) -> None:
        for child in parent.get("children", []):
            left, top = x + child["x"], y + child["y"]
            origins[child["id"]] = (left, top)
            kind, _, name = child["id"].partition(":")
            rect = Rect(left, top, child["width"], child["height"])
            (layout.cards if kind == "card" else layout.frames)[name] = rect
            edges.extend(child.get("edges", []))
            walk(child, left, top)

    walk(placed, 0.0, 0.0)
    for edge in sorted(edges, key=lambda edge: int(edge["id"].partition(":")[2])):
        wire = wires[int(edge["id"].partition(":")[2])]
        x, y = origins[edge.get("container", "/root")]
        for section in edge.get("sections", []):
            stops = [section["startPoint"], *section.get("bendPoints", []), section["endPoint"]]
            points = [(stop["x"] + x, stop["y"] + y) for stop in stops]
            route = Route(
                wire.relation,
                points[::-1] if wire.flipped else points,
                wire.trunk,
                fans_out=wire.fans_out,
                text=wire.text,
            )
            for label in edge.get("labels", []):
                route.engine_label = Rect(label["x"] + x, label["y"] + y, label["width"], label["height"])
            layout.routes.append(route)
    for node_id, rect in layout.cards.items():
        cards[node_id].width = max(cards[node_id].width, rect.width)
    return layout
