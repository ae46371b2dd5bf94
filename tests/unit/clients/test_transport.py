"""Asking a service is the same whether it runs here or elsewhere: answers, problems, faults and what travels along."""

import asyncio
import contextlib
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from fastapi import FastAPI, Request, Response
from tests.api.gateway.conftest import served
from tests.servers import faulty

from autograph.clients.identity import IDENTITY_HEADER
from autograph.clients.transport import HttpTransport, LaterTransport, LocalTransport
from autograph.core import calls, deadline
from autograph.core.correlation import HEADER, correlation_id
from autograph.core.deadline import Deadline
from autograph.core.problem import Conflict, Problem, Unavailable
from autograph.core.trace import begun, trace
from autograph.observability.answers import install

pytestmark = pytest.mark.feature("gateway.routing")


class Taken(Conflict):
    """A problem with members and a pause."""

    slug, title = "taken", "Somebody has it."


def service():
    """A service that tells what it was asked, and fails in every way."""
    app = FastAPI()
    install(app)

    @app.api_route("/told/{rest:path}", methods=["GET", "POST", "PUT", "DELETE"])
    async def told(rest: str, request: Request):
        return {
            "method": request.method,
            "rest": rest,
            "query": request.url.query,
            "body": (await request.body()).decode(),
            "headers": dict(request.headers),
        }

    @app.get("/taken")
    async def taken():
        raise Taken("not now", headers={"retry-after": "7"}, current_version=3, headers_seen=["a"])

    @app.get("/fault")
    async def fault():
        raise RuntimeError("secret")

    @app.get("/members")
    async def members():
        document = {
            "type": "urn:autograph:problem:odd",
            "title": "Odd",
            "headers": 1,
            "self": 2,
            "detail": "d",
        }
        return Response(json.dumps(document), 418, media_type="application/problem+json")

    @app.get("/plain/{status}")
    async def plain(status: int, body: str = "<html>"):
        return Response(body, status)

    return app


@asynccontextmanager
async def reached(shape):
    """A transport to the service, in this process or over HTTP."""
    if shape == "here":
        yield LocalTransport(service())
        return
    async with served(service()) as host, aiohttp.ClientSession(auto_decompress=False) as session:
        yield HttpTransport(f"http://{host}/", session)


@pytest.fixture(params=["here", "elsewhere"])
async def transport(request):
    async with reached(request.param) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "rest", "query"),
    [
        ("/told/a", "a", ""),
        ("/told/a?b=1&b=2&c=", "a", "b=1&b=2&c="),
        ("/told/a%20b%C3%A4", "a bä", ""),
        ("/told/a%3Fb%23c", "a?b#c", ""),
        ("/told/a?next=/x?y", "a", "next=/x?y"),
        ("/told/a:b//c", "a:b//c", ""),
    ],
)
async def test_what_is_asked(transport, path, rest, query):
    """Path and query mean the same here and elsewhere."""
    told = (await transport.request("GET", path, headers={})).json()
    assert (told["rest"], told["query"]) == (rest, query)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_bodies(transport, method):
    """JSON is serialised, content goes as it is, and nothing is nothing."""
    told = (await transport.request(method, "/told/x", headers={}, json={"a": "ä"})).json()
    assert (told["method"], told["body"]) == (method, '{"a":"ä"}')
    assert told["headers"]["content-type"] == "application/json"
    told = (
        await transport.request(method, "/told/x", headers={"Content-Type": "image/x"}, content=b"raw")
    ).json()
    assert (told["body"], told["headers"]["content-type"]) == ("raw", "image/x")
    assert (await transport.request(method, "/told/x", headers={})).json()["body"] == ""
    assert (await transport.request(method, "/told/x", headers={}, json={})).json()["body"] == "{}"


async def test_a_problem_is_raised_again(transport):
    """Status, slug, title, detail, members and the pause are those of the service."""
    with pytest.raises(Problem) as raised:
        await transport.request("GET", "/taken", headers={})
    problem = raised.value
    assert (problem.status, problem.slug, problem.title) == (409, "taken", "Somebody has it.")
    assert problem.detail == "not now"
    assert problem.extensions == {"current_version": 3, "headers_seen": ["a"]}
    assert problem.headers == {"retry-after": "7"}


async def test_members_of_any_name(transport):
    """A member may be called like a parameter of ours."""
    with pytest.raises(Problem) as raised:
        await transport.request("GET", "/members", headers={})
    assert raised.value.extensions == {"headers": 1, "self": 2}
    assert raised.value.headers == {}


async def test_a_fault_is_a_problem(transport):
    """A bug of the service is a 500 problem without its message, here as elsewhere."""
    with pytest.raises(Problem) as raised:
        await transport.request("GET", "/fault", headers={})
    assert (raised.value.status, raised.value.slug) == (500, "internal")
    assert "secret" not in str(raised.value)


