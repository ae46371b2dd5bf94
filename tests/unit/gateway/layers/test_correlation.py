"""The correlation layer: one ID and one trace, in the context, behind and on the answer."""

import pytest

from autograph.clients.transport import LocalTransport
from autograph.core.correlation import correlation_id, document_id
from autograph.core.trace import trace
from autograph.gateway.layers.correlation import Correlation

pytestmark = pytest.mark.feature("observability.correlation")

DOCUMENT = "01890a5d-ac96-774b-bcce-b302099a8057"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def passed(*headers, kind="http", started="http.response.start"):
    """What an app inside of the layer sees, and the headers of its answer."""
    seen, sent = {}, []

    async def app(scope, _receive, send):
        seen.update(headers=scope["headers"], id=correlation_id.get(), trace=trace.get())
        await send({"type": started, "status": 200, "headers": [(b"x-correlation-id", b"from-behind")]})

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "method": "GET", "path": "/", "headers": list(headers)}
    await Correlation(app)(scope, None, send)
    return seen, sent[0].get("headers")


@pytest.mark.parametrize("offered", ["a" * 8, "A-z_0.9-" * 8, "550e8400-e29b-41d4-a716-446655440000"])
async def test_clean_id_is_taken(offered):
    """A short and clean ID of the caller is used, once, everywhere."""
    seen, answered = await passed((b"x-correlation-id", offered.encode()))
    assert seen["id"] == offered
    assert [v for n, v in seen["headers"] if n == b"x-correlation-id"] == [offered.encode()]
    assert [pair for pair in answered if pair[0] == b"x-correlation-id"] == [
        (b"x-correlation-id", offered.encode())
    ]


@pytest.mark.parametrize(
    "offered", ["", "short", "a" * 65, "has space", "line\nbreak1", "semi;colon", "\xe9" * 8]
)
async def test_unclean_id_is_replaced(offered):
    """Anything else is replaced by an ID of ours."""
    seen, answered = await passed((b"x-correlation-id", offered.encode("latin-1")))
    assert seen["id"] not in {"", offered}
    assert (b"x-correlation-id", seen["id"].encode()) in answered


async def test_trace_goes_on():
    """The services behind get the caller's trace with our span as the parent, once, and its state."""
    parent = f"00-{TRACE}-{SPAN}-01".encode()
    seen, answered = await passed((b"traceparent", parent), (b"tracestate", b"a=1"), (b"tracestate", b"b=2"))
    sent = dict(seen["headers"])
    assert dict(answered)[b"traceresponse"] == sent[b"traceparent"]
    assert len(sent) == len(seen["headers"]) == 3
    assert sent[b"traceparent"] == f"00-{TRACE}-{seen['trace'].span_id}-01".encode()
    assert sent[b"tracestate"] == b"a=1,b=2"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/api/diagrams/{DOCUMENT}", DOCUMENT),
        (f"/api/export/{DOCUMENT}/thumbnail", DOCUMENT),
        (f"/api/collab/{DOCUMENT}", DOCUMENT),
        ("/api/diagrams/trash", ""),
        (f"/api/analysis/jobs/{DOCUMENT}", ""),
        (f"/api/diagrams/{DOCUMENT}0", ""),
        ("/", ""),
    ],
)
async def test_the_document_is_known_by_its_path(path, expected):
    """Whatever is logged inside can name it; outside nothing is left."""
    seen = []

    async def app(_scope, _receive, _send):
        seen.append(document_id.get())

    await Correlation(app)({"type": "http", "method": "GET", "path": path, "headers": []}, None, None)
    assert seen == [expected]
    assert document_id.get() == ""


async def test_state_without_parent():
    """A tracestate alone, or beside two traceparents, means nothing and ends here."""
    parent = (b"traceparent", f"00-{TRACE}-{SPAN}-01".encode())
    for given in ([], [parent, parent]):
        seen, _ = await passed(*given, (b"tracestate", b"a=1"))
        assert b"tracestate" not in dict(seen["headers"])
        assert seen["trace"].trace_id != TRACE


@pytest.mark.parametrize("started", ["websocket.accept", "websocket.http.response.start"])
async def test_sockets_too(started):
    """The answer to a WebSocket handshake carries the ID as well."""
    seen, answered = await passed((b"x-correlation-id", b"12345678"), kind="websocket", started=started)
    assert (b"x-correlation-id", b"12345678") in answered
    assert seen["id"] == "12345678"


async def test_calls_between_services():
    """What a service asks another carries the same ID and trace, and the context is empty afterwards."""
    asked = {}

    async def other(scope, _receive, send):
        asked.update({n.decode(): v.decode() for n, v in scope["headers"]})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def service(_scope, _receive, send):
        await LocalTransport(other).request("GET", "/internal/x", headers={})
        await send({"type": "http.response.start", "status": 200})

    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"x-correlation-id", b"12345678"), (b"traceparent", f"00-{TRACE}-{SPAN}-01".encode())]
    headers.append((b"tracestate", b"a=1"))
    await Correlation(service)({"type": "http", "path": "/", "headers": headers}, None, send)
    assert asked["x-correlation-id"] == "12345678"
    assert asked["traceparent"].startswith(f"00-{TRACE}-")
    assert asked["tracestate"] == "a=1"
    assert (correlation_id.get(), trace.get()) == ("", None)
