"""Tests of the layer that measures a service's requests, of the edges and of the page that Prometheus reads."""

import asyncio
import contextlib
import json

import pytest
import structlog
from fastapi import APIRouter, FastAPI
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as prometheus_families

from autograph.core import calls, deadline
from autograph.core.calls import Call, report
from autograph.core.clock import SystemClock
from autograph.core.problem import Problem, TooLarge, Unavailable
from autograph.model.principal import Principal
from autograph.observability import logs
from autograph.observability.edges import MOST_EDGES, Edges
from autograph.observability.requests import (
    BROKEN_OFF,
    CLIENT_GONE,
    MOST_ROUTES,
    OTHER,
    TIMED_OUT,
    CallsOut,
    Observe,
    Requests,
)
from autograph.observability.telemetry import Telemetry


class Matched:
    """What a framework leaves in the scope of a request that it has routed."""

    path = "/api/things/{thing}"


async def ask(app, *, method="GET", path="/api/things/7", body=b"", gone=False, state=None):
    """Send one request through an ASGI app; return the messages of its answer."""
    sent = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return waiting.pop(0) if waiting and not gone else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [],
        "state": state or {},
        "query_string": b"",
    }
    await app(scope, receive, send)
    return sent


def service(status=200, body=b"ok", *, ends=True, headers=(), matched=True, error=None):
    """A service that answers so."""

    async def app(scope, receive, send):
        await receive()
        if matched:
            scope["route"] = Matched
        if error:
            raise error
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body, "more_body": not ends})

    return app


@pytest.fixture
def requests():
    """Where requests are counted."""
    return Requests(slow_seconds=0.05)


def observed(requests, app, **more):
    """The service with its layer."""
    return Observe(app, service="things", requests=requests, **more)


@pytest.mark.feature("observability.requests")
async def test_a_request_is_counted_by_its_template(requests):
    """Ten things make one series: the route's template, with bytes in and out."""
    app = observed(requests, service(body=b"12345"))
    for n in range(10):
        await ask(app, path=f"/api/things/{n}", body=b"abc")
    (row,) = requests.counts()
    assert (row.service, row.method, row.route) == ("things", "GET", "/api/things/{thing}")
    assert (row.durations.count, row.request_bytes, row.response_bytes, row.errors) == (10, 30, 50, 0)


async def test_a_template_is_whole_where_routers_lie_in_routers(requests):
    """However a service is put together, the template is what callers see."""
    outer, inner, app = APIRouter(prefix="/api"), APIRouter(prefix="/things"), FastAPI()
    inner.add_api_route("/{thing}", lambda thing: thing)
    outer.include_router(inner)
    app.include_router(outer)
    await ask(observed(requests, app), path="/api/things/7")
    (row,) = requests.counts()
    assert row.route == "/api/things/{thing}"


@pytest.mark.feature("observability.dependencies")
@pytest.mark.parametrize(
    ("app", "failed", "is_lost"),
    [
        (service(404), False, False),
        (service(503), True, False),
        (service(error=Unavailable("away")), True, True),
        (service(error=TooLarge("client's")), False, False),
        (service(200, ends=False), True, False),
    ],
)
async def test_a_call_to_another_process_is_told(app, failed, is_lost):
    """Who called whom, whether it was the called one's fault, and whether anything came back."""
    seen = []
    stop, token = calls.observe(seen.append), calls.current_service.set("gateway")
    with contextlib.suppress(Problem):
        await ask(CallsOut(app, service="things"))
    stop()
    calls.current_service.reset(token)
    (call,) = seen
    assert (call.source, call.target, call.kind, call.operation) == ("gateway", "things", "http", "GET")
    assert (call.failed, call.is_lost) == (failed, is_lost)


async def test_random_paths_and_methods_make_no_series(requests):
    """Ten thousand paths that match nothing, with odd methods, are one series."""
    app = observed(requests, service(404, matched=False))
    for n in range(10_000):
        await ask(app, path=f"/{n}", method=f"M{n}")
    assert [(row.method, row.route) for row in requests.counts()] == [(OTHER, OTHER)]


