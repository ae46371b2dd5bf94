"""Invitations in a browser: sent and made by those who may, and used by strangers and by those who have an account."""

import json
import re
import time

import pytest
from tests.browser import ways
from tests.browser.conftest import opened

REFUSED = ("status of 401", "status of 403", "status of 409")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An installation where nobody has an account who was not invited; addresses are confirmed."""
    running = ways.house(tmp_path_factory.mktemp("invited"), AUTH__VERIFICATION="required")
    yield running
    running.stop()


@pytest.fixture
def ada(browser, house, watch):
    """The administrator's browser."""
    with opened(browser, ways.address(house), watch) as page:
        ways.sign_in(page)
        yield page


def ask(house, method, path, body=None, proof=None):
    """Ask the API as the administrator, or as somebody else."""
    status, _, answer = house.ask(method, path, body, **(proof or ways.token_of(house)))
    assert status < 300, answer
    return json.loads(answer) if answer else None


def invited_by_mail(house, email, **grant):
    """Invite somebody; return the link that was written to them."""
    ask(house, "POST", "/api/auth/invitations", {"emails": [email], **grant})
    return letter_to(house, email)


def letter_to(house, email):
    """The link of the newest invitation to somebody, which the administrator finds in the outbox."""
    until = time.monotonic() + 10
    while True:
        found = ask(house, "GET", "/api/auth/admin/mails")["items"]
        if mine := [one for one in found if (one["kind"], one["recipient"]) == ("invitation", email)]:
            break
        assert time.monotonic() < until, found
        time.sleep(0.1)
    text = ask(house, "GET", f"/api/auth/admin/mails/{mine[0]['id']}")["text"]
    return re.search(r"(/invitation#\S+)", text)[1]


def link(house, **more):
    """Make a link for anybody."""
    made = ask(house, "POST", "/api/auth/invitations/link", more)
    return "/invitation#" + made["link"].partition("#")[2]


def team(house, name):
    """Make a team of the administrator's."""
    return ask(house, "POST", "/api/auth/teams", {"name": name})["id"]


def become(page, name, password="a horse of another colour", email=None):
    """Fill in who one is."""
    page.get_by_label("Name", exact=True).fill(name)
    if email:
        page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


@pytest.mark.feature("teams.teams")
def test_many_are_invited_at_once_and_each_address_has_an_outcome(ada, house, finished):
    """Pasted as people paste; what was not sent says why; sent again, withdrawn."""
    team(house, "Payments")
    ada.goto("/settings/invitations")
    ada.get_by_text("None yet.").wait_for()
    finished(ada, "invitations-none")
    ada.get_by_role("button", name="Invite people").click()
    dialog = ada.get_by_role("dialog")
    pasted = "mara@example.com, Tomas Okoro <tomas@example.com>;\nnot an address\nmara@example.com\nada@example.com"
    dialog.get_by_label("Addresses").fill(pasted)
    dialog.get_by_text("4 addresses of at most 200").wait_for()
    dialog.get_by_label("Team").select_option("Payments")
    dialog.get_by_label("In the team").select_option("guest")
    assert dialog.get_by_label("Role of a new account").count() == 0
    finished(ada, "invite")
    dialog.get_by_role("button", name="Send invitations").click()
    ada.get_by_role("heading", name="2 of 4 addresses invited").wait_for()
    assert ada.get_by_role("row", name=re.compile("ada@example.com")).inner_text().endswith("Is in the team")
    finished(ada, "invite-outcomes")
    ada.get_by_role("button", name="Done").click()

    row = ada.get_by_role("row", name=re.compile("tomas@example.com"))
    row.get_by_text("Payments as guest").wait_for()
    finished(ada, "invitations")
    first = letter_to(house, "tomas@example.com")
    row.get_by_role("button", name=re.compile("Send again")).click()
    ada.get_by_text("The invitation is sent again.").wait_for()
    assert letter_to(house, "tomas@example.com") != first
    row.get_by_role("button", name=re.compile("Withdraw")).click()
    row.get_by_text("Withdrawn").wait_for()
    assert row.get_by_role("button").count() == 0


