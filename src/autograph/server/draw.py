"""`autograph draw`: a source becomes a picture, with a progress bar for whoever watches."""

from collections.abc import Callable
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from autograph.analysis.read import read_repository
from autograph.analysis.sources import OpenedSource, opened
from autograph.export.draw import draw_model
from autograph.model.architecture import Model
from autograph.server.settings import Settings

Tell = Callable[[int, int, str], None]


def draw_source(
    source: str,
    *,
    settings: Settings,
    format_name: str,
    theme: Literal["light", "dark"],
    title: str,
    core: bool,
    console: Console,
) -> bytes:
    """Return the drawing of `source` as a file's content; say in one line on `console` what was found.

    Args:
        source: A folder, an archive or a git URL.
        settings: Limits, and hosts that may be cloned from.
        format_name: ``svg``, ``json`` or ``mermaid``.
        theme: ``light`` or ``dark``.
        title: Title of the drawing; the source's name when empty.
        core: Leave people and infrastructure out.
        console: Where progress goes; the bar is shown on terminals only.

    Raises:
        Problem: The source cannot be opened or read.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[current]}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Opening", total=None, current="")

        def tell(done: int, total: int, current: str) -> None:
            bar.update(task, completed=done, total=total or None, current=_short(current))

        with opened(source, settings=settings.analysis, progress=tell) as found:
            bar.update(task, description="Reading", completed=0)
            model = _model(found, title, tell)
        bar.update(task, description="Drawing", total=None, current="")
        content = draw_model(model, format_name, theme, core=core)
    console.print(_told(model))
    return content


def _model(source: OpenedSource, title: str, tell: Tell) -> Model:
    model = read_repository(source.root, title=title or source.title, progress=tell)
    return model.model_copy(update={"revision": source.revision})


def _told(model: Model) -> str:
    """What was found, in one line."""
    if not model.nodes:
        return "Nothing was recognised: no services, manifests or calls in a form that is read."
    said = [f"{len(model.nodes)} components", f"{len(model.edges)} relations"]
    if model.unresolved:
        said.append(f"{len(model.unresolved)} unresolved")
    if model.skipped:
        said.append(f"{len(model.skipped)} files skipped")
    return ", ".join(said)


def _short(path: str) -> str:
    """The path shortened from the left, so that the file's name shows."""
    return path if len(path) <= 48 else "…" + path[-47:]
