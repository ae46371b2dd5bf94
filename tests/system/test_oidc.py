"""Signing in by a real OpenID provider through the door, in a browser's steps."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from tests.servers import oidc
from tests.servers.autograph import Running
from tests.servers.process import Absent, free_port
from tests.system.conftest import EMAIL, PASSWORD, Installation, first_administrator

pytestmark = pytest.mark.feature("auth.oidc")

CALLBACK = "/api/auth/oidc/callback"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """Issuer of a real provider."""
    try:
        server, issuer = oidc.start(tmp_path_factory.mktemp("oidc"))
    except Absent as reason:
        pytest.skip(str(reason))
    oidc.know(issuer, "grace", email="grace@example.com", email_verified=True, name="Grace", groups=["it"])
    yield issuer
    server.stop()


@pytest.fixture(scope="module")
def installation(tmp_path_factory, provider):
    """AutoGraph with that provider, and with one that is away."""
    here = {"issuer": provider, "client_id": "autograph", "client_secret": "hush-hush", "name": "Example"}
    away = {"issuer": f"http://127.0.0.1:{free_port()}", "client_id": "autograph"}
    given = {"company": {**here, "allow_new": True, "roles": {"it": "admin"}}, "gone": away}
    folder = tmp_path_factory.mktemp("installation")
    running = Running(folder, AUTH__OIDC=json.dumps(given), AUTH__REGISTRATION="open")
    found = Installation(running)
    first_administrator(found)
    yield found
    found.stop()


class Browser:
    """Follows nothing by itself, keeps cookies, and says what browsers say of a navigation."""

    def __init__(self, running):
        self.running, self.cookies = running, {}

    def get(self, path):
        """Status and Location."""
        connection = self.running.connect()
        sent = {"accept": "text/html", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request("GET", path, headers={**sent, **({"cookie": cookie} if cookie else {})})
        answer = connection.getresponse()
        answer.read()
        for value in answer.headers.get_all("set-cookie") or []:
            name, _, content = value.partition(";")[0].partition("=")
            self.cookies[name] = content
        connection.close()
        return answer.status, answer.headers.get("location", "")

    def me(self):
        """Who that is."""
        sent = {"cookie": f"autograph={self.cookies.get('autograph', '')}"}
        status, _, body = self.running.ask("GET", "/api/auth/me", **sent)
        return json.loads(body) if status == 200 else status


def test_a_browser_signs_in(installation, provider):
    """Offered, sent there, back, signed in with the roles of its groups, the cookie of the way gone."""
    browser = Browser(installation.door)
    _, _, offered = installation.ask("GET", "/api/auth/providers")
    assert {"id": "company", "name": "Example"} in json.loads(offered)["items"]
    status, there = browser.get("/api/auth/oidc/start?provider=company")
    assert (status, there.startswith(provider)) == (302, True)
    back = urlsplit(oidc.sign_in(there, "grace"))
    assert back.path == CALLBACK
    assert browser.get(f"{back.path}?{back.query}") == (302, "/")
    me = browser.me()
    assert (me["user"]["email"], me["user"]["roles"]) == ("grace@example.com", ["admin"])
    assert me["session"]["methods"] == ["oidc"]
    assert browser.get(f"{back.path}?{back.query}") == (302, "/sign-in?problem=sign-in-worthless")


def test_a_provider_that_is_away_harms_nobody_else(installation, provider):
    """However often somebody tries it: the breaker stays closed, passwords and the other provider work."""
    browser = Browser(installation.door)
    for _ in range(20):
        assert browser.get("/api/auth/oidc/start?provider=gone") == (302, "/sign-in?problem=provider-away")
    body = {"email": EMAIL, "password": PASSWORD}
    assert installation.ask("POST", "/api/auth/login", body)[0] == 200
    assert browser.get("/api/auth/oidc/start?provider=company")[1].startswith(provider)


def test_nothing_of_it_is_in_the_log(installation):
    """Neither the client's secret nor codes, states or cookies are logged."""
    browser = Browser(installation.door)
    back = urlsplit(oidc.sign_in(browser.get("/api/auth/oidc/start?provider=company")[1], "grace")).query
    browser.get(f"{CALLBACK}?{back}")
    log = installation.door.log.read_text()
    values = [part.partition("=")[2] for part in back.split("&")]
    assert "oidc" in log
    for secret in (*values, *browser.cookies.values(), "hush-hush"):
        if secret.strip('"'):
            assert secret not in log


def test_a_callback_is_no_way_around_the_door(installation):
    """Only these paths are public: what only resembles them is not."""
    for path in (
        "/api/auth/oidc",
        "/api/auth/oidc/",
        f"{CALLBACK}/",
        "/api/auth/oidc/callback/x",
        "/api/auth/oidc/second",
    ):
        connection: http.client.HTTPConnection = installation.door.connect()
        connection.request("GET", path)
        assert connection.getresponse().status == 401, path
        connection.close()
