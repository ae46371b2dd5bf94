"""Every operation of the OpenAPI document, asked what nobody would think of: no fault, and answers as described."""

import json
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.servers.autograph import Running
from tests.system.conftest import Installation, first_administrator, signed_in

pytestmark = pytest.mark.feature("gateway.validation")

DOCUMENT = json.loads((Path(__file__).parents[3] / "docs/reference/openapi.json").read_text())
METHODS = ("get", "put", "post", "patch", "delete")
EXAMPLES = 4

LEFT_OUT = {
    "GET /api/ops/stream": "it has no end",
    "GET /api/analysis/jobs/{job_id}/events": "it ends with its job only",
    "GET /test/error": "it fails because it is asked to",
    "GET /test/slow": "it only waits, for up to a minute",
    "GET /test/slow-query": "it only waits",
    "GET /test/cpu/stress": "it keeps the machine busy",
    "GET /test/memory/allocate": "it takes memory",
    "GET /test/memory/types": "it watches every allocation for seconds",
    "GET /test/network/large-response": "it is large",
    "POST /test/network/large-request": "it is large",
    "POST /test/disk/upload": "it fills the disk",
}
"""What is not asked at random, and why."""

AT_THE_DOOR = {400, 404, 405, 413, 415, 429, 431, 501}
"""What the gateway answers before any operation is reached, such as to a path that can be read in two ways."""

CHECKS = (
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

OPERATIONS = sorted(
    f"{method.upper()} {path}"
    for path, calls in DOCUMENT["paths"].items()
    for method in METHODS
    if method in calls and f"{method.upper()} {path}" not in LEFT_OUT
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    running = Running(
        tmp_path_factory.mktemp("schemathesis"),
        AUTH__REGISTRATION="open",
        AUTH__TRIES_PER_ACCOUNT="1000",
        AUTH__LOCK_AFTER="1000",
        AUTH__MOST_SESSIONS="100",
    )
    yield running
    running.stop()


@pytest.fixture(scope="module")
def admin(running):
    return first_administrator(Installation(running))


@pytest.fixture(scope="module")
def connection(admin):
    """One connection with a session; some operations end that one."""
    with requests.Session() as kept:
        kept.headers["authorization"] = f"Bearer {admin.token}"
        yield kept


@pytest.fixture
def asker(connection, admin, running):
    """That connection, signed in."""
    if connection.get(f"http://127.0.0.1:{running.port}/api/auth/me", timeout=30).status_code != 200:
        connection.headers["authorization"] = f"Bearer {signed_in(admin.installation).token}"
    return connection


@pytest.fixture(scope="module")
def described():
    """Every operation by its name."""
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation(running, asker, described, name, mode):
    """No 5xx, and every answer has a status, a type, headers and a shape that the document tells of."""
    operation = described[name]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        answer = case.call(base_url=f"http://127.0.0.1:{running.port}", session=asker, timeout=30)
        assert answer.status_code < 500, answer.text
        if is_the_doors(answer, operation):
            return
        case.validate_response(answer, checks=list(CHECKS))

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # it takes nothing that could be wrong


def is_the_doors(answer, operation):
    """Whether the gateway answered by itself: with a problem, in proper form."""
    told = DOCUMENT["paths"][operation.path][operation.method]["responses"]
    if str(answer.status_code) in told or answer.status_code not in AT_THE_DOOR:
        return False
    problem = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= problem.keys()
    assert problem["status"] == answer.status_code
    return True
