"""Model -> bytes in one call, in this process: what the command line and the worker processes use."""

from autograph.export.drawing.palette import ThemeName
from autograph.export.formats import FORMATS
from autograph.model.architecture import Model


def draw_model(model: Model, format: str = "svg", theme: ThemeName = "light", *, core: bool = False) -> bytes:  # noqa: A002
    """Return `model` in a format of the shelf; `core` leaves people, load and infrastructure out.

    It works for up to seconds and holds the thread: a server calls it in a worker process.

    Raises:
        NotFound: There is no such format.
        AssetsMissing: The drawing's parts were not built.
    """
    return FORMATS.get(format).write(model, theme=theme, core=core)
