"""The metrics of a running process on a port of their own."""

import http.client

import pytest
from tests.servers.autograph import Running
from tests.servers.process import free_port

pytestmark = pytest.mark.feature("observability.metrics")


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def server(tmp_path_factory, port):
    """A process in production without a token."""
    running = Running(tmp_path_factory.mktemp("metrics"), ENV="production", METRICS__PORT=str(port))
    yield running
    running.stop()


def ask(port, path):
    """Status and body, from the port apart."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_the_port_apart_answers_metrics_and_nothing_else(server, port):
    """Metrics and health there; no page, no API, nothing of what the door has."""
    status, page = ask(port, "/metrics")
    assert status == 200
    assert "autograph_build_info" in page
    assert ask(port, "/livez")[0] == 200
    for path in (
        "/",
        "/api/diagrams",
        "/api/auth/.well-known/jwks.json",
        "/internal/observations",
        "/test/cpu",
    ):
        assert ask(port, path)[0] == 404, path


def test_the_door_keeps_them_closed(server):
    """In production nobody reads them there without a token, not even this machine."""
    assert server.ask("GET", "/metrics")[0] == 401
    assert server.ask("GET", "/health")[0] == 200
