"""Bad input over real HTTP, through the door of a whole process: whatever is sent, a problem says what is wrong.

What each service makes of bad input is tested in tests/api; here is what only a running program shows.
"""

import base64
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from tests.faults.test_kill import PERSON, started
from tests.servers.autograph import Running

from autograph.auth.keys import SigningKeys
from autograph.clients.tokens import ACCESS_TYPE, write_token
from autograph.core.ids import new_id

OPENAPI = json.loads((Path(__file__).parents[2] / "docs/reference/openapi.json").read_text())
ENDLESS = "sequenceDiagram\n" + "".join(f" a->>b: m{n}\n" for n in range(12_000))
"""Takes about five seconds to draw."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the program keeps what it has."""
    return tmp_path_factory.mktemp("bad-input")


@pytest.fixture(scope="module")
def ada(folder):
    """Asks a running AutoGraph as its administrator; `ada.running` is the process, `ada.token` the proof."""
    running, token = started(folder, EXPORT__MERMAID_SECONDS="1")

    def ask(method, path, body=None, *, content=b"", **headers):
        if body is not None:
            content = json.dumps(body).encode()
        sent = {"content-type": "application/json", "authorization": f"Bearer {token}", **headers}
        with closing(running.connect()) as connection:
            connection.request(method, path, content, {name: value for name, value in sent.items() if value})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")

    ask.running, ask.token = running, token
    yield ask
    running.stop()


@pytest.mark.feature("security.untrusted-input")
def test_mermaid_that_does_not_end(ada):
    """Its process is killed after its time, everybody else is answered at once meanwhile, the next drawing is made."""
    ada("POST", "/api/export/render", {"code": "flowchart LR\n a-->b"})  # the drawing process is warm
    owner = psutil.Process(ada.running.process.pid)
    drawing = owner.children(recursive=True)
    assert drawing
    waits = []
    began = time.monotonic()
    with ThreadPoolExecutor(1) as threads:
        endless = threads.submit(ada, "POST", "/api/export/render", {"code": ENDLESS})
        while not endless.done():
            asked = time.monotonic()
            assert ada("GET", "/api/diagrams")[0] == 200
            waits.append(time.monotonic() - asked)
            time.sleep(0.02)
    status, problem = endless.result()
    assert (status, problem["type"]) == (422, "urn:autograph:problem:render-timeout")
    assert 0.9 < time.monotonic() - began < 4
    assert len(waits) > 10
    assert sorted(waits)[len(waits) * 9 // 10] < 0.25
    assert psutil.wait_procs(drawing, timeout=2)[1] == []
    status, drawn = ada("POST", "/api/export/render", {"code": "flowchart LR\n a-->c"})
    assert (status, drawn["svg"][:4]) == (200, "<svg")


def taking_json():
    """Every operation that takes a JSON body."""
    for path, methods in OPENAPI["paths"].items():
        for method, operation in methods.items():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                yield f"{method.upper()} {path}"


UNREADABLE = {
    "nothing": b"",
    "half": b'{"title": "a',
    "another kind": b"[]",
    "text": b'"title"',
    "null": b"null",
    "no UTF-8": b'{"title": "a\xff\xfe"}',
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "half a pair": b'{"title": "\\ud800", "email": "\\ud800", "name": "\\udfff"}',
    "no number": b'{"title": NaN}',
    "too deep": b'{"title":' + b"[" * 100_000,
    "endless number": b'{"expected_version": ' + b"9" * 10_000 + b"}",
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("operation", sorted(taking_json()))
@pytest.mark.feature("gateway.validation")
def test_what_is_no_proper_json(ada, operation):
    """Every operation that takes JSON answers anything else with a problem of the client's, and none with a fault."""
    method, path = operation.split(" ")
    path = re.sub(r"\{\w+\}", "1", path)
    for name, content in UNREADABLE.items():
        status, problem = ada(method, path, content=content)
        assert 400 <= status < 500, (name, problem)
        assert problem["status"] == status
        assert problem["type"].startswith("urn:autograph:problem:")
    assert ada("GET", "/livez")[0] == 200


def access_token(keys: SigningKeys, ada, **changes):
    """An access token like Ada's own, with other claims or by other keys."""
    payload = ada.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return write_token({**claims, "jti": new_id(), **changes}, keys.signing, kind=ACCESS_TYPE)


@pytest.mark.feature("gateway.auth", "auth.access-token")
def test_expired_and_foreign_tokens(ada, folder):
    """A token that has ended, of another installation, of another session or without a signature opens nothing."""
    ours, now = SigningKeys.load(folder / "data" / "signing-keys.json"), int(time.time())
    assert ada("GET", "/api/auth/me", authorization=f"Bearer {access_token(ours, ada)}")[0] == 200
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    bad = {
        "ended": access_token(ours, ada, iat=now - 7200, exp=now - 1),
        "foreign": access_token(SigningKeys.generate(), ada),
        "of no session": access_token(ours, ada, sid=new_id()),
        "of nobody": access_token(ours, ada, sub=new_id()),
        "for elsewhere": access_token(ours, ada, aud="elsewhere"),
        "unsigned": f"{unsigned}.{ada.token.split('.')[1]}.",
        "cut": ada.token[:-1],
    }
    for name, token in bad.items():
        for path in ("/api/auth/me", "/api/diagrams", "/api/analysis/roots", "/api/ops/overview"):
            status, problem = ada("GET", path, authorization=f"Bearer {token}")
            assert status == 401, (name, path, problem)
            assert problem["type"] == "urn:autograph:problem:unauthenticated"
        status, _ = ada("GET", "/api/auth/me", authorization="", cookie=f"autograph={token}")
        assert status == 401, name


@pytest.mark.feature("platform.one-command")
def test_the_second_link_opens_nothing(request, tmp_path):
    """Each start prints a new link until there is an administrator: then the used one, older ones and none open."""

    def start():
        running = Running(tmp_path)
        request.addfinalizer(running.stop)
        deadline = time.monotonic() + 1
        while not (found := re.findall(r"/first-run#([A-Z0-9-]+)", running.log.read_text())):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        return running, found

    def take(running, code):
        status, _, body = running.ask("POST", "/api/auth/first-run", {"code": code, **PERSON})
        return status, json.loads(body).get("type", "").rpartition(":")[2]

    running, [first] = start()
    running.stop()
    running, [second] = start()
    assert first != second
    assert take(running, first) == (403, "first-run-code")
    assert take(running, second)[0] == 201
    for code in (first, second):
        assert take(running, code) == (409, "first-run-done")
    running.stop()
    running, none = start()
    assert none == []
    assert take(running, second) == (409, "first-run-done")
    assert json.loads(running.ask("GET", "/api/auth/first-run")[2])["needed"] is False
    running.stop()
