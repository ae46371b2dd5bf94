"""Tests of export over HTTP: every format, thumbnails, caching, and what cannot be drawn."""

import asyncio
import json
import time

import pytest
from tests.unit.export.models import shop

MODEL = shop().model_dump(mode="json")
RENDER = "/api/export/render"


@pytest.mark.feature("export.api")
@pytest.mark.parametrize(
    ("name", "media_type", "begins"),
    [
        ("svg", "image/svg+xml", b"<svg"),
        ("json", "application/json", b"{"),
        ("mermaid", "text/", b"flowchart"),
        ("excalidraw", "application/vnd.excalidraw+json", b"{"),
    ],
)
async def test_a_document_is_handed_out_in_every_format(ada, name, media_type, begins):
    """Its model as a file with a fitting name, which no browser runs."""
    answer = await ada("GET", f"/api/export/shop?format={name}")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.body.startswith(begins)
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Shop.")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.feature("export.text")
async def test_code_is_handed_out_as_it_is_or_drawn(ada):
    """A document of Mermaid gives its own code, or its drawing."""
    assert (await ada("GET", "/api/export/code?format=mermaid")).body == b"flowchart LR\n  a --> b\n"
    assert b"<svg" in (await ada("GET", "/api/export/code?format=svg")).body


async def test_an_unchanged_export_is_not_sent_again(ada, shelf):
    """With the ETag of last time the answer is 304, and the document is not even read."""
    first = await ada("GET", "/api/export/shop?format=svg")
    reads = shelf.reads
    again = await ada("GET", "/api/export/shop?format=svg", headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body, shelf.reads) == (304, b"", reads)
    other = await ada(
        "GET", "/api/export/shop?format=svg&theme=dark", headers={"if-none-match": first.headers["etag"]}
    )
    assert other.status == 200


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["shop", "code", "note", "empty"])
async def test_every_document_has_a_thumbnail(ada, name, theme):
    """Whatever a document holds, even nothing: a small picture."""
    answer = await ada("GET", f"/api/export/{name}/thumbnail?theme={theme}")
    assert answer.status == 200
    assert answer.body.startswith(b"<svg")
    assert len(answer.body) < 60_000


async def test_a_thumbnail_of_a_canvas_is_its_own_picture(ada, shelf):
    """The picture that the page has stored, as it is."""
    shelf.put("canvas", canvas={"elements": [{"id": "a"}]}, picture_version=3, version=3)
    shelf.pictures["canvas"] = b"<svg>drawn by hand</svg>"
    assert (await ada("GET", "/api/export/canvas/thumbnail")).body == b"<svg>drawn by hand</svg>"


async def test_broken_code_still_has_a_thumbnail(ada, shelf):
    """Code that does not parse is a plain sheet with the title, not a broken picture."""
    shelf.put("broken", title="Half done", code="flowchart LR\n a --")
    answer = await ada("GET", "/api/export/broken/thumbnail")
    assert answer.status == 200
    assert b"Half done" in answer.body


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/api/export/missing", 404, "not-found"),
        ("/api/export/missing/thumbnail", 404, "not-found"),
        ("/api/export/shop?format=visio", 404, "not-found"),
        ("/api/export/note?format=svg", 404, "not-found"),
        ("/api/export/shop?theme=pink", 422, "invalid"),
    ],
)
async def test_what_is_not_there_is_said(ada, path, status, slug):
    """A document that is not mine, an unknown format, nothing to draw: a clear problem."""
    answer = await ada("GET", path)
    assert (answer.status, answer.slug) == (status, slug)


async def test_nobody_unproven_gets_anything(ada):
    """Without an identity there is no drawing."""
    ada.headers.clear()
    assert (await ada("GET", "/api/export/shop")).status == 401
    assert (await ada("POST", RENDER, {"code": "flowchart LR\n a-->b"})).status == 401


