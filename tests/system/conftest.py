"""The whole product as processes, in both shapes: everything in one, and services apart on one database."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.servers import postgres
from tests.servers.autograph import Running
from tests.servers.process import Absent, free_port

from autograph.server.settings import SERVICES

APART = ("auth", "diagrams", "flags")
"""What runs in processes of its own in the shape `split`; all know each other."""

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


@dataclass
class Installation:
    """Processes that are one AutoGraph; requests go to the door."""

    door: Running
    services: dict[str, Running] = field(default_factory=dict)
    database: str = ""
    has_administrator: bool = False

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
    email: str = ""

    def __call__(self, method: str, path: str, body: object = None, **headers: str):
        """Send one request as this person; return status, headers and the parsed body."""
        sent = {"authorization": f"Bearer {self.token}", **headers}
        status, found, content = self.installation.ask(method, path, body, **sent)
        is_json = "json" in found.get("content-type", "")
        return status, found, json.loads(content) if content and is_json else content


@pytest.fixture(scope="module", params=["embedded", "split"])
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """AutoGraph in one of its two shapes, empty."""
    yield from started(request.param, request, tmp_path_factory)


def started(
    shape: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Start an installation of that shape, and end it afterwards."""
    folder = tmp_path_factory.mktemp("installation")
    if shape == "embedded":
        running = Running(folder, AUTH__REGISTRATION="open")
        found = Installation(running, database=f"sqlite:///{folder}/data/autograph.db")
    else:
        found = _split(folder, _shared_database(request, folder))
    yield found
    found.stop()


def _shared_database(request: pytest.FixtureRequest, folder: Path) -> str:
    """URL of an empty database that several processes share: PostgreSQL, without one SQLite."""
    try:
        server = str(request.getfixturevalue("postgres_server"))
    except pytest.skip.Exception:
        return f"sqlite:///{folder}/shared.db"
    return postgres.fresh_database(server, f"system_{secrets.token_hex(4)}")


def _split(folder: Path, database: str) -> Installation:
    """Some services as processes of their own, everything else behind the door."""
    ports = {name: str(free_port()) for name in APART}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    services: dict[str, Running] = {}

    def running(*names: str) -> Running:
        known = {name: url for name, url in urls.items() if name not in names}
        settings = {"DATABASE_URL": database, "UPSTREAMS": json.dumps(known), "AUTH__REGISTRATION": "open"}
        if port := ports.get(names[0]):
            settings["PORT"] = port
        return Running(folder, command=("serve", *names), **settings)

    try:
        for name in APART:
            services[name] = running(name)
        door = running("gateway", *(name for name in SERVICES if name not in APART))
        return Installation(door, services, database)
    except Absent:
        for started in services.values():
            started.stop()
        raise


@pytest.fixture(scope="module")
def ada(installation: Installation) -> Person:
    """The first administrator."""
    return first_administrator(installation)


def first_administrator(installation: Installation) -> Person:
    """Become the first administrator by the one-time link, and sign in."""
    code = installation.services.get("auth", installation.door).first_run_code()
    person = {"code": code, "email": EMAIL, "name": "Ada", "password": PASSWORD}
    assert installation.ask("POST", "/api/auth/first-run", person)[0] == 201
    installation.has_administrator = True
    return signed_in(installation)


def administrator(installation: Installation) -> Person:
    """Sign the first administrator in once more; become it if nobody has."""
    return (signed_in if installation.has_administrator else first_administrator)(installation)


@pytest.fixture(scope="module")
def bob(installation: Installation, ada: Person) -> Person:
    """Another person, who registered; the first account is the administrator's."""
    person = {"email": "bob@example.com", "name": "Bob", "password": PASSWORD}
    assert installation.ask("POST", "/api/auth/register", person)[0] == 201
    return signed_in(installation, person["email"])


def signed_in(installation: Installation, email: str = EMAIL) -> Person:
    """Sign somebody in once more; Ada when nobody is named."""
    status, _, body = installation.ask("POST", "/api/auth/login", {"email": email, "password": PASSWORD})
    assert status == 200, body
    found = json.loads(body)
    return Person(installation, found["access_token"], found["user"]["name"], email)
