"""Caller of the diagrams service, and the shapes in which documents travel."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from autograph.clients.identity import IDENTITY_HEADER
from autograph.clients.openapi import DescribedAs
from autograph.clients.transport import Transport
from autograph.core import correlation
from autograph.model.architecture import Model

FileType = Literal["canvas", "note", "mixed"]
"""What a document mainly is: a drawing, a text, or both."""


class Canvas(BaseModel):
    """An Excalidraw scene. What is inside its parts is Excalidraw's own affair."""

    type: str = "excalidraw"
    version: int = 2
    elements: list[Any] = []
    appState: dict[str, Any] = {}  # noqa: N815 - Excalidraw's name
    files: dict[str, Any] = {}


KeptCanvas = Annotated[dict[str, Any], DescribedAs(Canvas)]
KeptModel = Annotated[dict[str, Any], DescribedAs(Model)]


class DocumentHead(BaseModel):
    """All of a document but its contents.

    Attributes:
        version: Counts from 1 and only grows; every save that changed something made one.
        size_bytes: Size of the contents as JSON, before compression.
        has_model: Whether there is an architecture; likewise `has_canvas` (an element at least),
            `has_code` and `has_note` (some text at least).
        picture_version: The version that the stored picture of the canvas shows, if there is one.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    file_type: FileType
    version: int
    owner_id: str
    created_at: datetime
    updated_at: datetime
    size_bytes: int
    has_model: bool
    has_canvas: bool
    has_code: bool
    has_note: bool
    picture_version: int | None


class Document(DocumentHead):
    """A document with its contents.

    Attributes:
        canvas: Excalidraw scene.
        code: Mermaid text.
        note: Markdown text.
        model: An architecture as JSON.
    """

    canvas: KeptCanvas | None
    code: str
    note: str
    model: KeptModel | None


class Belonging(DocumentHead):
    """A document of somebody's, in the trash (since `deleted_at`) or not."""

    deleted_at: datetime | None


class Belongings(BaseModel):
    """Some documents of somebody's, by id."""

    items: list[Belonging]


class DocumentPage(BaseModel):
    """One page of documents, without their contents."""

    items: list[DocumentHead]
    page: int
    page_size: int
    total: int


class Moved(BaseModel):
    """How many documents got another owner, or are gone."""

    documents: int


class DiagramsClient:
    """Typed calls to diagrams on behalf of the person whose identity assertion is given."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(
        self,
        title: str,
        *,
        identity: str,
        file_type: FileType = "mixed",
        canvas: dict[str, Any] | None = None,
        code: str = "",
        note: str = "",
        model: dict[str, Any] | None = None,
    ) -> Document:
        """Create a document owned by the caller, and return it.

        Raises:
            Invalid: A field is not valid; the problem names it.
            TooLarge: The contents are larger than diagrams takes.
        """
        body = {
            "title": title,
            "file_type": file_type,
            "canvas": canvas,
            "code": code,
            "note": note,
            "model": model,
        }
        reply = await self._transport.request(
            "POST", "/api/diagrams", headers={IDENTITY_HEADER: identity}, json=body
        )
        document = Document.model_validate_json(reply.body)
        correlation.document_id.set(document.id)
        return document

    async def read(self, document_id: str, *, identity: str) -> Document:
        """Return a document with its contents, or raise NotFound (also when it is not the caller's)."""
        reply = await self._get(document_id, "", identity)
        return Document.model_validate_json(reply)

    async def head(self, document_id: str, *, identity: str) -> DocumentHead:
        """Return a document without its contents: cheap, for asking whether it changed."""
        reply = await self._get(document_id, "?contents=false", identity)
        return DocumentHead.model_validate_json(reply)

    async def picture(self, document_id: str, *, identity: str) -> bytes:
        """Return the stored picture of the canvas as sanitised SVG, or raise NotFound."""
        return await self._get(document_id, "/picture", identity)

    async def belongings(self, after: str = "", *, identity: str) -> list[Belonging]:
        """Return up to 100 of the caller's documents with ids above `after`, those in the trash too."""
        path = f"/internal/belongings?after={quote(after, safe='')}"
        reply = await self._transport.request("GET", path, headers={IDENTITY_HEADER: identity})
        return Belongings.model_validate_json(reply.body).items

    async def kept_version(self, document_id: str, number: int, *, identity: str) -> bytes:
        """Return a version of a document of the caller's as a JSON object, or raise NotFound."""
        return await self._kept(document_id, f"/versions/{number}", identity)

    async def kept_picture(self, document_id: str, *, identity: str) -> bytes:
        """Return the picture of a document of the caller's, be it in the trash, or raise NotFound."""
        return await self._kept(document_id, "/picture", identity)

    async def transfer(self, from_user: str, to_user: str, *, identity: str) -> int:
        """Give all documents of one person to another, and return how many these were; again it finds none.

        Raises:
            Forbidden: The caller is neither that person nor may manage people.
        """
        return await self._move("/internal/transfer", {"from_user": from_user, "to_user": to_user}, identity)

    async def remove_all(self, user_id: str, *, identity: str) -> int:
        """Remove all documents of a person for good, and return how many these were. Raises as `transfer`."""
        return await self._move("/internal/remove-all", {"user_id": user_id}, identity)

    async def _move(self, path: str, body: dict[str, str], identity: str) -> int:
        headers = {IDENTITY_HEADER: identity}
        reply = await self._transport.request("POST", path, headers=headers, json=body)
        return Moved.model_validate_json(reply.body).documents

    async def _get(self, document_id: str, suffix: str, identity: str) -> bytes:
        path = f"/api/diagrams/{quote(document_id, safe='')}{suffix}"
        reply = await self._transport.request("GET", path, headers={IDENTITY_HEADER: identity})
        return reply.body

    async def _kept(self, document_id: str, suffix: str, identity: str) -> bytes:
        path = f"/internal/belongings/{quote(document_id, safe='')}{suffix}"
        reply = await self._transport.request("GET", path, headers={IDENTITY_HEADER: identity})
        return reply.body
