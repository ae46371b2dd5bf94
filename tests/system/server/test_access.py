"""Who may do what: every operation of the OpenAPI document, asked by nobody, by its owner and by everybody else."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from tests.access.house import House
from tests.access.table import OPERATIONS, PEOPLE, PUBLIC, expected
from tests.access.things import WORD, maker_of

pytestmark = pytest.mark.feature("gateway.auth")

OPENAPI = json.loads((Path(__file__).parents[3] / "docs/reference/openapi.json").read_text())
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("access"))
    yield house
    house.close()


def operations():
    return {f"{m.upper()} {path}" for path, calls in OPENAPI["paths"].items() for m in METHODS if m in calls}


def is_proper(status, headers, body):
    """Every answer carries the headers, every refusal is a problem."""
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src" in headers["content-security-policy"]
    assert headers["x-correlation-id"]
    if status >= 400:
        problem = json.loads(body)
        assert headers["content-type"] == "application/problem+json"
        assert problem["status"] == status
        assert problem["correlation_id"] == headers["x-correlation-id"]


def text_of(body):
    """What an answer says, what is in an archive too."""
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return " ".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def test_every_operation_is_in_one_table():
    """No operation is without an expectation, and the document calls public what is public here."""
    assert operations() == PUBLIC.keys() | OPERATIONS.keys()
    marked = {
        f"{m.upper()} {p}"
        for p, calls in OPENAPI["paths"].items()
        for m in calls
        if calls[m].get("security") == []
    }
    assert marked == set(PUBLIC)


def test_every_thing_is_one_that_there_is():
    """An operation with an id in its path is done to something that was made, and somebody may do it: no id is made up."""
    of_things = [operation for operation in OPERATIONS if "{" in operation]
    assert [operation for operation in of_things if maker_of(operation) is None] == []
    statuses = {operation: {expected(operation, who) for who in PEOPLE} for operation in of_things}
    assert [operation for operation, found in statuses.items() if min(found) >= 300] == []
    assert [operation for operation in PUBLIC if "{" in operation] == []


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_nobody(house, operation):
    """Whoever shows nothing gets 401 everywhere, also for what exists."""
    status, headers, body = house.ask("nobody", operation)
    assert status == 401
    assert headers["www-authenticate"] == "Bearer"
    is_proper(status, headers, body)


@pytest.mark.parametrize("path", sorted(OPENAPI["paths"]))
def test_nobody_with_any_method(house, path):
    """Default deny holds for methods that a path does not have, too; HEAD is GET."""
    for method in METHODS:
        operation = f"{method.upper()} {path}"
        public = PUBLIC.get(f"GET {path}") if method == "head" else None
        if operation not in PUBLIC:
            status, headers, _ = house.ask("nobody", operation)
            open_to_all = path.startswith("/health")  # there is nothing to protect: other methods are told so
            assert status == (public or (405 if open_to_all else 401)), operation
            assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("who", ["nobody", "owner", "admin"])
@pytest.mark.parametrize("operation", sorted(PUBLIC))
def test_public(house, who, operation):
    """Public operations answer everybody alike, and none of them makes anybody an administrator."""
    status, headers, body = house.ask(who, operation)
    assert status == PUBLIC[operation]
    is_proper(status, headers, body)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_people(house, operation, who):
    """The owner does it; to everybody else there is nothing, or they may not, and nothing tells what the owner draws."""
    status, headers, body = house.ask(who, operation)
    assert status == expected(operation, who), body
    is_proper(status, headers, body)
    assert who == "owner" or WORD not in f"{headers} {text_of(body)}"


READING = (
    "GET /api/diagrams",
    "GET /api/diagrams/{document_id}",
    "GET /api/diagrams/{document_id}/versions",
    "GET /api/diagrams/{document_id}/versions/{number}",
    "GET /api/diagrams/trash",
    "GET /api/export/{document_id}",
    "GET /api/analysis/jobs/{job_id}/model",
    "GET /api/auth/gdpr/export",
)


@pytest.mark.parametrize("operation", READING)
def test_what_others_do_not_read(house, operation):
    """What no answer to anybody else holds is in those to the owner, also after everybody has tried to change it."""
    house.things.of("POST /api/diagrams/{document_id}/restore", anew=False)
    status, headers, body = house.ask("owner", operation)
    assert status == 200
    assert WORD in f"{headers} {text_of(body)}"


@pytest.mark.parametrize("operation", sorted(name for name in OPERATIONS if re.match("GET .*{", name)))
def test_nothing_was_touched(house, operation):
    """After everybody has tried everything on them, the things are there: what was refused was not done all the same."""
    who = "owner" if expected(operation, "owner") == 200 else "admin"
    assert house.ask(who, operation)[0] == 200


@pytest.mark.feature("auth.audit")
def test_the_two_ways_to_documents_of_others_are_written_down(house):
    """An administrator who reads somebody's link to a new password, or lets themself have the documents, stands in the log."""
    somebody = house.things.person()["user_id"]
    body = {"title": "Left behind", "code": "graph TD; a-->b"}
    document = house.as_("somebody", "POST", "/api/diagrams", body)["id"]
    path, log = f"/api/diagrams/{document}", "/api/auth/admin/audit-logs?event="
    email = house.as_("somebody", "GET", "/api/auth/me")["user"]["email"]
    house.running.ask("POST", "/api/auth/password-reset/request", {"email": email})
    mail = house.things.mail_to(email, "reset")
    assert "/reset#" in house.as_("admin", "GET", f"/api/auth/admin/mails/{mail}")["text"]
    assert house.as_("admin", "GET", f"{log}mail.read")["items"][0]["subject"]["id"] == mail
    assert house.send("admin", "GET", path)[0] == 404

    admin = house.as_("admin", "GET", "/api/auth/me")["user"]["id"]
    removed = house.as_("admin", "POST", f"/api/auth/admin/users/{somebody}/remove", {"documents_to": admin})
    assert removed["documents"] == 1
    assert house.send("admin", "GET", path)[0] == 200
    [told] = house.as_("admin", "GET", f"{log}account.erased&subject={somebody}")["items"]
    assert (told["actor"]["id"], told["details"]["documents_to"]) == (admin, admin)


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/authx",
        "/internal/identify",
        "/internal/transfer",
        "/api/internal/identify",
    ],
)
@pytest.mark.parametrize("method", [m.upper() for m in METHODS])
@pytest.mark.parametrize("who", ["nobody", "admin"])
def test_unknown_paths(house, who, path, method):
    """No service owns it: 404 for everybody, whatever the method; internal calls are never reached from outside."""
    status, headers, body = house.ask(who, f"{method} {path}")
    assert status == 404
    if method != "HEAD":
        is_proper(status, headers, body)


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "MKCOL", "LOCK", "PURGE"])
def test_odd_methods(house, method):
    """A method that nothing answers is a 501 problem on every path."""
    for path in ("/", "/health", "/api/auth/me", "/api/nothing"):
        status, headers, body = house.ask("admin", f"{method} {path}")
        assert status == 501
        is_proper(status, headers, body)
