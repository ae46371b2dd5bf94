"""Auth together with the rooms that keep things of people, all on one database; and people who use them."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select
from tests import identity
from tests.audit import Notes
from tests.caller import Caller

from autograph.auth.app import close, create_app
from autograph.auth.parts import Parts
from autograph.auth.settings import AuthSettings
from autograph.auth.tables import metadata as auth_tables
from autograph.clients.transport import LaterTransport, LocalTransport
from autograph.diagrams.app import create_app as create_diagrams
from autograph.diagrams.codec import decompress
from autograph.diagrams.settings import DiagramsSettings
from autograph.diagrams.tables import metadata as diagrams_tables
from autograph.flags.app import create_app as create_flags
from autograph.flags.tables import metadata as flags_tables
from autograph.storage.objects import open_objects

PASSWORD = "correct horse battery"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'
FAST = {"argon2_memory_kib": 8192, "argon2_passes": 1, "tries_per_address": 100_000}
TABLES = {**auth_tables.tables, **diagrams_tables.tables, **flags_tables.tables}


class Rooms:
    """The apps; `away` is what the other rooms answer with while they are not there."""

    def __init__(self):
        self.auth = self.diagrams = self.flags = None
        self.away = None

    def reach(self, name):
        """How auth reaches a room."""

        def find():
            if self.away is not None:
                raise self.away
            return LocalTransport(getattr(self, name))

        return LaterTransport(find)


@pytest.fixture
def objects(tmp_path):
    return open_objects(f"file://{tmp_path}/objects")


@pytest.fixture
async def rooms(database, objects, clock, keys, vault):
    async with database.begin() as connection:
        for tables in (diagrams_tables, flags_tables):
            await connection.run_sync(tables.create_all)
    found, verifier = Rooms(), identity.verifier(keys, clock)
    parts = Parts.made(
        database=database,
        clock=clock,
        settings=AuthSettings(registration="open", verification="off", **FAST),
        keys=keys,
        vault=vault,
        public_url="http://127.0.0.1:8080",
        documents=found.reach("diagrams"),
        flags=found.reach("flags"),
    )
    found.auth = create_app(parts)
    found.diagrams = create_diagrams(
        database=database, objects=objects, clock=clock, verifier=verifier, settings=DiagramsSettings()
    )
    found.flags = create_flags(
        database=database, clock=clock, verifier=verifier, audit=Notes().client, environment="production"
    )
    yield found
    await close(found.auth)


@pytest.fixture
def auth(rooms):
    return rooms.auth


class Signed:
    """Somebody who is signed in, and asks any room."""

    def __init__(self, rooms, user, token, keys, clock):
        self.rooms, self.id, self.email, self.name = rooms, user["id"], user["email"], user["name"]
        self.token, self.principal, self._keys, self._clock = token, None, keys, clock

    async def __call__(self, method, path, json=None, **more):
        app = self.rooms.diagrams if path.startswith("/api/diagrams") else self.rooms.auth
        if "/feature-flags" in path:
            app = self.rooms.flags
        proof = await Caller(self.rooms.auth)("POST", "/internal/identify", {"bearer": self.token})
        shown = {identity.HEADER: proof.json()["assertion"]} if proof.status == 200 else {}
        where = {"x-forwarded-for": "203.0.113.9", "user-agent": f"Browser of {self.name}"}
        headers = {**where, **shown, **more.pop("headers", {})}
        return await Caller(app)(method, path, json, headers=headers, **more)

    async def drawn(self, title, *, versions=1, trashed=False):
        """A document with a picture; return its id."""
        made = (await self("POST", "/api/diagrams", {"title": title, "note": f"{title} 1"})).json()
        for number in range(1, versions):
            body = {"expected_version": number, "note": f"{title} {number + 1}"}
            assert (await self("PUT", f"/api/diagrams/{made['id']}", body)).status == 200
        where = f"/api/diagrams/{made['id']}/picture?version={versions}"
        kept = await self("PUT", where, content=SVG, headers={"content-type": "image/svg+xml"})
        assert kept.status == 204
        if trashed:
            assert (await self("DELETE", f"/api/diagrams/{made['id']}")).status == 204
        return made["id"]

    async def exported(self):
        """The archive, opened: names and contents."""
        answer = await self("GET", "/api/auth/gdpr/export")
        assert answer.status == 200, answer.body
        archive = zipfile.ZipFile(io.BytesIO(answer.body))
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}

    async def erase(self, **body):
        given = {"current_password": PASSWORD, "documents_to": None, **body}
        return await self("POST", "/api/auth/gdpr/erase", given)


@pytest.fixture
def somebody(rooms, keys, clock, database):
    """Makes an account and signs its owner in."""
    call = Caller(rooms.auth)

    async def somebody(name, *roles):
        email = f"{name.lower()}@example.org"
        body = {"email": email, "name": name, "password": PASSWORD}
        assert (await call("POST", "/api/auth/register", body)).status == 201
        if roles:
            async with database.begin() as connection:
                table = auth_tables.tables["users"]
                await connection.execute(
                    table.update().where(table.c.email == email).values(roles=list(roles))
                )
        answer = await call("POST", "/api/auth/login", {"email": email, "password": PASSWORD})
        found = answer.json()
        return Signed(rooms, found["user"], found["access_token"], keys, clock)

    return somebody


@pytest.fixture
async def root(somebody):
    return await somebody("Root", "admin")


@pytest.fixture
async def ada(root, somebody):
    """Somebody beside the administrator."""
    return await somebody("Ada")


def plainly(row, vault):
    """A row with what is sealed or packed in it made readable."""
    shown = {**row}
    if shown.get("sealed_text"):
        shown["sealed_text"] = vault.open("mail", shown["sealed_text"], owner=shown["id"])
    if shown.get("content") and "document_id" in shown:
        shown["content"] = decompress(shown["content"], shown["size_bytes"]).decode()
    return json.dumps({name: str(value) for name, value in shown.items()}, ensure_ascii=False).lower()


@pytest.fixture
def traces(database, objects, vault):
    """Returns where any of some words still stands: in which table, or object."""

    async def traces(*words):
        found = set()
        async with database.read() as connection:
            for name, table in TABLES.items():
                for row in (await connection.execute(select(table))).mappings():
                    told = plainly(row, vault)
                    found |= {(name, word) for word in words if word.lower() in told}
        async for key in objects.keys(""):
            content = key.encode() + await objects.get(key)
            found |= {("objects", word) for word in words if word.lower().encode() in content.lower()}
        return found

    return traces


@pytest.fixture
def told_mails(rooms):
    """Returns recipients and texts of the mails of a kind."""

    async def told_mails(kind):
        mail = rooms.auth.state.parts.mail
        letters, _ = await mail.listed(page=1, page_size=100)
        return [(one.recipient, (await mail.read(one.id))[1]) for one in letters if one.kind == kind]

    return told_mails
