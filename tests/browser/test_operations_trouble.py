"""Browser tests of the operations page in trouble: real faults in a real installation of several processes."""

import contextlib
import json
import re
import signal
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from tests.browser.conftest import serious
from tests.browser.shots import PHONE, WIDE, in_theme, look
from tests.browser.test_phone_tables import CELLS_IN_SIGHT, MEETS
from tests.servers.autograph import Running
from tests.servers.process import Absent, free_port
from tests.system.conftest import EMAIL, PASSWORD, Installation, Person, first_administrator

from autograph.clients.watch import REPORT_PATH
from autograph.model.telemetry import (
    SECONDS_BOUNDS,
    Durations,
    ErrorEvent,
    Frame,
    Observations,
    Process,
    QueryCounts,
    RouteCounts,
    Setting,
)

pytestmark = pytest.mark.feature("observability.ops-page")

SETTINGS = {
    "WATCH__ALERTS__EVALUATE_EVERY_SECONDS": "0.5",
    "WATCH__ALERTS__THRESHOLDS__SERVICE_DOWN_SECONDS": "5",
    "WATCH__ALERTS__THRESHOLDS__ERROR_RATIO": "0.01",
    "WATCH__ALERTS__THRESHOLDS__LOOP_LAG_P99_SECONDS": "60",
    "WATCH__ALERTS__THRESHOLDS__LOOP_BLOCKED_SECONDS": "60",
    "WATCH__ALERTS__THRESHOLDS__GC_PAUSE_SECONDS": "60",
    "WATCH__ALERTS__THRESHOLDS__DISK_PERCENT": "100",
}
HUNDREDS = 300


@dataclass
class House:
    """Auth, diagrams and the watch as processes of their own, all else behind the door."""

    folder: object
    database: str
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)

    def start(self, *names: str) -> Running:
        """Start one process with these services; a name that runs already gets the same port again."""
        port = self.ports.setdefault(names[0], free_port())
        urls = {
            name: f"http://127.0.0.1:{at}"
            for name, at in self.ports.items()
            if name not in (*names, "gateway")
        }
        started = Running(
            self.folder,
            command=("serve", *names),
            DATABASE_URL=self.database,
            PORT=str(port),
            UPSTREAMS=json.dumps(urls),
            **SETTINGS,
        )
        self.running[names[0]] = started
        return started

    def stop(self) -> None:
        """End every process, the door first."""
        for running in reversed(self.running.values()):
            running.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory):
    """An installation in which things went wrong: failing, slow and looping requests, and a service killed."""
    folder = tmp_path_factory.mktemp("trouble")
    found = House(folder, f"sqlite:///{folder}/autograph.db")
    found.ports = {name: free_port() for name in ("auth", "diagrams", "watch")}
    try:
        for names in (("auth",), ("diagrams",), ("watch",), ("gateway", "export", "flags", "analysis")):
            found.start(*names)
        ada = first_administrator(Installation(found.running["gateway"], found.running))
        _break(ada)
        _until_heard_of(ada, "diagrams")
        found.running["diagrams"].signal(signal.SIGKILL)
        yield found
    except Absent as reason:
        pytest.skip(str(reason))
    finally:
        found.stop()


def _break(ada: Person) -> None:
    """Requests that fail, requests that are slow, statements that are slow."""
    for _ in range(8):  # ten a minute are kept of each kind: two are left
        assert ada("GET", "/test/error")[0] == 500
        assert ada("GET", "/api/diagrams?page_size=20")[0] == 200
        assert ada("GET", "/test/cpu")[0] == 200  # diagnostics that only fail are cut off
    for _ in range(3):
        assert ada("GET", "/test/slow-query?delay_ms=400")[0] == 200
        assert ada("GET", "/test/slow?delay=1.1")[0] == 200


def _until_heard_of(ada: Person, service: str) -> None:
    """Wait for its first report: what was never heard of cannot fall silent."""
    for _ in range(80):
        services = ada("GET", "/api/ops/overview?range=15m")[2]["services"]
        if any(one["name"] == service and one["status"] != "unknown" for one in services):
            return
        time.sleep(0.25)
    raise AssertionError(f"nothing was heard of {service}")


@pytest.fixture(scope="module")
def session(browser, house: House):
    """Cookies of the administrator there."""
    context = browser.new_context(base_url=_url(house))
    credentials = {"email": EMAIL, "password": PASSWORD, "cookie": True}
    assert context.request.post("/api/auth/login", data=credentials).ok
    yield context.cookies()
    context.close()


@pytest.fixture
def ops(browser, house: House, session):
    """The operations page of that installation, by way of its sign-in page so that fonts are there."""
    context = browser.new_context(viewport=WIDE, base_url=_url(house))
    context.add_cookies(session)
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    opened.goto("/settings/profile")
    opened.get_by_role("heading", name="Profile").first.wait_for()
    yield opened
    context.close()


def _url(house: House) -> str:
    return f"http://127.0.0.1:{house.ports['gateway']}"


def _open(page, path: str = "") -> None:
    page.goto(f"/operations{path}")
    page.get_by_text("Live, ").wait_for()


