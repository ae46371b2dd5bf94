"""What stands before a service that runs apart: its internal addresses are for our own services, proven each time."""

import hashlib
import hmac
import json
from itertools import pairwise

import aiohttp
import pytest
import structlog
from tests.api.gateway.conftest import served
from tests.caller import Caller
from tests.clock import HandClock

from autograph.clients.internal import SIGNATURE_HEADER, SKEW_SECONDS, Asked, Signatures
from autograph.clients.transport import HttpTransport
from autograph.core.clock import SystemClock
from autograph.core.problem import Unavailable
from autograph.gateway.app import create_service
from autograph.gateway.health import Health
from autograph.gateway.layers import internal

pytestmark = pytest.mark.feature("gateway.auth")

OLD, NEW, OTHER = "o" * 32, "n" * 32, "x" * 32
PATH, BODY = "/internal/things?a=%C3%A4&b=%2F", b'{"a": 1}'


@pytest.fixture
def clock():
    return HandClock()


class Served:
    """A service behind the layer, and what it was asked in the end."""

    def __init__(self, clock, *secrets, name="diagrams"):
        self.bodies = []
        self.signatures = Signatures(secrets, clock)
        health = Health(service=name, version="0", clock=clock, probes={})
        self.door = create_service(self._answer, health=health, signatures=self.signatures)
        self.call = Caller(self.door)

    async def _answer(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.bodies.append(body)
        told = json.dumps({"path": scope["path"], "query": scope["query_string"].decode()}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": told})


def signed(clock, *secrets, method="POST", path=PATH, body=BODY, service="diagrams"):
    """The header of a call that our own service would make."""
    return {SIGNATURE_HEADER: Signatures(secrets, clock).sign(Asked(service, method, path), body)}


async def sent(service, headers, *, method="POST", path=PATH, body=BODY):
    """The status of a call; what was refused tells nothing and has not reached the service."""
    before = len(service.bodies)
    answer = await service.call(method, path, content=body, headers=headers)
    if answer.status != 200:
        assert answer.slug == "stranger"
        assert answer.json()["detail"] == answer.json()["title"]
        assert len(service.bodies) == before
    return answer.status


async def test_our_own_are_heard(clock):
    """A signed call reaches the service with its body, whichever method and query it has."""
    service = Served(clock, OLD)
    assert await sent(service, signed(clock, OLD)) == 200
    assert await sent(service, signed(clock, OLD, method="GET", body=b""), method="GET", body=b"") == 200
    assert service.bodies == [BODY, b""]


@pytest.mark.parametrize(
    "shown",
    [
        "",
        ".",
        "...",
        "1.2.3.4",
        "1764150000000..a.b",
        "é.é.é.é",
        "." * 5000,
        "9" * 5000 + ".a.b.c",
        "٣.a.b.c",
    ],
)
async def test_what_is_no_signature(clock, shown):
    """Nonsense is refused like a missing signature, and is no fault of ours."""
    service = Served(clock, OLD)
    headers = {**signed(clock, OLD)}
    assert await sent(service, {}) == 403
    assert await sent(service, {SIGNATURE_HEADER: shown.encode().decode("utf-8")}) == 403
    assert await sent(service, {**headers, SIGNATURE_HEADER.upper(): headers[SIGNATURE_HEADER]}) == 403


@pytest.mark.parametrize(
    "other",
    [
        {"method": "PUT"},
        {"path": "/internal/others?a=%C3%A4&b=%2F"},
        {"path": "/internal/things?a=%C3%A4&b=/"},
        {"path": "/internal/things"},
        {"path": "/internal/%74hings?a=%C3%A4&b=%2F"},
        {"body": b'{"a": 2}'},
        {"body": b""},
        {"body": BODY + b" "},
        {"service": "auth"},
        {"service": ""},
    ],
)
async def test_a_signature_is_for_one_call(clock, other):
    """Another method, path, query, spelling, body or service is another call."""
    assert await sent(Served(clock, OLD), signed(clock, OLD, **other)) == 403


async def test_every_part_is_signed(clock):
    """A letter changed anywhere in the header, and nobody is believed."""
    service = Served(clock, OLD)
    whole = signed(clock, OLD)[SIGNATURE_HEADER]
    for index, letter in enumerate(whole):
        changed = whole[:index] + ("1" if letter != "1" else "2") + whole[index + 1 :]
        assert await sent(service, {SIGNATURE_HEADER: changed}) == 403, index
    assert await sent(service, {SIGNATURE_HEADER: whole}) == 200


async def test_the_mac_is_what_is_described(clock):
    """HMAC-SHA256 over the lines that the module names, made here by hand."""
    at, digest = int(clock.now().timestamp() * 1000), hashlib.sha256(BODY).hexdigest()
    said = f"{at}.0011223344556677.{digest}"
    lines = "\n".join(["autograph-internal-1", "diagrams", "POST", PATH, said])
    mac = hmac.new(OLD.encode(), lines.encode(), "sha256").hexdigest()
    assert await sent(Served(clock, OLD), {SIGNATURE_HEADER: f"{said}.{mac}"}) == 200


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (59.9, 200), (60, 200), (60.1, 403), (86400, 403)])
@pytest.mark.parametrize("direction", [1, -1])
async def test_clocks_may_differ_a_little(clock, seconds, status, direction):
    """60 seconds and no more, in both directions."""
    theirs = HandClock()
    theirs.wind(seconds=direction * seconds)
    assert await sent(Served(clock, OLD), signed(theirs, OLD)) == status


