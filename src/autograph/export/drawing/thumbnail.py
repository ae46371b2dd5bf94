"""A Scene small: silhouettes, names where they stay legible, no header, no legend, no ids."""

from autograph.export.drawing.cards import ROUND_KINDS
from autograph.export.drawing.fonts import FAMILY, fit
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.markup import number, path, write_text
from autograph.export.drawing.palette import THEMES, Theme, ThemeName, mix
from autograph.export.drawing.scene import PlacedCard, Scene, Text
from autograph.export.drawing.svg_cards import box, write_icon
from autograph.export.drawing.svg_lines import line_colour
from autograph.model.architecture import Kind

SMALL_WIDTH = 256.0
_PADDING = 12.0
_LEGIBLE = 6.0
_TALLEST = 0.75


def write_thumbnail(scene: Scene, theme: ThemeName = "light") -> str:
    """Return `scene` for a width of 256 px. Names are written larger where there is room, else left out.

    It has no ground of its own: whatever it lies on shows through.
    """
    colours = THEMES[theme]
    area = _shown(scene).grown(_PADDING)
    scale = min(SMALL_WIDTH / area.width, SMALL_WIDTH * _TALLEST / area.height, 1.0)
    stroke = max(1.6, 1.0 / scale)
    parts = [
        box(frame.rect, 14, colours.band if frame.band else colours.group(frame.depth), colours.group_border)
        for frame in scene.frames
        if frame.rect.overlaps(area)
    ]
    for line in scene.lines:
        dashes = ' stroke-dasharray="8 5"' if line.relation.known == "inferred" else ""
        parts.append(
            f'<path d="{path(line.points)}" fill="none" stroke="{line_colour(line, colours)}" '
            f'stroke-width="{stroke:.2f}"{dashes}/>'
        )
    parts += [_card(card, colours, scale) for card in scene.cards if card.rect.overlaps(area)]
    width, height = area.width * scale, area.height * scale
    view = " ".join(number(value) for value in area)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{number(width)}" '
        f'height="{number(height)}" font-family="{FAMILY}">{"".join(parts)}</svg>\n'
    )


def _shown(scene: Scene) -> Rect:
    """The flow; the bands below it only when there is nothing else."""
    bands = [frame.rect for frame in scene.frames if frame.band]
    whole = Rect(0, 0, max(scene.width, 1.0), max(scene.height, 1.0))
    flow = [card.rect for card in scene.cards if not any(band.contains(card.rect.centre) for band in bands)]
    if not flow or not bands:
        return whole
    right = max([card.right for card in flow] + [f.rect.right for f in scene.frames if not f.band])
    return Rect(0, 0, right, max(1.0, min(band.y for band in bands) - 24))


def _card(card: PlacedCard, theme: Theme, scale: float) -> str:
    """A card as its shape in its kind's colour, with its icon, and its name if that can be read."""
    colour = theme.kinds[card.node.kind]
    body = card.body
    radius = body.height / 2 if card.node.kind in ROUND_KINDS and not card.chips else 10
    dashes = ' stroke-dasharray="7 5"' if card.node.kind is Kind.EXTERNAL else ""
    width = f' stroke-width="{max(1.4, 0.9 / scale):.2f}"'
    border = mix(colour, theme.canvas, 0.65)
    parts = [
        box(drawer.rect, 6, mix(theme.kinds[drawer.other.kind], theme.card, 0.25)) for drawer in card.drawers
    ]
    parts.append(box(body, radius, mix(colour, theme.card, theme.tint), border, width + dashes))
    size = min(24.0, _LEGIBLE * 1.25 / scale)
    if size * scale < _LEGIBLE:
        return "".join(parts)
    room = body.width - 16
    name = fit(card.name.text, size, 600, room)
    icon = 0.0
    if body.height > size * 2.4:
        icon = body.height / 2 - size * 0.8
        square = Rect(body.centre[0] - icon / 2, body.y + 6, icon, icon)
        parts.append(write_icon(square, card.node.kind, card.slug, colour, 2.2))
    text = Text(name, body.centre[0], body.centre[1] + icon / 2 + size * 0.36, size, 600, room)
    parts.append(write_text(text, theme.text, anchor="middle"))
    return "".join(parts)
