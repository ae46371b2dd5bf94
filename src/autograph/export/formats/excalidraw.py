"""The picture as Excalidraw elements, to be edited on a canvas: cards grouped, arrows bound to their cards."""

import base64
import hashlib
import json
from typing import Any

from autograph.export.drawing.cards import ROUND_KINDS
from autograph.export.drawing.compose import compose
from autograph.export.drawing.geometry import Point, Rect
from autograph.export.drawing.palette import THEMES, Theme, ThemeName, mix
from autograph.export.drawing.scene import Piece, PlacedCard, PlacedFrame, PlacedLine, Scene, Text
from autograph.export.drawing.svg_cards import write_icon
from autograph.export.drawing.svg_lines import line_colour
from autograph.model.architecture import INFRASTRUCTURE, STORES, Edge, Evidence, Kind, Known, Model

Element = dict[str, Any]
_STYLES = {Known.INFERRED: "dashed", Known.DECLARED: "dotted"}
_SANS = 2  # Excalidraw's number for its plain sans-serif face
_LINE_HEIGHT = 1.25
_GLYPH_SHARE = 0.58


class ExcalidrawFormat:
    """A scene file that Excalidraw opens; ids, kinds and evidence are in `customData`."""

    name = "excalidraw"
    media_type = "application/vnd.excalidraw+json"
    extension = ".excalidraw"
    version = 2
    drawn = True

    def write(self, model: Model, *, theme: ThemeName, core: bool) -> bytes:
        """Return the scene file."""
        scene = compose(model, core=core)
        writer = _Writer(scene, THEMES[theme])
        elements = writer.elements()
        document = {
            "type": "excalidraw",
            "version": 2,
            "source": "autograph",
            "elements": elements,
            "appState": {"viewBackgroundColor": THEMES[theme].canvas, "gridSize": None},
            "files": writer.files,
        }
        return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode()


