"""Bodies beyond their route's limit: refused by what they declare, else by what arrives, with every method."""

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from tests.caller import Caller

from autograph.core.problem import Malformed, TooLarge
from autograph.gateway.layers.body_limit import BodyLimit
from autograph.gateway.routes import SMALL_BODY_BYTES
from autograph.observability.answers import install

pytestmark = pytest.mark.feature("gateway.validation")

CHUNKED = {"transfer-encoding": "chunked"}


class Reading:
    """A service that reads everything, counts it, and answers when it likes."""

    def __init__(self, *, answers_first=False):
        self.answers_first, self.size_bytes, self.called = answers_first, 0, False

    async def __call__(self, _scope, receive, send):
        self.called = True
        if self.answers_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        more = True
        while more:
            message = await receive()
            self.size_bytes += len(message.get("body", b""))
            more = message.get("more_body", False)
        if not self.answers_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def pieces(size_bytes, *, piece_bytes=64 * 1024):
    """A body of unannounced length."""
    for start in range(0, size_bytes, piece_bytes):
        yield b"x" * min(piece_bytes, size_bytes - start)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET", "HEAD"])
async def test_declared(method):
    """One byte too many is refused before anything is read, whatever the method."""
    service = Reading()
    ask = Caller(BodyLimit(service))
    assert (await ask(method, "/api/auth/login", content=b"x" * SMALL_BODY_BYTES)).status == 200
    service.called = False
    with pytest.raises(TooLarge) as refused:
        await ask(method, "/api/auth/login", content=b"x" * (SMALL_BODY_BYTES + 1))
    assert not service.called
    assert refused.value.extensions == {"limit_bytes": SMALL_BODY_BYTES}


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_counted(method):
    """A body that says no length is stopped where it passes the limit; little more was taken in."""
    service = Reading()
    ask = Caller(BodyLimit(service), CHUNKED)
    assert (await ask(method, "/api/auth/login", pieces=pieces(SMALL_BODY_BYTES))).status == 200
    assert service.size_bytes == SMALL_BODY_BYTES
    service.size_bytes = 0
    with pytest.raises(TooLarge):
        await ask(method, "/api/auth/login", pieces=pieces(SMALL_BODY_BYTES * 20))
    assert service.size_bytes <= SMALL_BODY_BYTES


@pytest.mark.parametrize(
    "declared", ["", "-1", "+5", "1e3", "0x10", "1_0", " 5", "5, 5", "\u00b2", "9" * 5000]
)
async def test_no_number(declared):
    """Whatever is no number of bytes is a 400, however long."""
    with pytest.raises(Malformed):
        await Caller(BodyLimit(Reading()))("POST", "/api/auth/login", headers={"content-length": declared})


@pytest.mark.parametrize(
    ("path", "limit_bytes"),
    [
        ("/api/diagrams", 32 << 20),
        ("/api/diagrams/1/picture", 32 << 20),
        ("/api/analysis/jobs/upload", 256 << 20),
        ("/api/analysis/jobs/uploads", 1 << 20),
        ("/api/analysis/jobs", 1 << 20),
        ("/anything", 1 << 20),
    ],
)
async def test_limit_of_the_route(path, limit_bytes):
    """Each route has its own limit; what only looks like the upload path has the small one."""
    ask = Caller(BodyLimit(Reading()))
    assert (await ask("POST", path, headers={"content-length": str(limit_bytes)})).status == 200
    with pytest.raises(TooLarge):
        await ask("POST", path, headers={"content-length": str(limit_bytes + 1)})


async def test_a_service_that_swallows_the_refusal():
    """A framework that makes a 400 of whatever happens while it reads does not hide that the body was too large."""
    app = FastAPI()
    install(app)

    class Form(BaseModel):
        email: str

    @app.post("/api/auth/login")
    async def login(form: Form) -> Form:
        return form

    headers = {**CHUNKED, "content-type": "application/json"}
    with pytest.raises(TooLarge):
        await Caller(BodyLimit(app), headers)("POST", "/api/auth/login", pieces=pieces(2 * SMALL_BODY_BYTES))


async def test_an_answer_that_has_begun():
    """It cannot be taken back: the refusal breaks it off and no second answer begins."""
    begun = []

    async def send(message):
        begun.append(message["type"])

    source = pieces(2 * SMALL_BODY_BYTES)

    async def receive():
        return {"type": "http.request", "body": await anext(source, b""), "more_body": True}

    scope = {"type": "http", "method": "POST", "path": "/api/auth/login", "headers": []}
    with pytest.raises(TooLarge):
        await BodyLimit(Reading(answers_first=True))(scope, receive, send)
    assert begun == ["http.response.start", "http.response.body"]


async def test_a_fault_stays_a_fault():
    """What a service raises by itself is not called too large."""

    async def broken(_scope, receive, _send):
        await receive()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await Caller(BodyLimit(broken), CHUNKED)("POST", "/api/auth/login", pieces=pieces(10))
