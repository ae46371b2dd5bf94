"""The last step before drawing: every text, icon and small part gets its final place in the Scene."""

from autograph.export.drawing.cards import (
    BADGE,
    CHIP_GAP,
    CHIP_HEIGHT,
    CHIP_ROW,
    DENSE,
    DRAWER_HEIGHT,
    ROUND_KINDS,
    TILE,
    Card,
    ChipText,
    technology_of,
)
from autograph.export.drawing.fonts import fit, printable, text_width
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.layout import Route
from autograph.export.drawing.picture import Picture
from autograph.export.drawing.relations import Relation
from autograph.export.drawing.scene import Fan, Piece, PlacedCard, PlacedFrame, PlacedLine, Scene, Text
from autograph.model.architecture import STORES, Model, Node


def place(picture: Picture, model: Model) -> Scene:
    """Return the Scene of a finished picture of `model`."""
    layout, reduction = picture.layout, picture.reduction
    nodes = reduction.nodes
    in_bands = set(reduction.infrastructure)
    placer = _Placer(picture)
    return Scene(
        title=printable(model.title) or "Architecture",
        notes=_notes(picture),
        width=layout.width,
        height=layout.height,
        nodes=tuple(nodes.values()),
        edges=model.edges,
        cards=tuple(placer.card(node_id, rect) for node_id, rect in layout.cards.items()),
        frames=(*_frames(picture), *_bands(picture)),
        lines=tuple(
            _line(picture, route, muted=route.relation.source in in_bands) for route in layout.routes
        ),
        fans=tuple(
            Fan(
                nodes[node_id],
                picture.names.shown[node_id],
                sum(1 for marks in reduction.marks.values() for mark in marks if mark.source == node_id),
                hollow=number > 0,
            )
            for number, node_id in enumerate(picture.fans)
        ),
        atlas=picture.atlas,
    )


def _notes(picture: Picture) -> tuple[str, ...]:
    once = picture.deck.once
    count, relations = len(picture.reduction.nodes), picture.reduction.edge_count
    notes = [
        f"{count} component{'' if count == 1 else 's'}",
        f"{relations} relation{'' if relations == 1 else 's'}",
    ]
    shared = " over ".join(part for part in (once.technology, once.protocol) if part)
    if shared:
        notes.append(f"services: {shared} unless noted")
    if picture.names.note:
        notes.append(picture.names.note)
    return tuple(notes)


def _line(picture: Picture, route: Route, *, muted: bool) -> PlacedLine:
    target = picture.reduction.kind(route.relation.target)
    return PlacedLine(
        relation=route.relation,
        points=tuple(route.points),
        trunk=f"{'band' if muted else 'flow'} {_home(picture, route)} {route.trunk}",
        fans_out=route.fans_out,
        label=route.label,
        text=route.text if route.label else "",
        to_store=target if target in STORES else None,
        muted=muted,
    )


def _home(picture: Picture, route: Route) -> str:
    """Trunk names count from zero in each group of an atlas: this keeps them apart."""
    if not picture.atlas:
        return ""
    return next((f.path for f in picture.frames if route.relation.source in f.members), "")


def _frames(picture: Picture) -> tuple[PlacedFrame, ...]:
    placed = []
    for frame in sorted(picture.frames, key=lambda frame: frame.depth):
        rect = picture.layout.frames.get(frame.path)
        if rect is None:
            continue
        name = fit(frame.name, 12.5, 600, rect.width - 64)
        title = Text(name, rect.x + 18, rect.y + 25, 12.5, 600, rect.width - 36)
        placed.append(PlacedFrame(frame.path, rect, title, len(frame.members), frame.depth, frame.inferred))
    return tuple(placed)


def _bands(picture: Picture) -> tuple[PlacedFrame, ...]:
    return tuple(
        PlacedFrame(
            title,
            rect,
            Text(title, rect.x + 18, rect.y + 25, 12.5, 600, rect.width - 36),
            0,
            0,
            inferred=False,
            band=True,
        )
        for title, rect in picture.bands
    )


