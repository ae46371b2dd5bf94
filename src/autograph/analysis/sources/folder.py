"""A folder of the server, but only inside a root that an administrator has allowed."""

from collections.abc import Sequence
from pathlib import Path

from autograph.core.problem import NotFound


def named_roots(roots: Sequence[Path]) -> dict[str, Path]:
    """Name to resolved path of each allowed root that exists; the name is its last part, made unique."""
    named: dict[str, Path] = {}
    for root in roots:
        resolved = root.expanduser().resolve()
        if not resolved.is_dir():
            continue
        name, number = resolved.name or "root", 2
        while name in named:
            name, number = f"{resolved.name} {number}", number + 1
        named[name] = resolved
    return named


def folder_inside(roots: Sequence[Path], root: str, folder: str) -> Path:
    """Return the folder `folder` inside the allowed root called `root`.

    Links are resolved first, so that a link inside a root does not lead out of it.

    Raises:
        NotFound: No such root or folder, or one outside: the answer does not tell which.
    """
    missing = NotFound("There is no such folder among those that may be drawn.")
    base = named_roots(roots).get(root)
    if base is None or "\x00" in folder:
        raise missing
    try:
        found = (base / folder).resolve()
    except (OSError, RuntimeError):
        raise missing from None
    if not found.is_relative_to(base) or not found.is_dir():
        raise missing
    return found
