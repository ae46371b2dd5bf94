"""The Scene: a picture's final geometry, typed and frozen. Formats read it; nothing in it is laid out again."""

from dataclasses import dataclass

from autograph.export.drawing.geometry import Point, Rect
from autograph.export.drawing.relations import Relation
from autograph.model.architecture import Edge, Kind, Node


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text: its left end on the baseline, its size and weight. `room` is what it may take."""

    text: str
    x: float
    y: float
    size: float
    weight: int
    room: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A small part of a card that shows a relation: drawer, tile, badge, chip or mark.

    `other` is the component it speaks of, `text` its name as shown (empty where there is only an icon).
    """

    rect: Rect
    relation: Relation
    other: Node
    slug: str | None = None
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class PlacedCard:
    """A component's card. `rect` is all of it, `body` the card without its drawers."""

    node: Node
    rect: Rect
    body: Rect
    muted: bool
    icon: Rect
    slug: str | None
    name: Text
    line: Text | None
    drawers: tuple[Piece, ...] = ()
    tiles: tuple[Piece, ...] = ()
    badges: tuple[Piece, ...] = ()
    chips: tuple[Piece, ...] = ()
    marks: tuple[Piece, ...] = ()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All small parts."""
        return self.drawers + self.tiles + self.badges + self.chips + self.marks


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """A group, or (with `band`) one of the bands below the picture."""

    path: str
    rect: Rect
    title: Text
    count: int
    depth: int
    inferred: bool
    band: bool = False


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A relation that is drawn. Lines of one `trunk` share a way from (`fans_out`) or to one card."""

    relation: Relation
    points: tuple[Point, ...]
    trunk: str
    fans_out: bool
    label: Rect | None = None
    text: str = ""
    to_store: Kind | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Fan:
    """An entry component whose calls are marks on the called cards. The second one's marks are hollow."""

    node: Node
    name: str
    calls: int
    hollow: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture. Origin at the top left of the drawing, below the header.

    Attributes:
        notes: What the header says below the title.
        edges: The model's edges, which relations name by index.
        atlas: Whether groups were laid out alone.
    """

    title: str
    notes: tuple[str, ...]
    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    cards: tuple[PlacedCard, ...] = ()
    frames: tuple[PlacedFrame, ...] = ()
    lines: tuple[PlacedLine, ...] = ()
    fans: tuple[Fan, ...] = ()
    atlas: bool = False