@pytest.mark.feature("teams.teams", "auth.register")
def test_a_link_is_made_and_a_stranger_comes_in_by_it(ada, visitor, house, finished, watch):
    """Shown whole once; the stranger sees who invites to what; it is used up after so many."""
    ada.goto("/settings/invitations")
    ada.get_by_role("button", name="Make link").click()
    dialog = ada.get_by_role("dialog")
    dialog.get_by_label("How many").fill("0")
    dialog.get_by_text("A number from 1 to 1000").wait_for()
    dialog.get_by_label("How many").fill("1")
    dialog.get_by_label("Role of a new account").select_option("viewer")
    finished(ada, "invite-link")
    dialog.get_by_role("button", name="Make link").click()
    made = ada.get_by_label("Invitation link", exact=True).inner_text()
    finished(ada, "invite-link-made")
    ada.get_by_role("button", name="Copy").click()
    assert ada.evaluate("navigator.clipboard.readText()") == made
    assert made.startswith(f"{ways.address(house)}/invitation#")
    ada.get_by_role("button", name="Done").click()
    assert made not in ada.content()

    asked = []
    visitor.on("request", lambda request: asked.append(request.url))
    visitor.goto(made)
    visitor.get_by_text(f"{ways.NAME} invites you to AutoGraph as viewer.").wait_for()
    finished(visitor, "invitation", said=REFUSED)
    become(visitor, "Rosa Stern", email="rosa@example.com")
    visitor.get_by_role("heading", name="Look at your mail").wait_for()
    secret = made.partition("#")[2]
    assert not [url for url in asked if secret in url.partition("#")[0]]

    visitor.goto("/")
    visitor.goto(made)
    visitor.get_by_role("heading", name="This invitation leads nowhere").wait_for()
    finished(visitor, "invitation-worthless", said=REFUSED)


@pytest.mark.feature("teams.teams", "auth.register")
def test_who_is_invited_by_mail_is_in_at_once(visitor, house, finished):
    """The address is proven by the mail and cannot be another; name and password, and the library opens."""
    visitor.goto(invited_by_mail(house, "ines@example.com", team_id=team(house, "Checkout")))
    visitor.get_by_text("into the team Checkout as member").wait_for()
    assert visitor.get_by_label("Email").input_value() == "ines@example.com"
    assert not visitor.get_by_label("Email").is_editable()
    finished(visitor, "invitation-by-mail", said=REFUSED)
    visitor.get_by_role("button", name="Create account").click()
    visitor.get_by_text("Enter your name").wait_for()
    become(visitor, "Ines Duarte")
    ways.in_the_library(visitor)
    visitor.goto("/settings/teams")
    visitor.get_by_role("row", name=re.compile("Checkout.*member")).wait_for()


@pytest.mark.feature("teams.teams")
def test_who_has_an_account_joins_the_team(visitor, house, finished):
    """Not signed in: sign in on the way and come back. Then: joined, in already, or for somebody else."""
    visitor.goto(invited_by_mail(house, "kofi@example.com"))
    become(visitor, "Kofi Mensah")
    ways.in_the_library(visitor)
    ways.leave(visitor)

    way_in = link(house, team_id=team(house, "Search"), uses=5)
    visitor.goto(way_in)
    visitor.get_by_role("link", name="Sign in to use it").click()
    visitor.get_by_role("heading", name="Sign in", exact=True).wait_for()
    visitor.get_by_label("Email").fill("kofi@example.com")
    assert way_in.partition("#")[2] not in visitor.url
    visitor.get_by_label("Password", exact=True).fill("a horse of another colour")
    visitor.keyboard.press("Enter")
    visitor.get_by_role("heading", name="Join Search").wait_for()
    finished(visitor, "invitation-join", said=REFUSED)
    visitor.get_by_role("button", name="Join team").click()
    visitor.get_by_role("heading", name="You are in Search").wait_for()
    finished(visitor, "invitation-joined", said=REFUSED)
    visitor.goto("/")
    visitor.goto(way_in)
    visitor.get_by_role("button", name="Join team").click()
    visitor.get_by_role("alert").filter(has_text="You are in Search already").wait_for()

    visitor.goto("/")
    visitor.goto(invited_by_mail(house, "another@example.com"))
    visitor.get_by_role("heading", name="This invitation is for somebody else").wait_for()
    finished(visitor, "invitation-of-another", said=REFUSED)
    visitor.get_by_role("button", name="Use another account").click()
    visitor.get_by_role("heading", name="You are invited").wait_for()
    assert visitor.get_by_label("Email").input_value() == "another@example.com"


