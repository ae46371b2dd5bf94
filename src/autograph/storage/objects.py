"""Bytes under a key: a local folder or S3, chosen by URL.

``file:///path`` keeps each object as a file, written aside, synced and renamed, so that a kill or a power
cut leaves the old object or the new one. ``s3://bucket/prefix?endpoint=http://host:port&region=eu`` keeps them
in any store that speaks S3; keys to it come from settings, never from the URL.
"""

import asyncio
import contextlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from autograph.core.calls import called
from autograph.core.problem import NotFound, Unavailable
from autograph.storage.disk import told_when_full

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_ASIDE = ".part-"


class Usage(NamedTuple):
    """Objects, and their bytes together."""

    objects: int
    size_bytes: int


class Objects(Protocol):
    """An object store. Keys are paths of plain names: letters, digits, dot, dash, underscore.

    Raises:
        ValueError: A key is not such a path.
        NotFound: `get` of a key that holds nothing.
        Unavailable: The store does not answer.
    """

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`, durably, in place of what was there."""
        ...

    async def get(self, key: str) -> bytes:
        """Return what is kept under `key`."""
        ...

    async def delete(self, key: str) -> None:
        """Forget `key`; forgetting what is not there is fine."""
        ...

    def keys(self, prefix: str = "") -> AsyncIterator[str]:
        """Every key that starts with `prefix`, in any order."""
        ...

    async def usage(self) -> dict[str, Usage]:
        """What is kept, by the first part of the keys. Reads the whole list: rarely, please."""
        ...


def open_objects(url: str, *, access_key: str = "", secret_key: str = "") -> Objects:
    """Open the store that `url` names.

    Args:
        url: ``file:///folder`` or ``s3://bucket/prefix?endpoint=…&region=…``.
        access_key: S3 key ID; empty for the machine's own credentials.
        secret_key: S3 secret.

    Raises:
        ValueError: The URL's scheme is neither.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return ToldObjects(FolderObjects(Path(unquote(parts.path))))
    if parts.scheme == "s3":
        return ToldObjects(S3Objects(url, access_key=access_key, secret_key=secret_key))
    raise ValueError(
        f"objects live at file:///folder or s3://bucket/prefix, not at {parts.scheme or 'a bare path'}"
    )


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not an object key: {key[:80]!r}")
    return key


class ToldObjects:
    """A store whose calls are told to whoever watches calls; what is not there is no fault of the store's."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def put(self, key: str, content: bytes) -> None:
        """Put."""
        with _told("PUT"):
            await self._objects.put(key, content)

    async def get(self, key: str) -> bytes:
        """Get."""
        with _told("GET"):
            return await self._objects.get(key)

    async def delete(self, key: str) -> None:
        """Delete."""
        with _told("DELETE"):
            await self._objects.delete(key)

    async def keys(self, prefix: str = "") -> AsyncIterator[str]:
        """List."""
        with _told("LIST"):
            async for key in self._objects.keys(prefix):
                yield key

    async def usage(self) -> dict[str, Usage]:
        """List."""
        with _told("LIST"):
            return await self._objects.usage()


def _told(operation: str) -> AbstractContextManager[None]:
    blameless = (NotFound, ValueError, GeneratorExit, asyncio.CancelledError)
    return called("objects", "objects", operation, blameless=blameless)


class FolderObjects:
    """Objects as files below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, content: bytes) -> None:
        """Write aside, sync, rename.

        Raises:
            StorageFull: The disk has no room; what was there before is still there.
        """
        with told_when_full():
            await asyncio.to_thread(self._put, self._folder / _checked(key), content)

    async def get(self, key: str) -> bytes:
        """Read the file."""
        path = self._folder / _checked(key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise NotFound(f"No object {key}.") from None

    async def delete(self, key: str) -> None:
        """Remove the file if it is there."""
        path = self._folder / _checked(key)
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def keys(self, prefix: str = "") -> AsyncIterator[str]:
        """Walk the folder; files still being written are not objects yet."""
        for name in await asyncio.to_thread(self._names):
            if name.startswith(prefix):
                yield name

    def _names(self) -> list[str]:
        files = (path for path in self._folder.rglob("*") if path.is_file())
        return [
            path.relative_to(self._folder).as_posix() for path in files if not path.name.startswith(_ASIDE)
        ]

    async def usage(self) -> dict[str, Usage]:
        """Walk the folder."""
        return await asyncio.to_thread(lambda: _summed(self._sizes()))

    def _sizes(self) -> Iterator[tuple[str, int]]:
        for name in self._names():
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                yield name, (self._folder / name).stat().st_size

    @staticmethod
    def _put(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.parent / f"{_ASIDE}{secrets.token_hex(8)}"
        try:
            with aside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                aside.unlink()
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class S3Objects:
    """Objects in a bucket, below a prefix."""

    def __init__(self, url: str, *, access_key: str, secret_key: str) -> None:
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        endpoint = query.get("endpoint", "")
        self._prefix = parts.path.strip("/")
        config: dict[str, Any] = {"region": query.get("region", "us-east-1")}
        if endpoint:
            config |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        if access_key:
            config |= {"access_key_id": access_key, "secret_access_key": secret_key}
        self._store = S3Store(
            parts.netloc,
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": "30s"},
            retry_config={"max_retries": 2},
            **config,
        )

    def _full(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    async def put(self, key: str, content: bytes) -> None:
        """Upload in one request."""
        with _told_plainly():
            await self._store.put_async(self._full(_checked(key)), content, use_multipart=False)

    async def get(self, key: str) -> bytes:
        """Download."""
        with _told_plainly(key):
            found = await self._store.get_async(self._full(_checked(key)))
            return bytes(await found.bytes_async())

    async def delete(self, key: str) -> None:
        """Delete; S3 itself does not mind a missing key."""
        with contextlib.suppress(NotFound), _told_plainly(key):
            await self._store.delete_async(self._full(_checked(key)))

    async def keys(self, prefix: str = "") -> AsyncIterator[str]:
        """List page by page; S3 lists by folder, the rest of the prefix is matched here."""
        below = self._full(prefix.rpartition("/")[0])
        skip = len(self._prefix) + 1 if self._prefix else 0
        async for page in self._store.list(below or None):
            for found in page:
                key = found["path"][skip:]
                if key.startswith(prefix):
                    yield key

    async def usage(self) -> dict[str, Usage]:
        """List page by page; the store tells every size."""
        skip = len(self._prefix) + 1 if self._prefix else 0
        usage: dict[str, Usage] = {}
        with _told_plainly():
            async for page in self._store.list(self._prefix or None):
                usage = _summed(((found["path"][skip:], found["size"]) for found in page), usage)
        return usage


def _summed(sizes: Iterable[tuple[str, int]], before: Mapping[str, Usage] = {}) -> dict[str, Usage]:
    found = dict(before)
    for key, size_bytes in sizes:
        first = key.partition("/")[0]
        objects, total = found.get(first, (0, 0))
        found[first] = Usage(objects + 1, total + size_bytes)
    return found


@contextlib.contextmanager
def _told_plainly(key: str = "") -> Iterator[None]:
    """Turn the store's own errors into problems; what it said may hold addresses and stays in the log."""
    try:
        yield
    except FileNotFoundError:
        raise NotFound(f"No object {key}.") from None
    except (BaseError, OSError) as error:
        raise Unavailable("The object store does not answer.", headers={"retry-after": "5"}) from error
