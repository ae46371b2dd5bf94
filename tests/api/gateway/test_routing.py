"""Requests and WebSockets through the gateway, to services here and elsewhere: what arrives is what was sent."""

import asyncio
import contextlib
import io

import aiohttp
import pytest
from tests.api.gateway.conftest import gateway, served
from yarl import URL

from autograph.gateway.forward import forward
from autograph.server.stop import EventStreams

pytestmark = pytest.mark.feature("gateway.routing")

PATH = "/api/diagrams/1"


async def seen(client, path, **more):
    async with client.request(more.pop("method", "GET"), URL(path, encoded=True), **more) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


@pytest.mark.parametrize(
    "query", ["tag=a&tag=b&tag=a", "q=a%20b+c%26", "empty=&bare&=x", "a=1;b=2", "%C3%A4=%e4"]
)
async def test_query(client, query):
    """The query arrives byte by byte: repeated, empty and oddly encoded parameters too."""
    assert (await seen(client, f"{PATH}?{query}"))["query"] == query


@pytest.mark.parametrize(
    "path", [PATH, "/api/diagrams/a%20b", "/api/diagrams/%C3%A4", "/api/diagrams/a;b=c,d"]
)
async def test_path(client, path):
    """The path arrives as it was written."""
    assert (await seen(client, path))["path"] == path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_method_and_body(client, method):
    """Every method arrives with its body."""
    found = await seen(client, PATH, method=method, data=b"\x00\xffbody")
    assert (found["method"], found["body"]) == (method, "\x00\xffbody")


async def test_head(client):
    """HEAD gets the headers of GET and nothing else; the connection serves on."""
    async with client.get(PATH) as got, client.head(PATH) as asked:
        assert asked.status == got.status == 200
        assert await asked.read() == b""
        assert asked.headers["x-asked-by"] == "GET"
        assert asked.headers["content-type"] == got.headers["content-type"]
    async with client.head("/api/diagrams/echo", data=b"x") as asked:
        assert await asked.read() == b""
    assert (await seen(client, PATH))["method"] == "GET"


async def test_repeated_headers(client):
    """Repeated headers stay apart in both directions."""
    headers = [("accept-language", "de"), ("accept-language", "en")]
    async with client.get(PATH, headers=headers) as answer:
        found = await answer.json()
        assert answer.headers.getall("set-cookie") == ["a=1", "b=2"]
    assert [v for n, v in found["headers"] if n == "accept-language"] == ["de", "en"]


async def test_what_clients_claim_is_stripped(client):
    """Nobody names himself: such headers end at the door, whatever their case; the assertion goes on, no credential."""
    claims = [
        "X-AutoGraph-Identity",
        "X-User-ID",
        "x-user-roles",
        "X-Internal-Call",
        "X-Forwarded-User",
        "Remote-User",
    ]
    found = await seen(client, PATH, headers=dict.fromkeys(claims, "admin"))
    names = [n for n, v in found["headers"]]
    assert "admin" not in [v for n, v in found["headers"]]
    assert [v for n, v in found["headers"] if n == "x-autograph-identity"] == ["signed"]
    assert not {"authorization", "cookie"} & set(names)


async def test_trailers_never_pass_for_headers(door):
    """Fields after a chunked body are dropped: ASGI servers of HTTP/1.1 carry none, and none may pose as a header."""
    host, port = door.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /api/auth/login HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        b"4\r\nbody\r\n0\r\nx-late: 1\r\nauthorization: Bearer good\r\nx-autograph-identity: me\r\n\r\n"
    )
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"body" in answer
    assert b"x-late" not in answer
    assert b"x-autograph-identity" not in answer


async def test_streams_both_ways(client):
    """Each piece comes back before the next is sent: nothing on the way waits for an end."""
    sent, received = asyncio.Queue(), []

    async def pieces():
        while (piece := await sent.get()) is not None:
            yield piece

    await sent.put(b"first")
    async with client.post("/api/diagrams/echo", data=pieces()) as answer:
        for piece in (b"first", b"second", b"third"):
            received.append(await asyncio.wait_for(answer.content.readany(), 5))
            assert received[-1] == piece
            await sent.put({b"first": b"second", b"second": b"third", b"third": None}[piece])
        assert await asyncio.wait_for(answer.content.read(), 5) == b""


async def test_large_bodies_pass(client):
    """Some megabytes go there and back whole."""
    body = bytes(range(256)) * 4096 * 4
    async with client.post("/api/diagrams/echo", data=io.BytesIO(body)) as answer:
        assert await answer.read() == body


