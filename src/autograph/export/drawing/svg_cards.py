"""Cards as SVG: a silhouette for each kind, icon, texts, and the small parts that are relations."""

from collections.abc import Sequence

from autograph.export.drawing.cards import ROUND_KINDS, inferred
from autograph.export.drawing.fonts import text_width
from autograph.export.drawing.geometry import Rect
from autograph.export.drawing.markup import attribute, number, wrapped, write_text
from autograph.export.drawing.palette import KIND_NAMES, KNOWN_NAMES, Theme, mix
from autograph.export.drawing.pictograms import glyph
from autograph.export.drawing.placing import names_of
from autograph.export.drawing.relations import Relation
from autograph.export.drawing.scene import Piece, PlacedCard, Scene
from autograph.model.architecture import STORES, Edge, Kind


def write_icon(box: Rect, kind: Kind, slug: str | None, colour: str, weight: float = 1.9) -> str:
    """The technology's glyph or the kind's pictogram, filling `box`."""
    shape = glyph(kind, slug, box.width)
    place = f'transform="translate({number(box.x)} {number(box.y)}) scale({box.width / 24:.4g})"'
    if shape.filled:
        return f'<path {place} d="{shape.path}" fill="{colour}"/>'
    return (
        f'<path {place} d="{shape.path}" fill="none" stroke="{colour}" stroke-width="{weight:g}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def box(rect: Rect, radius: float, fill: str, border: str = "", more: str = "") -> str:
    """A rectangle with round corners."""
    line = f' stroke="{border}"' if border else ""
    return (
        f'<rect x="{number(rect.x)}" y="{number(rect.y)}" width="{number(rect.width)}" '
        f'height="{number(rect.height)}" rx="{number(radius)}" fill="{fill}"{line}{more}/>'
    )


class CardWriter:
    """Writes the cards of one scene in one theme."""

    def __init__(self, scene: Scene, theme: Theme) -> None:
        self._edges: Sequence[Edge] = scene.edges
        self._theme = theme
        self._names = names_of(scene.nodes)
        self._hollow = {fan.node.id for fan in scene.fans if fan.hollow}

    def write(self, card: PlacedCard) -> str:
        """One card with everything on it."""
        theme, node = self._theme, card.node
        colour = theme.kinds[node.kind]
        name_colour = mix(theme.text, theme.canvas, 0.78) if card.muted else theme.text
        parts = [f"<title>{attribute(self._names[node.id])} ({KIND_NAMES[node.kind]})</title>"]
        # Drawers come first: the card lies over their upper edge, the first one over the next.
        parts.extend(self._drawer(drawer, last=drawer is card.drawers[-1]) for drawer in card.drawers)
        parts += [self._silhouette(card, colour), self._icon(card, colour)]
        parts.append(write_text(card.name, name_colour))
        if card.line is not None:
            parts.append(write_text(card.line, theme.muted))
        parts.extend(map(self._tile, card.tiles))
        parts.extend(self._badge(badge) for badge in card.badges)
        parts.extend(map(self._chip, card.chips))
        parts.extend(map(self._mark, card.marks))
        return f'<g data-node="{attribute(node.id)}" data-kind="{node.kind}">' + "".join(parts) + "</g>"

    def _silhouette(self, card: PlacedCard, colour: str) -> str:
        theme, kind, body = self._theme, card.node.kind, card.body
        if card.muted:
            border = mix(theme.border, theme.canvas, 0.8)
            dashes = ' stroke-dasharray="5 3.5"' if kind is Kind.EXTERNAL else ""
            radius = body.height / 2 if kind in ROUND_KINDS else 9
            return box(body, radius, theme.canvas, border, ' stroke-width="1.2"' + dashes)
        if kind in STORES:
            return self._cylinder(body, colour)
        if kind is Kind.GATEWAY:
            return self._cut_corners(body, mix(colour, theme.canvas, 0.5))
        if kind is Kind.EXTERNAL:
            dashed = ' stroke-width="1.2" stroke-dasharray="5 3.5"'
            return box(body, 10, theme.card, mix(colour, theme.canvas, 0.7), dashed)
        radius = 10.0
        if kind in ROUND_KINDS:
            radius = 16 if card.chips else min(28, body.height / 2)
        return box(body, radius, theme.card, theme.border, ' stroke-width="1.2"')

    def _cylinder(self, body: Rect, colour: str) -> str:
        theme = self._theme
        lid = 6.0 if body.height > 50 else 4.0
        bulge = lid * 1.3
        x, y, width = number(body.x), number(body.y + lid), number(body.width)
        side, curve = number(body.height - 2 * lid), number(bulge)
        border = f'stroke="{mix(colour, theme.canvas, 0.6)}" stroke-width="1.4"'
        rim = f"c0 -{curve} {width} -{curve} {width} 0"
        return (
            f'<path d="M{x} {y}v{side}c0 {curve} {width} {curve} {width} 0v-{side}" fill="{theme.card}" {border}/>'
            f'<path d="M{x} {y}{rim}c0 {curve} -{width} {curve} -{width} 0z" '
            f'fill="{mix(colour, theme.card, theme.tint)}" {border}/>'
        )

    def _cut_corners(self, body: Rect, border: str) -> str:
        cut = 9
        x, y = body.x, body.y
        points = [
            (x + cut, y), (body.right - cut, y), (body.right, y + cut), (body.right, body.bottom - cut),
            (body.right - cut, body.bottom), (x + cut, body.bottom), (x, body.bottom - cut), (x, y + cut),
        ]  # fmt: skip
        outline = "L".join(f"{number(px)} {number(py)}" for px, py in points)
        return (
            f'<path d="M{outline}z" fill="{self._theme.card}" stroke="{border}" stroke-width="1.2" '
            'stroke-linejoin="round"/>'
        )

    def _icon(self, card: PlacedCard, colour: str) -> str:
        theme, tile = self._theme, card.icon
        ground = mix(colour, theme.card, theme.tint * (0.7 if card.muted else 1))
        size = round(tile.width * 0.58)
        inner = Rect(tile.x + (tile.width - size) / 2, tile.y + (tile.height - size) / 2, size, size)
        icon = write_icon(inner, card.node.kind, card.slug, colour)
        if card.node.kind in STORES and not card.muted:
            return icon
        radius = tile.width / 2 if card.node.kind in ROUND_KINDS else (6 if card.muted else 8)
        return box(tile, radius, ground) + icon

    def _related(self, piece: Piece, content: str) -> str:
        """`content` with the relation's ids and what it says when pointed at."""
        title = f"<title>{attribute(self._tooltip(piece.relation))}</title>"
        return wrapped(piece.relation, self._edges, title + content)

    def _tooltip(self, relation: Relation) -> str:
        arrow = "↔" if relation.mutual else "→"
        said = ", ".join(part for part in (relation.label, KNOWN_NAMES[relation.known].lower()) if part)
        return f"{self._names[relation.source]} {arrow} {self._names[relation.target]}: {said}"

    def _drawer(self, piece: Piece, *, last: bool) -> str:
        theme, rect = self._theme, piece.rect
        colour = theme.kinds[piece.other.kind]
        fill = mix(colour, theme.card, 0.07 if theme.name == "light" else 0.12)
        x, right, top, bottom = rect.x, rect.right, rect.y - 8, rect.bottom
        if last:
            end = f"V{number(bottom - 10)}q0 10 10 10H{number(right - 10)}q10 0 10 -10"
        else:
            end = f"V{number(bottom)}H{number(right)}"
        dashes = ' stroke-dasharray="5 3"' if inferred(piece.relation) else ""
        outline = (
            f'<path d="M{number(x)} {number(top)}{end}V{number(top)}" fill="{fill}" '
            f'stroke="{mix(colour, theme.canvas, 0.45)}" stroke-width="1.1"{dashes}/>'
        )
        icon = write_icon(Rect(rect.x + 11, rect.y + 5.5, 15, 15), piece.other.kind, piece.slug, colour)
        assert piece.text is not None
        ground = Rect(rect.x + 8, rect.y + 3, 32 + text_width(piece.text.text, 12, 500), rect.height - 6)
        return self._related(
            piece, outline + self._store(piece, ground, icon + write_text(piece.text, theme.text))
        )

    def _store(self, piece: Piece, ground: Rect, content: str) -> str:
        """The store itself inside the part that shows whose it is: both can be pointed at."""
        area = box(ground, 4, "transparent")
        owner = f'data-node="{attribute(piece.other.id)}" data-kind="{piece.other.kind}"'
        return f"<g {owner}>{area}{content}</g>"

    def _tile(self, piece: Piece) -> str:
        theme = self._theme
        colour = theme.kinds[piece.other.kind]
        dashes = ' stroke-dasharray="3 2"' if inferred(piece.relation) else ""
        border = colour if dashes else ""
        ground = box(piece.rect, 6, mix(colour, theme.card, theme.tint), border, dashes)
        icon = write_icon(piece.rect.grown(-5), piece.other.kind, piece.slug, colour)
        return self._related(piece, ground + self._store(piece, piece.rect.grown(-4), icon))

    def _badge(self, piece: Piece) -> str:
        theme = self._theme
        colour = theme.kinds[Kind.CONFIG]
        ground = box(piece.rect, 5, mix(colour, theme.card, 0.13))
        icon = write_icon(piece.rect.grown(-3), piece.other.kind, piece.slug, colour, 2.2)
        return self._related(piece, ground + icon)

    def _chip(self, piece: Piece) -> str:
        theme, rect = self._theme, piece.rect
        colour = theme.kinds[piece.other.kind]
        guessed = inferred(piece.relation)
        border = mix(colour, theme.canvas, 0.5) if guessed else ""
        ground = box(rect, 9.5, theme.chip, border, ' stroke-dasharray="3 2"' if guessed else "")
        assert piece.text is not None
        text = write_text(piece.text, theme.label)
        return self._related(piece, ground + chip_arrow(rect.x + 7, rect.y + 9.5, colour) + text)

    def _mark(self, piece: Piece) -> str:
        colour = self._theme.kinds[piece.other.kind]
        hollow = piece.other.id in self._hollow
        return self._related(piece, mark(piece.rect, colour, self._theme.card if hollow else colour))


def chip_arrow(x: float, y: float, colour: str) -> str:
    """The small arrow at the beginning of a chip."""
    return (
        f'<path d="M{number(x)} {number(y)}h8m-3 -3l3 3l-3 3" fill="none" stroke="{colour}" '
        'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/>'
    )


def mark(rect: Rect, colour: str, fill: str) -> str:
    """The triangle of a mark."""
    return (
        f'<path d="M{number(rect.x)} {number(rect.y)}l{number(rect.width)} {number(rect.height / 2)}'
        f'l-{number(rect.width)} {number(rect.height / 2)}z" fill="{fill}" stroke="{colour}"/>'
    )
