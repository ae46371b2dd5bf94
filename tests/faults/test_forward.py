"""Passing on to a service of another process, in front of one that misbehaves: nothing piles up, nothing is made up."""

import asyncio
import base64
import hashlib
import tracemalloc
from contextlib import asynccontextmanager

import aiohttp
import pytest
import structlog
from tests.api.gateway.conftest import GOOD, gateway, served
from tests.caller import Caller
from tests.servers import faulty

from autograph.core.problem import Unavailable
from autograph.gateway.forward import BadGateway, forward

pytestmark = pytest.mark.feature("gateway.routing")

PATH = "/api/diagrams/1"
SOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What RFC 6455 (1.3) adds to a client's key."""


@asynccontextmanager
async def passing(behave):
    """A faulty service, and a caller of what passes on to it."""
    async with (
        faulty.faulty(behave) as service,
        aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        yield service, Caller(forward(service.url, session))


def raw(*parts):
    """A service that writes these bytes, with a pause after each part, and hangs up."""

    async def behave(_service, _request, writer):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05 if len(parts) > 1 else 0)
        writer.close()

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        faulty.reset,
        raw(b""),
        raw(b"HTTP/1.1 200 OK\r\ncontent-le"),
        raw(b"no HTTP at all\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n"),
    ],
    ids=["reset", "nothing", "half a head", "no HTTP", "bad header", "bad length", "huge header"],
)
async def test_no_answer_is_a_bad_gateway(behave):
    """Whatever comes instead of a head, the client gets a 502 problem."""
    async with passing(behave) as (_, ask):
        with pytest.raises(BadGateway):
            await ask("GET", PATH)


async def test_a_refused_connection_is_unavailable():
    """Nobody listens: 503 with Retry-After."""
    async with faulty.faulty(faulty.good) as service:
        url = service.url
    async with aiohttp.ClientSession() as session:
        with pytest.raises(Unavailable) as refused:
            await Caller(forward(url, session))("GET", PATH)
    assert refused.value.headers == {"retry-after": "2"}


@pytest.mark.parametrize(
    "behave",
    [
        faulty.reset_in_body,
        faulty.truncate,
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    ],
    ids=["reset", "truncated", "chunks without end"],
)
async def test_a_broken_body_is_never_whole(behave):
    """Once the answer has begun its breaking off is raised, so that nobody takes the part for the whole."""
    messages = []

    async def send(message):
        messages.append(message)

    async with faulty.faulty(behave) as service, aiohttp.ClientSession() as session:
        with pytest.raises(BadGateway):
            await forward(service.url, session)(scope_of(), None, send)
    assert messages[0]["status"] == 200
    assert all(message.get("more_body", True) for message in messages)


async def test_a_chunk_that_is_none():
    """The HTTP client does not tell of it; the idle limit ends the wait, and the answer is broken off, not ended."""
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"
    async with (
        faulty.faulty(raw(head, b"zz\r\n")) as service,
        aiohttp.ClientSession() as session,
        served(gateway(forward(service.url, session), stream_idle_seconds=0.3)) as door,
        aiohttp.ClientSession(f"http://{door}", headers={"authorization": f"Bearer {GOOD}"}) as client,
    ):
        with pytest.raises(aiohttp.ClientPayloadError):
            async with asyncio.timeout(5), client.get(PATH) as answer:
                await answer.read()


def scope_of(method="GET", headers=()):
    return {
        "type": "http", "method": method, "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "headers": list(headers),
    }  # fmt: skip


async def test_chunks_and_repeated_headers():
    """A chunked answer arrives whole, repeated fields stay apart, trailers and what belongs to a connection end here."""
    behave = raw(
        b"HTTP/1.1 203 X\r\ntransfer-encoding: chunked\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-hop: 1\r\n"
        b"connection: close, X-Hop\r\nkeep-alive: 5\r\ntrailer: x-late\r\nlink: <a>\r\nLink: <b>\r\n\r\n"
        b"3;note=x\r\nabc\r\n2\r\nde\r\n0\r\nx-late: 1\r\n\r\n"
    )
    async with passing(behave) as (_, ask):
        answer = await ask("GET", PATH)
    assert (answer.status, answer.body) == (203, b"abcde")
    assert answer.fields == (("set-cookie", "a=1"), ("set-cookie", "b=2"), ("link", "<a>"), ("link", "<b>"))


