"""Cards before layout: what stands on each, and how large that makes it. Text is measured, never guessed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograph.export.drawing.fonts import fit, text_width
from autograph.export.drawing.naming import Names
from autograph.export.drawing.palette import KIND_NAMES
from autograph.export.drawing.reduction import Reduction, callers
from autograph.export.drawing.relations import Relation
from autograph.export.drawing.technologies import Technology, recognise
from autograph.model.architecture import STORES, Kind, Known, Node

PADDING = 10
DRAWER_HEIGHT = 27
CHIP_HEIGHT, CHIP_ROW, CHIP_GAP = 19, 23, 5
BADGE, TILE = 17, 25
ROUND_KINDS = frozenset({Kind.USER, Kind.LOADGEN, Kind.QUEUE})
PEOPLE = frozenset({Kind.USER, Kind.LOADGEN})
_PROTOCOL_SIZE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class CardStyle:
    """Measures of one density of cards, in pixels."""

    name: str
    height: float
    icon: float
    name_size: float
    line_size: float
    widths: tuple[float, float]


COMFORTABLE = CardStyle("comfortable", 56, 36, 15, 12, (160, 228))
DENSE = CardStyle("dense", 44, 28, 14.5, 11.5, (176, 228))
MUTED = CardStyle("muted", 42, 26, 13, 11, (132, 190))
_WIDEST = 272.0


@dataclass(frozen=True, slots=True)
class ChipText:
    """A chip before it has a place."""

    relation: Relation
    text: str
    width: float


@dataclass(slots=True)
class Card:
    """One component and all that hangs on its card. Layout may raise `body_height` to make room for ports."""

    node: Node
    shown: str
    line: str
    technology: Technology | None
    style: CardStyle
    width: float = 0.0
    body_height: float = 0.0
    drawers: list[Relation] = field(default_factory=list)
    tiles: list[Relation] = field(default_factory=list)
    badges: list[Relation] = field(default_factory=list)
    chips: list[list[ChipText]] = field(default_factory=list)
    marks: list[Relation] = field(default_factory=list)

    @property
    def muted(self) -> bool:
        """Whether it stands in a band below the flow."""
        return self.style is MUTED

    @property
    def inset(self) -> float:
        """Space left of the icon: more where the sides are round."""
        if self.muted:
            return 12 if self.node.kind in ROUND_KINDS else 8
        return 16 if self.node.kind in ROUND_KINDS else 10

    @property
    def text_left(self) -> float:
        """X of the texts, from the card's left side."""
        return self.inset + self.style.icon + 10

    @property
    def text_room(self) -> float:
        """Pixels for the name."""
        rounding = 8 if self.node.kind in ROUND_KINDS else 0
        return self.width - self.text_left - 10 - rounding - (TILE + 3) * len(self.tiles)

    @property
    def line_room(self) -> float:
        """Pixels for the second line, left of the badges."""
        badges = len(self.badges)
        return self.text_room - (4 + (BADGE + 3) * badges if badges else 0)

    @property
    def chips_height(self) -> float:
        """Pixels that the rows of chips add."""
        if not self.chips:
            return 0
        return len(self.chips) * CHIP_ROW + 6 + self.chips_offset

    @property
    def chips_offset(self) -> float:
        """Extra space between the second line and the chips."""
        return 5 if self.line and self.style is DENSE else 0

    @property
    def height(self) -> float:
        """Pixels from the top of the card to the end of its drawers."""
        return self.body_height + DRAWER_HEIGHT * len(self.drawers)


@dataclass(frozen=True, slots=True)
class SaidOnce:
    """What most services share: in the header, not on the cards."""

    technology: str = ""
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Deck:
    """All cards of a picture, by id; `tight` is for more than 36 in the flow, or the atlas."""

    cards: dict[str, Card]
    once: SaidOnce
    tight: bool
    served: dict[str, str]


def technology_of(node: Node) -> Technology | None:
    """What a component is made with, by its technology or, unless it is a program, by its name."""
    named = recognise(node.technology) if node.technology else None
    if named is not None:
        return named
    programs = {Kind.SERVICE, Kind.USER, Kind.LOADGEN, Kind.FRONTEND, Kind.AUTH, Kind.GATEWAY}
    return None if node.kind in programs or node.technology else recognise(node.name)


def served_protocols(reduction: Reduction) -> dict[str, str]:
    """The protocol that all callers of a component use, by component: it is said on the card."""
    into: dict[str, set[str]] = {}
    for relation in reduction.everything():
        if relation.message:
            continue
        for half in relation.halves():
            into.setdefault(half.target, set()).update(half.protocols)
    silent = STORES | {Kind.QUEUE} | PEOPLE
    return {
        node_id: next(iter(protocols))
        for node_id, protocols in into.items()
        if len(protocols) == 1 and reduction.kind(node_id) not in silent
    }


def deal(reduction: Reduction, names: Names, *, tight: bool) -> Deck:
    """Measure all cards of `reduction`."""
    served = served_protocols(reduction)
    once = _said_once(reduction, served)
    called = callers(reduction)
    dealer = _Dealer(reduction, names, served, once, called, DENSE if tight else COMFORTABLE)
    cards = {
        node_id: dealer.card(node_id, muted=muted)
        for muted, ids in ((False, reduction.main), (True, [*reduction.infrastructure, *reduction.loose]))
        for node_id in ids
    }
    _set_widths(cards.values(), names)
    for node_id, card in cards.items():
        card.chips = _rows(reduction.chips.get(node_id, []), names, card.width - 16, node_id)
        card.body_height = card.style.height + card.chips_height
    return Deck(cards, once, tight, served)


