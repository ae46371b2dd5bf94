"""Where documents are kept. All SQL of the room stands here; the service opens the transactions.

What is asked for by its id is looked for among owners, as `model.rights.owners` gives them: the rest is not found.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from autograph.clients.diagrams import Belonging, DocumentHead, FileType
from autograph.diagrams.rules import folded, like_pattern
from autograph.diagrams.tables import document_versions, documents

SortBy = Literal["updated_at", "created_at", "title"]
SortOrder = Literal["asc", "desc"]

_HEAD = [documents.c[name] for name in DocumentHead.model_fields]
_SORTS = {
    "updated_at": documents.c.updated_at,
    "created_at": documents.c.created_at,
    "title": documents.c.title_folded,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A document's head, and the compressed contents of one of its versions."""

    head: DocumentHead
    updated_by: str
    packed: bytes = b""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version without its contents."""

    number: int
    title: str
    author_id: str
    created_at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Which documents are wanted, in which order. `page` counts from 1."""

    page: int = 1
    page_size: int = 24
    q: str = ""
    file_type: FileType | None = None
    sort_by: SortBy = "updated_at"
    sort_order: SortOrder = "desc"


def _among(document_id: str, owners: AbstractSet[str], *, trashed: bool = False) -> ColumnElement[bool]:
    gone = documents.c.deleted_at
    return and_(
        documents.c.id == document_id,
        documents.c.owner_id.in_(owners),
        gone.is_not(None) if trashed else gone.is_(None),
    )


def _head(row: Any) -> DocumentHead:
    return DocumentHead.model_construct(**dict(zip(DocumentHead.model_fields, row, strict=False)))


_WIDTH = len(_HEAD)


async def add_document(connection: AsyncConnection, head: DocumentHead, packed: bytes) -> bool:
    """Keep a new document and its first version; return False and change nothing when there is one of that id."""
    row = head.model_dump()
    row |= {"title_folded": folded(head.title), "updated_by": head.owner_id, "deleted_at": None}
    upsert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    added = await connection.execute(upsert(documents).values(row).on_conflict_do_nothing())
    if added.rowcount == 0:
        return False
    await add_version(connection, head, packed, author_id=head.owner_id)
    return True


async def add_version(
    connection: AsyncConnection, head: DocumentHead, packed: bytes, *, author_id: str
) -> None:
    """Keep the contents of the version that `head` names. Versions are only ever added."""
    row = {
        "document_id": head.id,
        "number": head.version,
        "title": head.title,
        "content": packed,
        "size_bytes": head.size_bytes,
        "author_id": author_id,
        "created_at": head.updated_at,
    }
    await connection.execute(insert(document_versions), row)


async def replace_head(
    connection: AsyncConnection,
    head: DocumentHead,
    owners: AbstractSet[str],
    *,
    expected_version: int,
    author_id: str,
) -> bool:
    """Move a document on to `head` if it stands at `expected_version`; of many at once, one gets True."""
    values = head.model_dump(include={"title", "file_type", "version", "size_bytes", "updated_at"})
    values |= head.model_dump(include={"has_model", "has_canvas", "has_code", "has_note"})
    values |= {"title_folded": folded(head.title), "updated_by": author_id}
    moved = await connection.execute(
        update(documents)
        .where(_among(head.id, owners), documents.c.version == expected_version)
        .values(values)
    )
    return moved.rowcount == 1


async def read_head(
    connection: AsyncConnection,
    document_id: str,
    owners: AbstractSet[str],
    *,
    trashed: bool = False,
    lock: bool = False,
) -> Stored | None:
    """Return a document's head, or None; `lock` keeps others from changing it until the transaction ends."""
    query = select(*_HEAD, documents.c.updated_by).where(_among(document_id, owners, trashed=trashed))
    if lock:
        query = query.with_for_update()
    row = (await connection.execute(query)).first()
    return Stored(_head(row), row[_WIDTH]) if row else None


_CONTENT = select(*_HEAD, documents.c.updated_by, document_versions.c.content).join_from(
    documents,
    document_versions,
    and_(
        document_versions.c.document_id == documents.c.id, document_versions.c.number == documents.c.version
    ),
)


async def read_document(
    connection: AsyncConnection, document_id: str, owners: AbstractSet[str]
) -> Stored | None:
    """Return a document with the contents of its newest version, or None."""
    row = (await connection.execute(_CONTENT.where(_among(document_id, owners)))).first()
    return Stored(_head(row), row[_WIDTH], row[_WIDTH + 1]) if row else None


