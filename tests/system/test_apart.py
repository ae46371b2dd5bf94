"""Every service as a process of its own: the farthest that the product can be taken apart."""

import json
import stat
import time

import pytest
from tests.servers.autograph import Running
from tests.servers.process import Absent
from tests.system.conftest import EMAIL, PASSWORD, Installation, first_administrator
from tests.system.shapes.test_scenarios import archive, drawn

from autograph.clients.internal import SIGNATURE_HEADER, Asked, Signatures
from autograph.core.clock import SystemClock
from autograph.server.settings import SERVICES

INTERNAL = (
    ("auth", "POST", "/internal/identify"),
    ("auth", "POST", "/internal/audit"),
    ("diagrams", "GET", "/internal/belongings"),
    ("diagrams", "POST", "/internal/transfer"),
    ("diagrams", "POST", "/internal/remove-all"),
    ("flags", "GET", "/internal/flags"),
    ("flags", "GET", "/internal/flags/naming-me"),
    ("flags", "POST", "/internal/flags/forget-me"),
    ("watch", "POST", "/internal/observations"),
)
"""Every internal call that there is, by the service that answers it."""


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """One process a service, on one SQLite file."""
    folder = tmp_path_factory.mktemp("apart")
    urls, services = {}, {}
    try:
        for name in SERVICES:
            services[name] = Running(folder, command=("serve", name), UPSTREAMS=json.dumps(urls))
            urls[name] = f"http://127.0.0.1:{services[name].port}"
        door = Running(folder, command=("serve", "gateway"), UPSTREAMS=json.dumps(urls))
    except Absent:
        for started in services.values():
            started.stop()
        raise
    found = Installation(door, services)
    found.ada = first_administrator(found)
    found.data = folder / "data"
    yield found
    found.stop()


@pytest.mark.feature("gateway.routing")
def test_every_service_apart(apart):
    """A repository becomes a document and a picture over seven processes, all of which are healthy and log its ID."""
    ada = apart.ada
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


@pytest.mark.feature("gateway.auth")
def test_strangers_at_a_port_of_ours(apart):
    """Whoever reaches a service's own port is nobody there, with the identity of an administrator in hand, too."""
    (secret,) = json.loads((apart.data / "service-secrets.json").read_text())["secrets"]
    stranger, ours = Signatures(("x" * 64,), SystemClock()), Signatures((secret,), SystemClock())
    credential = {"bearer": apart.ada.token}
    body = json.dumps(credential).encode()
    asked = Asked("auth", "POST", "/internal/identify")
    status, _, answer = apart.services["auth"].ask(
        "POST", "/internal/identify", credential, **{SIGNATURE_HEADER: ours.sign(asked, body)}
    )
    assert status == 200  # as the gateway asks, so that what follows is refused for nothing else
    assertion = json.loads(answer)["assertion"]
    for name, method, path in INTERNAL:
        service, sent = apart.services[name], {} if method == "POST" else None
        asked = Asked(name, method, path)
        for headers in (
            {},
            {"x-autograph-identity": assertion},
            {"x-autograph-identity": assertion, SIGNATURE_HEADER: "1.2.3.4"},
            {
                "x-autograph-identity": assertion,
                SIGNATURE_HEADER: stranger.sign(asked, b"{}" if sent is not None else b""),
            },
            {
                "x-autograph-identity": assertion,
                SIGNATURE_HEADER: ours.sign(Asked("export", method, path), b"{}"),
            },
        ):
            status, _, answer = service.ask(method, path, sent, **headers)
            assert (status, json.loads(answer)["type"]) == (403, "urn:autograph:problem:stranger"), (
                path,
                headers,
            )
        answered = ours.sign(asked, b"{}" if sent is not None else b"")
        status, _, _ = service.ask(method, path, sent, **{SIGNATURE_HEADER: answered})
        assert status in {200, 401, 422}, path  # that it was the signature that was missing
    for service in apart.services.values():
        assert service.ask("GET", "/livez")[0] == service.ask("GET", "/metrics")[0] == 200
    _, _, page = apart.services["watch"].ask("GET", "/metrics")
    assert b'autograph_internal_refused_total{service="watch"} 5.0' in page


@pytest.mark.feature("gateway.auth")
def test_no_internal_address_is_missing_here(apart):
    """The list above is every internal route of every room, so that a new one is attacked, too."""
    from autograph.auth.routes import audit, sign_in
    from autograph.diagrams import internal as diagrams
    from autograph.flags import routes as flags
    from autograph.watch import routes as watch

    rooms = {
        "auth": [sign_in.internal, audit.internal],
        "diagrams": [diagrams.router],
        "flags": [flags.router],
        "watch": [watch.router],
    }
    found = {
        (name, method, route.path)
        for name, routers in rooms.items()
        for router in routers
        for route in router.routes
        for method in route.methods
        if route.path.startswith("/internal") and "{" not in route.path
    }
    assert found == set(INTERNAL)


@pytest.mark.feature("gateway.auth")
def test_what_was_overheard_is_worth_nothing(apart):
    """A call to a service is answered once; sent again as it was, it is a stranger's."""
    (secret,) = json.loads((apart.data / "service-secrets.json").read_text())["secrets"]
    asked, credential = Asked("auth", "POST", "/internal/identify"), {"bearer": apart.ada.token}
    signature = Signatures((secret,), SystemClock()).sign(asked, json.dumps(credential).encode())
    answers = [
        apart.services["auth"].ask("POST", asked.target, credential, **{SIGNATURE_HEADER: signature})[0]
        for _ in range(3)
    ]
    assert answers == [200, 403, 403]


@pytest.mark.feature("gateway.auth")
def test_a_signature_means_nothing_at_the_door(apart):
    """The gateway hands on no signature of a client, and no internal address, whoever signs."""
    (secret,) = json.loads((apart.data / "service-secrets.json").read_text())["secrets"]
    for name, method, path in INTERNAL:
        signature = Signatures((secret,), SystemClock()).sign(Asked(name, method, path), b"{}")
        assert apart.ada(method, path, {}, **{SIGNATURE_HEADER: signature})[0] == 404, path
    body = {"email": EMAIL, "password": PASSWORD}
    assert apart.ask("POST", "/api/auth/login", body, **{SIGNATURE_HEADER: "x"})[0] == 200


@pytest.mark.feature("platform.settings")
def test_seven_processes_made_one_secret(apart):
    """In development nothing is set: the first process makes the secret, for its owner's eyes only, and all share it."""
    path = apart.data / "service-secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (secret,) = json.loads(path.read_text())["secrets"]
    assert len(secret) == 64
    assert not list(apart.data.glob(".service-secrets*"))
    for running in (apart.door, *apart.services.values()):
        assert secret not in running.log.read_text()


def test_a_service_that_is_down_takes_nothing_with_it(apart):
    """Without the library the rest goes on, and what needs it is a clear problem, quickly."""
    ada = apart.ada
    apart.services["diagrams"].stop()
    started = time.monotonic()
    status, headers, problem = ada("GET", "/api/diagrams")
    assert (status, problem["title"] != "") == (503, True)
    assert "retry-after" in headers
    assert time.monotonic() - started < 12
    assert ada("GET", "/api/auth/me")[0] == 200
    assert ada("POST", "/api/export/render", {"code": "flowchart LR\n a-->b"})[0] == 200
    assert ada("GET", "/health/services")[2]["status"] == "degraded"
