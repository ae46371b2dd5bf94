"""How code reads its environment, in any language: the variables it names and the defaults beside them."""

import re
from collections.abc import Iterator

from autograph.analysis.facts import Fact, Lookup, Setting
from autograph.analysis.source_file import SourceFile

_KEY = re.compile(r"[\"'`]([A-Z][A-Z0-9]*(?:__?[A-Za-z0-9]+)+)[\"'`]|\benv\.([A-Z][A-Z0-9_]{2,})\b")
_DEFAULT = re.compile(
    r"(?:[\"']([A-Z][A-Z0-9_]+)[\"']\s*,|[\"']?\b([A-Z][A-Z0-9_]+)[\"']?[\s)\]]*(?:\|\||\?\?|\?:|\bor\b))"
    r"\s*[\"'`]([^\"'`\n]+)[\"'`]"
)
_TERNARY = re.compile(
    r"[\"']([A-Z][A-Z0-9_]+)[\"']\s*\)\s*[!=]=\s*(?:null|nil|None)\s*\?\s*(?:[^:;\n]*:\s*)?[\"']([^\"'\n]+)[\"']"
)
_GO_LATER = re.compile(
    r"(\w+)(?:\s*,\s*\w+)?\s*:?=\s*os\.(?:LookupEnv|Getenv)\(\"(\w+)\"\)\s*if\s[^{\n]*\{\s*\1\s*=\s*\"([^\"\n]+)\"",
    re.MULTILINE,
)


def environment(file: SourceFile) -> Iterator[Fact]:
    """Lookups for each variable named in code, settings for each default written beside one."""
    for match, line in file.find(_KEY):
        yield Lookup(match.group(1) or match.group(2), file.place(line, "environment"))
    for match, line in file.find(_DEFAULT):
        key = match.group(1) or match.group(2)
        yield Setting(key, match.group(3), file.place(line, "default in code"), fallback=True)
    for match, line in file.find(_TERNARY):
        yield Setting(match.group(1), match.group(2), file.place(line, "default in code"), fallback=True)
    for match, line in file.find(_GO_LATER):
        yield Setting(match.group(2), match.group(3), file.place(line, "default in code"), fallback=True)
