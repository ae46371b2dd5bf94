"""The analysis service with real worker processes, asked by signed-in people."""

import io
import zipfile

import pytest
from tests import identity
from tests.caller import Caller

from autograph.analysis.app import create_app
from autograph.analysis.settings import AnalysisSettings
from autograph.auth.keys import SigningKeys
from autograph.clients.diagrams import DiagramsClient
from autograph.clients.export import ExportClient
from autograph.clients.flags import FlagRules, Flags
from autograph.clients.transport import LocalTransport
from autograph.core.clock import SystemClock
from autograph.core.ids import new_id
from autograph.model.flags import Flag

COMPOSE = """\
services:
  orders:
    build: ./orders
    environment:
      PAYMENTS_URL: http://payments:8080
      DATABASE_URL: postgresql://db/orders
  payments:
    build: ./payments
  db:
    image: postgres:16
"""


def archive(**files):
    """A zip in memory; double underscores in names are slashes, a single one before the ending a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, content in files.items():
            opened.writestr(name.replace("__", "/").replace("_", "."), content)
    return made.getvalue()


RULES: list[Flag] = []
"""What administrators have said of features."""


async def flag_rules(_scope, _receive, send):
    """The flags service: hands out `RULES`."""
    body = FlagRules(flags=RULES).model_dump_json().encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def rules():
    """What administrators have said of features; forgotten after the test."""
    yield RULES
    RULES.clear()


async def nobody(_scope, _receive, _send):
    """A service that is not part of these tests."""
    raise AssertionError


@pytest.fixture
def keys():
    return SigningKeys.generate()


@pytest.fixture
def make_analysis(tmp_path, keys):
    """Builds the service with settings of the test's choice; the test opens and closes it."""

    def make(**settings):
        clock = SystemClock()
        return create_app(
            folder=tmp_path / "analysis",
            settings=AnalysisSettings(**settings),
            clock=clock,
            verifier=identity.verifier(keys, clock),
            diagrams=DiagramsClient(LocalTransport(nobody)),
            export=ExportClient(LocalTransport(nobody)),
            flags=Flags(LocalTransport(flag_rules), environment="development", clock=clock),
        )

    return make


@pytest.fixture
async def opened(make_analysis):
    """Opens services and closes them at the end."""
    apps = []

    async def open_(**settings):
        app = make_analysis(**settings)
        await app.state.drawings.open()
        apps.append(app)
        return app

    yield open_
    for app in apps:
        await app.state.drawings.close()


@pytest.fixture
def as_person(keys):
    """Returns a caller of an app who is signed in as somebody new."""

    def sign_in(app):
        return Caller(app, {identity.HEADER: identity.assertion(keys, SystemClock(), new_id())})

    return sign_in
