"""One's own data through the front door, in one process and in many."""

import io
import json
import zipfile

import pytest
from tests.system.conftest import PASSWORD, signed_in

pytestmark = pytest.mark.feature("security.privacy")

EMAIL = "zoe@example.com"


@pytest.fixture
def zoe(installation, ada):
    """Somebody with a document, new for each test."""
    person = {"email": EMAIL, "name": "Zoe", "password": PASSWORD}
    assert installation.ask("POST", "/api/auth/register", person)[0] == 201
    found = signed_in(installation, EMAIL)
    assert found("POST", "/api/diagrams", {"title": "Zebra", "note": "Stripes"})[0] == 201
    return found


def test_one_takes_everything_along_and_leaves(installation, zoe, ada):
    """The archive holds the document; after the erasure neither account nor document is there."""
    status, headers, body = zoe("GET", "/api/auth/gdpr/export")
    assert (status, headers["content-type"]) == (200, "application/zip")
    assert headers["content-disposition"] == 'attachment; filename="autograph-my-data.zip"'
    archive = zipfile.ZipFile(io.BytesIO(body))
    [document] = [json.loads(archive.read(n)) for n in archive.namelist() if n.startswith("documents/")]
    assert [one["contents"]["note"] for one in document["versions"]] == ["Stripes"]
    assert json.loads(archive.read("account.json"))["email"] == EMAIL

    status, _, left = zoe(
        "POST", "/api/auth/gdpr/erase", {"current_password": PASSWORD, "documents_to": None}
    )

    assert (status, left["documents"]) == (200, 1)
    body = {"email": EMAIL, "password": PASSWORD}
    assert installation.ask("POST", "/api/auth/login", body)[0] == 401
    assert ada("GET", f"/api/auth/admin/users?search={EMAIL}")[2]["total"] == 0
    assert zoe("GET", f"/api/diagrams/{document['id']}")[0] in {401, 404}


def test_an_administrator_gives_documents_to_somebody_else(installation, zoe, ada):
    """Whoever is removed leaves nothing but what was to stay."""
    user = ada("GET", f"/api/auth/admin/users?search={EMAIL}")[2]["items"][0]["id"]
    me = ada("GET", "/api/auth/me")[2]["user"]["id"]

    status, _, left = ada("POST", f"/api/auth/admin/users/{user}/remove", {"documents_to": me})

    assert (status, left["documents"]) == (200, 1)
    assert "Zebra" in {one["title"] for one in ada("GET", "/api/diagrams")[2]["items"]}
