"""The typed callers, against the real services in this process."""

import pytest
from tests.caller import Caller
from tests.clock import HandClock

from autograph.auth.app import close
from autograph.auth.app import create_app as create_auth
from autograph.auth.keys import SigningKeys
from autograph.auth.parts import Parts
from autograph.auth.settings import AuthSettings
from autograph.auth.tables import metadata as auth_tables
from autograph.auth.vault import Vault
from autograph.clients.auth import AuthClient, cookie_name, uses_secure_cookie
from autograph.clients.diagrams import DiagramsClient
from autograph.clients.identity import IdentityVerifier
from autograph.clients.transport import LocalTransport
from autograph.core.problem import Problem
from autograph.diagrams.app import create_app as create_diagrams
from autograph.diagrams.settings import DiagramsSettings
from autograph.diagrams.tables import metadata as diagrams_tables
from autograph.storage.objects import open_objects
from autograph.storage.sql import open_database

PASSWORD = "correct horse battery"


@pytest.fixture
async def database(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/house.db")
    async with database.begin() as connection:
        await connection.run_sync(auth_tables.create_all)
        await connection.run_sync(diagrams_tables.create_all)
    yield database
    await database.close()


@pytest.fixture
async def auth(database):
    parts = Parts.made(
        database=database,
        clock=HandClock(),
        settings=AuthSettings(argon2_memory_kib=8192, argon2_passes=1),
        keys=SigningKeys.generate(),
        vault=Vault.generate(),
        public_url="http://localhost:8080",
    )
    app = create_auth(parts)
    await app.state.accounts.create_administrator("ada@example.org", "Ada", PASSWORD)
    yield app
    await close(app)


@pytest.fixture
def diagrams(database, auth, tmp_path):
    return create_diagrams(
        database=database,
        objects=open_objects(f"file://{tmp_path}/objects"),
        clock=HandClock(),
        verifier=IdentityVerifier(AuthClient(LocalTransport(auth)).jwks, clock=HandClock()),
        settings=DiagramsSettings(),
    )


@pytest.fixture
async def identity(auth):
    body = {"email": "ada@example.org", "password": PASSWORD}
    token = (await Caller(auth)("POST", "/api/auth/login", body)).json()["access_token"]
    return await AuthClient(LocalTransport(auth)).identify(bearer=token)


async def test_auth_says_who_holds_a_credential(auth, identity):
    """Bearer and cookie lead to the same person."""
    body = {"email": "ada@example.org", "password": PASSWORD, "cookie": True}
    answer = await Caller(auth)("POST", "/api/auth/login", body)
    cookie = answer.headers["set-cookie"].split(";")[0].partition("=")[2]

    by_cookie = await AuthClient(LocalTransport(auth)).identify(cookie=cookie)

    assert by_cookie.principal.user_id == identity.principal.user_id
    assert by_cookie.expires_in == 60


@pytest.mark.parametrize("credential", [{"cookie": "x"}, {"bearer": "x"}, {"cookie": ""}])
async def test_a_problem_of_auth_is_raised_here(auth, credential):
    """A refused credential is the same 401 on this side."""
    with pytest.raises(Problem) as raised:
        await AuthClient(LocalTransport(auth)).identify(**credential)
    assert (raised.value.status, raised.value.slug) == (401, "unauthenticated")


async def test_a_document_made_by_a_caller_is_the_persons_own(diagrams, identity):
    """Create, read and head carry the identity along and agree, the keys being fetched from auth."""
    client = DiagramsClient(LocalTransport(diagrams))
    made = await client.create("Größe", identity=identity.assertion, code="graph TD; a", note="🙂")

    read = await client.read(made.id, identity=identity.assertion)
    head = await client.head(made.id, identity=identity.assertion)

    assert read == made
    assert (made.owner_id, made.version, made.note) == (identity.principal.user_id, 1, "🙂")
    assert head.model_dump() == made.model_dump(exclude={"canvas", "code", "note", "model"})


@pytest.mark.parametrize("document_id", ["nothing", "../../internal/identify", "x?y#z", "ü"])
async def test_strange_ids_stay_inside_their_address(diagrams, identity, document_id):
    """An id is one step of a path, whatever it holds: 404, never another address."""
    client = DiagramsClient(LocalTransport(diagrams))
    for question in (client.read, client.head, client.picture):
        with pytest.raises(Problem) as raised:
            await question(document_id, identity=identity.assertion)
        assert raised.value.status == 404


async def test_a_field_that_is_wrong_is_named_on_this_side_too(diagrams, identity):
    """The members of a problem come along."""
    with pytest.raises(Problem) as raised:
        await DiagramsClient(LocalTransport(diagrams)).create("", identity=identity.assertion)
    assert (raised.value.status, raised.value.extensions["errors"][0]["field"]) == (422, "title")


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("http://localhost:8080", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:8080/", False),
        ("https://localhost", True),
        ("https://diagrams.example.org", True),
        ("http://diagrams.example.org", True),
        ("http://localhost.evil.example", True),
        ("http://127.0.0.1@evil.example", True),
    ],
)
def test_only_plain_http_on_this_machine_goes_without_secure(url, secure):
    """Name and flag of the cookie go together, and look-alikes of this machine are not this machine."""
    assert uses_secure_cookie(url) is secure
    assert cookie_name(url) == ("__Host-autograph" if secure else "autograph")
