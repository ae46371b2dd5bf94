"""API keys through the door, in both shapes: what they open, how soon they end, and where they are not found."""

import asyncio
import time

import pytest
from sqlalchemy import inspect, text
from tests.system.conftest import Person

from autograph.storage.sql import open_database

pytestmark = pytest.mark.feature("auth.api-keys")

KEYS = "/api/auth/api-keys"


def made(person, *scopes):
    """Make a key and return it."""
    sent = {"name": "build", "scopes": list(scopes)}
    status, headers, key = person("POST", KEYS, sent, idempotency_key="the same")
    assert (status, headers["cache-control"]) == (201, "no-store"), key
    return key


async def everything_in(url):
    """Every row of every table as text."""
    database = open_database(url)
    async with database.read() as connection:
        names = await connection.run_sync(lambda plain: inspect(plain).get_table_names())
        rows = [row for name in names for row in await connection.execute(text(f'SELECT * FROM "{name}"'))]
    await database.close()
    return "\n".join(repr(tuple(row)) for row in rows)


def test_scopes_hold_in_every_service(ada):
    """A reading key reads and does not write; a writing one makes documents; neither runs the installation."""
    reading = Person(ada.installation, made(ada, "read")["key"], "read")
    writing = Person(ada.installation, made(ada, "write")["key"], "write")
    document = {"title": "Shop", "code": "flowchart LR\n a-->b"}
    assert reading("GET", "/api/diagrams")[0] == 200
    assert reading("POST", "/api/diagrams", document)[0] == 403
    assert writing("POST", "/api/diagrams", document)[0] == 201
    assert writing("GET", "/api/admin/feature-flags")[0] == 403
    assert writing("POST", KEYS, {"name": "more", "scopes": ["write"]})[0] == 403


def test_the_header_of_its_own(ada):
    """X-API-Key does what Authorization does, for keys only."""
    key = made(ada, "read")["key"]
    ask = ada.installation.ask
    assert ask("GET", "/api/auth/me", x_api_key=key)[0] == 200
    assert ask("GET", "/api/auth/me", x_api_key=ada.token)[0] == 401
    assert ask("GET", "/api/auth/me", x_api_key=key[:-1])[0] == 401
    assert ask("GET", "/api/auth/me", authorization=f"Basic {key}")[0] == 401


def test_revoked_means_within_five_seconds(ada):
    """A key in constant use opens nothing five seconds after it was revoked."""
    key = made(ada, "read")
    held = Person(ada.installation, key["key"], "held")
    assert held("GET", "/api/diagrams")[0] == 200
    assert ada("DELETE", f"{KEYS}/{key['id']}")[0] == 204
    until = time.monotonic() + 5
    while held("GET", "/api/diagrams")[0] == 200:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert held("GET", "/api/diagrams")[0] == 401


def test_a_key_is_nowhere(ada):
    """Neither logs nor the database hold a key that was made and used, right or wrong."""
    key = made(ada, "read")["key"]
    wrong = key[:-4] + "aaaa"
    for shown in (key, wrong):
        ada.installation.ask("GET", "/api/diagrams", authorization=f"Bearer {shown}")
        ada.installation.ask("GET", "/api/diagrams", x_api_key=shown)
    door, apart = ada.installation.door, ada.installation.services
    logs = "".join(one.log.read_text() for one in (door, *apart.values()))
    kept = asyncio.run(everything_in(ada.installation.database))
    assert key[:11] in kept
    for secret in (key[12:], wrong[12:]):
        assert secret not in logs
        assert secret not in kept
