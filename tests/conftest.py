"""Fixtures that more than one kind of test needs: the real servers, started once a run."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.servers import postgres, redis, s3
from tests.servers.process import Absent, Server

_names = itertools.count()


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """A worker takes a file at a time, and together the files that share installations."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what a test goes to a worker with."""
        folder = "tests/system/shapes"
        return folder if nodeid.startswith(f"{folder}/") else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """Distribute tests so when they go by file."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder for servers' data, short enough for a socket's path and readable by their user."""
    folder = Path(tempfile.mkdtemp(prefix="autograph-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _served(start: Callable[[Path], tuple[Server, str]], scratch: Path) -> Iterator[str]:
    try:
        server, url = start(scratch)
    except Absent as reason:
        pytest.skip(str(reason))
    yield url
    server.stop()


@pytest.fixture(scope="session")
def postgres_server(scratch: Path) -> Iterator[str]:
    """URL of a running PostgreSQL."""
    yield from _served(postgres.start, scratch)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """URL of an empty PostgreSQL database of this test's own."""
    return postgres.fresh_database(postgres_server, f"test_{next(_names)}")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of this test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/autograph.db"


@pytest.fixture(scope="session")
def redis_url(scratch: Path) -> Iterator[str]:
    """URL of a running Redis."""
    yield from _served(redis.start, scratch)


@pytest.fixture(scope="session")
def s3_url(scratch: Path) -> Iterator[str]:
    """Objects URL of a running S3 server with one bucket; its keys are `s3_keys`."""
    yield from _served(s3.start, scratch)


@pytest.fixture(scope="session")
def s3_keys() -> tuple[str, str]:
    """Access key and secret key of the S3 server."""
    return s3.ACCESS_KEY, s3.SECRET_KEY
