"""Documents are made, read, listed and saved, and never lost or overwritten."""

import asyncio

import pytest

from autograph.model.architecture import Edge, Kind, Model, Node

CANVAS = {
    "type": "excalidraw",
    "version": 2,
    "elements": [{"id": "a", "type": "rectangle", "x": 0.1, "y": -2, "isDeleted": False}],
    "appState": {"viewBackgroundColor": "#fff"},
    "files": {},
}
MODEL = Model(
    title="Shop",
    nodes=(Node(id="web", name="web"), Node(id="db", name="db", kind=Kind.DATABASE)),
    edges=(Edge(source="web", target="db", protocol="SQL"),),
).model_dump(mode="json")
EVERYTHING = {"canvas": CANVAS, "code": "graph TD; a-->b", "note": "# Größe 🙂", "model": MODEL}


@pytest.mark.feature("documents.create")
async def test_a_document_comes_back_as_it_was_given(ada, create):
    """Create and get return the same document, byte for byte in its contents."""
    made = await create("  Shop 🙂 ", **EVERYTHING)
    got = await ada("GET", f"/api/diagrams/{made['id']}")

    assert got.json() == made
    assert made.items() >= {"title": "Shop 🙂", "version": 1, "owner_id": "ada", "file_type": "mixed"}.items()
    assert {name: made[name] for name in EVERYTHING} == EVERYTHING
    assert {made[name] for name in ("has_model", "has_canvas", "has_code", "has_note")} == {True}
    assert made["created_at"] == made["updated_at"] == "2026-03-01T12:00:00Z"
    assert made["picture_version"] is None
    assert got.headers["etag"] == '"v1"'


@pytest.mark.feature("documents.create")
async def test_an_empty_document_is_a_document(create):
    """Only a title is needed; the rest is empty."""
    made = await create()

    assert (made["canvas"], made["code"], made["note"], made["model"]) == (None, "", "", None)
    assert not any(made[name] for name in ("has_model", "has_canvas", "has_code", "has_note"))


@pytest.mark.feature("documents.read")
async def test_whoever_has_the_newest_gets_304(ada, create):
    """If-None-Match with the version's ETag answers 304 without a body; after a save it does not."""
    made = await create(note="a")
    path = f"/api/diagrams/{made['id']}"

    same = await ada("GET", path, headers={"if-none-match": 'W/"v1", "v9"'})
    await ada("PUT", path, {"expected_version": 1, "note": "b"})
    changed = await ada("GET", path, headers={"if-none-match": '"v1"'})

    assert (same.status, same.body, same.headers["etag"]) == (304, b"", '"v1"')
    assert (changed.status, changed.json()["note"]) == (200, "b")


async def test_a_head_has_no_contents(ada, create):
    """`contents=false` answers everything but canvas, code, note and model."""
    made = await create(**EVERYTHING)
    head = (await ada("GET", f"/api/diagrams/{made['id']}?contents=false")).json()

    assert head == {name: value for name, value in made.items() if name not in EVERYTHING}