async def test_a_call_is_heard_once(clock):
    """What was overheard is worth nothing afterwards, while its time could still be believed."""
    service, theirs = Served(clock, OLD), HandClock()
    theirs.wind(seconds=SKEW_SECONDS)
    headers = signed(theirs, OLD)
    assert await sent(service, headers) == 200
    for _ in range(2 * SKEW_SECONDS + 1):
        assert await sent(service, headers) == 403
        clock.wind(seconds=1)
        assert await sent(service, signed(clock, OLD)) == 200  # the same call, made anew, is another
    assert await sent(service, headers) == 403
    asking = signed(clock, OLD, method="GET", body=b"")
    for _ in range(2):  # a connection that breaks makes our client ask once more
        assert await sent(service, asking, method="GET", body=b"") == 200


async def test_memory_is_bounded(clock, monkeypatch):
    """Of more calls than can be remembered the oldest are forgotten; of few, those whose time is over."""
    monkeypatch.setattr("autograph.clients.internal.REMEMBERED", 10)
    service = Served(clock, OLD)
    for _ in range(30):
        assert await sent(service, signed(clock, OLD)) == 200
    assert len(service.signatures._seen) == 10
    clock.wind(seconds=2 * SKEW_SECONDS + 1)
    assert await sent(service, signed(clock, OLD)) == 200
    assert len(service.signatures._seen) == 1


async def test_secrets_are_changed_without_a_gap(clock):
    """Old and new processes hear each other at each of the three steps; afterwards the old secret opens nothing."""
    steps = [(OLD,), (OLD, NEW), (NEW, OLD), (NEW,)]
    for before, after in pairwise(steps):
        for caller in (before, after):
            for heard in (before, after):
                assert await sent(Served(clock, *heard), signed(clock, *caller)) == 200
    assert await sent(Served(clock, NEW), signed(clock, OLD)) == 403
    assert await sent(Served(clock, OLD, NEW), signed(clock, OTHER)) == 403


async def test_without_a_secret_all_are_strangers(clock):
    """A service that has none believes nobody, not even who signs with nothing."""
    assert await sent(Served(clock), signed(clock, OLD)) == 403
    assert await sent(Served(clock), signed(clock, "")) == 403


