"""Signing keys are made once, kept from others, and rotate without signing anybody out."""

import json
import os
import subprocess
import sys

import pytest

from autograph.auth.keys import FILE_NAME, SigningKeys


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "signing-keys.json"


def test_the_first_run_makes_a_key_and_later_ones_find_it(path):
    """The same key signs after every start."""
    first, second = SigningKeys.load(path), SigningKeys.load(path)

    assert first.signing.thumbprint() == second.signing.thumbprint()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_only_we_can_read_the_file(path):
    """Mode 0600 whatever the umask, and the public key set has no private part."""
    before = os.umask(0)
    try:
        keys = SigningKeys.load(path)
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600
    assert "d" in json.loads(path.read_text())["keys"][0]
    assert all("d" not in key for key in keys.jwks()["keys"])


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_stops_the_start(path, mode):
    """One line says what to do."""
    SigningKeys.load(path)
    path.chmod(mode)
    with pytest.raises(ValueError, match="chmod 600"):
        SigningKeys.load(path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"keys": []}',
        '{"keys": [1]}',
        '{"keys": [{"kty": "oct", "k": "AAAA"}]}',
        "\udcff",
    ],
)
def test_a_broken_file_stops_the_start(path, content):
    """Losing the keys silently would sign everybody out; an empty store is never made of a broken one."""
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    path.chmod(0o600)
    with pytest.raises(ValueError, match=FILE_NAME):
        SigningKeys.load(path)
    assert path.read_bytes() == content.encode("utf-8", "surrogateescape")


def test_a_public_key_cannot_sign(path):
    """A file with public keys only is refused."""
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(SigningKeys.generate().jwks()))
    path.chmod(0o600)
    with pytest.raises(ValueError, match="private"):
        SigningKeys.load(path)


def test_two_first_runs_at_once_end_with_the_same_key(path):
    """Processes that race to make the file agree on who won."""
    program = (
        "import sys; from pathlib import Path; from autograph.auth.keys import FILE_NAME, SigningKeys;"
        "sys.stdin.readline(); print(SigningKeys.load(Path(sys.argv[1])).signing.thumbprint())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    names = {process.communicate(timeout=60)[0].strip() for process in started}

    assert len(names) == 1
    assert names == {SigningKeys.load(path).signing.thumbprint()}


def test_the_newest_key_signs_and_older_ones_are_still_believed(path):
    """A second key put first in the file signs; the set holds both."""
    old = SigningKeys.load(path).signing
    new = SigningKeys.generate().signing
    path.write_text(json.dumps({"keys": [new.as_dict(private=True), old.as_dict(private=True)]}))

    keys = SigningKeys.load(path)

    assert keys.signing.thumbprint() == new.thumbprint()
    assert [key["kid"] for key in keys.jwks()["keys"]] == [new.thumbprint(), old.thumbprint()]
