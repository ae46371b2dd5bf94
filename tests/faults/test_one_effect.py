"""One Idempotency-Key over two gateways, one of them killed in the middle: one effect, and no stuck key."""

import http.client
import json
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.servers import postgres
from tests.servers.autograph import Running

LEASE_SECONDS = 2
PERSON = {"email": "ada@example.com", "name": "Ada", "password": "correct horse battery staple"}


@pytest.fixture
def gateways(tmp_path, postgres_server):
    """Two whole AutoGraphs on one PostgreSQL and one data folder, as replicas are."""
    shared = {
        "DATABASE_URL": postgres.fresh_database(postgres_server, f"effect_{int(time.time())}"),
        "GATEWAY__IDEMPOTENCY__LEASE_SECONDS": str(LEASE_SECONDS),
    }
    running = [Running(tmp_path, **shared) for _ in range(2)]
    yield running
    for one in running:
        one.stop()


def signed_in(gateways) -> str:
    """Make the administrator, by whichever link works, and sign in."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for one in gateways:
            for code in re.findall(r"first-run#([A-Z0-9-]+)", one.log.read_text()):
                one.ask("POST", "/api/auth/first-run", {"code": code, **PERSON})
        body = {"email": PERSON["email"], "password": PERSON["password"]}
        status, _, answer = gateways[0].ask("POST", "/api/auth/login", body)
        if status == 200:
            return json.loads(answer)["access_token"]
        time.sleep(0.1)
    raise AssertionError("nobody could sign in")


@pytest.mark.feature("gateway.idempotency")
def test_fifty_calls_over_two_gateways_and_a_kill_make_one_document(gateways):
    """Fifty parallel calls with one key, a SIGKILL among them: one document, and the key is free again by its lease."""
    token = signed_in(gateways)
    headers = {"authorization": f"Bearer {token}", "idempotency_key": "one-order"}
    body = {"title": "Once", "note": "x" * 20_000}

    def call(n: int) -> tuple[int, bytes]:
        try:
            status, _, content = gateways[n % 2].ask("POST", "/api/diagrams", body, **headers)
        except (OSError, http.client.HTTPException):
            return 0, b""  # it was killed
        return status, content

    with ThreadPoolExecutor(50) as threads:
        calls = [threads.submit(call, n) for n in range(50)]
        time.sleep(0.03)
        gateways[1].signal(signal.SIGKILL)
        answers = [one.result() for one in calls]
    assert {status for status, _ in answers} <= {0, 201, 409, 502, 503}
    deadline = time.monotonic() + LEASE_SECONDS + 3
    while (last := call(0))[0] != 201:
        assert time.monotonic() < deadline, last
        time.sleep(0.2)
    made = {json.loads(content)["id"] for status, content in [*answers, last] if status == 201}
    assert len(made) == 1
    found = json.loads(gateways[0].ask("GET", "/api/diagrams", authorization=f"Bearer {token}")[2])
    assert found["total"] == 1
