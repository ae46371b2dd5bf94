"""How wide a text is: Inter's own advance widths, without a browser."""

import functools
import json
import math
import re
import unicodedata

from autograph.export import assets

WEIGHTS = (400, 500, 600, 700)
FAMILY = "Inter, 'Liberation Sans', Arial, sans-serif"
_SAFETY = 1.02
_LONGEST = 400
# What XML 1.0 cannot carry, what breaks a line, and marks that turn the direction of what follows.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]+"
)
_ELLIPSIS = "\u2026"


def printable(text: str) -> str:
    """Return `text` on one line, without characters that XML or a neighbour's text would suffer from."""
    return _UNPRINTABLE.sub(" ", text).strip()


@functools.cache
def _advances(weight: int) -> dict[int, float]:
    """Advance width of each known character, in em."""
    tables: dict[str, dict[str, int]] = json.loads(assets.read("advances.json"))
    return {int(code): units / 1000 for code, units in tables[str(weight)].items()}


def _fallback(character: str) -> float:
    """Width in em of a character that Inter does not have; rather too wide than too narrow."""
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    if ord(character) >= 0x1F000:
        return 1.35
    return 1.0 if unicodedata.east_asian_width(character) in "WF" or ord(character) > 0x2E80 else 0.72


@functools.lru_cache(maxsize=20_000)
def _ems(text: str, weight: int) -> float:
    advances = _advances(weight)
    return sum(advances[ord(c)] if ord(c) in advances else _fallback(c) for c in text)


def text_width(text: str, size: float, weight: int = 400) -> float:
    """Width in pixels of `text` at `size` pixels, 2 % to the safe side."""
    return size * _SAFETY * _ems(text, weight)


@functools.lru_cache(maxsize=20_000)
def fit(text: str, size: float, weight: int, width: float) -> str:
    """Return `text`, or as much of its beginning and end as fits into `width` around an ellipsis."""
    if len(text) <= _LONGEST and text_width(text, size, weight) <= width:
        return text

    def shortened(kept: int) -> str:
        head = math.ceil(kept * 0.6)
        tail = kept - head
        return text[:head] + _ELLIPSIS + (text[-tail:] if tail else "")

    low, high = 0, min(len(text) - 1, _LONGEST)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(shortened(middle), size, weight) <= width:
            low = middle
        else:
            high = middle - 1
    return shortened(low)