async def read_version(
    connection: AsyncConnection, document_id: str, number: int
) -> tuple[VersionRow, bytes] | None:
    """Return a version and its compressed contents. Whose document it is has been asked before."""
    row = (
        await connection.execute(_versions(document_id, document_versions.c.content, number=number))
    ).first()
    return (VersionRow(*row[:5]), row[5]) if row else None


async def list_versions(
    connection: AsyncConnection, document_id: str, *, page: int, page_size: int
) -> list[VersionRow]:
    """Return one page of a document's versions, the newest first, without contents."""
    query = _versions(document_id).order_by(document_versions.c.number.desc())
    rows = await connection.execute(query.limit(page_size).offset((page - 1) * page_size))
    return [VersionRow(*row) for row in rows]


def _versions(
    document_id: str, *more: ColumnElement[Any], number: int | None = None
) -> Select[*tuple[Any, ...]]:
    columns = document_versions.c
    query: Select[*tuple[Any, ...]] = select(
        columns.number, columns.title, columns.author_id, columns.created_at, columns.size_bytes, *more
    ).where(columns.document_id == document_id)
    return query if number is None else query.where(columns.number == number)


async def list_documents(
    connection: AsyncConnection, owners: AbstractSet[str], wanted: Listing, *, trashed: bool = False
) -> tuple[list[DocumentHead], int]:
    """Return one page of heads, and how many documents match in all. Never touches contents."""
    gone = documents.c.deleted_at
    where: list[ColumnElement[bool]] = [
        documents.c.owner_id.in_(owners),
        gone.is_not(None) if trashed else gone.is_(None),
    ]
    if wanted.q:
        where.append(documents.c.title_folded.like(like_pattern(wanted.q), escape="\\"))
    if wanted.file_type:
        where.append(documents.c.file_type == wanted.file_type)
    column = _SORTS[wanted.sort_by]
    order = (
        [column.desc(), documents.c.id.desc()] if wanted.sort_order == "desc" else [column, documents.c.id]
    )
    query = select(*_HEAD).where(*where).order_by(*order)
    rows = await connection.execute(
        query.limit(wanted.page_size).offset((wanted.page - 1) * wanted.page_size)
    )
    heads = [_head(row) for row in rows]
    total = await connection.scalar(select(func.count()).select_from(documents).where(*where))
    return heads, total or 0


async def belongings(connection: AsyncConnection, owner_id: str, *, after: str, most: int) -> list[Belonging]:
    """Return heads of a person's documents with ids above `after`, those in the trash too, the lowest first."""
    query = select(*_HEAD, documents.c.deleted_at).where(
        documents.c.owner_id == owner_id, documents.c.id > after
    )
    rows = await connection.execute(query.order_by(documents.c.id).limit(most))
    return [Belonging(**_head(row).model_dump(), deleted_at=row[_WIDTH]) for row in rows]


async def set_deleted(
    connection: AsyncConnection, document_id: str, owners: AbstractSet[str], deleted_at: datetime | None
) -> bool:
    """Put a document into the trash (with a moment) or take it out (with None); say whether it was there."""
    moved = await connection.execute(
        update(documents)
        .where(_among(document_id, owners, trashed=deleted_at is None))
        .values(deleted_at=deleted_at)
    )
    return moved.rowcount == 1


async def set_picture(
    connection: AsyncConnection, document_id: str, owners: AbstractSet[str], version: int
) -> bool:
    """Note which version the stored picture shows; an older picture never replaces a newer one."""
    known = documents.c.picture_version
    moved = await connection.execute(
        update(documents)
        .where(
            _among(document_id, owners),
            documents.c.version >= version,
            known.is_(None) | (known <= version),
        )
        .values(picture_version=version)
    )
    return moved.rowcount == 1


async def transfer(connection: AsyncConnection, from_user: str, to_user: str) -> int:
    """Give all documents of one person to another, those in the trash too; return how many these were.

    Versions keep their authors.
    """
    moved = await connection.execute(
        update(documents).where(documents.c.owner_id == from_user).values(owner_id=to_user)
    )
    return moved.rowcount


async def pictures(connection: AsyncConnection, owner_id: str) -> list[tuple[str, int]]:
    """Return document and version of every picture that is kept for a person."""
    query = select(documents.c.id, documents.c.picture_version).where(
        documents.c.owner_id == owner_id, documents.c.picture_version.is_not(None)
    )
    return [(document_id, version) for document_id, version in await connection.execute(query)]


async def remove_all(connection: AsyncConnection, owner_id: str) -> int:
    """Remove all documents of a person with their versions, those in the trash too; return how many these were."""
    removed = await connection.execute(delete(documents).where(documents.c.owner_id == owner_id))
    return removed.rowcount