async def test_a_save_changes_what_it_names_and_nothing_else(ada, create, clock):
    """Absent parts stay, null removes canvas and model, and the answer is the new head."""
    made = await create(**EVERYTHING)
    path = f"/api/diagrams/{made['id']}"
    clock.wind(seconds=30)

    head = (await ada("PUT", path, {"expected_version": 1, "title": "Store", "canvas": None})).json()
    got = (await ada("GET", path)).json()

    assert head == {name: value for name, value in got.items() if name not in EVERYTHING}
    assert (got["title"], got["version"], got["canvas"], got["has_canvas"]) == ("Store", 2, None, False)
    assert (got["code"], got["note"], got["model"]) == (made["code"], made["note"], made["model"])
    assert (got["created_at"], got["updated_at"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:00:30Z")


async def test_saving_what_is_there_makes_no_version(ada, create, clock):
    """The same contents are the same version, even for a client that never got its answer."""
    made = await create(**EVERYTHING)
    path = f"/api/diagrams/{made['id']}"
    clock.wind(seconds=30)

    same = await ada("PUT", path, {"expected_version": 1, **EVERYTHING, "title": " Shop "})
    saved = await ada("PUT", path, {"expected_version": 1, "note": "new"})
    asked_again = await ada("PUT", path, {"expected_version": 1, "note": "new"})

    assert (same.json()["version"], same.json()["updated_at"]) == (1, made["updated_at"])
    assert saved.json()["version"] == asked_again.json()["version"] == 2
    assert (await ada("GET", f"{path}/versions")).json()["total"] == 2


@pytest.mark.feature("documents.update")
async def test_a_save_on_an_old_version_is_a_conflict_that_loses_nothing(ada, create):
    """409 version-conflict names the newest version, when it was made and by whom; nothing is overwritten."""
    made = await create(note="a")
    path = f"/api/diagrams/{made['id']}"
    await ada("PUT", path, {"expected_version": 1, "note": "b"})

    late = await ada("PUT", path, {"expected_version": 1, "note": "c"})
    early = await ada("PUT", path, {"expected_version": 7, "note": "c"})

    assert (late.status, late.slug, early.slug) == (409, "version-conflict", "version-conflict")
    told = {"current_version": 2, "updated_at": "2026-03-01T12:00:00Z", "updated_by": "ada"}
    assert late.json().items() >= told.items()
    assert (await ada("GET", path)).json()["note"] == "b"


@pytest.mark.feature("documents.update")
async def test_of_fifty_saves_at_once_one_wins(ada, create):
    """Fifty different saves on the same version: one new version, forty-nine conflicts, no gap."""
    made = await create(note="start")
    path = f"/api/diagrams/{made['id']}"

    saves = [ada("PUT", path, {"expected_version": 1, "note": f"save {n}"}) for n in range(50)]
    answers = await asyncio.gather(*saves)

    assert sorted(answer.status for answer in answers) == [200] + [409] * 49
    winner = next(n for n, answer in enumerate(answers) if answer.status == 200)
    got = (await ada("GET", path)).json()
    assert (got["version"], got["note"]) == (2, f"save {winner}")
    assert {answer.json()["current_version"] for answer in answers if answer.status == 409} == {2}
    assert [row["number"] for row in (await ada("GET", f"{path}/versions")).json()["items"]] == [2, 1]


@pytest.mark.feature("documents.list")
async def test_the_list_has_pages_and_no_contents(ada, create, clock):
    """The newest first; total, page and size as asked; no contents in it."""
    for n in range(5):
        clock.wind(seconds=1)
        await create(f"Plan {n}", note="x" * 1000)

    page = (await ada("GET", "/api/diagrams?page=2&page_size=2")).json()

    assert [item["title"] for item in page["items"]] == ["Plan 2", "Plan 1"]
    assert (page["page"], page["page_size"], page["total"]) == (2, 2, 5)
    assert not EVERYTHING.keys() & page["items"][0].keys()


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("title&sort_order=asc", ["Älter", "b", "C"]),
        ("title", ["C", "b", "Älter"]),
        ("created_at&sort_order=asc", ["b", "C", "Älter"]),
        ("updated_at", ["b", "Älter", "C"]),
    ],
)
async def test_the_list_is_sorted_as_asked(ada, create, clock, sort, titles):
    """By title without regard to case, by creation or by change, up or down."""
    ids = []
    for title in ("b", "C", "Älter"):
        clock.wind(seconds=1)
        ids.append((await create(title))["id"])
    clock.wind(seconds=1)
    await ada("PUT", f"/api/diagrams/{ids[0]}", {"expected_version": 1, "note": "newest"})

    listed = (await ada("GET", f"/api/diagrams?sort_by={sort}")).json()["items"]

    if "title" in sort:  # where Ä stands among letters is the database's affair
        listed, titles = (
            [t for t in found if t != "Älter"] for found in ([i["title"] for i in listed], titles)
        )
        assert listed == titles
    else:
        assert [item["title"] for item in listed] == titles


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("shop", {"Shop", "the SHOP_2"}), ("50%25", {"50% off"}), ("%25", {"50% off"}), ("_", {"the SHOP_2"}),
        ("%5C", {"back\\slash"}), ("GR%C3%96SSE", {"Größe"}), ("stra%C3%9Fe", {"STRASSE"}), ("nothing", set()),
        ("%27%20OR%201=1--", set()),
    ],
)  # fmt: skip
async def test_titles_are_searched_as_text(ada, create, q, found):
    """Case does not matter in any script; `%`, `_`, `\\` and quotes are only characters."""
    for title in ("Shop", "the SHOP_2", "50% off", "back\\slash", "Größe", "STRASSE"):
        await create(title)

    page = (await ada("GET", f"/api/diagrams?q={q}")).json()

    assert {item["title"] for item in page["items"]} == found
    assert page["total"] == len(found)


