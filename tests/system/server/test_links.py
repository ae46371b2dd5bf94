"""Links in mails lead to the installation's own address, whatever a request claims its address to be."""

import json
import re
import time

import pytest
from tests.servers.autograph import Running
from tests.system.conftest import Installation, first_administrator

pytestmark = pytest.mark.feature("auth.reset")

PUBLIC = "https://diagrams.example.com"
PASSWORD = "correct horse battery staple"
CLAIMS = (
    {"host": "evil.example"},
    {"host": "diagrams.example.com.evil.example"},
    {"host": "diagrams.example.com@evil.example"},
    {"x_forwarded_host": "evil.example"},
    {"x_forwarded_host": "diagrams.example.com, evil.example", "x_forwarded_proto": "http"},
    {"x_forwarded_server": "evil.example", "x_forwarded_port": "666", "x_forwarded_prefix": "//evil.example"},
    {"forwarded": "host=evil.example;proto=http;for=127.0.0.1"},
    {"x_host": "evil.example", "x_original_host": "evil.example", "x_http_host_override": "evil.example"},
    {"x_original_url": "http://evil.example/", "x_rewrite_url": "http://evil.example/"},
    {"origin": PUBLIC, "referer": "http://evil.example/reset"},
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    settings = {
        "PUBLIC_URL": PUBLIC,
        "AUTH__REGISTRATION": "open",
        "AUTH__VERIFICATION": "required",
        "AUTH__TRIES_PER_ACCOUNT": "1000",
        "AUTH__LOCK_AFTER": "3",
    }
    running = Running(tmp_path_factory.mktemp("links"), **settings)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def admin(running):
    return first_administrator(Installation(running))


def texts(admin, wanted):
    """Text of every mail that there is, once there are so many."""
    until = time.monotonic() + 10
    while (found := admin("GET", "/api/auth/admin/mails")[2])["total"] < wanted:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    items = found["items"]
    for page in range(2, found["total"] // found["page_size"] + 2):
        items += admin("GET", f"/api/auth/admin/mails?page={page}")[2]["items"]
    return {item["id"]: admin("GET", f"/api/auth/admin/mails/{item['id']}")[2]["text"] for item in items}


def test_poisoned_requests(running, admin):
    """Host, X-Forwarded-Host, Forwarded and their like change no link: to verify, reset, unlock or change an address."""
    wanted = 0
    for index, claims in enumerate(CLAIMS):
        email = f"person{index}@example.com"
        body = {"email": email, "name": "Person", "password": PASSWORD}
        assert running.ask("POST", "/api/auth/register", body, **claims)[0] == 201
        assert running.ask("POST", "/api/auth/register", body, **claims)[0] == 201  # has an account already
        assert running.ask("POST", "/api/auth/password-reset/request", {"email": email}, **claims)[0] == 202
        resend = "/api/auth/email/resend-verification"
        assert running.ask("POST", resend, {"email": email}, **claims)[0] == 202
        for _ in range(3):
            wrong = {"email": email, "password": "wrong wrong wrong"}
            assert running.ask("POST", "/api/auth/login", wrong, **claims)[0] == 401
        change = {"email": f"new{index}@example.com", "current_password": PASSWORD}
        assert admin("POST", "/api/auth/email/change", change, **claims)[0] == 202
        wanted += 6
    found = texts(admin, wanted)
    assert len(found) == wanted
    links = [link for text in found.values() for link in re.findall(r"[a-z]+://\S+", text)]
    assert len(links) == wanted
    assert {link.partition("#")[0] for link in links} == {
        f"{PUBLIC}/{path}" for path in ("verify", "reset", "unlock", "email")
    }
    assert "evil" not in json.dumps(found)


def test_an_absolute_address_in_the_request_line(running, admin):
    """A request line that names another host is answered no differently."""
    before = set(texts(admin, 0))
    connection = running.connect()
    connection.request(
        "POST",
        "http://evil.example/api/auth/password-reset/request",
        json.dumps({"email": "person1@example.com"}),
        {"content-type": "application/json", "host": "evil.example"},
    )
    assert connection.getresponse().status == 202
    connection.close()
    after = texts(admin, len(before) + 1)
    assert all("evil" not in text for text in after.values())


@pytest.mark.parametrize(
    "path", ["/api/auth/me/", "/api/diagrams/", "/api/auth/first-run/", "/alerts/", "/api/flags/"]
)
def test_nobody_is_sent_elsewhere(admin, path):
    """A slash too many is an address that is not there, and no way to the host that a request names."""
    status, headers, body = admin("GET", path, host="evil.example", x_forwarded_host="evil.example")
    assert status == 404
    assert "location" not in headers
    assert "evil" not in json.dumps(body)
