"""The platform sees itself: what happens in a running process shows up where an administrator looks."""

import json
import re
import signal
import threading
import time

import pytest
from tests.servers.autograph import Running

PERSON = {"email": "ada@example.org", "name": "Ada", "password": "correct horse battery"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """AutoGraph on a developer's machine."""
    running = Running(tmp_path_factory.mktemp("watch"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ask(server):
    """Asks as the administrator; returns the status and the parsed body."""
    body = {"code": server.first_run_code(), **PERSON}
    assert server.ask("POST", "/api/auth/first-run", body)[0] == 201
    who = {"email": PERSON["email"], "password": PERSON["password"]}
    token = json.loads(server.ask("POST", "/api/auth/login", who)[2])["access_token"]

    def ask(method, path, body=None):
        status, _, content = server.ask(method, path, body, authorization=f"Bearer {token}")
        return status, json.loads(content) if content else None

    return ask


def until(ask, path, good, seconds=12):
    """Ask again and again until the answer is good; processes report every five seconds."""
    deadline = time.monotonic() + seconds
    while True:
        _, found = ask("GET", path)
        if good(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.3)


def plain(server, path, method="GET", **headers):
    """Ask without proof of identity; return the status and the parsed body."""
    status, _, content = server.ask(method, path, **headers)
    return status, json.loads(content) if content else None


CPU_FIELDS = {
    "process_cpu_percent", "baseline_cpu_percent", "cpu_growth_percent", "system_cpu_percent", "cpu_count_logical",
    "cpu_count_physical", "load_average_1m", "load_average_5m", "load_average_15m", "warning_threshold_percent",
    "critical_threshold_percent", "timestamp",
}  # fmt: skip
MEMORY_FIELDS = {
    "current_memory_mb", "baseline_memory_mb", "memory_growth_mb", "memory_percent", "system_memory_total_mb",
    "system_memory_available_mb", "system_memory_used_percent", "warning_threshold_mb", "critical_threshold_mb",
    "timestamp",
}  # fmt: skip


@pytest.mark.feature("observability.cpu", "observability.memory")
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/test/cpu", CPU_FIELDS),
        ("/test/memory", MEMORY_FIELDS),
        ("/test/memory/gc", MEMORY_FIELDS),
        ("/test/memory/allocate?size_mb=2", MEMORY_FIELDS),
    ],
)
def test_whoever_sits_at_the_machine_may_diagnose(server, path, fields):
    """Scripts of the first version find the fields that they know."""
    status, found = plain(server, path)
    assert (status, set(found)) == (200, fields)


@pytest.mark.parametrize(
    "headers",
    [
        {"x_forwarded_for": "192.0.2.1"},
        {"host": "evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"host": "evil.example:8080", "x_autograph_loopback": "1"},
    ],
)
def test_nobody_else_may_through_it(server, headers):
    """Through a proxy, by another name, from another site's page, or by claiming it: 401."""
    assert plain(server, "/test/cpu", **headers)[0] == 401


@pytest.mark.parametrize(
    "path",
    [
        "/test/cpu/stress?intensity=11",
        "/test/cpu/stress?duration_seconds=31",
        "/test/memory/allocate?size_mb=513",
        "/test/network/large-response?size_mb=11",
    ],
)
def test_diagnostics_are_capped(server, path):
    """Beyond the limits a 422 that names the field."""
    status, problem = plain(server, path)
    assert status == 422
    assert problem["errors"]


@pytest.mark.feature("observability.memory")
def test_what_memory_is_made_of(server):
    """Types of live objects, and lines of code that took memory for a second; longer than ten is refused."""
    status, found = plain(server, "/test/memory/types?most=5&seconds=0.5")
    assert (status, len(found["types"]), found["is_whole"]) == (200, 5, True)
    assert found["lines"]
    assert plain(server, "/test/memory/types?seconds=11")[0] == 422


@pytest.mark.feature("observability.cpu")
def test_a_stress_test_leaves_the_process_responsive(server):
    """While processors are kept busy others are served quickly, and a second test is refused."""
    found = []
    stress = threading.Thread(
        target=lambda: found.append(plain(server, "/test/cpu/stress?duration_seconds=2&intensity=2"))
    )
    stress.start()
    time.sleep(1)
    started = time.monotonic()
    assert plain(server, "/health")[0] == 200
    assert time.monotonic() - started < 1
    assert plain(server, "/test/cpu/stress")[0] == 409
    stress.join()
    ((status, report),) = found
    assert status == 200
    assert report["primes_calculated"] > 0


@pytest.mark.feature("observability.disk", "observability.network")
def test_disk_and_network(server):
    """Objects are put and taken away; a large body is named one; a large answer arrives whole."""
    assert plain(server, "/test/disk/upload?size_mb=2&bucket=exports", "POST")[0] == 201
    assert plain(server, "/test/disk")[1]["object_storage"][0]["size_bytes"] == 2 * 1024 * 1024
    assert plain(server, "/test/disk/cleanup", "DELETE")[0] == 204
    assert plain(server, "/test/disk")[1]["object_storage"] == []
    _, _, text = server.ask("GET", "/test/network/large-response?size_mb=2")
    assert len(text) == 2 * 1024 * 1024


@pytest.mark.feature("observability.errors")
def test_a_failure_shows_up_with_its_story(server, ask):
    """Its stack, request and correlation ID; resolved and failing again it has regressed."""
    _, headers, _ = server.ask("GET", "/test/error")
    group = until(ask, "/api/ops/errors", lambda found: found["items"])["items"][0]
    assert (group["kind"], group["state"]) == ("RuntimeError", "new")
    path = f"/api/ops/errors/{group['fingerprint']}"
    detail = ask("GET", path)[1]
    ids = {event["correlation_id"] for event in detail["events"]}
    assert headers["x-correlation-id"] in ids
    assert detail["events"][0]["frames"][-1]["code"].startswith("raise RuntimeError")
    assert detail["events"][0]["route"] == "/test/error"
    assert ask("PUT", path, {"state": "resolved"})[1]["state"] == "resolved"
    server.ask("GET", "/test/error")
    until(ask, path, lambda found: found["group"]["state"] == "regressed")


@pytest.mark.feature("observability.queries")
def test_a_slow_query_shows_up_with_its_plan(server, ask):
    """The statement without its values, how long it took, and the database's plan."""
    assert plain(server, "/test/slow-query?delay_ms=200")[0] == 200

    def planned(found):
        return any("RECURSIVE" in one["statement"] and one["plan"] for one in found["items"])

    found = until(ask, "/api/ops/queries?sort=mean", planned)
    slow = next(one for one in found["items"] if "RECURSIVE" in one["statement"])
    assert slow["slow"] == 1
    assert slow["slowest_seconds"] > 0.1


@pytest.mark.feature("observability.requests", "observability.ops-page")
def test_the_overview_knows_what_was_asked(ask):
    """Rate and durations of every service, and nothing where nothing was measured."""
    for _ in range(30):
        ask("GET", "/api/diagrams")

    def counted(found):
        rates = {one["name"]: one["rate"] for one in found["services"]}
        return rates.get("diagrams") and rates.get("gateway")

    found = until(ask, "/api/ops/overview?range=15m", counted)
    by_name = {one["name"]: one for one in found["services"]}
    assert by_name["diagrams"]["status"] == "healthy"
    assert 0 < by_name["diagrams"]["p95_seconds"] < 5
    saturation = {one["id"]: one["ratio"] for one in found["saturation"]}
    assert 0 < saturation["memory"] < 1
    assert 0 < saturation["disk"] < 1


@pytest.mark.feature("observability.dependencies")
def test_the_map_is_drawn_from_traffic(ask):
    """Seen calls are observed, others declared; the map opens as a document with a drawing."""
    ask("GET", "/api/diagrams")

    def seen(found):
        return any(edge["source"] == "diagrams" and edge["state"] == "observed" for edge in found["edges"])

    found = until(ask, "/api/ops/map", seen)
    states = {(edge["source"], edge["target"]): edge["state"] for edge in found["edges"]}
    assert states["browser", "gateway"] == "observed"
    assert states["analysis", "export"] == "declared"
    assert found["cycles"] == []
    status, document = ask("POST", "/api/ops/map/document")
    assert status == 201
    assert {"gateway", "diagrams"} <= {node["id"] for node in document["model"]["nodes"]}
    dependencies = ask("GET", "/dependencies?include_health=true")[1]
    assert dependencies["graph"]["total_services"] >= 6
    assert dependencies["circular_dependencies"] == {"found": False, "count": 0, "cycles": []}
    assert {"from", "to", "rate", "errors", "p95"} <= set(dependencies["graph"]["edges"][0])
    assert dependencies["health"]["summary"]


@pytest.mark.feature("observability.log-levels")
def test_a_signal_makes_it_say_more_or_less(tmp_path):
    """SIGUSR1 and SIGUSR2 move the level by one each, and say so."""
    running = Running(tmp_path)
    try:
        for number, level in (
            (signal.SIGUSR1, "debug"),
            (signal.SIGUSR2, "info"),
            (signal.SIGUSR2, "warning"),
        ):
            running.signal(number)
            deadline = time.monotonic() + 5
            while f"default={level}" not in plain_text(running):
                assert time.monotonic() < deadline, level
                time.sleep(0.02)
        running.ask("GET", "/api/nothing", x_correlation_id="not-to-be-seen")
        time.sleep(0.3)
        assert "not-to-be-seen" not in running.log.read_text()
    finally:
        running.stop()


def plain_text(running):
    """The log without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", running.log.read_text())


@pytest.mark.feature("observability.log-levels")
def test_levels_change_without_a_restart(server, ask):
    """Within seconds a module says more, and is quiet again when that is taken back."""
    assert ask("PUT", "/api/admin/log-levels", {"modules": {"autograph.access": "error"}})[0] == 200
    deadline = time.monotonic() + 12
    while True:
        server.ask("GET", "/api/auth/first-run", x_correlation_id="is-it-quiet")
        time.sleep(0.2)
        written = server.log.read_text().count("is-it-quiet")
        time.sleep(0.2)
        server.ask("GET", "/api/auth/first-run", x_correlation_id="is-it-quiet")
        time.sleep(0.2)
        if server.log.read_text().count("is-it-quiet") == written:
            break
        assert time.monotonic() < deadline
    assert ask("PUT", "/api/admin/log-levels", {"modules": {"auth": "loud"}})[0] == 422
    assert ask("PUT", "/api/admin/log-levels", {})[1] == {"default": "", "modules": {}}
