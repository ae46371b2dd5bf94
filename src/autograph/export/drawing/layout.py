"""A layout on its way: where cards and groups stand and how lines run, still open to small repairs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograph.export.drawing.geometry import Point, Rect
from autograph.export.drawing.relations import Relation


@dataclass(frozen=True, slots=True)
class Frame:
    """A group before layout. `path` is unique; `parent` is the path of the group around it."""

    path: str
    name: str
    members: tuple[str, ...]
    parent: str | None
    depth: int
    inferred: bool


@dataclass(slots=True)
class Route:
    """One line. Lines with the same `trunk` may share their way from (`fans_out`) or to a common card."""

    relation: Relation
    points: list[Point]
    trunk: str
    fans_out: bool = True
    text: str = ""
    label: Rect | None = None
    engine_label: Rect | None = None


@dataclass(slots=True)
class Layout:
    """Rectangles by id, lines, and the size of it all from the origin."""

    cards: dict[str, Rect] = field(default_factory=dict)
    frames: dict[str, Rect] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0

    def shift(self, dx: float, dy: float) -> "Layout":
        """Move everything; the size stays. Returns itself."""
        self.cards = {node_id: rect.moved(dx, dy) for node_id, rect in self.cards.items()}
        self.frames = {path: rect.moved(dx, dy) for path, rect in self.frames.items()}
        for route in self.routes:
            route.points = [(x + dx, y + dy) for x, y in route.points]
            if route.label is not None:
                route.label = route.label.moved(dx, dy)
            if route.engine_label is not None:
                route.engine_label = route.engine_label.moved(dx, dy)
        return self

    def absorb(self, other: "Layout") -> None:
        """Take over everything of `other`; the size stays."""
        self.cards.update(other.cards)
        self.frames.update(other.frames)
        self.routes.extend(other.routes)


def shelve(sizes: Sequence[tuple[str, float, float]], width: float, gap: float = 14) -> Layout:
    """Put boxes (id, width, height) in rows no wider than `width`, in their order."""
    layout = Layout()
    x = y = row = 0.0
    for node_id, box_width, box_height in sizes:
        if x and x + box_width > width:
            x, y, row = 0.0, y + row + gap, 0.0
        layout.cards[node_id] = Rect(x, y, box_width, box_height)
        x += box_width + gap
        row = max(row, box_height)
        layout.width = max(layout.width, x - gap)
    layout.height = y + row
    return layout
