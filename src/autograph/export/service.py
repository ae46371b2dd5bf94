"""Use cases of export: render what is sent, export and picture what is kept. Work happens in processes."""

import asyncio
import hashlib
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError

from autograph.clients.diagrams import Document, DocumentHead
from autograph.core.problem import Invalid, NotFound, Problem, Unavailable
from autograph.core.workers import WorkerFailed, WorkerPool, WorkerRaised, WorkersBusy, WorkerTimedOut
from autograph.export.assets import AssetsMissing, check
from autograph.export.drawing.palette import ThemeName
from autograph.export.drawing.sheet import write_sheet
from autograph.export.formats import FORMATS, Format
from autograph.export.render.cache import Drawing, DrawingCache
from autograph.export.settings import ExportSettings
from autograph.model.architecture import Model
from autograph.storage.cache import Cache

_SVG = "svg"
_THUMBNAIL = "thumbnail"
_DRAWING_VERSION = 1


class DiagramSyntax(Invalid):
    """Mermaid code that does not parse; `diagnostics` say where."""

    slug, title = "diagram-syntax", "The diagram's code has a mistake."


class RenderTimeout(Invalid):
    """The drawing took longer than allowed and was stopped."""

    slug, title = "render-timeout", "Drawing this took too long and was stopped."


class DrawingFailed(Problem):
    """A drawing process ended in the middle of its work."""

    status, slug, title = 500, "drawing-failed", "This could not be drawn."


