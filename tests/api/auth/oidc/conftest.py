"""A real provider, one that lies, and browsers at installations that know them."""

from datetime import UTC, datetime

import pytest
from tests.api.auth.oidc.ways import US, Browser
from tests.clock import HandClock
from tests.servers import oidc
from tests.servers.oidc import Liar
from tests.servers.process import Absent


@pytest.fixture
def clock():
    """Providers live in our time."""
    clock = HandClock()
    clock.time = datetime.now(UTC)
    return clock


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Issuer of a real provider."""
    try:
        server, issuer = oidc.start(tmp_path_factory.mktemp("oidc"))
    except Absent as reason:
        pytest.skip(str(reason))
    yield issuer
    server.stop()


@pytest.fixture
async def liar():
    """A provider that lies as it is told."""
    liar = Liar()
    await liar.open()
    yield liar
    await liar.close()


@pytest.fixture
def make(make_auth):
    """A browser at an installation with one provider."""

    def make(issuer, *, public_url=US, installation=None, **settings):
        company = {"issuer": issuer, "client_id": "autograph", "client_secret": "s3cret&", **settings}
        given = {"verification": "required", **(installation or {})}
        return Browser(make_auth(public_url=public_url, oidc={"company": company}, **given))

    return make


@pytest.fixture
def lied_to(make, liar):
    """A browser at an installation that makes accounts for whoever the liar names."""
    return make(liar.issuer, allow_new=True)