@pytest.mark.parametrize(
    ("theme", "size"),
    [("light", WIDE), ("dark", WIDE), ("contrast", WIDE), ("light", PHONE), ("dark", PHONE)],
)
def test_trouble_is_seen_at_first_sight(ops, axe: str, theme: str, size) -> None:
    """The killed service is the worst thing, red in the list, on the map and among the alerts, on every screen."""
    ops.set_viewport_size(size)
    in_theme(ops, theme)
    _open(ops)
    worst = ops.get_by_role("region", name="The worst thing now")
    worst.get_by_text(re.compile("does not answer: diagrams|diagrams does not answer")).wait_for()
    assert re.search(r"for \d+ (s|min)", worst.inner_text())
    row = ops.get_by_role("row").filter(has=ops.get_by_role("rowheader").filter(has_text="diagrams"))
    row.get_by_text(re.compile("^down for ")).wait_for()
    assert row.locator(".dot.bad").count() == 1
    ops.locator(".op-node.op-down", has_text="diagrams").wait_for()
    ops.get_by_role("region", name="Alerts", exact=True).last.get_by_text("Firing").first.wait_for()
    ops.get_by_role("navigation", name="Operations" if size is WIDE else "Sections").get_by_text(
        "firing"
    ).wait_for()
    ops.get_by_role("button", name=re.compile("^RuntimeError: asked for by")).wait_for()
    if size is PHONE:
        for name in ("Alerts", "Error groups"):
            table = ops.get_by_role("group", name=name, exact=True).locator(".cards")
            assert table.evaluate(CELLS_IN_SIGHT), name
        assert ops.get_by_role("button", name=re.compile("^Acknowledge")).first.evaluate(MEETS)
    look(ops, f"trouble-{theme}-{size['width']}")
    assert serious(ops, axe) == []
    assert ops.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_story_of_an_error_leads_to_the_line(ops, axe: str) -> None:
    """From the list by the keyboard: request, stack trace with the failing line, resolved, and back when it recurs."""
    _open(ops, "/errors")
    error = ops.get_by_role("button", name=re.compile("^RuntimeError: asked for by"))
    error.focus()
    ops.keyboard.press("Enter")
    story = ops.locator("dialog[open]")
    story.get_by_text("GET /test/error").wait_for()
    trace = story.get_by_role("list", name="Stack trace")
    assert "autograph.watch.diagnostics.tries" in trace.inner_text()
    assert trace.get_by_text("raise RuntimeError").last.is_visible()
    story.get_by_role("button", name="Older event").click()
    story.get_by_text(re.compile(r"^2 of the newest \d+,")).wait_for()
    look(ops, "trouble-story")
    assert serious(ops, axe) == []
    ops.keyboard.press("Escape")
    story.wait_for(state="detached")
    assert error.evaluate("button => button === document.activeElement")

    error.click()
    story.get_by_role("button", name="Mark resolved").click()
    row = ops.get_by_role("row").filter(has=error)
    row.get_by_text("Resolved").wait_for()
    assert ops.request.get("/test/error").status == 500
    row.get_by_text("Came back").wait_for()
    ops.get_by_label("State").select_option("regressed")
    row.get_by_text("Came back").wait_for()
    ops.get_by_label("State").select_option("ignored")
    ops.get_by_text("No error is in this state.").wait_for()


def test_a_slow_statement_shows_its_plan(ops) -> None:
    """The slowest comes first with its plan as a tree; another is chosen by the keyboard, and a word finds some."""
    _open(ops, "/queries")
    slowest = ops.get_by_role("button", name=re.compile("^WITH RECURSIVE")).first
    slowest.wait_for()
    plan = ops.get_by_role("region", name="Plan")
    plan.get_by_text("RECURSIVE STEP").wait_for()
    assert slowest.get_attribute("aria-pressed") == "true"
    look(ops, "trouble-queries")
    other = ops.get_by_role("group", name="Statements").get_by_role("button").nth(3)
    other.focus()
    ops.keyboard.press("Enter")
    ops.wait_for_function(
        "() => document.querySelectorAll('[aria-pressed=true]')[0].textContent.startsWith('WITH') === false"
    )
    assert other.get_attribute("aria-pressed") == "true"
    ops.get_by_label("Find").fill("nothing of the kind")
    ops.get_by_text("No statement matches.").wait_for()
    ops.get_by_label("Find").fill("watch with recursive")
    slowest.wait_for()


def test_an_alert_is_taken_and_silenced(ops) -> None:
    """Whoever takes it stands as its owner; silenced, it is told of no more and no longer the worst thing."""
    _open(ops, "/alerts")
    row = ops.get_by_role("row").filter(has_text="A service does not answer").first
    row.get_by_role("button", name=re.compile("^Acknowledge")).click()
    row.get_by_text("you", exact=True).wait_for()
    row.get_by_role("button", name=re.compile("^Silence")).click()
    ops.locator("dialog[open]").get_by_role("button", name="Silence alerts").click()
    row.get_by_text("Silenced").wait_for()
    look(ops, "trouble-alerts")
    ops.get_by_role("button", name=re.compile("^End the silence")).click()
    row.get_by_text("Firing").wait_for()


