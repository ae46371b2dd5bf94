"""Worker: Mermaid code becomes SVG and diagnostics. The engine can hang on some input: it is killed then."""

import functools
import hashlib
import json
from typing import Any

import merman

from autograph.export.drawing.palette import ThemeName
from autograph.export.render.measurer import InterMeasurer
from autograph.export.render.mermaid_theme import variables
from autograph.export.render.safe import harmless

_FONT = "Inter, Liberation Sans, Arial, sans-serif"


def handle(payload: dict[str, Any]) -> dict[str, Any]:
    """Render ``{code, theme}``.

    Returns:
        ``{svg, diagnostics}``: `svg` is None when the code does not parse; a diagnostic has `message`,
        `severity` and, counted from 1, `line`, `column`, `end_line`, `end_column`.
    """
    code: str = payload["code"].replace("\0", "\ufffd")
    engine = _engine(payload["theme"])
    diagnostics = _diagnostics(engine, code)
    if any(diagnostic["severity"] == "error" for diagnostic in diagnostics):
        return {"svg": None, "diagnostics": diagnostics}
    name = "m" + hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()[:12]
    try:
        svg = engine.render_svg(code, json.dumps({"svg": {"diagram_id": name}}))
    except merman.MermanError as error:
        message = getattr(error, "message", "") or str(error)
        return {"svg": None, "diagnostics": [*diagnostics, _plain(str(message))]}
    return {"svg": harmless(svg), "diagnostics": diagnostics}


@functools.cache
def _engine(theme: ThemeName) -> merman.MermanEngine:
    """The engine with our colours and fonts; kept, so that measured texts stay known."""
    options = {
        "site_config": {
            "theme": "base",
            "darkMode": theme == "dark",
            "fontFamily": _FONT,
            "htmlLabels": False,
            "flowchart": {"htmlLabels": False, "curve": "basis"},
            "class": {"htmlLabels": False},
            "state": {"htmlLabels": False},
            "themeVariables": {"fontFamily": _FONT, "fontSize": "14px", **variables(theme)},
        },
        "svg": {"pipeline": "resvg-safe"},
        "resources": {"profile": "interactive"},
    }
    services = merman.MermanEngineServices().with_text_measurer(InterMeasurer())
    return merman.MermanEngine(json.dumps(options), services)


def _diagnostics(engine: merman.MermanEngine, code: str) -> list[dict[str, Any]]:
    try:
        analysis = json.loads(engine.analyze_json(code, None))
    except merman.MermanError as error:
        return [_plain(str(getattr(error, "message", "") or error))]
    return [_diagnostic(found, code) for found in analysis["diagnostics"]]


def _diagnostic(found: dict[str, Any], code: str) -> dict[str, Any]:
    span = found.get("span") or {}
    line, column = span.get("line"), span.get("column")
    lines = code.split("\n")
    if line is not None and line > 1 and not "".join(lines[line - 1 :]).strip():
        # Some faults are reported at the end of the text: the last line that says something is nearer.
        while line > 1 and not lines[line - 1].strip():
            line -= 1
        column = len(lines[line - 1]) + 1
        span = {"end_line": line, "end_column": column}
    return {
        "message": found["message"],
        "severity": found["severity"],
        "line": line,
        "column": column,
        "end_line": span.get("end_line"),
        "end_column": span.get("end_column"),
    }


def _plain(message: str) -> dict[str, Any]:
    place = dict.fromkeys(("line", "column", "end_line", "end_column"))
    return {"message": message[:500], "severity": "error", **place}