def _stable(name: str) -> str:
    """An element id that is the same for the same part of the same model."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:20]


def _seed(element_id: str) -> int:
    return int(element_id[:7], 16)


class _Writer:
    """Turns one scene into elements, bottom first."""

    def __init__(self, scene: Scene, theme: Theme) -> None:
        self._scene, self._theme = scene, theme
        self._made: list[Element] = []
        self._bodies: dict[str, Element] = {}
        self.files: dict[str, Element] = {}

    def elements(self) -> list[Element]:
        for frame in self._scene.frames:
            self._frame(frame)
        for card in self._scene.cards:
            self._card(card)
        for number, line in enumerate(self._scene.lines):
            self._line(number, line)
        return self._made

    def _add(self, kind: str, name: str, rect: Rect, groups: list[str], more: Element) -> Element:
        element_id = _stable(f"{kind} {name}")
        element: Element = {
            "id": element_id,
            "type": kind,
            "x": round(rect.x, 2),
            "y": round(rect.y, 2),
            "width": round(rect.width, 2),
            "height": round(rect.height, 2),
            "angle": 0,
            "strokeColor": self._theme.border,
            "backgroundColor": "transparent",
            "fillStyle": "solid",
            "strokeWidth": 1,
            "strokeStyle": "solid",
            "roughness": 0,
            "opacity": 100,
            "groupIds": groups,
            "frameId": None,
            "index": None,
            "roundness": None,
            "seed": _seed(element_id),
            "version": 1,
            "versionNonce": _seed(element_id[7:]),
            "isDeleted": False,
            "boundElements": [],
            "updated": 1,
            "link": None,
            "locked": False,
            **more,
        }
        self._made.append(element)
        return element

    def _text(self, name: str, text: Text, colour: str, groups: list[str]) -> None:
        height = text.size * _LINE_HEIGHT
        rect = Rect(text.x, text.y - text.size * 0.95, text.room, height)
        self._add(
            "text",
            name,
            rect,
            groups,
            {
                "strokeColor": colour,
                "text": text.text,
                "originalText": text.text,
                "fontSize": text.size,
                "fontFamily": _SANS,
                "textAlign": "left",
                "verticalAlign": "top",
                "containerId": None,
                "lineHeight": _LINE_HEIGHT,
                "autoResize": True,
            },
        )

    def _frame(self, frame: PlacedFrame) -> None:
        theme = self._theme
        look = {
            "backgroundColor": theme.band if frame.band else theme.group(frame.depth),
            "strokeColor": theme.group_border,
            "strokeStyle": "dashed" if frame.inferred or frame.band else "solid",
            "roundness": {"type": 3, "value": 14},
            "customData": {"band" if frame.band else "group": frame.path},
        }
        groups = [_stable(f"frame group {frame.path}")]
        self._add("rectangle", f"frame {frame.path}", frame.rect, groups, look)
        self._text(f"frame title {frame.path}", frame.title, theme.group_text, groups)

    def _card(self, card: PlacedCard) -> None:
        theme, node = self._theme, card.node
        groups = [_stable(f"card group {node.id}")]
        colour = theme.kinds[node.kind]
        for piece in card.drawers:
            self._piece(card, piece, groups, mix(theme.kinds[piece.other.kind], theme.card, 0.1), drawer=True)
        round_sides = node.kind in ROUND_KINDS
        muted = node.kind in INFRASTRUCTURE or card.muted
        shown = node.kind in STORES or node.kind in {Kind.GATEWAY, Kind.EXTERNAL, Kind.QUEUE}
        self._bodies[node.id] = self._add(
            "rectangle",
            f"card {node.id}",
            card.body,
            groups,
            {
                "backgroundColor": theme.card,
                "strokeColor": mix(colour, theme.canvas, 0.6) if shown and not muted else theme.border,
                "strokeStyle": "dashed" if node.kind is Kind.EXTERNAL else "solid",
                "roundness": {"type": 3, "value": 28 if round_sides else 10},
                "customData": {
                    "node": node.id,
                    "name": node.name,
                    "kind": node.kind,
                    "technology": node.technology,
                    "evidence": [_evidence(item) for item in node.evidence],
                },
            },
        )
        tile: Element = {"backgroundColor": mix(colour, theme.card, theme.tint), "strokeColor": "transparent"}
        if not round_sides:
            tile["roundness"] = {"type": 3, "value": 7}
        self._add("ellipse" if round_sides else "rectangle", f"icon {node.id}", card.icon, groups, tile)
        self._icon(f"glyph {node.id}", card.icon, node.kind, card.slug, colour, groups)
        self._text(f"name {node.id}", card.name, theme.text, groups)
        if card.line is not None:
            self._text(f"line {node.id}", card.line, theme.muted, groups)
        for piece in (*card.tiles, *card.badges, *card.chips, *card.marks):
            tint = mix(theme.kinds[piece.other.kind], theme.card, 0.16)
            self._piece(card, piece, groups, theme.chip if piece in card.chips else tint, drawer=False)

    def _icon(
        self, name: str, tile: Rect, kind: Kind, slug: str | None, colour: str, groups: list[str]
    ) -> None:
        """The glyph of a technology or kind in the middle of its tile, as a picture that shapes can share."""
        side = tile.width * _GLYPH_SHARE
        picture = (
            '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24">'
            f"{write_icon(Rect(0, 0, 24, 24), kind, slug, colour)}</svg>"
        )
        file_id = _stable(picture)
        encoded = base64.b64encode(picture.encode()).decode()
        self.files[file_id] = {
            "id": file_id,
            "mimeType": "image/svg+xml",
            "dataURL": f"data:image/svg+xml;base64,{encoded}",
            "created": 1,
        }
        middle = Rect(tile.x + (tile.width - side) / 2, tile.y + (tile.height - side) / 2, side, side)
        look = {
            "strokeColor": "transparent",
            "status": "saved",
            "fileId": file_id,
            "scale": [1, 1],
            "crop": None,
        }
        self._add("image", name, middle, groups, look)

    def _piece(self, card: PlacedCard, piece: Piece, groups: list[str], fill: str, *, drawer: bool) -> None:
        theme = self._theme
        edges = piece.relation.every_edge
        name = f"{card.node.id} {edges}"
        look: Element = {
            "backgroundColor": fill,
            "strokeColor": mix(theme.kinds[piece.other.kind], theme.canvas, 0.45),
            "strokeStyle": _STYLES.get(piece.relation.known, "solid"),
            "roundness": {"type": 3, "value": 8},
            "customData": {"edges": [self._edge(index) for index in edges]},
        }
        if drawer or piece in card.tiles:
            look["customData"]["node"] = piece.other.id
        self._add("rectangle", f"piece {name}", piece.rect, groups, look)
        if drawer:
            tile = Rect(piece.rect.x + 5, piece.rect.y + 0.5, 26, 26)
            colour = theme.kinds[piece.other.kind]
            self._icon(f"piece glyph {name}", tile, piece.other.kind, piece.slug, colour, groups)
        if piece.text is not None:
            self._text(f"piece text {name}", piece.text, theme.label, groups)

    def _line(self, number: int, line: PlacedLine) -> None:
        theme, relation = self._theme, line.relation
        x, y = line.points[0]
        points = [[round(px - x, 2), round(py - y, 2)] for px, py in line.points]
        xs, ys = [px for px, _ in line.points], [py for _, py in line.points]
        head = "arrow" if relation.message else "triangle"
        start, end = self._bodies[relation.source], self._bodies[relation.target]
        arrow = self._add(
            "arrow",
            f"relation {relation.every_edge}",
            Rect(x, y, max(xs) - min(xs), max(ys) - min(ys)),
            [],
            {
                "strokeColor": line_colour(line, theme),
                "strokeWidth": 2,
                "strokeStyle": _STYLES.get(relation.known, "solid"),
                "points": points,
                "lastCommittedPoint": None,
                "startBinding": _binding(start, line.points[0]),
                "endBinding": _binding(end, line.points[-1]),
                "startArrowhead": head if relation.mutual else None,
                "endArrowhead": head,
                "elbowed": False,
                "customData": {"edges": [self._edge(index) for index in relation.every_edge]},
            },
        )
        for body in dict.fromkeys((start["id"], end["id"])):
            bound = start if body == start["id"] else end
            bound["boundElements"].append({"id": arrow["id"], "type": "arrow"})
        if line.label is not None:
            box = line.label
            text = Text(line.text, box.x + 6, box.y + 13, 11.5, 500, box.width - 12)
            self._text(f"label {number} {relation.every_edge}", text, theme.label, [])

    def _edge(self, index: int) -> dict[str, Any]:
        edge: Edge = self._scene.edges[index]
        return {
            "index": index,
            "source": edge.source,
            "target": edge.target,
            "protocol": edge.protocol,
            "label": edge.label,
            "known": edge.known,
            "evidence": [_evidence(item) for item in edge.evidence],
        }


def _binding(body: Element, at: Point) -> dict[str, Any]:
    """Bind an arrow's end to the side of a card where it touches: `focus` is -1 to 1 along that side."""
    centre = body["y"] + body["height"] / 2
    focus = max(-0.95, min(0.95, (at[1] - centre) / max(1.0, body["height"] / 2)))
    return {"elementId": body["id"], "focus": round(focus, 3), "gap": 1}


def _evidence(item: Evidence) -> dict[str, Any]:
    return {"file": item.file, "line": item.line, "known": item.known, "rule": item.rule}
