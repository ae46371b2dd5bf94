"""One installation of each shape for all files here, and in each file people of its own; nothing here breaks them."""

import secrets
from collections.abc import Iterator

import pytest
from tests.system.conftest import PASSWORD, Installation, Person, administrator, signed_in, started


@pytest.fixture(scope="package")
def embedded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """AutoGraph as one process, used before."""
    yield from started("embedded", request, tmp_path_factory)


@pytest.fixture(scope="package")
def split(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """AutoGraph with services apart, used before."""
    yield from started("split", request, tmp_path_factory)


@pytest.fixture(scope="module", params=["embedded", "split"])
def installation(request: pytest.FixtureRequest) -> Installation:
    """AutoGraph in one of its two shapes, used before."""
    found: Installation = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def ada(installation: Installation) -> Person:
    """The first administrator, whose documents and sessions of other files may be there."""
    return administrator(installation)


@pytest.fixture(scope="module")
def bob(installation: Installation, ada: Person) -> Person:
    """Another person, whom only this file knows."""
    email = f"bob-{secrets.token_hex(4)}@example.com"
    person = {"email": email, "name": "Bob", "password": PASSWORD}
    assert installation.ask("POST", "/api/auth/register", person)[0] == 201
    return signed_in(installation, email)
