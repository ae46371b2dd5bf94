"""HTTP face of documents: read the request, ask the service, shape the reply.

Handlers read their bodies and write their answers themselves: contents pass through as the bytes that
are kept, without being parsed and written again.
"""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel

from autograph.clients.asked import permitted
from autograph.clients.diagrams import Document, DocumentHead, DocumentPage
from autograph.clients.openapi import answers, takes
from autograph.core.problem import Forbidden, Invalid, Malformed, NotFound, TooLarge, Unauthenticated
from autograph.diagrams.body import read_body
from autograph.diagrams.codec import off_the_loop
from autograph.diagrams.service import Library, VersionConflict, Written
from autograph.diagrams.shapes import (
    LARGEST_INTEGER,
    DocumentChanges,
    ListQuery,
    NewDocument,
    VersionPage,
    VersionToRestore,
    VersionView,
    read_model,
)
from autograph.diagrams.store import Listing
from autograph.model.principal import Principal
from autograph.model.rights import Permission

BODIES = (NewDocument, DocumentChanges, VersionToRestore)
"""Read by the handlers themselves, so the description of the service has to be told of them."""

KEY_HEADER = "x-autograph-idempotency"
"""Set by the gateway alone, for calls with an Idempotency-Key."""

router = APIRouter(prefix="/api/diagrams", tags=["diagrams"])
BodyT = TypeVar("BodyT", bound=BaseModel)

_JSON = "application/json"
_SMALL_BYTES = 4_096
_PICTURE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
    ),
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": 'attachment; filename="picture.svg"',
    "Cache-Control": "private, no-cache",
}
_PICTURE = {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}
_UNCHANGED: dict[str, Any] = {"description": "The document is still the one that If-None-Match names."}

DocumentId = Annotated[str, Path(max_length=64)]
VersionNumber = Annotated[int, Path(ge=1, le=LARGEST_INTEGER)]


def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


Reader = Annotated[Principal, Depends(permitted(Permission.DOCUMENTS_READ))]
Writer = Annotated[Principal, Depends(permitted(Permission.DOCUMENTS_WRITE))]
Books = Annotated[Library, Depends(_library)]


@router.get(
    "",
    operation_id="list_documents",
    response_model=DocumentPage,
    responses=answers(Unauthenticated, Forbidden, Invalid),
)
async def list_documents(asker: Reader, library: Books, query: Annotated[ListQuery, Query()]) -> Response:
    """One page of my documents, without their contents."""
    return await _page(library, asker, Listing(**query.model_dump()))


@router.post(
    "",
    operation_id="create_document",
    response_model=Document,
    status_code=201,
    openapi_extra=takes(NewDocument),
    responses=answers(Unauthenticated, Forbidden, Malformed, TooLarge, Invalid),
)
async def create_document(asker: Writer, library: Books, request: Request) -> Response:
    """Create a document; embedded sites on its canvas are left out."""
    body, size = await _body(request, NewDocument)
    written = await library.create(
        asker,
        body.title,
        body.file_type,
        {"canvas": body.canvas, "code": body.code, "note": body.note, "model": body.model},
        sent_bytes=size,
        key=request.headers.get(KEY_HEADER, ""),
    )
    location = {"Location": f"/api/diagrams/{written.head.id}"}
    return _document(written, status=201, headers=location)


@router.get(
    "/trash",
    operation_id="list_trash",
    response_model=DocumentPage,
    responses=answers(Unauthenticated, Forbidden, Invalid),
)
async def list_trash(
    asker: Reader,
    library: Books,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 24,
) -> Response:
    """One page of my documents in the trash."""
    return await _page(library, asker, Listing(page=page, page_size=page_size), trashed=True)


@router.get(
    "/{document_id}",
    operation_id="get_document",
    response_model=Document | DocumentHead,
    responses={304: _UNCHANGED, **answers(Unauthenticated, Forbidden, NotFound, Invalid)},
)
async def get_document(
    document_id: DocumentId,
    asker: Reader,
    library: Books,
    request: Request,
    contents: Annotated[bool, Query(description="Whether canvas, code, note and model are wanted.")] = True,
) -> Response:
    """A document with its contents. Its ETag is its version."""
    known = request.headers.get("if-none-match")
    if known is not None or not contents:
        head = await library.head(asker, document_id)
        headers = {"ETag": _etag(head), "Cache-Control": "private, no-cache"}
        if known is not None and _matches(known, _etag(head)):
            return Response(status_code=304, headers=headers)
        if not contents:
            return Response(head.model_dump_json(), media_type=_JSON, headers=headers)
    return _document(await library.read(asker, document_id))


@router.put(
    "/{document_id}",
    operation_id="save_document",
    response_model=DocumentHead,
    openapi_extra=takes(DocumentChanges),
    responses=answers(Unauthenticated, Forbidden, Malformed, NotFound, VersionConflict, TooLarge, Invalid),
)
async def save_document(document_id: DocumentId, asker: Writer, library: Books, request: Request) -> Response:
    """Save on top of `expected_version`; every save that changes something is a version for good."""
    body, size = await _body(request, DocumentChanges)
    head = await library.save(
        asker, document_id, body.expected_version, body.title, body.parts(), sent_bytes=size
    )
    return _head(head)


