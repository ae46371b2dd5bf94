"""One text file of a repository: its text, its lines, and its code without comments."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath

from autograph.analysis.facts import Place
from autograph.model.architecture import Known

_STRINGS = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|'
_C_LIKE = re.compile(_STRINGS + r"(?P<drop>/\*.*?(?:\*/|\Z)|//[^\n]*)", re.DOTALL)
_BACKTICKS = re.compile(r"`(?:\\.|[^`\\])*`|" + _C_LIKE.pattern, re.DOTALL)
_PHP = re.compile(_C_LIKE.pattern.replace("//[", "(?://|#(?!\\[))["), re.DOTALL)
_HASH = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(?P<drop>(?<![^\s;{}(),])#[^\n]*)', re.DOTALL)
_XML = re.compile(r"(?P<drop><!--.*?(?:-->|\Z))", re.DOTALL)
_HASH_SUFFIXES = {
    ".py",
    ".sh",
    ".conf",
    ".template",
    ".properties",
    ".env",
    ".toml",
    ".rb",
    ".cfg",
    ".yml",
    ".yaml",
}
_BACKTICK_SUFFIXES = {".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".vue", ".svelte", ".go"}
_XML_SUFFIXES = {".xml", ".csproj", ".props", ".html"}


def _blank(match: re.Match[str]) -> str:
    dropped = match.group("drop")
    return match.group() if dropped is None else re.sub(r"[^\n]", " ", dropped)


class SourceFile:
    """A file's path (relative, forward slashes) and text; everything else is worked out when asked for."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        pure = PurePosixPath(path)
        self.name = pure.name
        self.stem = pure.stem
        self.suffix = pure.suffix.lower()
        parent = str(pure.parent)
        self.folder = "" if parent == "." else parent

    @cached_property
    def code(self) -> str:
        """The text with comments blanked; every character keeps its line and column."""
        if self.suffix in _XML_SUFFIXES:
            return _XML.sub(_blank, self.text)
        if self.suffix in _HASH_SUFFIXES or self.name.startswith(("Dockerfile", "Caddyfile", ".env")):
            return _HASH.sub(_blank, self.text)
        if self.suffix in _BACKTICK_SUFFIXES:
            return _BACKTICKS.sub(_blank, self.text)
        return (_PHP if self.suffix == ".php" else _C_LIKE).sub(_blank, self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\n", self.text))]

    def line_at(self, offset: int) -> int:
        """The line number (from 1) of a character offset."""
        return bisect_right(self._starts, offset)

    def place(self, line: int, rule: str, known: Known = Known.CODE) -> Place:
        """A place in this file."""
        return Place(self.path, max(1, line), rule, known)

    def find(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], int]]:
        """Each match of `pattern` in the code with its line number."""
        for match in pattern.finditer(self.code):
            yield match, self.line_at(match.start())
