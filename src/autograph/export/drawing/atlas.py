"""Atlas layout, for many components: groups laid out alone and packed, calls between groups as chips."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograph.export.drawing.cards import PEOPLE, Card, Deck, deal
from autograph.export.drawing.communities import communities, group_name
from autograph.export.drawing.engine import LayoutFailed
from autograph.export.drawing.flow import FlowOptions, lay_out_flow
from autograph.export.drawing.fonts import fit, text_width
from autograph.export.drawing.layout import Frame, Layout, shelve
from autograph.export.drawing.measure import Boxes, crossings, faulty_lines, most_crossed
from autograph.export.drawing.naming import Names
from autograph.export.drawing.reduction import Reduction
from autograph.export.drawing.relations import Relation
from autograph.export.drawing.slicing import GAP, Cut, Inside, Leaf, Shape, slices

TOP, SIDE = 40.0, 18.0
MARGIN_X, MARGIN_Y = 2 * SIDE, TOP + SIDE
_ASPECT = 1.55
_LINES_PER_CARD = 1.15
_CROSSINGS_PER_CARD = 0.35
_SHELF_GAP = 16.0
_ATTEMPTS = 8
_SPACING = {
    "elk.spacing.nodeNode": "16",
    "elk.layered.spacing.nodeNodeBetweenLayers": "40",
    "elk.aspectRatio": "1.4",
}
LabelOf = Callable[[Relation], str]


@dataclass(slots=True)
class _Part:
    """One group on its own: its flow, and its cards without a line, which fill any width in rows."""

    frame: Frame
    flow: Layout
    free: list[tuple[str, float, float]]
    origin: tuple[float, float] = (0.0, 0.0)
    shapes: list[tuple[float, float, float]] = field(default_factory=list)

    def arranged(self, width: float) -> Layout:
        """The group's content with the free cards in rows of `width` below the flow."""
        layout = Layout(dict(self.flow.cards), {}, [], self.flow.width, self.flow.height)
        if self.free:
            rows = shelve(self.free, max(width, self.flow.width), _SHELF_GAP)
            top = self.flow.height + (SIDE if self.flow.cards else 0)
            layout.cards.update(rows.shift(0, top).cards)
            layout.width = max(layout.width, rows.width)
            layout.height = top + rows.height
        return layout

    def measure(self) -> None:
        """Find the sizes that the frame can take: (width, height, width of the rows)."""
        title = title_width(self.frame, len(self.frame.members)) + 4
        widest = max((width for _, width, _ in self.free), default=0.0) + _SHELF_GAP
        tried = {self.flow.width, *(widest * columns - _SHELF_GAP for columns in range(1, 8) if self.free)}
        for width in sorted(tried):
            layout = self.arranged(width + 0.5)
            shape = (max(layout.width, title) + MARGIN_X, layout.height + MARGIN_Y, width + 0.5)
            self.shapes.append(shape)


@dataclass(frozen=True, slots=True)
class Atlas:
    """An atlas: its layout, cards and frames, and the entry components whose calls are marks."""

    layout: Layout
    deck: Deck
    frames: list[Frame]
    fans: list[str]


def title_width(frame: Frame, count: int) -> float:
    """Pixels that a frame's title and member count take."""
    return text_width(frame.name, 12.5, 600) + 8 + text_width(str(count), 12)


def lay_out_atlas(reduction: Reduction, names: Names, label_of: LabelOf) -> Atlas:
    """Lay `reduction` out as an atlas. Changes it: lines become chips and marks."""
    fans = _fans(reduction)
    frames = _frames(reduction, names, fans)
    home = {member: frame.path for frame in frames for member in frame.members}
    _name_what_leaves(reduction, home, fans)
    inner = {
        frame.path: [line for line in reduction.lines if home.get(line.source) == frame.path]
        for frame in frames
    }
    _spare(reduction, frames, inner)
    parts, deck = _parts(reduction, names, frames, inner, label_of)
    top = [node_id for node_id in reduction.main if node_id not in home]
    layout = _pack(reduction, deck, frames, parts, top, home, fans)
    return Atlas(layout, deck, frames, fans)


def _fans(reduction: Reduction) -> list[str]:
    """The (up to two) components that call at least 40 % of all cards and at least ten."""
    fan_out = Counter(line.source for line in reduction.lines if not line.mutual)
    least = max(10, 0.4 * len(reduction.main))
    return [node_id for node_id, calls in fan_out.most_common(2) if calls >= least]


