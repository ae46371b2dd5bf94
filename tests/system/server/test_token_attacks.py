"""Forged tokens at the door of a running AutoGraph: whatever is wrong with one, it opens nothing and leaves a clean log."""

import json
import re
import time

import pytest
from tests.servers.autograph import Running
from tests.tokens import Forge, attacks

from autograph.auth.keys import SigningKeys
from autograph.auth.tokens import write_assertion
from autograph.clients.tokens import ASSERTION_TYPE
from autograph.core.clock import SystemClock
from autograph.core.ids import new_id
from autograph.model.principal import Principal
from autograph.model.rights import Permission

pytestmark = pytest.mark.feature("auth.access-token", "gateway.auth")

PASSWORD = "correct horse battery"
PATHS = ("/api/auth/me", "/api/diagrams", "/api/ops/overview")


class House:
    """A running AutoGraph with an editor who is signed in, and its signing keys."""

    def __init__(self, folder):
        self.running = Running(folder, AUTH__REGISTRATION="open", ENV="production")
        ada = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
        assert self.running.ask("POST", "/api/auth/register", ada)[0] == 201
        body = {"email": ada["email"], "password": PASSWORD}
        status, _, answer = self.running.ask("POST", "/api/auth/login", body)
        assert status == 200, answer
        self.tokens = json.loads(answer)
        self.keys = SigningKeys.load(folder / "data" / "signing-keys.json")
        self.forge = Forge(self.tokens["access_token"], self.keys.signing, int(time.time()))

    def status(self, path, **headers):
        """How a path answers to these headers."""
        return self.running.ask("GET", path, **headers)[0]

    def assertion(self, **more):
        """What services believe of each other, made with our own key: more than any client has."""
        given = {
            "user_id": self.tokens["user"]["id"],
            "email": "ada@example.org",
            "permissions": frozenset(Permission),
        }
        principal = Principal(**{**given, "session_id": self.forge.claims["sid"], **more})
        return write_assertion(self.keys, principal, ends=None, now=SystemClock().now())[0]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("attacks"))
    yield house
    house.running.stop()


def bad_tokens(house):
    """Forged ones, and true ones that are made for something else."""
    forge = house.forge
    return {
        **attacks(forge, other_kind=ASSERTION_TYPE),
        "a refresh token": house.tokens["refresh_token"],
        "an assertion": house.assertion(),
        "an assertion called access": Forge(house.assertion(), house.keys.signing, forge.now)(
            {"typ": "at+jwt"}
        ),
        "another session": forge(sid=new_id()),
        "another person's session": forge(sub=new_id()),
    }


def test_the_forge_makes_good_tokens(house):
    """Tokens from the same forge without a fault are good: what is refused below is refused for its fault."""
    for good in (house.forge(), house.forge(nbf=house.forge.now), house.forge(jti=new_id())):
        assert house.status("/api/auth/me", authorization=f"Bearer {good}") == 200


def test_no_forged_token_opens_anything(house):
    """Each is a 401 problem on every service, by whichever header it comes; none is told apart from another's words."""
    for name, token in bad_tokens(house).items():
        shown = token.encode().decode("latin-1")
        for path in PATHS:
            status, headers, body = house.running.ask("GET", path, authorization=f"Bearer {shown}")
            assert (status, headers["content-type"]) == (401, "application/problem+json"), (name, path, body)
            assert json.loads(body)["type"] == "urn:autograph:problem:unauthenticated", name
        assert house.status("/api/auth/me", x_api_key=shown) == 401, name
        assert house.status("/api/auth/me", cookie=f"autograph={shown}") == 401, name


@pytest.mark.parametrize("scheme", ["Basic", "Token", "bearer:", "", "DPoP"])
def test_a_good_token_by_another_scheme_is_none(house, scheme):
    """Only Bearer is taken; its case does not matter (RFC 9110, 11.1)."""
    token = house.tokens["access_token"]
    assert house.status("/api/auth/me", authorization=f"{scheme} {token}".strip()) == 401
    assert house.status("/api/auth/me", authorization=f"bEaReR {token}") == 200


@pytest.mark.parametrize(
    "name",
    [
        "x_autograph_identity",
        "X_AutoGraph_Identity",
        "x_autograph_loopback",
        "x_user_id",
        "x_forwarded_user",
        "remote_user",
    ],
)
def test_nobody_says_who_they_are_by_a_header(house, name):
    """Even a true assertion of an administrator, sent by a client, is thrown away at the door."""
    boss = house.assertion(user_id=new_id(), roles=("admin",))
    assert house.status("/api/ops/overview", **{name: boss}) == 401
    token = f"Bearer {house.tokens['access_token']}"
    assert house.status("/api/ops/overview", authorization=token, **{name: boss}) == 403
    me = json.loads(house.running.ask("GET", "/api/auth/me", authorization=token, **{name: boss})[2])
    assert me["user"]["email"] == "ada@example.org"


def test_the_log_is_clean(house):
    """After all of this no fault is in the log, and no part of a token by which it could be used or known."""
    tokens = bad_tokens(house)
    for token in tokens.values():
        house.status("/api/auth/me", authorization=f"Bearer {token}")
    lines = house.running.log.read_text().splitlines()
    assert len(lines) > len(tokens)
    for line in lines:
        assert '"level": "error"' not in line.replace('":"', '": "')
        assert "Traceback" not in line
        assert not re.search(r"eyJ[\w-]{10,}\.", line)
    log = "\n".join(lines)
    parts = {part for token in tokens.values() for part in token.split(".") if len(part) > 40}
    assert not [part for part in parts if part in log]
    assert house.status("/api/auth/me", authorization=f"Bearer {house.tokens['access_token']}") == 200
