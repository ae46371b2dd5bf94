"""The small picture of a document that has nothing to draw: a sheet with its first lines, or plain."""

from collections.abc import Sequence

from autograph.export.drawing.fonts import FAMILY, fit, printable
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.markup import write_text
from autograph.export.drawing.palette import THEMES, ThemeName
from autograph.export.drawing.scene import Text
from autograph.export.drawing.svg_cards import box

_WIDTH, _HEIGHT, _MARGIN = 256, 160, 36


def write_sheet(title: str, lines: Sequence[str], theme: ThemeName = "light") -> str:
    """Return a sheet with `title` and up to seven `lines`, or with rules where there are none."""
    colours = THEMES[theme]
    paper = Rect(_MARGIN, 14, _WIDTH - 2 * _MARGIN, _HEIGHT - 14)
    room = paper.width - 28
    left, y = paper.x + 14, paper.y + 26
    parts = [
        box(Rect(0, 0, _WIDTH, _HEIGHT), 0, colours.canvas),
        box(paper, 6, colours.card, colours.border),
        write_text(Text(fit(printable(title), 12, 600, room), left, y, 12, 600, room), colours.text),
    ]
    for line in lines[:7]:
        y += 15
        text = Text(fit(printable(line), 9, 400, room), left, y, 9, 400, room)
        parts.append(write_text(text, colours.muted))
    if not lines:
        for number, share in enumerate((1.0, 0.85, 0.95, 0.6)):
            rule = Rect(left, y + 16 + 16 * number, room * share, 5)
            parts.append(box(rule, 2.5, colours.chip))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" font-family="{FAMILY}">{"".join(parts)}</svg>\n'
    )
