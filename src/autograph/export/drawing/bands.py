"""The bands below the flow: infrastructure in its own small layout, and what has no known relation."""

from autograph.export.drawing.cards import deal
from autograph.export.drawing.engine import LayoutFailed
from autograph.export.drawing.flow import FlowOptions, lay_out_flow
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.layout import Layout, shelve
from autograph.export.drawing.measure import Boxes, crossings, faulty_lines, most_crossed
from autograph.export.drawing.picture import Picture
from autograph.export.drawing.repair import straighten

INFRASTRUCTURE_TITLE, LOOSE_TITLE = "Infrastructure", "No known relation"
_LEAST_WIDTH = 760.0
_TOP, _SIDE = 40.0, 18.0
_SPACING = {"elk.spacing.nodeNode": "14", "elk.layered.spacing.nodeNodeBetweenLayers": "44"}
_CROSSINGS_PER_CARD = 0.35


def add_bands(picture: Picture) -> None:
    """Add to `picture` the bands it needs, side by side where both fit, and set its final size."""
    layout = picture.layout
    width = max(layout.width, _LEAST_WIDTH)
    y = layout.height + 36 if layout.cards else 0.0
    infrastructure = _infrastructure(picture, width) if picture.reduction.infrastructure else None
    used = 0.0
    if infrastructure is not None:
        used = max(infrastructure.width + 2 * _SIDE, 220)
        layout.absorb(infrastructure.shift(_SIDE, y + _TOP))
    if not picture.reduction.loose:
        if infrastructure is not None:
            width = max(width, used)
            _frame(picture, INFRASTRUCTURE_TITLE, Rect(0, y, width, infrastructure.height + _TOP + _SIDE))
        layout.width = width
        return
    beside = infrastructure is not None and width - used > 420
    left = used + 20 if beside else 0.0
    sizes = [(i, picture.deck.cards[i].width, picture.deck.cards[i].height) for i in picture.reduction.loose]
    loose = shelve(sizes, width - left - 2 * _SIDE)
    if infrastructure is not None and not beside:
        width = max(width, used)
        height = infrastructure.height + _TOP + _SIDE
        _frame(picture, INFRASTRUCTURE_TITLE, Rect(0, y, width, height))
        y += height + 24
    layout.absorb(loose.shift(left + _SIDE, y + _TOP))
    width = max(width, left + loose.width + 2 * _SIDE)
    height = loose.height + _TOP + _SIDE
    if infrastructure is not None and beside:
        height = max(height, infrastructure.height + _TOP + _SIDE)
        _frame(picture, INFRASTRUCTURE_TITLE, Rect(0, y, used, height))
    _frame(picture, LOOSE_TITLE, Rect(left, y, width - left, height))
    layout.width = width


def _frame(picture: Picture, title: str, rect: Rect) -> None:
    picture.bands.append((title, rect))
    picture.layout.height = max(picture.layout.height, rect.bottom)


def _infrastructure(picture: Picture, width: float) -> Layout:
    """Connected infrastructure by the engine, the rest in rows beside or below it."""
    reduction = picture.reduction
    connected, flow = _connected(picture)
    free = [i for i in reduction.infrastructure if i not in connected]
    picture.lines_of_bands.extend(route.relation for route in flow.routes)
    if not free:
        return flow
    sizes = [(i, picture.deck.cards[i].width, picture.deck.cards[i].height) for i in free]
    beside = bool(flow.cards) and width - flow.width - 2 * _SIDE > 330
    room = width - 2 * _SIDE - (flow.width + 22 if beside else 0)
    rows = shelve(sizes, max(200.0, room))
    if beside:
        flow.absorb(rows.shift(flow.width + 22, 0))
        flow.width += 22 + rows.width
        flow.height = max(flow.height, rows.height)
    else:
        top = flow.height + 16 if flow.cards else 0.0
        flow.absorb(rows.shift(0, top))
        flow.width, flow.height = max(flow.width, rows.width), top + rows.height
    return flow


def _connected(picture: Picture) -> tuple[set[str], Layout]:
    """Lay out the lines within infrastructure; lines that cross too much or run wrongly become chips."""
    reduction = picture.reduction
    for attempt in range(8):
        deck = deal(reduction, picture.names, tight=picture.deck.tight)
        for node_id in (*reduction.infrastructure, *reduction.loose):
            picture.deck.cards[node_id] = deck.cards[node_id]
        lines = reduction.infrastructure_lines
        ends = {end for line in lines for end in (line.source, line.target)}
        ids = [node_id for node_id in reduction.infrastructure if node_id in ends]
        if not ids:
            break
        try:
            layout = lay_out_flow(
                picture.deck.cards, ids, lines, [], FlowOptions(label_of=lambda _: "", spacing=_SPACING)
            )
        except LayoutFailed:
            reduction.name_instead(lines)
            continue
        straighten(layout, picture.deck.cards)
        wrong = faulty_lines(layout.routes, Boxes(layout.cards), Boxes({}))
        if not wrong and len(crossings(layout.routes)) > _CROSSINGS_PER_CARD * len(ids):
            wrong = {number for number, _ in most_crossed(layout.routes).most_common(1 + len(lines) // 12)}
        if not wrong:
            return set(layout.cards), layout
        bad = lines if attempt == 6 else [layout.routes[number].relation for number in sorted(wrong)]
        reduction.name_instead(list(bad))
    return set(), Layout()