def _frames(reduction: Reduction, names: Names, fans: Sequence[str]) -> list[Frame]:
    nodes = reduction.nodes
    inside = [i for i in reduction.main if i not in fans and nodes[i].kind not in PEOPLE]
    declared: dict[str, list[str]] = {}
    for node_id in inside:
        if nodes[node_id].group:
            declared.setdefault(nodes[node_id].group, []).append(node_id)
    if declared:
        return given_frames(declared, [i for i in inside if not nodes[i].group])
    return [
        Frame(f"inferred {number}", group_name(members, names.shown), tuple(members), None, 0, inferred=True)
        for number, members in enumerate(communities(inside, reduction.lines, names.shown))
    ]


def given_frames(declared: Mapping[str, Sequence[str]], others: Sequence[str] = ()) -> list[Frame]:
    """Frames for group paths, with one for each path above; `others` get a frame of their own."""
    paths: dict[str, None] = {}
    for path in declared:
        steps = path.split("/")
        for depth in range(1, len(steps) + 1):
            paths["/".join(steps[:depth])] = None
    frames = []
    for path in paths:
        above, _, last = path.rpartition("/")
        name = fit(_one_line(last), 12.5, 600, 420)
        members = tuple(declared.get(path, ()))
        frames.append(Frame(path, name, members, above or None, path.count("/"), inferred=False))
    if others:
        frames.append(Frame("/other", "other", tuple(others), None, 0, inferred=True))
    return frames


def _one_line(name: str) -> str:
    return " ".join(name.split()) or "group"


def _name_what_leaves(reduction: Reduction, home: Mapping[str, str], fans: Sequence[str]) -> None:
    """Calls between groups become chips, those of the entry components marks."""
    marked, leaving = [], []
    for line in reduction.lines:
        here, there = home.get(line.source), home.get(line.target)
        if there and line.source in fans and not line.mutual:
            marked.append(line)
        elif here is None or here != there:
            leaving.append(line)
    keys = {(line.source, line.target) for line in marked}
    reduction.lines = [line for line in reduction.lines if (line.source, line.target) not in keys]
    for line in marked:
        reduction.marks.setdefault(line.target, []).append(line)
    reduction.name_instead(leaving)


def _spare(reduction: Reduction, frames: Sequence[Frame], inner: dict[str, list[Relation]]) -> None:
    """Inside a group, name the most-called members until there are few enough lines."""
    for frame in frames:
        lines = inner[frame.path]
        budget = max(3.0, _LINES_PER_CARD * len(frame.members))
        while len(lines) > budget:
            busiest = Counter(line.target for line in lines).most_common(1)[0][0]
            reduction.name_instead([line for line in lines if line.target == busiest])
            lines = [line for line in lines if line.target != busiest]
        inner[frame.path] = lines


def _parts(
    reduction: Reduction,
    names: Names,
    frames: Sequence[Frame],
    inner: dict[str, list[Relation]],
    label_of: LabelOf,
) -> tuple[dict[str, _Part], Deck]:
    """Lay each group out alone, naming what crosses too much or runs where it must not."""
    flows: dict[str, Layout] = {}
    settled: dict[str, Card] = {}
    pending = list(frames)
    for attempt in range(_ATTEMPTS):
        deck = deal(reduction, names, tight=True)
        again = []
        for frame in pending:
            lines = inner[frame.path] if attempt < _ATTEMPTS - 1 else []
            flow, bad = _flow(deck, frame, lines, label_of)
            if bad:
                again.append(frame)
                keys = {(line.source, line.target) for line in bad}
                inner[frame.path] = [line for line in lines if (line.source, line.target) not in keys]
                bad = bad if attempt < _ATTEMPTS - 2 else lines
                reduction.name_instead(bad)
            else:
                flows[frame.path] = flow
                settled.update({node_id: deck.cards[node_id] for node_id in frame.members})
        pending = again
    deck = deal(reduction, names, tight=True)
    deck.cards.update(settled)
    parts = {}
    for frame in frames:
        flow, cards = flows[frame.path], deck.cards
        free = [(i, cards[i].width, cards[i].height) for i in frame.members if i not in flow.cards]
        parts[frame.path] = _Part(frame, flow, free)
        parts[frame.path].measure()
    return parts, deck


