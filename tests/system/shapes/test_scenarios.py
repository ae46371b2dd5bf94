"""What people do, from beginning to end, over real HTTP and in both shapes of the product."""

import contextlib
import http.client
import io
import json
import select
import socket
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import signed_in

MIB = 1 << 20
REPOSITORY = Path(__file__).parents[2] / "fixtures" / "repos" / "spring-cloud"


def archive() -> bytes:
    """A small repository as a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for path in sorted(REPOSITORY.rglob("*")):
            if path.is_file():
                target.write(path, path.relative_to(REPOSITORY))
    return packed.getvalue()


def drawn(person, packed: bytes) -> dict[str, Any]:
    """Upload a packed repository, wait until it is read, and keep it: the document."""
    status, _, document = person("POST", f"{read_through(person, packed)}/document", {"title": "Drawn"})
    assert status == 201, document
    return document


def read_through(person, packed: bytes, **more: str) -> str:
    """Upload a packed repository and wait until it is read: the path of its job."""
    with contextlib.closing(person.installation.door.connect(timeout_seconds=30)) as connection:
        headers = {"authorization": f"Bearer {person.token}", "content-type": "application/octet-stream"}
        headers |= more
        connection.request("POST", "/api/analysis/jobs/upload?filename=shop.zip", packed, headers)
        answer = connection.getresponse()
        assert answer.status == 202
        jobs = f"/api/analysis/jobs/{json.loads(answer.read())['id']}"
    deadline = time.monotonic() + 30
    while (found := person("GET", jobs)[2])["state"] not in {"done", "failed"}:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    assert found["state"] == "done", found
    return jobs


@pytest.mark.feature("documents.create", "documents.update", "versions.restore", "documents.trash")
def test_the_life_of_a_document(ada):
    """Made, saved, saved too late, looked back, restored, thrown away, taken back."""
    status, _, document = ada("POST", "/api/diagrams", {"title": "Shop", "code": "flowchart LR\n a-->b"})
    assert status == 201
    path = f"/api/diagrams/{document['id']}"
    assert ada("PUT", path, {"expected_version": 1, "note": "second"})[2]["version"] == 2
    status, _, refused = ada("PUT", path, {"expected_version": 1, "note": "too late"})
    assert (status, refused["current_version"]) == (409, 2)
    numbers = [version["number"] for version in ada("GET", f"{path}/versions")[2]["items"]]
    assert numbers == [2, 1]
    assert ada("GET", f"{path}/versions/1")[2]["note"] == ""
    assert ada("POST", f"{path}/versions/1/restore", {"expected_version": 2})[2]["version"] == 3
    assert ada("GET", path)[2]["note"] == ""
    assert ada("DELETE", path)[0] == 204
    assert ada("GET", path)[0] == 404
    assert ada("POST", f"{path}/restore")[0] == 200
    assert ada("GET", path)[2]["version"] == 3


def test_two_saves_at_once(ada):
    """Of ten saves on one version exactly one wins; the others learn which version is newest."""
    path = f"/api/diagrams/{ada('POST', '/api/diagrams', {'title': 'Race'})[2]['id']}"
    with ThreadPoolExecutor(10) as threads:
        saves = [
            threads.submit(ada, "PUT", path, {"expected_version": 1, "note": f"from {n}"}) for n in range(10)
        ]
    answers = [save.result() for save in saves]
    assert sorted(status for status, _, _ in answers) == [200] + [409] * 9
    assert {body["current_version"] for status, _, body in answers if status == 409} == {2}


@pytest.mark.feature("sources.code", "export.api")
def test_a_repository_becomes_a_document(ada):
    """An archive is read in the background, kept as a document, and handed out in every format."""
    document = drawn(ada, archive())
    assert document["model"]["nodes"]
    assert all(edge["evidence"] for edge in document["model"]["edges"])
    for name, begins in (("svg", b"<svg"), ("mermaid", b"flowchart"), ("json", b"")):
        status, _, content = ada("GET", f"/api/export/{document['id']}?format={name}")
        assert status == 200
        assert name == "json" or content.startswith(begins)


@pytest.mark.feature("auth.logout")
def test_signing_out_takes_effect_everywhere(ada, installation):
    """A token that is signed out is refused by every service within five seconds."""
    leaving = signed_in(installation)
    assert leaving("GET", "/api/diagrams")[0] == 200
    assert leaving("POST", "/api/auth/logout")[0] == 204
    deadline = time.monotonic() + 5
    while leaving("GET", "/api/diagrams")[0] != 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert leaving("GET", "/api/auth/me")[0] == 401
    assert ada("GET", "/api/diagrams")[0] == 200


@pytest.mark.feature("observability.correlation")
def test_one_id_goes_all_the_way(ada, installation):
    """The ID that a client chose is on the answer and in the log of every process that worked for it."""
    _, headers, _ = ada("GET", "/api/diagrams", x_correlation_id="from-the-client-1")
    assert headers["x-correlation-id"] == "from-the-client-1"
    deadline = time.monotonic() + 5  # a line is written after the last byte of the answer
    for running in (installation.door, installation.services.get("diagrams")):
        while running is not None and "from-the-client-1" not in running.log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.feature("documents.read")
def test_what_is_anothers_is_not_there(ada, bob):
    """Whoever does not own a document cannot see, change, restore, throw away or export it, nor that it exists."""
    document = ada("POST", "/api/diagrams", {"title": "Mine", "code": "flowchart LR\n a-->b"})[2]["id"]
    path = f"/api/diagrams/{document}"
    tried = (
        ("GET", path, None),
        ("PUT", path, {"expected_version": 1, "note": "mine now"}),
        ("DELETE", path, None),
        ("POST", f"{path}/restore", None),
        ("GET", f"{path}/versions", None),
        ("GET", f"{path}/versions/1", None),
        ("POST", f"{path}/versions/1/restore", {"expected_version": 1}),
        ("GET", f"/api/export/{document}?format=svg", None),
        ("GET", f"/api/export/{document}/thumbnail", None),
    )
    for method, address, body in tried:
        status, _, refused = bob(method, address, body)
        missing = bob(method, address.replace(document, document[::-1]), body)
        assert (status, refused["type"]) == (404, "urn:autograph:problem:not-found"), (method, address)
        assert {**missing[2], "instance": "", "correlation_id": ""} == {
            **refused,
            "instance": "",
            "correlation_id": "",
        }
    assert bob("GET", "/api/diagrams")[2]["total"] == 0
    assert ada("GET", path)[2]["version"] == 1


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "unannounced"])
@pytest.mark.feature("gateway.validation")
def test_a_canvas_of_200_megabytes(ada, installation, announced):
    """It is refused as too large before most of it was sent, and no process has kept what arrived."""
    processes = [running.process.pid for running in (installation.door, *installation.services.values())]
    for pid in processes:
        forget_peak(pid)
    before = [memory(pid)["VmRSS"] for pid in processes]
    for _ in range(5):  # a reset connection would take the answer with it only now and then
        status, problem, sent = send_endlessly(installation.door.port, ada.token, 200, announced=announced)
        assert (status, problem["type"]) == (413, "urn:autograph:problem:too-large")
        assert sent < 64
    grown = [memory(pid)["VmHWM"] - was for pid, was in zip(processes, before, strict=True)]
    assert max(grown) < 64, grown
    assert ada("GET", "/api/diagrams")[0] == 200


def send_endlessly(
    port: int, token: str, size_mib: int, *, announced: bool
) -> tuple[int, dict[str, Any], int]:
    """Send a canvas until there is an answer, as browsers do; return the status, the problem and the MiB sent."""
    length = f"content-length: {size_mib * MIB}" if announced else "transfer-encoding: chunked"
    head = f"POST /api/diagrams HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\n{length}\r\n\r\n"
    piece = b'{"title": "Huge", "canvas": {"elements": ["'.ljust(MIB, b"x")
    if not announced:
        piece = f"{MIB:x}\r\n".encode() + piece + b"\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode())
        while sent < size_mib and not select.select([connection], [], [], 0)[0]:
            connection.sendall(piece)
            sent += 1
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, json.loads(answer.read()), sent


def memory(pid: int) -> dict[str, int]:
    """What a process has and had at most in memory, in MiB: VmRSS and VmHWM."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) // 1024 for words in lines if words[0].startswith("Vm")}


def forget_peak(pid: int) -> None:
    """Let VmHWM begin anew (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def test_claims_of_identity_are_worth_nothing(installation):
    """Headers that say who one is open nothing."""
    claims = {"x_autograph_identity": "admin", "x_user_id": "admin", "x_forwarded_user": "admin"}
    assert installation.ask("GET", "/api/diagrams", **claims)[0] == 401


def test_the_health_of_every_service_is_known(ada, installation):
    """All are healthy, wherever they run."""
    status, _, body = ada("GET", "/health/services")
    assert status == 200
    assert body["status"] == "healthy"
    assert {"auth", "diagrams", "export", "analysis"} <= set(body["services"])
    assert installation.ask("GET", "/readyz")[0] == 200
