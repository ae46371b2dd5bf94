"""Who may do what: every operation of the OpenAPI document, asked by nobody, by its owner and by everybody else."""

import io
import json
import time
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.servers.autograph import Running

pytestmark = pytest.mark.feature("gateway.auth")

PASSWORD = "correct horse battery"
OPENAPI = json.loads((Path(__file__).parents[3] / "docs/reference/openapi.json").read_text())
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")

SOON = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

PUBLIC = {
    "GET /api/auth/.well-known/jwks.json": 200,
    "GET /api/auth/first-run": 200,
    "GET /api/auth/providers": 200,
    "GET /api/auth/oidc/start": 302,
    "GET /api/auth/oidc/callback": 302,
    "POST /api/auth/oidc/second": 403,
    "POST /api/auth/first-run/check": 409,
    "POST /api/auth/first-run": 409,
    "POST /api/auth/login": 401,
    "POST /api/auth/refresh": 401,
    "POST /api/auth/register": 422,
    "POST /api/auth/password-reset/request": 202,
    "POST /api/auth/password-reset/confirm": 403,
    "POST /api/auth/email/verify": 403,
    "POST /api/auth/email/resend-verification": 202,
    "POST /api/auth/email/confirm-change": 403,
    "POST /api/auth/unlock": 403,
    "POST /api/auth/mfa/verify": 401,
    "POST /api/auth/mfa/enrol/setup": 401,
    "POST /api/auth/mfa/enrol/enable": 401,
    "POST /api/auth/passkeys/login/options": 409,
    "POST /api/auth/passkeys/login": 409,
    "POST /api/auth/invitations/look": 403,
    "GET /health": 200,
}
"""Operations for everybody, and what they answer to what is sent below: the same to all."""