@pytest.mark.feature("teams.teams")
def test_an_invitation_without_a_team_is_nothing_for_who_is_in(ada, house, finished):
    """It says so, and leads to the library."""
    ada.goto(link(house))
    ada.get_by_role("heading", name="You have an account already").wait_for()
    finished(ada, "invitation-nothing-left", said=REFUSED)
    ada.get_by_role("link", name="Open the library").click()
    ways.in_the_library(ada)


@pytest.mark.feature("teams.teams")
def test_a_teams_owner_invites_to_it_and_to_nothing_else(visitor, house, finished):
    """Within the team, without a choice of roles; everybody's invitations are not theirs to see."""
    visitor.goto(invited_by_mail(house, "own@example.com"))
    become(visitor, "Olu Owner")
    ways.in_the_library(visitor)
    assert visitor.goto("/settings/invitations").status == 200
    visitor.get_by_role("heading", name="Profile").wait_for()
    visitor.goto("/settings/teams")
    visitor.get_by_role("button", name="New team").click()
    visitor.get_by_role("textbox", name="Name").fill("Shipping")
    visitor.get_by_role("button", name="Make team").click()
    visitor.get_by_role("button", name="Invite people").click()
    dialog = visitor.get_by_role("dialog")
    dialog.get_by_label("Addresses").fill("new@example.com")
    assert dialog.get_by_label("Team", exact=True).count() == 0
    assert dialog.get_by_label("Role of a new account").count() == 0
    dialog.get_by_role("button", name="Send invitations").click()
    visitor.get_by_role("heading", name="1 of 1 address invited").wait_for()
    visitor.get_by_role("button", name="Done").click()
    visitor.get_by_role("row", name=re.compile("new@example.com.*Shipping as member")).wait_for()
    finished(visitor, "team-invitations", said=REFUSED)


@pytest.mark.feature("teams.teams", "auth.roles")
def test_many_people_get_a_role_at_once(ada, visitor, house, finished):
    """Chosen in the list; whoever it cannot be given to is named, with the reason; Esc lets go."""
    visitor.goto(invited_by_mail(house, "vera@example.com"))
    become(visitor, "Vera View")
    ways.in_the_library(visitor)
    ada.goto("/settings/people")
    ada.get_by_role("checkbox", name="Select Vera View").check()
    ada.get_by_role("checkbox", name=f"Select {ways.NAME}").check()
    bar = ada.get_by_role("toolbar", name="Selected people")
    bar.get_by_text("2 selected").wait_for()
    bar.get_by_label("Role for them").select_option("viewer")
    finished(ada, "people-bulk")
    bar.get_by_role("button", name="Set role").click()
    dialog = ada.get_by_role("dialog", name="Not everybody was changed")
    dialog.get_by_role("row", name=re.compile(f"{ways.NAME}.*last administrator")).wait_for()
    finished(ada, "people-bulk-refused")
    dialog.get_by_role("button", name="Close").last.click()
    bar.wait_for(state="hidden")
    ada.get_by_role("row", name=re.compile("vera@example.com.*viewer")).wait_for()
    ada.get_by_role("checkbox", name="Select Vera View").check()
    ada.get_by_label("Role for them").press("Escape")
    bar.wait_for(state="hidden")


def test_disabling_somebody_says_what_becomes_of_them(ada, visitor, house, finished):
    """It is asked once more; the session ends within seconds, and enabling brings the account back."""
    visitor.goto(invited_by_mail(house, "dan@example.com"))
    become(visitor, "Dan Dare")
    ways.in_the_library(visitor)
    ada.goto("/settings/people")
    ada.get_by_role("button", name="Actions for Dan Dare").click()
    ada.get_by_role("menuitem", name="Disable").click()
    ada.get_by_text("Their documents are kept").wait_for()
    finished(ada, "disable")
    ada.get_by_role("button", name="Disable account").click()
    ada.get_by_text("Dan Dare is disabled.").wait_for()
    visitor.wait_for_timeout(4_000)
    visitor.goto("/")
    visitor.get_by_role("heading", name="Sign in").wait_for()