@router.delete(
    "/{document_id}",
    operation_id="trash_document",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def trash_document(document_id: DocumentId, asker: Writer, library: Books) -> None:
    """Put a document into the trash."""
    await library.trash(asker, document_id)


@router.post(
    "/{document_id}/restore",
    operation_id="restore_document",
    response_model=DocumentHead,
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def restore_document(document_id: DocumentId, asker: Writer, library: Books) -> Response:
    """Take a document out of the trash."""
    return _head(await library.restore(asker, document_id))


@router.get(
    "/{document_id}/versions",
    operation_id="list_versions",
    response_model=VersionPage,
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def list_versions(
    document_id: DocumentId,
    asker: Reader,
    library: Books,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 24,
) -> Response:
    """One page of a document's versions, the newest first."""
    rows, total = await library.versions(asker, document_id, page=page, page_size=page_size)
    items = [VersionView.model_validate(row) for row in rows]
    answer = VersionPage(items=items, page=page, page_size=page_size, total=total)
    return _fresh(answer)


@router.get(
    "/{document_id}/versions/{number}",
    operation_id="get_version",
    response_model=Document,
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def get_version(
    document_id: DocumentId, number: VersionNumber, asker: Reader, library: Books
) -> Response:
    """A document as it was at one version."""
    return _document(await library.version(asker, document_id, number))


@router.post(
    "/{document_id}/versions/{number}/restore",
    operation_id="restore_version",
    response_model=DocumentHead,
    openapi_extra=takes(VersionToRestore),
    responses=answers(Unauthenticated, Forbidden, Malformed, NotFound, VersionConflict, Invalid),
)
async def restore_version(
    document_id: DocumentId, number: VersionNumber, asker: Writer, library: Books, request: Request
) -> Response:
    """Make an earlier version the newest one; none is lost."""
    body = read_model(VersionToRestore, await read_body(request, _SMALL_BYTES))
    return _head(await library.restore_version(asker, document_id, number, body.expected_version))


@router.put(
    "/{document_id}/picture",
    operation_id="set_picture",
    status_code=204,
    openapi_extra={"requestBody": {"required": True, **_PICTURE}},
    responses=answers(Unauthenticated, Forbidden, NotFound, TooLarge, Invalid),
)
async def set_picture(
    document_id: DocumentId,
    asker: Writer,
    library: Books,
    request: Request,
    version: Annotated[int, Query(ge=1, le=LARGEST_INTEGER, description="The version that it shows.")],
) -> None:
    """Keep the page's own picture of the canvas, made harmless."""
    picture = await read_body(request, request.app.state.settings.largest_picture_bytes)
    await library.set_picture(asker, document_id, version, picture)


@router.get(
    "/{document_id}/picture",
    operation_id="get_picture",
    response_class=Response,
    responses={200: _PICTURE, 304: _UNCHANGED, **answers(Unauthenticated, Forbidden, NotFound, Invalid)},
)
async def get_picture(document_id: DocumentId, asker: Reader, library: Books, request: Request) -> Response:
    """The kept picture of the canvas, served so that it cannot run anything."""
    version, picture = await library.picture(asker, document_id)
    headers = {**_PICTURE_HEADERS, "ETag": f'"p{version}"'}
    if _matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(picture, media_type="image/svg+xml", headers=headers)


async def _body(request: Request, kind: type[BodyT]) -> tuple[BodyT, int]:
    """Return what was sent, and how many bytes it took."""
    body = await read_body(request, request.app.state.settings.largest_document_bytes)
    return await off_the_loop(len(body), read_model, kind, body), len(body)


async def _page(library: Library, asker: Principal, wanted: Listing, *, trashed: bool = False) -> Response:
    heads, total = await library.list_documents(asker, wanted, trashed=trashed)
    return _fresh(
        DocumentPage.model_construct(items=heads, page=wanted.page, page_size=wanted.page_size, total=total)
    )


def _fresh(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type=_JSON, headers={"Cache-Control": "private, no-cache"})


def _head(head: DocumentHead) -> Response:
    headers = {"ETag": _etag(head), "Cache-Control": "no-store"}
    return Response(head.model_dump_json(), media_type=_JSON, headers=headers)


def _document(written: Written, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Head and contents are two JSON objects; joined they are the document."""
    body = written.head.model_dump_json().encode()[:-1] + b"," + written.encoded[1:]
    told = {"ETag": _etag(written.head), "Cache-Control": "private, no-cache", **(headers or {})}
    return Response(body, status_code=status, media_type=_JSON, headers=told)


def _etag(head: DocumentHead) -> str:
    return f'"v{head.version}"'


def _matches(header: str, etag: str) -> bool:
    """Whether If-None-Match names `etag`, weakly compared (RFC 9110 §13.1.2)."""
    named = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in named or named == ["*"]
