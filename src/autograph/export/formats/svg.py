"""The picture as SVG, in AutoGraph's own look."""

from autograph.export.drawing.compose import compose
from autograph.export.drawing.palette import ThemeName
from autograph.export.drawing.svg import write_svg
from autograph.model.architecture import Model


class SvgFormat:
    """SVG with an id on every part: data-node, data-edge, data-group."""

    name = "svg"
    media_type = "image/svg+xml"
    extension = ".svg"
    version = 1
    drawn = True

    def write(self, model: Model, *, theme: ThemeName, core: bool) -> bytes:
        """Return the picture."""
        return write_svg(compose(model, core=core), theme).encode()