OPERATIONS = {
    # operation, on things that there are: (owner, who is an editor, another editor, an administrator)
    "POST /api/auth/logout": (204, 204, 204),
    "POST /api/auth/logout-all": (204, 204, 204),
    "GET /api/auth/me": (200, 200, 200),
    "PATCH /api/auth/me": (200, 200, 200),
    "POST /api/auth/password/change": (401, 401, 401),
    "POST /api/auth/email/change": (401, 401, 401),
    "GET /api/auth/mfa": (200, 200, 200),
    "POST /api/auth/mfa/setup": (401, 401, 401),
    "POST /api/auth/mfa/enable": (404, 404, 404),
    "POST /api/auth/mfa/disable": (401, 401, 401),
    "POST /api/auth/mfa/backup-codes/regenerate": (404, 404, 404),
    "POST /api/auth/passkeys/options": (409, 409, 409),
    "POST /api/auth/passkeys": (409, 409, 409),
    "GET /api/auth/passkeys": (200, 200, 200),
    "PATCH /api/auth/passkeys/{passkey_id}": (404, 404, 404),
    "DELETE /api/auth/passkeys/{passkey_id}": (404, 404, 404),
    "GET /api/auth/sessions": (200, 200, 200),
    "DELETE /api/auth/sessions/{session_id}": (204, 404, 404),
    "POST /api/auth/api-keys": (201, 201, 201),
    "GET /api/auth/api-keys": (200, 200, 200),
    "DELETE /api/auth/api-keys/{key_id}": (204, 404, 404),
    "GET /api/auth/admin/users/{user_id}/api-keys": (403, 403, 200),
    "DELETE /api/auth/admin/users/{user_id}/api-keys/{key_id}": (403, 403, 204),
    "GET /api/auth/admin/users": (403, 403, 200),
    "POST /api/auth/admin/users/roles": (403, 403, 200),
    "GET /api/auth/admin/users/{user_id}": (403, 403, 200),
    "PATCH /api/auth/admin/users/{user_id}": (403, 403, 200),
    "POST /api/auth/admin/users/{user_id}/disable": (403, 403, 200),
    "POST /api/auth/admin/users/{user_id}/enable": (403, 403, 200),
    "POST /api/auth/admin/users/{user_id}/unlock": (403, 403, 200),
    "POST /api/auth/admin/users/{user_id}/sign-out": (403, 403, 200),
    "POST /api/auth/admin/users/{user_id}/reset-mfa": (403, 403, 200),
    "POST /api/auth/admin/users/{user_id}/remove": (403, 403, 200),
    "GET /api/auth/gdpr/export": (200, 200, 200),
    "GET /api/auth/gdpr/erasure": (200, 200, 200),
    "POST /api/auth/gdpr/erase": (401, 401, 401),
    "GET /api/auth/teams": (200, 200, 200),
    "POST /api/auth/teams": (201, 201, 201),
    "GET /api/auth/teams/{team_id}": (200, 404, 200),
    "PATCH /api/auth/teams/{team_id}": (200, 404, 200),
    "DELETE /api/auth/teams/{team_id}": (204, 404, 204),
    "GET /api/auth/teams/{team_id}/members": (200, 404, 200),
    "POST /api/auth/teams/{team_id}/members": (201, 404, 201),
    "PUT /api/auth/teams/{team_id}/members/{user_id}": (200, 404, 200),
    "DELETE /api/auth/teams/{team_id}/members/{user_id}": (204, 404, 204),
    "POST /api/auth/teams/{team_id}/transfer": (200, 404, 200),
    "GET /api/auth/invitations": (403, 403, 200),
    "POST /api/auth/invitations": (403, 403, 200),
    "POST /api/auth/invitations/link": (403, 403, 201),
    "POST /api/auth/invitations/accept": (403, 403, 403),
    "DELETE /api/auth/invitations/{invitation_id}": (204, 404, 204),
    "POST /api/auth/invitations/{invitation_id}/resend": (200, 404, 200),
    "GET /api/auth/roles": (200, 200, 200),
    "POST /api/auth/roles": (403, 403, 201),
    "PUT /api/auth/roles/{name}": (403, 403, 404),
    "DELETE /api/auth/roles/{name}": (403, 403, 404),
    "GET /api/auth/admin/audit-logs": (403, 403, 200),
    "GET /api/auth/admin/audit-logs/export": (403, 403, 200),
    "GET /api/auth/admin/audit-logs/verify": (403, 403, 200),
    "GET /api/auth/admin/mails": (403, 403, 200),
    "GET /api/auth/admin/mails/{mail_id}": (403, 403, 404),
    "POST /api/auth/admin/mails/{mail_id}/resend": (403, 403, 404),
    "GET /api/diagrams": (200, 200, 200),
    "POST /api/diagrams": (201, 201, 201),
    "GET /api/diagrams/trash": (200, 200, 200),
    "DELETE /api/diagrams/{document_id}": (204, 404, 404),
    "GET /api/diagrams/{document_id}": (200, 404, 404),
    "PUT /api/diagrams/{document_id}": (200, 404, 404),
    "GET /api/diagrams/{document_id}/picture": (200, 404, 404),
    "PUT /api/diagrams/{document_id}/picture": (204, 404, 404),
    "POST /api/diagrams/{document_id}/restore": (200, 404, 404),
    "GET /api/diagrams/{document_id}/versions": (200, 404, 404),
    "GET /api/diagrams/{document_id}/versions/{number}": (200, 404, 404),
    "POST /api/diagrams/{document_id}/versions/{number}/restore": (200, 404, 404),
    "POST /api/export/render": (200, 200, 200),
    "GET /api/export/{document_id}": (200, 404, 404),
    "GET /api/export/{document_id}/thumbnail": (200, 404, 404),
    "GET /api/analysis/roots": (200, 200, 200),
    "POST /api/analysis/jobs": (404, 404, 404),
    "POST /api/analysis/jobs/upload": (202, 202, 202),
    "GET /api/analysis/jobs/{job_id}": (200, 404, 404),
    "GET /api/analysis/jobs/{job_id}/events": (200, 404, 404),
    "GET /api/analysis/jobs/{job_id}/model": (200, 404, 404),
    "POST /api/analysis/jobs/{job_id}/document": (201, 404, 404),
    "DELETE /api/analysis/jobs/{job_id}": (204, 404, 404),
    "GET /dependencies": (403, 403, 200),
    "GET /test/cpu": (403, 403, 200),
    "GET /test/cpu/stress": (403, 403, 200),
    "GET /test/memory": (403, 403, 200),
    "GET /test/memory/allocate": (403, 403, 200),
    "GET /test/memory/gc": (403, 403, 200),
    "GET /test/memory/types": (403, 403, 200),
    "GET /test/network": (403, 403, 200),
    "POST /test/network/large-request": (403, 403, 200),
    "GET /test/network/large-response": (403, 403, 200),
    "GET /test/disk": (403, 403, 200),
    "POST /test/disk/upload": (403, 403, 201),
    "DELETE /test/disk/cleanup": (403, 403, 204),
    "GET /test/slow": (403, 403, 200),
    "GET /test/error": (403, 403, 500),
    "GET /test/slow-query": (403, 403, 200),
    "GET /api/flags": (200, 200, 200),
    "GET /api/admin/feature-flags": (403, 403, 200),
    "GET /api/admin/feature-flags/{key}": (403, 403, 200),
    "PUT /api/admin/feature-flags/{key}": (403, 403, 200),
    "DELETE /api/admin/feature-flags/{key}": (403, 403, 404),
    "GET /api/ops/overview": (403, 403, 200),
    "GET /api/ops/stream": (403, 403, 200),
    "GET /api/ops/services/{name}/routes": (403, 403, 200),
    "GET /api/ops/map": (403, 403, 200),
    "POST /api/ops/map/document": (403, 403, 201),
    "GET /api/ops/errors": (403, 403, 200),
    "GET /api/ops/errors/{fingerprint}": (403, 403, 404),
    "PUT /api/ops/errors/{fingerprint}": (403, 403, 404),
    "GET /api/ops/queries": (403, 403, 200),
    "GET /api/ops/backups": (403, 403, 200),
    "GET /api/ops/about": (403, 403, 200),
    "GET /alerts": (403, 403, 200),
    "GET /api/ops/alerts": (403, 403, 200),
    "GET /api/ops/alert-rules": (403, 403, 200),
    "POST /api/ops/alerts/{alert_id}/acknowledge": (403, 403, 404),
    "POST /api/ops/alerts/incoming": (403, 403, 422),
    "GET /api/ops/silences": (403, 403, 200),
    "POST /api/ops/silences": (403, 403, 201),
    "DELETE /api/ops/silences/{silence_id}": (403, 403, 404),
    "GET /api/ops/notices": (403, 403, 200),
    "GET /api/admin/log-levels": (403, 403, 200),
    "PUT /api/admin/log-levels": (403, 403, 200),
}
"""Everything else: nobody gets more than 401 here, and somebody with a team of their own no more than another."""