async def test_a_body_in_pieces(clock):
    """Its pieces are one body; one that is too large is refused by its size, and a stranger's is not even read."""
    service, pulled = Served(clock, OLD), 0

    async def pieces(*parts):
        nonlocal pulled
        for part in parts:
            pulled += 1
            yield part

    answer = await service.call(
        "POST", PATH, pieces=pieces(BODY[:3], b"", BODY[3:]), headers=signed(clock, OLD)
    )
    assert (answer.status, service.bodies) == (200, [BODY])
    pulled, mib = 0, b"x" * 1024 * 1024
    whole = mib * (internal.LARGEST_BODY_BYTES // len(mib))
    assert await sent(service, signed(clock, OLD, body=whole), body=whole) == 200
    answer = await service.call("POST", PATH, content=whole + b"x", headers=signed(clock, OLD))
    assert answer.slug == "too-large"
    answer = await service.call("POST", PATH, pieces=pieces(*[mib] * 40), headers=signed(clock, OLD))
    assert (answer.slug, pulled) == ("too-large", 17)
    pulled = 0
    answer = await service.call("POST", PATH, pieces=pieces(*[mib] * 40), headers=signed(clock, OTHER))
    assert (answer.slug, pulled) == ("stranger", 0)


@pytest.mark.parametrize("path", ["/internal", "/internal/", "/internal/x/../y", "/internals"])
async def test_all_below_is_closed(clock, path):
    """Whatever begins like an internal address is one."""
    assert await sent(Served(clock, OLD), {}, method="GET", path=path, body=b"") == 403


async def test_the_rest_needs_nothing(clock):
    """Health and what the gateway hands on pass without a signature, with a wrong one, too."""
    service = Served(clock, OLD)
    for path in ("/livez", "/readyz", "/health", "/api/diagrams", "/api/internal/x"):
        assert (await service.call("GET", path)).status == 200
        assert (await service.call("GET", path, headers={SIGNATURE_HEADER: "x"})).status == 200


async def test_a_socket_is_refused(clock):
    """No WebSocket is internal."""
    said = []

    async def send(message):
        said.append(message)

    headers = [(SIGNATURE_HEADER.encode(), signed(clock, OLD, method="GET")[SIGNATURE_HEADER].encode())]
    scope = {"type": "websocket", "path": "/internal/x", "headers": headers, "client": None, "state": {}}
    await Served(clock, OLD).door(scope, None, send)
    assert said == [{"type": "websocket.close", "code": 1008, "reason": said[0]["reason"]}]


async def test_refusals_are_counted_and_told_once_a_minute(clock):
    """The log says why, at most once a minute, never the signature; the metric counts each."""
    signatures, now = Signatures((OLD,), clock), [0.0]

    async def nothing(*_):
        raise AssertionError("a stranger came in")

    layer = internal.Internal(nothing, service="auth", signatures=signatures, monotonic=lambda: now[0])
    shown = b"secret-looking"
    scope = {"type": "http", "method": "GET", "path": "/internal/" + "x" * 5000, "query_string": b"", "headers": [(SIGNATURE_HEADER.encode(), shown)]}  # fmt: skip
    with structlog.testing.capture_logs() as lines:
        for second in range(61):
            now[0] = float(second)
            with pytest.raises(internal.Stranger):
                await layer(dict(scope), None, None)
    assert [(line["event"], line["refused"]) for line in lines] == [
        ("internal.refused", 1),
        ("internal.refused", 61),
    ]
    assert shown.decode() not in str(lines)
    assert all(len(str(line)) < 600 for line in lines)
    assert signatures.counters() == {"internal_refused": 61.0}


@pytest.mark.parametrize(
    "path",
    [
        "/internal/a b", "/internal/a%20b?x=a+b%2B", "/internal/ä%C3%A4", "/internal/a%2Fb%2e%7E?next=/x?y=%3F&&z",
        "/internal/../internal/a", "/internal/x?", "/internal/a;b=c,d:e@f!$'()*", "/internal/x?a=%zz",
    ],
)  # fmt: skip
async def test_over_the_wire(path):
    """What our client signs is what arrives, however the path is spelled, behind an address with a path, too."""
    service = Served(SystemClock(), OLD)

    async def below(scope, receive, send):
        """A proxy that takes the first part of the path away."""
        raw = scope["raw_path"].removeprefix(b"/proxied")
        await service.door(
            {**scope, "raw_path": raw, "path": scope["path"].removeprefix("/proxied")}, receive, send
        )

    async with served(below) as host, aiohttp.ClientSession(auto_decompress=False) as session:
        for base in (f"http://{host}", f"http://{host}/proxied/"):
            ours = HttpTransport(
                base, session, service="diagrams", signatures=Signatures((OLD,), SystemClock())
            )
            assert (await ours.request("POST", path, headers={}, json={"ä": 1})).status == 200
            assert (await ours.request("GET", path, headers={})).status == 200
        for wrong in (
            HttpTransport(base, session, service="auth", signatures=Signatures((OLD,), SystemClock())),
            HttpTransport(base, session, service="diagrams", signatures=Signatures((OTHER,), SystemClock())),
            HttpTransport(base, session, service="diagrams"),
        ):
            with pytest.raises(Unavailable):  # it is our own fault, and nobody is signed out by it
                await wrong.request("GET", path, headers={})
    assert service.bodies == ['{"ä":1}'.encode(), b""] * 2


async def test_what_goes_elsewhere_is_not_signed():
    """Only internal calls carry a signature."""
    seen = []

    async def telling(scope, _receive, send):
        seen.append([name for name, _ in scope["headers"] if name == SIGNATURE_HEADER.encode()])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(telling) as host, aiohttp.ClientSession(auto_decompress=False) as session:
        ours = HttpTransport(
            f"http://{host}", session, service="auth", signatures=Signatures((OLD,), SystemClock())
        )
        for path in ("/api/auth/me", "/livez", "/internal/x"):
            await ours.request("GET", path, headers={})
    assert [len(found) for found in seen] == [0, 0, 1]
