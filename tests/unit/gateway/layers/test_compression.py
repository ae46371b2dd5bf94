"""The compression layer: what is compressed, how, and what never is."""

import asyncio
import gzip
import io
import zlib

import brotli
import pytest
import zstandard
from tests.caller import Caller

from autograph.gateway.layers.compression import (
    OFF_LOOP_BYTES,
    Compression,
    CompressionSettings,
    preferred,
)

pytestmark = pytest.mark.feature("gateway.compression")

TEXT = b'{"name": "a node of many", "kind": "service"}, ' * 100
JSON = (b"content-type", b"application/json")
DECODED = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read(),
}


def service(*pieces, status=200, headers=(JSON,), sized=True):
    """Answers with these pieces; with their length when `sized`."""

    async def app(scope, _receive, send):
        told = [*headers]
        if sized:
            told.append((b"content-length", b"%d" % sum(map(len, pieces))))
        await send({"type": "http.response.start", "status": status, "headers": told})
        shown = pieces if scope["method"] != "HEAD" else (b"",)
        for n, piece in enumerate(shown, 1):
            await send({"type": "http.response.body", "body": piece, "more_body": n < len(shown)})

    return app


async def asked(app, method="GET", accept="gzip, br, zstd", **headers):
    sent = {"accept-encoding": accept, **headers} if accept else headers
    layer = Compression(app, settings=CompressionSettings())
    return await Caller(layer)(method, "/api/diagrams/1", headers=sent)


@pytest.mark.parametrize("encoding", DECODED)
@pytest.mark.parametrize(
    "pieces", [(TEXT,), (TEXT, TEXT, b"", TEXT), (TEXT * 40,), (b"", TEXT), (TEXT, TEXT * 40, b"")]
)
@pytest.mark.parametrize("sized", [True, False])
async def test_round_trip(encoding, pieces, sized):
    """Whole or streamed, large or small pieces: decoded it is what the service said, and it got smaller."""
    answer = await asked(service(*pieces, sized=sized), accept=encoding)
    assert answer.headers["content-encoding"] == encoding
    assert DECODED[encoding](answer.body) == b"".join(pieces)
    assert len(answer.body) < sum(map(len, pieces)) / 4
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers.get("content-length", str(len(answer.body))) == str(len(answer.body))


@pytest.mark.parametrize("encoding", DECODED)
async def test_stream_is_flushed_piece_by_piece(encoding):
    """Each piece of a stream can be read when it was sent: nothing waits for the end."""
    step, arrived = asyncio.Event(), []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [JSON]})
        await send({"type": "http.response.body", "body": TEXT, "more_body": True})
        await step.wait()
        await send({"type": "http.response.body", "body": TEXT})

    async def send(message):
        arrived.append(message.get("body", b""))

    scope = {"type": "http", "method": "GET", "headers": [(b"accept-encoding", encoding.encode())]}
    asking = asyncio.create_task(Compression(app, settings=CompressionSettings())(scope, None, send))
    while len(arrived) < 2:
        await asyncio.sleep(0)
    readers = {
        "gzip": lambda data: zlib.decompressobj(31).decompress(data),
        "br": lambda data: brotli.Decompressor().process(data),
        "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    }
    assert readers[encoding](b"".join(arrived)) == TEXT
    step.set()
    await asking


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("gzip, br, zstd", b"zstd"),
        ("gzip, deflate, br", b"br"),
        ("gzip", b"gzip"),
        ("GZIP", b"gzip"),
        ("br;q=0.5, gzip;q=0.8", b"gzip"),
        ("br;q=0, gzip", b"gzip"),
        ("*", b"zstd"),
        ("*;q=0.1, br;q=0", b"zstd"),
        ("*;q=0", None),
        ("identity", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0, gzip;q=0.5", b"gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.000", None),
        ("gzip;q=x", None),
        ("gzip;q=2", None),
        ("gzip;q=-1", None),
        ("gzip;q=nan", None),
        ("deflate, compress", None),
        ("", None),
        (",,;", None),
    ],
)
def test_choice(accept, expected):
    """The client's weights decide; at equal weight the cheapest of ours."""
    assert preferred(accept.encode()) == expected


