"""Signing keys are made once, kept from others, and rotate without signing anybody out."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from tests.clock import HandClock

from autograph.auth import files
from autograph.auth.keys import FILE_NAME, LONGEST_TOKEN_SECONDS, SigningKeys, rotate
from autograph.auth.settings import AuthSettings


@pytest.fixture
def clock():
    return HandClock()


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


def load(path, clock):
    return SigningKeys.load(path, clock=clock)


def test_a_new_key_is_known_before_it_signs(path, clock):
    """Rotation publishes it at once and signs with it ten seconds later, when every process has it."""
    old = load(path, clock).signing.thumbprint()
    new, signs_from = rotate(path, now=clock.now())
    keys = load(path, clock)
    assert [key["kid"] for key in keys.jwks()["keys"]] == [new, old]
    assert keys.signing.thumbprint() == old
    clock.time = signs_from
    assert keys.signing.thumbprint() == new
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.jwks()["keys"][0].keys() == {"kty", "crv", "x", "kid", "alg", "use"}


def test_an_old_key_is_believed_until_its_last_token_has_ended(path, clock):
    """The longest token that may be set lasts 24 hours; a moment later the old key is believed no more."""
    old = load(path, clock).signing.thumbprint()
    new, signs_from = rotate(path, now=clock.now())
    keys = load(path, clock)
    clock.time = signs_from + timedelta(hours=24, seconds=-1)
    assert old in keys.public
    clock.wind(seconds=1)
    assert [*keys.public] == [new]


def test_no_setting_makes_longer_tokens():
    """What a key is believed for covers every access token that can be set."""
    field = AuthSettings.model_fields["access_token_minutes"]
    (longest,) = [limit.le for limit in field.metadata if hasattr(limit, "le")]
    assert longest * 60 <= LONGEST_TOKEN_SECONDS


def test_rotating_again_moves_no_end(path, clock):
    """Each key keeps the end that it got; what has ended is left out of the file."""
    load(path, clock)
    names = [rotate(path, now=clock.now())[0]]
    first_end = json.loads(path.read_text())["keys"][1]["believed_until"]
    clock.wind(hours=1)
    names.insert(0, rotate(path, now=clock.now())[0])
    kept = json.loads(path.read_text())["keys"]
    assert [*load(path, clock).public][:2] == names
    assert kept[2]["believed_until"] == first_end
    clock.wind(hours=48)
    rotate(path, now=clock.now())
    assert len(json.loads(path.read_text())["keys"]) == 2


def test_a_stolen_key_is_believed_no_more(path, clock):
    """Rotated at once, the new key is alone, and signs."""
    load(path, clock)
    new, signs_from = rotate(path, now=clock.now(), at_once=True)
    keys = load(path, clock)
    assert ([*keys.public], keys.signing.thumbprint(), signs_from) == ([new], new, clock.now())


async def test_what_runs_takes_the_new_key_up(path, clock):
    """The file is looked at again and again; a broken one changes nothing."""
    keys = load(path, clock)
    watching = asyncio.create_task(keys.watch(check_seconds=0.01))

    async def until(condition):
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.01)

    new, _ = rotate(path, now=clock.now())
    await until(lambda: new in keys.public)
    files.replace(path, "{")
    await asyncio.sleep(0.1)
    assert new in keys.public
    path.unlink()
    await asyncio.sleep(0.1)
    files.create(path, json.dumps({"keys": [SigningKeys.generate().signing.as_dict(private=True)]}))
    await until(lambda: new not in keys.public)
    watching.cancel()


@pytest.mark.parametrize("member", [{"signs_from": "soon"}, {"believed_until": None}, {"signs_from": 1.5}])
def test_moments_are_seconds(path, member):
    """A file that says something else is refused."""
    key = SigningKeys.generate().signing.as_dict(private=True)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"keys": [{**key, **member}]}))
    path.chmod(0o600)
    with pytest.raises(ValueError, match="seconds"):
        SigningKeys.load(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_file_stays_its_owners(path, clock):
    """Whoever rotates, the process that owned the file can read it afterwards."""
    load(path, clock)
    os.chown(path, 65534, 65534)
    rotate(path, now=clock.now())
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
