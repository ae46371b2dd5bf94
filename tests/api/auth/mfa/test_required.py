"""Where a second factor is required nobody does without one: it is set up at the next sign-in, or in the session that is."""

import pytest
from tests.api.auth.mfa.conftest import ADA, PASSWORD, by_cookie, login, mails, signed_in, verify
from tests.caller import Caller

pytestmark = pytest.mark.feature("auth.mfa")


@pytest.fixture
def strict(make_auth):
    """An installation that wants a second factor of everybody."""
    return Caller(make_auth(registration="open", mfa="required"))


async def enrolled(call, token, app_code):
    secret = (await call("POST", "/api/auth/mfa/enrol/setup", {"mfa_token": token})).json()["secret"]
    body = {"mfa_token": token, "code": app_code(secret)}
    return secret, await call("POST", "/api/auth/mfa/enrol/enable", body)


async def test_the_next_sign_in_sets_it_up(strict, app_code):
    """There is no session before; then it opens as it was asked for, and cannot be removed."""
    await strict("POST", "/api/auth/register", ADA)
    step = (await login(strict, cookie=True, remember_me=True)).json()
    assert (step["mfa_required"], step["methods"]) == (True, [])
    _, done = await enrolled(strict, step["mfa_token"], app_code)
    assert done.status == 200, done.body
    assert len(done.json()["backup_codes"]) == 10
    assert done.headers["set-cookie"].startswith("autograph=")
    assert "Max-Age=2592000" in done.headers["set-cookie"]
    ada = await by_cookie(strict, done)
    me = (await ada("GET", "/api/auth/me")).json()
    assert (me["session"]["methods"], me["mfa_setup_required"]) == (["password", "totp"], False)
    assert (await ada("GET", "/api/auth/mfa")).json()["is_required"] is True
    body = {"current_password": PASSWORD, "code": done.json()["backup_codes"][0]}
    assert (await ada("POST", "/api/auth/mfa/disable", body)).slug == "mfa-required"
    assert [to for to, _ in await mails(strict)] == ["ada@example.org"]


async def test_a_sign_in_sets_up_no_second_app(strict, app_code, clock):
    """Whoever knows the password of somebody who has one does not replace it, nor use a sign-in twice."""
    await strict("POST", "/api/auth/register", ADA)
    tokens = [(await login(strict)).json()["mfa_token"] for _ in range(2)]
    secret, done = await enrolled(strict, tokens[0], app_code)
    assert done.status == 200
    clock.wind(seconds=30)
    for token, slug in ((tokens[0], "second-step-worthless"), (tokens[1], "mfa-enabled")):
        assert (await strict("POST", "/api/auth/mfa/enrol/setup", {"mfa_token": token})).slug == slug
        body = {"mfa_token": token, "code": app_code(secret)}
        assert (await strict("POST", "/api/auth/mfa/enrol/enable", body)).slug == slug
    assert (await verify(strict, tokens[1], app_code(secret))).status == 200


async def test_setting_up_ends_what_was_opened_before(make_auth, strict, app_code):
    """Sessions from before the installation wanted more end with the first code."""
    before = Caller(make_auth(registration="open"))
    await before("POST", "/api/auth/register", ADA)
    token = (await login(before)).json()["access_token"]
    assert (await enrolled(strict, (await login(strict)).json()["mfa_token"], app_code))[1].status == 200
    assert (await strict("POST", "/internal/identify", {"bearer": token})).status == 401


async def test_the_first_administrator_sets_it_up_before_anything_else(strict, code_of, app_code):
    """The session of the first run may do nothing else, not even without a permission; then it may do everything."""
    body = {**ADA, "code": await code_of(strict.app)}
    begun = await strict("POST", "/api/auth/first-run", body)
    assert begun.status == 201
    ada = await by_cookie(strict, begun)
    me = (await ada("GET", "/api/auth/me")).json()
    assert (me["mfa_setup_required"], me["user"]["permissions"]) == (True, [])
    for method, path in (
        ("GET", "/api/auth/admin/users"),
        ("GET", "/api/auth/admin/audit-logs"),
        ("POST", "/api/auth/api-keys"),
        ("GET", "/api/auth/teams"),
        ("POST", "/api/auth/teams"),
        ("PATCH", "/api/auth/me"),
        ("GET", "/api/auth/sessions"),
    ):
        sent = {"name": "x", "scopes": ["admin"]} if path.endswith("keys") else {"name": "x"}
        answer = await ada(method, path, None if method == "GET" else sent)
        assert answer.slug == ("forbidden" if "admin" in path else "second-factor-first"), path
    secret = (await ada("POST", "/api/auth/mfa/setup", {})).json()["secret"]
    assert (await ada("POST", "/api/auth/mfa/enable", {"code": app_code(secret)})).status == 200
    ada = await by_cookie(strict, begun)
    me = (await ada("GET", "/api/auth/me")).json()
    assert me["mfa_setup_required"] is False
    assert "people:manage" in me["user"]["permissions"]
    assert me["session"]["methods"] == ["password", "totp"]


async def test_sessions_from_before_are_led_to_it(make_auth, strict, app_code):
    """Once the setting is changed an older session may only set it up; afterwards it goes on."""
    before = Caller(make_auth(registration="open"))
    await before("POST", "/api/auth/register", ADA)
    token = (await login(before)).json()["access_token"]
    ada = await signed_in(strict, token)
    assert (await ada("GET", "/api/auth/me")).json()["user"]["permissions"] == []
    secret = (await ada("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).json()["secret"]
    assert (await ada("POST", "/api/auth/mfa/enable", {"code": app_code(secret)})).status == 200
    ada = await signed_in(strict, token)
    assert "documents:write" in (await ada("GET", "/api/auth/me")).json()["user"]["permissions"]


async def test_where_it_is_not_required_nothing_is_held_back(make_auth):
    """A password is enough, and says so."""
    call = Caller(make_auth(registration="open"))
    await call("POST", "/api/auth/register", ADA)
    ada = await signed_in(call, (await login(call)).json()["access_token"])
    me = (await ada("GET", "/api/auth/me")).json()
    assert me["mfa_setup_required"] is False
    assert "documents:write" in me["user"]["permissions"]