async def test_the_list_can_be_of_one_type(ada, create):
    """`file_type` narrows the list and its total."""
    await create("a", file_type="note")
    await create("b", file_type="canvas")

    page = (await ada("GET", "/api/diagrams?file_type=note")).json()

    assert ([item["title"] for item in page["items"]], page["total"]) == (["a"], 1)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "page_size=101", "page_size=0", "sort_by=owner_id", "sort_order=up", "file_type=x", "x=1",
     "page=99999999999999999999"],
)  # fmt: skip
async def test_a_bad_query_names_its_field(ada, query):
    """What cannot be asked is 422 with the parameter's name."""
    answer = await ada("GET", f"/api/diagrams?{query}")

    assert answer.wrong_fields == {query.partition("=")[0]}


@pytest.mark.feature("documents.trash")
async def test_the_trash_holds_what_was_deleted_and_gives_it_back(ada, create):
    """Deleting moves to the trash: gone from list and get, in the trash list, and back by restore, whole."""
    made = await create(**EVERYTHING)
    path = f"/api/diagrams/{made['id']}"

    assert (await ada("DELETE", path)).status == 204
    assert (await ada("GET", path)).status == 404
    assert (await ada("PUT", path, {"expected_version": 1, "note": "x"})).status == 404
    assert (await ada("GET", f"{path}/versions")).status == 404
    assert (await ada("DELETE", path)).status == 404
    assert (await ada("GET", "/api/diagrams")).json()["total"] == 0
    assert [item["id"] for item in (await ada("GET", "/api/diagrams/trash")).json()["items"]] == [made["id"]]

    assert (await ada("POST", f"{path}/restore")).json()["version"] == 1
    assert (await ada("POST", f"{path}/restore")).status == 200
    assert (await ada("GET", path)).json() == made
    assert (await ada("GET", "/api/diagrams/trash")).json()["total"] == 0


@pytest.mark.feature("documents.permissions")
async def test_what_is_anothers_is_not_there(ada, mallory, create):
    """Every route of a document answers another person with the 404 of a document that never was."""
    made = await create(**EVERYTHING)
    base = f"/api/diagrams/{made['id']}"
    requests = [
        ("GET", "", None), ("GET", "?contents=false", None), ("PUT", "", {"expected_version": 1, "note": "x"}),
        ("DELETE", "", None), ("POST", "/restore", None), ("GET", "/versions", None), ("GET", "/versions/1", None),
        ("POST", "/versions/1/restore", {"expected_version": 1}), ("GET", "/picture", None),
    ]  # fmt: skip
    for method, suffix, body in requests:
        answer = await mallory(method, base + suffix, body)
        unknown = await ada(method, f"/api/diagrams/{'0' * 36}{suffix}", body)
        assert (answer.status, answer.slug) == (404, "not-found"), suffix
        assert answer.json()["detail"] == unknown.json()["detail"]
    answer = await mallory(
        "PUT", f"{base}/picture?version=1", content=b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    )
    assert answer.status == 404

    await ada("DELETE", base)
    assert (await mallory("POST", f"{base}/restore")).status == 404
    assert (await mallory("GET", "/api/diagrams")).json()["items"] == []
    assert (await mallory("GET", "/api/diagrams/trash")).json()["items"] == []
    await ada("POST", f"{base}/restore")
    assert (await ada("GET", base)).json() == made