def test_the_routes_of_a_service_are_shown(ops) -> None:
    """The failing and the slow one stand out, by a word and in order; the service is chosen from the list."""
    _open(ops, "/services")
    ops.get_by_role("rowheader").filter(has_text="watch").get_by_role("link").click()
    routes = ops.get_by_role("group", name="Routes", exact=True)
    failing = routes.get_by_role("row").filter(has_text="/test/error")
    failing.get_by_text("100.0 %").wait_for()
    ops.get_by_label("Order").select_option("errors")
    assert "/test/error" in routes.get_by_role("row").nth(1).inner_text()
    ops.get_by_label("Find").fill("slow-query")
    ops.wait_for_function("() => document.querySelectorAll('.op-routes tbody tr').length === 1")
    ops.get_by_label("Service", exact=True).select_option("auth")
    ops.wait_for_url("**/operations/services/auth")
    routes.get_by_role("row").filter(has_text="/api/auth/login").wait_for()


def test_the_line_is_lost_and_found_when_the_watch_restarts(ops, house: House) -> None:
    """Lost, the page says so and nothing stays green; found, what was down before is down still."""
    _open(ops)
    green = ops.locator(".op-red .dot.ok")
    green.first.wait_for()
    colour = "dot => getComputedStyle(dot).backgroundColor"
    before = green.first.evaluate(colour)
    house.running["watch"].stop()
    ops.get_by_text(re.compile("^Connection lost, ")).wait_for()
    ops.get_by_text("The connection is lost.").wait_for()
    assert green.first.evaluate(colour) != before
    look(ops, "trouble-lost")
    house.start("watch")
    ops.get_by_text("Live, ").wait_for()
    ops.get_by_text("The connection is lost.").wait_for(state="detached")
    row = ops.get_by_role("row").filter(has=ops.get_by_role("rowheader").filter(has_text="diagrams"))
    row.get_by_text(re.compile("^down for ")).wait_for()
    assert "since" in str(row.locator(".op-name .bad.f11").get_attribute("title"))
    assert row.locator(".dot.bad").count() == 1
    ops.locator(".op-node.op-down", has_text="diagrams").wait_for()
    look(ops, "trouble-still-down")


@contextlib.contextmanager
def _hundreds(house: House):
    """One more process of the export room, which has seen very much; it tells until it is told to stop."""
    durations = Durations(counts=(5,) * (len(SECONDS_BOUNDS) + 1), total_seconds=9.0)
    now = datetime.now(UTC)
    reading = Observations(
        process=Process(id="many", services=("export",), version="9.9.9", host="many:1", started_at=now),
        at=now,
        routes=tuple(
            RouteCounts(service="export", method="GET", route=f"/api/export/{n}/{{id}}", durations=durations)
            for n in range(HUNDREDS)
        ),
        queries=tuple(
            QueryCounts(shape=f"{n:x}", statement=f"SELECT a{n} FROM many", service="export", durations=durations)
            for n in range(HUNDREDS)
        ),
        errors=tuple(
            ErrorEvent(
                sequence=n + 1, at=now, service="export", fingerprint=f"1:{n:x}", kind="many.Failure",
                message=f"number {n} of very many, with words that go on and on " + "x" * 120,
                frames=(Frame(module="autograph.export", function="draw", line=n, code="fail()"),),
            )
            for n in range(HUNDREDS)
        ),
        settings=tuple(Setting(name=f"AUTOGRAPH_MANY__{n}", value="y" * 200, is_default=False) for n in range(HUNDREDS)),
    )  # fmt: skip
    body = json.loads(reading.model_dump_json())
    watch = house.running["watch"]

    def tell() -> None:
        assert watch.ask_inside("watch", "POST", REPORT_PATH, body)[0] == 200

    tell()
    yield tell


def test_hundreds_of_rows_stay_usable(ops, house: House) -> None:
    """Errors come in pages, routes, statements and settings are found by a word, and no page is slow or wider."""
    with _hundreds(house) as tell:
        _open(ops, "/errors")
        ops.get_by_text(re.compile(r"1 to 20 of 3\d\d")).wait_for()
        ops.get_by_role("button", name="Next").click()
        ops.get_by_text(re.compile(r"21 to 40 of 3\d\d")).wait_for()
        for path, rows, word, left in (
            ("/services/export", ".op-routes tbody tr", "export/299/", 1),
            ("/queries", ".op-queries tbody tr", "a299 ", 1),
            ("/settings", ".op-settings tbody tr", "MANY__299", 1),
        ):
            tell()
            began = time.monotonic()
            _open(ops, path)
            ops.wait_for_function(
                "([rows, least]) => document.querySelectorAll(rows).length >= least", arg=[rows, HUNDREDS]
            )
            assert time.monotonic() - began < 15, path
            assert ops.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            ops.get_by_label("Find").fill(word)
            ops.wait_for_function(
                "([rows, left]) => document.querySelectorAll(rows).length === left", arg=[rows, left]
            )
        ops.set_viewport_size(PHONE)
        assert ops.evaluate("document.documentElement.scrollWidth <= innerWidth")
