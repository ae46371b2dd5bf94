"""What was handed out in secret stands nowhere: not in the database, not in a log, not in the data folder."""

import asyncio
import base64
import contextlib
import json
import re
import shutil
import signal
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pyotp
import pytest
from tests.servers.autograph import Running
from tests.system.conftest import EMAIL, PASSWORD, Installation, first_administrator, signed_in

pytestmark = pytest.mark.feature("auth.login")

KEY_FILES = {"signing-keys.json", "vault-keys.json"}
"""What must be kept in secret, and is: readable by us alone."""

OUTGOING = {
    "AUTH__SMTP_URL": "smtp://mailer:Smtp-Pass-81@127.0.0.1:1",
    "METRICS__TOKEN": "Metrics-Token-5577-long-enough",
}
"""Secrets of the operator: they come by the environment."""


@dataclass
class Life:
    """Everything that a person does with secrets; each one is remembered under a name."""

    running: Running
    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)

    def keep(self, **found):
        for name, secret in found.items():
            assert len(secret) > 7, name
            self.secrets[f"{name} {len(self.secrets)}"] = secret

    def ask(self, method, path, body=None, *, status, **headers):
        got, fields, content = self.running.ask(method, path, body, **headers)
        assert got == status, (method, path, got, content)
        parsed = json.loads(content) if content and "json" in fields.get("content-type", "") else content
        return fields, parsed

    def mails(self, admin, kind, count=1):
        """Links of all mails of a kind, once there are so many."""
        until = time.monotonic() + 10
        while True:
            items = admin("GET", "/api/auth/admin/mails")[2]["items"]
            found = [item for item in items if item["kind"] == kind]
            if len(found) >= count:
                break
            assert time.monotonic() < until, items
            time.sleep(0.05)
        opened = [admin("GET", f"/api/auth/admin/mails/{item['id']}")[2]["text"] for item in found]
        return [secret for text in opened for secret in re.findall(r"#(\S+)", text)]

    def lived(self):
        """Do it all."""
        self.keep(
            **{
                name: value.partition("mailer:")[2].partition("@")[0] or value
                for name, value in OUTGOING.items()
            }
        )
        installation = Installation(self.running)
        admin = first_administrator(installation)
        [code] = set(re.findall(r"first-run#([A-Z0-9-]+)", self.running.log.read_text()))
        self.keep(password=PASSWORD, first_run_code=code, access=admin.token)
        self.registration(admin)
        self.sessions()
        self.keys(admin)
        self.invitations(admin)
        self.factors(admin)
        self.mistakes(admin)

    def registration(self, admin):
        first, second, third = "First Pass 1-xyzzy", "Second Pass 2-xyzzy", "Third Pass 3-xyzzy"
        self.keep(first=first, second=second, third=third)
        bob = {"email": "bob@example.com", "name": "Bob", "password": first}
        self.ask("POST", "/api/auth/register", bob, status=201)
        [link] = self.mails(admin, "verify")
        self.keep(verify=link)
        self.ask("POST", "/api/auth/email/verify", {"token": link}, status=204)
        self.ask("POST", "/api/auth/register", bob, status=201)
        self.keep(already=self.mails(admin, "already-registered")[0])
        self.ask("POST", "/api/auth/password-reset/request", {"email": bob["email"]}, status=202)
        [link] = self.mails(admin, "reset")
        self.keep(reset=link)
        self.ask("POST", "/api/auth/password-reset/confirm", {"token": link, "password": second}, status=204)
        _, tokens = self.ask(
            "POST", "/api/auth/login", {"email": bob["email"], "password": second}, status=200
        )
        headers = {"authorization": f"Bearer {tokens['access_token']}"}
        self.keep(access=tokens["access_token"], refresh=tokens["refresh_token"])
        change = {"current_password": second, "new_password": third}
        self.ask("POST", "/api/auth/password/change", change, status=204, **headers)
        change = {"email": "robert@example.com", "current_password": third}
        self.ask("POST", "/api/auth/email/change", change, status=202, **headers)
        self.keep(address=self.mails(admin, "new-address")[0])

    def sessions(self):
        login = {"email": EMAIL, "password": PASSWORD}
        headers, _ = self.ask("POST", "/api/auth/login", {**login, "cookie": True}, status=200)
        cookie = headers["set-cookie"].partition("=")[2].partition(";")[0]
        self.keep(cookie=cookie)
        self.ask("GET", "/api/auth/me", status=200, cookie=f"autograph={cookie}")
        _, tokens = self.ask("POST", "/api/auth/login", login, status=200)
        self.keep(access=tokens["access_token"], refresh=tokens["refresh_token"])
        _, newer = self.ask(
            "POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}, status=200
        )
        self.keep(access=newer["access_token"], refresh=newer["refresh_token"])
        self.ask("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}, status=401)

    def keys(self, admin):
        wish = {"name": "Key", "scopes": ["read"]}
        status, _, made = admin("POST", "/api/auth/api-keys", wish, idempotency_key="once-and-for-all")
        assert status == 201, made
        self.keep(api_key=made["key"])
        self.ask("GET", "/api/auth/me", status=200, authorization=f"Bearer {made['key']}")

    def invitations(self, admin):
        """By mail and by link; looked at, used, and sent again."""
        status, _, made = admin("POST", "/api/auth/invitations", {"emails": ["cleo@example.com"]})
        assert status == 200, made
        [by_mail] = self.mails(admin, "invitation")
        status, _, made = admin("POST", "/api/auth/invitations/link", {"uses": 2})
        assert status == 201, made
        by_link = made["link"].partition("#")[2]
        self.keep(by_mail=by_mail, by_link=by_link)
        self.ask("POST", "/api/auth/invitations/look", {"token": by_mail}, status=200)
        fourth = "Fourth Pass 5-xyzzy"
        self.keep(fourth=fourth)
        cleo = {"email": "cleo@example.com", "name": "Cleo", "password": fourth, "invitation": by_mail}
        self.ask("POST", "/api/auth/register", cleo, status=201)

    def factors(self, admin):
        """An app that is set up, its codes for bad days, and a sign-in that waits for one."""
        status, _, app = admin("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})
        assert status == 200, app
        code = pyotp.TOTP(app["secret"]).now()
        status, _, enabled = admin("POST", "/api/auth/mfa/enable", {"code": code})
        assert status == 200, enabled
        backup, *_ = enabled["backup_codes"]
        self.keep(totp=app["secret"], **{f"backup_{n}": one for n, one in enumerate(enabled["backup_codes"])})
        _, step = self.ask("POST", "/api/auth/login", {"email": EMAIL, "password": PASSWORD}, status=200)
        self.keep(second_step=step["mfa_token"])
        body = {"mfa_token": step["mfa_token"], "code": backup}
        _, tokens = self.ask("POST", "/api/auth/mfa/verify", body, status=200)
        self.keep(access=tokens["access_token"], refresh=tokens["refresh_token"])
        removal = {"current_password": PASSWORD, "code": enabled["backup_codes"][1]}
        assert admin("POST", "/api/auth/mfa/disable", removal)[0] == 204
        status, _, app = admin("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})
        self.keep(totp=app["secret"])

    def mistakes(self, admin):
        """Secrets in the wrong places, errors and slow calls: nothing of it may be told further."""
        wrong = "Wrong Guess 4-xyzzy"
        self.keep(wrong=wrong)
        self.ask("POST", "/api/auth/login", {"email": EMAIL, "password": wrong}, status=401)
        self.ask("POST", "/api/auth/login", {"email": EMAIL, "passwort": wrong}, status=422)
        self.ask("POST", "/api/auth/login", {"email": EMAIL, "password": {"is": wrong}}, status=422)
        self.ask("POST", "/api/auth/login", [wrong], status=422)
        self.ask("GET", f"/api/auth/first-run?q={'W' * 20}-{'V' * 40}", status=200)
        self.keep(in_a_query="W" * 20 + "-" + "V" * 40)
        self.ask("GET", "/api/auth/me", status=401, authorization=f"Bearer {'n' * 60}")
        self.keep(no_token="n" * 60)
        admin("GET", "/test/error")
        admin("GET", "/test/slow-query?delay_ms=300")
        admin("PUT", "/api/admin/log-levels", {"default": "debug"})
        signed_in(admin.installation)


def forms(secret):
    """How a secret may be written without being recognised at once."""
    raw = secret.encode()
    yield "plain", raw
    yield "hex", raw.hex().encode()
    yield "base64", base64.b64encode(raw).rstrip(b"=")[:-1]
    yield "JSON", json.dumps(secret)[1:-1].encode()
    yield "URL", urllib.parse.quote(secret).encode()
    if re.fullmatch(r"[A-Z2-7]{16,}", secret):
        with contextlib.suppress(ValueError):
            yield "bytes", base64.b32decode(secret + "=" * (-len(secret) % 8))


def found(secrets, places):
    """Which secrets stand where, in which form."""
    return [
        f"{name}, as {form}, in {place}"
        for place, content in places.items()
        for name, secret in secrets.items()
        for form, searched in forms(secret)
        if searched in content
    ]


async def rows(url):
    """Everything that PostgreSQL holds, as text and as bytes."""
    connection = await asyncpg.connect(url)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    dumped = []
    for (table,) in tables:
        dumped += [
            value if isinstance(value, bytes) else str(value).encode()
            for row in await connection.fetch(f'SELECT * FROM "{table}"')
            for value in row
        ]
    await connection.close()
    return b"\n".join(dumped)


@pytest.fixture(params=["sqlite", "postgres"])
def life(request, tmp_path):
    """A process that lived with secrets, and the URL of its database if that is a server."""
    url = str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else ""
    database = {"DATABASE_URL": url} if url else {}
    running = Running(
        tmp_path,
        LOG_LEVEL="debug",
        AUTH__REGISTRATION="open",
        AUTH__VERIFICATION="required",
        AUTH__TRIES_PER_ACCOUNT="1000",
        OBSERVABILITY__SLOW_REQUEST_SECONDS="0.001",
        **OUTGOING,
        **database,
    )
    life = Life(running, tmp_path / "data")
    try:
        life.lived()
        yield life, url
    finally:
        running.stop()


def test_no_secret_is_kept(life, tmp_path):
    """A copy of the data folder and of the database taken while it runs, and the log, hold none of them."""
    lived, url = life
    copy = tmp_path / "copy"
    time.sleep(6)  # what is reported every few seconds is in the database then
    lived.running.signal(signal.SIGSTOP)
    shutil.copytree(lived.folder, copy)
    lived.running.signal(signal.SIGCONT)
    places = {
        str(path.relative_to(copy)): path.read_bytes()
        for path in copy.rglob("*")
        if path.is_file() and path.name not in KEY_FILES
    }
    if url:
        places["PostgreSQL"] = asyncio.run(rows(url))
        assert b"robert" in places["PostgreSQL"] or b"bob@example.com" in places["PostgreSQL"]
    else:
        assert any(b"bob@example.com" in content for content in places.values())
    assert found(lived.secrets, places) == []
    printed = {name: secret for name, secret in lived.secrets.items() if "first_run_code" not in name}
    assert len(printed) == len(lived.secrets) - 1  # that one is printed, for whoever started the process
    log = lived.running.log.read_bytes()
    assert b"/api/auth/login" in log
    assert found(printed, {"the log": log}) == []


def test_after_the_end(life, tmp_path):
    """Neither a stop nor a kill leaves a secret behind."""
    lived, _ = life
    lived.running.signal(signal.SIGKILL)
    lived.running.process.wait(10)
    again = Running(tmp_path, AUTH__REGISTRATION="open")
    again.stop()
    places = {
        str(path): path.read_bytes()
        for path in lived.folder.rglob("*")
        if path.is_file() and path.name not in KEY_FILES
    }
    assert found(lived.secrets, places) == []


def test_the_search_finds_something(tmp_path):
    """The search is no empty promise: it finds a secret in each of its forms."""
    for form, written in forms("JBSWY3DPEHPK3PXPJBSWY3DP"):
        assert found({"it": "JBSWY3DPEHPK3PXPJBSWY3DP"}, {"here": b"x" + written + b"y"}), form
    assert found({"it": 'a "quoted" one'}, {"here": b'{"a": "a \\"quoted\\" one"}'})