def _flow(
    deck: Deck, frame: Frame, lines: list[Relation], label_of: LabelOf
) -> tuple[Layout, list[Relation]]:
    """One group's flow, and the lines that should not be drawn."""
    ends = {end for line in lines for end in (line.source, line.target)}
    connected = [node_id for node_id in frame.members if node_id in ends]
    if not connected:
        return Layout(), []
    options = FlowOptions(label_of=label_of, spacing=_SPACING)
    try:
        layout = lay_out_flow(deck.cards, connected, lines, [], options)
    except LayoutFailed:
        return Layout(), lines
    faulty = faulty_lines(layout.routes, Boxes(layout.cards), Boxes({}))
    if not faulty and len(crossings(layout.routes)) > _CROSSINGS_PER_CARD * len(frame.members):
        faulty = {number for number, _ in most_crossed(layout.routes).most_common(1 + len(lines) // 12)}
    return layout, [layout.routes[number].relation for number in sorted(faulty)]


def _pack(
    reduction: Reduction,
    deck: Deck,
    frames: Sequence[Frame],
    parts: Mapping[str, _Part],
    top: Sequence[str],
    home: Mapping[str, str],
    fans: Sequence[str],
) -> Layout:
    """Entry components in a row on top, below them the frames, sliced."""
    layout = Layout()
    x = head = 0.0
    for node_id in top:
        card = deck.cards[node_id]
        size = (card.width, card.height)
        layout.cards.update(shelve([(node_id, *size)], size[0]).shift(x, 0).cards)
        x += card.width + (300 if node_id in fans else 40)
        head = max(head, card.height + 34)
        layout.width = max(layout.width, x - 40)
    order = _flow_order(reduction, frames, home)
    boxes = _boxes(None, order, parts)
    if boxes:
        below = 150 if reduction.loose or reduction.infrastructure else 0
        best = min(slices(boxes), key=lambda shape: _packing_cost(shape, head + below))
        _place(best, layout, parts, (0.0, head, best.width, best.height))
        layout.width = max(layout.width, best.width)
        head += best.height
    layout.height = max([head, *(rect.bottom for rect in layout.cards.values())]) if layout.cards else 0.0
    for part in parts.values():
        layout.routes.extend(part.flow.shift(*part.origin).routes)
    return layout


def _packing_cost(shape: Shape, beside: float) -> float:
    aspect = shape.width / (shape.height + beside)
    return shape.width * shape.height / 1e5 + 14 * abs(math.log(aspect / _ASPECT))


def _flow_order(reduction: Reduction, frames: Sequence[Frame], home: Mapping[str, str]) -> list[Frame]:
    """Frames that call before frames that are called; what fits nowhere last."""
    surplus: Counter[str] = Counter()
    for chips in reduction.chips.values():
        for chip in chips:
            if home.get(chip.source) != home.get(chip.target):
                surplus[home.get(chip.source, "")] += 1
                surplus[home.get(chip.target, "")] -= 1
    place = {frame.path: number for number, frame in enumerate(frames)}
    return sorted(
        frames,
        key=lambda f: (f.path == "/other", -surplus[f.path] / max(1, len(f.members)), place[f.path]),
    )


def _boxes(parent: str | None, order: Sequence[Frame], parts: Mapping[str, _Part]) -> list[list[Shape]]:
    """For each frame directly inside `parent`: the shapes it can take."""
    boxes: list[list[Shape]] = []
    for frame in order:
        if frame.parent != parent:
            continue
        own: list[Shape] = []
        if frame.members:
            own = [Leaf(w, h, frame.path, n) for n, (w, h, _) in enumerate(parts[frame.path].shapes)]
        inner = _boxes(frame.path, order, parts)
        if not inner:
            boxes.append(own)
            continue
        bare: list[list[Shape]] = [
            [replace(s, width=s.width - MARGIN_X, height=s.height - MARGIN_Y) for s in own]
        ]
        content = slices([*(bare if own else []), *inner])
        title = title_width(frame, 0) + MARGIN_X
        boxes.append(
            [Inside(max(s.width + MARGIN_X, title), s.height + MARGIN_Y, frame.path, s) for s in content]
        )
    return boxes


def _place(
    shape: Shape, layout: Layout, parts: Mapping[str, _Part], room: tuple[float, float, float, float]
) -> None:
    """Give `shape` its `room` (x, y, width, height), which may be larger than it needs."""
    x, y, width, height = room
    if isinstance(shape, Cut):
        first, second = shape.first, shape.second
        if shape.side_by_side:
            extra = width - first.width - second.width - GAP
            share = first.width + extra * first.width / (first.width + second.width)
            _place(first, layout, parts, (x, y, share, height))
            _place(second, layout, parts, (x + share + GAP, y, width - share - GAP, height))
        else:
            extra = height - first.height - second.height - GAP
            share = first.height + extra * first.height / (first.height + second.height)
            _place(first, layout, parts, (x, y, width, share))
            _place(second, layout, parts, (x, y + share + GAP, width, height - share - GAP))
        return
    outer = shelve([(shape.name, width, height)], width).shift(x, y).cards
    if isinstance(shape, Inside):
        layout.frames.update(outer)
        _place(shape.content, layout, parts, (x + SIDE, y + TOP, width - MARGIN_X, height - MARGIN_Y))
        return
    part = parts[shape.name]
    if shape.name not in layout.frames:
        layout.frames.update(outer)
        x, y, width = x + SIDE, y + TOP, width - MARGIN_X
    part.origin = (x, y)
    content = part.arranged(max(part.shapes[shape.option][2], width))
    layout.cards.update(content.shift(x, y).cards)
