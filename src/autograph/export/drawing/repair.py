"""Small repairs after layout: jogs made straight, labels put where they touch nothing."""

from collections.abc import Mapping

from autograph.export.drawing.cards import Card
from autograph.export.drawing.flow import LABEL_HEIGHT, label_width
from autograph.export.drawing.geometry import Point, Rect, Segment, length, segments
from autograph.export.drawing.layout import Layout, Route
from autograph.export.drawing.measure import Boxes, crossings

_JOG = 22.0
_PORT_GAP = 9.0


def straighten(layout: Layout, cards: Mapping[str, Card]) -> None:
    """Take jogs under 22 px out at the ends of lines by moving a free port along the side of its card."""
    boxes = Boxes(layout.cards)
    for route in layout.routes:
        if sum(1 for other in layout.routes if other.trunk == route.trunk) > 1:
            continue
        for at_target in (True, False):
            _straighten_end(layout, route, cards, boxes, at_target=at_target)


def _straighten_end(
    layout: Layout, route: Route, cards: Mapping[str, Card], boxes: Boxes, *, at_target: bool
) -> None:
    points = route.points if at_target else route.points[::-1]
    node_id = route.relation.target if at_target else route.relation.source
    if len(points) < 4 or node_id not in layout.cards:
        return
    before, corner, turn, end = points[-4:]
    jog = abs(corner[1] - turn[1])
    zigzag = (
        abs(before[1] - corner[1]) < 0.5 and abs(corner[0] - turn[0]) < 0.5 and abs(turn[1] - end[1]) < 0.5
    )
    if not zigzag or not 0.2 < jog < _JOG:
        return
    level = before[1]
    rect, card = layout.cards[node_id], cards[node_id]
    if not rect.y + _PORT_GAP <= level <= rect.y + card.body_height - _PORT_GAP:
        return
    if not _free(layout, route, boxes, Segment((corner[0], level), (end[0], level))):
        return
    kept = list(points[:-3]) if len(points) > 4 else [points[0]]
    previous = route.points
    crossed = len(crossings(layout.routes))
    straight = [*kept, (end[0], level)]
    route.points = straight if at_target else straight[::-1]
    if len(crossings(layout.routes)) > crossed:
        route.points = previous


def _free(layout: Layout, route: Route, boxes: Boxes, piece: Segment) -> bool:
    """Whether `piece` keeps its distance from ports, lines and cards that are not its own."""
    level, end = piece.end[1], piece.end
    box = piece.bounds
    own = {route.relation.source, route.relation.target}
    for other in layout.routes:
        if other is route:
            continue
        if any(
            abs(p[1] - level) < _PORT_GAP and abs(p[0] - end[0]) < 1
            for p in (other.points[0], other.points[-1])
        ):
            return False
        for run in segments(other.points):
            near = run.horizontal and abs(run.start[1] - level) < _PORT_GAP
            span = run.bounds
            if near and max(box.x, span.x) < min(box.right, span.right) + 9:
                return False
    return not any(name not in own for name in boxes.crossed_by(piece, -6))


def place_labels(layout: Layout, titles: Mapping[str, Rect]) -> list[Route]:
    """Centre each label on its own line, 4 px from cards and labels, 2 px from other lines.

    Returns:
        The routes whose label found no free spot.
    """
    cards, title_boxes = Boxes(layout.cards), Boxes(titles)
    placed: list[Rect] = []
    homeless = []
    pieces = [(route, piece) for route in layout.routes for piece in segments(route.points)]
    for route in sorted(layout.routes, key=lambda route: length(route.points)):
        if not route.text:
            continue
        size = (label_width(route.text), LABEL_HEIGHT)
        spots = _spots(route.points, size)
        if route.engine_label is not None:
            spots.insert(0, (-1.0, route.engine_label))
        for _, spot in spots:
            near = spot.grown(2)
            clear = (
                not any(cards.overlapped_by(spot.grown(4)))
                and not any(title_boxes.overlapped_by(spot.grown(4)))
                and not any(spot.grown(4).overlaps(other) for other in placed)
                and not any(other is not route and piece.touches(near) for other, piece in pieces)
            )
            if clear:
                route.label = spot
                placed.append(spot)
                break
        else:
            homeless.append(route)
    return homeless


def _spots(points: list[Point], size: tuple[float, float]) -> list[tuple[float, Rect]]:
    """Places on the line where a label of `size` fits between two corners, the best ones first."""
    width, height = size
    total = length(points)
    spots: list[tuple[float, Rect]] = []
    run = 0.0
    for piece in segments(points):
        room = (width if piece.horizontal else height) / 2 + 7
        offset = room
        while offset <= piece.length - room - 6:
            share = offset / piece.length
            x = piece.start[0] + (piece.end[0] - piece.start[0]) * share
            y = piece.start[1] + (piece.end[1] - piece.start[1]) * share
            cost = abs(run + offset - total * 0.62) + (0 if piece.horizontal else 15)
            spots.append((cost, Rect(x - width / 2, y - height / 2, width, height)))
            offset += 6
        run += piece.length
    return sorted(spots)