async def test_a_model_is_rendered_as_sent(ada):
    """The page's preview of a model before it is kept."""
    answer = await ada("POST", RENDER, {"model": MODEL, "format": "svg", "theme": "dark"})
    assert answer.status == 200
    assert answer.json()["svg"].startswith("<svg")
    text = (await ada("POST", RENDER, {"model": MODEL, "format": "mermaid"})).json()["text"]
    assert text.startswith("flowchart")


@pytest.mark.feature("code.errors")
@pytest.mark.parametrize("after", ["", "\n", "\n   \n\n  "])
async def test_a_mistake_in_code_names_its_line(ada, after):
    """Code that does not parse is a 422 that says where, also when only space follows."""
    answer = await ada("POST", RENDER, {"code": f"flowchart LR\n  a --> b\n  c -->{after}"})
    assert (answer.status, answer.slug) == (422, "diagram-syntax")
    (found,) = [one for one in answer.json()["diagnostics"] if one["severity"] == "error"]
    assert found["line"] == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "flowchart LR", "model": MODEL},
        {"code": "flowchart LR", "format": "json"},
        {"code": "x" * 1_000_001},
        {"model": {"title": "x", "nodes": "none"}},
        {"model": {"title": "x", "edges": [{"source": "a", "target": "b"}]}},
        {"code": "flowchart LR", "more": 1},
    ],
)
async def test_bad_requests_name_what_is_wrong(ada, body):
    """Neither, both, too long, malformed, dangling relations: 422 with the field."""
    answer = await ada("POST", RENDER, body)
    assert answer.status == 422
    assert answer.slug == "invalid"


async def test_what_is_no_json_or_too_large_is_refused(make_export):
    """Broken JSON is a 400, a body beyond the limit a 413."""
    small = make_export(largest_body_bytes=2048)
    assert (await small("POST", RENDER, content=b"{")).slug == "malformed"
    assert (await small("POST", RENDER, content=b"x" * 4096)).slug == "too-large"


async def test_code_that_never_ends_is_stopped(make_export):
    """Drawing is killed after its time, says so, and the next drawing works."""
    ada = make_export(mermaid_seconds=0.4)
    endless = "flowchart LR\n" + "".join(
        f" n{a} --> n{b}\n" for a in range(180) for b in range(180) if a != b
    )
    started = time.monotonic()
    answer = await ada("POST", RENDER, {"code": endless})
    assert (answer.status, answer.slug) == (422, "render-timeout")
    assert time.monotonic() - started < 5
    patient = make_export()
    assert (await patient("POST", RENDER, {"code": "flowchart LR\n a-->b"})).status == 200


async def test_the_same_drawing_at_once_is_made_once(ada):
    """Ten who ask for the same get the same bytes."""
    answers = await asyncio.gather(*(ada("POST", RENDER, {"model": MODEL}) for _ in range(10)))
    assert len({answer.body for answer in answers}) == 1


async def test_markup_in_code_stays_text(ada):
    """Scripts, handlers and foreign addresses in labels do not come out as markup."""
    evil = 'flowchart LR\n a["<img src=x onerror=alert(1)><script>alert(1)</script>"] --> b\n click a "javascript:alert(1)"'
    answer = await ada("POST", RENDER, {"code": evil})
    text = json.dumps(answer.json()) if answer.status == 200 else ""
    for part in ("<script", "<img", "javascript:", "<foreignObject"):
        assert part not in text


@pytest.mark.feature("platform.sessions-cache")
async def test_replicas_share_finished_drawings(make_export, redis_url):
    """What one process has drawn another hands out, without drawing, as long as Redis remembers."""
    one, other = (make_export(cache_url=redis_url) for _ in range(2))
    made = await one("POST", RENDER, {"model": MODEL})
    handed = await other("POST", RENDER, {"model": MODEL})
    assert (handed.status, handed.body) == (200, made.body)
    assert other.app.state.drawings.process_ids == []
    assert len(one.app.state.drawings.process_ids) == 1


async def test_a_cache_that_is_away_only_costs_time(make_export):
    """Without its Redis everything is drawn anew."""
    alone = make_export(cache_url="redis://127.0.0.1:1/0")
    assert (await alone("POST", RENDER, {"code": "flowchart LR\n a-->b"})).status == 200
