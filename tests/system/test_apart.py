"""Every service as a process of its own: the farthest that the product can be taken apart."""

import json
import time

import pytest
from tests.servers.autograph import Running, compiled
from tests.servers.process import Absent
from tests.system.conftest import Installation, first_administrator
from tests.system.test_scenarios import archive, drawn

from autograph.server.settings import SERVICES


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """One process a service, on one SQLite file."""
    folder = tmp_path_factory.mktemp("apart")
    inherited = compiled(folder / "compiled")
    urls, services = {}, {}
    try:
        for name in SERVICES:
            services[name] = Running(
                folder, command=("serve", name), inherited=inherited, UPSTREAMS=json.dumps(urls)
            )
            urls[name] = f"http://127.0.0.1:{services[name].port}"
        door = Running(folder, command=("serve", "gateway"), inherited=inherited, UPSTREAMS=json.dumps(urls))
    except Absent:
        for started in services.values():
            started.stop()
        raise
    found = Installation(door, services)
    yield found
    found.stop()


@pytest.mark.feature("gateway.routing")
def test_every_service_apart(apart):
    """A repository becomes a document and a picture over seven processes, all of which are healthy and log its ID."""
    ada = first_administrator(apart)
    _, _, health = ada("GET", "/health/services")
    assert health["status"] == "healthy"
    assert health["services"].keys() >= {*SERVICES}
    document = drawn(ada, archive())
    status, _, picture = ada(
        "GET", f"/api/export/{document['id']}?format=svg", x_correlation_id="all-the-way-1"
    )
    assert (status, picture[:4]) == (200, b"<svg")
    deadline = time.monotonic() + 5  # a line is written after the last byte of the answer
    for name in ("export", "diagrams"):
        while "all-the-way-1" not in apart.services[name].log.read_text():
            assert time.monotonic() < deadline, name
            time.sleep(0.05)
    assert ada("GET", "/api/ops/overview")[0] == 200
