"""The diagrams service on an empty database of its own, asked by signed-in people."""

import pytest
from tests import identity
from tests.caller import Caller
from tests.clock import HandClock

from autograph.auth.keys import SigningKeys
from autograph.diagrams.app import create_app
from autograph.diagrams.settings import DiagramsSettings
from autograph.diagrams.tables import metadata
from autograph.storage.objects import open_objects
from autograph.storage.sql import open_database


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def keys():
    return SigningKeys.generate()


@pytest.fixture
async def database(database_url):
    database = open_database(database_url)
    async with database.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
def objects(tmp_path):
    return open_objects(f"file://{tmp_path}/objects")


@pytest.fixture
def make_diagrams(database, objects, clock, keys):
    """Builds the service with settings of the test's choice."""

    def make(**settings):
        return create_app(
            database=database,
            objects=objects,
            clock=clock,
            verifier=identity.verifier(keys, clock),
            settings=DiagramsSettings(**settings),
        )

    return make


@pytest.fixture
def diagrams(make_diagrams):
    return make_diagrams()


@pytest.fixture
def assertion_of(keys, clock):
    """Signs what the auth service would sign for a person."""

    def assertion_of(user_id, **changes):
        return identity.assertion(changes.get("keys", keys), clock, user_id)

    return assertion_of


@pytest.fixture
def as_person(diagrams, assertion_of):
    """A caller who is somebody."""

    def as_person(user_id, app=None):
        return Caller(app or diagrams, {"x-autograph-identity": assertion_of(user_id)})

    return as_person


@pytest.fixture
def ada(as_person):
    return as_person("ada")


@pytest.fixture
def mallory(as_person):
    return as_person("mallory")


@pytest.fixture
def create(ada):
    """Ada creates a document and gets it back."""

    async def create(title="Shop", **parts):
        answer = await ada("POST", "/api/diagrams", {"title": title, **parts})
        assert answer.status == 201, answer.body
        return answer.json()

    return create
