"""Whatever is sent, the answer is a problem that says what is wrong, and nothing is half done."""

import time

import pytest

MIB = 1024 * 1024


async def many(piece, times):
    for _ in range(times):
        yield piece


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "x" * 10_000, "a\u0000b", "a\nb", "\t", "a\u2028b"])
async def test_a_bad_title_names_the_field(ada, create, title):
    """1 to 200 characters after trimming, and nothing that breaks lines; on create and on save."""
    made = await create()
    created = await ada("POST", "/api/diagrams", {"title": title})
    saved = await ada("PUT", f"/api/diagrams/{made['id']}", {"expected_version": 1, "title": title})

    assert created.wrong_fields == saved.wrong_fields == {"title"}
    assert (await ada("GET", "/api/diagrams")).json()["total"] == 1


@pytest.mark.parametrize("title", ["x" * 200, " " * 5000 + "x", "🙂" * 200, "مرحبا", "ﷺ" * 200, "İ" * 200])
async def test_a_good_title_is_kept(create, title):
    """200 characters of any script fit, folded or not."""
    assert (await create(title))["title"] == title.strip()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"title"}),
        ({"title": "x", "owner_id": "mallory"}, {"owner_id"}),
        ({"title": "x", "version": 9, "id": "x"}, {"version", "id"}),
        ({"title": 1}, {"title"}),
        ({"title": "x", "canvas": []}, {"canvas"}),
        ({"title": "x", "canvas": {"elements": {}}}, {"canvas.elements"}),
        ({"title": "x", "canvas": {"elements": [1]}}, {"canvas.elements"}),
        ({"title": "x", "canvas": {"elements": [{"type": ["iframe"]}]}}, {"canvas.elements"}),
        ({"title": "x", "canvas": {"files": []}}, set()),
        ({"title": "x", "canvas": {"files": [1]}}, {"canvas.files"}),
        ({"title": "x", "code": None}, {"code"}),
        ({"title": "x", "note": {}}, {"note"}),
        ({"title": "x", "file_type": "exe"}, {"file_type"}),
        (
            {"title": "x", "model": {"title": "y", "nodes": [{"id": 1}]}},
            {"model.nodes.0.id", "model.nodes.0.name"},
        ),
        ({"title": "x", "model": {"title": "y", "script": "z"}}, {"model.script"}),
        ({"title": "x", "code": "a\u0000b"}, {"code"}),
        ({"title": "x", "canvas": {"elements": [{"type": "text", "text": "\u0000"}]}}, {"canvas"}),
        ({"title": "x", "canvas": {"\u0000": 1}}, {"canvas"}),
    ],
)
@pytest.mark.feature("gateway.validation")
async def test_a_bad_body_names_its_fields(ada, body, fields):
    """Missing, unknown, wrongly shaped or unwritable: each named, none kept."""
    answer = await ada("POST", "/api/diagrams", body)

    if fields:
        assert answer.wrong_fields == fields
        assert (await ada("GET", "/api/diagrams")).json()["total"] == 0
    else:
        assert answer.status == 201


@pytest.mark.parametrize("version", [0, -1, "1", None, 1.5, True, 2**31, 10**30])
async def test_an_expected_version_is_a_number_that_can_be(ada, create, version):
    """Zero, negative, huge, text, fractions and booleans are 422 naming it."""
    made = await create()
    answer = await ada("PUT", f"/api/diagrams/{made['id']}", {"expected_version": version, "note": "x"})

    assert answer.wrong_fields == {"expected_version"}


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 400), (b"null", 400), (b'"x"', 400), (b"\xff\xfe{}", 400),
        (b'{"title": "a", "note": NaN}', 400), (b'{"title": "a\xff"}', 422), (b'{"title": "a\nb"}', 400),
        (b'{"title": "\\ud83d"}', 422), (b'{"title": "x", "note": "\\udc00"}', 422), (b'{"title": "\xed\xa0\x80"}', 422),
        (b"[" * 1_000_000, 422), (b'{"title": "x", "canvas": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, 422),
        (b'{"title": "x", "canvas": {"a": 1e999}}', 422), (b'{"title": "x", "canvas": {"a": ' + b"9" * 5000 + b"}}", 400),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_cleanly(ada, raw, status):
    """No JSON, no Unicode, no end of nesting: a problem, quickly, never a 500."""
    started = time.perf_counter()
    answer = await ada("POST", "/api/diagrams", content=raw)

    assert answer.status == status, answer.body
    assert answer.slug in {"malformed", "invalid"}
    assert time.perf_counter() - started < 2


async def test_an_escaped_backslash_is_no_nul(create):
    """The six characters backslash, u, 0, 0, 0, 0 are text like any other."""
    assert (await create(note="\\u0000"))["note"] == "\\u0000"


async def test_the_word_infinity_is_a_word(create):
    """Only numbers can be too large."""
    assert (await create("Infinity", note="Infinity"))["note"] == "Infinity"


async def test_a_save_larger_than_allowed_is_413(make_diagrams, as_person):
    """26 MiB, announced or not, is refused as soon as it is known; a little under the limit is kept."""
    ada = as_person("ada", make_diagrams())
    announced = await ada("POST", "/api/diagrams", content=b"x", headers={"content-length": str(200 * MIB)})
    counted = 0

    async def endless():
        nonlocal counted
        while True:
            counted += 1
            yield b"x" * MIB

    unannounced = await ada("POST", "/api/diagrams", pieces=endless())
    fits = await ada("POST", "/api/diagrams", {"title": "big", "note": "x" * (24 * MIB)})

    assert (announced.slug, unannounced.slug) == ("too-large", "too-large")
    assert counted == 26
    assert (fits.status, len(fits.json()["note"])) == (201, 24 * MIB)


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "²", ""])
async def test_a_length_that_is_none_is_malformed(ada, length):
    """A content-length that is no number is refused before anything is read."""
    answer = await ada("POST", "/api/diagrams", content=b"{}", headers={"content-length": length})

    assert answer.status == 400


@pytest.mark.parametrize("document_id", ["x", "%00", "a" * 65, "..%2f..", "0%27--", "%F0%9F%99%82"])
async def test_an_id_that_cannot_be_is_not_found(ada, document_id):
    """Strange ids are 404, or 422 when they are too long; never a 500."""
    assert (await ada("GET", f"/api/diagrams/{document_id}")).status in {404, 422}


@pytest.mark.parametrize("kind", ["iframe", "embeddable"])
async def test_embedded_sites_are_left_out(ada, create, kind):
    """Elements that show another site are gone after create and after save; script links lose their target."""
    box = {"id": "b", "type": "rectangle", "link": "https://example.org"}
    trap = {"id": "t", "type": kind, "link": "https://evil.example"}
    script = {"id": "s", "type": "text", "link": "java\nscript:alert(1)"}
    canvas = {"elements": [trap, box, script], "files": {"1": {"dataURL": "data:text/html,x"}}}

    made = await create(canvas=canvas)
    path = f"/api/diagrams/{made['id']}"
    await ada("PUT", path, {"expected_version": 1, "canvas": {"elements": [trap, {**box, "x": 1}]}})
    saved = (await ada("GET", path)).json()

    rest = {"type": "excalidraw", "version": 2, "appState": {}, "files": {}}
    assert made["canvas"] == {**rest, "elements": [box, {**script, "link": None}]}
    assert saved["canvas"] == {**rest, "elements": [{**box, "x": 1}]}
    assert saved["version"] == 2


async def test_a_method_that_is_not_there_is_405(ada):
    """PATCH is answered with a problem too."""
    assert (await ada("PATCH", "/api/diagrams")).slug == "method-not-allowed"
