"""A picture in the making: the reduction, its cards and where they stand. Becomes a Scene in `placing.py`."""

from dataclasses import dataclass, field

from autograph.export.drawing.cards import Deck
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.layout import Frame, Layout
from autograph.export.drawing.naming import Names
from autograph.export.drawing.reduction import Reduction
from autograph.export.drawing.relations import Relation


@dataclass(slots=True)
class Picture:
    """What was decided so far. `bands` are title and rectangle of each band below the flow."""

    reduction: Reduction
    names: Names
    deck: Deck
    layout: Layout
    frames: list[Frame]
    fans: list[str] = field(default_factory=list)
    atlas: bool = False
    bands: list[tuple[str, Rect]] = field(default_factory=list)
    lines_of_bands: list[Relation] = field(default_factory=list)