async def test_what_belongs_to_the_connection_stays_with_it():
    """Fields about one connection, and those that Connection names, are not sent on; the others are."""
    async with passing(faulty.good) as (service, ask):
        headers = {
            "connection": "close, X-Mine",
            "x-mine": "1",
            "te": "trailers",
            "proxy-authorization": "x",
            "x-kept": "1",
        }
        await ask("GET", PATH + "?a=1&a=2&a=", headers=headers)
    [request] = service.received
    assert request.path == PATH + "?a=1&a=2&a="
    assert request.headers["x-kept"] == "1"
    assert request.headers["host"] == service.url.removeprefix("http://")
    assert not {"x-mine", "te", "proxy-authorization"} & request.headers.keys()


async def test_redirects_are_the_clients():
    """A redirect, whereto ever, is passed on and not followed."""
    answer = raw(b"HTTP/1.1 302 X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n")
    async with passing(answer) as (service, ask):
        assert (await ask("GET", PATH)).headers["location"] == "http://169.254.169.254/"
    assert len(service.received) == 1


async def test_who_hangs_up_cancels_the_call():
    """The service sees its connection closed as soon as the request is cancelled."""
    async with passing(faulty.hang) as (service, ask):
        asking = asyncio.ensure_future(ask("GET", PATH))
        while not service.received:
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(2):
            while not service.abandoned:
                await asyncio.sleep(0.01)


@pytest.mark.feature("gateway.breaker")
async def test_a_body_that_is_too_large_is_not_the_services_fault():
    """An endless chunked body is 413 however often it is sent, and the service stays within reach of everybody."""

    async def endless():
        for _ in range(64):
            yield b"x" * 65536

    async with (
        served(reading) as host,
        aiohttp.ClientSession() as session,
        served(gateway(forward(f"http://{host}", session))) as door,
        aiohttp.ClientSession(f"http://{door}") as client,
    ):
        for _ in range(8):
            async with client.post("/api/auth/login", data=endless()) as answer:
                assert answer.status == 413, await answer.text()
                assert (await answer.json(content_type=None))["limit_bytes"] == 1 << 20
        async with client.post("/api/auth/login", data=b"small") as answer:
            assert answer.status == 200


async def reading(_scope, receive, send):
    """Reads all, then says how much it was."""
    size_bytes, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size_bytes += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size_bytes).encode()})


MIB = 1 << 20
LARGE_BYTES = 50 * MIB


