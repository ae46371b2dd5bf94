"""Spans: what is said of a call, under which identifiers, and when nothing is."""

import asyncio

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from autograph.core import calls
from autograph.core.trace import begun, below, continued, entered, record, trace
from autograph.observability.requests import Observe, Requests
from autograph.observability.spans import Places, Sampled, Spans

pytestmark = pytest.mark.feature("observability.metrics")
CALLER = f"00-{'a' * 32}-{'b' * 16}-0"


@pytest.fixture
def recorded():
    """Everything that is exported, by a sampler of the standard variables."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(id_generator=Places(), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    stops = (record(Sampled(provider.sampler)), calls.observe(Spans(provider, "1")))
    yield exporter.get_finished_spans
    for stop in stops:
        stop()


def told(**how):
    """Tell of a call within a trace; return the trace."""
    ours = begun()
    token = trace.set(ours)
    given = {"source": "auth", "operation": "GET", "seconds": 0.5, "failed": False, **how}
    calls.report(calls.Call(**given))
    trace.reset(token)
    return ours


@pytest.mark.parametrize(
    ("how", "name", "kind", "said"),
    [
        (
            {"target": "redis", "kind": "cache"},
            "GET",
            SpanKind.CLIENT,
            {"db.system.name": "redis", "db.operation.name": "GET"},
        ),
        (
            {"target": "events", "kind": "events", "operation": "PUBLISH"},
            "publish events",
            SpanKind.PRODUCER,
            {"messaging.system": "events", "messaging.operation.name": "publish"},
        ),
        (
            {"target": "objects", "kind": "objects", "operation": "PUT"},
            "PUT objects",
            SpanKind.CLIENT,
            {"peer.service": "objects"},
        ),
        (
            {
                "target": "postgresql",
                "kind": "database",
                "operation": "UPDATE",
                "detail": "UPDATE users SET name='Ada', age=41 WHERE id = $1::UUID /* a comment */",
            },
            "UPDATE users",
            SpanKind.CLIENT,
            {
                "db.system.name": "postgresql",
                "db.operation.name": "UPDATE",
                "db.collection.name": "users",
                "db.query.summary": "UPDATE users",
                "db.query.text": "UPDATE users SET name=?, age=? WHERE id = ?",
            },
        ),
    ],
)
def test_a_call_to_a_store(recorded, how, name, kind, said):
    """It is below whoever called, as long as it was, and says what was asked and no value."""
    ours = told(**how)
    (span,) = recorded()
    assert (span.name, span.kind, dict(span.attributes)) == (name, kind, said)
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (ours.trace_id, ours.span_id)
    assert span.end_time - span.start_time == 500_000_000
    assert span.status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"failed": True, "is_lost": True}, "no_answer"),
        ({"status": 404}, "404"),
        ({"status": 404, "is_served": True}, None),
        ({"status": 503, "is_served": True, "failed": True}, "503"),
        ({"failed": True}, "_OTHER"),
    ],
)
def test_an_error(recorded, how, error):
    """A refusal is an error to whoever asked, not to whoever refused."""
    told(target="flags", kind="http", place=begun(), **how)
    (span,) = recorded()
    assert span.attributes.get("error.type") == error
    assert (span.status.status_code is StatusCode.ERROR) == (error is not None)


def test_a_call_outside_of_a_trace(recorded):
    """What a service does by itself, with no request around, is no trace of its own."""
    calls.report(calls.Call("watch", "sqlite", "database", "SELECT", 0.1, failed=False))
    assert recorded() == ()


@pytest.mark.parametrize(
    ("name", "argument", "asked", "is_recorded"),
    [
        ("", "", "1", True),
        ("", "", "0", False),
        ("always_off", "", "1", False),
        ("always_on", "", "0", True),
        ("parentbased_traceidratio", "0", "1", True),
        ("traceidratio", "0", "1", False),
        ("parentbased_always_off", "", None, False),
        ("parentbased_always_on", "", None, True),
    ],
)
def test_sampling(monkeypatch, request, name, argument, asked, is_recorded):
    """The standard sampler decides when a trace enters; what goes out says so, and all below it is as it is."""
    if name:
        monkeypatch.setenv("OTEL_TRACES_SAMPLER", name)
        monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", argument or "1")
    spans = request.getfixturevalue("recorded")
    ours = begun() if asked is None else continued([CALLER + asked], [])
    token = trace.set(ours)
    calls.report(calls.Call("", "auth", "http", "GET", 0.1, failed=False, place=ours, is_served=True))
    calls.report(calls.Call("auth", "sqlite", "database", "SELECT", 0.1, failed=False))
    trace.reset(token)
    assert len(spans()) == (2 if is_recorded else 0)
    assert int(ours.parent[-2:], 16) & 1 == is_recorded


async def test_a_service_inside_has_a_place_of_its_own(recorded):
    """What it does lies below it, and the caller's place is the current one again when it has answered."""

    async def answer(_scope, _receive, send):
        calls.report(calls.Call("flags", "sqlite", "database", "SELECT", 0.0, failed=False))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def nothing(*_):
        await asyncio.sleep(0)

    ours = begun()
    token, service = trace.set(ours), calls.current_service.set("gateway")
    app = Observe(answer, service="flags", requests=Requests())
    await app({"type": "http", "method": "GET", "headers": []}, nothing, nothing)
    assert trace.get() is ours
    calls.current_service.reset(service)
    trace.reset(token)
    statement, served = recorded()
    assert f"{served.parent.span_id:016x}" == ours.span_id
    assert statement.parent.span_id == served.context.span_id
    assert served.instrumentation_scope.name == "autograph.flags"


def test_with_no_collector_nobody_has_a_place():
    """A call goes out under its request's own place, as a trace that begins has the flags of always."""
    token = trace.set(begun())
    assert (below(), entered(is_inside=True), entered(is_inside=False)) == (None, None, None)
    assert trace.get().flags == 3
    trace.reset(token)
