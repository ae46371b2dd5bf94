"""Rules of the house that no linter knows. A failure here names the file and the rule."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "autograph"
PYTHON = sorted(SOURCE.rglob("*.py"))
MAY_STAND_AT_THE_ROOT = {
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "Makefile",
    "pyproject.toml", "features.toml", "requirements", "src", "web", "tests", "docs", "deploy",
    ".ci", ".gitignore",
}  # fmt: skip
TYPED = ("*.py", "*.ts", "*.tsx", "*.css")


def tracked(*patterns: str) -> list[Path]:
    """The files that git knows, those of the page's generated API types left out."""
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def parsed(path: Path) -> ast.Module:
    """The file as a syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def test_nothing_else_stands_at_the_root():
    """A new top-level name is a decision: it is made here, in review."""
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}

    assert found <= MAY_STAND_AT_THE_ROOT


def test_no_file_outgrows_its_reader():
    """600 lines at most; split by meaning, not by size."""
    written = [path for path in tracked(*TYPED) if path.name != "schema.ts"]
    long = {
        str(path.relative_to(ROOT)): n for path in written if (n := len(path.read_text().splitlines())) > 600
    }

    assert not long


def test_only_the_server_reads_the_environment():
    """Settings come in by parameter everywhere else."""
    readers = {
        str(path.relative_to(SOURCE))
        for path in PYTHON
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }

    assert readers <= {"server/settings.py"}


def test_every_module_says_what_it_is():
    """The first line of a file is the sign on its door."""
    silent = [str(path.relative_to(SOURCE)) for path in PYTHON if not ast.get_docstring(parsed(path))]

    assert not silent


def test_commit_stands_only_in_storage():
    """Rooms use `begin`; nobody else ends a transaction."""
    committers = {
        str(path.relative_to(SOURCE))
        for path in PYTHON
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }

    assert all(name.startswith("storage/") for name in committers), committers


@pytest.mark.parametrize("word", ["TODO", "FIXME", "raise NotImplementedError", "XXX"])
def test_nothing_is_left_for_later(word):
    """What is not built is not there: no stubs."""
    here = Path(__file__)
    left = [
        str(p.relative_to(ROOT))
        for p in tracked(*TYPED)
        if p != here and re.search(rf"\b{word}\b", p.read_text())
    ]

    assert not left


def test_sql_stands_only_in_stores():
    """A room's statements are in its store; tables and migrations describe, storage connects."""
    allowed = re.compile(r"(^storage/|/store(/|\.py$)|/tables\.py$|/migrations/)")
    speakers = {
        str(path.relative_to(SOURCE))
        for path in PYTHON
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        if not {alias.name for alias in node.names} <= {"AsyncConnection", "AsyncEngine"}
    }

    assert all(allowed.search(name) for name in speakers), speakers


def test_the_lock_files_carry_hashes_and_no_addresses():
    """A lock says what and with which digest, never where from."""
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        assert all("\\" in line for line in text.splitlines() if re.match(r"^[a-z0-9].*==", line)), lock.name
    for lock in tracked("*package-lock.json"):
        assert '"resolved": "http' not in lock.read_text(), lock


def test_every_promise_named_by_a_test_is_listed():
    """`feature(...)` marks name lines of features.toml, so that `make features` can be believed."""
    listed = tomllib.loads((ROOT / "features.toml").read_text())
    promised = {f"{section}.{name}" for section, promises in listed.items() for name in promises}
    named = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"mark\.feature\(\s*\"([^\"]+)\"", path.read_text())
    }

    assert named <= promised


def test_every_test_states_its_claim():
    """A test without a docstring proves nobody knows what."""
    silent = [
        f"{path.relative_to(ROOT)}::{node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert not silent


def test_the_reference_is_current():
    """Every setting and problem is documented, and the committed OpenAPI is what the code answers to."""
    from autograph.server.reference import pages

    stale = [
        name for name, content in pages().items() if (ROOT / "docs/reference" / name).read_text() != content
    ]

    assert not stale, f"run `make openapi`: {stale}"
