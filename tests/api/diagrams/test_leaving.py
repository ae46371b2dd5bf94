"""Somebody leaves: their documents go to another person or for good, and nobody else can ask for that."""

import asyncio
import json

import pytest
from sqlalchemy import select
from tests import identity
from tests.caller import Caller

from autograph.clients.diagrams import DiagramsClient
from autograph.clients.transport import LocalTransport
from autograph.core.problem import Forbidden, NotFound, Problem
from autograph.diagrams.tables import document_versions, documents

pytestmark = pytest.mark.feature("teams.teams")

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


@pytest.fixture
def client(diagrams):
    return DiagramsClient(LocalTransport(diagrams))


@pytest.fixture
def caretaker(diagrams, keys, clock):
    """Somebody who manages people, and their assertion."""
    proof = identity.assertion(keys, clock, "mara", roles=("admin",))
    return Caller(diagrams, {identity.HEADER: proof}), proof


async def move(caller, **body):
    path = "/internal/transfer" if "to_user" in body else "/internal/remove-all"
    return await caller("POST", path, body)


async def test_everything_goes_to_another_person(ada, as_person, create, client, caretaker, database):
    """What is in the trash goes too, versions keep their authors, and asked again there is nothing left to do."""
    document, trashed = await create("Kept"), await create("Gone")
    await ada("PUT", f"/api/diagrams/{document['id']}", {"expected_version": 1, "title": "Kept well"})
    await ada("DELETE", f"/api/diagrams/{trashed['id']}")
    bob = as_person("bob")

    assert await client.transfer("ada", "bob", identity=caretaker[1]) == 2
    assert await client.transfer("ada", "bob", identity=caretaker[1]) == 0

    assert (await bob("GET", f"/api/diagrams/{document['id']}")).json()["title"] == "Kept well"
    assert (await bob("GET", "/api/diagrams/trash")).json()["total"] == 1
    assert (await ada("GET", f"/api/diagrams/{document['id']}")).slug == "not-found"
    assert (await ada("GET", "/api/diagrams")).json()["total"] == 0
    versions = (await bob("GET", f"/api/diagrams/{document['id']}/versions")).json()["items"]
    assert {version["author_id"] for version in versions} == {"ada"}
    saved = await bob("PUT", f"/api/diagrams/{document['id']}", {"expected_version": 2, "note": "mine"})
    assert saved.status == 200


async def test_only_the_person_and_who_manages_people_may_ask(ada, mallory, create, caretaker, diagrams):
    """Another person is refused, nobody is 401; one's own documents one may give away."""
    document = await create()
    for body in ({"from_user": "ada", "to_user": "mallory"}, {"user_id": "ada"}):
        assert (await move(mallory, **body)).slug == "forbidden"
        assert (await move(Caller(diagrams), **body)).slug == "unauthenticated"
    assert (await ada("GET", f"/api/diagrams/{document['id']}")).status == 200

    assert (await move(ada, from_user="ada", to_user="bob")).json() == {"documents": 1}
    assert (await move(caretaker[0], from_user="bob", to_user="cleo")).json() == {"documents": 1}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from_user": "", "to_user": "bob"}, "from_user"), ({"from_user": "ada", "to_user": "x" * 37}, "to_user"),
        ({"from_user": "ada", "to_user": None}, "to_user"), ({"user_id": ""}, "user_id"),
        ({"user_id": "ada", "all": True}, "all"),
    ],
)  # fmt: skip
async def test_bad_bodies_name_their_field(caretaker, body, field):
    """Nobody's documents cannot be moved, and nothing goes to nobody."""
    assert (await move(caretaker[0], **body)).wrong_fields == {field}


@pytest.mark.feature("security.privacy")
async def test_all_of_a_person_goes_for_good(ada, mallory, create, caretaker, database, objects):
    """Documents, versions and pictures are gone from database and objects; another person's stay."""
    document = await create()
    await ada("PUT", f"/api/diagrams/{document['id']}", {"expected_version": 1, "title": "Two"})
    await ada(
        "PUT", f"/api/diagrams/{document['id']}/picture?version=2", content=SVG,
        headers={"content-type": "image/svg+xml"},
    )  # fmt: skip
    trashed = await create()
    await ada("DELETE", f"/api/diagrams/{trashed['id']}")
    theirs = (await mallory("POST", "/api/diagrams", {"title": "Theirs"})).json()
    assert [key async for key in objects.keys("")]

    assert (await move(caretaker[0], user_id="ada")).json() == {"documents": 2}
    assert (await move(caretaker[0], user_id="ada")).json() == {"documents": 0}

    assert not [key async for key in objects.keys("")]
    async with database.read() as connection:
        assert [*await connection.scalars(select(documents.c.id))] == [theirs["id"]]
        assert [*await connection.scalars(select(document_versions.c.document_id))] == [theirs["id"]]


async def test_a_save_under_way_is_not_lost_and_does_not_come_back(ada, as_person, create, caretaker):
    """Saves and transfers at the same moment: each document is whole and the new owner's."""
    made = [await create(f"Document {n}") for n in range(5)]
    saves = [
        ada("PUT", f"/api/diagrams/{one['id']}", {"expected_version": 1, "note": "late"}) for one in made
    ]

    answers = await asyncio.gather(*saves, move(caretaker[0], from_user="ada", to_user="bob"))

    assert {answer.status for answer in answers} <= {200, 404}
    bob = as_person("bob")
    for document, answer in zip(made, answers, strict=False):
        found = (await bob("GET", f"/api/diagrams/{document['id']}")).json()
        assert found["note"] == ("late" if answer.status == 200 else "")


async def test_the_caller_is_typed(client, ada, create, assertion_of):
    """Refusals arrive as problems; pages and whole documents as what they are."""
    document = await create("Typed")
    proof = assertion_of("ada")

    trashed = await create("Trashed")
    await ada("DELETE", f"/api/diagrams/{trashed['id']}")
    page = await client.belongings(identity=proof)
    assert [(head.title, head.deleted_at is None) for head in page] == [("Typed", True), ("Trashed", False)]
    assert await client.belongings(page[-1].id, identity=proof) == []
    for one in page:
        assert json.loads(await client.kept_version(one.id, 1, identity=proof))["title"] == one.title
    for wrong in (("none", 1), (document["id"], 2)):
        with pytest.raises(Problem, match=NotFound.title):
            await client.kept_version(*wrong, identity=proof)
    with pytest.raises(Problem, match=NotFound.title):
        await client.kept_picture(document["id"], identity=proof)
    with pytest.raises(Problem, match=Forbidden.title):
        await client.transfer("bob", "ada", identity=proof)


@pytest.mark.feature("security.privacy")
async def test_what_is_handed_out_is_the_askers_alone(client, create, mallory, caretaker, diagrams):
    """Not to another person, not to whoever manages people, not to nobody: there is nothing for them."""
    document = await create("Typed")
    for asker in (mallory, caretaker[0]):
        assert (await asker("GET", "/internal/belongings")).json() == {"items": []}
        for what in ("versions/1", "picture"):
            assert (await asker("GET", f"/internal/belongings/{document['id']}/{what}")).slug == "not-found"
    assert (await Caller(diagrams)("GET", "/internal/belongings")).slug == "unauthenticated"
