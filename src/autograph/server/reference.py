"""Writes docs/reference from the code itself: every setting, every problem, the HTTP interface.

`python -m autograph.server.reference FOLDER` (`make openapi`); a test fails when a page is stale.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import autograph
from autograph.core.problem import TYPE_ROOT, Problem
from autograph.server.openapi import openapi_document
from autograph.server.settings import PREFIX, Settings

SKIPPED = ("__main__", "worker", "migrations")
"""Modules that are programs of their own: importing them would run them."""


def settings_page() -> str:
    """Every setting as Markdown: its name in the environment, its type, default and meaning."""
    rows = [
        f"| `{name}` | {_type(field)} | {_default(field)} | {_cell(field.description or '')} |"
        for name, field in _fields(Settings, PREFIX)
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Read from the environment, or from a file `.env` in the folder AutoGraph is started in;",
            "the environment wins. An unknown name that starts with `AUTOGRAPH_` and a value that cannot be read",
            "stop the start with one line that says what to do. This page is generated (`make openapi`).",
            "",
            "| name | type | default | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def problems_page() -> str:
    """Every published problem as Markdown: slug, status, title and when it happens."""
    _import_everything()
    found = {kind.slug: kind for kind in _subclasses(Problem)}
    rows = [
        f"| `{slug}` | {kind.status} | {_cell(kind.title)} | {_cell((kind.__doc__ or '').strip().splitlines()[0])} |"
        for slug, kind in sorted(found.items())
        if kind.__module__.startswith("autograph.")
    ]
    return "\n".join(
        [
            "# Problems",
            "",
            "Every error is answered as `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`,",
            f"`instance`, `correlation_id`. `type` is `{TYPE_ROOT}` plus a slug of this table; slugs never change",
            "meaning. A 422 names what is wrong in `errors` (`field`, `message`). This page is generated",
            "(`make openapi`).",
            "",
            "| slug | status | title | when |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def pages() -> dict[str, str]:
    """File name → content of everything in docs/reference."""
    return {
        "settings.md": settings_page(),
        "problems.md": problems_page(),
        "openapi.json": json.dumps(openapi_document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
    }


def _fields(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    """Environment name and field of every leaf setting, rooms after the settings of the whole."""
    nested: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        variable = prefix + name.upper()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested.append((variable + "__", field.annotation))
        else:
            yield variable, field
    for inner, room in nested:
        yield from _fields(room, inner)


def _type(field: FieldInfo) -> str:
    shown = field.annotation.__name__ if isinstance(field.annotation, type) else str(field.annotation)
    return _cell("`" + shown.replace("typing.", "").replace("pathlib.", "") + "`")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    return "none" if value in (None, "", (), [], {}) else _cell(f"`{value}`")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _import_everything() -> None:
    for module in pkgutil.walk_packages(autograph.__path__, "autograph."):
        if not any(part in SKIPPED for part in module.name.split(".")):
            importlib.import_module(module.name)


def _subclasses(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _subclasses(child)


def main() -> None:
    """Write every page into the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
