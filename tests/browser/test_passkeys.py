"""Passkeys in a browser with an authenticator of its own: made, named, shown alone and after the password, removed."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from tests.browser import ways
from tests.browser.conftest import opened

REFUSED = ("status of 401", "status of 403")
OLD_BROWSER = """
delete PublicKeyCredential.parseCreationOptionsFromJSON;
delete PublicKeyCredential.parseRequestOptionsFromJSON;
delete PublicKeyCredential.prototype.toJSON;
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An installation at a name, where everybody may have an account."""
    running = ways.house(tmp_path_factory.mktemp("passkeys"), AUTH__REGISTRATION="open")
    yield running
    running.stop()


@pytest.fixture
def visitor(visitor):
    """A browser with an authenticator."""
    ways.authenticator(visitor)
    return visitor


def add_passkey(page, name):
    """Add one in the settings."""
    page.goto("/settings/security")
    page.get_by_role("button", name="Add passkey").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Add passkey").click()
    page.get_by_role("row", name=re.compile(name)).wait_for()


@pytest.mark.feature("auth.passkeys")
@pytest.mark.parametrize("browser_reads", ["json", "bytes only"])
def test_a_passkey_is_the_only_thing_one_needs(visitor, house, finished, browser_reads):
    """Made in the settings, it signs in without address and password; also in browsers that know no JSON."""
    who = "json" if browser_reads == "json" else "bytes"
    if browser_reads != "json":
        visitor.add_init_script(OLD_BROWSER)
    ways.come_in(visitor, house, f"{who}@example.com", "Pia")
    visitor.goto("/settings/security")
    visitor.get_by_role("button", name="Add passkey").click()
    assert visitor.get_by_label("Name").input_value() == "Chrome on Linux"
    if browser_reads == "json":
        finished(visitor, "passkey-add")
    visitor.get_by_label("Name").fill("My laptop")
    visitor.keyboard.press("Enter")
    row = visitor.get_by_role("row", name=re.compile("My laptop"))
    row.get_by_text("never").wait_for()
    if browser_reads == "json":
        finished(visitor, "passkeys")
    ways.leave(visitor)
    if browser_reads == "json":
        finished(visitor, "sign-in-passkey")
    visitor.get_by_role("button", name="Sign in with a passkey").click()
    ways.in_the_library(visitor)
    visitor.goto("/settings/security")
    row.get_by_text("just now").first.wait_for()
    assert row.get_by_text("never").count() == 0


@pytest.mark.feature("auth.passkeys", "auth.mfa")
def test_a_passkey_is_shown_after_the_password(visitor, house, finished):
    """With one the password is only half of a sign-in; whoever has none at hand is told what to do."""
    ways.come_in(visitor, house, "sue@example.com", "Sue")
    add_passkey(visitor, "My phone")
    ways.leave(visitor)
    ways.give_password(visitor, "sue@example.com")
    visitor.get_by_role("heading", name="Show your passkey").wait_for()
    finished(visitor, "second-step-passkey")
    assert visitor.evaluate("document.activeElement.innerText") == "Use passkey"
    visitor.keyboard.press("Enter")
    ways.in_the_library(visitor)


@pytest.mark.feature("auth.passkeys")
def test_a_device_without_the_passkey_says_so(visitor, browser, house, watch, finished):
    """Alone and after the password: in words, and one may try again or turn back."""
    ways.come_in(visitor, house, "kai@example.com", "Kai")
    add_passkey(visitor, "At home")
    with opened(browser, ways.address(house), watch) as page:
        ways.authenticator(page)
        page.goto("/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("alert").filter(has_text="No passkey was used").wait_for()
        finished(page, "sign-in-no-passkey")
        ways.give_password(page, "kai@example.com")
        page.get_by_role("button", name="Use passkey").click()
        page.get_by_role("alert").filter(has_text="No passkey was used").wait_for()
        page.get_by_role("button", name="Back to sign in").click()
        assert page.get_by_label("Email").input_value() == "kai@example.com"
    with opened(browser, ways.address(house), watch) as page:
        page.add_init_script("delete window.PublicKeyCredential")
        page.goto("/sign-in")
        page.get_by_label("Email").wait_for()
        page.wait_for_load_state("networkidle")
        assert page.get_by_role("button", name="Sign in with a passkey").count() == 0
        ways.give_password(page, "kai@example.com")
        page.get_by_text("this browser cannot show one").wait_for()


@pytest.mark.feature("auth.passkeys")
def test_a_passkey_is_renamed_and_removed(visitor, house, finished):
    """An older session wants the password once more; a wrong one is told at its field."""
    ways.come_in(visitor, house, "ron@example.com", "Ron")
    add_passkey(visitor, "The old one")
    visitor.get_by_role("button", name="Actions for The old one").click()
    visitor.get_by_role("menuitem", name="Rename").click()
    visitor.get_by_role("dialog").get_by_label("Name").fill("The blue key")
    visitor.get_by_role("button", name="Save name").click()
    visitor.get_by_role("row", name=re.compile("The blue key")).wait_for()

    database = sqlite3.connect(house.log.parent / "data" / "autograph.db")
    database.execute("PRAGMA busy_timeout = 5000")
    long_ago = (datetime.now(UTC) - timedelta(hours=1)).replace(tzinfo=None).isoformat(" ")
    database.execute("UPDATE sessions SET created_at = ?", (long_ago,))
    database.commit()
    database.close()

    visitor.get_by_role("button", name="Actions for The blue key").click()
    visitor.get_by_role("menuitem", name="Remove").click()
    dialog = visitor.get_by_role("dialog")
    dialog.get_by_role("button", name="Remove passkey").click()
    password = dialog.get_by_label("Current password")
    password.wait_for()
    assert visitor.evaluate("document.activeElement.type") == "password"
    visitor.keyboard.type("not my password")
    visitor.keyboard.press("Enter")
    dialog.get_by_text("The current password is wrong").wait_for()
    finished(visitor, "passkey-remove", said=REFUSED)
    password.fill(ways.PASSWORD)
    visitor.keyboard.press("Enter")
    visitor.get_by_text("The blue key is removed.").wait_for()
    visitor.get_by_text("None yet.").wait_for()


@pytest.mark.usefixtures("administrator")
def test_an_address_by_number_offers_no_passkeys(known, page):
    """Browsers make none there: the page says what is missing, and the sign-in does not offer it."""
    known.goto("/settings/security")
    known.get_by_text("AUTOGRAPH_PUBLIC_URL").wait_for()
    assert known.get_by_role("button", name="Add passkey").count() == 0
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_label("Email").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("button", name="Sign in with a passkey").count() == 0


@pytest.mark.feature("auth.passkeys", "auth.mfa", "teams.policy")
def test_a_passkey_is_enough_where_a_second_factor_is_wanted(browser, tmp_path_factory, watch, finished):
    """The first administrator adds one before anything else and cannot remove it; others add one as they sign in."""
    port = str(ways.free_port())
    folder, at = tmp_path_factory.mktemp("strict"), f"http://localhost:{port}"
    strict = ways.Running(folder, PORT=port, PUBLIC_URL=at, AUTH__MFA="required", AUTH__REGISTRATION="open")
    try:
        with opened(browser, at, watch) as page:
            ways.authenticator(page, is_synced=True)
            page.goto(f"/first-run#{strict.first_run_code()}")
            page.get_by_label("Name", exact=True).fill(ways.NAME)
            page.get_by_label("Email").fill(ways.EMAIL)
            page.get_by_label("Password", exact=True).fill(ways.PASSWORD)
            page.keyboard.press("Enter")
            page.get_by_role("button", name="Passkey").click()
            finished(page, "set-up-first-passkey")
            page.get_by_label("Name").fill("My phone")
            page.keyboard.press("Enter")
            ways.in_the_library(page)
            page.get_by_role("button", name="New document").first.wait_for()
            page.goto("/settings/people")
            page.get_by_role("row", name=re.compile(f"{ways.EMAIL}.*Passkey")).wait_for()
            page.goto("/settings/security")
            page.get_by_role("row", name=re.compile("My phone.*on several devices")).wait_for()
            page.get_by_role("button", name="Actions for My phone").click()
            page.get_by_role("menuitem", name="Remove").click()
            page.get_by_role("button", name="Remove passkey").click()
            page.get_by_role("alert").filter(has_text="Everybody needs a second factor here").wait_for()
            page.keyboard.press("Escape")
            ways.leave(page)
            page.get_by_role("button", name="Sign in with a passkey").click()
            ways.in_the_library(page)
        eve = {"email": "eve@example.com", "name": "Eve", "password": ways.PASSWORD}
        assert strict.ask("POST", "/api/auth/register", eve)[0] == 201
        with opened(browser, at, watch) as page:
            ways.authenticator(page)
            page.goto("/sign-in")
            page.get_by_label("Email").fill(eve["email"])
            page.get_by_label("Password", exact=True).fill(ways.PASSWORD)
            page.keyboard.press("Enter")
            page.get_by_role("button", name="Use a passkey instead").click()
            finished(page, "sign-in-sets-up-passkey", ("/api/auth/passkeys/",))
            page.get_by_role("button", name="Set up and sign in").click()
            ways.in_the_library(page)
    finally:
        strict.stop()
