"""The legend: only what the picture uses, kinds first, in rows of measured entries."""

from collections.abc import Callable, Iterator

from autograph.export.drawing.fonts import fit, text_width
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.markup import number, write_text
from autograph.export.drawing.palette import KIND_NAMES, KNOWN_NAMES, Theme, mix
from autograph.export.drawing.scene import Scene, Text
from autograph.export.drawing.svg_cards import box, chip_arrow, mark, write_icon
from autograph.export.drawing.svg_lines import head, source_sign, stroke
from autograph.model.architecture import Kind, Known

Sample = Callable[[float, float], str]
_ROW = 26.0
_LINE_SAMPLE, _SMALL_SAMPLE = 44.0, 24.0


def write_legend(scene: Scene, theme: Theme, width: float) -> tuple[list[str], float]:
    """Return the legend's parts, from the origin, and its height."""
    samples = _Samples(scene, theme)
    written = [f'<path d="M0 0H{number(width)}" stroke="{theme.group_border}"/>']
    x, y = 0.0, 22.0
    for row in (samples.kinds(), samples.others()):
        started = False
        for room, name, draw in row:
            label = fit(name, 12, 400, 420)
            needed = room + text_width(label, 12) + 26
            if x and (x + needed > width or not started):
                x, y = 0.0, y + _ROW
            started = True
            written.append(draw(x, y))
            written.append(write_text(Text(label, x + room, y, 12, 400, needed), theme.muted))
            x += needed
    return written, y + 10


class _Samples:
    """Entries as (room for the sample, name, how to draw it at x on the baseline y)."""

    def __init__(self, scene: Scene, theme: Theme) -> None:
        self._scene, self._theme = scene, theme

    def kinds(self) -> Iterator[tuple[float, str, Sample]]:
        used = {node.kind for node in self._scene.nodes}
        for kind, name in KIND_NAMES.items():
            if kind in used:
                yield _SMALL_SAMPLE, name, self._kind(kind)

    def others(self) -> Iterator[tuple[float, str, Sample]]:
        scene = self._scene
        used = {line.relation.known for line in scene.lines}
        for known, name in KNOWN_NAMES.items():
            if known in used:
                yield _LINE_SAMPLE + 8, name, self._line(known)
        if any(line.relation.message for line in scene.lines):
            yield _LINE_SAMPLE + 8, "Message", self._message()
        if any(frame.inferred for frame in scene.frames):
            yield _SMALL_SAMPLE + 6, "Group inferred from names and calls", self._group
        if any(card.drawers or card.tiles for card in scene.cards):
            yield _SMALL_SAMPLE + 2, "Private store, one owner", self._drawer
        if any(card.badges for card in scene.cards):
            yield _SMALL_SAMPLE, "Talks to infrastructure", self._badge
        if any(card.chips for card in scene.cards):
            yield _SMALL_SAMPLE + 4, "Calls (named instead of drawn)", self._chip
        for fan in scene.fans:
            yield _SMALL_SAMPLE - 6, f"Called by {fan.name}", self._mark(fan.node.kind, hollow=fan.hollow)

    def _kind(self, kind: Kind) -> Sample:
        colour = self._theme.kinds[kind]
        return lambda x, y: write_icon(Rect(x, y - 13, 17, 17), kind, None, colour)

    def _line(self, known: Known) -> Sample:
        theme = self._theme
        style = stroke(known, theme.line, muted=False)

        def draw(x: float, y: float) -> str:
            start, tip = (x + 3, y - 4), (x + 40, y - 4)
            line = f'<path d="M{number(start[0])} {number(start[1])}H{number(tip[0] - 6)}" {style}/>'
            sign = source_sign(known, start, theme.line, theme.canvas)
            return line + sign + head(tip, start, theme.line, message=False)

        return draw

    def _message(self) -> Sample:
        colour = mix(self._theme.kinds[Kind.QUEUE], self._theme.line, 0.75)

        def draw(x: float, y: float) -> str:
            line = f'<path d="M{number(x + 3)} {number(y - 4)}H{number(x + 36)}" stroke="{colour}" stroke-width="1.6"/>'
            return line + head((x + 40, y - 4), (x + 3, y - 4), colour, message=True)

        return draw

    def _group(self, x: float, y: float) -> str:
        theme = self._theme
        return box(Rect(x, y - 13, 22, 17), 5, theme.group(0), theme.line, ' stroke-dasharray="3.5 2.5"')

    def _drawer(self, x: float, y: float) -> str:
        theme = self._theme
        colour = theme.kinds[Kind.DATABASE]
        ground = box(
            Rect(x + 1, y - 13, 18, 17), 5, mix(colour, theme.card, 0.1), mix(colour, theme.canvas, 0.5)
        )
        return ground + write_icon(Rect(x + 5, y - 9.5, 10, 10), Kind.DATABASE, None, colour, 2.2)

    def _badge(self, x: float, y: float) -> str:
        theme = self._theme
        colour = theme.kinds[Kind.CONFIG]
        ground = box(Rect(x, y - 13, 17, 17), 5, mix(colour, theme.card, 0.13))
        return ground + write_icon(Rect(x + 3, y - 10, 11, 11), Kind.OBSERVABILITY, None, colour, 2.2)

    def _chip(self, x: float, y: float) -> str:
        theme = self._theme
        ground = box(Rect(x, y - 13, 20, 17), 8.5, theme.chip)
        return ground + chip_arrow(x + 6, y - 4.5, theme.kinds[Kind.SERVICE])

    def _mark(self, kind: Kind, *, hollow: bool) -> Sample:
        colour = self._theme.kinds[kind]
        fill = self._theme.canvas if hollow else colour
        return lambda x, y: mark(Rect(x + 3, y - 10, 7, 10), colour, fill)
