"""Browser tests of the operations page: what an administrator sees of the installation, on every kind of screen."""

import os
from pathlib import Path

import pytest
from tests.browser.conftest import Watch, serious

SHOTS = os.environ.get("AUTOGRAPH_BROWSER_SHOTS")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def _look(page, name: str) -> None:
    """Keep a picture of the page where the run was asked to."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("theme", "size"), [("light", WIDE), ("dark", WIDE), ("light", PHONE), ("dark", PHONE)]
)
def test_operations_shows_every_part_without_faults(known, axe: str, watch: Watch, theme: str, size) -> None:
    """Figures come live, nothing is wider than the screen, nothing is hard to read, nothing leaves the house."""
    known.set_viewport_size(size)
    known.evaluate("theme => localStorage.setItem('autograph.theme', theme)", theme)
    known.goto("/operations")
    known.get_by_text("Live, ").wait_for()
    known.get_by_role("region", name="Totals").wait_for()
    known.get_by_role("rowheader").filter(has_text="gateway").wait_for()
    _look(known, f"operations-{theme}-{size['width']}")
    assert serious(known, axe) == []
    assert known.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watch.errors == []
    assert watch.outside == []


def test_the_keys_g_and_o_lead_to_operations(known) -> None:
    """An administrator reaches the page from the library by two keys."""
    known.keyboard.press("g")
    known.keyboard.press("o")
    known.get_by_role("heading", name="Operations", exact=True).wait_for()


def test_the_map_opens_as_a_document(known) -> None:
    """The service map becomes a document of mine, drawn by the editor."""
    known.goto("/operations")
    known.get_by_role("button", name="Open as document").click()
    known.wait_for_url("**/d/*")
    assert known.evaluate(
        "async id => (await fetch(`/api/diagrams/${id}`)).json().then(d => d.has_model)",
        known.url.split("/")[-1],
    )


def test_a_log_level_is_changed_for_every_process(known, watch: Watch) -> None:
    """What is chosen is what the server says afterwards, and choosing nothing takes it back."""
    known.goto("/operations")
    known.get_by_label("Log level of auth").select_option("debug")
    known.get_by_text("Log levels changed").first.wait_for()
    levels = "async () => (await fetch('/api/admin/log-levels')).json()"
    assert known.evaluate(levels)["modules"] == {"auth": "debug"}
    known.get_by_label("Log level of auth").select_option("")
    known.wait_for_function(f"async () => !('auth' in (await ({levels})()).modules)")
    assert watch.errors == []
