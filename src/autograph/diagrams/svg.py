"""Makes a stranger's SVG harmless: what is not known to be safe is left out, and the rest is written anew.

The parser takes no document type, so there are no entities to expand and nothing to fetch. Elements and
attributes come from two lists; addresses may point into the picture itself or hold an image; style text
may hold fonts and colours and nothing that loads (OWASP's advice on SVG, W3C SVG 2 §5 and §16).
"""

import re
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from autograph.core.problem import Invalid

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
DEEPEST = 200

ELEMENTS = frozenset(
    [
        "svg", "g", "defs", "symbol", "use", "title", "desc", "style", "path", "rect", "circle", "ellipse",
        "line", "polyline", "polygon", "text", "tspan", "textPath", "image", "mask", "clipPath", "pattern",
        "marker", "linearGradient", "radialGradient", "stop", "filter", "feGaussianBlur", "feOffset",
        "feMerge", "feMergeNode", "feColorMatrix", "feFlood", "feComposite", "feBlend", "feDropShadow",
    ]
)  # fmt: skip
UNWRAPPED = {"a": "g"}
"""Links lose where they lead and keep what they show."""

ATTRIBUTES = frozenset(
    [
        "id", "class", "style", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry",
        "fx", "fy", "d", "points", "width", "height", "viewBox", "version", "preserveAspectRatio",
        "transform", "rotate", "opacity", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width",
        "stroke-opacity", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset",
        "stroke-miterlimit", "clip-path", "clip-rule", "clipPathUnits", "mask", "mask-type", "maskUnits",
        "maskContentUnits", "filter", "filterUnits", "primitiveUnits", "patternUnits",
        "patternContentUnits", "patternTransform", "gradientUnits", "gradientTransform", "spreadMethod",
        "offset", "stop-color", "stop-opacity", "markerUnits", "markerWidth", "markerHeight",
        "marker-start", "marker-mid", "marker-end", "refX", "refY", "orient", "font-family", "font-size",
        "font-style", "font-weight", "text-anchor", "dominant-baseline", "alignment-baseline",
        "baseline-shift", "letter-spacing", "word-spacing", "text-decoration", "writing-mode", "direction",
        "unicode-bidi", "white-space", "startOffset", "method", "spacing", "side", "textLength",
        "lengthAdjust", "color", "display", "visibility", "overflow", "paint-order", "vector-effect",
        "shape-rendering", "image-rendering", "text-rendering", "mix-blend-mode", "in", "in2", "result",
        "stdDeviation", "values", "type", "operator", "k1", "k2", "k3", "k4", "mode", "flood-color",
        "flood-opacity", "role", "aria-label", "aria-hidden", "data-node", "data-edge", "data-group",
    ]
)  # fmt: skip

_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]", re.IGNORECASE)
_INSIDE = re.compile(r"#[^\s]+")
_HARMLESS_URL = re.compile(
    r"""url\(\s*(["']?)(?:\#[\w.:-]+|data:(?:font/[\w-]+|application/(?:x-)?font[\w-]*|image/(?:png|jpeg|gif|webp))"""
    r"""[;,][\w+/=;,%.-]*)\1\s*\)""",
    re.IGNORECASE,
)
_LOADS = re.compile(
    r"url\s*\(|@import|@namespace|image-set|image\s*\(|src\s*\(|expression\s*\(|behavior|-moz-binding|script:|//|[\\<]",
    re.IGNORECASE,
)


def sanitise(svg: bytes) -> bytes:
    """Return the same picture without anything that could run, load or reach out.

    Args:
        svg: A whole SVG document in UTF-8.

    Raises:
        Invalid: Not XML, not SVG, with a document type, or nested deeper than 200 elements.
    """
    cleaner = _Cleaner()
    try:
        cleaner.parser.Parse(svg, True)
    except (expat.ExpatError, UnicodeError) as reason:
        raise _refused(f"this is not an SVG document: {reason}") from reason
    return "".join(cleaner.written).encode()


def is_harmless_style(text: str) -> bool:
    """Whether CSS holds nothing that loads from elsewhere or runs; fonts and images in place are fine.

    Comments are judged like the rest: what looks like one may stand inside a string and hide what follows.
    """
    return not _LOADS.search(_HARMLESS_URL.sub(" ", text))


def _refused(message: str) -> Invalid:
    return Invalid(message, errors=[{"field": "body", "message": message}])


class _Cleaner:
    """Hears a document element by element and writes down what is safe."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._open: list[str] = []
        self._skipping = 0
        self._style: list[str] | None = None
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.buffer_text = True

    def _refuse_doctype(self, *_details: object) -> None:
        raise _refused("a picture with a document type is not taken")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        namespace, _, local = qualified.rpartition(" ")
        if not self._open and (namespace != SVG or local != "svg"):
            raise _refused("the outermost element is not svg")
        if self._skipping or len(self._open) >= DEEPEST:
            self._skip()
            return
        name = UNWRAPPED.get(local, local)
        if namespace != SVG or name not in ELEMENTS:
            self._skip()
            return
        root = f' xmlns="{SVG}"' if not self._open else ""
        kept = "".join(f" {key}={quoteattr(value)}" for key, value in _safe(name, attributes))
        self.written.append(f"<{name}{root}{kept}>")
        self._open.append(name)
        if name == "style":
            self._style = []

    def _skip(self) -> None:
        self._skipping += 1
        if self._skipping + len(self._open) > DEEPEST:
            raise _refused(f"a picture nested deeper than {DEEPEST} elements is not taken")

    def _end(self, _qualified: str) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        name = self._open.pop()
        if self._style is not None:
            text, self._style = "".join(self._style), None
            self.written.append(escape(text) if is_harmless_style(text) else "")
        self.written.append(f"</{name}>")

    def _text(self, text: str) -> None:
        if self._skipping:
            return
        if self._style is not None:
            self._style.append(text)
        else:
            self.written.append(escape(text))


def _safe(element: str, attributes: dict[str, str]) -> list[tuple[str, str]]:
    kept: dict[str, str] = {}
    for qualified, value in attributes.items():
        namespace, _, name = qualified.rpartition(" ")
        if name == "href" and namespace in {"", XLINK}:
            if _INSIDE.fullmatch(value) or (element == "image" and _IMAGE.match(value)):
                kept["href"] = value
        elif not namespace and name in ATTRIBUTES and is_harmless_style(value):
            kept[name] = value
    return list(kept.items())
