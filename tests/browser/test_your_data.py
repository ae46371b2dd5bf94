"""One's own data in a browser: taken along, erased, or removed by whoever manages people."""

import json
import re
import zipfile

import pytest
from tests.browser import ways
from tests.browser.conftest import opened

REFUSED = ("status of 401",)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An installation where everybody may have an account."""
    running = ways.house(tmp_path_factory.mktemp("leaving"), AUTH__REGISTRATION="open")
    yield running
    running.stop()


def share_a_team(house, owner, other):
    """Put somebody into a team of somebody's."""
    proof = ways.token_of(house, owner)
    made = json.loads(house.ask("POST", "/api/auth/teams", {"name": f"Of {owner}"}, **proof)[2])
    other_id = json.loads(house.ask("GET", "/api/auth/me", **ways.token_of(house, other))[2])["user"]["id"]
    at = f"/api/auth/teams/{made['id']}/members"
    assert house.ask("POST", at, {"user_id": other_id}, **proof)[0] == 201


@pytest.mark.feature("security.privacy")
def test_everything_of_mine_is_one_download(visitor, house, finished):
    """An archive with the documents; the page says what erasing would leave."""
    ways.come_in(visitor, house, "ivy@example.com", "Ivy")
    ways.fresh_document(visitor, "Greenhouse plan")
    visitor.goto("/settings/data")
    visitor.get_by_text("The audit log keeps its records.").wait_for()
    finished(visitor, "your-data")
    with visitor.expect_download() as started:
        visitor.get_by_role("link", name="Download archive").click()
    with zipfile.ZipFile(started.value.path()) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Greenhouse plan" in whole
    assert b"ivy@example.com" in whole


@pytest.mark.feature("security.privacy")
def test_an_account_is_erased_and_its_documents_go_to_a_teammate(visitor, browser, house, watch, finished):
    """Everything has to be said first; a wrong password erases nothing; afterwards there is nobody to sign in."""
    ways.register(house, "heir@example.com", "Hera Heir")
    ways.come_in(visitor, house, "leo@example.com", "Leo")
    share_a_team(house, "leo@example.com", "heir@example.com")
    ways.fresh_document(visitor, "Leo's harbour")
    visitor.goto("/settings/data")
    visitor.get_by_text("Of leo@example.com goes to Hera Heir").wait_for()
    visitor.get_by_role("button", name="Erase account").click()
    dialog = visitor.get_by_role("dialog")
    erase = dialog.get_by_role("button", name="Erase account")
    assert erase.get_attribute("title") == "Say what becomes of your documents"
    dialog.get_by_label("Give them to somebody").check()
    dialog.get_by_label("Who gets the documents").select_option("Hera Heir")
    dialog.get_by_label("Current password").fill("not my password")
    assert erase.get_attribute("title") == "Say that you mean it"
    dialog.get_by_label("I know that nobody can undo this").check()
    erase.click()
    dialog.get_by_text("The current password is wrong").wait_for()
    finished(visitor, "erase", said=REFUSED)
    dialog.get_by_label("Current password").fill(ways.PASSWORD)
    erase.click()
    visitor.get_by_text("1 document went to whom you chose.").wait_for()
    finished(visitor, "erased", said=REFUSED)
    visitor.get_by_role("link", name="Leave").click()
    ways.give_password(visitor, "leo@example.com")
    visitor.get_by_text("do not belong together").wait_for()

    with opened(browser, ways.address(house), watch) as heir:
        ways.give_password(heir, "heir@example.com")
        heir.get_by_text("Leo's harbour").first.wait_for()


@pytest.mark.feature("security.privacy", "teams.teams")
def test_whoever_manages_people_removes_somebody_and_loses_no_document(
    visitor, browser, house, watch, finished
):
    """Somebody is found to get them; the row is gone, and the documents are there."""
    ways.come_in(visitor, house, "max@example.com", "Max Power")
    ways.fresh_document(visitor, "Max's engine room")
    with opened(browser, ways.address(house), watch) as ada:
        ways.sign_in(ada)
        ada.goto("/settings/people")
        ada.get_by_role("button", name="Actions for Max Power").click()
        ada.get_by_role("menuitem", name="Remove").click()
        dialog = ada.get_by_role("dialog")
        dialog.get_by_label("Give them to somebody").check()
        dialog.get_by_label("Find").fill("ada@")
        who = dialog.get_by_label("Who gets the documents")
        who.select_option(f"{ways.NAME}, {ways.EMAIL}")
        assert who.locator("option", has_text="max@example.com").count() == 0
        finished(ada, "remove-member")
        dialog.get_by_role("button", name="Remove for good").click()
        ada.get_by_text("Max Power is removed. 1 document given on.").wait_for()
        ada.get_by_role("row", name=re.compile("max@example.com")).wait_for(state="detached")
        ada.goto("/")
        ada.get_by_text("Max's engine room").first.wait_for()
    visitor.goto("/")
    visitor.get_by_role("heading", name="Sign in").wait_for()


@pytest.mark.feature("security.privacy")
def test_the_last_administrator_cannot_be_erased(browser, house, watch):
    """The page says so, and what to do."""
    with opened(browser, ways.address(house), watch) as ada:
        ways.sign_in(ada)
        ada.goto("/settings/data")
        ada.get_by_text("You are the last administrator. Make somebody else one first.").wait_for()
        ada.get_by_role("button", name="Erase account").click(force=True)
        assert ada.get_by_role("dialog").count() == 0
