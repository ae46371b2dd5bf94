"""One's own account in a browser: every section of the settings, light, dark and on a phone, and what is done there."""

import re

import pytest
from tests.browser import ways
from tests.browser.conftest import serious

SECTIONS = [
    "profile",
    "security",
    "sessions",
    "keys",
    "data",
    "teams",
    "people",
    "invitations",
    "roles",
    "audit",
    "mail",
    "policies",
]
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture(params=["light", "dark"])
def scheme(request, page):
    page.emulate_media(color_scheme=request.param)
    return request.param


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_finished(known, scheme, size, section, axe, watch):
    """No serious finding of axe, no error, nothing from outside, nothing wider than the page."""
    width, height = SIZES[size]
    known.set_viewport_size({"width": width, "height": height})
    known.goto(f"/settings/{section}")
    known.locator(".panel").first.wait_for()
    known.wait_for_load_state("networkidle")

    assert serious(known, axe) == []
    assert known.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (watch.errors, watch.outside) == ([], [])


@pytest.mark.parametrize(
    "path", ["/register", "/forgot", "/reset#x", "/verify#x", "/unlock#x", "/email#x", "/invitation"]
)
def test_every_page_before_sign_in_is_finished(page, scheme, path, axe, watch):
    """The same for whoever is not signed in."""
    page.goto(path)
    page.get_by_role("heading", level=1).wait_for()
    address = page.url
    page.get_by_role("link", name="Skip to the content").press("Enter")
    assert page.locator("h1:focus").count() == 1
    assert page.url == address, "what stands behind the # is a secret that the page still needs"

    assert serious(page, axe) == []
    assert (watch.errors, watch.outside) == ([], [])


@pytest.mark.feature("auth.sessions")
def test_a_name_is_changed_and_shows_everywhere(known):
    """Saved, said, and in the library's menu."""
    known.goto("/settings/profile")
    known.get_by_role("textbox", name="Name").fill("Countess Lovelace")
    known.get_by_role("button", name="Save name").click()
    known.get_by_text("Your name is saved.").wait_for()
    known.goto("/")
    known.get_by_role("button", name="Countess Lovelace").wait_for()
    known.goto("/settings/profile")
    known.get_by_role("textbox", name="Name").fill(ways.NAME)
    known.get_by_role("button", name="Save name").click()
    known.get_by_text("Your name is saved.").wait_for()


@pytest.mark.feature("auth.sessions")
def test_another_session_is_seen_and_ended(known, browser, installation):
    """The other browser is out within seconds."""
    other = browser.new_context(base_url=installation.url).new_page()
    ways.sign_in(other)
    known.goto("/settings/sessions")
    rows = known.get_by_role("row").filter(
        has=known.get_by_role("button", name=re.compile("End the session"))
    )
    rows.first.get_by_role("button").click()
    known.get_by_text("The session is ended.").wait_for()
    known.wait_for_timeout(4_000)
    other.goto("/")
    other.get_by_role("heading", name="Sign in").wait_for()
    other.context.close()


@pytest.mark.feature("auth.api-keys")
def test_a_key_is_made_shown_once_and_revoked(known, installation):
    """What is copied works; after it is revoked it does not."""
    known.goto("/settings/keys")
    known.get_by_role("button", name="New key").click()
    known.get_by_label("Name").fill("Nightly drawing")
    known.get_by_role("button", name="Make key").click()
    key = known.get_by_label("API key", exact=True).inner_text()
    known.get_by_role("button", name="Copy").click()
    assert known.evaluate("navigator.clipboard.readText()") == key
    known.get_by_role("button", name="Done").click()

    def status():
        fetched = known.request.get(
            f"{installation.url}/api/diagrams", headers={"authorization": f"Bearer {key}"}
        )
        return fetched.status

    assert status() == 200
    assert key not in known.content()
    known.get_by_role("button", name="Revoke Nightly drawing").click()
    known.get_by_text("The key is revoked.").wait_for()
    known.wait_for_timeout(4_000)
    assert status() == 401


