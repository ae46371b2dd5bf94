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
