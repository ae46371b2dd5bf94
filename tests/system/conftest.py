"""The whole product as processes, in both shapes: everything in one, and services apart on one PostgreSQL."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.servers import postgres
from tests.servers.autograph import Running

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


@dataclass
class Installation:
    """Processes that are one AutoGraph; requests go to the door."""

    door: Running
    services: dict[str, Running] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None, **headers: str):
        """Send one request; return status, headers and body."""
        return self.door.ask(method, path, body, **headers)

    def stop(self) -> None:
        """End every process, the door first."""
        for running in (self.door, *self.services.values()):
            running.stop()


@dataclass
class Person:
    """Somebody who is signed in, by a bearer token."""

    installation: Installation
    token: str
    name: str

    def __call__(self, method: str, path: str, body: object = None, **headers: str):
        """Send one request as this person; return status, headers and the parsed body."""
        sent = {"authorization": f"Bearer {self.token}", **headers}
        status, found, content = self.installation.ask(method, path, body, **sent)
        is_json = "json" in found.get("content-type", "")
        return status, found, json.loads(content) if content and is_json else content


@pytest.fixture(scope="module", params=["embedded", "split"])
def installation(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """AutoGraph in one of its two shapes, empty."""
    folder = tmp_path_factory.mktemp("installation")
    if request.param == "embedded":
        found = Installation(Running(folder))
    else:
        found = _split(folder, request.getfixturevalue("shared_database"))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def shared_database(postgres_server: str) -> str:
    """URL of an empty PostgreSQL database that several processes share."""
    return postgres.fresh_database(postgres_server, "system")


def _split(folder: Path, database: str) -> Installation:
    """Auth and diagrams as processes of their own, everything else behind the door."""
    urls: dict[str, str] = {}
    services: dict[str, Running] = {}
    for name in ("auth", "diagrams"):
        services[name] = Running(
            folder, command=("serve", name), DATABASE_URL=database, UPSTREAMS=json.dumps(urls)
        )
        urls[name] = f"http://127.0.0.1:{services[name].port}"
    rest = ("serve", "gateway", "export", "analysis")
    door = Running(folder, command=rest, DATABASE_URL=database, UPSTREAMS=json.dumps(urls))
    return Installation(door, services)


@pytest.fixture(scope="module")
def ada(installation: Installation) -> Person:
    """The first administrator, by the one-time link."""
    code = _printed_code(installation)
    person = {"code": code, "email": EMAIL, "name": "Ada", "password": PASSWORD}
    assert installation.ask("POST", "/api/auth/first-run", person)[0] == 201
    return signed_in(installation)


def _printed_code(installation: Installation) -> str:
    """The code of the one-time link, which whoever runs auth prints once it answers."""
    for _ in range(100):
        running = installation.services.get("auth", installation.door)
        if found := re.search(r"/first-run\?code=([A-Z0-9-]+)", running.log.read_text()):
            return found[1]
        time.sleep(0.05)
    raise AssertionError("no one-time link was printed")


def signed_in(installation: Installation) -> Person:
    """Sign Ada in once more."""
    status, _, body = installation.ask("POST", "/api/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert status == 200, body
    return Person(installation, json.loads(body)["access_token"], "Ada")
