"""Second factors in a browser: an app, backup codes and passkeys, set up, shown, lost and taken away."""

import re

import pytest
from tests.browser import ways
from tests.browser.conftest import opened

REFUSED = ("status of 401", "status of 403", "status of 422")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An installation where everybody may have an account, and second factors are their own choice."""
    running = ways.house(tmp_path_factory.mktemp("factors"), AUTH__REGISTRATION="open")
    yield running
    running.stop()


def set_up_app(page):
    """Set an app up in the settings; return its secret and the backup codes."""
    page.goto("/settings/security")
    page.get_by_role("button", name="Set up app").click()
    dialog = page.get_by_role("dialog")
    secret = dialog.get_by_label("Key for the app").inner_text()
    dialog.get_by_label("Code that the app shows now").fill(ways.app_code(secret))
    dialog.get_by_role("button", name="Set up app").click()
    codes = page.get_by_role("list", name="Backup codes").inner_text().split()
    page.get_by_label("I have put them").check()
    page.get_by_role("button", name="Done").click()
    page.get_by_text("10 backup codes left").wait_for()
    return secret, codes


@pytest.mark.feature("auth.mfa", "experience.accessible")
def test_an_app_is_set_up_and_its_codes_are_shown_once(visitor, house, finished, watch):
    """By picture or key; a wrong code is told at its field; the codes stay until they are kept."""
    ways.come_in(visitor, house, "bea@example.com", "Bea Arthur")
    visitor.goto("/settings/security")
    finished(visitor, "security-off")
    visitor.get_by_role("button", name="Set up app").click()
    dialog = visitor.get_by_role("dialog")
    key = dialog.get_by_label("Key for the app").inner_text()
    drawn = dialog.get_by_role("img", name="QR code of the key")
    assert drawn.evaluate("image => image.complete && image.naturalWidth > 50")
    finished(visitor, "app-key")
    dialog.get_by_role("button", name="Copy key").click()
    assert visitor.evaluate("navigator.clipboard.readText()") == key.replace(" ", "")
    field = dialog.get_by_label("Code that the app shows now")
    field.fill("000000")
    visitor.keyboard.press("Enter")
    dialog.get_by_role("alert").filter(has_text="not the app's code").wait_for()
    field.fill(ways.app_code(key))
    visitor.keyboard.press("Enter")

    codes = visitor.get_by_role("list", name="Backup codes")
    shown = codes.inner_text().split()
    assert len(set(shown)) == 10
    assert visitor.evaluate("document.activeElement.getAttribute('aria-label')") == "Backup codes"
    finished(visitor, "backup-codes", said=REFUSED)
    visitor.keyboard.press("Escape")
    visitor.mouse.click(5, 5)
    assert codes.is_visible()
    visitor.get_by_role("button", name="Copy codes").click()
    assert visitor.evaluate("navigator.clipboard.readText()").split() == shown
    with visitor.expect_download() as started:
        visitor.get_by_role("link", name="Download").click()
    assert all(code in started.value.path().read_text() for code in shown)
    visitor.get_by_role("button", name="Done").click(force=True)
    assert codes.is_visible()
    visitor.get_by_label("I have put them").check()
    visitor.get_by_role("button", name="Done").click()
    visitor.get_by_text("10 backup codes left").wait_for()
    assert shown[0] not in visitor.content()
    assert watch.outside == []


@pytest.mark.feature("auth.mfa", "experience.accessible")
def test_the_second_step_by_keyboard_alone(visitor, house, finished):
    """Code, backup code once, and back: no mouse, the focus always where it is needed."""
    ways.come_in(visitor, house, "kim@example.com", "Kim Novak")
    secret, codes = set_up_app(visitor)
    ways.leave(visitor)

    def first_half():
        visitor.goto("/sign-in")
        visitor.get_by_label("Email").wait_for()
        visitor.keyboard.type("kim@example.com")
        visitor.keyboard.press("Tab")  # past "Forgot it?" lies the password
        if visitor.evaluate("document.activeElement.id") != "password":
            visitor.keyboard.press("Tab")
        visitor.keyboard.type(ways.PASSWORD)
        visitor.keyboard.press("Enter")
        visitor.get_by_role("heading", name="Enter the code of your app").wait_for()

    first_half()
    finished(visitor, "second-step-app")
    visitor.keyboard.type("123")
    visitor.keyboard.press("Enter")
    visitor.get_by_role("alert").filter(has_text="This code is wrong").wait_for()
    assert visitor.evaluate("document.activeElement.id") == "code"
    finished(visitor, "second-step-wrong", said=REFUSED)
    visitor.keyboard.type(ways.app_code(secret, 1))
    visitor.keyboard.press("Enter")
    ways.in_the_library(visitor)
    ways.leave(visitor)

    for worth in (True, False):
        first_half()
        visitor.keyboard.press("Tab")
        visitor.keyboard.press("Tab")
        assert visitor.evaluate("document.activeElement.innerText") == "Use a backup code"
        visitor.keyboard.press("Enter")
        visitor.get_by_role("heading", name="Enter a backup code").wait_for()
        if worth:
            finished(visitor, "second-step-backup", said=REFUSED)
        visitor.keyboard.type(codes[3].upper())
        visitor.keyboard.press("Enter")
        if worth:
            ways.in_the_library(visitor)
            visitor.goto("/settings/security")
            visitor.get_by_text("9 backup codes left").wait_for()
            ways.leave(visitor)
    visitor.get_by_role("alert").filter(has_text="This code is wrong").wait_for()
    visitor.get_by_role("button", name="Back to sign in").press("Enter")
    assert visitor.get_by_label("Email").input_value() == "kim@example.com"


@pytest.mark.feature("auth.mfa")
def test_a_second_step_that_took_too_long_leads_back_in_words(visitor, house):
    """By the page's own clock, and when the server says so; the address is still there."""
    ways.come_in(visitor, house, "lea@example.com", "Lea Massari")
    set_up_app(visitor)
    ways.leave(visitor)

    visitor.clock.install()
    ways.give_password(visitor, "lea@example.com")
    visitor.get_by_role("heading", name="Enter the code of your app").wait_for()
    visitor.clock.fast_forward(301_000)
    visitor.get_by_role("alert").filter(has_text="took too long").wait_for()
    assert visitor.get_by_label("Email").input_value() == "lea@example.com"

    def other(route):
        route.continue_(post_data={**route.request.post_data_json, "mfa_token": "of another time"})

    visitor.route("**/api/auth/mfa/verify", other)
    visitor.get_by_label("Password", exact=True).fill(ways.PASSWORD)
    visitor.keyboard.press("Enter")
    visitor.get_by_label("Code", exact=True).fill("123456")
    visitor.keyboard.press("Enter")
    visitor.get_by_role("alert").filter(has_text="took too long").wait_for()