@pytest.mark.feature("auth.change-password")
def test_a_wrong_current_password_is_told_at_its_field(known):
    """Nothing is changed, and what was typed stays."""
    known.goto("/settings/security")
    known.get_by_label("Current password").fill("not my password")
    known.get_by_label("New password", exact=True).fill("something long and new")
    known.get_by_role("button", name="Change password").click()
    known.get_by_role("alert").filter(has_text="The current password is wrong").wait_for()
    assert known.get_by_label("New password", exact=True).input_value() == "something long and new"


@pytest.mark.feature("auth.roles")
def test_a_role_is_made_from_a_template_and_removed(known):
    """With its permissions; what it may do is shown, and nobody has it, so it goes."""
    known.goto("/settings/roles")
    known.get_by_role("button", name="New role").click()
    known.get_by_role("button", name="auditor").click()
    known.get_by_label("Name", exact=True).fill("reviewer")
    known.get_by_role("button", name="Save role").click()
    known.get_by_role("button", name="Edit the role reviewer").click()
    assert known.get_by_label("Read and export the audit log").is_checked()
    known.get_by_role("button", name="Remove role").click()
    known.get_by_text("The role is removed.").wait_for()
    assert known.get_by_role("button", name="Edit the role reviewer").count() == 0


@pytest.mark.feature("auth.roles")
def test_the_last_administrator_stays_one(known):
    """Neither disabled nor without the role: the page says why."""
    known.goto("/settings/people")
    known.get_by_role("button", name=f"Actions for {ways.NAME}").click()
    known.get_by_role("menuitem", name="Disable").click()
    known.get_by_role("button", name="Disable account").click()
    known.get_by_role("dialog").get_by_role("alert").wait_for()
    known.keyboard.press("Escape")
    known.get_by_role("button", name=f"Actions for {ways.NAME}").click()
    known.get_by_role("menuitem", name="Change roles").click()
    dialog = known.get_by_role("dialog")
    dialog.get_by_label("editor").check()
    dialog.get_by_label("admin").uncheck()
    dialog.get_by_role("button", name="Save roles").click()
    dialog.get_by_role("alert").wait_for()
    known.keyboard.press("Escape")
    row = known.get_by_role("row", name=re.compile(ways.EMAIL))
    assert row.get_by_role("cell", name="admin", exact=True).count() == 1


@pytest.mark.feature("auth.audit")
def test_the_log_says_who_did_what_and_that_it_is_whole(known):
    """A refused sign-in is found by its event; its story opens; the chain is verified."""
    known.goto("/settings/audit")
    known.get_by_label("Events").select_option("session.")
    known.get_by_role("button", name="session.opened").first.click()
    known.get_by_role("dialog").get_by_text("127.0.0.1").wait_for()
    known.keyboard.press("Escape")
    known.get_by_role("button", name="Verify log").click()
    known.get_by_text("Whole", exact=True).wait_for()
    with known.expect_download() as started:
        known.get_by_role("link", name="CSV").click()
    assert "session.opened" in started.value.path().read_text()


@pytest.mark.feature("teams.teams")
def test_a_team_is_made_and_keeps_its_last_owner(known):
    """Whoever makes it owns it; leaving is refused in words; removing it asks once more."""
    known.goto("/settings/teams")
    known.get_by_role("button", name="New team").click()
    known.get_by_role("textbox", name="Name").fill("Payments")
    known.get_by_role("button", name="Make team").click()
    known.get_by_role("combobox", name=re.compile("in the team")).wait_for()
    known.get_by_role("button", name="Leave team").click()
    known.get_by_role("alert").wait_for()
    known.get_by_role("button", name="Remove team").click()
    known.get_by_role("dialog").get_by_role("button", name="Remove team").click()
    known.get_by_text("Payments is removed.").wait_for()
