"""Killed at any moment: what was acknowledged is there, whole, and nothing else is shown."""

import contextlib
import http.client
import json
import random
import signal
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.servers.autograph import Running

from autograph.storage.sql import open_database

ROUNDS = 20
WRITERS = 4
PERSON = {"email": "ada@example.com", "name": "Ada", "password": "correct horse battery staple"}


class Writer(threading.Thread):
    """Saves one document again and again, and remembers the newest save that was acknowledged."""

    def __init__(self, running: Running, token: str, document_id: str, version: int) -> None:
        super().__init__(daemon=True)
        self._running, self._token = running, token
        self.document_id, self.acknowledged, self.attempted = document_id, version, version

    def run(self) -> None:
        with contextlib.closing(self._running.connect(timeout_seconds=5)) as connection:
            self._save(connection)

    def _save(self, connection: http.client.HTTPConnection) -> None:
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        while True:
            self.attempted = self.acknowledged + 1
            body = {"expected_version": self.acknowledged, "note": note(self.document_id, self.attempted)}
            try:
                connection.request("PUT", f"/api/diagrams/{self.document_id}", json.dumps(body), headers)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                return  # killed
            if answer.status != 200:
                return
            self.acknowledged = json.loads(content)["version"]


def note(document_id: str, version: int) -> str:
    """What a version must hold: too long for one page of the database."""
    return f"{document_id} {version} " + "x" * 9000


def started(folder: Path, *, inside: tuple[str, ...] = (), **settings: str) -> tuple[Running, str]:
    """Start AutoGraph on the same data, make the administrator the first time, and sign in."""
    running = Running(folder, inside=inside, **settings)
    if running.ask("GET", "/api/auth/first-run")[2].startswith(b'{"needed":true'):
        running.ask("POST", "/api/auth/first-run", {"code": running.first_run_code(), **PERSON})
    who = {"email": PERSON["email"], "password": PERSON["password"]}
    return running, json.loads(running.ask("POST", "/api/auth/login", who)[2])["access_token"]


def newest(running: Running, token: str, versions: dict[str, int]) -> dict[str, int]:
    """The newest version of each document, after checking that it is acknowledged or newer, and whole."""
    found = {}
    for document_id, acknowledged in versions.items():
        document = asked(running, token, f"/api/diagrams/{document_id}")
        found[document_id] = document["version"]
        assert document["version"] in {
            acknowledged,
            acknowledged + 1,
        }  # one save may have lost its answer only
        assert document["note"] == expected(document_id, document["version"])
    return found


def asked(running: Running, token: str, path: str) -> dict[str, Any]:
    """What is found at `path`."""
    status, _, body = running.ask("GET", path, authorization=f"Bearer {token}")
    assert status == 200, body
    return dict(json.loads(body))


def expected(document_id: str, version: int) -> str:
    """A new document is empty; each save after that wrote its own number."""
    return note(document_id, version) if version > 1 else ""


@pytest.mark.feature("documents.update")
def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path):
    """SIGKILL in the middle of parallel saves, twenty times: every acknowledged version is there with its contents."""
    chance = random.Random(11)
    versions: dict[str, int] = {}
    saved = 0
    for _ in range(ROUNDS):
        running, token = started(tmp_path)
        versions = newest(running, token, versions)
        while len(versions) < WRITERS:
            made = running.ask("POST", "/api/diagrams", {"title": "Kept"}, authorization=f"Bearer {token}")[2]
            versions[json.loads(made)["id"]] = 1
        writers = [Writer(running, token, document_id, version) for document_id, version in versions.items()]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.02, 0.25))
        running.signal(signal.SIGKILL)
        running.process.wait(5)
        for writer in writers:
            writer.join(5)
            saved += writer.acknowledged - versions[writer.document_id]
            versions[writer.document_id] = writer.acknowledged
    assert saved > ROUNDS
    running, token = started(tmp_path)
    for document_id, last in newest(running, token, versions).items():
        for number in range(1, last + 1):
            version = asked(running, token, f"/api/diagrams/{document_id}/versions/{number}")
            assert version["note"] == expected(document_id, number)
    running.stop()
    with closing(sqlite3.connect(tmp_path / "data" / "autograph.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_a_power_cut_loses_nothing_either(tmp_path):
    """Every connection writes through to the disk before a save is acknowledged: WAL with synchronous=FULL (2)."""
    database = open_database(f"sqlite:///{tmp_path}/autograph.db")
    for _ in range(3):
        async with database.begin() as connection:
            found = [
                (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert found == ["wal", 2, 1]
    await database.close()
