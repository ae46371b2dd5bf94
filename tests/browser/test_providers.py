"""Signing in by a real OpenID provider in a browser: there, back to where one was going, and on with a second factor."""

import json

import pytest
from tests.browser import ways
from tests.browser.conftest import Watch, opened
from tests.servers import oidc
from tests.servers.process import Absent

REFUSED = ("status of 401", "status of 403")


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    """Issuer of a real provider that knows Grace."""
    try:
        server, issuer = oidc.start(tmp_path_factory.mktemp("oidc"))
    except Absent as reason:
        pytest.skip(str(reason))
    oidc.know(issuer, "grace", email="grace@example.com", email_verified=True, name="Grace")
    yield issuer
    server.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory, provider):
    """An installation that believes this provider."""
    company = {"issuer": provider, "client_id": "autograph", "client_secret": "hush-hush", "allow_new": True}
    settings = {"company": {**company, "name": "Harbour", "default_role": "editor"}}
    running = ways.house(tmp_path_factory.mktemp("provided"), AUTH__OIDC=json.dumps(settings))
    yield running
    running.stop()


@pytest.fixture
def visitor(browser, house, watch, provider):
    """A browser that knows nobody; what the provider's own pages ask of others is not ours."""
    with opened(browser, ways.address(house), Watch(watch.errors)) as page:
        page.route("https://cdn.jsdelivr.net/**", lambda route: route.abort())
        page.on(
            "request",
            lambda sent: (
                sent.url.startswith((ways.address(house), provider, "https://cdn.", "data:"))
                or watch.outside.append(sent.url)
            ),
        )
        yield page


def by_provider(page, who="grace"):
    """Go there and say who one is."""
    page.get_by_role("link", name="Continue with Harbour").click()
    page.get_by_placeholder("sub").fill(who)
    page.get_by_role("button", name="Authorize").click()


@pytest.mark.feature("auth.oidc", "auth.mfa")
def test_a_provider_leads_on_to_where_one_was_going_and_to_a_second_factor(visitor, finished):
    """An account without a password sets an app up right after its sign-in; then its code is wanted here, too."""
    visitor.goto("/settings/sessions")
    visitor.get_by_role("link", name="Continue with Harbour").wait_for()
    belong = (*REFUSED, "cdn.jsdelivr.net")
    finished(visitor, "sign-in-provider", said=belong)
    by_provider(visitor)
    visitor.get_by_role("heading", name="Sessions", level=1).wait_for()

    visitor.goto("/settings/security")
    visitor.get_by_role("button", name="Set up app").click()
    secret = visitor.get_by_label("Key for the app").inner_text()
    visitor.get_by_label("Code that the app shows now").fill(ways.app_code(secret))
    visitor.keyboard.press("Enter")
    visitor.get_by_label("I have put them").check()
    visitor.get_by_role("button", name="Done").click()
    ways.leave(visitor)

    visitor.goto("/settings/keys")
    by_provider(visitor)
    visitor.get_by_role("heading", name="Enter the code of your app").wait_for()
    finished(visitor, "provider-second-step", said=belong)
    visitor.keyboard.type(ways.app_code(secret, 1))
    visitor.keyboard.press("Enter")
    visitor.get_by_role("heading", name="API keys", level=1).wait_for()


@pytest.mark.feature("auth.oidc")
def test_a_second_step_that_was_left_is_begun_again(visitor, finished):
    """The page loaded anew, or turned back from: in words, with every way to sign in."""
    visitor.goto("/sign-in?step=second")
    visitor.get_by_role("alert").filter(has_text="took too long, or was begun in another browser").wait_for()
    visitor.get_by_role("link", name="Continue with Harbour").wait_for()
    finished(visitor, "provider-begin-again", said=REFUSED)


@pytest.mark.feature("auth.oidc", "teams.teams")
@pytest.mark.parametrize("how", ["mail", "link"])
def test_an_invitation_leads_into_its_team_also_by_a_provider(visitor, house, provider, how):
    """Who follows an invitation without an account, and signs in by a provider, is told of the team and is in it."""
    name, proof = f"Pilots by {how}", ways.token_of(house)
    who = f"hedy-{how}"
    oidc.know(provider, who, email=f"{who}@example.com", email_verified=True, name="Hedy")
    team = _ask(house, "POST", "/api/auth/teams", {"name": name}, proof)["id"]
    if how == "mail":
        _ask(
            house, "POST", "/api/auth/invitations", {"emails": [f"{who}@example.com"], "team_id": team}, proof
        )
        mails = _ask(house, "GET", "/api/auth/admin/mails", None, proof)["items"]
        [mail] = [one for one in mails if one["recipient"] == f"{who}@example.com"]
        text = _ask(house, "GET", f"/api/auth/admin/mails/{mail['id']}", None, proof)["text"]
        secret = text.partition("/invitation#")[2].split()[0]
    else:
        body = {"team_id": team, "uses": 1}
        secret = _ask(house, "POST", "/api/auth/invitations/link", body, proof)["link"].partition("#")[2]

    visitor.goto(f"/invitation#{secret}")
    visitor.get_by_role("link", name="Sign in to use it").click()
    by_provider(visitor, who)
    if how == "link":
        visitor.get_by_role("button", name="Join team").click()
    visitor.get_by_role("heading", name=f"You are in {name}").wait_for()
    visitor.get_by_role("link", name="See the team").click()
    visitor.get_by_role("cell", name=name).first.wait_for()


def _ask(house, method, path, body, proof):
    status, _, answer = house.ask(method, path, body, **proof)
    assert status < 300, answer
    return json.loads(answer)
