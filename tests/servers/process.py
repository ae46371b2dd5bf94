"""Starting and surely ending one server process of the test run."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

NOBODY = 65534
"""User and group that servers which refuse root are run as."""


class Absent(Exception):
    """A server that can be had neither from the machine nor from a package; says what was tried."""


def free_port() -> int:
    """Return a TCP port of loopback that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def unprivileged() -> dict[str, int]:
    """Arguments for `subprocess` that drop root, empty when we are not root."""
    return {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}


def give_away(folder: Path) -> None:
    """Make `folder` usable by the unprivileged user, when we are root."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)


class Server:
    """One child process in a group of its own, ready when `ready()` says so.

    Args:
        command: Program and arguments.
        ready: Asked every 20 ms; true once the server answers.
        log: File that receives what the server prints.
        timeout_seconds: How long the server may take to become ready.

    Raises:
        Absent: The process ended, or was not ready in time; carries the end of its log.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        ready: Callable[[], bool],
        log: Path,
        env: dict[str, str] | None = None,
        unprivileged_user: bool = False,
        stop_signal: int = signal.SIGTERM,
        timeout_seconds: float = 30.0,
    ) -> None:
        self._stop_signal = stop_signal
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=env,
                start_new_session=True,
                **(unprivileged() if unprivileged_user else {}),
            )
        deadline = time.monotonic() + timeout_seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                end = log.read_text(errors="replace")[-800:]
                raise Absent(f"{command[0]} did not start: {end}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the whole process group, by force after five seconds."""
        if self.process.poll() is None:
            self.process.send_signal(self._stop_signal)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def listens(port: int) -> bool:
    """Whether something accepts connections on this port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False
