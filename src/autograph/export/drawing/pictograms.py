"""Icons: our own pictogram for each kind, and the glyphs of well-known technologies."""

import functools
import json
from dataclasses import dataclass

from autograph.export import assets
from autograph.export.drawing.technologies import WIDE_GLYPHS
from autograph.model.architecture import Kind

_HEXAGON = "M12 2.8l8 4.6v9.2l-8 4.6-8-4.6V7.4zM12 12l8-4.6M12 12v9.2M12 12L4 7.4"
_CYLINDER = (
    "M4 6c0-1.8 3.6-3.2 8-3.2s8 1.4 8 3.2-3.6 3.2-8 3.2S4 7.8 4 6zM4 6v12c0 1.8 3.6 3.2 8 3.2s8-1.4 8-3.2V6"
    "M4 12c0 1.8 3.6 3.2 8 3.2s8-1.4 8-3.2"
)
PICTOGRAMS: dict[Kind, str] = {
    Kind.SERVICE: _HEXAGON,
    Kind.AUTH: "M12 2.8l7.5 3v5.7c0 5-3.2 8-7.5 9.8-4.3-1.8-7.5-4.8-7.5-9.8V5.8zM8.8 12l2.3 2.3 4.2-4.4",
    Kind.DATABASE: _CYLINDER,
    Kind.STORAGE: "M4 5h16l-2 15H6zM4 5l1 4h14l1-4",
    Kind.CACHE: "M13.5 2.5L5 13.5h6L10 21.5l9-11.5h-6.2z",
    Kind.QUEUE: "M2.5 7h4v10h-4zM9 7h4v10H9zM16 8l4.5 4-4.5 4",
    Kind.USER: "M12 11.5a4.2 4.2 0 100-8.4 4.2 4.2 0 000 8.4zM4 21c.5-4.5 3.7-6.5 8-6.5s7.5 2 8 6.5",
    Kind.LOADGEN: "M3.5 17.5a8.5 8.5 0 1117 0M12 17.5l4-6.5",
    Kind.GATEWAY: "M3 12h17M16.5 8.8L20 12l-3.5 3.2M7 12c4 0 3-7 8-7h4.5M7 12c4 0 3 7 8 7h4.5",
    Kind.EXTERNAL: "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 01-1 1H5a1 1 0 01-1-1V7a1 1 0 011-1h5",
    Kind.FRONTEND: (
        "M4.5 4h15A1.5 1.5 0 0121 5.5v13a1.5 1.5 0 01-1.5 1.5h-15A1.5 1.5 0 013 18.5v-13"
        "A1.5 1.5 0 014.5 4zM3 9h18M6 6.5h.1M9 6.5h.1"
    ),
    Kind.CONFIG: "M4 7h8M18 7h2M4 17h2M12 17h8M15 10a3 3 0 100-6 3 3 0 000 6zM9 20a3 3 0 100-6 3 3 0 000 6z",
    Kind.DISCOVERY: "M12 21a9 9 0 100-18 9 9 0 000 18zM15.8 8.2l-2.2 5.4-5.4 2.2 2.2-5.4z",
    Kind.OBSERVABILITY: "M2.5 12H7l3-7.5 4.5 15L17.5 12h4",
}
"""Paths on a 24 x 24 field, to be stroked."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A path on a 24 x 24 field; `filled` or stroked."""

    path: str
    filled: bool


@functools.cache
def _brands() -> dict[str, str]:
    """Glyph paths by slug."""
    glyphs: dict[str, str] = json.loads(assets.read("icons.json"))
    return glyphs


def glyph(kind: Kind, slug: str | None, size: float) -> Glyph:
    """Return the technology's glyph, or the kind's pictogram when there is none that is legible at `size`."""
    too_wide = slug in WIDE_GLYPHS and size < 17
    path = _brands().get(slug) if slug and not too_wide else None
    return Glyph(path, filled=True) if path else Glyph(PICTOGRAMS[kind], filled=False)