@pytest.mark.feature("auth.mfa")
def test_backup_codes_are_made_anew_and_the_app_is_removed(visitor, house, finished):
    """New codes want the app; removing it wants password and code, and says which of them is wrong."""
    ways.come_in(visitor, house, "mia@example.com", "Mia Farrow")
    secret, codes = set_up_app(visitor)
    visitor.get_by_role("button", name="Make new backup codes").click()
    visitor.get_by_label("Code that the app shows now").fill(ways.app_code(secret, 1))
    finished(visitor, "new-codes")
    visitor.get_by_role("button", name="Make new codes").click()
    fresh = visitor.get_by_role("list", name="Backup codes").inner_text().split()
    assert not set(fresh) & set(codes)
    visitor.get_by_label("I have put them").check()
    visitor.get_by_role("button", name="Done").click()

    visitor.get_by_role("button", name="Remove app").click()
    dialog = visitor.get_by_role("dialog")
    dialog.get_by_label("Current password").fill("not my password")
    dialog.get_by_label("Code of the app").fill(fresh[0])
    dialog.get_by_role("button", name="Remove app").click()
    dialog.get_by_text("The current password is wrong").wait_for()
    finished(visitor, "remove-app", said=REFUSED)
    dialog.get_by_label("Current password").fill(ways.PASSWORD)
    dialog.get_by_label("Code of the app").fill(codes[0])
    dialog.get_by_role("button", name="Remove app").click()
    dialog.get_by_text("This code is wrong").wait_for()
    dialog.get_by_label("Code of the app").fill(fresh[0])
    dialog.get_by_role("button", name="Remove app").click()
    visitor.get_by_text("The app is removed").wait_for()
    ways.leave(visitor)
    ways.give_password(visitor, "mia@example.com")
    ways.in_the_library(visitor)