class Documents(Protocol):
    """What export asks of the diagrams service, on behalf of whoever asks."""

    async def read(self, document_id: str, *, identity: str) -> Document:
        """Return a document with its contents, or raise NotFound."""
        ...

    async def head(self, document_id: str, *, identity: str) -> DocumentHead:
        """Return a document without its contents, or raise NotFound."""
        ...

    async def picture(self, document_id: str, *, identity: str) -> bytes:
        """Return the stored picture of the canvas, or raise NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Export:
    """Bytes to hand out, with what they are and what to call them."""

    content: bytes
    media_type: str
    file_name: str


class Drawings:
    """Renders in two pools of processes, remembers what was rendered, and reads documents."""

    def __init__(self, *, settings: ExportSettings, documents: Documents, cache: Cache) -> None:
        self._settings = settings
        self._documents = documents
        self._cache = DrawingCache(cache, settings.largest_cached_bytes)
        self._under_way: dict[str, asyncio.Task[Drawing]] = {}
        self._architectures = WorkerPool(
            "autograph.export.render.architecture",
            size=settings.drawing_processes,
            idle_seconds=settings.idle_seconds,
            calls_per_worker=1000,
        )
        self._mermaid = WorkerPool(
            "autograph.export.render.mermaid",
            size=settings.mermaid_processes,
            memory_limit_bytes=settings.mermaid_memory_bytes,
            idle_seconds=settings.idle_seconds,
            calls_per_worker=500,
        )

    @property
    def process_ids(self) -> list[int]:
        """Drawing processes that are there now; they start when they are needed."""
        return self._architectures.process_ids + self._mermaid.process_ids

    async def close(self) -> None:
        """End all drawing processes."""
        await asyncio.gather(self._architectures.close(), self._mermaid.close())
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def render_model(self, model: Model, format_name: str, theme: ThemeName, *, core: bool) -> Drawing:
        """Return `model` in a format of the shelf.

        Raises:
            NotFound: There is no such format.
            Invalid: The model is too large, or a relation names no component.
            RenderTimeout: It took too long.
        """
        form = FORMATS.get(format_name)
        self._check_model(model)
        text = model.model_dump_json()
        key = _key("model", form.name, str(form.version), theme, str(core), text)
        if not form.drawn:
            return await self._once(key, self._written(form, model, theme, core))
        return await self._once(key, self._drawn(text, form.name, theme, core=core))

    async def render_code(self, code: str, theme: ThemeName) -> Drawing:
        """Return Mermaid `code` as SVG.

        Raises:
            DiagramSyntax: It does not parse.
            RenderTimeout: It took too long.
        """
        key = _key("code", str(_DRAWING_VERSION), theme, code)
        return await self._once(key, self._mermaid_svg(code, theme))

    async def export(
        self, document_id: str, format_name: str, theme: ThemeName, *, core: bool, identity: str
    ) -> Export:
        """Return a kept document in a format: its model if it has one, else its code.

        Raises:
            NotFound: No such document, no such format, or nothing in it that could be given so.
        """
        form = FORMATS.get(format_name)
        document = await self._documents.read(document_id, identity=identity)
        name = _file_name(document.title) + form.extension
        if document.model is not None:
            drawing = await self.render_model(_model(document.model), form.name, theme, core=core)
            return Export(drawing.text.encode(), form.media_type, name)
        if form.name == "excalidraw" and document.canvas is not None:
            return Export(await asyncio.to_thread(_json, document.canvas), form.media_type, name)
        if document.code.strip() and form.name == "mermaid":
            return Export(document.code.encode(), form.media_type, name)
        if document.code.strip() and form.name == _SVG:
            drawing = await self.render_code(document.code, theme)
            return Export(drawing.text.encode(), form.media_type, name)
        raise NotFound(f"this document holds nothing that can be exported as {form.name}")

    async def head(self, document_id: str, *, identity: str) -> DocumentHead:
        """Return what a document is, without its contents."""
        return await self._documents.head(document_id, identity=identity)

    async def thumbnail(self, document_id: str, theme: ThemeName, *, identity: str) -> bytes:
        """Return a small picture of a document, whatever it holds: SVG."""
        document = await self._documents.read(document_id, identity=identity)
        try:
            return await self._small_picture(document, theme, identity)
        except (DiagramSyntax, RenderTimeout, DrawingFailed, Invalid, NotFound):
            return write_sheet(document.title, _first_lines(document), theme).encode()

    async def _small_picture(self, document: Document, theme: ThemeName, identity: str) -> bytes:
        if document.model is not None and document.model.get("nodes"):
            model = _model(document.model)
            self._check_model(model)
            text = model.model_dump_json()
            key = _key(_THUMBNAIL, str(_DRAWING_VERSION), theme, text)
            drawing = await self._once(key, self._drawn(text, _THUMBNAIL, theme, core=False))
            return drawing.text.encode()
        if document.has_canvas and document.picture_version is not None:
            return await self._documents.picture(document.id, identity=identity)
        if document.code.strip():
            return (await self.render_code(document.code, theme)).text.encode()
        return write_sheet(document.title, _first_lines(document), theme).encode()

    def _check_model(self, model: Model) -> None:
        parts = len(model.nodes) + len(model.edges)
        if parts > self._settings.largest_model_parts:
            raise Invalid(f"a model of {parts} parts is larger than what is drawn here")
        known = {node.id for node in model.nodes}
        for number, edge in enumerate(model.edges):
            for end in ("source", "target"):
                if getattr(edge, end) not in known:
                    field = f"model.edges.{number}.{end}"
                    raise Invalid(
                        f"Not valid: {field}.",
                        errors=[{"field": field, "message": "names no node of the model"}],
                    )

    async def _once(self, key: str, work: Coroutine[Any, Any, Drawing]) -> Drawing:
        """Return what `work` gives, from memory if it was done, together with whoever asks the same now."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._kept_or_made(key, work))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        else:
            work.close()
        return await asyncio.shield(task)

    async def _kept_or_made(self, key: str, work: Coroutine[Any, Any, Drawing]) -> Drawing:
        kept = await self._cache.get(key)
        if kept is not None:
            work.close()
            return kept
        made = await work
        await self._cache.put(key, made)
        return made

    async def _written(self, form: Format, model: Model, theme: ThemeName, core: bool) -> Drawing:
        written = await asyncio.to_thread(form.write, model, theme=theme, core=core)
        return Drawing(written.decode())

    async def _drawn(self, model: str, format_name: str, theme: ThemeName, *, core: bool) -> Drawing:
        payload = {"model": model, "format": format_name, "theme": theme, "core": core}
        return Drawing(await self._asked(self._architectures, payload, self._settings.drawing_seconds))

    async def _mermaid_svg(self, code: str, theme: ThemeName) -> Drawing:
        payload = {"code": code, "theme": theme}
        answer = await self._asked(self._mermaid, payload, self._settings.mermaid_seconds)
        diagnostics = tuple(answer["diagnostics"])
        if answer["svg"] is None:
            first = next((d["message"] for d in diagnostics if d["severity"] == "error"), "")
            raise DiagramSyntax(str(first), diagnostics=list(diagnostics))
        return Drawing(answer["svg"], diagnostics)

    async def _asked(self, pool: WorkerPool, payload: dict[str, Any], seconds: float) -> Any:
        """Ask a worker; what can go wrong with it becomes a problem that says what to do."""
        try:
            check()
            return await pool.call(payload, timeout_seconds=seconds)
        except AssetsMissing as missing:
            raise Unavailable(str(missing)) from missing
        except WorkerTimedOut as late:
            raise RenderTimeout(f"It was stopped after {seconds:g} s. A smaller diagram will do.") from late
        except WorkersBusy as busy:
            raise Unavailable("Too many drawings are waiting.", headers={"retry-after": "5"}) from busy
        except (WorkerRaised, WorkerFailed) as failed:
            raise DrawingFailed from failed


def _key(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "replace")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _model(document: dict[str, Any]) -> Model:
    try:
        return Model.model_validate(document)
    except ValidationError as error:
        raise Invalid("the document's model cannot be read") from error


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _first_lines(document: Document) -> list[str]:
    lines = [line.strip("# \t*->`") for line in document.note.splitlines()]
    return [line for line in lines if line][:7]


def _file_name(title: str) -> str:
    kept = "".join(c if c.isalnum() or c in " -_." else " " for c in title)
    return " ".join(kept.split())[:80].strip(". ") or "diagram"
