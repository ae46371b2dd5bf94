"""A running AutoGraph with people of every kind, who ask."""

import json
import uuid
from pathlib import Path

from tests.access.sent import ANOTHER_NAME, BODIES, PASSWORD, QUERIES, SOMEBODY, SVG, TEAM, archive
from tests.access.table import OPERATIONS, PEOPLE, expected
from tests.access.things import Things
from tests.servers.autograph import Running

SAFE = ("GET", "HEAD", "OPTIONS")


def address(name):
    """The e-mail address of somebody."""
    return f"{name.replace(' ', '-')}@example.org"


class House:
    """The installation, its people and their tokens; `ask` is the one way in."""

    url = "https://autograph.example.org"
    """Where it says it is: passkeys need a name. It is asked on loopback."""

    def __init__(self, folder: Path):
        (folder / "checkout").mkdir()
        self.running = Running(
            folder,
            ENV="production",
            PUBLIC_URL=self.url,
            ANALYSIS__ROOTS=json.dumps([str(folder / "checkout")]),
            AUTH__REGISTRATION="open",
            AUTH__SMTP_URL="smtp://127.0.0.1:9",  # nobody is there: mails wait, and can be read
            WATCH__ALERTS__EVALUATE_EVERY_SECONDS="1",
        )
        self.tokens = {"nobody": None}
        self.things = Things(self)
        code = self.running.first_run_code()
        body = {"code": code, "email": address("admin"), "name": "Admin", "password": PASSWORD}
        assert self.running.ask("POST", "/api/auth/first-run", body)[0] == 201
        self.tokens["admin"] = self.signed_in("admin")
        self._trouble()
        self.ids = {name: self.registered(name) for name in (*PEOPLE, "keeper") if name != "admin"}
        for name in self.ids:
            self.tokens[name] = self.signed_in(name)
        self.as_("admin", "PATCH", f"/api/auth/admin/users/{self.ids['viewer']}", {"roles": ["viewer"]})
        self.as_("other team", "POST", "/api/auth/teams", {"name": "Another team"})

    def _trouble(self):
        """A failure and an alert, of which the watch hears within seconds."""
        assert self.send("admin", "GET", "/test/error")[0] == 500
        alert = {"status": "firing", "labels": {"alertname": "Flood", "where": "cellar"}}
        self.as_("admin", "POST", "/api/ops/alerts/incoming", {"alerts": [alert]})

    def registered(self, name):
        """A new account; return its id."""
        body = {"email": address(name), "name": name, "password": PASSWORD}
        assert self.running.ask("POST", "/api/auth/register", body)[0] == 201
        body = {"email": address(name), "password": PASSWORD}
        return self.read(self.running.ask("POST", "/api/auth/login", body)[2])["user"]["id"]

    def signed_in(self, name):
        """A new token of somebody."""
        body = {"email": address(name), "password": PASSWORD}
        status, _, answer = self.running.ask("POST", "/api/auth/login", body)
        assert status == 200, answer
        return self.read(answer)["access_token"]

    @staticmethod
    def read(answer):
        """An answer in JSON."""
        return json.loads(answer)

    def as_(self, who, method, path, body=None):
        """Ask for something that is only to be there; return what is answered."""
        sent = None if body is None else json.dumps(body).encode()
        status, _, answer = self.send(who, method, path, sent, {"content-type": "application/json"})
        assert status in {200, 201}, (path, answer)
        return self.read(answer)

    def ask(self, who, operation):
        """Status, headers and body of an operation of the table, done by `who` to a thing that there is."""
        method, template = operation.split(" ")
        changes = operation in OPERATIONS and method not in SAFE and who != "nobody"
        read = operation.replace("HEAD ", "GET ")
        ids = self.things.of(read, anew=changes and expected(operation, who) < 400)
        query = QUERIES.get(read, "").format(**ids)
        headers, body = {}, None
        if operation in BODIES:
            headers["content-type"], body = "application/json", json.dumps(BODIES[operation]).encode()
            body = body.replace(ANOTHER_NAME.encode(), uuid.uuid4().hex.encode())
            for known, name in ((SOMEBODY, "user_id"), (TEAM, "team_id")):
                body = body.replace(known.encode(), ids.get(name, "").encode())
        elif operation == "PUT /api/diagrams/{document_id}/picture":
            headers["content-type"], body = "image/svg+xml", SVG
        elif operation == "POST /api/analysis/jobs/upload":
            body = archive("web")
        if who == "owner" and "{passkey_id}" in operation:
            who = "keeper"
        if "/logout" in operation and who != "nobody":
            self.tokens[who + " leaving"] = self.signed_in(who)
            who += " leaving"
        found = self.send(who, method, template.format(**ids) + query, body, headers)
        if operation.endswith("/logout-all") and found[0] < 400:
            who = who.removesuffix(" leaving")
            self.tokens[who] = self.signed_in(who)
        return found

    def send(self, who, method, path, body=None, headers=None):
        """Send one request as somebody; return status, headers and body. Of what is endless the beginning."""
        headers = dict(headers or {})
        if token := self.tokens[who]:
            headers["authorization"] = f"Bearer {token}"
        connection = self.running.connect(timeout_seconds=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        endless = path.endswith("/stream") and answer.status == 200
        content = answer.read1(65_536) if endless else answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def close(self):
        """End it at once: nothing that it has is needed any more."""
        self.running.process.kill()
        self.running.stop()
