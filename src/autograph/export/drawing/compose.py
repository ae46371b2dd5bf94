"""From a model to its Scene: reduce, try layouts, keep the best, repair what is wrong, add the bands.

Candidates are compared by a cost of crossings, bends, length, area and shape. What still runs through a
card, a title or another line after that is named on its card instead: a picture is never wrong.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from autograph.export.drawing.atlas import Atlas, given_frames, lay_out_atlas, title_width
from autograph.export.drawing.bands import add_bands
from autograph.export.drawing.cards import Deck, deal
from autograph.export.drawing.engine import LayoutFailed
from autograph.export.drawing.flow import FlowOptions, lay_out_flow
from autograph.export.drawing.geometry import Rect, length
from autograph.export.drawing.layout import Frame, Layout, shelve
from autograph.export.drawing.measure import Boxes, bends, crossings, faulty_lines, most_crossed
from autograph.export.drawing.naming import Names, shown_names
from autograph.export.drawing.picture import Picture
from autograph.export.drawing.placing import place
from autograph.export.drawing.reduction import Reduction, reduce
from autograph.export.drawing.relations import Relation
from autograph.export.drawing.repair import place_labels, straighten
from autograph.export.drawing.scene import Scene
from autograph.model.architecture import STORES, Kind, Model

FLOW_LIMIT = 36
CROSSINGS_PER_CARD = 0.35
_SEEDS = (7, 1, 2, 3, 4, 5)
_BAND_HEIGHT = 190
_ROUNDS = 6


@dataclass(slots=True)
class _Candidate:
    """One laid-out flow and what it costs."""

    reduction: Reduction
    deck: Deck
    frames: list[Frame]
    layout: Layout
    seed: int
    direction: str
    cost: float

    @property
    def crossing_share(self) -> float:
        """Crossings for each main card."""
        return len(crossings(self.layout.routes)) / max(1, len(self.reduction.main))

    @property
    def aspect(self) -> float:
        """Width by height, the band below included."""
        below = _BAND_HEIGHT if self.reduction.infrastructure else 0
        return self.layout.width / max(1.0, self.layout.height + below)


def compose(model: Model, *, core: bool = False) -> Scene:
    """Return the picture of `model`; with `core` without people, load generators and infrastructure."""
    shown = model.core() if core else model
    reduction = reduce(shown)
    names = shown_names(reduction.nodes)
    picture = None if len(reduction.main) > FLOW_LIMIT else _flow_picture(reduction, names)
    if picture is None:
        picture = _atlas_picture(reduction, names)
    add_bands(picture)
    return place(picture, shown)


def title_rects(frames: list[Frame], layout: Layout) -> dict[str, Rect]:
    """Where the titles of the groups stand."""
    rects = {}
    for frame in frames:
        rect = layout.frames.get(frame.path)
        if rect is not None:
            width = title_width(frame, len(frame.members))
            rects[frame.path] = Rect(rect.x + 14, rect.y + 10, width + 8, 22)
    return rects


def line_label(reduction: Reduction, deck: Deck, line: Relation) -> str:
    """What to write on a line: its protocol, unless its card or its look says it already."""
    target = reduction.kind(line.target)
    if target in STORES or line.target in deck.served or line.message:
        return ""
    return line.label


def _flow_picture(reduction: Reduction, names: Names) -> Picture | None:
    """The best flow, or None where an atlas shows more."""
    large = len(reduction.main) > 16
    best: _Candidate | None = None
    for candidate in _flows(reduction, names, _SEEDS):
        if large and best is None and (candidate.crossing_share > 0.75 or candidate.aspect > 4):
            return None
        if best is None or candidate.cost < best.cost:
            best = candidate
    if best is None:
        return None
    if best.crossing_share > CROSSINGS_PER_CARD:
        best = _within_budget(best, names)
    if large and (best.crossing_share > 0.5 or not 0.5 < best.aspect < 3.3):
        return None
    return _finished(best, names)


def _flows(
    reduction: Reduction, names: Names, seeds: tuple[int, ...], direction: str = "RIGHT"
) -> Iterator[_Candidate]:
    """Flows of `reduction` by seed; downwards as well when those to the right have no good shape."""
    shape_is_bad = False
    for number, seed in enumerate(seeds):
        candidate = _flow(reduction, names, seed, direction)
        if candidate is None:
            continue
        yield candidate
        shape_is_bad = not 0.8 <= candidate.aspect <= 3.4
        if number and not crossings(candidate.layout.routes):
            break
    if direction == "RIGHT" and shape_is_bad:
        downwards = _flow(reduction, names, seeds[0], "DOWN")
        if downwards is not None:
            downwards.cost *= 2
            yield downwards


def _flow(
    reduction: Reduction,
    names: Names,
    seed: int,
    direction: str,
    reserve: frozenset[tuple[str, str]] = frozenset(),
) -> _Candidate | None:
    """One layout, or None when the engine throws."""
    deck = deal(reduction, names, tight=False)
    declared: dict[str, list[str]] = {}
    for node_id in reduction.main:
        if path := reduction.nodes[node_id].group:
            declared.setdefault(path, []).append(node_id)
    frames = given_frames(declared)
    options = FlowOptions(
        label_of=lambda line: line_label(reduction, deck, line),
        seed=seed,
        direction=direction,
        reserve=reserve,
    )
    ends = {end for line in reduction.lines for end in (line.source, line.target)}
    related = [i for i in reduction.main if frames or i in ends]
    try:
        layout = lay_out_flow(deck.cards, related, reduction.lines, frames, options)
    except LayoutFailed:
        return None
    _add_free_cards(layout, deck, [i for i in reduction.main if i not in layout.cards])
    candidate = _Candidate(reduction, deck, frames, layout, seed, direction, 0.0)
    candidate.cost = _cost(candidate)
    return candidate


def _add_free_cards(layout: Layout, deck: Deck, ids: list[str]) -> None:
    """Cards whose relations are all badges or chips stand in rows below the flow."""
    if ids:
        sizes = [(i, deck.cards[i].width, deck.cards[i].height) for i in ids]
        rows = shelve(sizes, max(layout.width, 760), 26)
        top = layout.height + (40 if layout.cards else 0)
        layout.absorb(rows.shift(0, top))
        layout.width = max(layout.width, rows.width)
        layout.height = top + rows.height


def _cost(candidate: _Candidate) -> float:
    layout = candidate.layout
    titles = title_rects(candidate.frames, layout)
    wrong = len(faulty_lines(layout.routes, Boxes(layout.cards), Boxes(titles)))
    off = abs(math.log(max(0.01, candidate.aspect) / 1.7))
    return (
        500 * wrong
        + 5 * len(crossings(layout.routes))
        + 0.6 * bends(layout.routes)
        + sum(length(route.points) for route in layout.routes) / 350
        + layout.width * layout.height / 6e4
        + (6 if 0.8 <= candidate.aspect <= 3.4 else 40) * off
    )


def _within_budget(best: _Candidate, names: Names) -> _Candidate:
    """Name the most-called targets instead of drawing them, then single lines, until few enough cross."""
    for least in (6, 5, 4, 3):
        reduction = best.reduction.copy()
        calls = Counter(line.target for line in reduction.lines)
        outgoing = Counter(line.source for line in reduction.lines)
        named = [
            line
            for line in reduction.lines
            if calls[line.target] >= least
            and reduction.kind(line.target) is not Kind.QUEUE
            and outgoing[line.source] < max(5, 0.4 * len(reduction.main))
            and not line.mutual
        ]
        if not named:
            continue
        reduction.name_instead(named)
        trial = _flow(reduction, names, best.seed, "RIGHT")
        if trial is not None and trial.crossing_share <= CROSSINGS_PER_CARD:
            return min(_flows(reduction, names, _SEEDS), key=lambda candidate: candidate.cost)
    return _thinned(best, names)


def _thinned(best: _Candidate, names: Names) -> _Candidate:
    """Name the lines that cross most, a few at a time."""
    for _ in range(2 * _ROUNDS):
        worst = most_crossed(best.layout.routes).most_common(1 + len(best.layout.routes) // 16)
        if best.crossing_share <= CROSSINGS_PER_CARD or not worst:
            break
        reduction = best.reduction.copy()
        reduction.name_instead([best.layout.routes[number].relation for number, _ in worst])
        trials = [c for seed in (best.seed, 1) if (c := _flow(reduction, names, seed, "RIGHT"))]
        if not trials:
            break
        best = min(trials, key=lambda candidate: candidate.cost)
    return best


def _finished(best: _Candidate, names: Names) -> Picture | None:
    """Straighten, label, and name what still runs where it must not; None if nothing helps."""
    for _ in range(_ROUNDS):
        straighten(best.layout, best.deck.cards)
        best = _labelled(best, names)
        bad = _faulty(best)
        if not bad:
            return Picture(best.reduction, names, best.deck, best.layout, best.frames)
        reduction = best.reduction.copy()
        reduction.name_instead(bad)
        again = _flow(reduction, names, best.seed, best.direction)
        if again is None:
            return None
        best = again
    return None


def _faulty(candidate: _Candidate) -> list[Relation]:
    layout = candidate.layout
    titles = title_rects(candidate.frames, layout)
    wrong = faulty_lines(layout.routes, Boxes(layout.cards), Boxes(titles))
    return [layout.routes[number].relation for number in sorted(wrong)]


def _labelled(candidate: _Candidate, names: Names) -> _Candidate:
    """Place the labels; where some find no spot, lay out once more with room for them."""
    homeless = place_labels(candidate.layout, title_rects(candidate.frames, candidate.layout))
    if not homeless:
        return candidate
    wanted = frozenset((route.relation.source, route.relation.target) for route in homeless)
    roomy = _flow(candidate.reduction, names, candidate.seed, candidate.direction, wanted)
    if roomy is None or _faulty(roomy):
        return candidate
    straighten(roomy.layout, roomy.deck.cards)
    still = place_labels(roomy.layout, title_rects(roomy.frames, roomy.layout))
    better = len(still) < len(homeless) and not _faulty(roomy)
    return (
        roomy
        if better and roomy.crossing_share <= max(CROSSINGS_PER_CARD, candidate.crossing_share)
        else candidate
    )


def _atlas_picture(reduction: Reduction, names: Names) -> Picture:
    """The atlas, as often as it takes until no line runs where it must not."""
    base = reduction
    for attempt in range(_ROUNDS):
        trial = base.copy()
        served = deal(trial, names, tight=True)
        atlas = lay_out_atlas(trial, names, lambda line, d=served, r=trial: line_label(r, d, line))  # type: ignore[misc]
        straighten(atlas.layout, atlas.deck.cards)
        titles = title_rects(atlas.frames, atlas.layout)
        place_labels(atlas.layout, titles)
        wrong = faulty_lines(atlas.layout.routes, Boxes(atlas.layout.cards), Boxes(titles))
        if not wrong:
            break
        last = attempt == _ROUNDS - 2
        bad = atlas.layout.routes if last else [atlas.layout.routes[number] for number in sorted(wrong)]
        base = base.copy()
        base.name_instead([route.relation for route in bad])
    return _as_picture(trial, names, atlas)


def _as_picture(reduction: Reduction, names: Names, atlas: Atlas) -> Picture:
    return Picture(reduction, names, atlas.deck, atlas.layout, atlas.frames, fans=atlas.fans, atlas=True)