@pytest.mark.feature("auth.mfa")
def test_whoever_has_lost_everything_is_helped_by_an_administrator(visitor, browser, house, watch, finished):
    """The list of people shows a factor; resetting asks once more; afterwards the password is enough."""
    ways.come_in(visitor, house, "noa@example.com", "Noa Noa")
    set_up_app(visitor)
    with opened(browser, ways.address(house), watch) as ada:
        ways.sign_in(ada)
        ada.goto("/settings/people")
        row = ada.get_by_role("row", name=re.compile("noa@example.com"))
        row.get_by_text("App", exact=True).wait_for()
        row.get_by_role("button", name="Actions for Noa Noa").click()
        ada.get_by_role("menuitem", name="Reset second factors").click()
        finished(ada, "reset-factors", said=REFUSED)
        ada.get_by_role("button", name="Reset factors").click()
        ada.get_by_text("The second factors of Noa Noa are reset.").wait_for()
        row.get_by_text("none", exact=True).wait_for()
        mine = ada.get_by_role("button", name=f"Actions for {ways.NAME}")
        mine.click()
        assert ada.get_by_role("menuitem", name="Reset second factors").count() == 0
    ways.give_password(visitor, "noa@example.com")
    ways.in_the_library(visitor)


@pytest.mark.feature("auth.mfa", "teams.policy")
def test_where_a_second_factor_is_wanted_it_is_set_up_on_the_way_in(
    browser, tmp_path_factory, watch, finished
):
    """The first administrator sets one up before anything else; whoever signs in next does so in the middle of it."""
    folder = tmp_path_factory.mktemp("strict")
    port = str(ways.free_port())
    strict = ways.Running(
        folder,
        PORT=port,
        PUBLIC_URL=f"http://localhost:{port}",
        AUTH__MFA="required",
        AUTH__REGISTRATION="open",
    )
    try:
        with opened(browser, ways.address(strict), watch) as page:
            page.goto(f"/first-run#{strict.first_run_code()}")
            page.get_by_label("Name", exact=True).fill(ways.NAME)
            page.get_by_label("Email").fill(ways.EMAIL)
            page.get_by_label("Password", exact=True).fill(ways.PASSWORD)
            page.keyboard.press("Enter")
            page.get_by_role("heading", name="Set up a second factor").wait_for()
            finished(page, "set-up-first")
            for path in ("/settings/people", "/d/01a00000-0000-7000-8000-000000000000", "/operations"):
                page.goto(path)
                page.get_by_role("heading", name="Set up a second factor").wait_for()
            page.get_by_role("button", name="Authenticator app").click()
            secret = page.get_by_label("Key for the app").inner_text()
            finished(page, "set-up-first-app")
            page.get_by_label("Code that the app shows now").fill(ways.app_code(secret))
            page.keyboard.press("Enter")
            page.get_by_role("list", name="Backup codes").wait_for()
            finished(page, "set-up-first-codes")
            page.get_by_label("I have put them").check()
            page.get_by_role("button", name="Open AutoGraph").click()
            page.get_by_role("heading", name="Operations", exact=True).wait_for()
            page.goto("/settings/people")
            page.get_by_role("row", name=re.compile(ways.EMAIL)).wait_for()

        ways.register(strict, "eve@example.com", "Eve")
        with opened(browser, ways.address(strict), watch) as page:
            ways.give_password(page, "eve@example.com")
            secret = page.get_by_label("Key for the app").inner_text()
            finished(page, "enrol")
            page.get_by_label("Code that the app shows now").fill("000000")
            page.keyboard.press("Enter")
            page.get_by_role("alert").filter(has_text="not the app's code").wait_for()
            page.get_by_label("Code that the app shows now").fill(ways.app_code(secret))
            page.keyboard.press("Enter")
            page.get_by_label("I have put them").check()
            page.get_by_role("button", name="Open AutoGraph").click()
            ways.in_the_library(page)
            page.get_by_role("button", name="New document").first.wait_for()
            page.goto("/settings/security")
            page.get_by_role("button", name="Remove app").click()
            page.get_by_label("Current password").last.fill(ways.PASSWORD)
            page.get_by_label("Code of the app").fill(ways.app_code(secret, 1))
            page.get_by_role("dialog").get_by_role("button", name="Remove app").click()
            page.get_by_role("alert").filter(has_text="Everybody needs a second factor here").wait_for()
    finally:
        strict.stop()
