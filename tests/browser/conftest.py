"""A running AutoGraph and a real browser for the browser tests; console errors and outside requests are collected."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.browser import ways
from tests.servers import chromium
from tests.servers.autograph import without_settings
from tests.servers.process import Absent, free_port

playwright_api = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "src" / "autograph" / "gateway" / "static" / "index.html"
BUSY_MACHINE = {
    "LOOP_LAG_P99_SECONDS": "60",
    "LOOP_BLOCKED_SECONDS": "60",
    "GC_PAUSE_SECONDS": "60",
    "DISK_PERCENT": "100",
}
"""A machine that is busy with tests is no reason for an alert."""
AXE = (
    ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js",
    ROOT / ".tools/chromium/node_modules/axe-core/axe.min.js",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: the browser's driver keeps an event loop running, beside which no other may run."""
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@dataclass
class Installation:
    """One AutoGraph started for the tests: its address, and the link for the first administrator."""

    url: str
    first_run: str
    data: Path


@dataclass
class Watch:
    """What no page may do: print errors, or ask anything of another host."""

    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """AutoGraph in one process on a private port, its data in a folder of the test run's own."""
    if not PAGE.exists():
        pytest.skip("the page is not built: run `make install`")
    data, port = tmp_path_factory.mktemp("browser") / "data", free_port()
    env = without_settings()
    env |= {"AUTOGRAPH_PORT": str(port), "AUTOGRAPH_DATA": str(data), "AUTOGRAPH_LOG_LEVEL": "warning"}
    env |= {"AUTOGRAPH_GATEWAY__RATE_LIMIT__USER_PER_MINUTE": "0"}  # one person visits every page
    env |= {f"AUTOGRAPH_WATCH__ALERTS__THRESHOLDS__{name}": value for name, value in BUSY_MACHINE.items()}
    log = data.parent / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "autograph", "up"],
            env=env,
            cwd=data.parent,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield Installation(f"http://127.0.0.1:{port}", _link(log, server), data)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)


def _link(log: Path, server: subprocess.Popen[bytes]) -> str:
    """The one-time link that the start prints."""
    for _ in range(600):
        if found := re.search(r"http://\S+/first-run#[A-Z0-9-]+", log.read_text(errors="replace")):
            return found.group(0)
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"no first-run link in: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium."""
    try:
        path, env = chromium.find()
    except Absent as reason:
        pytest.skip(str(reason))
    with playwright_api.sync_playwright() as play:
        launched = play.chromium.launch(executable_path=path, args=chromium.FLAGS, env={**os.environ, **env})
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def administrator(browser, installation: Installation, axe: str):
    """Cookies of the first administrator, who came in by the one-time link, signed out and in again."""
    context = browser.new_context(base_url=installation.url)
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    opened.goto(installation.first_run)
    opened.get_by_label("Email").wait_for()
    assert serious(opened, axe) == []
    ways.become_administrator(opened)
    ways.sign_out(opened)
    ways.sign_in(opened)
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def known(page, administrator):
    """The page of somebody who is signed in, in the library."""
    page.context.add_cookies(administrator)
    page.goto("/")
    page.get_by_role("heading", name="All documents").wait_for()
    return page


@pytest.fixture
def watch() -> Watch:
    """What the pages of this test have done wrong so far."""
    return Watch()


@pytest.fixture
def page(browser, installation: Installation, watch: Watch):
    """A fresh page that reports console errors, page errors and requests to other hosts into `watch`."""
    with opened(browser, installation.url, watch) as fresh:
        yield fresh


@pytest.fixture
def visitor(browser, house, watch: Watch):
    """A browser that knows nobody, at the installation that the test's module has started as `house`."""
    with opened(browser, ways.address(house), watch) as fresh:
        yield fresh


@contextmanager
def opened(browser, url: str, watch: Watch):
    """A page of the installation at `url` in a browser of its own, reporting into `watch`."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=url)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    fresh = context.new_page()
    fresh.set_default_timeout(15_000)
    fresh.on(
        "console", lambda m: m.type == "error" and watch.errors.append(f"{m.text} ({m.location.get('url')})")
    )
    fresh.on("pageerror", lambda e: watch.errors.append(str(e)))
    fresh.on("request", lambda r: _note_outside(r.url, url, watch))
    yield fresh
    context.close()


def _note_outside(url: str, own: str, watch: Watch) -> None:
    if not url.startswith((own, "data:", "blob:", "about:")):
        watch.outside.append(url)


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility rules, as a script."""
    for path in AXE:
        if path.exists():
            return path.read_text()
    pytest.skip("axe-core is not installed: run `make test`")


def serious(page, axe: str) -> list[str]:
    """The serious and critical violations on the page as it stands: rule, and the first place.

    Targets of less than 24 pixels without room around them are among them (WCAG 2.2, 2.5.8).
    """
    page.evaluate(axe)
    asked = "{resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}"
    result = page.evaluate(f"() => axe.run(document, {asked})")
    return [
        f"{v['id']}: {v['nodes'][0]['target']} {v['nodes'][0]['failureSummary'][:200]}"
        for v in result["violations"]
        if v["impact"] in {"serious", "critical"}
    ]


@pytest.fixture
def finished(watch: Watch, axe: str):
    """Judges a page as it stands: light and dark, on a desk and on a phone. `said` are console errors that belong.

    One always does: whoever is not signed in is told so by 401. Pictures are kept in the folder that
    AUTOGRAPH_BROWSER_SHOTS names.
    """

    def finished(page, name: str, said: tuple[str, ...] = ()) -> None:
        for size, (width, height) in {"phone": (390, 844), "desk": (1440, 900)}.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("dark", "light"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.wait_for_timeout(150)
                assert serious(page, axe) == [], (name, size, scheme)
                wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert page.evaluate(wide) <= 0, f"{name} on a {size} scrolls sideways"
                if folder := os.environ.get("AUTOGRAPH_BROWSER_SHOTS"):
                    page.screenshot(path=Path(folder) / f"{name}-{size}-{scheme}.png")
        belong = (*said, "/api/auth/me)")
        assert [error for error in watch.errors if not any(part in error for part in belong)] == []
        assert watch.outside == []

    return finished
