"""Answers of a real process: compressed, revalidated, traced, from the page's files to documents."""

import json
import time
import zlib

import pytest
from tests.servers.autograph import Running

PASSWORD = "correct horse battery"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Running(tmp_path_factory.mktemp("answers"), ENV="production", METRICS__TOKEN="token")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def owner(server):
    """Headers of somebody signed in."""
    body = {
        "code": server.first_run_code(),
        "email": "admin@example.org",
        "name": "Admin",
        "password": PASSWORD,
    }
    assert server.ask("POST", "/api/auth/first-run", body)[0] == 201
    status, _, answer = server.ask(
        "POST", "/api/auth/login", {"email": "admin@example.org", "password": PASSWORD}
    )
    assert status == 200
    return {"authorization": f"Bearer {json.loads(answer)['access_token']}"}


@pytest.fixture(scope="module")
def path(server, owner):
    """Path of a document with much to say."""
    body = {"title": "Shop", "note": "a long note about the shop\n" * 500}
    status, _, answer = server.ask("POST", "/api/diagrams", body, **owner)
    assert status == 201
    return "/api/diagrams/" + json.loads(answer)["id"]


@pytest.mark.feature("gateway.compression")
def test_document_is_compressed(server, owner, path):
    """A document goes out much smaller to whoever takes gzip, and is the same."""
    _, plain_headers, plain = server.ask("GET", path, **owner)
    _, headers, packed = server.ask("GET", path, accept_encoding="gzip", **owner)
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == "gzip"
    assert len(packed) < len(plain) / 10
    assert zlib.decompress(packed, 31) == plain
    assert plain_headers["vary"] == headers["vary"] == "accept-encoding"


@pytest.mark.feature("gateway.compression")
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br", "zstd"])
def test_revalidation(server, owner, path, encoding):
    """Whichever form a client keeps, its ETag is known again: 304 without a body."""
    _, headers, _ = server.ask("GET", path, accept_encoding=encoding, **owner)
    assert headers["etag"] == ('"v1"' if encoding == "identity" else 'W/"v1"')
    status, again, body = server.ask(
        "GET", path, if_none_match=headers["etag"], accept_encoding=encoding, **owner
    )
    assert (status, body) == (304, b"")
    assert "content-encoding" not in again


@pytest.mark.feature("gateway.routing")
def test_head(server, owner, path):
    """HEAD says what GET would, without the body."""
    _, got, body = server.ask("GET", path, **owner)
    status, asked, nothing = server.ask("HEAD", path, **owner)
    assert (status, nothing) == (200, b"")
    assert asked["content-length"] == got["content-length"] == str(len(body))
    assert asked["etag"] == got["etag"]


@pytest.mark.feature("observability.correlation")
def test_one_trace_through_the_log(server, owner, path):
    """The caller's trace and correlation ID are on every log line of the request."""
    parent = f"00-{TRACE}-b7ad6b7169203331-01"
    headers = {"traceparent": parent, "x_correlation_id": "asked-for-once", **owner}
    assert server.ask("GET", path, **headers)[1]["x-correlation-id"] == "asked-for-once"
    found, until = [], time.monotonic() + 5
    while not any(event["event"] == "request" for event in found):  # written after the last byte has left
        assert time.monotonic() < until
        time.sleep(0.02)
        lines = [line for line in server.log.read_text().splitlines() if line.startswith("{")]
        found = [event for event in map(json.loads, lines) if event.get("correlation_id") == "asked-for-once"]
    assert {event["trace_id"] for event in found} == {TRACE}