VIEWER = {
    "POST /api/auth/teams": 403,
    **dict.fromkeys(
        (
            name
            for name in OPERATIONS
            if name.startswith(("POST /api/diagrams", "PUT /api/diagrams", "DELETE /api/diagrams"))
            or "/api/analysis/" in name
        ),
        403,
    ),
}
"""Where a viewer gets less than another editor: 403 before anybody looks whether there is such a thing."""

PEOPLE = ("owner", "another", "other team", "viewer", "admin")


def expected(operation, who):
    """The status of an answer to somebody."""
    owner, another, admin = OPERATIONS[operation]
    if who == "viewer":
        return VIEWER.get(operation, another)
    return {"owner": owner, "admin": admin}.get(who, another)


FRESH, SOMEBODY = "another one at every call", "somebody new"

PASSKEY = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
ATTESTED = {"clientDataJSON": "AAAA", "attestationObject": "AAAA"}
ASSERTED = {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}

BODIES = {
    "POST /api/auth/first-run/check": {"code": "AAAA-BBBB-CCCC"},
    "POST /api/auth/first-run": {
        "code": "AAAA-BBBB-CCCC",
        "email": "x@example.org",
        "name": "X",
        "password": PASSWORD,
    },
    "POST /api/auth/login": {"email": "nobody@example.org", "password": PASSWORD},
    "POST /api/auth/refresh": {"refresh_token": "none"},
    "POST /api/auth/password-reset/request": {"email": "nobody@example.org"},
    "POST /api/auth/password-reset/confirm": {"token": "none", "password": PASSWORD},
    "POST /api/auth/email/verify": {"token": "none"},
    "POST /api/auth/email/resend-verification": {"email": "nobody@example.org"},
    "POST /api/auth/email/confirm-change": {"token": "none"},
    "POST /api/auth/email/change": {"email": "new@example.org", "current_password": "wrong"},
    "POST /api/auth/password/change": {"current_password": "wrong", "new_password": PASSWORD},
    "POST /api/auth/unlock": {"token": "none"},
    "POST /api/auth/passkeys/options": {},
    "POST /api/auth/passkeys": {"credential": PASSKEY | {"response": ATTESTED}, "name": "x"},
    "PATCH /api/auth/passkeys/{passkey_id}": {"name": "x"},
    "POST /api/auth/passkeys/login/options": {},
    "POST /api/auth/passkeys/login": {"credential": PASSKEY | {"response": ASSERTED}},
    "POST /api/auth/mfa/setup": {"current_password": "wrong"},
    "POST /api/auth/mfa/enable": {"code": "000000"},
    "POST /api/auth/mfa/disable": {"current_password": "wrong", "code": "000000"},
    "POST /api/auth/mfa/backup-codes/regenerate": {"code": "000000"},
    "POST /api/auth/mfa/verify": {"mfa_token": "none", "code": "000000"},
    "POST /api/auth/mfa/enrol/setup": {"mfa_token": "none"},
    "POST /api/auth/mfa/enrol/enable": {"mfa_token": "none", "code": "000000"},
    "PATCH /api/auth/me": {"name": "Somebody"},
    "POST /api/auth/api-keys": {"name": "build server", "scopes": ["read"]},
    "POST /api/auth/admin/users/roles": {"user_ids": ["none"], "role": "viewer"},
    "PATCH /api/auth/admin/users/{user_id}": {"roles": ["viewer"]},
    "POST /api/auth/admin/users/{user_id}/remove": {"documents_to": None},
    "POST /api/auth/gdpr/erase": {"current_password": "wrong", "documents_to": None},
    "POST /api/auth/invitations/look": {"token": "none"},
    "POST /api/auth/invitations": {"emails": ["somebody@example.org"]},
    "POST /api/auth/invitations/link": {"uses": 2},
    "POST /api/auth/invitations/accept": {"token": "none"},
    "POST /api/auth/invitations/{invitation_id}/resend": {},
    "POST /api/auth/roles": {"name": "reviewer", "permissions": ["documents:read"]},
    "POST /api/auth/teams": {"name": FRESH},
    "PATCH /api/auth/teams/{team_id}": {"name": FRESH},
    "POST /api/auth/teams/{team_id}/members": {"user_id": SOMEBODY},
    "PUT /api/auth/teams/{team_id}/members/{user_id}": {"role": "member"},
    "POST /api/auth/teams/{team_id}/transfer": {"user_id": SOMEBODY},
    "PUT /api/auth/roles/{name}": {"permissions": ["documents:read"]},
    "POST /api/auth/register": {"email": "x@example.org", "name": "X", "password": PASSWORD, "role": "admin"},
    "POST /api/diagrams": {"title": "Shop", "code": "graph TD; a-->b"},
    "PUT /api/diagrams/{document_id}": {"expected_version": 1, "title": "Other"},
    "POST /api/diagrams/{document_id}/versions/{number}/restore": {"expected_version": 1},
    "POST /api/export/render": {"code": "graph TD; a-->b", "format": "svg"},
    "POST /api/analysis/jobs": {"root": "none", "folder": "."},
    "POST /api/analysis/jobs/{job_id}/document": {"title": "Drawn"},
    "PUT /api/ops/errors/{fingerprint}": {"state": "resolved"},
    "POST /api/ops/silences": {"matchers": {"rule": "none"}, "until": SOON},
    "PUT /api/admin/feature-flags/{key}": {"expected_version": 0},
    "PUT /api/admin/log-levels": {"modules": {"auth": "debug"}},
}
QUERIES = {
    "GET /api/auth/oidc/start": "?provider=none",
    "PUT /api/diagrams/{document_id}/picture": "?version=1",
    "GET /test/cpu/stress": "?duration_seconds=1",
    "GET /test/slow": "?delay=0",
    "GET /test/slow-query": "?delay_ms=1",
    "POST /api/analysis/jobs/upload": "?filename=x.zip",
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


def archive():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr(
            "compose.yaml",
            "services:\n  web:\n    image: nginx\n    depends_on: [api]\n  api:\n    build: .\n",
        )
    return made.getvalue()


def address(name):
    return f"{name.replace(' ', '-')}@example.org"


class House:
    """A running AutoGraph with five people, and what belongs to the owner."""

    def __init__(self, folder):
        self.running = Running(folder, AUTH__REGISTRATION="open", ENV="production")
        self.tokens = {"nobody": None}
        code = self.running.first_run_code()
        body = {"code": code, "email": "admin@example.org", "name": "Admin", "password": PASSWORD}
        assert self.running.ask("POST", "/api/auth/first-run", body)[0] == 201
        self.ids = {name: self.registered(name) for name in PEOPLE if name != "admin"}
        for name in PEOPLE:
            self.tokens[name] = self.signed_in(name)
        self.as_("admin", "PATCH", f"/api/auth/admin/users/{self.ids['viewer']}", {"roles": ["viewer"]})
        self.as_("other team", "POST", "/api/auth/teams", {"name": "Another team"})

    def registered(self, name):
        """A new account; return its id."""
        body = {"email": address(name), "name": name, "password": PASSWORD}
        assert self.running.ask("POST", "/api/auth/register", body)[0] == 201
        body = {"email": address(name), "password": PASSWORD}
        return json.loads(self.running.ask("POST", "/api/auth/login", body)[2])["user"]["id"]

    def as_(self, who, method, path, body=None):
        """Ask for something that is only to be there; return what is answered."""
        status, _, content = self.running.ask(method, path, body, authorization=f"Bearer {self.tokens[who]}")
        assert status in {200, 201}, (path, content)
        return json.loads(content)

    def signed_in(self, name):
        body = {"email": address(name), "password": PASSWORD}
        status, _, answer = self.running.ask("POST", "/api/auth/login", body)
        assert status == 200, answer
        return json.loads(answer)["access_token"]

    def ask(self, who, operation, document="00000000-0000-7000-8000-000000000000", job=None):
        """Status, headers and body of an operation, asked by `who`."""
        method, template = operation.split(" ")
        names = {"number": 1, "name": "gateway", "fingerprint": "1:none", "key": "import-from-git"}
        names |= dict.fromkeys(
            ("alert_id", "silence_id", "session_id", "key_id", "user_id", "mail_id"), "none"
        )
        names["passkey_id"] = "none"
        names |= self.things(operation)
        path = template.format(document_id=document, job_id=job or document, **names)
        headers, body = {}, None
        if operation in BODIES:
            headers["content-type"], body = "application/json", json.dumps(BODIES[operation]).encode()
            body = body.replace(FRESH.encode(), uuid.uuid4().hex.encode())
            body = body.replace(SOMEBODY.encode(), names["user_id"].encode())
        elif operation.endswith("/picture") and method == "PUT":
            headers["content-type"], body = "image/svg+xml", SVG
        elif operation.endswith("/upload"):
            body = archive()
        token = self.signed_in(who) if "/logout" in operation and who != "nobody" else self.tokens[who]
        if token:
            headers["authorization"] = f"Bearer {token}"
        connection = self.running.connect(timeout_seconds=30)
        connection.request(method, path + QUERIES.get(operation.replace("HEAD ", "GET "), ""), body, headers)
        answer = connection.getresponse()
        endless = operation.endswith("/stream") and answer.status == 200
        content = answer.read1(1024) if endless else answer.read()
        connection.close()
        if operation.endswith("/logout-all") and answer.status < 400:
            self.tokens[who] = self.signed_in(who)
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def things(self, operation):
        """What an operation is done to: new, and the owner's or somebody's who is in the owner's team."""
        found = {"team_id": "none", "invitation_id": "none"}
        if "{session_id}" in operation:
            token = self.tokens["owner"]
            self.tokens["owner"] = self.signed_in("owner")
            mine = self.as_("owner", "GET", "/api/auth/sessions")["items"]
            found["session_id"] = next(one["id"] for one in mine if not one["is_current"])
            self.tokens["owner"] = self.signed_in("owner") if token == self.tokens["owner"] else token
        if "{user_id}" in operation or SOMEBODY in json.dumps(BODIES.get(operation, {})):
            name = uuid.uuid4().hex
            found["user_id"] = self.registered(name)
            self.tokens["somebody"] = self.signed_in(name)
        if "{key_id}" in operation:
            whose = "somebody" if "{user_id}" in operation else "owner"
            found["key_id"] = self.as_(
                whose, "POST", "/api/auth/api-keys", BODIES["POST /api/auth/api-keys"]
            )["id"]
        if "{team_id}" in operation or "{invitation_id}" in operation:
            team = self.as_("owner", "POST", "/api/auth/teams", {"name": uuid.uuid4().hex})["id"]
            found["team_id"] = team
            if "user_id" in found:
                where = f"/api/auth/teams/{team}/members"
                if operation != "POST /api/auth/teams/{team_id}/members":
                    self.as_("owner", "POST", where, {"user_id": found["user_id"]})
        if "{invitation_id}" in operation:
            body = {"emails": [address(uuid.uuid4().hex)], "team_id": found["team_id"]}
            made = self.as_("owner", "POST", "/api/auth/invitations", body)
            found["invitation_id"] = made["items"][0]["invitation_id"]
        return found

    def document(self):
        """A new document of the owner, with a picture."""
        made = json.loads(self.ask("owner", "POST /api/diagrams")[2])["id"]
        assert self.ask("owner", "PUT /api/diagrams/{document_id}/picture", made)[0] == 204
        return made

    def job(self):
        """A finished job of the owner."""
        made = json.loads(self.ask("owner", "POST /api/analysis/jobs/upload")[2])["id"]
        until = time.monotonic() + 60
        while True:
            found = json.loads(self.ask("owner", "GET /api/analysis/jobs/{job_id}", job=made)[2])
            if found["state"] in {"done", "failed"}:
                assert found["state"] == "done", found
                return made
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("access"))
    yield house
    house.running.stop()


@pytest.fixture(scope="module")
def document(house):
    return house.document()


@pytest.fixture(scope="module")
def job(house):
    return house.job()


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


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_nobody(house, document, job, operation):
    """Whoever shows nothing gets 401 everywhere, also for what exists."""
    status, headers, body = house.ask("nobody", operation, document, job)
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
def test_people(house, document, job, operation, who):
    """The owner does it; to an editor elsewhere, to one with another team and to a viewer there is nothing, or they may not."""
    if who == "owner" and operation.startswith(("DELETE /api/d", "PUT", "POST /api/diagrams/")):
        document = house.document()
    if who == "owner" and operation == "DELETE /api/analysis/jobs/{job_id}":
        job = json.loads(house.ask("owner", "POST /api/analysis/jobs/upload")[2])["id"]
    if operation.endswith("{document_id}/restore") and who == "owner":
        house.ask("owner", "DELETE /api/diagrams/{document_id}", document)
    status, headers, body = house.ask(who, operation, document, job)
    assert status == expected(operation, who), body
    is_proper(status, headers, body)


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
