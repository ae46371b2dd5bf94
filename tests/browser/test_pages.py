"""Each page and state by itself: light, dark and on a phone, without errors, outside requests or serious violations."""

import re

import pytest
from tests.browser import ways
from tests.browser.conftest import serious

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
SIZES = pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
CODE = "flowchart LR\n  shop[Shop] --> pay[Payments]\n"


@pytest.fixture
def judge(page, watch, axe):
    """Judges the page as it stands: what a person would call broken. `said` are console errors that belong."""

    def judge(said=()):
        page.wait_for_timeout(200)
        assert serious(page, axe) == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page scrolls sideways"
        assert [error for error in watch.errors if not any(part in error for part in said)] == []
        assert watch.outside == []

    return judge


def show(page, scheme: str, size: tuple[int, int]) -> None:
    """Turn the page to a colour scheme and a size of window."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": size[0], "height": size[1]})


@SCHEMES
@SIZES
@pytest.mark.usefixtures("administrator")
def test_sign_in(page, judge, scheme, size):
    """The way in: a wrong password is said, and the e-mail stays."""
    show(page, scheme, size)
    page.goto("/")
    page.get_by_label("Email").fill(ways.EMAIL)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.keyboard.press("Enter")
    page.get_by_text("do not belong together").wait_for()
    assert page.get_by_label("Email").input_value() == ways.EMAIL
    judge(said=["status of 401"])


@SCHEMES
@SIZES
def test_library(known, judge, scheme, size):
    """Documents with their pictures; a search that finds, and one that does not."""
    show(known, scheme, size)
    ways.fresh_document(known, "Payments", code=CODE)
    known.reload()
    known.get_by_text("Payments").first.wait_for()
    judge()
    known.goto("/?q=payments")
    known.get_by_text("Payments").first.wait_for()
    known.goto("/?q=nothing-is-called-so")
    known.get_by_text(re.compile("nothing-is-called-so|No document|Nothing", re.IGNORECASE)).first.wait_for()
    said, unsaid = (
        known.get_by_text(re.compile("^Press")),
        known.get_by_text(re.compile("creates,.*searches")),
    )
    if size[0] < 700:  # a phone has no keys
        said, unsaid = unsaid, said
    said.wait_for()
    assert not unsaid.is_visible()
    judge()


@SCHEMES
@SIZES
def test_a_drawing_with_its_code(known, judge, scheme, size):
    """A document of code: the drawing is there, on a phone for reading."""
    show(known, scheme, size)
    known.goto(f"/d/{ways.fresh_document(known, 'Shop', code=CODE)}")
    known.locator(".pic svg").get_by_text("Payments").first.wait_for()
    judge()


@SCHEMES
@SIZES
def test_nothing_at_this_address(known, judge, scheme, size):
    """A document that is not there says so and offers the way back."""
    show(known, scheme, size)
    known.goto("/d/01a00000-0000-7000-8000-000000000000")
    known.get_by_role("link").first.wait_for()
    judge(said=["status of 404"])


@SCHEMES
def test_new_document(known, judge, scheme):
    """Every way to begin, by keyboard."""
    show(known, scheme, (1440, 900))
    known.keyboard.press("n")
    dialog = known.locator("dialog[open]")
    for name in ("Blank canvas", "From Mermaid", "Import a file", "From a repository"):
        dialog.get_by_text(name, exact=True).click()
        judge()
    known.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


@pytest.mark.feature("code.live", "code.errors")
def test_an_error_names_its_line_and_the_last_good_picture_stays(known, judge):
    """While the code is wrong the drawing keeps what was right, and the line is marked."""
    known.goto(f"/d/{ways.fresh_document(known, 'Shop', code=CODE)}")
    known.locator(".pic svg").get_by_text("Payments").first.wait_for()
    known.get_by_role("textbox", name="Mermaid code").click()
    known.keyboard.press("ControlOrMeta+End")
    known.keyboard.type("  pay -->\n")
    known.get_by_text("1 problem").wait_for()
    assert known.locator(".cm-line.cm-problem-line").inner_text().strip() == "pay -->"
    assert known.locator(".pic svg").get_by_text("Payments").count() > 0
    known.keyboard.type("  bank[Bank]\n")
    known.locator(".pic svg").get_by_text("Bank").first.wait_for()
    judge(said=["status of 422"])


@pytest.mark.feature("documents.update")
def test_a_conflict_offers_both_sides_and_loses_neither(known, judge):
    """Somebody else saved in between: both versions are offered, and both are kept."""
    document_id = ways.fresh_document(known, "Shared", note="ours")
    known.goto(f"/d/{document_id}")
    known.get_by_role("tab", name="Note").wait_for()
    other = "async ([id, note]) => (await fetch(`/api/diagrams/${id}`, {method: 'PUT', headers: {'content-type': 'application/json'}, body: JSON.stringify({expected_version: 1, note})})).status"
    assert known.evaluate(other, [document_id, "theirs"]) == 200
    known.get_by_role("textbox", name="Mermaid code").click()
    known.keyboard.type("flowchart LR\n  mine --> kept\n")
    dialog = known.locator("dialog[open]")
    dialog.get_by_text("Saved elsewhere").first.wait_for()
    judge(said=["status of 409"])
    dialog.get_by_role("button", name=re.compile("mine|ours|my", re.IGNORECASE)).first.click()
    dialog.wait_for(state="hidden")
    ways.until_saved(known)
    now = ways.kept(known, document_id)
    assert "mine --> kept" in now["code"]
    versions = known.evaluate(
        "async (id) => (await fetch(`/api/diagrams/${id}/versions`)).json()", document_id
    )
    numbers = [version["number"] for version in versions["items"]]
    theirs = known.evaluate(
        "async (id) => (await fetch(`/api/diagrams/${id}/versions/2`)).json()", document_id
    )
    assert (theirs["note"], numbers[0]) == ("theirs", 3)