class _Placer:
    """Turns measured cards into placed ones."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def card(self, node_id: str, rect: Rect) -> PlacedCard:
        """Place one card and all that stands on it."""
        card = self._picture.deck.cards[node_id]
        style, node = card.style, card.node
        body = Rect(rect.x, rect.y, rect.width, rect.height - DRAWER_HEIGHT * len(card.drawers))
        lid = 0 if node.kind not in STORES or card.muted else 2 if style is DENSE else 3
        top = rect.y + lid + (body.height - style.height - card.chips_height) / 2
        middle = top + style.height / 2
        left = rect.x + card.text_left
        name_y = middle + style.name_size * 0.36 if not card.line else middle - (1.5 if card.muted else 2.5)
        name = fit(card.shown, style.name_size, 600, card.text_room)
        line = None
        if card.line:
            line_y = middle + (13 if card.muted else 15)
            shown = fit(card.line, style.line_size, 400, card.line_room)
            line = Text(shown, left, line_y, style.line_size, 400, card.line_room)
        inner = _rounding(card) + (TILE + 3) * len(card.tiles)
        return PlacedCard(
            node=node,
            rect=rect,
            body=body,
            muted=card.muted,
            icon=Rect(rect.x + card.inset, top + (style.height - style.icon) / 2, style.icon, style.icon),
            slug=card.technology.slug if card.technology else None,
            name=Text(name, left, name_y, style.name_size, 600, card.text_room),
            line=line,
            drawers=tuple(self._drawer(drawer, n, body) for n, drawer in enumerate(card.drawers)),
            tiles=self._row(card.tiles, rect.right - 8 - _rounding(card), middle - 12.5, TILE, node_id),
            badges=self._row(card.badges, rect.right - 9 - inner, middle + 3, BADGE, node_id),
            chips=tuple(self._chips(card, rect, top, node_id)),
            marks=tuple(self._mark(mark, card, body) for mark in card.marks),
        )

    def _piece(self, relation: Relation, rect: Rect, own: str, text: Text | None = None) -> Piece:
        other = self._picture.reduction.nodes[relation.other(own)]
        known = technology_of(other)
        return Piece(rect, relation, other, known.slug if known else None, text)

    def _drawer(self, relation: Relation, number: int, body: Rect) -> Piece:
        rect = Rect(body.x + 6, body.bottom + DRAWER_HEIGHT * number, body.width - 12, DRAWER_HEIGHT)
        room = rect.width - 33 - 8
        name = fit(self._picture.names.shown[relation.target], 12, 500, room)
        return self._piece(
            relation, rect, relation.source, Text(name, rect.x + 33, rect.y + 17.5, 12, 500, room)
        )

    def _row(
        self, relations: list[Relation], right: float, y: float, size: float, own: str
    ) -> tuple[Piece, ...]:
        """Icons of `size` side by side, ending at `right`."""
        step = size + 3
        left = right - step * len(relations) + 3
        return tuple(
            self._piece(relation, Rect(left + step * number, y, size, size), own)
            for number, relation in enumerate(relations)
        )

    def _chips(self, card: Card, rect: Rect, top: float, own: str) -> list[Piece]:
        placed = []
        y = top + card.style.height - 1 + card.chips_offset
        for row in card.chips:
            x = rect.x + 8
            for chip in row:
                placed.append(self._chip(chip, x, y, own))
                x += chip.width + CHIP_GAP
            y += CHIP_ROW
        return placed

    def _chip(self, chip: ChipText, x: float, y: float, own: str) -> Piece:
        rect = Rect(x, y, chip.width, CHIP_HEIGHT)
        room = max(text_width(chip.text, 11.5, 500), chip.width - 27)
        return self._piece(chip.relation, rect, own, Text(chip.text, x + 20, y + 13.6, 11.5, 500, room))

    def _mark(self, relation: Relation, card: Card, body: Rect) -> Piece:
        number = self._picture.fans.index(relation.source)
        y = body.centre[1] - 11 if card.node.kind in ROUND_KINDS else body.y + 6
        return self._piece(relation, Rect(body.x - 0.5, y + 12 * number, 6.5, 10), relation.target)


def _rounding(card: Card) -> float:
    return 8.0 if card.node.kind in ROUND_KINDS else 0.0


def names_of(nodes: tuple[Node, ...]) -> dict[str, str]:
    """Printable full names by id."""
    return {node.id: printable(node.name) or printable(node.id) for node in nodes}
