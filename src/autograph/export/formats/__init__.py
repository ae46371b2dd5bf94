"""The shelf of formats: a model goes in, bytes come out. One file each, one line here."""

from typing import Protocol

from autograph.core.registry import Registry
from autograph.export.drawing.palette import ThemeName
from autograph.export.formats.excalidraw import ExcalidrawFormat
from autograph.export.formats.json_model import JsonFormat
from autograph.export.formats.mermaid import MermaidFormat
from autograph.export.formats.svg import SvgFormat
from autograph.model.architecture import Model


class Format(Protocol):
    """One way to write a model."""

    @property
    def name(self) -> str:
        """Short lower-case name, as in ``?format=``."""
        ...

    @property
    def media_type(self) -> str:
        """Content type of the bytes."""
        ...

    @property
    def extension(self) -> str:
        """File name ending, with its dot."""
        ...

    @property
    def version(self) -> int:
        """Grows when equal models give other bytes than before: it keys caches."""
        ...

    @property
    def drawn(self) -> bool:
        """Whether it needs a layout, which takes up to seconds and belongs in a worker process."""
        ...

    def write(self, model: Model, *, theme: ThemeName, core: bool) -> bytes:
        """Return `model` in this format. Equal models give equal bytes."""
        ...


FORMATS: Registry[Format] = Registry(
    "autograph.export_formats", [SvgFormat(), JsonFormat(), MermaidFormat(), ExcalidrawFormat()]
)
