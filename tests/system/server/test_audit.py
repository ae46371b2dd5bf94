"""`autograph audit verify` beside a running AutoGraph and after it, whole and with a database that was changed."""

import json
import sqlite3
import stat
import subprocess
import sys

import pytest
from tests.servers.autograph import Running, without_settings
from tests.servers.process import free_port
from tests.system.conftest import Installation, first_administrator, signed_in

pytestmark = pytest.mark.feature("auth.audit")


class Kept:
    """An installation that was used and stopped, and what it left."""

    def __init__(self, folder):
        self.data = folder / "data"
        self.checkpoints = self.data / "audit-checkpoints.jsonl"

    def verify(self, *options, **settings):
        """Exit code and what was said."""
        given = {"AUTOGRAPH_DATA": str(self.data), **settings}
        done = subprocess.run(
            [sys.executable, "-m", "autograph", "audit", "verify", *options],
            env={**without_settings(), **given}, capture_output=True, text=True, timeout=60,
            cwd=self.data.parent, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def run(self, statement):
        with sqlite3.connect(self.data / "autograph.db") as connection:
            found = connection.execute(statement).fetchall()
        connection.close()
        return found


@pytest.fixture
def kept(tmp_path):
    running = Running(tmp_path)
    kept = Kept(tmp_path)
    try:
        installation = Installation(running)
        first_administrator(installation)
        for _ in range(3):
            signed_in(installation)
        code, said = kept.verify()
        assert (code, said.startswith("OK: ")) == (0, True), said
        assert "no checkpoint yet" in said
    finally:
        running.stop()
    return kept


def test_whole(kept):
    """A stopped process has vouched for its log; only we can read where."""
    code, said = kept.verify()
    assert code == 0, said
    [line] = kept.checkpoints.read_text().splitlines()
    assert json.loads(line)["number"] == kept.run("SELECT max(number) FROM audit_records")[0][0]
    assert "1 checkpoints agree" in said
    assert stat.S_IMODE(kept.checkpoints.stat().st_mode) == 0o600


def test_cut_off(kept):
    """A log whose newest record is gone, head and all, is found out by its checkpoint alone."""
    [(last,)] = kept.run("SELECT max(number) FROM audit_records")
    kept.run(f"DELETE FROM audit_records WHERE number = {last}")
    kept.run(
        f"UPDATE audit_head SET number = {last - 1},"
        f" mac = (SELECT mac FROM audit_records WHERE number = {last - 1})"
    )
    code, said = kept.verify()
    assert code == 1
    assert said.startswith(f"BROKEN (cut off): The log ends with record {last - 1}, but there were {last}")
    copy = kept.data / "copy.jsonl"
    kept.checkpoints.rename(copy)
    assert kept.verify()[0] == 0
    assert kept.verify("--checkpoints", str(copy))[0] == 1


def test_changed(kept):
    """The record that was changed is named."""
    kept.run("UPDATE audit_records SET actor_id = 'somebody' WHERE number = 2")
    code, said = kept.verify()
    assert code == 1
    assert said.startswith("BROKEN (changed): Record 2 ")


def test_what_cannot_be_told(kept, tmp_path):
    """Without a log, its key or the named file it says so in one line; nothing is made in passing."""
    code, said = kept.verify(AUTOGRAPH_DATA=str(tmp_path / "elsewhere"))
    assert (code, said.count("\n")) == (2, 1)
    assert not (tmp_path / "elsewhere").exists()
    assert kept.verify("--checkpoints", "none.jsonl")[0] == 2
    (kept.data / "vault-keys.json").write_text("{}")
    code, said = kept.verify()
    assert (code, said.count("\n")) == (2, 1)


def test_a_place_that_cannot_be_written(kept):
    """A start that could not vouch for the log ends with one line that says what to do."""
    (kept.data / "folder").mkdir()
    given = {
        "AUTOGRAPH_DATA": str(kept.data),
        "AUTOGRAPH_AUTH__AUDIT__CHECKPOINTS": str(kept.data / "folder"),
        "AUTOGRAPH_PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-m", "autograph", "serve", "auth"],
        env={**without_settings(), **given}, capture_output=True, text=True, timeout=60, cwd=kept.data, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "AUTOGRAPH_AUTH__AUDIT__CHECKPOINTS" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
