"""A zip archive written in pieces while it is read: no more of it is in memory than one piece of one file."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SMALL_BYTES = 64 * 1024
"""Less is compressed at once, more in a thread."""

File = tuple[str, AsyncIterator[bytes]]
"""Name and content."""


class _Sink:
    """What has been written and not yet been taken. It cannot seek: sizes then follow each file's content."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size_bytes = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self.size_bytes += len(piece)
        return len(piece)

    def flush(self) -> None:
        return

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces, self.size_bytes = [], 0
        return taken


async def zipped(files: AsyncIterator[File], at: datetime) -> AsyncIterator[bytes]:
    """Yield an archive of these files, dated `at`."""
    sink = _Sink()
    archive = ZipFile(sink, "w", ZIP_DEFLATED)  # type: ignore[call-overload]  # asks no more than `write` of it
    async for name, content in files:
        head = ZipInfo(name, at.timetuple()[:6])
        head.compress_type = ZIP_DEFLATED
        head.external_attr = 0o600 << 16
        with archive.open(head, "w", force_zip64=True) as file:
            async for piece in content:
                if len(piece) > SMALL_BYTES:
                    await asyncio.to_thread(file.write, piece)
                else:
                    file.write(piece)
                if sink.size_bytes >= SMALL_BYTES:
                    yield sink.take()
    archive.close()
    yield sink.take()
