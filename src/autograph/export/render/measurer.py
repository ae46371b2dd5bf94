"""Measures Mermaid's texts with Inter's advance widths, so that boxes fit their words without a browser."""

import merman
from merman import MermanTextMeasurementOperation as Operation
from merman import MermanTextMeasurementResultKind as Kind
from merman import MermanTextMeasureRequest as Request
from merman import MermanTextMeasureResult as Result
from merman import MermanTextWhiteSpace as WhiteSpace

from autograph.export.drawing.fonts import text_width

_BOLD = frozenset({"bold", "bolder", "600", "700", "800", "900"})
_REMEMBERED = 20_000
_WHOLE = frozenset({Operation.MEASURE, Operation.MERMAID_CALCULATE_TEXT_DIMENSIONS})
_WRAPPED = frozenset({Operation.WRAPPED, Operation.WRAPPED_WITH_RAW_WIDTH})
_LENGTHS = frozenset(
    {
        Operation.COMPUTED_LENGTH,
        Operation.SIMPLE_B_BOX_WIDTH,
        Operation.RAW_B_BOX_WIDTH,
        Operation.TSPAN_B_BOX_WIDTH,
        Operation.WRAP_PROBE_B_BOX_WIDTH,
        Operation.BOUNDING_CLIENT_RECT_WIDTH,
        Operation.CANVAS_MEASURE_TEXT_WIDTH,
    }
)


class InterMeasurer(merman.MermanTextMeasurer):  # type: ignore[misc]
    """Answers the engine's questions about widths; leaves the others to the engine (None)."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Result | None] = {}

    def measure(self, request: Request) -> Result | None:
        """Return the measure that `request.operation` asks for. Sizes in pixels."""
        key = (
            request.operation,
            request.text,
            request.font_size,
            request.font_weight,
            request.max_width,
            request.line_height,
            request.white_space,
        )
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = _measured(request)
        return self._known[key]


def _measured(request: Request) -> Result | None:
    lines = request.text.split("\n")
    operation = request.operation
    if operation in _LENGTHS:
        return _result(Kind.LENGTH, length=max(_width(line, request) for line in lines))
    if operation in _WHOLE:
        height = request.line_height
        if operation == Operation.MERMAID_CALCULATE_TEXT_DIMENSIONS:
            height = request.font_size * 1.15
        widest = max(_width(line, request) for line in lines)
        return _result(Kind.METRICS, width=widest, height=height * len(lines), lines=len(lines))
    if operation in _WRAPPED:
        return _wrapped(request, lines)
    return None


def _width(text: str, request: Request) -> float:
    weight = 600 if (request.font_weight or "") in _BOLD else 400
    return text_width(text, request.font_size, weight) + 0.5


def _wrapped(request: Request, lines: list[str]) -> Result:
    """Break at spaces where a line would be wider than asked for."""
    room = request.max_width
    broken: list[str] = []
    for line in lines:
        if not room or room <= 0 or request.white_space == WhiteSpace.NOWRAP:
            broken.append(line)
            continue
        current = ""
        for word in line.split(" "):
            longer = f"{current} {word}" if current else word
            if current and _width(longer, request) > room:
                broken.append(current)
                current = word
            else:
                current = longer
        broken.append(current)
    with_raw = request.operation == Operation.WRAPPED_WITH_RAW_WIDTH
    return _result(
        Kind.WRAPPED_WITH_RAW_WIDTH if with_raw else Kind.METRICS,
        width=max(_width(line, request) for line in broken),
        height=request.line_height * len(broken),
        lines=len(broken),
        raw=max(_width(line, request) for line in lines) if with_raw else None,
    )


def _result(
    kind: Kind,
    *,
    width: float = 0.0,
    height: float = 0.0,
    length: float = 0.0,
    lines: int = 1,
    raw: float | None = None,
) -> Result:
    return Result(
        result_kind=kind,
        width=width,
        height=height,
        length=length,
        line_count=lines,
        bbox_left=None,
        bbox_right=None,
        raw_width=raw,
    )
