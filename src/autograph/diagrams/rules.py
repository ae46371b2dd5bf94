"""What is true of a document, whoever asks and wherever it is kept. No I/O, no clock."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from pydantic_core import from_json, to_json

from autograph.core.problem import Invalid, Malformed

LONGEST_TITLE = 200
EMBEDDING = frozenset({"iframe", "embeddable"})
"""Canvas elements that show another site inside the drawing: never kept."""

_SAFE_LINK = re.compile(r"(?:https?:|mailto:|/|#)", re.IGNORECASE)
_SCENE: dict[str, tuple[type, str, Callable[[], Any]]] = {
    "type": (str, "a text", lambda: "excalidraw"),
    "version": (int, "a whole number", lambda: 2),
    "elements": (list, "a list", list),
    "appState": (dict, "an object", dict),
    "files": (dict, "an object", dict),
}
"""The parts of a scene: what each is, and what it is when it was left out."""
_NOT_UNICODE = ("hex escape", "surrogate", "unicode code point")
_DEEP = "recursion limit"


@dataclass(frozen=True, slots=True)
class Contents:
    """The four parts of a document.

    `canvas` is an Excalidraw scene, `code` Mermaid, `note` Markdown, `model` an architecture as JSON.
    """

    canvas: dict[str, Any] | None = None
    code: str = ""
    note: str = ""
    model: dict[str, Any] | None = None

    @property
    def has_canvas(self) -> bool:
        """Whether anything is drawn."""
        return self.canvas is not None and any(
            not element.get("isDeleted") for element in self.canvas.get("elements", [])
        )

    def encode(self) -> bytes:
        """Return the JSON in which contents are kept; equal contents written alike give equal bytes.

        Raises:
            Invalid: A number is too large to be one.
        """
        parts = {"canvas": self.canvas, "code": self.code, "note": self.note, "model": self.model}
        encoded = to_json(parts)
        if b"Infinity" in encoded:
            refuse_unwritable(parts)
        return encoded

    @classmethod
    def decode(cls, encoded: bytes) -> "Contents":
        """Return the contents that `encode` wrote."""
        return cls(**from_json(encoded))

    def changed(self, changes: Mapping[str, Any]) -> "Contents":
        """Return these contents with some parts replaced; `canvas` is cleaned."""
        parts = dict(changes)
        if parts.get("canvas") is not None:
            parts["canvas"] = clean_canvas(parts["canvas"])
        return replace(self, **parts)


def field_error(field: str, message: str) -> Invalid:
    """Return the problem that says what is wrong with one `field`."""
    return Invalid(f"{field}: {message}", errors=[{"field": field, "message": message}])


def read_json(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`.

    Raises:
        Malformed: Not JSON, or not an object.
        Invalid: JSON that cannot be kept: nested deeper than 200 levels, half of a character (a lone
            surrogate), or the character NUL, which PostgreSQL cannot store.
    """
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as reason:
        told = str(reason)
        if _DEEP in told:
            raise field_error("body", "is nested too deeply") from None
        if any(words in told for words in _NOT_UNICODE):
            raise field_error("body", "holds text that is not valid Unicode") from None
        raise Malformed(f"the body is not JSON: {told}") from None
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    if rb"\u0000" in body:
        refuse_unwritable(value)
    return value


def refuse_unwritable(value: Mapping[str, Any]) -> None:
    """Raise Invalid naming the first member of `value` that holds NUL or a number that is none."""
    for name, member in value.items():
        for leaf in _leaves(member):
            if isinstance(leaf, str) and "\x00" in leaf:
                raise field_error(name, "holds the character NUL")
            if isinstance(leaf, float) and not isfinite(leaf):
                raise field_error(name, "holds a number that is too large")


def _leaves(value: object) -> Iterator[object]:
    """Every key and every leaf below `value`; the parser has bounded the depth."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from _leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member)
    else:
        yield value


def normal_title(text: str) -> str:
    """Return a title without blanks around it and with characters composed.

    Raises:
        Invalid: Empty, longer than 200 characters, or with control characters.
    """
    title = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise field_error("title", f"needs 1 to {LONGEST_TITLE} characters")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in title):
        raise field_error("title", "holds control characters")
    return title


def folded(text: str) -> str:
    """Return text as it is compared: case and composition do not count."""
    return unicodedata.normalize("NFC", text.casefold())


def like_pattern(text: str) -> str:
    r"""Return the LIKE pattern for "contains `text`"; ``%`` and ``_`` mean themselves, ``\`` escapes."""
    escaped = re.sub(r"([\\%_])", r"\\\1", folded(text))
    return f"%{escaped}%"


def clean_canvas(canvas: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole scene without what reaches outside: embedded sites, script links, files that are no images.

    What a scene leaves out is filled in, so that whoever reads one finds every part.

    Raises:
        Invalid: The scene is not of Excalidraw's shape.
    """
    nothing: tuple[object, ...] = (None, [])  # some writers' empty object is a list
    cleaned = {name: value for name, value in canvas.items() if name not in _SCENE or value not in nothing}
    for name, (kind, wanted, otherwise) in _SCENE.items():
        value = cleaned.setdefault(name, otherwise())
        if not isinstance(value, kind) or isinstance(value, bool):
            raise field_error(f"canvas.{name}", f"needs {wanted}")
    elements, files = cleaned["elements"], cleaned["files"]
    cleaned["elements"] = [_clean_element(element) for element in elements if not _embeds(element)]
    cleaned["files"] = {name: file for name, file in files.items() if _is_image(file)}
    return cleaned


def _embeds(element: object) -> bool:
    if not isinstance(element, dict) or not isinstance(element.get("type"), str):
        raise field_error("canvas.elements", "needs objects with a type")
    return element["type"] in EMBEDDING


def _clean_element(element: dict[str, Any]) -> dict[str, Any]:
    link = element.get("link")
    if link is None or (isinstance(link, str) and _SAFE_LINK.match(link)):
        return element
    return {**element, "link": None}


def _is_image(file: object) -> bool:
    return (
        isinstance(file, dict)
        and isinstance(file.get("dataURL"), str)
        and file["dataURL"].startswith("data:image/")
    )
