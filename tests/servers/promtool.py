"""Prometheus' own checker: the machine's, else the one inside Debian's package `prometheus`.

`python -m tests.servers.promtool` fetches the package when the machine has none (`make test` does that); it is
unpacked, not installed, and needs no root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers.process import Absent

PACKAGE = Path(__file__).parents[2] / ".tools" / "prometheus"
PROGRAM = PACKAGE / "usr" / "bin" / "promtool"


def find() -> str:
    """Return its path.

    Raises:
        Absent: There is none.
    """
    if found := shutil.which("promtool"):
        return found
    if PROGRAM.exists():
        return str(PROGRAM)
    raise Absent("promtool: none on this machine, and Debian's package `prometheus` could not be fetched")


def install() -> str:
    """Make sure that there is one; return its path.

    Raises:
        Absent: The machine has none and the package cannot be had.
    """
    try:
        return find()
    except Absent:
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise
    shutil.rmtree(PACKAGE, ignore_errors=True)
    PACKAGE.mkdir(parents=True)
    try:
        _run("apt-get", "download", "--quiet=2", "prometheus")
    except Absent:  # a machine that has never asked what there is
        if os.geteuid():
            raise
        _run("apt-get", "update", "--quiet=2")
        _run("apt-get", "download", "--quiet=2", "prometheus")
    for package in PACKAGE.glob("*.deb"):
        _run("dpkg-deb", "--extract", str(package), str(PACKAGE))
        package.unlink()
    return find()


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise Absent(f"promtool: {' '.join(command[:2])} failed: {done.stderr.strip()[-300:]}")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"promtool for the checks of metrics and rules: {install()}\n")
    except Absent as reason:
        sys.stdout.write(f"{reason}. What it checks will be skipped.\n")
