"""The auth service on an empty database of its own, on a clock wound by hand."""

import pytest
from tests.caller import Caller
from tests.clock import HandClock
from tests.servers import emptied, postgres

from autograph.auth.app import close, create_app
from autograph.auth.keys import SigningKeys
from autograph.auth.parts import Parts
from autograph.auth.settings import AuthSettings
from autograph.auth.store import people
from autograph.auth.tables import metadata
from autograph.auth.vault import Vault
from autograph.storage.sql import open_database

PASSWORD = "correct horse battery"
FAST = {"argon2_memory_kib": 8192, "argon2_passes": 1}


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def keys():
    return SigningKeys.generate()


@pytest.fixture
def vault():
    return Vault.generate()


@pytest.fixture(scope="session")
def kept_postgres(postgres_server):
    """A PostgreSQL database with auth's tables, which tests use one after the other."""
    return emptied.with_tables(postgres.fresh_database(postgres_server, "auth"), metadata)


@pytest.fixture(scope="session")
def kept_sqlite(tmp_path_factory):
    """An SQLite file with auth's tables, to be copied."""
    path = tmp_path_factory.mktemp("auth") / "empty.db"
    emptied.with_tables(f"sqlite:///{path}", metadata)
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request, tmp_path):
    """URL of a database with auth's tables, all empty, once on SQLite and once on PostgreSQL."""
    if request.param == "postgres":
        return emptied.emptied(request.getfixturevalue("kept_postgres"))
    return emptied.copied(request.getfixturevalue("kept_sqlite"), tmp_path / "autograph.db")


@pytest.fixture
async def database(database_url):
    database = open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def make_auth(database, clock, keys, vault):
    """Builds the service with settings of the test's choice."""
    made = []

    def make(public_url="http://127.0.0.1:8080", **settings):
        given = {"verification": "off", "tries_per_address": 100_000, **FAST, **settings}
        parts = Parts.made(
            database=database,
            clock=clock,
            settings=AuthSettings(**given),
            keys=keys,
            vault=vault,
            public_url=public_url,
        )
        app = create_app(parts)
        made.append(app)
        return app

    yield make
    for app in made:
        await close(app)


@pytest.fixture
def auth(make_auth):
    return make_auth(registration="open")


@pytest.fixture
def call(auth):
    return Caller(auth)


@pytest.fixture
def code_of():
    """Returns the first-run code that a start of this app would print."""

    async def code_of(app):
        return await app.state.accounts.new_first_run_code()

    return code_of


@pytest.fixture
async def ada(call, database):
    """A person with an account."""
    body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    answer = await call("POST", "/api/auth/register", body)
    assert answer.status == 201, answer.body
    async with database.read() as connection:
        person, _ = await people.person_by_email(connection, "ada@example.org")
    return {"id": person.id, "email": person.email, "name": person.name, "roles": list(person.roles)}


@pytest.fixture
def sign_in(call):
    """Signs in and returns the answer."""

    async def sign_in(email="ada@example.org", password=PASSWORD, **more):
        return await call("POST", "/api/auth/login", {"email": email, "password": password, **more})

    return sign_in


@pytest.fixture
def identify(call):
    """Asks who holds a credential."""

    async def identify(**credential):
        return await call("POST", "/internal/identify", credential)

    return identify