def test_choice_among_what_is_stored():
    """A file that is stored in some encodings is sent in one of them."""
    assert preferred(b"zstd, br, gzip", (b"br", b"gzip")) == b"br"
    assert preferred(b"br;q=0, gzip", (b"br", b"gzip")) == b"gzip"
    assert preferred(b"zstd", (b"br", b"gzip")) is None
    assert preferred(b"gzip", ()) is None


NEVER = {
    "small": service(b"x" * 1023),
    "small, length not told": service(b"x" * 1023, sized=False),
    "event stream": service(TEXT, headers=[(b"content-type", b"text/event-stream; charset=utf-8")]),
    "picture": service(TEXT, headers=[(b"content-type", b"image/png")]),
    "archive": service(TEXT, headers=[(b"content-type", b"application/zip")]),
    "font": service(TEXT, headers=[(b"content-type", b"font/woff2")]),
    "of no type": service(TEXT, headers=[]),
    "encoded": service(TEXT, headers=[JSON, (b"content-encoding", b"br")]),
    "forbidden": service(TEXT, headers=[JSON, (b"cache-control", b"private, no-transform")]),
    "part": service(TEXT, status=206, headers=[JSON, (b"content-range", b"bytes 0-9/10")]),
    "part without a range": service(TEXT, status=206),
    "empty": service(b"", status=204, headers=[], sized=False),
    "unchanged": service(b"", status=304, headers=[(b"etag", b'"v1"')], sized=False),
}


@pytest.mark.parametrize("app", NEVER.values(), ids=NEVER.keys())
async def test_never(app):
    """These go on exactly as they are, length, validators and all."""
    plain, asked_for = await asked(app, accept=None), await asked(app)
    assert asked_for == plain
    assert asked_for.headers.get("content-encoding") in {None, "br"}


@pytest.mark.parametrize("kind", ["image/svg+xml", "application/problem+json", "text/html; charset=utf-8"])
async def test_kinds_that_are_text(kind):
    """Whatever is text of some kind gains."""
    answer = await asked(service(TEXT, headers=[(b"content-type", kind.encode())]))
    assert answer.headers["content-encoding"] == "zstd"


async def test_client_that_takes_nothing():
    """Without Accept-Encoding, or with a client's no-transform, the answer is plain; caches are told of others."""
    for more in ({"accept": None}, {"cache-control": "no-transform"}):
        answer = await asked(service(TEXT), **more)
        assert answer.body == TEXT
        assert "content-encoding" not in answer.headers
        assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(("given", "told"), [(b'"v1"', 'W/"v1"'), (b'W/"v1"', 'W/"v1"')])
async def test_etag_is_weak(given, told):
    """Compressed bytes are another representation: a strong ETag becomes weak, other fields stay."""
    headers = [JSON, (b"etag", given), (b"vary", b"Origin"), (b"accept-ranges", b"bytes")]
    answer = await asked(service(TEXT, headers=headers))
    assert answer.headers["etag"] == told
    assert answer.headers["vary"] == "origin, accept-encoding"
    assert "accept-ranges" not in answer.headers


async def test_head():
    """HEAD gets the fields of GET: encoding, weak ETag, no length that would be of the plain body, no body."""

    async def app(_scope, _receive, send):
        headers = [JSON, (b"content-length", b"%d" % len(TEXT)), (b"etag", b'"v1"')]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = await asked(app, "HEAD")
    assert answer.body == b""
    assert answer.headers["content-encoding"] == "zstd"
    assert answer.headers["etag"] == 'W/"v1"'
    assert "content-length" not in answer.headers


async def test_large_bodies_leave_the_loop_alone(monkeypatch):
    """From a size on compression happens in a thread."""
    sizes, real = [], asyncio.to_thread

    async def to_thread(work):
        sizes.append(1)
        return await real(work)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    await asked(service(b"x" * (OFF_LOOP_BYTES - 1)))
    assert not sizes
    await asked(service(b"x" * OFF_LOOP_BYTES))
    assert sizes


async def test_broken_answer_stays_begun():
    """A service that fails after it has begun is cut off, not answered a second time."""

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [JSON]})
        raise ValueError

    sent = []

    async def send(message):
        sent.append(message)

    with pytest.raises(ValueError):
        await Compression(app, settings=CompressionSettings())(
            {"type": "http", "method": "GET", "headers": []}, None, send
        )
    assert [message["type"] for message in sent] == ["http.response.start"]
