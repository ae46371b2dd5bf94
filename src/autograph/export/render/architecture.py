"""Worker: a model becomes a picture. Reduction, layout and writing all happen here, off the event loop."""

from typing import Any

from autograph.export.draw import draw_model
from autograph.export.drawing.compose import compose
from autograph.export.drawing.thumbnail import write_thumbnail
from autograph.model.architecture import Model

THUMBNAIL = "thumbnail"
"""Asked for as a format: a small picture, which is on no shelf."""


def handle(payload: dict[str, Any]) -> str:
    """Return the text of a format of ``{model, format, theme, core}``, where `model` is JSON text."""
    model = Model.model_validate_json(payload["model"])
    if payload["format"] == THUMBNAIL:
        return write_thumbnail(compose(model), payload["theme"])
    return draw_model(model, payload["format"], payload["theme"], core=payload["core"]).decode()
