"""Unpacking an archive that nobody vouches for: bytes are counted while they inflate, nothing leaves the folder."""

import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from autograph.core.problem import Invalid, Problem, TooLarge

ENDINGS = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tar", ".zip")
"""What an archive's name may end with, longest first."""

_CHUNK_BYTES = 256 * 1024
_NAME_BYTES = 240
_DIRECTORY_BYTES_PER_FILE = 1024
_END_OF_DIRECTORY = b"PK\x05\x06"
_END_OF_DIRECTORY_64 = b"PK\x06\x06"


class ArchiveUnsafe(Invalid):
    """An entry of the archive would leave the folder it is unpacked into."""

    slug, title = "archive-unsafe", "This archive holds an entry that is not safe to unpack."


class ArchiveTooLarge(TooLarge):
    """The archive inflates to more bytes, or holds more files, than allowed."""

    slug, title = "archive-too-large", "This archive unpacks to more than allowed."


class ArchiveUnreadable(Invalid):
    """The archive is damaged, encrypted, or no archive."""

    slug, title = "archive-unreadable", "This archive cannot be read."


class Cancelled(Problem):
    """Somebody called the work off."""

    status, slug, title = 409, "cancelled", "This was cancelled."


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold in all."""

    inflated_bytes: int
    files: int


class _Budget:
    """Counts what was unpacked and stops at the limits."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self._limits = limits
        self._bytes = 0
        self.files = 0

    def add_file(self) -> None:
        self.files += 1
        if self.files > self._limits.files:
            raise ArchiveTooLarge(f"It holds more than {self._limits.files:,} files.")

    def add_bytes(self, count: int) -> None:
        self._bytes += count
        if self._bytes > self._limits.inflated_bytes:
            raise ArchiveTooLarge(f"It unpacks to more than {self._limits.inflated_bytes:,} bytes.")


def extract(
    archive: Path,
    into: Path,
    limits: ArchiveLimits,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Unpack the regular files of `archive` into the empty folder `into`; return how many.

    Links, devices and the like are left out: they are never created, so nothing can be written through
    them. Modes, owners and times are not restored. A second entry of one name is left out too.

    Raises:
        ArchiveUnsafe: A name is absolute, has ``..``, a drive letter, a control character, or is too long.
        ArchiveTooLarge: More files or more bytes than `limits`.
        ArchiveUnreadable: Damaged, truncated, encrypted, or not an archive.
        Cancelled: `cancelled` said so.
    """
    budget = _Budget(limits)
    try:
        entries = _zip_entries(archive, limits) if zipfile.is_zipfile(archive) else _tar_entries(archive)
        for name, total, source in entries:
            if cancelled():
                raise Cancelled
            target = into / _safe(name)
            budget.add_file()
            if progress is not None:
                progress(budget.files, total, name)
            _write(source, target, budget, cancelled)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        zlib.error,
        struct.error,
        NotImplementedError,
    ) as error:
        raise ArchiveUnreadable(f"It is damaged or no archive ({type(error).__name__}).") from None
    except (UnicodeError, ValueError) as error:
        raise ArchiveUnreadable(f"A name in it cannot be read ({type(error).__name__}).") from None
    return budget.files


def unwrapped(folder: Path) -> Path:
    """Return the one folder inside `folder` when there is nothing else: archives often have a wrapper."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _safe(name: str) -> PurePosixPath:
    """Return `name` as a path that stays below where it is joined."""
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in {"", "."}]
    unsafe = (
        plain.startswith("/")
        or re.match(r"^[A-Za-z]:", plain)
        or ".." in parts
        or not parts
        or any(ord(character) < 0x20 for character in plain)
        or any(len(part.encode("utf-8", "surrogateescape")) > _NAME_BYTES for part in parts)
        or len(plain) > 4 * _NAME_BYTES
    )
    if unsafe:
        raise ArchiveUnsafe(f"The entry {name[:120]!r} would leave the folder.", entry=name[:500])
    return PurePosixPath(*parts)


def _write(source: IO[bytes], target: Path, budget: _Budget, cancelled: Callable[[], bool]) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("xb")
    except (FileExistsError, NotADirectoryError):
        return  # a file of this name, or in place of its folder, came first
    with file:
        while chunk := source.read(_CHUNK_BYTES):
            budget.add_bytes(len(chunk))
            file.write(chunk)
            if cancelled():
                raise Cancelled


def _zip_entries(archive: Path, limits: ArchiveLimits) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name, number of entries and content of each regular file."""
    _check_directory(archive, limits)
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()
        if sum(entry.file_size for entry in entries) > limits.inflated_bytes:
            raise ArchiveTooLarge(f"It unpacks to more than {limits.inflated_bytes:,} bytes.")
        for entry in entries:
            kind = entry.external_attr >> 28
            if entry.is_dir() or kind not in {0, 8}:  # 8: a regular file; 0: made where modes are unknown
                _safe(entry.filename)
                continue
            if entry.flag_bits & 1:
                raise ArchiveUnreadable("It is encrypted.")
            with opened.open(entry) as source:
                yield entry.filename, len(entries), source


def _check_directory(archive: Path, limits: ArchiveLimits) -> None:
    """Refuse a directory of millions of entries before it is read into memory."""
    with archive.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_536 - 128))
        tail = file.read()
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0:
        raise zipfile.BadZipFile
    count, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    at_64 = tail.rfind(_END_OF_DIRECTORY_64, 0, at)
    if at_64 >= 0:
        count, directory_bytes = struct.unpack_from("<QQ", tail, at_64 + 32)
    if count > limits.files or directory_bytes > limits.files * _DIRECTORY_BYTES_PER_FILE:
        raise ArchiveTooLarge(f"It holds more than {limits.files:,} files.")


def _tar_entries(archive: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name and content of each regular file, read as a stream: nothing is known of the whole."""
    with tarfile.open(archive, mode="r|*") as opened:
        for entry in opened:
            opened.members = []  # type: ignore[attr-defined]  # a stream needs no memory of what it passed
            if not entry.isfile():
                if not entry.isdir():
                    continue
                _safe(entry.name) if entry.name.strip("./") else None
                continue
            source = opened.extractfile(entry)
            if source is not None:
                yield entry.name, 0, source
