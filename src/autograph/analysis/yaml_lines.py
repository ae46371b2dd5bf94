"""YAML with line numbers: plain dicts, lists and strings, where each string knows its line."""

from collections.abc import Iterator
from typing import Union

import yaml

from autograph.analysis.source_file import SourceFile

_MAX_VALUES = 20_000
_MAX_DEPTH = 40
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Text(str):
    """A string with the line (from 1) on which it stands."""

    __slots__ = ("line",)
    line: int

    @classmethod
    def at(cls, value: str, line: int) -> "Text":
        """The text `value` of line `line`."""
        text = cls(value)
        text.line = line
        return text


Value = Union[Text, list["Value"], dict[Text, "Value"]]  # noqa: UP007 (a string cannot stand beside "|")


class BrokenYamlError(ValueError):
    """The text is no YAML, or it unfolds to more than is read."""


class _Unfold:
    """Turns composed nodes into values; aliases may make that exponential, so it is bounded."""

    def __init__(self) -> None:
        self.left = _MAX_VALUES

    def value(self, node: yaml.Node, depth: int = 0) -> Value:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            raise BrokenYamlError("unfolds to too many values")
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, depth + 1) for child in node.value]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        return Text.at(str(node.value), node.start_mark.line + 1)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[Text, Value]:
        found: dict[Text, Value] = {}
        merged: dict[Text, Value] = {}
        for key, child in node.value:
            name = Text.at(str(key.value), key.start_mark.line + 1)
            value = self.value(child, depth + 1)
            if name != "<<":
                found.pop(name, None)
                found[name] = value
                continue
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    merged |= part
        return {**{key: value for key, value in merged.items() if key not in found}, **found}


def _composed(text: str) -> Iterator[yaml.Node | None]:
    yield from yaml.compose_all(text, Loader=_Loader)


def documents(text: str) -> list[Value]:
    """Parse every document of a YAML text.

    Raises:
        BrokenYamlError: It does not parse, is cyclic, or unfolds beyond 20 000 values.
    """
    unfold = _Unfold()
    try:
        return [unfold.value(node) for node in _composed(text) if node is not None]
    except (yaml.YAMLError, RecursionError, ValueError, AttributeError) as fault:
        where = getattr(fault, "problem_mark", None)
        line = f" in line {where.line + 1}" if where is not None else ""
        problem = getattr(fault, "problem", None) or str(fault).partition("\n")[0]
        raise BrokenYamlError(f"broken YAML{line}: {problem}") from fault


def parsed(file: SourceFile) -> list[Value]:
    """The documents of a file, parsed once however many readers ask."""
    cached = file.__dict__.get("_yaml")
    if cached is None:
        try:
            cached = documents(file.text)
        except BrokenYamlError as fault:
            cached = fault
        file.__dict__["_yaml"] = cached
    if isinstance(cached, BrokenYamlError):
        raise cached
    return list(cached)


def mapping(value: object) -> dict[Text, Value]:
    """`value` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Value]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def scalar(value: object) -> str:
    """`value` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def line_of(value: object, otherwise: int = 1) -> int:
    """The line of a text, or of the first text inside a collection."""
    if isinstance(value, Text):
        return value.line
    if isinstance(value, dict) and value:
        return line_of(next(iter(value)), otherwise)
    if isinstance(value, list) and value:
        return line_of(value[0], otherwise)
    return otherwise


def flattened(value: Value, path: str = "") -> Iterator[tuple[str, Text]]:
    """Each scalar with its dotted path; list positions become `[0]`."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from flattened(child, f"{path}.{key}" if path else str(key))
    else:
        for position, child in enumerate(value):
            yield from flattened(child, f"{path}[{position}]")
