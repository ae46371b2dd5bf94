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


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/assets/../../secret.txt", "/assets/..", "//secret.txt", "/%2e%2e/secret.txt", "/assets\\..\\..\\secret.txt",
     "/etc/passwd", "/assets/app-0123abcd.js/", "/assets/app-0123abcd.js.br", "/assets/app-0123abcd.js\x00", "/secret.txt"],
)  # fmt: skip
@pytest.mark.feature("gateway.routing")
async def test_nothing_outside(tmp_path, path):
    """Only what the build made is served, by its exact path; whatever else is not found, or is the page of the app."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    for name in ("", ".br"):
        (folder / f"assets/app-0123abcd.js{name}").write_text("script")
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    sent = []

    async def send(message):
        sent.append(message)

    try:
        await Static(folder)(scope, None, send)
    except NotFound:
        return
    assert sent[1]["body"] == b"<!doctype html>"


@pytest.mark.feature("gateway.routing")
@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ("{}", 304),
        ("W/{}", 304),
        ('"other", {}', 304),
        ("  {}  ", 304),
        ('"other"', 200),
        ("", 200),
        ("{}x", 200),
    ],
)
async def test_validators(page, tags, status):
    """Any of several ETags, weak ones too, spares the body; the page itself is always asked for again."""
    first = await page("GET", "/")
    assert first.headers["cache-control"] == "no-cache"
    again = await page("GET", "/", headers={"if-none-match": tags.format(first.headers["etag"])})
    assert again.status == status
    assert again.headers["etag"] == first.headers["etag"]
    assert (again.body == b"") is (status == 304)
    assert "content-length" not in again.headers or status == 200


@pytest.mark.feature("gateway.routing")
async def test_each_encoding_has_its_own_etag(page):
    """A cache that holds one encoding never takes it for another."""
    found = {
        (await page("GET", "/assets/app-0123abcd.js", headers={"accept-encoding": accept})).headers["etag"]
        for accept in ("", "br", "gzip")
    }
    assert len(found) == 3


@pytest.mark.feature("gateway.routing")
async def test_head_says_what_get_would(page):
    """Length, type and ETag are those of GET."""
    for path in ("/", "/assets/app-0123abcd.js"):
        assert (await page("HEAD", path)).headers == (await page("GET", path)).headers


@pytest.mark.feature("gateway.routing")
async def test_a_page_that_is_built_anew_under_a_running_program(tmp_path):
    """A file that is gone is not found, also by HEAD; one that is longer now comes whole, with its own length."""
    (tmp_path / "assets").mkdir()
    script, start = tmp_path / "assets/app-0123abcd.js", tmp_path / "index.html"
    script.write_bytes(b"old")
    start.write_bytes(b"<!doctype html>")
    ask = Caller(Static(tmp_path))
    script.unlink()
    start.write_bytes(b"<!doctype html><title>new</title>")
    for method in ("GET", "HEAD"):
        with pytest.raises(NotFound):
            await ask(method, "/assets/app-0123abcd.js")
    answer = await ask("GET", "/")
    assert answer.body.endswith(b"new</title>")
    assert int(answer.headers["content-length"]) == len(answer.body)


@pytest.mark.feature("gateway.routing")
async def test_a_page_that_is_not_built(tmp_path):
    """Without a build the address says what to do; a file is still not found."""
    ask = Caller(Static(tmp_path / "nothing"))
    assert b"make install" in (await ask("GET", "/any/page")).body
    assert (await ask("HEAD", "/")).status == 200
    with pytest.raises(NotFound):
        await ask("GET", "/favicon.ico")
