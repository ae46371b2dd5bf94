"""The page's files: the encoding that a client takes, ETags, and what is no file."""

import pytest
from tests.caller import Caller

from autograph.core.problem import MethodNotAllowed, NotFound
from autograph.gateway.static import Static


@pytest.fixture
def page(tmp_path):
    """A built page with one script, stored in three encodings."""
    (tmp_path / "assets").mkdir()
    for name, content in {"": b"plain", ".br": b"as br", ".gz": b"as gzip"}.items():
        (tmp_path / f"assets/app-0123abcd.js{name}").write_bytes(content)
    (tmp_path / "index.html").write_text("<!doctype html>")
    return Caller(Static(tmp_path))


@pytest.mark.feature("gateway.compression")
@pytest.mark.parametrize(
    ("accept", "body"),
    [
        ("gzip, br", b"as br"),
        ("br;q=0, gzip", b"as gzip"),
        ("br;q=0.1, gzip;q=0.9", b"as gzip"),
        ("zstd", b"plain"),
        ("", b"plain"),
    ],
)
async def test_encoding(page, accept, body):
    """The stored file that the client likes best is sent, and caches are told."""
    answer = await page("GET", "/assets/app-0123abcd.js", headers={"accept-encoding": accept})
    assert (answer.status, answer.body) == (200, body)
    assert answer.headers["vary"] == "accept-encoding"
    assert "immutable" in answer.headers["cache-control"]
    again = await page(
        "GET",
        "/assets/app-0123abcd.js",
        headers={"accept-encoding": accept, "if-none-match": answer.headers["etag"]},
    )
    assert (again.status, again.body) == (304, b"")


@pytest.mark.feature("gateway.routing")
async def test_pages_and_nothing(page):
    """A path without an ending is a page of the app; a missing file is not; only GET and HEAD read."""
    assert (await page("GET", "/diagrams/1")).body == b"<!doctype html>"
    assert (await page("HEAD", "/")).body == b""
    with pytest.raises(NotFound):
        await page("GET", "/assets/missing.js")
    with pytest.raises(MethodNotAllowed):
        await page("POST", "/")
