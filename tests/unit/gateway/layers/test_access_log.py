"""Tests of the line that every request leaves in the log."""

import json

import pytest
import structlog

from autograph.gateway.layers.access_log import AccessLog
from autograph.observability import logs

TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture
def lines(capsys):
    """JSON logs; returns how to read what was written."""
    logs.configure("info", as_json=True)
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()


async def answered(method, path, status):
    """Have one request answered with this status, and logged."""

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(_message):
        pass

    await AccessLog(app)({"type": "http", "method": method, "path": path}, None, send)


@pytest.mark.feature("observability.logs")
@pytest.mark.parametrize(("status", "path"), [(404, f"/api/{TOKEN}/ada@example.com"), (200, "/api/things/7")])
async def test_no_secret_in_a_path(lines, status, path):
    """What somebody has pasted behind our address is not written down; what is ours stays as it is."""

    await answered("GET", path, status)
    (line,) = lines()
    assert line["path"] == ("/api/[hidden]/[hidden]" if status == 404 else path)


@pytest.mark.feature("observability.logs")
@pytest.mark.parametrize(("status", "lines_written"), [(200, 0), (403, 1)])
async def test_what_is_told_every_few_seconds_is_told_when_it_goes_wrong(lines, status, lines_written):
    """Reports to the watch fill no log."""

    await answered("POST", "/internal/observations", status)
    assert len(lines()) == lines_written
