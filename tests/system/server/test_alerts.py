"""A service dies: the running watch pages once, also when it is started again meanwhile, and says when it is over."""

import json
import time

import pytest
from tests.servers import postgres
from tests.servers.autograph import Running
from tests.servers.webhook import Webhook

pytestmark = pytest.mark.feature("observability.alerts")

PERSON = {"email": "ada@example.org", "name": "Ada", "password": "correct horse battery"}
FIRES_AFTER_SECONDS = 10


class Parts:
    """The door and every service that this needs, each a process of its own."""

    def __init__(self, folder, database, sink):
        self._folder, self.all = folder, []
        self._shared = {
            "DATABASE_URL": database,
            "AUTH__REGISTRATION": "open",
            "WATCH__ALERTS__WEBHOOK_URL": sink.url,
            "WATCH__ALERTS__EVALUATE_EVERY_SECONDS": "0.5",
            "WATCH__ALERTS__LEASE_SECONDS": "2",
            "WATCH__ALERTS__GROUP_WAIT_SECONDS": "0",
            "WATCH__ALERTS__GROUP_INTERVAL_SECONDS": "1",
            "WATCH__ALERTS__THRESHOLDS__SETTLING_SECONDS": "3",
            "WATCH__ALERTS__THRESHOLDS__SERVICE_DOWN_SECONDS": str(FIRES_AFTER_SECONDS),
        }

    def start(self):
        """Those before others that need them."""
        self.upstreams = {}
        for name in ("auth", "diagrams", "watch", "flags"):
            started = self.running(name, upstreams=self.upstreams)
            setattr(self, name, started)
            self.upstreams[name] = self._url(started)
        self.door = self.running("gateway", upstreams=self.upstreams)

    @staticmethod
    def _url(running):
        return f"http://127.0.0.1:{running.port}"

    def running(self, *names, upstreams=None, **settings):
        settings = {**self._shared, "UPSTREAMS": json.dumps(upstreams or {}), **settings}
        started = Running(self._folder, command=("serve", *names), **settings)
        self.all.append(started)
        return started

    def again(self, name):
        """Start a part anew where the others look for it."""
        port = str(getattr(self, name).port)
        upstreams = {found: url for found, url in self.upstreams.items() if found != name}
        started = self.running(name, upstreams=upstreams, PORT=port)
        setattr(self, name, started)

    def stop(self):
        for started in reversed(self.all):
            started.stop()


@pytest.fixture
def sink():
    sink = Webhook()
    yield sink
    sink.close()


@pytest.fixture
def parts(tmp_path, postgres_server, sink):
    parts = Parts(tmp_path, postgres.fresh_database(postgres_server, "alerts"), sink)
    try:
        parts.start()
        yield parts
    finally:
        parts.stop()


def until(good, seconds=40):
    deadline = time.monotonic() + seconds
    while not (found := good()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def administrator(parts):
    """Asks as the first administrator."""
    code = parts.auth.first_run_code()
    assert parts.door.ask("POST", "/api/auth/first-run", {"code": code, **PERSON})[0] == 201
    who = {"email": PERSON["email"], "password": PERSON["password"]}
    token = json.loads(parts.door.ask("POST", "/api/auth/login", who)[2])["access_token"]

    def ask(method, path, body=None):
        status, _, content = parts.door.ask(method, path, body, authorization=f"Bearer {token}")
        return status, json.loads(content) if content else None

    return ask


def test_a_dead_service_is_told_once_and_its_end_once(parts, sink):
    """Killed; the watch is started again before it fires and once more after it; then the service returns."""
    ask = administrator(parts)
    until(lambda: "flags" in {s["name"] for s in ask("GET", "/api/ops/overview")[1]["services"]})
    parts.flags.process.kill()
    until(lambda: ask("GET", "/api/ops/alerts")[1]["items"])
    assert sink.of("service_down") == []
    parts.watch.process.kill()
    parts.watch.stop()
    parts.again("watch")

    until(lambda: sink.of("service_down"))
    parts.watch.stop()
    parts.again("watch")
    time.sleep(3)
    assert sink.of("service_down") == [("firing", ["flags"])]
    [alert] = until(lambda: [a for a in ask("GET", "/alerts")[1]["alerts"] if a["type"] == "service_down"])
    assert (alert["service_id"], alert["status"], alert["severity"]) == ("flags", "active", "critical")
    assert alert["down_duration_seconds"] > FIRES_AFTER_SECONDS
    worst = until(lambda: ask("GET", "/api/ops/overview")[1]["worst"])
    assert (worst["kind"], worst["id"]) == ("alert", alert["alert_id"])
    assert worst["title"] == "A service does not answer: flags"
    status, told = ask("POST", f"/api/ops/alerts/{alert['alert_id']}/acknowledge")
    assert (status, told["state"]) == (200, "firing")

    parts.again("flags")
    until(lambda: len(sink.of("service_down")) > 1)
    time.sleep(3)
    assert sink.of("service_down") == [("firing", ["flags"]), ("resolved", ["flags"])]
    assert ask("GET", "/alerts?status=resolved")[1]["resolved_alerts"] == 1
    sent = ask("GET", "/api/ops/notices?state=sent")[1]
    assert (sent["channels"], {n["channel"] for n in sent["items"]}) == (["webhook"], {"webhook"})
