"""What can be done with documents: the use cases, each in one transaction."""

from dataclasses import dataclass
from typing import Any

from autograph.clients.diagrams import DocumentHead, FileType
from autograph.core import correlation
from autograph.core.clock import Clock
from autograph.core.ids import id_of_digest, new_id
from autograph.core.problem import Conflict, NotFound
from autograph.diagrams import store, svg
from autograph.diagrams.codec import compress, decompress, off_the_loop
from autograph.diagrams.rules import Contents, field_error, normal_title
from autograph.diagrams.store import Listing, Stored, VersionRow
from autograph.model.principal import Principal
from autograph.model.rights import Permission, owners
from autograph.storage.objects import Objects
from autograph.storage.sql import Database


class VersionConflict(Conflict):
    """A save was made on a version that is not the newest any more."""

    slug, title = "version-conflict", "This document was saved by someone else in the meantime."


@dataclass(frozen=True, slots=True)
class Written:
    """A document: its head, and its contents as JSON bytes."""

    head: DocumentHead
    encoded: bytes


class Library:
    """The use cases of documents, for whoever asks. What `model.rights` does not let them reach is not found."""

    def __init__(self, *, database: Database, objects: Objects, clock: Clock) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock

    async def create(
        self,
        who: Principal,
        title: str,
        file_type: FileType,
        parts: dict[str, Any],
        *,
        sent_bytes: int,
        key: str = "",
    ) -> Written:
        """Keep a new document whose contents are `parts` (of canvas, code, note, model).

        Under a `key` this happens once, however often it is called: the document that was made then is
        returned again.

        Args:
            who: Whose it is from now on.
            title: As typed.
            file_type: What it mainly is.
            parts: Its contents.
            sent_bytes: How large they were as JSON; much is worked on in a thread.
            key: Hexadecimal digest of the Idempotency-Key that the gateway works under; empty for none.

        Raises:
            Invalid: Title or canvas is not valid.
        """
        contents, encoded = await off_the_loop(sent_bytes, _merged, None, parts)
        now = self._clock.now()
        head = DocumentHead(
            id=id_of_digest(key) if key else new_id(),
            title=normal_title(title),
            file_type=file_type,
            version=1,
            owner_id=who.user_id,
            created_at=now,
            updated_at=now,
            picture_version=None,
            **_measured(contents, encoded),
        )
        correlation.document_id.set(head.id)
        packed = await off_the_loop(len(encoded), compress, encoded)
        async with self._database.begin() as connection:
            is_new = await store.add_document(connection, head, packed)
        return Written(head, encoded) if is_new else await self._written(_writable(who), head.id)

    async def read(self, who: Principal, document_id: str) -> Written:
        """Return a document with its newest contents, or raise NotFound."""
        return await self._written(_readable(who), document_id)

    async def head(self, who: Principal, document_id: str) -> DocumentHead:
        """Return a document without its contents, or raise NotFound."""
        return (await self._stored(_readable(who), document_id)).head

    async def list_documents(
        self, who: Principal, wanted: Listing, *, trashed: bool = False
    ) -> tuple[list[DocumentHead], int]:
        """Return one page of documents without contents, and how many match in all."""
        async with self._database.read() as connection:
            return await store.list_documents(connection, _readable(who), wanted, trashed=trashed)

    async def save(
        self,
        who: Principal,
        document_id: str,
        expected_version: int,
        title: str | None,
        parts: dict[str, Any],
        *,
        sent_bytes: int,
    ) -> DocumentHead:
        """Replace the title or some contents, as a new version; what is absent stays.

        Saving what is already there changes nothing and makes no version, whatever version was expected:
        a client that never got its answer may ask again.

        Raises:
            NotFound: No such document within reach.
            VersionConflict: It has moved on since `expected_version`.
            Invalid: Title or canvas is not valid.
        """
        before = await self._written(_writable(who), document_id)
        called = before.head.title if title is None else normal_title(title)
        contents, encoded = await off_the_loop(
            len(before.encoded) + sent_bytes, _merged, before.encoded, parts
        )
        if encoded == before.encoded and called == before.head.title:
            return before.head
        if before.head.version != expected_version:
            raise await self._conflict(who, document_id)
        measured = before.head.model_copy(update={"title": called, **_measured(contents, encoded)})
        return await self._add_version(who, measured, encoded)

    async def restore_version(
        self, who: Principal, document_id: str, number: int, expected_version: int
    ) -> DocumentHead:
        """Make the contents and title of an earlier version the newest version.

        Raises:
            NotFound: No such document within reach, or no such version.
            VersionConflict: It has moved on since `expected_version`.
        """
        before = await self._written(_writable(who), document_id)
        row, packed = await self._version(document_id, number)
        if before.head.version != expected_version:
            raise await self._conflict(who, document_id)
        encoded = await off_the_loop(row.size_bytes, decompress, packed, row.size_bytes)
        if encoded == before.encoded and row.title == before.head.title:
            return before.head
        contents = await off_the_loop(len(encoded), Contents.decode, encoded)
        restored = before.head.model_copy(update={"title": row.title, **_measured(contents, encoded)})
        return await self._add_version(who, restored, encoded)

    async def versions(
        self, who: Principal, document_id: str, *, page: int, page_size: int
    ) -> tuple[list[VersionRow], int]:
        """Return one page of a document's versions, the newest first, and how many there are."""
        head = await self.head(who, document_id)
        async with self._database.read() as connection:
            rows = await store.list_versions(connection, document_id, page=page, page_size=page_size)
        return rows, head.version

    async def version(self, who: Principal, document_id: str, number: int) -> Written:
        """Return a document as it was at one version, or raise NotFound."""
        head = await self.head(who, document_id)
        row, packed = await self._version(document_id, number)
        encoded = await off_the_loop(row.size_bytes, decompress, packed, row.size_bytes)
        contents = await off_the_loop(len(encoded), Contents.decode, encoded)
        then = {"title": row.title, "version": row.number, "updated_at": row.created_at}
        return Written(head.model_copy(update={**then, **_measured(contents, encoded)}), encoded)

    async def trash(self, who: Principal, document_id: str) -> None:
        """Put a document into the trash, or raise NotFound."""
        among = _writable(who)
        async with self._database.begin() as connection:
            if not await store.set_deleted(connection, document_id, among, self._clock.now()):
                raise NotFound

    async def restore(self, who: Principal, document_id: str) -> DocumentHead:
        """Take a document out of the trash and return it; one that is not in it is returned as it is."""
        among = _writable(who)
        async with self._database.begin() as connection:
            await store.set_deleted(connection, document_id, among, None)
            stored = await store.read_head(connection, document_id, among)
        if stored is None:
            raise NotFound
        return stored.head

    async def set_picture(self, who: Principal, document_id: str, version: int, picture: bytes) -> None:
        """Keep a picture of the canvas at `version`; one that is older than the kept one is let go.

        Raises:
            NotFound: No such document within reach.
            Invalid: There is no such version, or the picture is not SVG.
        """
        among = _writable(who)
        head = (await self._stored(among, document_id)).head
        if not 1 <= version <= head.version:
            raise field_error("version", f"must be 1 to {head.version}")
        clean = await off_the_loop(len(picture), svg.sanitise, picture)
        if head.picture_version is not None and head.picture_version > version:
            return
        await self._objects.put(picture_key(document_id, version), clean)
        async with self._database.begin() as connection:
            before = await store.read_head(connection, document_id, among, lock=True)
            kept = await store.set_picture(connection, document_id, among, version)
        shown = before.head.picture_version if before else None
        if not kept:  # a newer picture, or the trash, was faster
            shown, version = version, shown or 0
        if shown is not None and shown != version:
            await self._objects.delete(picture_key(document_id, shown))

    async def picture(self, who: Principal, document_id: str) -> tuple[int, bytes]:
        """Return the kept picture and the version that it shows, or raise NotFound."""
        head = await self.head(who, document_id)
        if head.picture_version is None:
            raise NotFound("this document has no picture")
        return head.picture_version, await self._objects.get(picture_key(document_id, head.picture_version))

    async def transfer(self, from_user: str, to_user: str) -> int:
        """Give all documents of one person to another; return how many these were. Again it finds none."""
        async with self._database.begin() as connection:
            return await store.transfer(connection, from_user, to_user)

    async def remove_all(self, owner_id: str) -> int:
        """Remove all documents of a person for good; return how many these were. Again it finds none.

        Pictures go first: if it ends half-way, another call still knows of those that are left.
        """
        async with self._database.read() as connection:
            kept = await store.pictures(connection, owner_id)
        for document_id, version in kept:
            await self._objects.delete(picture_key(document_id, version))
        async with self._database.begin() as connection:
            late = set(await store.pictures(connection, owner_id)) - set(kept)
            removed = await store.remove_all(connection, owner_id)
        for document_id, version in late:
            await self._objects.delete(picture_key(document_id, version))
        return removed

    async def _written(self, among: frozenset[str], document_id: str) -> Written:
        async with self._database.read() as connection:
            stored = await store.read_document(connection, document_id, among)
        if stored is None:
            raise NotFound
        return await _unpacked(stored.head, stored.packed)

    async def _stored(self, among: frozenset[str], document_id: str) -> Stored:
        async with self._database.read() as connection:
            stored = await store.read_head(connection, document_id, among)
        if stored is None:
            raise NotFound
        return stored

    async def _version(self, document_id: str, number: int) -> tuple[VersionRow, bytes]:
        async with self._database.read() as connection:
            found = await store.read_version(connection, document_id, number)
        if found is None:
            raise NotFound(f"this document has no version {number}")
        return found

    async def _add_version(self, who: Principal, changed: DocumentHead, encoded: bytes) -> DocumentHead:
        """Keep `encoded` as the version after the one that `changed` still names, unless it has moved on."""
        among, expected = _writable(who), changed.version
        head = changed.model_copy(update={"version": expected + 1, "updated_at": self._clock.now()})
        packed = await off_the_loop(len(encoded), compress, encoded)
        async with self._database.begin() as connection:
            moved = await store.replace_head(
                connection, head, among, expected_version=expected, author_id=who.user_id
            )
            if moved:
                await store.add_version(connection, head, packed, author_id=who.user_id)
        if not moved:
            raise await self._conflict(who, head.id)
        return head

    async def _conflict(self, who: Principal, document_id: str) -> VersionConflict:
        now = await self._stored(_writable(who), document_id)
        return VersionConflict(
            f"the newest version is {now.head.version}",
            current_version=now.head.version,
            updated_at=now.head.model_dump(mode="json", include={"updated_at"})["updated_at"],
            updated_by=now.updated_by,
        )


def _merged(encoded: bytes | None, parts: dict[str, Any]) -> tuple[Contents, bytes]:
    before = Contents() if encoded is None else Contents.decode(encoded)
    contents = before.changed(parts)
    return contents, contents.encode()


def _measured(contents: Contents, encoded: bytes) -> dict[str, Any]:
    return {
        "size_bytes": len(encoded),
        "has_model": contents.model is not None,
        "has_canvas": contents.has_canvas,
        "has_code": bool(contents.code.strip()),
        "has_note": bool(contents.note.strip()),
    }


def _readable(who: Principal) -> frozenset[str]:
    return owners(who, Permission.DOCUMENTS_READ)


def _writable(who: Principal) -> frozenset[str]:
    return owners(who, Permission.DOCUMENTS_WRITE)


async def _unpacked(head: DocumentHead, packed: bytes) -> Written:
    return Written(head, await off_the_loop(head.size_bytes, decompress, packed, head.size_bytes))


def picture_key(document_id: str, version: int) -> str:
    """Return under which name a picture is kept."""
    return f"pictures/{document_id}/{version}.svg"
