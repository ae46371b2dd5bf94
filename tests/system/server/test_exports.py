"""What leaves the process when an operator asks for it: errors to Sentry, traces and metrics to a collector."""

import gzip
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import brotli
import pytest
from tests.servers.autograph import Running, without_settings

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Sink:
    """An HTTP server on loopback that takes everything and remembers it."""

    def __init__(self):
        self.received = received = []

        class Handler(BaseHTTPRequestHandler):
            """Takes POSTs."""

            def do_POST(self):
                """Remember the path and the body."""
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                encoding = self.headers.get("content-encoding")
                if encoding == "br":
                    body = brotli.decompress(body)
                elif encoding == "gzip":
                    body = gzip.decompress(body)
                received.append((self.path, body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, daemon=True).start()

    def until(self, part, content, seconds=10):
        """Wait for a body with this content at a path that has `part` in it; return the body."""
        deadline = time.monotonic() + seconds
        while True:
            for path, body in list(self.received):
                if part in path and content in body:
                    return body
            assert time.monotonic() < deadline, self.received
            time.sleep(0.1)

    def close(self):
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def sink():
    """A running sink."""
    found = Sink()
    yield found
    found.close()


@pytest.mark.feature("observability.errors")
def test_sentry_gets_the_same_errors(tmp_path, sink):
    """Class, message, frames and our fingerprint; no person, no variable."""
    running = Running(tmp_path, OBSERVABILITY__SENTRY_DSN=f"http://key@127.0.0.1:{sink.port}/1")
    running.ask("GET", "/test/error")
    envelope = sink.until("/api/1/envelope/", b"RuntimeError").split(b"\n")
    event = next(json.loads(line) for line in envelope if b'"exception"' in line)
    failure = event["exception"]["values"][0]
    assert failure["type"] == "RuntimeError"
    assert failure["stacktrace"]["frames"][-1]["context_line"].startswith("raise RuntimeError")
    assert "vars" not in failure["stacktrace"]["frames"][-1]
    assert event["fingerprint"][0].startswith("1:")
    running.stop()


@pytest.mark.feature("observability.metrics")
def test_a_collector_gets_traces_metrics_and_logs(tmp_path, sink, monkeypatch):
    """The standard variables are enough; all bear the caller's trace; what is left is flushed at the stop."""
    trace = bytes.fromhex(TRACE)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{sink.port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
    running = Running(tmp_path)
    parent = f"00-{TRACE}-b7ad6b7169203331-01"
    running.ask("GET", "/api/auth/first-run", traceparent=parent, x_correlation_id="for-the-collector")
    running.ask("GET", "/test/error", traceparent=parent)
    assert trace in sink.until("/v1/traces", b"/api/auth/first-run")
    running.stop()
    sink.until("/v1/metrics", b"http.server.request.duration")
    logged = sink.until("/v1/logs", b"for-the-collector")
    assert trace in logged
    assert b"RuntimeError" in sink.until("/v1/logs", b"request.failed")


@pytest.mark.feature("observability.metrics")
@pytest.mark.parametrize(("named", "expected"), [({}, b"flags"), ({"OTEL_SERVICE_NAME": "ours"}, b"ours")])
def test_a_collector_is_told_which_service_it_is(tmp_path, sink, named, expected):
    """A service apart goes by its own name, or by the one that the operator has given it."""
    collector = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink.port}",
        "OTEL_BLRP_SCHEDULE_DELAY": "200",
    }
    inherited = {**without_settings(), **collector, **named}
    elsewhere = json.dumps({"auth": "http://127.0.0.1:9"})
    running = Running(tmp_path, command=("serve", "flags"), inherited=inherited, UPSTREAMS=elsewhere)
    try:
        body = sink.until("/v1/logs", b"service.name")
        length = bytes([len(expected)])
        assert b"service.name\x12" + bytes([len(expected) + 2]) + b"\n" + length + expected in body
    finally:
        running.stop()


@pytest.mark.feature("observability.metrics")
def test_a_collector_that_is_away_costs_nothing(tmp_path):
    """Requests are served as ever, the log says it once and not again and again, and a stop does not wait for it."""
    nowhere = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_METRIC_EXPORT_INTERVAL": "500"}
    quick = {"OTEL_BSP_SCHEDULE_DELAY": "200", "OTEL_BLRP_SCHEDULE_DELAY": "200"}
    running = Running(tmp_path, inherited={**without_settings(), **nowhere, **quick})
    try:
        began = time.monotonic()
        for _ in range(50):
            assert running.ask("GET", "/api/auth/me")[0] == 401
        assert time.monotonic() - began < 5
        time.sleep(4)
        running.signal()
        stopping = time.monotonic()
        assert running.process.wait(20) == 0
        assert time.monotonic() - stopping < 8
        said = [line for line in running.log.read_text().splitlines() if "export" in line]
        assert 1 <= len(said) <= 6
    finally:
        running.stop()
