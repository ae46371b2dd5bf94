"""Every answer, whatever its status and whoever gives it, carries the same headers and is a proper problem."""

import asyncio
import importlib
import pkgutil

import pytest
from tests.api.gateway.conftest import gateway, telling
from tests.caller import Caller

import autograph
from autograph.core.problem import Problem

pytestmark = pytest.mark.feature("gateway.security-headers")

ALWAYS = {
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "x-correlation-id",
}
PROGRAMS = ("__main__", "worker", "migrations")


def problems():
    """Every published problem of every room, once a slug."""
    for module in pkgutil.walk_packages(autograph.__path__, "autograph."):
        if not any(part.endswith(PROGRAMS) for part in module.name.split(".")):
            importlib.import_module(module.name)
    found, waiting = {}, [Problem]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("autograph.") and kind.__module__ != "autograph.clients.transport":
            found[kind.slug] = kind
    return sorted(found.values(), key=lambda kind: kind.slug)


def of(kind):
    """One problem of this kind, however it is made."""
    problem = kind.__new__(kind)
    Problem.__init__(problem, "what happened")
    return problem


def is_dressed(answer, **headers):
    """All headers once, and those given with these values."""
    names = [name for name, _ in answer.fields]
    assert set(names) >= ALWAYS
    assert len({*names} - {"set-cookie"}) == len([name for name in names if name != "set-cookie"])
    for name, value in headers.items():
        assert answer.headers[name.replace("_", "-")] == value


@pytest.mark.parametrize("kind", problems(), ids=lambda kind: f"{kind.status}-{kind.slug}")
async def test_problems(kind):
    """Whatever problem is raised behind the door is answered as that problem."""

    async def raising(*_):
        raise of(kind)

    answer = await Caller(gateway(raising))(
        "POST", "/api/auth/login", {}, headers={"x-correlation-id": "12345678"}
    )
    assert (answer.status, answer.slug) == (kind.status, kind.slug)
    assert answer.json()["correlation_id"] == "12345678"
    assert answer.json()["instance"] == "/api/auth/login"
    is_dressed(answer, x_correlation_id="12345678")


@pytest.mark.parametrize("fault", [ValueError("a secret"), TimeoutError("a secret"), OSError(5, "a secret")])
async def test_faults(fault):
    """A bug is a 500 that tells nothing but the correlation ID."""

    async def raising(*_):
        raise fault

    answer = await Caller(gateway(raising))("POST", "/api/auth/login", {})
    assert (answer.status, answer.slug) == (500, "internal")
    assert b"secret" not in answer.body
    is_dressed(answer)


@pytest.mark.parametrize("status", [*range(200, 209), *range(300, 309), *range(400, 432), *range(500, 512)])
async def test_every_status(status):
    """Whatever status a service answers with, the headers are there, and its own correlation ID is not."""

    async def answering(_scope, _receive, send):
        headers = [(b"x-correlation-id", b"of-the-service"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = await Caller(gateway(answering))(
        "POST", "/api/auth/login", {}, headers={"x-correlation-id": "12345678"}
    )
    assert answer.status == status
    is_dressed(answer, x_correlation_id="12345678")
    assert [value for name, value in answer.fields if name == "set-cookie"] == ["a=1", "b=2"]


async def test_a_stricter_answer_stays_stricter():
    """What a service sets itself is not replaced or doubled."""

    async def answering(_scope, _receive, send):
        headers = [(b"content-security-policy", b"sandbox"), (b"x-frame-options", b"SAMEORIGIN")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = await Caller(gateway(answering))("POST", "/api/auth/login", {})
    is_dressed(answer, content_security_policy="sandbox", x_frame_options="SAMEORIGIN")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/health", {}, 200),
        ("GET", "/api/auth/me", {}, 401),
        ("GET", "/api/auth/me", {"authorization": "Basic x"}, 401),
        ("GET", "/api/nothing", {}, 404),
        ("GET", "/missing.js", {}, 404),
        ("POST", "/", {}, 405),
        ("POST", "/health", {}, 405),
        ("GET", "/api//auth", {}, 400),
        ("TRACE", "/", {}, 501),
        ("POST", "/api/auth/login", {"content-length": "99999999"}, 413),
        ("POST", "/api/auth/login", {"content-length": "x"}, 400),
        ("POST", "/api/auth/login", {"origin": "https://evil.example"}, 403),
        (
            "OPTIONS",
            "/api/auth/me",
            {"origin": "https://evil.example", "access-control-request-method": "GET"},
            403,
        ),
    ],
)
async def test_the_doors_own_answers(method, path, headers, status):
    """What the gateway answers itself is dressed like everything else."""
    answer = await Caller(gateway(telling))(method, path, headers=headers)
    assert answer.status == status
    is_dressed(answer)
    if status >= 400:
        assert answer.slug
        assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"]


async def test_too_late():
    """A service that takes too long is a dressed 504."""

    async def sleeping(*_):
        await asyncio.sleep(5)

    answer = await Caller(gateway(sleeping, timeout_seconds=0.05))("POST", "/api/auth/login", {})
    assert answer.status == 504
    is_dressed(answer)


@pytest.mark.feature("gateway.tls")
@pytest.mark.parametrize(("url", "told"), [("https://a.example", True), ("http://127.0.0.1:8080", False)])
async def test_https_is_kept(url, told):
    """Browsers are told to stay on https where people reach us by it, on errors too."""
    for path in ("/health", "/api/auth/me"):
        answer = await Caller(gateway(telling, session_url=url))("GET", path)
        assert ("strict-transport-security" in answer.headers) == told


@pytest.mark.feature("gateway.compression", "gateway.cors")
async def test_problems_are_readable_and_small():
    """A problem is readable by listed origins, and a large one is compressed like any answer."""

    async def raising(*_):
        raise Problem("x" * 5000)

    asked = Caller(gateway(raising, cors={"origins": ["https://wiki.example.com"]}))
    headers = {"origin": "https://wiki.example.com", "accept-encoding": "gzip"}
    answer = await asked("GET", "/api/auth/first-run", headers=headers)
    assert answer.status == 500
    is_dressed(answer, access_control_allow_origin="https://wiki.example.com", content_encoding="gzip")
    assert answer.headers["vary"] == "origin, accept-encoding"
