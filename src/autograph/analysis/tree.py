"""The walk over a repository's files: what is read, what is left out, and how much at most."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from autograph.analysis.source_file import SourceFile
from autograph.model.architecture import Skipped

_FOLDERS = frozenset(
    [
        "node_modules",
        "vendor",
        "third_party",
        "bower_components",
        "dist",
        "build",
        "out",
        "target",
        "bin",
        "obj",
        "venv",
        "env",
        "site-packages",
        "__pycache__",
        "test",
        "tests",
        "testing",
        "__tests__",
        "e2e",
        "spec",
        "specs",
        "testdata",
        "fixtures",
        "mocks",
        "__mocks__",
        "coverage",
        "docs",
        "doc",
        "examples-disabled",
        "migrations",
        "generated",
        "gen",
        "genproto",
        "generated-sources",
        "wwwroot",
        "Pods",
        "packages-cache",
        "cdk.out",
        "storybook-static",
    ]
)
_BUILD_FOLDERS = frozenset({"build", "env"})
_SUFFIXES = frozenset(
    [
        ".java",
        ".kt",
        ".kts",
        ".groovy",
        ".py",
        ".js",
        ".mjs",
        ".cjs",
        ".ts",
        ".tsx",
        ".jsx",
        ".vue",
        ".svelte",
        ".go",
        ".cs",
        ".cshtml",
        ".razor",
        ".php",
        ".rs",
        ".rb",
        ".scala",
        ".yml",
        ".yaml",
        ".json",
        ".xml",
        ".csproj",
        ".fsproj",
        ".toml",
        ".properties",
        ".conf",
        ".cfg",
        ".ini",
        ".env",
        ".template",
        ".tpl",
        ".gradle",
        ".mod",
        ".proto",
        ".txt",
        ".html",
        ".tf",
        ".config",
    ]
)
_NAMES = ("Dockerfile", "dockerfile", "Containerfile", ".env", "Caddyfile", "Gemfile", "Procfile")
_LOCKS = frozenset(
    [
        "package-lock.json",
        "npm-shrinkwrap.json",
        "composer.lock",
        "yarn.lock",
        "pnpm-lock.yaml",
        "angular.json",
        "tsconfig.json",
        "CHANGELOG.txt",
        "LICENSE.txt",
        "global.json",
        "launch.json",
    ]
)
_GENERATED = (
    "_pb2.py",
    "_pb2_grpc.py",
    ".pb.go",
    "_pb.js",
    "_grpc_pb.js",
    ".min.js",
    ".Designer.cs",
    ".g.cs",
)
_TEST_ENDS = ("Test", "Tests", "IT", "_test", ".test", ".spec", "-test", "TestCase")


class Limits(BaseModel):
    """How much of a repository is read at most."""

    model_config = ConfigDict(frozen=True)

    entries: int = Field(default=200_000, ge=1, description="Directory entries looked at")
    files: int = Field(default=20_000, ge=1, description="Files read")
    file_bytes: int = Field(default=512 * 1024, ge=1, description="Size of one file in bytes")
    total_bytes: int = Field(default=96 * 1024 * 1024, ge=1, description="Size of all files read in bytes")
    depth: int = Field(default=40, ge=1, description="Folders inside folders")


@dataclass(frozen=True, slots=True)
class Listed:
    """A file worth reading: its relative path and its size in bytes."""

    path: str
    size_bytes: int


def _wanted(name: str) -> bool:
    if name in _LOCKS or name.endswith(_GENERATED):
        return False
    stem, dot, suffix = name.rpartition(".")
    if dot and stem.endswith(_TEST_ENDS) and suffix not in {"yml", "yaml", "json"}:
        return False
    return f".{suffix.lower()}" in _SUFFIXES or name.startswith(_NAMES)


def _entered(path: str, name: str, inside: list[os.DirEntry[str]]) -> bool:
    if name.startswith(".") or name in {"node_modules", "vendor"}:
        return False
    if name not in _FOLDERS:
        return True
    # A folder called "build" or "docs" may hold deployment files; compiled output never holds Compose files.
    return name in _BUILD_FOLDERS and "/" not in path and not any(e.name.endswith(".class") for e in inside)


def list_files(root: Path, limits: Limits, skipped: list[Skipped]) -> list[Listed]:
    """Return the files of `root` worth reading, sorted by path; symbolic links are never followed.

    What exceeds `limits` is added to `skipped` with the reason.
    """
    found: list[Listed] = []
    seen = 0
    total = 0
    for entry, path in _entries(root, limits):
        seen += 1
        if seen > limits.entries or len(found) >= limits.files:
            skipped.append(Skipped(file=path, reason="the repository has more files than are read"))
            break
        if not entry.is_file(follow_symlinks=False) or not _wanted(entry.name):
            continue
        size = entry.stat(follow_symlinks=False).st_size
        if size > limits.file_bytes:
            skipped.append(Skipped(file=path, reason=f"larger than {limits.file_bytes} bytes"))
            continue
        total += size
        if total > limits.total_bytes:
            skipped.append(Skipped(file=path, reason=f"more than {limits.total_bytes} bytes in all"))
            break
        found.append(Listed(path, size))
    return sorted(found, key=lambda listed: listed.path)


def _entries(root: Path, limits: Limits) -> Iterator[tuple[os.DirEntry[str], str]]:
    pending: list[tuple[str, str, int]] = [(str(root), "", 0)]
    while pending:
        absolute, relative, depth = pending.pop()
        try:
            with os.scandir(absolute) as scan:
                inside = sorted(_first(scan, limits.entries), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in inside:
            path = f"{relative}/{entry.name}" if relative else entry.name
            yield entry, path
            if (
                entry.is_dir(follow_symlinks=False)
                and depth < limits.depth
                and _entered(path, entry.name, inside)
            ):
                pending.append((entry.path, path, depth + 1))


def _first(scan: Iterator[os.DirEntry[str]], count: int) -> Iterator[os.DirEntry[str]]:
    for _, entry in zip(range(count + 1), scan, strict=False):
        yield entry


def load(root: Path, listed: Listed) -> SourceFile | str:
    """Read one file; bytes that are no UTF-8 are replaced.

    Returns:
        The file, or the reason why it is not read: binary, minified or unreadable.
    """
    try:
        raw = (root / listed.path).read_bytes()
    except OSError as fault:
        return fault.strerror or "unreadable"
    if b"\0" in raw[:8192]:
        return "binary"
    if len(raw) > 20_000 and raw.count(b"\n") * 1000 < len(raw):
        return "minified"
    text = raw.decode("utf-8", errors="replace").removeprefix("\ufeff")
    return SourceFile(listed.path, text.replace("\r\n", "\n").replace("\r", "\n"))