def _said_once(reduction: Reduction, served: dict[str, str]) -> SaidOnce:
    services = [node_id for node_id in reduction.main if reduction.kind(node_id) is Kind.SERVICE]
    if len(services) < 8:
        return SaidOnce()
    made_with = Counter(_technology_name(reduction.nodes[node_id]) for node_id in services)
    technology, times = made_with.most_common(1)[0]
    answering = [served[node_id] for node_id in services if node_id in served]
    protocol, uses = Counter(answering).most_common(1)[0] if answering else ("", 0)
    return SaidOnce(
        technology=technology if times >= 0.8 * len(services) else "",
        protocol=protocol if answering and uses >= 0.8 * len(answering) else "",
    )


def _technology_name(node: Node) -> str:
    known = technology_of(node)
    return known.name if known else " ".join(node.technology.split())[:_PROTOCOL_SIZE_LIMIT]


@dataclass(frozen=True, slots=True)
class _Dealer:
    reduction: Reduction
    names: Names
    served: dict[str, str]
    once: SaidOnce
    called: Counter[str]
    style: CardStyle

    def card(self, node_id: str, *, muted: bool) -> Card:
        node = self.reduction.nodes[node_id]
        plain = not muted and node.kind is Kind.SERVICE
        technology = technology_of(node)
        name = _technology_name(node)
        if plain and name == self.once.technology:
            technology, name = None, ""
        drawers = self.reduction.drawers.get(node_id, [])
        tiles = [] if self.style is not DENSE else [d for d in drawers if self._says_it_all(node_id, d)][:2]
        return Card(
            node=node,
            shown=self.names.shown[node_id],
            line=self._line(node_id, node, name, muted=muted),
            technology=technology,
            style=MUTED if muted else self.style,
            drawers=[drawer for drawer in drawers if drawer not in tiles],
            tiles=tiles,
            badges=self.reduction.badges.get(node_id, []),
            marks=self.reduction.marks.get(node_id, []),
        )

    def _line(self, node_id: str, node: Node, technology: str, *, muted: bool) -> str:
        leave_kind = not muted and node.kind is Kind.SERVICE and bool(self.once.technology)
        parts = [technology or ("" if leave_kind else KIND_NAMES[node.kind])]
        protocol = self.served.get(node_id, "")
        if protocol and protocol not in {technology, self.once.protocol}:
            parts.append(protocol)
        callers = self.called[node_id]
        if (muted and callers > 1) or (callers >= 4 and self._named(node_id)):
            parts.append(f"{callers} callers")
        return " · ".join(part for part in parts if part)

    def _named(self, node_id: str) -> bool:
        """Whether some of its callers are chips, so that lines do not show how many there are."""
        return any(half.target == node_id for chips in self.reduction.chips.values() for half in chips)

    def _says_it_all(self, owner: str, drawer: Relation) -> bool:
        """Whether a store's name is its owner's and its technology has a glyph: then a tile is enough."""
        store = self.names.shown[drawer.target].lower()
        stem = self.names.shown[owner].lower()
        for ending in ("service", "svc", "api"):
            stem = stem.removesuffix(ending).rstrip("-_ .")
        known = technology_of(self.reduction.nodes[drawer.target])
        return bool(stem) and store.startswith(stem) and known is not None and known.slug is not None


def _natural_width(card: Card, names: Names) -> float:
    style = card.style
    badges = len(card.badges)
    line = text_width(card.line, style.line_size) + (8 + (BADGE + 3) * badges if badges else 0)
    width = card.text_left + max(text_width(card.shown, style.name_size, 600), line) + 14
    width += (TILE + 3) * len(card.tiles) + (8 if card.node.kind in ROUND_KINDS else 0)
    for drawer in card.drawers:
        width = max(width, 53 + text_width(names.shown[drawer.target], 12, 500) + 4)
    return width


def _set_widths(cards: Iterable[Card], names: Names) -> None:
    """One common width for each density; longer texts take their own up to a limit, then an ellipsis."""
    by_style: dict[str, list[tuple[Card, float]]] = {}
    for card in cards:
        by_style.setdefault(card.style.name, []).append((card, _natural_width(card, names)))
    for members in by_style.values():
        natural = sorted(width for _, width in members)
        low, high = members[0][0].style.widths
        common = max(low, min(high, natural[int(0.85 * (len(natural) - 1))]))
        for card, width in members:
            least = 120 if card.node.kind in PEOPLE else common
            badges = card.text_left + 40 + (BADGE + 3) * len(card.badges) + (TILE + 3) * len(card.tiles)
            card.width = float(round(max(least, min(width, _WIDEST), min(badges, 600))))


def _rows(chips: list[Relation], names: Names, room: float, node_id: str) -> list[list[ChipText]]:
    """Chips, widest first, each in the first row that has room."""
    texts = []
    for relation in chips:
        name = "itself" if relation.source == relation.target else names.shown[relation.other(node_id)]
        shown = fit(name, 11.5, 500, room - 30)
        texts.append(ChipText(relation, shown, text_width(shown, 11.5, 500) + 27))
    rows: list[list[ChipText]] = []
    for chip in sorted(texts, key=lambda chip: -chip.width):
        for row in rows:
            if sum(other.width + CHIP_GAP for other in row) + chip.width <= room:
                row.append(chip)
                break
        else:
            rows.append([chip])
    return rows


def inferred(relation: Relation) -> bool:
    """Whether nothing but a guess speaks for it: then its form is dashed."""
    return relation.known is Known.INFERRED