async def zeros(size_bytes):
    """So many bytes, piece by piece."""
    piece = bytes(64 * 1024)
    for _ in range(size_bytes // len(piece)):
        yield piece


async def test_an_answer_waits_for_its_reader():
    """While the client reads nothing, the service cannot send more than the systems' buffers hold."""
    written = 0

    async def pour(_service, _request, writer):
        nonlocal written
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {LARGE_BYTES}\r\n\r\n".encode())
        async for piece in zeros(LARGE_BYTES):
            writer.write(piece)
            await writer.drain()
            written += len(piece)

    released, received = asyncio.Event(), 0

    async def send(message):
        nonlocal received
        await released.wait()
        received += len(message.get("body", b""))

    async with faulty.faulty(pour) as service, aiohttp.ClientSession() as session:
        answering = asyncio.ensure_future(forward(service.url, session)(scope_of(), None, send))
        before = -1
        while written != before or not written:
            before = written
            await asyncio.sleep(0.3)
        assert written < LARGE_BYTES / 2
        released.set()
        await answering
    assert received == LARGE_BYTES


async def test_a_body_waits_for_its_service():
    """While the service reads nothing, no more is taken from the client than the systems' buffers hold."""
    taken, source, hold = 0, zeros(LARGE_BYTES), asyncio.Event()

    async def receive():
        nonlocal taken
        piece = await anext(source, b"")
        taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    async def send(_message):
        """Nobody listens."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await hold.wait()
        await reader.readexactly(LARGE_BYTES)
        writer.write(b"HTTP/1.1 204 X\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    headers = [(b"content-length", str(LARGE_BYTES).encode())]
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, aiohttp.ClientSession() as session:
        sending = asyncio.ensure_future(forward(url, session)(scope_of("POST", headers), receive, send))
        before = -1
        while taken != before or not taken:
            before = taken
            await asyncio.sleep(0.3)
        assert taken < LARGE_BYTES / 2
        hold.set()
        await sending
    assert taken == LARGE_BYTES


async def test_large_bodies_take_little_memory():
    """Fifty megabytes go there and back through the whole gateway within a few megabytes of memory."""

    async def echo(_scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
            await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})

    async with (
        served(echo) as host,
        aiohttp.ClientSession() as session,
        served(gateway(forward(f"http://{host}", session))) as door,
        aiohttp.ClientSession(f"http://{door}", headers={"authorization": f"Bearer {GOOD}"}) as client,
    ):
        received = 0
        tracemalloc.start()
        async with client.post("/api/analysis/jobs/upload", data=zeros(LARGE_BYTES)) as answer:
            assert answer.status == 200
            async for piece in answer.content.iter_any():
                received += len(piece)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert received == LARGE_BYTES
    assert peak_bytes < 12 * MIB


@asynccontextmanager
async def socket_through(upstream_url):
    """A signed-in client of a gateway in front of this service; yields it and what the gateway logs."""
    async with (
        aiohttp.ClientSession() as session,
        served(gateway(forward(upstream_url, session))) as door,
        aiohttp.ClientSession(f"http://{door}", headers={"authorization": f"Bearer {GOOD}"}) as client,
    ):
        with structlog.testing.capture_logs() as lines:
            yield client, lines
    assert [line for line in lines if line["event"] == "gateway.failed"] == []


def socket_answer(request):
    """The head with which a service opens a WebSocket."""
    key = request.headers["sec-websocket-key"].encode()
    accepted = base64.b64encode(hashlib.sha1(key + SOCKET_KEY).digest()).decode()
    return f"HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accepted}\r\n\r\n".encode()


@pytest.mark.parametrize(
    "frame", [b"", b"\x88\x02\x03\xea", b"\xff\xff\xff"], ids=["cut", "1002", "nonsense"]
)
async def test_a_socket_whose_service_breaks_off(frame):
    """The client hears a closing code that may be sent, and it is no fault of the gateway's own."""

    async def behave(_service, request, writer):
        writer.write(socket_answer(request) + frame)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    async with (
        faulty.faulty(behave) as service,
        socket_through(service.url) as (client, _),
        client.ws_connect("/api/diagrams/live") as opened,
    ):
        assert (await opened.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        assert opened.close_code in {1002, 1011}


@pytest.mark.parametrize("busy", [False, True])
async def test_a_socket_whose_client_vanishes(busy):
    """The service is told, also while it sends, and nothing is logged as a fault."""
    told = asyncio.get_running_loop().create_future()

    async def talking(_scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        listening = asyncio.ensure_future(receive())
        while not listening.done():
            if busy:
                try:
                    await send({"type": "websocket.send", "bytes": b"x" * 1000})
                except OSError:
                    break
            await asyncio.sleep(0.001)
        told.set_result((await listening)["code"])

    async with served(talking) as host, socket_through(f"http://{host}") as (client, _):
        opened = await client.ws_connect("/api/diagrams/live")
        await asyncio.sleep(0.05)
        opened._response.connection.transport.abort()
        async with asyncio.timeout(5):
            assert await told in {1000, 1001}


async def test_a_socket_that_its_service_refuses():
    """A handshake that a service turns down, or never answers properly, is refused to the client too."""
    for behave in (faulty.status(404), faulty.reset, raw(b"HTTP/1.1 101 X\r\nupgrade: websocket\r\n\r\n")):
        async with faulty.faulty(behave) as service, socket_through(service.url) as (client, _):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect("/api/diagrams/live")
        assert refused.value.status >= 400
