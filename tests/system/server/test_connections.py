"""Connections of a real process: heads that are too large, too slow, or no HTTP; keep-alive."""

import http.client
import json
import socket
import time

import pytest
from tests.servers.autograph import Running

pytestmark = pytest.mark.feature("security.untrusted-input")

LIMIT = 8192


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("connections")
    running = Running(
        folder, HTTP__HEAD_SECONDS="0.5", HTTP__HEAD_BYTES=str(LIMIT), HTTP__KEEP_ALIVE_SECONDS="2"
    )
    yield running
    running.stop()


def dialled(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=5)


def answered(connection):
    """Status, headers and problem of what comes until the server hangs up."""
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass  # what we were still sending was refused
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, json.loads(body)


def is_like_any_problem(status, headers, problem, slug):
    assert problem["status"] == status
    assert problem["type"].endswith(":" + slug)
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-correlation-id"] == problem["correlation_id"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["connection"] == "close"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /livez HTTP/1.1\r\nhost: x\r\n" + b"x-filler: " + b"a" * LIMIT + b"\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: x\r\n" + b"x-f: a\r\n" * 2000 + b"\r\n",
        b"GET /" + b"a" * LIMIT + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
    ids=["one large field", "many fields", "long path"],
)
@pytest.mark.parametrize("in_pieces", [False, True])
def test_large_head(server, head, in_pieces):
    """A head beyond the limit is answered with a 431 problem, in one piece or many, and never read to its end."""
    with dialled(server) as connection:
        try:
            for start in range(0, len(head), 1000 if in_pieces else len(head)):
                connection.sendall(head[start : start + (1000 if in_pieces else len(head))])
                time.sleep(0.01 if in_pieces else 0)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before we were done
        status, headers, problem = answered(connection)
    assert status == 431
    is_like_any_problem(431, headers, problem, "head-too-large")
    assert problem["limit_bytes"] == LIMIT


def test_head_just_below_the_limit(server):
    """What fits is served, also when more than a head comes in one piece."""
    filler = b"a" * (LIMIT - 200)
    with dialled(server) as connection:
        connection.sendall(
            b"POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\nconnection: close\r\n"
        )
        connection.sendall(b"x-filler: " + filler + b"\r\n\r\n" + b"b" * 60000)
        assert connection.recv(4096).startswith(b"HTTP/1.1 422 ")


@pytest.mark.parametrize("beginning", [b"", b"GET /livez HTTP/1.1\r\nhost: x\r\n", b"\r\n"])
def test_slow_head(server, beginning):
    """A client that drips its head is cut off after the time for heads, however busily it drips."""
    started = time.monotonic()
    with dialled(server) as connection:
        connection.sendall(beginning)
        connection.settimeout(0.05)
        received = None
        while received is None and time.monotonic() - started < 5:
            try:
                received = connection.recv(65536)
            except TimeoutError:
                if beginning:
                    connection.sendall(b"x" if len(beginning) > 2 else b"\r\n")
    assert 0.4 < time.monotonic() - started < 2
    assert received is not None
    assert received.startswith(b"HTTP/1.1 408 ") if beginning else received == b""


def test_slow_second_head(server):
    """The time for heads counts for every request of a connection."""
    with dialled(server) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        time.sleep(0.8)  # longer than a head may take: between requests another time counts
        connection.sendall(b"GET /livez HTTP/1.1\r\nhost")
        status, headers, problem = answered(connection)
    is_like_any_problem(status, headers, problem, "head-timeout")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
        b"FROB /livez HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
    ids=["TLS to a plain port", "no field", "two lengths that smuggle", "two lengths", "no method"],
)
def test_no_http(server, sent):
    """What is no HTTP, or HTTP that two servers would read differently, is a 400 problem."""
    with dialled(server) as connection:
        connection.sendall(sent)
        status, headers, problem = answered(connection)
    assert status == 400
    is_like_any_problem(400, headers, problem, "malformed")


EARLY = b"POST /api/diagrams HTTP/1.1\r\nhost: x\r\n"
"""A request that is answered (401) before its body is read."""


def status_of(connection):
    """The status of one whole answer."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


@pytest.mark.parametrize("length", [b"transfer-encoding: chunked", b"content-length: 33000000"])
def test_a_body_that_goes_on_after_the_answer(server, length):
    """The answer can be read, and a client that goes on sending regardless is hung up on."""
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    sent = 0
    with dialled(server) as connection:
        connection.sendall(EARLY + length + b"\r\n\r\n")
        assert status_of(connection) == 401
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while sent < 64 << 20:
                connection.sendall(piece)
                sent += len(piece)
    assert sent > 1 << 20


def test_a_body_that_drips_after_the_answer(server):
    """What is left of a body has as long as a head, however busily it drips."""
    started = time.monotonic()
    with dialled(server) as connection:
        connection.sendall(EARLY + b"content-length: 1000000\r\n\r\n")
        assert status_of(connection) == 401
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() - started < 5:
                connection.sendall(b"x")
                time.sleep(0.02)
    assert 0.4 < time.monotonic() - started < 2


def test_a_body_that_ends_after_the_answer(server):
    """The connection serves the next request, and is closed like any other when nothing more comes."""
    with dialled(server) as connection:
        connection.sendall(EARLY + b"content-length: 100000\r\n\r\n")
        assert status_of(connection) == 401
        connection.sendall(b"x" * 100000 + b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        assert status_of(connection) == 200
        time.sleep(0.6)  # the time for what was left of the first body is over
        connection.sendall(EARLY + b"content-length: 10\r\n\r\n")
        assert status_of(connection) == 401
        connection.sendall(b"x" * 10)
        started = time.monotonic()
        assert connection.recv(4096) == b""
        assert 1.5 < time.monotonic() - started < 4


@pytest.mark.feature("gateway.routing")
def test_keep_alive(server):
    """A connection serves many requests, also pipelined ones, and is closed when nothing more comes."""
    with dialled(server) as connection:
        for _ in range(3):
            connection.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n" * 2)
            received = b""
            while received.count(b"HTTP/1.1 200 ") < 2 or not received.endswith(b"}"):
                received += connection.recv(4096)
        started = time.monotonic()
        assert connection.recv(4096) == b""
        assert 1.5 < time.monotonic() - started < 4
