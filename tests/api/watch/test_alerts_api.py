"""The alerts over HTTP: what administrators see and do, and that nobody else does."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from tests import identity
from tests.audit import Notes
from tests.caller import Caller
from tests.clock import HandClock

from autograph.auth.keys import SigningKeys
from autograph.model.telemetry import Observations, Process
from autograph.observability.answers import install
from autograph.storage.migrations import upgrade
from autograph.storage.sql import open_database
from autograph.watch.alerts import Alerts, AlertsSettings, router, words
from autograph.watch.alerts.incoming import IncomingAlerts
from autograph.watch.gather import Gatherer

pytestmark = pytest.mark.feature("observability.alerts")

ROUTES = [
    ("GET", "/alerts"),
    ("GET", "/api/ops/alerts"),
    ("GET", "/api/ops/alert-rules"),
    ("POST", "/api/ops/alerts/0190/acknowledge"),
    ("GET", "/api/ops/silences"),
    ("POST", "/api/ops/silences"),
    ("DELETE", "/api/ops/silences/0190"),
    ("GET", "/api/ops/notices"),
    ("POST", "/api/ops/notices/test"),
    ("POST", "/api/ops/alerts/incoming"),
]


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
async def app(database_url, clock):
    """The alerts alone on an empty database, with one full disk that has fired."""
    database, keys = open_database(database_url), SigningKeys.generate()
    await upgrade(database, "watch")
    app = FastAPI()
    gatherer = Gatherer(lambda: clock.now().timestamp())
    settings = AlertsSettings(webhook_url="http://127.0.0.1:1/")
    app.state.alerts = Alerts(database, gatherer, clock, settings)
    app.state.verifier = identity.verifier(keys, clock)
    app.state.keys, app.state.notes = keys, Notes()
    app.state.audit = app.state.notes.client
    app.include_router(router)
    install(app)
    process = Process(id="p", services=("diagrams",), version="1", host="machine:1", started_at=clock.now())
    for _ in range(3):
        gatherer.take(Observations(process=process, at=clock.now(), gauges={"disk_used_percent": 91.0}))
        await app.state.alerts.judge.round()
        clock.wind(minutes=1)
    yield app
    await app.state.alerts.close()
    await database.close()


@pytest.fixture
def as_person(app, clock):
    def as_person(user_id, *roles):
        token = identity.assertion(app.state.keys, clock, user_id, roles=roles)
        return Caller(app, {identity.HEADER: token})

    return as_person


@pytest.fixture
def admin(as_person):
    return as_person("eva", "admin")


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_only_administrators_come_in(app, as_person, method, path):
    """Nobody and anybody get no answer from any route."""
    assert (await Caller(app)(method, path)).status == 401
    assert (await as_person("tom", "editor")(method, path)).status == 403


async def test_scripts_find_the_fields_they_know(admin):
    """GET /alerts has the fields of the first version, and no other status than those it knows."""
    answer = (await admin("GET", "/alerts?status=all")).json()

    assert answer.keys() == {
        "correlation_id", "timestamp", "total_alerts", "active_alerts", "resolved_alerts", "alerts", "config",
    }  # fmt: skip
    assert (answer["total_alerts"], answer["active_alerts"], answer["resolved_alerts"]) == (1, 1, 0)
    assert answer["config"] == {
        "service_down_threshold_minutes": 5,
        "escalation_interval_minutes": 15,
        "email_enabled": False,
        "slack_enabled": False,
    }
    [alert] = answer["alerts"]
    assert alert.keys() == {
        "alert_id", "type", "service_id", "service_name", "severity", "status", "triggered_at", "resolved_at",
        "escalation_count", "down_duration_seconds", "message",
    }  # fmt: skip
    assert (alert["type"], alert["service_name"], alert["status"]) == ("disk", "diagrams", "active")
    assert (await admin("GET", "/alerts?status=resolved")).json()["alerts"] == []
    assert (await admin("GET", "/alerts?status=whatever")).status == 422


async def test_an_alert_is_acknowledged(admin):
    """Whoever takes an alert stands in it; one that does not exist cannot be taken."""
    [alert] = (await admin("GET", "/api/ops/alerts")).json()["items"]
    assert (alert["state"], alert["acknowledged_by"], alert["silenced_by"]) == ("firing", None, None)
    taken = await admin("POST", f"/api/ops/alerts/{alert['id']}/acknowledge")

    assert taken.json()["acknowledged_by"] == "eva"
    assert (await admin("GET", "/api/ops/alerts")).json()["items"] == [taken.json()]
    assert (await admin("POST", "/api/ops/alerts/0190/acknowledge")).status == 404


async def test_a_resolved_alert_is_not_acknowledged(app, admin, as_person, clock):
    """What has ended needs nobody."""
    [alert] = (await admin("GET", "/api/ops/alerts")).json()["items"]
    process = Process(id="p", services=("diagrams",), version="1", host="machine:1", started_at=clock.now())
    clock.wind(minutes=10)
    app.state.alerts.judge._gathered.take(
        Observations(process=process, at=clock.now(), gauges={"disk_used_percent": 20.0})
    )
    await app.state.alerts.judge.round()

    refused = await as_person("eva", "admin")("POST", f"/api/ops/alerts/{alert['id']}/acknowledge")
    assert (refused.status, refused.json()["type"]) == (409, "urn:autograph:problem:alert-resolved")


async def test_a_silence_begins_and_ends(admin, clock):
    """A silence names itself in the alerts that it covers, until it is ended."""
    until = (clock.now() + timedelta(hours=1)).isoformat()
    made = await admin("POST", "/api/ops/silences", {"matchers": {"rule": "disk"}, "until": until})
    assert made.status == 201
    silence = made.json()
    assert silence["created_by"] == "eva"
    [alert] = (await admin("GET", "/api/ops/alerts")).json()["items"]
    assert (alert["silenced_by"], alert["state"]) == (silence["id"], "firing")
    assert (await admin("GET", "/api/ops/silences")).json()["items"] == [silence]

    assert (await admin("DELETE", f"/api/ops/silences/{silence['id']}")).status == 204
    assert (await admin("DELETE", f"/api/ops/silences/{silence['id']}")).status == 404
    assert (await admin("GET", "/api/ops/silences")).json()["items"] == []


@pytest.mark.feature("auth.audit")
async def test_who_handles_alerts_is_in_the_audit_log(app, admin, clock):
    """Acknowledging, silencing and ending a silence are written down, refused wishes are not."""
    [alert] = (await admin("GET", "/api/ops/alerts")).json()["items"]
    await admin("POST", f"/api/ops/alerts/{alert['id']}/acknowledge")
    await admin("POST", "/api/ops/alerts/0190/acknowledge")
    until = (clock.now() + timedelta(hours=1)).isoformat()
    wish = {"matchers": {"rule": "disk"}, "until": until}
    assert (await admin("POST", "/api/ops/silences", {**wish, "reason": "unknown"})).status == 422
    silence = (await admin("POST", "/api/ops/silences", wish)).json()["id"]
    await admin("DELETE", f"/api/ops/silences/{silence}")
    await admin("DELETE", f"/api/ops/silences/{silence}")

    assert app.state.notes.events == [
        ("alert.acknowledged", "alert", alert["id"]),
        ("silence.added", "silence", silence),
        ("silence.ended", "silence", silence),
    ]


@pytest.mark.parametrize(
    "wish",
    [
        {"matchers": {}, "until": "2026-03-01T13:00:00Z"},
        {"matchers": {"rule": "disk"}, "until": "2026-02-01T13:00:00Z"},
        {"matchers": {"rule": "disk"}, "until": "2028-03-01T13:00:00Z"},
        {"matchers": {"rule": "disk"}, "until": "2026-03-01T13:00:00"},
        {"matchers": {"rule": ""}, "until": "2026-03-01T13:00:00Z"},
        {"matchers": {"rule": "disk"}, "until": "2026-03-01T13:00:00Z", "comment": "x" * 301},
    ],
)
async def test_a_silence_that_means_nothing_is_refused(admin, wish):
    """Of everything, in the past, for ever, at no known moment: none of these."""
    assert (await admin("POST", "/api/ops/silences", wish)).status == 422


async def test_rules_say_how_they_stand(admin):
    """Every rule is listed with its state; one that has nothing to judge is unknown, not quiet."""
    rules = {rule["name"]: rule for rule in (await admin("GET", "/api/ops/alert-rules")).json()["items"]}

    assert (rules["disk"]["state"], rules["watchdog"]["state"]) == ("firing", "firing")
    assert (rules["backup_age"]["state"], rules["certificate"]["state"]) == ("unknown", "unknown")
    assert rules["service_down"]["state"] == "inactive"
    assert rules["service_down"]["for_seconds"] == 300


async def test_notices_keep_how_delivery_went(app, admin):
    """A webhook that is not there leaves a reason, without its address."""
    await app.state.alerts.courier.round()
    answer = (await admin("GET", "/api/ops/notices")).json()

    assert answer["channels"] == ["webhook"]
    waiting = [notice for notice in answer["items"] if notice["content"]["group"] == "disk"]
    assert [(notice["state"], notice["tries"]) for notice in waiting] == [("waiting", 1)]
    assert waiting[0]["title"] == "[AutoGraph] Critical: The disk is nearly full: diagrams"
    assert "127.0.0.1" not in waiting[0]["error"]
    assert (await admin("GET", "/api/ops/notices?state=sent")).json()["items"] == []


def from_outside(status="firing", **labels):
    """What an Alertmanager posts (version 4), with the fields that nobody here reads."""
    alert = {
        "status": status,
        "labels": {"alertname": "CertExpires", "severity": "warning", "instance": "shop:443", **labels},
        "annotations": {"summary": "The certificate of shop ends in 3 days", "description": "Renew it"},
        "startsAt": "2026-03-01T10:00:00.000Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "0123456789abcdef",
    }
    return {
        "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": status, "receiver": "autograph",
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://alertmanager",
        "alerts": [alert],
    }  # fmt: skip


async def outside_alerts(app, admin):
    """What is known of alerts from outside after one more look."""
    await app.state.alerts.judge.round()
    items = (await admin("GET", "/api/ops/alerts?status=all")).json()["items"]
    return [alert for alert in items if alert["rule"] == "outside"]


async def test_channels_are_tried_out(app, admin):
    """Each says at once whether it took a notice that says that it is a test; nothing fires by it."""
    taken = []

    class Takes:
        name, takes_beats = "email", False

        async def send(self, notice_id, content):
            taken.append((words.title(content), words.body(content, "")))

    app.state.alerts.courier._channels["email"] = Takes()
    before = (await admin("GET", "/api/ops/alerts")).json()
    answer = await admin("POST", "/api/ops/notices/test")
    assert answer.status == 200, answer.body
    went = {item["channel"]: item["error"] for item in answer.json()["items"]}
    assert went["email"] == ""
    assert went["webhook"].startswith("It could not be reached")
    [(title, body)] = taken
    assert title == "[AutoGraph] Test: Notices arrive: watch"
    assert "Nothing is wrong." in body
    assert (await admin("GET", "/api/ops/alerts")).json() == before
    assert app.state.notes.events[-1] == ("channels.tested", "", "")


async def test_an_alertmanager_tells_us(app, admin):
    """What it judges is shown with its labels, gravity and beginning, once however often it is told, until it ends."""
    for _ in range(2):
        taken = await admin("POST", "/api/ops/alerts/incoming", from_outside())
        assert (taken.status, taken.json()) == (200, {"taken": 1})
        (alert,) = await outside_alerts(app, admin)
    assert (alert["state"], alert["severity"]) == ("firing", "warning")
    assert alert["labels"] == {"alertname": "CertExpires", "instance": "shop:443"}
    assert alert["message"].startswith("The certificate of shop ends in 3 days. Renew it.")
    assert alert["pending_since"].startswith("2026-03-01T10:00:00")
    assert app.state.alerts.worst().then == ["Something outside of AutoGraph: CertExpires"]

    await admin("POST", "/api/ops/alerts/incoming", from_outside(alertname="Other", severity="critical"))
    assert sorted(one["severity"] for one in await outside_alerts(app, admin)) == ["critical", "warning"]
    await admin("POST", "/api/ops/alerts/incoming", from_outside("resolved"))
    states = {one["labels"]["alertname"]: one["state"] for one in await outside_alerts(app, admin)}
    assert states == {"CertExpires": "resolved", "Other": "firing"}


async def test_an_echo_is_no_news(app, admin):
    """What we told an Alertmanager ourselves comes back unheard, and so does its sign of life."""
    for labels in ({"source": "autograph"}, {"severity": "none"}):
        taken = await admin("POST", "/api/ops/alerts/incoming", from_outside(**labels))
        assert taken.json() == {"taken": 0}
    assert await outside_alerts(app, admin) == []


async def test_what_comes_in_is_bounded(app, admin):
    """A flood does not fill the memory, and long labels do not make two alerts one."""
    for n in range(1100):
        app.state.alerts.hear(IncomingAlerts.model_validate(from_outside(instance=f"h{n}")))
    assert len(app.state.alerts._gathered.known.outside) == 1000
    app.state.alerts._gathered.known.outside.clear()
    for last in "ab":
        long = {f"label{n}": "x" * 100 for n in range(5)} | {"z": last}
        await admin("POST", "/api/ops/alerts/incoming", from_outside(**long))
    assert len(await outside_alerts(app, admin)) == 2
    assert (await admin("POST", "/api/ops/alerts/incoming", {"version": "3", "alerts": []})).status == 422
