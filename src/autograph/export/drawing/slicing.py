"""Packs frames by slicing: every way of cutting their order into rows and columns, the best sizes kept.

Dynamic programming over runs of the order, with a Pareto front of (width, height) for each run, in the
manner of slicing floorplans (Stockmeyer 1983).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 26.0
_AT_ONCE = 11
_RUN = 8
_FRONT = 24


@dataclass(frozen=True, slots=True)
class Leaf:
    """One shape that the box `name` can take; `option` is the owner's own number for it."""

    width: float
    height: float
    name: str
    option: int


@dataclass(frozen=True, slots=True)
class Inside:
    """The content of the frame `name`, with its margins."""

    width: float
    height: float
    name: str
    content: "Shape"


@dataclass(frozen=True, slots=True)
class Cut:
    """Two shapes side by side, or one above the other."""

    width: float
    height: float
    side_by_side: bool
    first: "Shape"
    second: "Shape"


Shape = Leaf | Inside | Cut


def front(shapes: Sequence[Shape], limit: int = _FRONT) -> list[Shape]:
    """Those shapes that no other beats in both width and height, thinned out to `limit`."""
    kept: list[Shape] = []
    lowest = math.inf
    for shape in sorted(shapes, key=lambda shape: (shape.width, shape.height)):
        if shape.height < lowest - 1:
            kept.append(shape)
            lowest = shape.height
    if len(kept) <= limit:
        return kept
    return [kept[round(number * (len(kept) - 1) / (limit - 1))] for number in range(limit)]


def slices(boxes: Sequence[Sequence[Shape]], limit: int = _FRONT) -> list[Shape]:
    """The best shapes of all `boxes` together, each given as the shapes it can take, in their order."""
    rows = [list(box) for box in boxes]
    while len(rows) > _AT_ONCE:
        rows = [slices(rows[start : start + _RUN], 16) for start in range(0, len(rows), _RUN)]
    count = len(rows)
    best = {(number, number): front(row, limit) for number, row in enumerate(rows)}
    for size in range(2, count + 1):
        for first in range(count - size + 1):
            last = first + size - 1
            found: list[Shape] = []
            for middle in range(first, last):
                for one in best[first, middle]:
                    for other in best[middle + 1, last]:
                        found.extend(_both_ways(one, other))
            best[first, last] = front(found, limit)
    return best[0, count - 1]


def _both_ways(one: Shape, other: Shape) -> tuple[Cut, Cut]:
    beside = Cut(one.width + other.width + GAP, max(one.height, other.height), True, one, other)
    below = Cut(max(one.width, other.width), one.height + other.height + GAP, False, one, other)
    return beside, below