@pytest.mark.parametrize(
    "path",
    [
        "/api/../internal/identify",
        "/api//auth/me",
        "/api/auth/./me",
        "/api/auth/%2e%2e/me",
        "/api%2fauth/me",
        "/api/auth\\me",
        "/api/auth/%00",
        "//api/auth/me",
        "/api/auth/..%2fme",
        "/api/auth/%5c",
    ],
)
async def test_ambiguous_paths(door, path):
    """A path that can be read in two ways is a 400 problem before anything looks at it."""
    reader, writer = await asyncio.open_connection(*door.split(":"))
    writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer


async def test_socket(client):
    """A WebSocket carries text, bytes, its subprotocol, query and identity; closing codes arrive."""
    headers = {"x-correlation-id": "from-outside"}
    async with client.ws_connect(
        "/api/diagrams/live?a=1&a=2", protocols=["v1", "v2"], headers=headers
    ) as opened:
        assert opened.protocol == "v1"
        assert await opened.receive_json() == {"identity": "signed", "id": "from-outside", "query": "a=1&a=2"}
        await opened.send_str("text")
        assert (await opened.receive()).data == "text"
        await opened.send_bytes(b"\x00bytes")
        assert (await opened.receive()).data == b"\x00bytes"
        await opened.send_str("close")
        assert (await opened.receive()).type is aiohttp.WSMsgType.CLOSE
        assert opened.close_code == 4001


COOKIE = {"cookie": "autograph=good"}


@pytest.mark.feature("gateway.auth")
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/diagrams/live", {}, 401),
        ("/api/diagrams/live", {"authorization": "Bearer bad"}, 401),
        ("/api/diagrams/live", {"x-autograph-identity": "signed"}, 401),
        ("/api/diagrams/live", {"cookie": "autograph=bad", "origin": "http://127.0.0.1:8080"}, 401),
        ("/api/diagrams/live", {**COOKIE, "origin": "https://evil.example"}, 403),
        ("/api/diagrams/live", {**COOKIE, "origin": "null"}, 403),
        ("/api/diagrams/live", COOKIE, 403),
        ("/api/nothing", {"authorization": "Bearer good"}, 404),
        ("/live", {"authorization": "Bearer good"}, 404),
        ("/internal/identify", {"authorization": "Bearer good"}, 404),
        ("/api/diagrams/../live", {"authorization": "Bearer good"}, 400),
    ],
)
async def test_refused_sockets(door, path, headers, status):
    """Handshakes are refused like requests: no proof, foreign pages (or none with a cookie), no such path."""
    reader, writer = await asyncio.open_connection(*door.split(":"))
    sent = {
        "upgrade": "websocket",
        "connection": "upgrade",
        "host": "x",
        "sec-websocket-version": "13",
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    writer.write(f"GET {path} HTTP/1.1\r\n{lines}{key}\r\n".encode())
    answer = (await asyncio.wait_for(reader.read(), 5)).lower()
    writer.close()
    assert answer.startswith(f"http/1.1 {status} ".encode())
    assert b"content-type: application/problem+json" in answer
    assert b"x-correlation-id: " in answer
    assert b"content-security-policy: " in answer


async def test_socket_of_our_own_page(door):
    """Our own page opens a WebSocket with its cookie."""
    headers = {**COOKIE, "origin": "http://127.0.0.1:8080"}
    async with (
        aiohttp.ClientSession(f"http://{door}", cookie_jar=aiohttp.DummyCookieJar()) as client,
        client.ws_connect("/api/diagrams/live", headers=headers) as opened,
    ):
        assert (await opened.receive_json())["identity"] == "signed"


@pytest.mark.feature("platform.graceful")
@pytest.mark.parametrize("shape", ["here", "elsewhere"])
async def test_event_streams_end_whole_when_we_stop(shape):
    """Through all layers, to a service here or elsewhere: a stop ends an event stream properly, at once."""
    left = asyncio.Event()

    async def events(_scope, _receive, send):
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        try:
            await asyncio.sleep(60)
        finally:
            left.set()

    async with contextlib.AsyncExitStack() as stack:
        upstream = events
        if shape == "elsewhere":
            behind = EventStreams(events)
            host = await stack.enter_async_context(served(behind))
            stack.callback(behind.close)
            upstream = forward(f"http://{host}", await stack.enter_async_context(aiohttp.ClientSession()))
        streams = EventStreams(gateway(upstream))
        host = await stack.enter_async_context(served(streams))
        client = await stack.enter_async_context(aiohttp.ClientSession(f"http://{host}"))
        sent = {"authorization": "Bearer good", "accept-encoding": "zstd"}
        async with client.get("/api/analysis/jobs/1/events", headers=sent) as answer:
            assert "content-encoding" not in answer.headers
            assert await asyncio.wait_for(answer.content.readany(), 2) == b"data: 1\n\n"
            streams.close()
            assert await asyncio.wait_for(answer.read(), 2) == b""
            if shape == "here":
                await asyncio.wait_for(left.wait(), 2)
