"""The whole way in a real browser: first run, sign in, a repository becomes a diagram, edit it, reload, all there."""

import re

import pytest
from tests.browser import ways
from tests.browser.conftest import serious

REPOSITORY = "unresolved"
NOTE = "Why orders are split"


@pytest.mark.feature("experience.accessible", "sources.code")
def test_from_a_repository_to_an_edited_diagram_that_is_still_there(known, watch, axe):
    """Draw a repository, look at its proof, edit canvas, code and note, reload: nothing is lost."""
    page = known
    assert serious(page, axe) == []
    ways.draw_repository(page, REPOSITORY)

    card = page.locator("svg [data-node]").first
    card.click()
    inspector = page.get_by_role("region", name="Inspector")
    inspector.get_by_text(re.compile(r"\.\w+:\d+")).first.wait_for()
    proof = inspector.get_by_role("group", name="Text of the file").first
    assert proof.inner_text().strip()
    inspector.locator(".ins-rel").first.click()
    page.locator(".mark-selected .mark-line").first.wait_for(state="attached")
    assert page.locator(".mark-selected .mark-frame").count() == 0
    assert inspector.get_by_text("Evidence").is_visible()
    unresolved = page.get_by_role("region", name="Unresolved")
    if not unresolved.locator("#unresolved-list").count():
        unresolved.get_by_role("button").first.click()
    assert unresolved.locator("#unresolved-list li").count() > 0
    assert serious(page, axe) == []

    code = page.get_by_role("textbox", name="Mermaid code")
    code.click()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.type("\n    extra[Added by hand]\n")
    page.get_by_role("button", name="From code").click()
    page.locator(".pic svg").get_by_text("Added by hand").first.wait_for()

    page.get_by_role("tab", name="Note").click()
    if page.get_by_role("button", name="Write", exact=True).count():
        page.get_by_role("button", name="Write", exact=True).click()
    page.get_by_role("textbox", name="Note in Markdown").click()
    page.keyboard.type(f"# {NOTE}\n\n- because of load")
    ways.until_saved(page)

    page.get_by_role("button", name="From repository").click()
    page.get_by_role("button", name="Edit on canvas").click()
    page.locator(".excalidraw canvas").first.wait_for()
    canvas = page.locator(".excalidraw canvas.interactive").first
    page.keyboard.press("r")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 120, box["y"] + box["height"] - 160)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + box["height"] - 90, steps=5)
    page.mouse.up()
    page.wait_for_timeout(600)
    ways.until_saved(page)
    assert serious(page, axe) == []
    document_id = page.url.rpartition("/")[2]
    before = ways.kept(page, document_id)

    page.reload()
    page.locator(".excalidraw canvas, svg [data-node]").first.wait_for()
    ways.until_saved(page)
    assert ways.kept(page, document_id) == before
    assert len(before["canvas"]["elements"]) > 5
    assert "Added by hand" in before["code"]
    assert NOTE in before["note"]
    assert len(before["model"]["nodes"]) == 2
    assert watch.errors == []
    assert watch.outside == []
