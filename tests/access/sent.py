"""What is sent to every operation."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

PASSWORD = "correct horse battery"
SOON = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

ANOTHER_NAME = "a name that is new at every call"
SOMEBODY, TEAM = "the id of somebody", "the id of a team"

PASSKEY = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
ATTESTED = {"clientDataJSON": "AAAA", "attestationObject": "AAAA"}
ASSERTED = {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}

# Tokens and codes of links are no ids but secrets: whoever holds one may use it. Here nobody does.
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
    "POST /api/auth/passkeys/options": {"current_password": PASSWORD},
    "POST /api/auth/passkeys": {"credential": PASSKEY | {"response": ATTESTED}, "name": "x"},
    "PATCH /api/auth/passkeys/{passkey_id}": {"name": "x"},
    "DELETE /api/auth/passkeys/{passkey_id}": {"current_password": PASSWORD},
    "POST /api/auth/passkeys/enrol/options": {"mfa_token": "none"},
    "POST /api/auth/passkeys/enrol": {
        "mfa_token": "none",
        "credential": PASSKEY | {"response": ATTESTED},
        "name": "x",
    },
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
    "POST /api/auth/admin/users/roles": {"user_ids": [SOMEBODY], "role": "viewer"},
    "PATCH /api/auth/admin/users/{user_id}": {"roles": ["viewer"]},
    "POST /api/auth/admin/users/{user_id}/remove": {"documents_to": None},
    "POST /api/auth/gdpr/erase": {"current_password": "wrong", "documents_to": None},
    "POST /api/auth/invitations/look": {"token": "none"},
    "POST /api/auth/invitations": {"emails": ["somebody@example.org"], "team_id": TEAM},
    "POST /api/auth/invitations/link": {"uses": 2, "team_id": TEAM},
    "POST /api/auth/invitations/accept": {"token": "none"},
    "POST /api/auth/invitations/{invitation_id}/resend": {},
    "POST /api/auth/roles": {"name": "reviewer", "permissions": ["documents:read"]},
    "POST /api/auth/teams": {"name": ANOTHER_NAME},
    "PATCH /api/auth/teams/{team_id}": {"name": ANOTHER_NAME},
    "POST /api/auth/teams/{team_id}/members": {"user_id": SOMEBODY},
    "PUT /api/auth/teams/{team_id}/members/{user_id}": {"role": "member"},
    "POST /api/auth/teams/{team_id}/transfer": {"user_id": SOMEBODY},
    "PUT /api/auth/roles/{name}": {"permissions": ["documents:read"]},
    "POST /api/auth/register": {"email": "x@example.org", "name": "X", "password": PASSWORD, "role": "admin"},
    "POST /api/diagrams": {"title": "Shop", "code": "graph TD; a-->b"},
    "PUT /api/diagrams/{document_id}": {"expected_version": 1, "title": "Other"},
    "POST /api/diagrams/{document_id}/versions/{number}/restore": {"expected_version": 1},
    "POST /api/export/render": {"code": "graph TD; a-->b", "format": "svg"},
    "POST /api/analysis/jobs": {"root": "checkout", "folder": "."},
    "POST /api/analysis/jobs/{job_id}/document": {"title": "Drawn"},
    "PUT /api/ops/errors/{fingerprint}": {"state": "resolved"},
    "POST /api/ops/silences": {"matchers": {"rule": "none"}, "until": SOON},
    "PUT /api/admin/feature-flags/{key}": {"expected_version": 1},
    "PUT /api/admin/log-levels": {"modules": {"auth": "debug"}},
}

QUERIES = {
    "GET /api/auth/invitations": "?team_id={team_id}",
    "GET /api/auth/oidc/start": "?provider=none",
    "PUT /api/diagrams/{document_id}/picture": "?version=1",
    "GET /test/cpu/stress": "?duration_seconds=1",
    "GET /test/slow": "?delay=0",
    "GET /test/slow-query": "?delay_ms=1",
    "POST /api/analysis/jobs/upload": "?filename=x.zip",
}

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


def archive(service):
    """A repository of two services, packed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr(
            "compose.yaml",
            f"services:\n  {service}:\n    image: nginx\n    depends_on: [api]\n  api:\n    build: .\n",
        )
    return made.getvalue()
