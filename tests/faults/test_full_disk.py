"""The disk is full: what does not fit is refused in words, what is kept stays and is read, and room is all it takes."""

import json
import secrets
import signal
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from tests.faults.test_kill import started
from tests.servers.process import Absent
from tests.servers.small_disk import SmallDisk

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><desc>{}</desc></svg>'
FULL = (507, "urn:autograph:problem:storage-full")


@pytest.fixture
def disk(tmp_path):
    """A disk for the data folder alone."""
    try:
        disk = SmallDisk(tmp_path / "data", log=tmp_path / "disk.log", size_bytes=24 << 20)
    except Absent as reason:
        pytest.skip(str(reason))
    yield disk
    disk.stop()


@pytest.fixture
def sign_in(tmp_path, disk):
    """Starts AutoGraph on the small disk and signs in; whatever was started ends with the test."""
    with ExitStack() as ended:

        def sign_in():
            asking = Asking(tmp_path, disk)
            ended.callback(asking.running.stop)
            return asking

        yield sign_in


class Asking:
    """Somebody signed in to a running AutoGraph."""

    def __init__(self, folder: Path, disk: SmallDisk) -> None:
        self.running, token = started(folder, inside=disk.inside)
        self._headers = {"authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: object = None, content: bytes = b"", kind: str = ""):
        """Send one request; return its status and its parsed body, or the type of its problem."""
        headers = dict(self._headers)
        if body is not None:
            content, kind = json.dumps(body).encode(), "application/json"
        if kind:
            headers["content-type"] = kind
        with closing(self.running.connect()) as connection:
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            found = json.loads(answer.read() or b"null")
        return answer.status, found["type"] if answer.status >= 400 else found


def test_a_full_disk_loses_nothing(disk, sign_in):
    """Saves, pictures and uploads are 507; all else goes on; with room, and after a kill, everything is there."""
    ada = sign_in()
    path = "/api/diagrams/" + ada("POST", "/api/diagrams", {"title": "Kept"})[1]["id"]
    kept = {1: ""}

    def save(note: str):
        status, found = ada("PUT", path, {"expected_version": max(kept), "note": note})
        if status == 200:
            kept[found["version"]] = note
        return status, found

    assert save("before")[0] == 200
    disk.fill()
    answers = [save(secrets.token_hex(200_000)) for _ in range(12)]  # more than a breaker would stand
    assert set(answers) == {FULL}
    picture = SVG.format(secrets.token_hex(9000)).encode()
    assert ada("PUT", f"{path}/picture?version=2", content=picture, kind="image/svg+xml") == FULL
    uploaded = ada("POST", "/api/analysis/jobs/upload?filename=a.zip", content=secrets.token_bytes(500_000))
    assert uploaded == FULL
    assert ada("GET", path)[1]["note"] == "before"
    assert ada("GET", "/api/auth/me")[0] == 200
    assert ada("POST", "/api/export/render", {"code": "flowchart LR\n a-->b"})[0] == 200

    disk.empty()
    assert save(secrets.token_hex(200_000))[0] == 200
    disk.fill()
    assert save(secrets.token_hex(200_000)) == FULL
    assert "Traceback" not in ada.running.log.read_text()
    ada.running.signal(signal.SIGKILL)
    ada.running.stop()
    disk.empty()

    ada = sign_in()
    assert ada("GET", path)[1]["version"] == max(kept) == 3
    assert {number: ada("GET", f"{path}/versions/{number}")[1]["note"] for number in kept} == kept
    assert save("after")[0] == 200
    with closing(sqlite3.connect(disk.path / "autograph.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    disk.fill()
    assert save(secrets.token_hex(200_000)) == FULL
    ada.running.signal(signal.SIGTERM)
    assert ada.running.process.wait(8) == 0
    assert "Traceback" not in ada.running.log.read_text()
