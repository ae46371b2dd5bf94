"""A disk of a few megabytes in memory, seen only by the processes that are started inside it."""

import errno
import os
import shutil
from pathlib import Path

from tests.servers.process import Absent, Server

_FILLER = "filler"


class SmallDisk:
    """A file system of its own at `folder`, for whatever is started with `inside` in front of its command.

    Args:
        folder: Where it is mounted; made when missing.
        log: What the process says that holds it.
        size_bytes: How much fits.

    Raises:
        Absent: The system does not let us mount, not even in a namespace of our own.
    """

    def __init__(self, folder: Path, *, log: Path, size_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for program in ("unshare", "nsenter", "mount"):
            if shutil.which(program) is None:
                raise Absent(f"small disk: no program {program}")
        as_root = os.geteuid() == 0
        here = ("--mount",) if as_root else ("--user", "--map-root-user", "--mount")
        there = ("--mount",) if as_root else ("--user", "--preserve-credentials", "--mount")
        mounted = log.with_suffix(".mounted")
        script = f'mount -t tmpfs -o size={size_bytes} tmpfs "$0" && touch "$1" && exec sleep 3600'
        self._holder = Server(
            ["unshare", *here, "sh", "-c", script, str(folder), str(mounted)],
            ready=mounted.exists,
            log=log,
        )
        number = self._holder.process.pid
        self.inside = ("nsenter", f"--target={number}", *there, "--")
        self.path = Path(f"/proc/{number}/root{folder}")
        """The folder as it can be seen from outside."""

    def fill_to(self, percent: float) -> None:
        """Use so much of what fits."""
        found = os.statvfs(self.path)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        wanted = found.f_blocks * found.f_frsize * percent / 100
        with (self.path / _FILLER).open("ab", buffering=0) as filler:
            filler.write(b"\0" * max(0, int(wanted - used)))

    def fill(self) -> None:
        """Leave not one byte free."""
        with (self.path / _FILLER).open("ab", buffering=0) as filler:
            for size_bytes in (65536, 1):
                try:
                    while True:
                        filler.write(b"\0" * size_bytes)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def empty(self) -> None:
        """Give back what `fill` took."""
        (self.path / _FILLER).unlink()

    def stop(self) -> None:
        """Forget the disk and all that is on it."""
        self._holder.stop()
