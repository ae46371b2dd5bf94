"""Lines as SVG: trunks, the gaps where they cross, heads, and the signs of how a relation is known."""

import math
from collections.abc import Sequence

from autograph.export.drawing.geometry import Point, length, segments, toward
from autograph.export.drawing.markup import attribute, edge_id, number, path, write_text
from autograph.export.drawing.measure import crossings
from autograph.export.drawing.palette import KNOWN_NAMES, Theme, mix
from autograph.export.drawing.placing import names_of
from autograph.export.drawing.relations import Relation
from autograph.export.drawing.scene import PlacedLine, Scene, Text
from autograph.model.architecture import Edge, Kind, Known

_HEAD = 6.0


def line_colour(line: PlacedLine, theme: Theme) -> str:
    """Neutral; towards a store or with messages, the kind's colour shows through."""
    if line.muted:
        return mix(theme.line, theme.canvas, 0.82)
    if line.relation.message:
        return mix(theme.kinds[Kind.QUEUE], theme.line, 0.75)
    if line.to_store:
        return mix(theme.kinds[line.to_store], theme.line, 0.7)
    return theme.line


def stroke(known: Known, colour: str, *, muted: bool) -> str:
    """Stroke attributes of a line by how the relation is known."""
    width, rest = (1.3 if muted else 1.6), ""
    if known is Known.TRACE:
        width = 2.6
    elif known is Known.DECLARED:
        width, rest = width + 0.4, ' stroke-dasharray="0.1 4.5" stroke-linecap="round"'
    elif known is Known.INFERRED:
        rest = ' stroke-dasharray="6 4"'
    return f'fill="none" stroke="{colour}" stroke-width="{width:g}"{rest}'


def write_lines(scene: Scene, theme: Theme) -> list[str]:
    """All trunks, one path each; inferred ones first, so that proven ones lie on top."""
    trunks: dict[str, list[PlacedLine]] = {}
    for line in scene.lines:
        trunks.setdefault(line.trunk, []).append(line)
    gaps = _gaps(scene)
    written = []
    for name, lines in sorted(
        trunks.items(), key=lambda item: item[1][0].relation.known is not Known.INFERRED
    ):
        first = lines[0]
        drawn = "".join(path(_stroked(line), gaps.get(name, ())) for line in lines)
        style = stroke(first.relation.known, line_colour(first, theme), muted=first.muted)
        written.append(f'<path class="line" d="{drawn}" {style}/>')
    return written


def _stroked(line: PlacedLine) -> list[Point]:
    """The line's points, ending inside its heads, starting where its trunk is shared (so dashes agree)."""
    points = list(line.points)
    points[-1] = _inside_head(points[-1], points[-2])
    if line.relation.mutual:
        points[0] = _inside_head(points[0], points[1])
    return points if line.fans_out else points[::-1]


def _inside_head(tip: Point, before: Point) -> Point:
    return toward(tip, before, min(_HEAD, math.dist(tip, before) * 0.6))


def _gaps(scene: Scene) -> dict[str, list[tuple[Point, float]]]:
    """Where each trunk lets a vertical one pass over it: 2 px on each side."""
    gaps: dict[str, list[tuple[Point, float]]] = {}
    for crossing in crossings(scene.lines):
        over = scene.lines[crossing.down].relation.known
        half = (2.6 if over is Known.TRACE else 1.6) / 2 + 2
        gaps.setdefault(scene.lines[crossing.across].trunk, []).append((crossing.point, half))
    return gaps


def write_ends(scene: Scene, theme: Theme) -> list[str]:
    """For each line: its heads, its sign at the source, its label, and an invisible path to point at."""
    names = names_of(scene.nodes)
    signed: set[tuple[str, Point]] = set()
    written = []
    for line in scene.lines:
        colour = line_colour(line, theme)
        parts = [f"<title>{attribute(_tooltip(line.relation, names))}</title>"]
        parts.append(head(line.points[-1], line.points[-2], colour, message=line.relation.message))
        if line.relation.mutual:
            parts.append(head(line.points[0], line.points[1], colour, message=line.relation.message))
        elif (line.trunk, line.points[0]) not in signed:
            signed.add((line.trunk, line.points[0]))
            parts.append(source_sign(line.relation.known, line.points[0], colour, theme.canvas))
        if line.label is not None:
            parts.append(_label(line, colour, theme))
        first = line.relation.every_edge[0]
        written.append(f'<g data-edge="{edge_id(scene.edges, first)}">{"".join(parts)}</g>')
        written.extend(_hits(line, scene.edges))
    return written


