"""What leaves the process when an operator asks for it: errors to Sentry, traces and metrics to a collector."""

import gzip
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import brotli
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests.servers.autograph import Running, without_settings
from tests.system.conftest import EMAIL, PASSWORD, Installation, first_administrator

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

    def spans(self, trace_id):
        """Every span of one trace that has come so far, by its id, with the name of its scope."""
        found = {}
        for path, body in list(self.received):
            if path == "/v1/traces":
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        own = [span for span in scope.spans if span.trace_id.hex() == trace_id]
                        found |= {span.span_id.hex(): (scope.scope.name, span) for span in own}
        return found

    def metrics(self):
        """The last of every metric that has come, by its name."""
        requests = [
            ExportMetricsServiceRequest.FromString(body)
            for path, body in self.received
            if path == "/v1/metrics"
        ]
        return {
            metric.name: metric
            for request in requests
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def whole(self, trace_id, services, caller="", seconds=10):
        """Wait until these have exported and no span but the caller's is missing; return the root and all `spans`."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.spans(trace_id)
            missing = {span.parent_span_id.hex() for _, span in found.values()} - found.keys()
            if missing == {caller} and {scope for scope, _ in found.values()} >= services:
                (root,) = [span for _, span in found.values() if span.parent_span_id.hex() == caller]
                return root, found
            assert time.monotonic() < deadline, found
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
    told = sink.metrics()
    assert told["http.server.request.duration"].histogram.data_points
    assert told["process.memory.usage"].sum.data_points[0].as_double > 2**20
    assert told["db.client.connection.max"].unit == "{connection}"
    for name in (
        "process.uptime",
        "http.server.active_requests",
        "autograph_loop_lag_seconds",
        "system.filesystem.usage",
    ):
        assert name in told
    asked = [point.attributes for point in told["db.client.operation.duration"].histogram.data_points]
    assert b"SELECT" in b"".join(pair.SerializeToString() for pairs in asked for pair in pairs)
    logged = sink.until("/v1/logs", b"for-the-collector")
    assert trace in logged
    assert b"RuntimeError" in sink.until("/v1/logs", b"request.failed")


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """The gateway with most services inside, auth apart; and a sink that gets traces of both, and nothing else."""
    folder, found = tmp_path_factory.mktemp("traced"), Sink()
    collector = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://127.0.0.1:{found.port}/v1/traces"}
    inherited = {**without_settings(), **collector, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    auth = Running(folder, command=("serve", "auth"), inherited=inherited)
    urls = json.dumps({"auth": f"http://127.0.0.1:{auth.port}"})
    names = ("gateway", "diagrams", "export", "flags", "analysis", "watch")
    door = Running(folder, command=("serve", *names), inherited=inherited, UPSTREAMS=urls)
    installation = Installation(door, {"auth": auth})
    yield installation, found
    installation.stop()
    found.close()


def attributes(span):
    """What a span says, as a dictionary."""
    return {pair.key: pair.value.string_value or pair.value.int_value for pair in span.attributes}


def called(found, scope, span, kind, name):
    """The span of this scope, kind and name right below `span`."""
    fits = [
        one
        for whose, one in found.values()
        if (whose, one.kind, one.name) == (f"autograph.{scope}", kind, name)
        and one.parent_span_id == span.span_id
    ]
    assert len(fits) == 1, (scope, name, [(whose, one.kind, one.name) for whose, one in found.values()])
    return fits[0]


@pytest.mark.feature("observability.metrics")
def test_one_request_is_one_trace(traced):
    """The gateway's span is the root, each service's lies below its caller's, statements below their service's."""
    installation, sink = traced
    ada = first_administrator(installation)
    title = "a title that nobody else may read"
    status, headers, _ = ada("POST", "/api/diagrams?a=secret-of-a-query", {"title": title})
    assert status == 201
    _, trace_id, ours, flags = headers["traceresponse"].split("-")
    gateway, found = sink.whole(trace_id, {"autograph.auth", "autograph.diagrams"})
    assert (gateway.span_id.hex(), flags, found[ours][0]) == (ours, "03", "autograph.gateway")
    assert (gateway.kind, gateway.name) == (Span.SPAN_KIND_SERVER, "POST /api/diagrams")
    assert attributes(gateway)["autograph.correlation_id"] == headers["x-correlation-id"]
    assert attributes(gateway)["http.response.status_code"] == 201
    for _, span in found.values():
        assert gateway.start_time_unix_nano - 5e6 <= span.start_time_unix_nano <= span.end_time_unix_nano
    asked = called(found, "gateway", gateway, Span.SPAN_KIND_CLIENT, "POST")
    assert attributes(asked)["peer.service"] == "auth"
    identify = called(found, "auth", asked, Span.SPAN_KIND_SERVER, "POST /internal/identify")
    statements = [span for _, span in found.values() if span.parent_span_id == identify.span_id]
    assert any(attributes(span)["db.operation.name"] == "SELECT" for span in statements)
    diagrams = called(found, "diagrams", gateway, Span.SPAN_KIND_SERVER, "POST /api/diagrams")
    told = attributes(called(found, "diagrams", diagrams, Span.SPAN_KIND_CLIENT, "INSERT documents"))
    assert (told["db.system.name"], told["db.collection.name"]) == ("sqlite", "documents")
    assert told["db.query.text"].startswith("INSERT INTO documents")
    sent = b"".join(body for _, body in sink.received)
    for secret in (title, "secret-of-a-query", EMAIL, PASSWORD, ada.token):
        assert secret.encode() not in sent


@pytest.mark.feature("observability.metrics")
def test_a_request_handed_on_is_one_trace(traced):
    """A service apart is below the call that the gateway made to it, and that below a caller's from outside."""
    installation, sink = traced
    caller, unwanted = "b7ad6b7169203331", "1" * 32
    installation.ask("GET", "/api/auth/first-run", traceparent=f"00-{unwanted}-{caller}-00")
    installation.ask("GET", "/api/auth/first-run?x=y", traceparent=f"00-{TRACE}-{caller}-01")
    gateway, found = sink.whole(TRACE, {"autograph.gateway", "autograph.auth"}, caller)
    assert gateway.name == "GET /api/auth"
    handed = called(found, "gateway", gateway, Span.SPAN_KIND_CLIENT, "GET")
    called(found, "auth", handed, Span.SPAN_KIND_SERVER, "GET /api/auth/first-run")
    assert not sink.spans(unwanted), "its caller does not want it recorded"
    assert {path for path, _ in sink.received} == {"/v1/traces"}, "only this signal has an address"


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
