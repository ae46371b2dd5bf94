"""Points, rectangles and orthogonal lines, in pixels with y downwards."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

Point = tuple[float, float]


class Rect(NamedTuple):
    """An upright rectangle; `x`, `y` is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """X of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Y of the lower side."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Point in the middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, dx: float, dy: float) -> "Rect":
        """The same rectangle elsewhere."""
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, by: float) -> "Rect":
        """This rectangle with `by` more on all sides (less when negative)."""
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def overlaps(self, other: "Rect") -> bool:
        """Whether the two share an area."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def contains(self, point: Point) -> bool:
        """Whether `point` is inside or on the border."""
        return self.x <= point[0] <= self.right and self.y <= point[1] <= self.bottom

    def gap_to(self, other: "Rect") -> float:
        """Free space between the two along the axis where there is most; negative when they overlap."""
        across = max(self.x - other.right, other.x - self.right)
        down = max(self.y - other.bottom, other.y - self.bottom)
        return max(across, down)


class Segment(NamedTuple):
    """One straight piece of a line."""

    start: Point
    end: Point

    @property
    def horizontal(self) -> bool:
        """Whether it runs sideways."""
        return abs(self.start[1] - self.end[1]) < 0.5

    @property
    def length(self) -> float:
        """Pixels from end to end."""
        return math.dist(self.start, self.end)

    @property
    def bounds(self) -> Rect:
        """The rectangle around it; one side is zero."""
        x, y = min(self.start[0], self.end[0]), min(self.start[1], self.end[1])
        return Rect(x, y, abs(self.start[0] - self.end[0]), abs(self.start[1] - self.end[1]))

    def touches(self, rect: Rect) -> bool:
        """Whether it runs through the inside of `rect`."""
        box = self.bounds
        return box.x < rect.right and box.right > rect.x and box.y < rect.bottom and box.bottom > rect.y


def segments(points: Sequence[Point]) -> Iterator[Segment]:
    """The straight pieces of a line through `points`."""
    for start, end in itertools.pairwise(points):
        yield Segment(start, end)


def length(points: Sequence[Point]) -> float:
    """Length of the line through `points`."""
    return sum(piece.length for piece in segments(points))


def toward(start: Point, goal: Point, distance: float) -> Point:
    """The point `distance` away from `start` in the direction of `goal`."""
    total = math.dist(start, goal) or 1.0
    return (
        start[0] + (goal[0] - start[0]) * distance / total,
        start[1] + (goal[1] - start[1]) * distance / total,
    )


def around(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle around all `rects`; an empty one at the origin for none."""
    boxes = list(rects)
    if not boxes:
        return Rect(0, 0, 0, 0)
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    return Rect(x, y, max(box.right for box in boxes) - x, max(box.bottom for box in boxes) - y)
