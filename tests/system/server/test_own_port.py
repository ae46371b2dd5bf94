"""A service's own port in production: whoever reaches it is nobody, whatever they claim."""

import json

import pytest
from tests.servers.autograph import Running

pytestmark = pytest.mark.feature("gateway.auth")


@pytest.fixture(scope="module")
def watch(tmp_path_factory):
    """The watch alone, as in production; those whom it would ask are away."""
    folder = tmp_path_factory.mktemp("own-port")
    running = Running(
        folder,
        command=("serve", "watch"),
        ENV="production",
        SERVICES__SECRETS="of-this-installation-and-no-other",
        UPSTREAMS=json.dumps(dict.fromkeys(("auth", "diagrams"), "http://127.0.0.1:9")),
        DRAIN_DELAY_SECONDS="0",
    )
    yield running
    running.stop()


def test_nobody_is_this_machine(watch):
    """The header by which a gateway in development says that this machine asks is nobody's proof here."""
    assert watch.ask("GET", "/test/cpu", x_autograph_loopback="1")[0] == 401


def test_what_is_said_of_a_stranger(watch):
    """A problem that says nothing, one line in the log for many of them, and no need of proof for health."""
    for _ in range(20):
        status, headers, body = watch.ask("POST", "/internal/observations", {"process": {}})
        assert (status, headers["content-type"]) == (403, "application/problem+json")
        problem = json.loads(body)
        assert problem["title"] == problem["detail"] == "Only AutoGraph's own services may ask this."
    lines = [json.loads(line) for line in watch.log.read_text().splitlines()]
    assert [line["reason"] for line in lines if line["event"] == "internal.refused"] == ["it is not signed"]
    assert watch.ask("GET", "/readyz")[0] == watch.ask("GET", "/livez")[0] == 200
    assert "of-this-installation" not in watch.log.read_text()