async def test_an_app_that_fails_without_an_answer():
    """Nothing answered, or half: a 500 problem too."""

    async def silent(*_):
        raise RuntimeError("secret")

    async def half(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise RuntimeError("secret")

    for app in (silent, half):
        with pytest.raises(Problem) as raised:
            await LocalTransport(app).request("GET", "/", headers={})
        assert (raised.value.status, raised.value.detail) == (
            500,
            "Tell your administrator the correlation ID.",
        )


async def test_a_fault_after_the_answer():
    """What goes wrong once all is said, in a background task say, does not take the answer back."""

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})
        raise RuntimeError

    assert (await LocalTransport(app).request("GET", "/", headers={})).json() == {}


@pytest.mark.parametrize("body", ["<html>", "", "[]", "null", '"x"', "{}", '{"title":"no type"}', "{"])
async def test_an_error_that_is_no_problem(transport, body):
    """Whatever else comes with an error's status means that the service cannot be understood."""
    with pytest.raises(Unavailable):
        await transport.request("GET", f"/plain/502?body={body}", headers={})


async def test_what_travels_along(transport):
    """The correlation ID and the trace go along by themselves, the identity where it is given."""
    ours = begun()
    tokens = correlation_id.set("a-request-id"), trace.set(ours)
    try:
        told = (await transport.request("GET", "/told/x", headers={IDENTITY_HEADER: "proof"})).json()
    finally:
        correlation_id.reset(tokens[0])
        trace.reset(tokens[1])
    assert told["headers"][HEADER] == "a-request-id"
    assert told["headers"]["traceparent"] == ours.parent
    assert told["headers"][IDENTITY_HEADER] == "proof"
    assert HEADER not in (await transport.request("GET", "/told/x", headers={})).json()["headers"]


async def test_the_remaining_time_travels_over_http():
    """Whoever is asked learns how many milliseconds are left."""
    async with reached("elsewhere") as transport:
        token = deadline.current.set(Deadline(5))
        try:
            told = (await transport.request("GET", "/told/x", headers={})).json()
        finally:
            deadline.current.reset(token)
    assert 0 < int(told["headers"][deadline.HEADER]) <= 5000


@pytest.mark.parametrize("behave", [faulty.reset, faulty.reset_in_body, faulty.truncate])
async def test_no_whole_answer(behave):
    """A service that breaks off is unavailable, and may be asked again later."""
    async with faulty.faulty(behave) as away, aiohttp.ClientSession() as session:
        with pytest.raises(Unavailable) as raised:
            await HttpTransport(away.url, session).request("GET", "/", headers={})
    assert raised.value.headers == {"retry-after": "2"}


async def test_redirects_are_not_followed():
    """A service sends nobody elsewhere: what it says is what is read."""
    async with (
        faulty.faulty(faulty.status(307, location="http://127.0.0.1:9/")) as away,
        aiohttp.ClientSession() as session,
    ):
        assert (await HttpTransport(away.url, session).request("GET", "/", headers={})).status == 307
    assert len(away.received) == 1


async def test_who_stops_waiting_hangs_up():
    """Cancelling the question closes the connection, so that the service can stop."""
    async with faulty.faulty(faulty.hang) as slow, aiohttp.ClientSession() as session:
        asking = asyncio.ensure_future(HttpTransport(slow.url, session).request("GET", "/", headers={}))
        while not slow.received:
            await asyncio.sleep(0.01)
        asking.cancel()
        async with asyncio.timeout(2):
            while not slow.abandoned:
                await asyncio.sleep(0.01)


@pytest.mark.feature("observability.dependencies")
@pytest.mark.parametrize(
    ("behave", "failed"),
    [
        (faulty.good, False),
        (faulty.status(404), False),
        (faulty.status(503), True),
        (faulty.reset, True),
    ],
)
async def test_calls_are_told(behave, failed):
    """Who called whom, and whether it was the called one's fault."""
    seen = []
    stop, token = calls.observe(seen.append), calls.current_service.set("export")
    async with faulty.faulty(behave) as target, aiohttp.ClientSession() as session:
        with contextlib.suppress(Problem):
            await HttpTransport(target.url, session, service="diagrams").request("GET", "/a", headers={})
    stop()
    calls.current_service.reset(token)
    (call,) = seen
    assert (call.source, call.target, call.kind, call.operation) == ("export", "diagrams", "http", "GET")
    assert call.failed is failed


async def test_a_service_that_begins_later_is_found_when_it_is_needed():
    """Until it is there each call is the problem that says so; afterwards calls go there."""
    known = []

    def find():
        if not known:
            raise Unavailable("Name its address.")
        return known[0]

    later = LaterTransport(find)
    with pytest.raises(Unavailable, match="Name its address"):
        await later.request("GET", "/", headers={})

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})

    known.append(LocalTransport(app))
    assert (await later.request("GET", "/", headers={})).body == b"here"
