"""Files that hold keys: made once, whole or not at all, and readable by us alone."""

import os
import secrets
from pathlib import Path

_OTHERS = 0o077


def create(path: Path, text: str) -> None:
    """Write a new file, mode 0600; when another process was first, its file stays and ours is thrown away."""
    fresh = _written(path, text)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink(missing_ok=True)


def replace(path: Path, text: str) -> None:
    """Put a new text in place of the old one, in one step. It stays its owner's, whoever does this."""
    fresh, before = _written(path, text), path.stat()
    try:
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(fresh, before.st_uid, before.st_gid)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def read(path: Path) -> str:
    """Return what a file of keys holds.

    Raises:
        ValueError: Others can read it. The message is one line that says what to do.
    """
    if path.stat().st_mode & _OTHERS:
        raise ValueError(f"{path} can be read by others: run chmod 600 on it")
    return path.read_text(encoding="utf-8", errors="replace")


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(
        f".{path.name}.{secrets.token_hex(8)}"
    )  # processes in containers share their numbers
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return fresh
