"""One request through four services: the same trace in the answer, in every process's log and in the database's."""

import asyncio
import json
import re
import time

import asyncpg
import pytest
from tests.servers import postgres
from tests.servers.autograph import Running
from tests.system.conftest import Installation, first_administrator
from tests.system.shapes.test_scenarios import archive, read_through

pytestmark = pytest.mark.feature("observability.correlation")

TRACE, ID = "0af7651916cd43dd8448eb211c80319c", "one-request-of-four"


@pytest.fixture(scope="module")
def database(postgres_server):
    """URL of a database whose server logs every statement with the name of its connection."""
    url = postgres.fresh_database(postgres_server, "traces")

    async def say(*statements):
        connection = await asyncpg.connect(url)
        for statement in (*statements, "SELECT pg_reload_conf()"):
            await connection.execute(statement)
        await connection.close()

    logging = "ALTER DATABASE traces SET log_statement = 'all'"
    asyncio.run(say(logging, "ALTER SYSTEM SET log_line_prefix = '%d|%a|'"))
    yield url
    asyncio.run(say("ALTER SYSTEM RESET log_line_prefix"))


@pytest.fixture(scope="module")
def apart(tmp_path_factory, database):
    """Every service on the way is a process of its own, and logs lines of JSON."""
    urls, services, folder = {}, {}, tmp_path_factory.mktemp("apart")
    shared = {
        "DATABASE_URL": database,
        "ENV": "production",
        "METRICS__TOKEN": "t",
        "SERVICES__SECRETS": "of-this-installation-and-no-other",
        "DRAIN_DELAY_SECONDS": "0",
    }

    def running(*names):
        return Running(folder, command=("serve", *names), UPSTREAMS=json.dumps(urls), **shared)

    try:
        for name in ("auth", "diagrams", "export", "flags", "analysis", "watch"):
            services[name] = running(name)
            urls[name] = f"http://127.0.0.1:{services[name].port}"
        services["gateway"] = running("gateway")
        yield Installation(services["gateway"], services)
    finally:
        for started in services.values():
            started.stop()


@pytest.fixture(scope="module")
def ada(apart):
    """The first administrator."""
    return first_administrator(apart)


def events(running):
    """What a process has logged of the request."""
    lines = [line for line in running.log.read_text().splitlines() if line.startswith("{")]
    return [event for event in map(json.loads, lines) if event.get("correlation_id") == ID]


def test_one_trace_everywhere(apart, ada, scratch):
    """Gateway, analysis, export and diagrams work on one request; so do the statements of diagrams."""
    parent = f"00-{TRACE}-b7ad6b7169203331-01"
    status, headers, document = ada(
        "POST",
        f"{read_through(ada, archive())}/document",
        {"title": "Shop"},
        x_correlation_id=ID,
        traceparent=parent,
    )
    assert status == 201, document
    assert headers["x-correlation-id"] == ID
    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-01", headers["traceresponse"])

    deadline = time.monotonic() + 10  # a line is written after the last byte of the answer
    for name in ("gateway", "analysis", "export", "diagrams"):
        while not (found := events(apart.services[name])):
            assert time.monotonic() < deadline, name
            time.sleep(0.05)
        assert {event["trace_id"] for event in found} == {TRACE}
        last = [event for event in found if event["event"] == "request"][-1]
        assert last["user"] == ada("GET", "/api/auth/me")[2]["user"]["id"], name
        assert last.get("document") == (document["id"] if name in {"analysis", "diagrams"} else None)

    logged = (scratch / "postgres.log").read_text()
    inserted = re.findall(rf"traces\|diagrams {TRACE}\|LOG: .* INSERT INTO documents", logged)
    assert inserted
    (begun, *_) = re.findall(rf"BEGIN; SET LOCAL application_name = 'diagrams {TRACE}' /\*(.*)\*/", logged)
    assert f"correlation_id='{ID}',service='diagrams',traceparent='00-{TRACE}-" in begun


def test_a_job_goes_on_in_its_trace(apart, ada):
    """What is done in the background after the answer bears the ID, the trace and the person that asked for it."""
    asked = {"x-correlation-id": ID + "-job", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    read_through(ada, archive(), **asked)
    lines = apart.services["analysis"].log.read_text().splitlines()
    (ended,) = [
        event
        for event in map(json.loads, (line for line in lines if line.startswith("{")))
        if event["event"] == "analysis.job_ended" and event.get("correlation_id") == ID + "-job"
    ]
    assert (ended["state"], ended["trace_id"]) == ("done", TRACE)
    assert ended["user"] == ada("GET", "/api/auth/me")[2]["user"]["id"]


@pytest.mark.feature("observability.logs")
def test_every_line_is_json(apart, ada):
    """Also when a service fails and its server has something to say: nothing but the greeting is plain text."""
    assert ada("GET", "/test/error")[0] == 500
    for running in apart.services.values():
        _, _, lines = running.log.read_text().partition("Ctrl-C stops.")
        plain = [line for line in lines.splitlines() if line and not line.startswith(("{", "  "))]
        assert plain == []