async def test_nobody_gets_nothing(diagrams, assertion_of, clock, create):
    """Without identity, with a foreign signature, or with an expired one, every route is 401."""
    from tests.caller import Caller

    from autograph.auth.keys import SigningKeys

    made = await create()
    old = assertion_of("ada")
    clock.wind(seconds=61)
    claims = [{}, {"x-user-id": "ada"}, {"x-autograph-identity": "ada"}, {"x-autograph-identity": old}]
    claims.append({"x-autograph-identity": assertion_of("ada", keys=SigningKeys.generate())})
    for headers in claims:
        nobody = Caller(diagrams, headers)
        for path in ("", "/trash", f"/{made['id']}", f"/{made['id']}/versions", f"/{made['id']}/picture"):
            assert (await nobody("GET", f"/api/diagrams{path}")).slug == "unauthenticated"
        assert (await nobody("POST", "/api/diagrams", {"title": "x"})).status == 401


async def test_the_description_of_the_service_is_complete(diagrams):
    """Every route has an operation id, its body and its problems, and every reference leads somewhere."""
    import json
    import re

    document = diagrams.openapi()
    operations = {o["operationId"]: o for path in document["paths"].values() for o in path.values()}

    assert operations.keys() == {
        "list_documents", "create_document", "list_trash", "get_document", "save_document", "trash_document",
        "restore_document", "list_versions", "get_version", "restore_version", "set_picture", "get_picture",
    }  # fmt: skip
    assert all(o["tags"] == ["diagrams"] and "401" in o["responses"] for o in operations.values())
    for name in ("create_document", "save_document", "restore_version", "set_picture"):
        assert operations[name]["requestBody"]["required"]
    assert "HTTPValidationError" not in json.dumps(document)
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert named <= document["components"]["schemas"].keys()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, {"type": "excalidraw", "version": 2, "elements": [], "appState": {}, "files": {}}),
        ({"elements": [], "files": None, "more": 1}, {"type": "excalidraw", "version": 2, "elements": [], "appState": {}, "files": {}, "more": 1}),
    ],
)  # fmt: skip
async def test_a_canvas_is_whole_when_it_comes_back(ada, create, sent, kept):
    """Parts of the scene that were left out are there, empty: a reader may rely on every one."""
    made = await create(canvas=sent)
    changed = await ada("PUT", f"/api/diagrams/{made['id']}", {"expected_version": 1, "canvas": sent})

    assert made["canvas"] == kept
    assert changed.json()["version"] == 1


async def test_a_model_is_whole_when_it_comes_back(ada, create):
    """A model sent without its optional fields has them when it is read, on create and on save."""
    whole = Model(title="Shop", nodes=(Node(id="a", name="a"),)).model_dump(mode="json")
    short = {"title": "Shop", "nodes": [{"id": "a", "name": "a"}]}

    made = await create(model=short)
    path = f"/api/diagrams/{made['id']}"
    await ada("PUT", path, {"expected_version": 1, "note": "x", "model": {"title": "Other"}})
    saved = (await ada("GET", path)).json()

    assert made["model"] == whole
    assert saved["model"] == Model(title="Other").model_dump(mode="json")


@pytest.mark.parametrize("part", ["type", "version", "elements", "appState", "files"])
async def test_a_canvas_of_another_shape_is_refused(ada, part):
    """Every part of the scene has its type; 422 names the part."""
    answer = await ada("POST", "/api/diagrams", {"title": "a", "canvas": {part: True}})

    assert answer.wrong_fields == {f"canvas.{part}"}


@pytest.mark.feature("gateway.idempotency")
async def test_one_key_makes_one_document(ada, mallory):
    """What the gateway sends under one Idempotency-Key is made once, also when an attempt has died unheard."""
    key = {"x-autograph-idempotency": "5" * 64}
    made = [await ada("POST", "/api/diagrams", {"title": "Once"}, headers=key) for _ in range(3)]
    assert {answer.status for answer in made} == {201}
    assert len({answer.json()["id"] for answer in made}) == 1
    assert (await ada("GET", "/api/diagrams")).json()["total"] == 1
    assert (await mallory("POST", "/api/diagrams", {"title": "Mine"}, headers=key)).status == 404