def _tooltip(relation: Relation, names: dict[str, str]) -> str:
    arrow = "↔" if relation.mutual else "→"
    said = ", ".join(part for part in (relation.label, KNOWN_NAMES[relation.known].lower()) if part)
    return f"{names[relation.source]} {arrow} {names[relation.target]}: {said}"


def _hits(line: PlacedLine, edges: Sequence[Edge]) -> list[str]:
    """Invisible wide paths, one for each edge: the first along all of the line, others on their share."""
    indexes = line.relation.every_edge
    written = []
    for place, index in enumerate(indexes):
        count = len(indexes)
        points = line.points
        if place:
            from_source = count - 1 - place
            points = _section(line.points, from_source / count, (from_source + 1) / count)
        written.append(
            f'<path class="hit" data-edge="{edge_id(edges, index)}" d="{path(points)}" fill="none" '
            'stroke="transparent" stroke-width="12" pointer-events="stroke"/>'
        )
    return written


def _section(points: Sequence[Point], start: float, end: float) -> tuple[Point, ...]:
    """The part of a line between two shares of its length."""
    total = length(points)
    low, high = start * total, end * total
    run = 0.0
    kept: list[Point] = []
    for piece in segments(points):
        if piece.length and run + piece.length >= low and run <= high:
            kept.append(toward(piece.start, piece.end, max(0.0, low - run)))
            kept.append(toward(piece.start, piece.end, min(piece.length, high - run)))
        run += piece.length
    return tuple(kept) if kept else tuple(points)


def head(tip: Point, before: Point, colour: str, *, message: bool) -> str:
    """A filled triangle for a call, an open chevron for a message."""
    total = math.dist(tip, before) or 1.0
    ux, uy = (before[0] - tip[0]) / total, (before[1] - tip[1]) / total
    x, y = tip
    left = f"{number(x + ux * 9 - uy * 4.5)} {number(y + uy * 9 + ux * 4.5)}"
    right = f"{number(x + ux * 9 + uy * 4.5)} {number(y + uy * 9 - ux * 4.5)}"
    point = f"{number(x)} {number(y)}"
    if not message:
        return f'<path d="M{point}L{left}L{right}z" fill="{colour}"/>'
    shaft = f"M{point}L{number(x + ux * 7)} {number(y + uy * 7)}"
    return (
        f'<path d="M{left}L{point}L{right}{shaft}" fill="none" stroke="{colour}" stroke-width="1.8" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def source_sign(known: Known, at: Point, colour: str, ground: str) -> str:
    """What the line's beginning says about how it is known; nothing for code and guesses."""
    x, y = number(at[0]), number(at[1])
    if known is Known.CONFIG:
        return (
            f'<rect x="{number(at[0] - 3.2)}" y="{number(at[1] - 3.2)}" width="6.4" height="6.4" '
            f'fill="{ground}" stroke="{colour}" stroke-width="1.4"/>'
        )
    if known is Known.DECLARED:
        return f'<circle cx="{x}" cy="{y}" r="3.4" fill="{ground}" stroke="{colour}" stroke-width="1.4"/>'
    return f'<circle cx="{x}" cy="{y}" r="3.8" fill="{colour}"/>' if known is Known.TRACE else ""


def _label(line: PlacedLine, colour: str, theme: Theme) -> str:
    assert line.label is not None
    box = line.label
    text = Text(line.text, box.centre[0], box.y + 13, 11.5, 500, box.width)
    return (
        f'<rect x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" '
        f'height="{number(box.height)}" rx="9" fill="{theme.canvas}" '
        f'stroke="{mix(colour, theme.canvas, 0.35)}"/>' + write_text(text, theme.label, anchor="middle")
    )
