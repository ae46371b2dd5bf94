"""Whatever lies in a repository, reading it ends, is bounded, and says what it left out."""

import os

import pytest

from autograph.analysis.read import read_repository
from autograph.analysis.tree import Limits
from autograph.analysis.yaml_lines import BrokenYamlError, documents
from autograph.model.architecture import Model


def repository(folder, files):
    """Write files (text or bytes) below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


COMPOSE = (
    "services:\n  api:\n    image: acme/api\n    environment: {DB_HOST: db}\n  db:\n    image: postgres\n"
)


def test_broken_yaml_is_skipped_with_its_line_and_the_rest_is_read(tmp_path):
    """One unreadable file costs that file only."""
    root = repository(
        tmp_path, {"compose.yaml": COMPOSE, "docker-compose.old.yml": "services:\n  a: [image: x\n"}
    )

    model = read_repository(root, title="t")

    assert [(one.file, one.reason.partition(":")[0]) for one in model.skipped] == [
        ("docker-compose.old.yml", "broken YAML in line 3")
    ]
    assert len(model.edges) == 1


@pytest.mark.parametrize(
    "text",
    [
        "&a [*a]",
        "a: &a {b: *a}",
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "- " * 5000 + "x",
        "a: !!python/object/apply:os.system [true]\n? [complex, key]\n: x\n*undefined",
    ],
    ids=["cyclic list", "cyclic mapping", "billion laughs", "deep nesting", "undefined alias"],
)
def test_yaml_that_unfolds_without_end_is_refused(text):
    """Cycles, exponential aliases and deep nesting are broken YAML, not a hanging reader."""
    with pytest.raises(BrokenYamlError):
        documents(text)


def test_invalid_utf8_binary_and_minified_files_do_no_harm(tmp_path):
    """Bytes that are no text are replaced or the file is left out with a reason."""
    files = {
        "compose.yaml": COMPOSE,
        "api/main.py": b"x = '\xff\xfe'\nimport redis\n",
        "api/data.json": b"\0\1\2",
        "api/app.js": "a" * 50_000,
    }

    model = read_repository(repository(tmp_path, files), title="t")

    assert {(one.file, one.reason) for one in model.skipped} == {
        ("api/data.json", "binary"),
        ("api/app.js", "minified"),
    }
    assert len(model.edges) == 1


def test_nothing_recognised_is_an_empty_model(tmp_path):
    """A folder without any architecture gives no node, no edge and no error."""
    assert read_repository(repository(tmp_path, {"README.md": "# hi", "a.txt": "x"}), title="t") == Model(
        title="t"
    )


def test_vendored_generated_and_test_code_is_not_read(tmp_path):
    """A client in someone else's package is no edge of ours."""
    call = "import requests\nrequests.get('http://db:1/')\n"
    names = ["node_modules/x/a.py", "vendor/a.py", "tests/a.py", "x_pb2.py", "src/test/a.py", ".git/a.py"]
    files = {"compose.yaml": COMPOSE.replace("image: acme/api", "build: api")} | {
        f"api/{n}": call for n in names
    }

    (edge,) = read_repository(repository(tmp_path, files), title="t").edges

    assert {one.file for one in edge.evidence} == {"compose.yaml"}


def test_symbolic_links_are_never_followed(tmp_path):
    """Neither a link to a file outside nor a link back to the root is read."""
    outside = repository(tmp_path / "outside", {"compose.yaml": COMPOSE})
    root = repository(tmp_path / "root", {"a.txt": ""})
    (root / "compose.yaml").symlink_to(outside / "compose.yaml")
    (root / "loop").symlink_to(root)

    assert read_repository(root, title="t") == Model(title="t")


def test_files_sizes_and_numbers_are_bounded(tmp_path):
    """What exceeds a limit is named among the skipped and costs nothing."""
    files = {f"many/{n}.py": "" for n in range(50)} | {"compose.yaml": COMPOSE, "a.yaml": "x: " + "y" * 2000}
    root = repository(tmp_path, files)

    model = read_repository(root, title="t", limits=Limits(file_bytes=1000, files=20))

    assert {one.file for one in model.skipped} >= {"a.yaml"}
    assert "the repository has more files than are read" in {one.reason for one in model.skipped}


def test_a_hundred_thousand_entries_are_walked_in_bounds(tmp_path):
    """The walk stops at its limit of entries; it does not list what it will not read."""
    for number in range(2000):
        (tmp_path / f"{number}.bin").touch()

    model = read_repository(tmp_path, title="t", limits=Limits(entries=100))

    assert [one.reason for one in model.skipped] == ["the repository has more files than are read"]


def test_progress_counts_every_file(tmp_path):
    """The last call says that all is done."""
    seen = []
    read_repository(
        repository(tmp_path, {"compose.yaml": COMPOSE, "b.py": ""}),
        title="t",
        progress=lambda *call: seen.append(call),
    )

    assert seen == [(0, 2, "b.py"), (1, 2, "compose.yaml"), (2, 2, "")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_skipped(tmp_path):
    """Missing rights are a reason, not an error."""
    root = repository(tmp_path, {"compose.yaml": COMPOSE})
    (root / "compose.yaml").chmod(0)

    assert [one.reason for one in read_repository(root, title="t").skipped] == ["Permission denied"]
