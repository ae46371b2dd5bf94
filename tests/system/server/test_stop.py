"""Stopping a process: what is in flight finishes, the rest is told, the exit code is 0."""

import asyncio
import contextlib
import json
import signal
import socket
import time
from contextlib import closing

import aiohttp
import pytest
import uvicorn
from tests.servers.autograph import Running

from autograph.server.http import HttpSettings, SocketProtocol, http_protocol
from autograph.server.stop import EventStreams, Stop

pytestmark = pytest.mark.feature("platform.graceful")

LOGIN = json.dumps({"email": "nobody@example.org", "password": "wrong horse battery"}).encode()


@pytest.fixture
def start(tmp_path):
    started = []

    def start(**settings):
        started.append(Running(tmp_path, **settings))
        return started[-1]

    yield start
    for running in started:
        running.stop()


def begun(server):
    """A connection in the middle of its request: the server has the head and half of the body."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    head = f"POST /api/auth/login HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(LOGIN)}\r\n\r\n"
    connection.sendall(head.encode() + LOGIN[:10])
    time.sleep(0.3)
    return connection


def finished(connection):
    connection.sendall(LOGIN[10:])
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            received += chunk
    connection.close()
    return received


def refuses(server):
    try:
        server.ask("GET", "/livez")
    except OSError:
        return True
    return False


def test_sigterm_lets_requests_finish(start):
    """A request in flight is answered, new connections are refused meanwhile, then the process exits with 0."""
    server = start()
    connection = begun(server)
    server.signal(signal.SIGTERM)
    time.sleep(0.5)
    assert refuses(server)
    assert server.process.poll() is None
    answer = finished(connection)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" in answer
    assert server.process.wait(5) == 0


def test_balancers_see_it_first(start):
    """In the pause for balancers /readyz says no, /livez yes, and new requests are still answered."""
    server = start(DRAIN_DELAY_SECONDS="1")
    assert server.ask("GET", "/readyz")[0] == 200
    server.signal(signal.SIGTERM)
    time.sleep(0.2)
    status, _, body = server.ask("GET", "/readyz")
    assert (status, json.loads(body)["status"]) == (503, "draining")
    assert server.ask("GET", "/livez")[0] == 200
    assert server.ask("GET", "/api/auth/first-run")[0] == 200
    time.sleep(1.2)
    assert refuses(server)
    assert server.process.wait(5) == 0


def test_what_does_not_finish_is_ended(start):
    """After the time for draining the process ends all the same, with 0."""
    server = start(DRAIN_SECONDS="1")
    connection = begun(server)
    started = time.monotonic()
    server.signal(signal.SIGTERM)
    assert server.process.wait(10) == 0
    assert 0.8 < time.monotonic() - started < 4
    connection.close()


def test_idle_connections_do_not_hold_it_up(start):
    """Connections that only wait are closed at once."""
    server = start()
    connection = server.connect()
    connection.request("GET", "/livez")
    connection.getresponse().read()
    started = time.monotonic()
    server.signal(signal.SIGTERM)
    assert server.process.wait(10) == 0
    assert time.monotonic() - started < 2
    connection.close()


def seconds_to_stop(server, number):
    """How long the process takes to end after a signal."""
    started = time.monotonic()
    server.signal(number)
    assert server.process.wait(5) is not None
    return time.monotonic() - started


def test_second_signal_ends_at_once(start):
    """Whoever signals twice waits for nothing: no more than a server at rest takes on this machine now."""
    at_rest = seconds_to_stop(start(), signal.SIGTERM)
    server = start()
    with closing(begun(server)):
        server.signal(signal.SIGTERM)
        time.sleep(0.3)
        assert seconds_to_stop(server, signal.SIGTERM) < max(1.5, 3 * at_rest)


def test_ctrl_c_by_a_person(start):
    """In development Ctrl-C gives what is in flight two seconds, whatever it is."""
    at_rest = seconds_to_stop(start(), signal.SIGINT)
    server = start()
    with closing(begun(server)):
        assert seconds_to_stop(server, signal.SIGINT) < max(2.5, 2 + 3 * at_rest)
    assert server.process.returncode == 0


@contextlib.asynccontextmanager
async def served(app):
    """A server of this process around `app`, the stop of it, and its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    streams = EventStreams(app)
    config = uvicorn.Config(
        streams, http=http_protocol(HttpSettings()), ws=SocketProtocol, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext
    stop = Stop(server, streams, not_ready=lambda: None, delay_seconds=0, drain_seconds=10, is_watched=False)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{listener.getsockname()[1]}") as session:
        yield session, stop
    await asyncio.wait_for(serving, 5)


async def test_sockets_are_told():
    """An open WebSocket is closed with 1001, and its service learns it."""
    told = []

    async def app(_scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        told.append(await receive())

    async with served(app) as (session, stop), session.ws_connect("/api/collab/1") as connection:
        stop.on_signal(signal.SIGTERM)
        message = await connection.receive(timeout=5)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1001)
    assert told == [{"type": "websocket.disconnect", "code": 1001}]


async def test_event_streams_end_whole():
    """An event stream ends properly, so that its reader connects again, while another answer takes its time."""
    ended = []

    async def app(scope, _receive, send):
        is_stream = scope["path"] == "/events"
        kind = b"text/event-stream" if is_stream else b"text/plain"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        try:
            await asyncio.sleep(60 if is_stream else 0.6)
        finally:
            ended.append(scope["path"])
        await send({"type": "http.response.body", "body": b"the end"})

    async with (
        served(app) as (session, stop),
        session.get("/events") as events,
        session.get("/slow") as slow,
    ):
        stop.on_signal(signal.SIGTERM)
        assert await asyncio.wait_for(events.read(), 2) == b"data: 1\n\n"
        assert await asyncio.wait_for(slow.read(), 2) == b"data: 1\n\nthe end"
    assert ended == ["/events", "/slow"]