def test_series_are_bounded(requests):
    """Should templates ever be endless, the count of series is not."""
    for n in range(MOST_ROUTES + 500):
        requests.route(("things", "GET", f"/{n}", 200))
    assert len(list(requests.items())) <= MOST_ROUTES + 1


@pytest.mark.parametrize(
    ("app", "gone", "client_errors", "errors"),
    [
        (service(404), False, 1, 0),
        (service(503), False, 0, 1),
        (service(200, ends=False), False, 0, 1),
        (service(200, ends=False), True, 1, 0),
    ],
)
async def test_who_is_to_blame(requests, app, gone, client_errors, errors):
    """4xx and those who hang up are the client's, 5xx and answers without an end are ours."""
    await ask(observed(requests, app), gone=gone)
    (row,) = requests.counts()
    assert (row.client_errors, row.errors) == (client_errors, errors)
    assert {BROKEN_OFF, CLIENT_GONE} == {599, 499}


@pytest.mark.parametrize(("ending", "status"), [("gone", CLIENT_GONE), ("late", TIMED_OUT), ("", 500)])
async def test_a_stopped_request_is_counted_by_why_it_was_stopped(requests, ending, status):
    """A cancelled request is the client's doing when it left, a timeout when it was late, else an error."""
    limit = deadline.Deadline(1)
    limit.ending = ending
    deadline.current.set(limit)
    with pytest.raises(asyncio.CancelledError):
        await ask(observed(requests, service(error=asyncio.CancelledError())))

    ((key, _),) = requests.items()
    assert key[3] == status


async def test_what_raises_is_an_error_and_goes_on(requests):
    """An exception passes through and is counted as a 500."""
    with pytest.raises(ZeroDivisionError):
        await ask(observed(requests, service(error=ZeroDivisionError())))
    assert requests.counts()[0].errors == 1


async def test_a_slow_request_is_counted_and_logged(requests, capsys):
    """What takes longer than the threshold says so, with its route."""

    async def slow(scope, receive, send):
        await asyncio.sleep(0.08)
        await service()(scope, receive, send)

    await ask(observed(requests, slow))
    assert requests.counts()[0].slow == 1
    assert "request.slow" in "".join(capsys.readouterr())


async def test_a_slow_request_names_the_person(requests, capsys):
    """The gateway's own line too, where no service has said for whom it works."""
    logs.configure("info", as_json=True)
    principal = Principal(user_id="u1", email="a@example.org", name="A", roles=(), session_id="s")
    requests.slow_seconds = 0.0
    await ask(observed(requests, service()), state={"principal": principal})
    structlog.reset_defaults()
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["user"]) == ("request.slow", "u1")


async def test_a_stream_lasts_until_its_first_byte(requests):
    """An event stream that is open for long does not look like a slow request."""

    async def stream(_scope, _receive, send):
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    await ask(observed(requests, stream))
    assert requests.counts()[0].durations.total_seconds < 0.05


async def test_callers_are_told(requests):
    """A request from outside comes from the entry's name; one made while serving comes from the server."""
    edges = Edges()
    stop = calls.observe(edges)
    inner = Observe(service(), service="auth", requests=requests)

    async def outer(scope, receive, send):
        await ask(inner)
        await service()(scope, receive, send)

    await ask(Observe(outer, service="gateway", requests=requests, entry="browser"))
    stop()
    assert [(edge.source, edge.target, edge.durations.count) for edge in edges.counts()] == [
        ("browser", "gateway", 1),
        ("gateway", "auth", 1),
    ]


def test_edges_are_bounded():
    """However many targets a mistake invents, memory stays bounded."""
    edges = Edges()
    for n in range(MOST_EDGES * 2):
        edges(calls.Call("a", f"t{n}", "http", "GET", 0.1, failed=False))
    assert len(edges.counts()) == MOST_EDGES


@pytest.fixture
async def telemetry(tmp_path):
    """A process that watches itself."""
    found = Telemetry(["things"], version="3", clock=SystemClock(), folder=tmp_path)
    found.start()
    yield found
    await found.close()


