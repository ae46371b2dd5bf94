"""The page's files: compressed once at build, revalidated by ETag, kept for a year when their name has a hash."""

import asyncio
import mimetypes
import re
from collections import OrderedDict
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from autograph.core.asgi import Receive, Scope, Send
from autograph.core.problem import MethodNotAllowed, NotFound
from autograph.gateway.headers import Headers, header
from autograph.gateway.layers.compression import preferred

IN_MEMORY_BYTES = 8 * 1024 * 1024
_HASHED = re.compile(r"^/assets/.*[-.][A-Za-z0-9_-]{8,}\.\w+$")
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
}
_NOT_BUILT = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>AutoGraph</title>
<body><h1>The page is not built</h1><p>The API answers. Run <code>make install</code>, then start again.</p>"""


@dataclass(frozen=True, slots=True)
class _File:
    """One file in one encoding, ready to be sent."""

    path: Path
    headers: tuple[tuple[bytes, bytes], ...]
    etag: bytes


class Static:
    """Serves a folder; an unknown path without a file ending is a page of the app and gets index.html.

    Args:
        folder: What the build made. It is walked once; a new build needs a new start.
    """

    def __init__(self, folder: Path) -> None:
        self._files: dict[tuple[str, str], _File] = {}
        self._memory: OrderedDict[Path, bytes] = OrderedDict()
        self._held_bytes = 0
        if folder.is_dir():
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.suffix not in {".br", ".gz"}:
                    self._add(folder, path)

    def _add(self, folder: Path, path: Path) -> None:
        url = "/" + path.relative_to(folder).as_posix()
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if kind.startswith("text/") or kind.endswith(("json", "svg+xml", "manifest+json")):
            kind += "; charset=utf-8"
        lasting = "public, max-age=31536000, immutable" if _HASHED.match(url) else "no-cache"
        for encoding, suffix in (("", ""), *_ENCODINGS):
            stored = path.with_name(path.name + suffix)
            if not stored.is_file():
                continue
            stat = stored.stat()
            etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}{suffix}"'.encode()
            headers: Headers = [
                (b"content-type", kind.encode()),
                (b"cache-control", lasting.encode()),
                (b"etag", etag),
                (b"last-modified", formatdate(stat.st_mtime, usegmt=True).encode()),
                (b"vary", b"accept-encoding"),
            ]
            if encoding:
                headers.append((b"content-encoding", encoding.encode()))
            self._files[url, encoding] = _File(stored, tuple(headers), etag)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer GET and HEAD with a file.

        Raises:
            NotFound: No such file, or a new build has taken it away since.
            MethodNotAllowed: Anything but GET and HEAD.
        """
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed(headers={"allow": "GET, HEAD"})
        found = self._find(scope)
        if found is None:
            if self._files or "." in scope["path"].rpartition("/")[2]:
                raise NotFound("There is no such file.")
            await _send(send, 200, [(b"content-type", b"text/html; charset=utf-8")], _NOT_BUILT)
            return
        if found.etag in [tag.strip().removeprefix("W/").encode() for tag in _tags(scope)]:
            await _send(send, 304, [pair for pair in found.headers if pair[0] != b"content-type"], b"")
            return
        content = await self._read(found.path)
        headers = [*found.headers, (b"content-length", str(len(content)).encode())]
        await _send(send, 200, headers, b"" if scope["method"] == "HEAD" else content)

    def _find(self, scope: Scope) -> _File | None:
        path = scope["path"]
        if (path, "") not in self._files:
            if "." in path.rpartition("/")[2] or path.startswith(("/api/", "/assets/")):
                return None
            path = "/index.html"
        stored = tuple(name.encode() for name, _ in _ENCODINGS if (path, name) in self._files)
        chosen = preferred((header(scope, b"accept-encoding") or "").encode("latin-1"), stored)
        return self._files.get((path, chosen.decode() if chosen else ""))

    async def _read(self, path: Path) -> bytes:
        """The file's bytes, from memory when it was asked for lately."""
        if (held := self._memory.get(path)) is not None:
            self._memory.move_to_end(path)
            return held
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise NotFound("There is no such file any more: the page was built anew.") from None
        if len(content) <= IN_MEMORY_BYTES // 4 and path not in self._memory:
            self._memory[path] = content
            self._held_bytes += len(content)
            while self._held_bytes > IN_MEMORY_BYTES:
                self._held_bytes -= len(self._memory.popitem(last=False)[1])
        return content


def _tags(scope: Scope) -> list[str]:
    return (header(scope, b"if-none-match") or "").split(",")


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
