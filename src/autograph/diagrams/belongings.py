"""Everything that is somebody's, in the trash or not, for handing it out to them."""

from autograph.clients.diagrams import Belonging, DocumentHead
from autograph.core.problem import NotFound
from autograph.diagrams import store
from autograph.diagrams.codec import decompress, off_the_loop
from autograph.diagrams.service import picture_key
from autograph.diagrams.store import VersionRow
from autograph.storage.objects import Objects
from autograph.storage.sql import Database

PAGE_SIZE = 100


class Shelf:
    """Reads what belongs to one person, piece by piece: none is larger than one version of one document."""

    def __init__(self, *, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects

    async def listed(self, owner_id: str, after: str) -> list[Belonging]:
        """Return up to 100 documents with ids above `after`, the lowest first; none when there are no more."""
        async with self._database.read() as connection:
            return await store.belongings(connection, owner_id, after=after, most=PAGE_SIZE)

    async def version(self, owner_id: str, document_id: str, number: int) -> tuple[VersionRow, bytes]:
        """Return a version and its contents as JSON, or raise NotFound."""
        await self._head(owner_id, document_id)
        async with self._database.read() as connection:
            found = await store.read_version(connection, document_id, number)
        if found is None:
            raise NotFound
        row, packed = found
        return row, await off_the_loop(row.size_bytes, decompress, packed, row.size_bytes)

    async def picture(self, owner_id: str, document_id: str) -> bytes:
        """Return the kept picture, or raise NotFound."""
        head = await self._head(owner_id, document_id)
        if head.picture_version is None:
            raise NotFound
        return await self._objects.get(picture_key(document_id, head.picture_version))

    async def _head(self, owner_id: str, document_id: str) -> DocumentHead:
        async with self._database.read() as connection:
            for trashed in (False, True):
                if stored := await store.read_head(connection, document_id, {owner_id}, trashed=trashed):
                    return stored.head
        raise NotFound
