"""From a stranger to a member, and back in after forgetting the password: through the pages, with the mails in between."""

import json
import re
import time

import pytest
from tests.browser import ways
from tests.servers.autograph import Running

EVE = {"name": "Eve Moneypenny", "email": "eve@example.com", "password": "a horse of another colour"}
NEW = "quite another staple"


@pytest.fixture(scope="module")
def open_house(tmp_path_factory):
    """An installation where everybody may register, with its administrator's token."""
    running = Running(
        tmp_path_factory.mktemp("open"), AUTH__REGISTRATION="open", AUTH__VERIFICATION="required"
    )
    body = {
        "code": running.first_run_code(),
        "email": ways.EMAIL,
        "name": ways.NAME,
        "password": ways.PASSWORD,
    }
    assert running.ask("POST", "/api/auth/first-run", body)[0] == 201
    yield running
    running.stop()


@pytest.fixture
def stranger(browser, open_house):
    """A browser that knows nobody."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{open_house.port}")
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def link_of(open_house, kind):
    """The newest link of a kind, which the administrator finds in the outbox."""
    who = {"email": ways.EMAIL, "password": ways.PASSWORD}
    token = json.loads(open_house.ask("POST", "/api/auth/login", who)[2])["access_token"]
    proof = {"authorization": f"Bearer {token}"}
    until = time.monotonic() + 10
    while True:
        found = json.loads(open_house.ask("GET", "/api/auth/admin/mails", **proof)[2])["items"]
        if mine := [one for one in found if one["kind"] == kind]:
            break
        assert time.monotonic() < until, found
        time.sleep(0.1)
    status, _, body = open_house.ask("GET", f"/api/auth/admin/mails/{mine[0]['id']}", **proof)
    assert status == 200
    return re.search(r"(/\w+#\S+)", json.loads(body)["text"])[1]


@pytest.mark.feature("auth.register", "auth.verify-email", "auth.reset")
def test_a_stranger_becomes_a_member_and_gets_back_in(stranger, open_house):
    """Register, confirm, sign in; forget, choose a new password, sign in with it and with nothing else."""
    page = stranger
    page.goto("/sign-in")
    page.get_by_role("link", name="Create one").click()
    page.get_by_label("Name", exact=True).fill(EVE["name"])
    page.get_by_label("Email").fill(EVE["email"])
    page.get_by_label("Password", exact=True).fill(EVE["password"])
    page.get_by_role("button", name="Create account").click()
    page.get_by_text("Follow the link").wait_for()

    page.goto(link_of(open_house, "verify"))
    page.get_by_role("button", name="Confirm address").click()
    page.get_by_text("Your address is confirmed.").wait_for()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(EVE["email"])
    page.get_by_label("Password", exact=True).fill(EVE["password"])
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="All documents").wait_for()

    page.get_by_role("button", name=EVE["name"]).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_role("link", name="Forgot it?").click()
    page.get_by_label("Email").fill(EVE["email"])
    page.get_by_role("button", name="Send link").click()
    page.get_by_text("is on its way").wait_for()
    page.goto(link_of(open_house, "reset"))
    page.get_by_label("Password", exact=True).fill(NEW)
    page.get_by_role("button", name="Set password").click()
    page.get_by_text("Your new password is set").wait_for()
    page.get_by_role("link", name="Sign in").click()
    for password in (EVE["password"], NEW):
        page.get_by_label("Email").fill(EVE["email"])
        page.get_by_label("Password", exact=True).fill(password)
        page.keyboard.press("Enter")
        if password != NEW:
            page.get_by_text("do not belong together").wait_for()
    page.get_by_role("heading", name="All documents").wait_for()


def test_a_used_link_says_so(stranger, open_house):
    """And leads to a new one."""
    stranger.goto("/reset#nothing")
    stranger.get_by_label("Password", exact=True).fill(NEW)
    stranger.get_by_role("button", name="Set password").click()
    stranger.get_by_role("link", name="Ask for a new link").wait_for()
