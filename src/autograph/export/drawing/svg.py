"""A Scene as SVG: header, groups, lines, cards, legend. Equal scenes give equal bytes."""

from autograph.export.drawing.fonts import FAMILY, fit, text_width
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.legend import write_legend
from autograph.export.drawing.markup import attribute, number, write_text
from autograph.export.drawing.palette import THEMES, Theme, ThemeName
from autograph.export.drawing.scene import Fan, PlacedCard, PlacedFrame, Scene, Text
from autograph.export.drawing.svg_cards import CardWriter, box, mark
from autograph.export.drawing.svg_lines import write_ends, write_lines

MARGIN = 36.0
_HEADER = 84.0
_FOOTER = 34.0


def write_svg(scene: Scene, theme: ThemeName = "light", *, bare: bool = False) -> str:
    """Return the picture; `bare` leaves header and legend out and crops it to the drawing."""
    colours = THEMES[theme]
    drawing = "".join(_drawing(scene, colours))
    if bare:
        return _document(scene, colours, (-8.0, -8.0, scene.width + 16, scene.height + 16), drawing)
    width = scene.width + 2 * MARGIN
    legend, legend_height = write_legend(scene, colours, scene.width)
    below = _HEADER + scene.height + _FOOTER
    parts = [
        *_header(scene, colours),
        f'<g transform="translate({number(MARGIN)} {number(_HEADER)})">{drawing}</g>',
        f'<g class="legend" transform="translate({number(MARGIN)} {number(below)})">{"".join(legend)}</g>',
    ]
    return _document(scene, colours, (0.0, 0.0, width, below + legend_height + 24), "".join(parts))


def _document(scene: Scene, theme: Theme, view: tuple[float, float, float, float], content: str) -> str:
    x, y, width, height = (number(value) for value in view)
    ground = f'<rect x="{x}" y="{y}" width="100%" height="100%" fill="{theme.canvas}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {width} {height}" width="{width}" '
        f'height="{height}" font-family="{FAMILY}" role="img" '
        f'aria-label="{attribute(scene.title[:300])}, architecture">'
        f"{ground}{content}</svg>\n"
    )


def _header(scene: Scene, theme: Theme) -> list[str]:
    title = fit(scene.title, 24, 700, scene.width)
    notes = fit(" · ".join(scene.notes), 13, 400, scene.width)
    return [
        write_text(Text(title, MARGIN, 42, 24, 700, scene.width), theme.text),
        write_text(Text(notes, MARGIN, 64, 13, 400, scene.width), theme.muted),
    ]


def _drawing(scene: Scene, theme: Theme) -> list[str]:
    cards = CardWriter(scene, theme)
    by_id = {card.node.id: card for card in scene.cards}
    return [
        *(_frame(frame, theme) for frame in scene.frames),
        *write_lines(scene, theme),
        *(_fan(fan, by_id[fan.node.id], theme) for fan in scene.fans if fan.calls),
        *map(cards.write, scene.cards),
        *write_ends(scene, theme),
    ]


def _frame(frame: PlacedFrame, theme: Theme) -> str:
    if frame.band:
        dotted = ' stroke-dasharray="2 3"'
        return (
            f'<g data-band="{attribute(frame.path)}">'
            + box(frame.rect, 14, theme.band, theme.group_border, dotted)
            + write_text(frame.title, theme.muted)
            + "</g>"
        )
    more = ' stroke-width="1.3"' + (' stroke-dasharray="6 4"' if frame.inferred else "")
    parts = [box(frame.rect, 14, theme.group(frame.depth), theme.group_border, more)]
    parts.append(write_text(frame.title, theme.group_text))
    if frame.count:
        x = frame.title.x + text_width(frame.title.text, 12.5, 600) + 8
        parts.append(write_text(Text(str(frame.count), x, frame.title.y, 12, 400, 40), theme.muted))
    return f'<g data-group="{attribute(frame.path)}">{"".join(parts)}</g>'


def _fan(fan: Fan, card: PlacedCard, theme: Theme) -> str:
    """Beside the entry component: what its marks on other cards mean."""
    x, y = card.body.right, card.body.centre[1]
    colour = theme.kinds[fan.node.kind]
    said = f"calls the {fan.calls} cards marked"
    text = Text(said, x + 48, y + 4.5, 13, 500, 240)
    after = x + 48 + text_width(said, 13, 500) + 7
    return (
        f'<path d="M{number(x)} {number(y)}h30" stroke="{theme.line}" stroke-width="2.6"/>'
        f'<path d="M{number(x + 38)} {number(y)}l-10 -5.5v11z" fill="{theme.line}"/>'
        + write_text(text, theme.label)
        + mark(Rect(after, y - 5.5, 7.5, 11), colour, theme.canvas if fan.hollow else colour)
    )
