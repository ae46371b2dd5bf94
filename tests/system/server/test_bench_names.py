"""Tests that names of the bench never reach the product that it measures."""

import os
import subprocess
import sys

import pytest
from tests.servers.autograph import Running, compiled

from autograph.server.settings import BadSettings, load


@pytest.fixture(autouse=True)
def named(monkeypatch):
    """A shell in which the bench's inputs are set."""
    monkeypatch.setenv("AUTOGRAPH_BENCH_TRUTH_REPOS", "/nowhere")


def test_the_product_knows_no_name_of_the_bench(tmp_path):
    """Left in the environment the name would stop the start: it is no setting."""
    with pytest.raises(BadSettings, match="AUTOGRAPH_BENCH_TRUTH_REPOS is not a setting"):
        load(tmp_path / ".env")


def test_a_server_of_the_bench_starts(tmp_path):
    """`up` answers although the name is set where the bench was called."""
    running = Running(tmp_path)
    try:
        assert running.ask("GET", "/health")[0] == 200
    finally:
        running.stop()


def test_a_drawing_of_the_bench_is_made(tmp_path):
    """`draw` works likewise."""
    (tmp_path / "compose.yaml").write_text("services:\n  shop:\n    image: shop\n")
    target = tmp_path / "out.svg"
    command = [sys.executable, "-m", "autograph", "draw", str(tmp_path), "-o", str(target)]
    done = subprocess.run(
        command, cwd=tmp_path, env=compiled(tmp_path), capture_output=True, text=True, check=False
    )
    assert "AUTOGRAPH_BENCH_TRUTH_REPOS" in os.environ
    assert done.returncode == 0, done.stderr
    assert b"shop" in target.read_bytes()
