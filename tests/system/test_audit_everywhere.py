"""Every administrative change, in whichever room and process, stands in the one audit log."""

import signal
import time
from datetime import UTC, datetime, timedelta

import pytest

from autograph.gateway.layers.identity import TRUSTED_SECONDS

pytestmark = pytest.mark.feature("auth.audit")

LOG = "/api/auth/admin/audit-logs"
FLAG = "/api/admin/feature-flags/import-from-git"


def events(ada, **filters):
    """Records that are found, the newest first."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    status, _, found = ada("GET", f"{LOG}?{query}")
    assert status == 200, found
    return found["items"]


def last(ada, event, number=1):
    """What the newest records of one event say."""
    return [item["details"] for item in events(ada, event=event)[:number]]


def shown(look):
    """What the watch shows, once it does."""
    until = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


def test_changes_in_every_room(ada, installation):
    """Flags, log levels, silences and diagnoses are there with who, from where and by which request."""
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    ada(
        "PUT",
        FLAG,
        {"expected_version": 0, "percentage": 50},
        x_correlation_id="who-changed-the-flag",
        user_agent="Tests",
    )
    ada("DELETE", FLAG)
    ada("PUT", "/api/admin/log-levels", {"modules": {"auth": "info"}})
    _, _, silence = ada("POST", "/api/ops/silences", {"matchers": {"rule": "none"}, "until": until})
    ada("DELETE", f"/api/ops/silences/{silence['id']}")
    ada("GET", "/test/memory/allocate?size_mb=1")
    ada("POST", "/test/disk/upload?size_mb=1")
    ada("DELETE", "/test/disk/cleanup")
    assert ada("GET", "/test/error")[0] == 500
    ada("GET", "/test/cpu/stress?duration_seconds=1")

    found = [
        item
        for item in events(ada, actor="ada@example.com", page_size=100)
        if not item["event"].startswith(("audit.", "session.", "account."))
    ]
    assert [
        (item["event"], item["subject"]["id"] if item["subject"] else "") for item in reversed(found)
    ] == [
        ("flag.changed", "import-from-git"),
        ("flag.forgotten", "import-from-git"),
        ("log_levels.changed", ""),
        ("silence.added", silence["id"]),
        ("silence.ended", silence["id"]),
        ("diagnosis.run", "memory-allocate"),
        ("diagnosis.run", "disk-upload"),
        ("diagnosis.run", "disk-cleanup"),
        ("diagnosis.run", "error"),
        ("diagnosis.run", "cpu-stress"),
    ]
    changed = found[-1]
    assert changed["actor"]["name"] == "Ada"
    assert changed["correlation_id"] == "who-changed-the-flag"
    assert changed["device"] == "Tests"
    assert changed["address"] == "127.0.0.1"
    assert "audit.not_recorded" not in installation.door.log.read_text()


def test_what_was_changed(ada, bob):
    """Records of levels, flags, roles and people say what is so now, and what was so before where that is lost."""
    levels = "/api/admin/log-levels"
    before = ada("GET", levels)[2]
    ada("PUT", levels, {"default": "warning", "modules": {"watch": "debug"}})
    ada("PUT", levels, before)
    ada("PUT", f"{FLAG}-2", {"expected_version": 0, "percentage": 30, "allow": ["bob@example.com"]})
    role = {"name": "reviewer", "permissions": ["documents:read"]}
    assert ada("POST", "/api/auth/roles", role)[0] == 201
    more = {"permissions": ["documents:read", "documents:export"]}
    assert ada("PUT", "/api/auth/roles/reviewer", more)[0] == 200
    bob_id = bob("GET", "/api/auth/me")[2]["user"]["id"]
    person = f"/api/auth/admin/users/{bob_id}"
    assert ada("PATCH", person, {"roles": ["reviewer"]})[0] == 200
    assert ada("POST", "/api/auth/admin/users/roles", {"user_ids": [bob_id], "role": "editor"})[0] == 200
    assert ada("DELETE", "/api/auth/roles/reviewer")[0] == 204

    assert last(ada, "log_levels.changed", 2) == [
        {
            "default": before["default"],
            "modules": before["modules"],
            "before": {"default": "warning", "modules": {"watch": "debug"}},
        },
        {"default": "warning", "modules": {"watch": "debug"}, "before": before},
    ]
    assert last(ada, "flag.changed") == [
        {"version": 1, "changed": ["allow", "percentage"], "enabled": True, "percentage": 30.0}
    ]
    assert last(ada, "role.made") == [{"permissions": ["documents:read"]}]
    assert last(ada, "role.changed") == [
        {"permissions": ["documents:export", "documents:read"], "before": ["documents:read"]}
    ]
    assert last(ada, "roles.given", 2) == [
        {"roles": ["editor"], "before": ["reviewer"]},
        {"roles": ["reviewer"], "before": ["editor"]},
    ]
    assert events(ada, event="role.removed")[0]["subject"]["id"] == "reviewer"


def test_who_handled_trouble(ada):
    """Taking an alert, and calling a failure resolved or to be ignored, is there with what and by whom."""
    alert = {"status": "firing", "labels": {"alertname": "Flood"}}
    ada("POST", "/api/ops/alerts/incoming", {"alerts": [alert]})
    taken = shown(
        lambda: [one["id"] for one in ada("GET", "/api/ops/alerts")[2]["items"] if one["rule"] == "outside"]
    )
    failed = shown(lambda: [one["fingerprint"] for one in ada("GET", "/api/ops/errors")[2]["items"]])
    assert ada("POST", f"/api/ops/alerts/{taken[0]}/acknowledge")[0] == 200
    for state in ("resolved", "ignored"):
        assert ada("PUT", f"/api/ops/errors/{failed[0]}", {"state": state})[0] == 200

    assert last(ada, "alert.acknowledged") == [{"rule": "outside"}]
    assert last(ada, "error.marked", 2) == [
        {"state": "ignored", "before": "resolved"},
        {"state": "resolved", "before": "new"},
    ]
    handled = [*events(ada, event="error.marked"), *events(ada, event="alert.acknowledged")]
    assert {item["actor"]["email"] for item in handled} == {"ada@example.com"}
    assert [item["subject"]["id"] for item in handled] == [failed[0], failed[0], taken[0]]


def test_reading_through_the_door(ada, bob):
    """Export and verification work through the gateway, for those who may."""
    status, headers, body = ada("GET", f"{LOG}/export?format=csv")
    assert (status, body.count(b"\r\n") > 3) == (200, True)
    assert headers["content-disposition"].startswith("attachment")
    verdict = ada("GET", f"{LOG}/verify")[2]
    assert verdict["is_whole"], verdict
    for path in ("", "/export", "/verify"):
        assert bob("GET", LOG + path)[0] == 403


def test_the_way_in_is_closed(ada):
    """Nobody writes to the log through the door, whoever they are."""
    body = {"event": "flag.changed"}
    for path in ("/internal/audit", "/api/internal/audit", "/api/auth/internal/audit"):
        assert ada("POST", path, body)[0] == 404


def test_auth_is_away(ada, installation):
    """While auth is away a change is made all the same, and what was not recorded is an error in the log."""
    if "auth" not in installation.services:
        pytest.skip("auth is the same process")
    time.sleep(TRUSTED_SECONDS)  # then the door knows from now on for as long who she is
    version = ada("GET", FLAG)[2]["version"]
    installation.services["auth"].signal(signal.SIGKILL)
    status, _, flag = ada("PUT", FLAG, {"expected_version": version, "enabled": False})
    assert status == 200, flag
    assert flag["enabled"] is False
    until = time.monotonic() + 5
    while "audit.not_recorded" not in installation.services["flags"].log.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
