"""The picture's quality, measured on its final geometry. What a gate forbids is counted; good is 0.

`forbidden` of a report must be 0 for every picture; the other numbers have targets.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from autograph.export.drawing.fonts import text_width
from autograph.export.drawing.geometry import Rect, segments
from autograph.export.drawing.measure import Boxes, bends, crossings, overlapping
from autograph.export.drawing.scene import PlacedCard, PlacedFrame, Scene, Text

CROSSINGS_PER_CARD = 0.35
LEAST_GAP = 14.0


@dataclass(frozen=True, slots=True)
class Gates:
    """Counts that must be 0. Cards are taken with their drawers."""

    cards_on_cards: int
    labels_on_cards: int
    labels_on_labels: int
    labels_on_lines: int
    lines_through_cards: int
    lines_on_titles: int
    lines_on_lines: int
    relations_lost: int
    components_lost: int
    parts_on_parts: int
    parts_outside: int
    texts_too_long: int

    @property
    def forbidden(self) -> int:
        """All counts together."""
        return sum(getattr(self, field.name) for field in fields(self))

    def failing(self) -> dict[str, int]:
        """Those counts that are not 0."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}


@dataclass(frozen=True, slots=True)
class Report:
    """Gates, and the measures that have a target rather than a limit. Sizes in pixels."""

    gates: Gates
    cards: int
    lines: int
    crossings: int
    bends: int
    least_gap: float
    width: float
    height: float

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.width / max(1.0, self.height)

    @property
    def crossings_per_card(self) -> float:
        """Crossings for each card."""
        return self.crossings / max(1, self.cards)


def inspect(scene: Scene) -> Report:
    """Measure `scene`."""
    cards = {card.node.id: card.rect for card in scene.cards}
    boxes = Boxes(cards)
    gates = Gates(
        cards_on_cards=_pairs(cards),
        labels_on_lines=_labels_on_lines(scene),
        labels_on_cards=sum(1 for line in scene.lines if line.label for _ in boxes.overlapped_by(line.label)),
        labels_on_labels=_pairs({str(n): line.label for n, line in enumerate(scene.lines) if line.label}),
        lines_through_cards=sum(
            1 for line in scene.lines if any(any(boxes.crossed_by(piece)) for piece in segments(line.points))
        ),
        lines_on_titles=_lines_on_titles(scene),
        lines_on_lines=sum(1 for _ in overlapping(scene.lines)),
        relations_lost=_relations_lost(scene),
        components_lost=_components_lost(scene),
        parts_on_parts=sum(_parts_on_parts(card) for card in scene.cards),
        parts_outside=_parts_outside(scene),
        texts_too_long=sum(
            1 for text in _texts(scene) if text_width(text.text, text.size, text.weight) > text.room + 0.5
        ),
    )
    return Report(
        gates=gates,
        cards=len(scene.cards),
        lines=len(scene.lines),
        crossings=len(crossings(scene.lines)),
        bends=bends(scene.lines),
        least_gap=_least_gap(cards, boxes),
        width=scene.width,
        height=scene.height,
    )


def _pairs(rects: Mapping[str, Rect]) -> int:
    """Pairs of rectangles that share an area."""
    boxes = Boxes(rects)
    found = sum(
        1 for name, rect in rects.items() for other in boxes.overlapped_by(rect, 0.01) if other != name
    )
    return found // 2


def _labels_on_lines(scene: Scene) -> int:
    labels = Boxes({str(n): line.label for n, line in enumerate(scene.lines) if line.label})
    return sum(
        1
        for number, line in enumerate(scene.lines)
        for piece in segments(line.points)
        for owner in labels.crossed_by(piece, 0.0)
        if owner != str(number)
    )


def title_rect(frame: PlacedFrame) -> Rect:
    """The area of a frame's title and member count."""
    count = 8 + text_width(str(frame.count), 12) if frame.count else 0.0
    width = text_width(frame.title.text, 12.5, 600) + count
    return Rect(frame.title.x, frame.title.y - 12, width, 16)


def _lines_on_titles(scene: Scene) -> int:
    titles = Boxes({frame.path: title_rect(frame) for frame in scene.frames})
    return sum(
        1 for line in scene.lines if any(any(titles.crossed_by(piece, 0)) for piece in segments(line.points))
    )


def _relations_lost(scene: Scene) -> int:
    """Edges of the model that are shown not at all, or more than once."""
    known = {node.id for node in scene.nodes}
    shown = Counter(index for line in scene.lines for index in line.relation.every_edge)
    for card in scene.cards:
        shown.update(index for piece in card.pieces for index in piece.relation.every_edge)
    expected = {
        number for number, edge in enumerate(scene.edges) if edge.source in known and edge.target in known
    }
    return len(expected - shown.keys()) + sum(times - 1 for times in shown.values())


def _components_lost(scene: Scene) -> int:
    """Components without a card, a drawer or a tile of their own, or with more than one."""
    shown = Counter(card.node.id for card in scene.cards)
    for card in scene.cards:
        shown.update(piece.other.id for piece in (*card.drawers, *card.tiles))
    missing = sum(1 for node in scene.nodes if node.id not in shown)
    return missing + sum(times - 1 for times in shown.values())


def _text_rect(text: Text) -> Rect:
    return Rect(text.x, text.y - text.size * 0.75, text_width(text.text, text.size, text.weight), text.size)


def _parts_on_parts(card: PlacedCard) -> int:
    """Overlaps between the texts, icons and small parts of one card (marks lie on the border: left out)."""
    parts = [piece.rect for piece in (*card.tiles, *card.badges, *card.chips, *card.drawers)]
    parts += [card.icon, _text_rect(card.name)]
    if card.line is not None:
        parts.append(_text_rect(card.line))
    return _pairs({str(number): rect for number, rect in enumerate(parts)})


def _parts_outside(scene: Scene) -> int:
    """Texts and parts outside their card, cards and frames outside the picture or their frame."""
    outside = 0
    for card in scene.cards:
        inner = [piece.rect for piece in (*card.tiles, *card.badges, *card.chips)]
        inner += [_text_rect(text) for text in (card.name, card.line) if text is not None and text.text]
        outside += sum(1 for rect in inner if not _within(rect, card.body))
        outside += sum(1 for drawer in card.drawers if not _within(drawer.rect, card.rect))
    whole = Rect(0, 0, scene.width, scene.height)
    outside += sum(1 for card in scene.cards if not _within(card.rect, whole))
    outside += sum(1 for frame in scene.frames if not _within(frame.rect, whole))
    outside += sum(1 for frame in scene.frames if not _within(title_rect(frame), frame.rect))
    outside += sum(1 for line in scene.lines for x, y in line.points if not whole.grown(1).contains((x, y)))
    return outside


def _within(inner: Rect, outer: Rect) -> bool:
    return (
        inner.x >= outer.x - 0.6
        and inner.y >= outer.y - 0.6
        and inner.right <= outer.right + 0.6
        and inner.bottom <= outer.bottom + 0.6
    )


def _texts(scene: Scene) -> Iterable[Text]:
    for card in scene.cards:
        yield card.name
        if card.line is not None:
            yield card.line
        yield from (piece.text for piece in card.pieces if piece.text is not None)
    yield from (frame.title for frame in scene.frames)


def _least_gap(cards: Mapping[str, Rect], boxes: Boxes) -> float:
    """Least free space between two cards, up to 40 px; 40 when none are nearer."""
    gaps: Sequence[float] = [
        rect.gap_to(other)
        for name, rect in cards.items()
        for other_name, other in boxes.near(rect.grown(40))
        if other_name != name
    ]
    return min([40.0, *gaps])