@pytest.mark.feature("observability.metrics")
async def test_prometheus_and_openmetrics_can_read_it(telemetry):
    """Both formats parse, carry the standard name, and OpenMetrics has exemplars, with the longest ID too."""
    from autograph.core.correlation import accept, correlation_id
    from autograph.core.trace import begun, trace

    longest, ours = "x" * 64, begun()
    assert accept(longest) == longest
    tokens = correlation_id.set(longest), trace.set(ours)
    await ask(observed(telemetry.requests, service(), entry="browser"), state={"saved_bytes": 11})
    correlation_id.reset(tokens[0])
    trace.reset(tokens[1])
    text, kind = telemetry.metrics.text()
    assert kind.startswith("text/plain")
    names = {family.name for family in prometheus_families(text.decode())}
    assert {"http_server_request_duration_seconds", "cpu_load_average_1m", "autograph_build_info"} <= names
    text, kind = telemetry.metrics.text("application/openmetrics-text; version=1.0.0")
    families = {family.name: family for family in openmetrics_families(text.decode())}
    samples = families["http_server_request_duration_seconds"].samples
    exemplars = [sample.exemplar for sample in samples if sample.exemplar]
    assert exemplars[0].labels == {"correlation_id": longest, "trace_id": ours.trace_id}
    assert families["http_server_response_saved_bytes"].samples[0].value == 11


@pytest.mark.feature("observability.metrics")
def test_stores_that_cannot_be_reached_are_down(telemetry):
    """By the newest call of each service: a refused statement is no lost database, a lost connection is."""

    def up():
        lines = telemetry.metrics.text()[0].decode().splitlines()
        return {
            line.split('dependency="')[1].split('"')[0]: line[-3:]
            for line in lines
            if "dependency_up{" in line
        }

    def call(target, kind, **how):
        report(Call("things", target, kind, "X", 0.01, **how))

    call("postgresql", "database", failed=True)
    call("redis", "cache", failed=False)
    call("objects", "objects", failed=True)
    call("auth", "http", failed=True)
    assert up() == {"postgresql": "1.0", "redis": "1.0", "objects": "0.0"}
    call("postgresql", "database", failed=True, is_lost=True)
    call("objects", "objects", failed=False)
    assert up() == {"postgresql": "0.0", "redis": "1.0", "objects": "1.0"}


@pytest.mark.feature("observability.dependencies")
def test_calls_without_an_answer_are_counted_apart(telemetry):
    """Half of a call is no pair: it stays a call and an error of its edge, and is told as unpaired."""
    for is_lost in (False, True, True):
        report(Call("gateway", "auth", "http", "GET", 0.01, failed=True, is_lost=is_lost))
    text = telemetry.metrics.text()[0].decode()
    labels = '{client="gateway",kind="http",server="auth"}'
    for name, count in (("request", 3), ("request_failed", 3), ("unpaired_spans", 2)):
        assert f"traces_service_graph_{name}_total{labels} {count}.0" in text


@pytest.mark.feature("observability.queries")
def test_the_pool_has_the_standard_names(telemetry):
    """Connections in use, the most there may be, who waits and who waited in vain, as OpenTelemetry calls them."""
    telemetry.gauges.append(lambda: {"pool_in_use": 3.0, "pool_size": 30.0, "pool_waiting": 2.0})
    telemetry.counters.append(lambda: {"pool_timeouts": 5.0})
    text = telemetry.metrics.text()[0].decode()
    pool = f'pool_name="autograph",service="{telemetry.observations().process.services[0]}"'
    for series in (
        f'usage{{{pool},state="used"}} 3.0',
        f"max{{{pool}}} 30.0",
        f"pending_requests{{{pool}}} 2.0",
        f"timeouts_total{{{pool}}} 5.0",
    ):
        assert f"\ndb_client_connections_{series}\n" in text


async def test_a_reading_survives_the_wire(telemetry):
    """What a process tells of itself is the same after JSON, with the routes and edges in it."""
    await ask(observed(telemetry.requests, service(), entry="browser"))
    reading = telemetry.observations()
    assert type(reading).model_validate_json(reading.model_dump_json()) == reading
    assert reading.edges[0].target == "things"
