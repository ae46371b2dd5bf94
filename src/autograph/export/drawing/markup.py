"""Writing SVG: escaped text, short numbers, rounded paths. Nothing here can write a script."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from autograph.export.drawing.geometry import Point, Segment, segments, toward
from autograph.export.drawing.relations import Relation
from autograph.export.drawing.scene import Text
from autograph.model.architecture import Edge

CORNER = 8.0
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def attribute(text: str) -> str:
    """Return `text` for an attribute or an element, without characters that XML cannot carry."""
    return escape(_FORBIDDEN.sub("\ufffd", text), quote=True).replace("\n", "&#10;").replace("\t", "&#9;")


def number(value: float) -> str:
    """A coordinate with one decimal at most."""
    text = f"{value:.1f}"
    return "0" if text in {"0.0", "-0.0"} else text.removesuffix(".0")


def write_text(text: Text, fill: str, *, anchor: str = "start") -> str:
    """One line of text."""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text x="{number(text.x)}" y="{number(text.y)}" font-size="{text.size:g}" '
        f'font-weight="{text.weight}" fill="{fill}"{where}>{attribute(text.text)}</text>'
    )


def edge_id(edges: Sequence[Edge], index: int) -> str:
    """The value of `data-edge`: source, target and place in the model's edges."""
    edge = edges[index]
    return attribute(f"{edge.source}|{edge.target}|{index}")


def wrapped(relation: Relation, edges: Sequence[Edge], content: str) -> str:
    """`content` in one element for each edge that it stands for."""
    for index in reversed(relation.every_edge):
        content = f'<g data-edge="{edge_id(edges, index)}">{content}</g>'
    return content


def path(points: Sequence[Point], gaps: Iterable[tuple[Point, float]] = ()) -> str:
    """A line through `points` with rounded corners, interrupted at `gaps` (point, half width)."""
    stops = _distinct(points)
    drawn = [f"M{_at(stops[0])}"]
    cuts = list(gaps)
    pieces = list(segments(stops))
    for place, piece in enumerate(pieces):
        radius_before = _radius(pieces, place - 1) if place else 0.0
        radius_after = _radius(pieces, place) if place < len(pieces) - 1 else 0.0
        drawn.extend(_interruptions(piece, radius_before, radius_after, cuts))
        if radius_after:
            drawn.append(f"L{_at(toward(piece.end, piece.start, radius_after))}")
            leaving = toward(piece.end, pieces[place + 1].end, radius_after)
            drawn.append(f"Q{_at(piece.end)} {_at(leaving)}")
        else:
            drawn.append(f"L{_at(piece.end)}")
    return "".join(drawn)


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _distinct(points: Sequence[Point]) -> list[Point]:
    kept = [points[0]]
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) > 0.2:
            kept.append(point)
    return kept if len(kept) > 1 else [points[0], points[-1]]


def _radius(pieces: Sequence[Segment], place: int) -> float:
    return min(CORNER, pieces[place].length / 2, pieces[place + 1].length / 2)


def _interruptions(
    piece: Segment, before: float, after: float, cuts: Sequence[tuple[Point, float]]
) -> list[str]:
    """Where a horizontal piece lets others pass: a line up to the gap, a move over it."""
    if not piece.horizontal:
        return []
    rightwards = piece.end[0] > piece.start[0]
    low, high = sorted((piece.start[0], piece.end[0]))
    room_low, room_high = (before, after) if rightwards else (after, before)
    level = piece.start[1]
    inside = [
        (x, half)
        for (x, y), half in cuts
        if abs(y - level) < 0.5 and low + room_low + half + 1 < x < high - room_high - half - 1
    ]
    written = []
    last = None
    for x, half in sorted(inside, reverse=not rightwards):
        if last is not None and abs(x - last) < 2 * half + 1:
            continue
        near, far = (x - half, x + half) if rightwards else (x + half, x - half)
        written.append(f"L{_at((near, level))}M{_at((far, level))}")
        last = x
    return written
