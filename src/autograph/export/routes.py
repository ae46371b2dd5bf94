"""HTTP face of export: read the request, ask the service, shape the reply."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from autograph.clients.asked import permitted
from autograph.clients.export import Rendering
from autograph.clients.identity import IDENTITY_HEADER
from autograph.clients.openapi import answers, takes
from autograph.core.problem import (
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from autograph.export.drawing.palette import ThemeName
from autograph.export.formats import FORMATS
from autograph.export.service import DiagramSyntax, Drawings, RenderTimeout
from autograph.model.architecture import Model
from autograph.model.rights import Permission

router = APIRouter(prefix="/api/export", tags=["export"])

_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}
_RENDERER_VERSION = 1
"""Grows when equal documents give other pictures than before: it is part of every ETag."""

DocumentId = Annotated[str, Path(max_length=64)]
FormatName = Annotated[str, Query(alias="format", max_length=40)]
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "Still what If-None-Match names."}}


class RenderRequest(BaseModel):
    """What to render: exactly one of `model` and Mermaid `code`."""

    model_config = ConfigDict(extra="forbid")

    model: Model | None = None
    code: Annotated[str, StringConstraints(max_length=1_000_000)] | None = None
    format: Annotated[str, StringConstraints(max_length=40)] = "svg"
    theme: Literal["light", "dark"] = "light"
    core: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> "RenderRequest":
        if (self.model is None) == (self.code is None):
            raise ValueError("give either a model or code")
        if self.code is not None and self.format != "svg":
            raise ValueError("code is rendered as svg only")
        return self


BODIES = (RenderRequest,)
"""Read by the handler itself, so the description of the service has to be told of it."""


def _identity(permission: Permission) -> Callable[[Request], Awaitable[str]]:
    """Check who asks and whether they may, and return the proof to hand on."""
    check = permitted(permission)

    async def identity(request: Request) -> str:
        await check(request)
        return request.headers[IDENTITY_HEADER]

    return identity


def _drawings(request: Request) -> Drawings:
    drawings: Drawings = request.app.state.drawings
    return drawings


Reader = Annotated[str, Depends(_identity(Permission.DOCUMENTS_READ))]
Exporter = Annotated[str, Depends(_identity(Permission.DOCUMENTS_EXPORT))]
Work = Annotated[Drawings, Depends(_drawings)]


@router.post(
    "/render",
    operation_id="render",
    response_model=Rendering,
    responses=answers(
        Malformed, Unauthenticated, TooLarge, Invalid, DiagramSyntax, RenderTimeout, NotFound, Unavailable
    ),
    openapi_extra=takes(RenderRequest),
)
async def render(request: Request, _: Reader, work: Work) -> Response:
    """Render a model in any format, or Mermaid code as SVG."""
    body = await _body(request)
    if body.code is not None:
        drawing = await work.render_code(body.code, body.theme)
    else:
        assert body.model is not None
        drawing = await work.render_model(body.model, body.format, body.theme, core=body.core)
    picture = body.format == "svg"
    rendering = Rendering.model_validate(
        {
            "svg": drawing.text if picture else None,
            "text": None if picture else drawing.text,
            "diagnostics": list(drawing.diagnostics),
        }
    )
    return Response(rendering.model_dump_json(), media_type="application/json")


@router.get(
    "/{document_id}",
    operation_id="export_document",
    response_class=Response,
    responses={
        200: {"content": {form.media_type: {"schema": {"type": "string"}} for form in FORMATS}},
        **_UNCHANGED,
        **answers(Unauthenticated, Forbidden, NotFound, Invalid, DiagramSyntax, RenderTimeout, Unavailable),
    },
)
async def export_document(
    document_id: DocumentId,
    request: Request,
    identity: Exporter,
    work: Work,
    format_name: FormatName = "svg",
    theme: ThemeName = "light",
    core: bool = False,
    inline: bool = False,
) -> Response:
    """Hand out a kept document in a format."""
    form = FORMATS.get(format_name)
    head = await work.head(document_id, identity=identity)
    tag = _tag(document_id, head.version, form.name, form.version, theme, core)
    if _is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag, **_SAFE})
    export = await work.export(document_id, form.name, theme, core=core, identity=identity)
    disposition = "inline" if inline else "attachment"
    named = f"{disposition}; filename*=UTF-8''{quote(export.file_name, safe='')}"
    headers = {"ETag": tag, "Content-Disposition": named, **_SAFE}
    return Response(export.content, media_type=export.media_type, headers=headers)


@router.get(
    "/{document_id}/thumbnail",
    operation_id="document_thumbnail",
    response_class=Response,
    responses={
        200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}},
        **_UNCHANGED,
        **answers(Unauthenticated, Forbidden, NotFound, Unavailable),
    },
)
async def thumbnail(
    document_id: DocumentId, request: Request, identity: Reader, work: Work, theme: ThemeName = "light"
) -> Response:
    """Hand out a small picture of a kept document, whatever it holds."""
    head = await work.head(document_id, identity=identity)
    tag = _tag(document_id, head.version, "thumbnail", head.picture_version or 0, theme, core=False)
    if _is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag, **_SAFE})
    picture = await work.thumbnail(document_id, theme, identity=identity)
    return Response(picture, media_type="image/svg+xml", headers={"ETag": tag, **_SAFE})


async def _body(request: Request) -> RenderRequest:
    """Read and check the body ourselves, so that its size is bounded before it is in memory."""
    limit: int = request.app.state.settings.largest_body_bytes
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"At most {limit} bytes are rendered at a time.")
        chunks.append(chunk)
    try:
        return RenderRequest.model_validate_json(b"".join(chunks))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if any(item["type"] == "json_invalid" for item in found):
            raise Malformed("The body is not JSON.") from error
        errors = [{"field": ".".join(map(str, item["loc"])), "message": item["msg"]} for item in found[:20]]
        named = ", ".join(dict.fromkeys(item["field"] for item in errors if item["field"]))
        raise Invalid(f"Not valid: {named or 'the body'}.", errors=errors) from error


def _tag(document_id: str, version: int, name: str, extra: int, theme: str, core: bool) -> str:
    text = f"{document_id} {version} {name} {extra} {theme} {core} {_RENDERER_VERSION}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def _is_known(request: Request, tag: str) -> bool:
    sent = request.headers.get("if-none-match", "")
    return tag in {part.strip().removeprefix("W/") for part in sent.split(",")}
