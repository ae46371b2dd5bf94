"""What is wrong with a set of lines, counted: crossings, overlaps, lines through boxes."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from autograph.export.drawing.geometry import Point, Rect, Segment, segments


class Line(Protocol):
    """Anything that runs through points and belongs to a trunk."""

    @property
    def points(self) -> Sequence[Point]:
        """From its source to its target."""
        ...

    @property
    def trunk(self) -> str:
        """Lines of one trunk may lie on each other."""
        ...


class Crossing(NamedTuple):
    """Where the horizontal piece of line `across` meets the vertical piece of line `down` (indexes)."""

    across: int
    down: int
    point: Point


class _Span(NamedTuple):
    """A straight piece: at `level` on the other axis, from `low` to `high`, of line `owner`."""

    level: float
    low: float
    high: float
    owner: int


def _spans(lines: Sequence[Line]) -> tuple[list[_Span], list[_Span]]:
    across, down = [], []
    for owner, line in enumerate(lines):
        for piece in segments(line.points):
            box = piece.bounds
            if piece.horizontal:
                across.append(_Span(piece.start[1], box.x, box.right, owner))
            else:
                down.append(_Span(piece.start[0], box.y, box.bottom, owner))
    return sorted(across), sorted(down)


def crossings(lines: Sequence[Line]) -> list[Crossing]:
    """Points where lines of different trunks cross; where whole trunks cross, once."""
    across, down = _spans(lines)
    levels = [span.level for span in across]
    found: dict[tuple[int, int, str, str], Crossing] = {}
    for vertical in down:
        trunk = lines[vertical.owner].trunk
        first = bisect_right(levels, vertical.low + 0.01)
        last = bisect_left(levels, vertical.high - 0.01)
        for level in across[first:last]:
            other = lines[level.owner].trunk
            if level.low + 0.01 < vertical.level < level.high - 0.01 and trunk != other:
                point = (vertical.level, level.level)
                pair = (trunk, other) if trunk < other else (other, trunk)
                key = (round(point[0]), round(point[1]), *pair)
                found.setdefault(key, Crossing(level.owner, vertical.owner, point))
    return list(found.values())


def overlapping(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Pairs of lines of different trunks that run on top of each other for more than 3 pixels."""
    for spans in _spans(lines):
        for number, span in enumerate(spans):
            for other in spans[number + 1 :]:
                if other.level - span.level >= 1:
                    break
                shared = min(span.high, other.high) - max(span.low, other.low)
                if shared > 3 and lines[span.owner].trunk != lines[other.owner].trunk:
                    yield span.owner, other.owner


class Boxes:
    """Rectangles by name, to be asked which of them a rectangle overlaps. A grid keeps that cheap."""

    _CELL = 256.0

    def __init__(self, rects: Mapping[str, Rect]) -> None:
        self._rects = rects
        self._cells: dict[tuple[int, int], list[str]] = {}
        for name, rect in rects.items():
            for cell in self._cover(rect):
                self._cells.setdefault(cell, []).append(name)

    def _cover(self, rect: Rect) -> Iterator[tuple[int, int]]:
        for column in range(int(rect.x // self._CELL), int(rect.right // self._CELL) + 1):
            for row in range(int(rect.y // self._CELL), int(rect.bottom // self._CELL) + 1):
                yield column, row

    def near(self, rect: Rect) -> Iterator[tuple[str, Rect]]:
        """Candidates whose cells `rect` covers, each once."""
        seen: set[str] = set()
        for cell in self._cover(rect):
            for name in self._cells.get(cell, ()):
                if name not in seen:
                    seen.add(name)
                    yield name, self._rects[name]

    def overlapped_by(self, rect: Rect, slack: float = 0.0) -> Iterator[str]:
        """Names of rectangles that share an area with `rect`, each made smaller by `slack` on all sides."""
        for name, other in self.near(rect):
            if other.grown(-slack).overlaps(rect):
                yield name

    def crossed_by(self, piece: Segment, slack: float = 1.5) -> Iterator[str]:
        """Names of rectangles through whose inside `piece` runs."""
        for name, other in self.near(piece.bounds):
            if piece.touches(other.grown(-slack)):
                yield name


def faulty_lines(lines: Sequence[Line], cards: Boxes, titles: Boxes) -> set[int]:
    """Indexes of lines that run through a card or a group's title, or on top of another line."""
    faulty: set[int] = set()
    for number, line in enumerate(lines):
        for piece in segments(line.points):
            if any(cards.crossed_by(piece)) or any(titles.crossed_by(piece, 1.0)):
                faulty.add(number)
                break
    faulty.update(second for _, second in overlapping(lines))
    return faulty


def most_crossed(lines: Sequence[Line]) -> Counter[int]:
    """How many crossings each line takes part in, by index."""
    counted: Counter[int] = Counter()
    for crossing in crossings(lines):
        counted[crossing.across] += 1
        counted[crossing.down] += 1
    return counted


def bends(lines: Iterable[Line]) -> int:
    """Corners of all lines together."""
    return sum(len(line.points) - 2 for line in lines)
