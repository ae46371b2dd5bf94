"""Signing keys change while everything runs, in both shapes, and nobody is signed out."""

import base64
import json
import subprocess
import sys
import time

import pytest
from tests.servers.autograph import without_settings
from tests.system.conftest import EMAIL, PASSWORD, Person

pytestmark = pytest.mark.feature("auth.access-token")


@pytest.fixture
def rotate(installation):
    """Runs the command beside the running processes; returns what it says."""

    def rotate(*options):
        folder = installation.door.log.parent
        given = {"AUTOGRAPH_DATA": str(folder / "data")}
        if installation.services:
            given["AUTOGRAPH_DATABASE_URL"] = installation.database
        command = [sys.executable, "-m", "autograph", "keys", "rotate", *options]
        done = subprocess.run(
            command,
            env={**without_settings(), **given},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    return rotate


def names(installation):
    """Ids of the published keys."""
    return [
        key["kid"]
        for key in json.loads(installation.ask("GET", "/api/auth/.well-known/jwks.json")[2])["keys"]
    ]


def signed_by(token):
    """The key that a token names."""
    header = token.partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


def login(installation, **more):
    """A pair of tokens, or a cookie's header."""
    status, headers, body = installation.ask(
        "POST", "/api/auth/login", {"email": EMAIL, "password": PASSWORD, **more}
    )
    assert status == 200, body
    return headers["set-cookie"].partition(";")[0] if more else json.loads(body)


def test_nobody_is_signed_out(installation, ada, rotate):
    """Old tokens and cookies hold, new ones come from the new key, and not one request in between fails."""
    before, cookie = login(installation), login(installation, cookie=True)
    old = signed_by(before["access_token"])
    said = rotate()
    until, new = time.monotonic() + 5, ""
    while not new:
        new = next((name for name in names(installation) if name != old), "")
        assert time.monotonic() < until, "no running process has noticed"
    assert new in said
    held = Person(installation, before["access_token"], "held")
    until = time.monotonic() + 30
    fresh = login(installation)
    while signed_by(fresh["access_token"]) != new:
        for one in (held, Person(installation, fresh["access_token"], "fresh")):
            assert one("GET", "/api/auth/me")[0] == 200
            assert one("GET", "/api/diagrams")[0] == 200
        assert time.monotonic() < until
        time.sleep(0.5)
        fresh = login(installation)
    for one in (held, Person(installation, fresh["access_token"], "fresh")):
        assert one("GET", "/api/auth/me")[0] == 200
        assert one("GET", "/api/diagrams")[0] == 200
    assert installation.ask("GET", "/api/diagrams", cookie=cookie)[0] == 200
    assert names(installation) == [new, old]


def test_a_stolen_key_is_worth_nothing_within_seconds(installation, ada, rotate):
    """Rotated at once: access tokens of the old key are refused, refresh tokens and cookies go on."""
    pair, cookie = login(installation), login(installation, cookie=True)
    rotate("--at-once")
    held = Person(installation, pair["access_token"], "held")
    until = time.monotonic() + 8
    while held("GET", "/api/diagrams")[0] == 200:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert held("GET", "/api/diagrams")[0] == 401
    status, _, body = installation.ask("POST", "/api/auth/refresh", {"refresh_token": pair["refresh_token"]})
    assert status == 200
    assert Person(installation, json.loads(body)["access_token"], "again")("GET", "/api/diagrams")[0] == 200
    assert installation.ask("GET", "/api/diagrams", cookie=cookie)[0] == 200
    assert len(names(installation)) == 1


def test_without_keys_nothing_is_made(tmp_path):
    """In another folder the command says what to name, and leaves nothing there."""
    given = {**without_settings(), "AUTOGRAPH_DATA": str(tmp_path / "elsewhere")}
    command = [sys.executable, "-m", "autograph", "keys", "rotate"]
    done = subprocess.run(
        command, env=given, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "AUTOGRAPH_DATA" in done.stderr
    assert [*tmp_path.iterdir()] == []
