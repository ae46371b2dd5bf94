"""Passkeys: made by those who are signed in, and enough to sign in, alone or after the password."""

import pytest
from sqlalchemy import select
from tests.api.auth.mfa.conftest import ADA, PASSWORD, URL, by_cookie, login, mails, signed_in
from tests.api.auth.mfa.keys import LOGIN, added, shown
from tests.authenticator import Authenticator
from tests.caller import Caller

from autograph.auth.tables import audit_records, links, passkeys

pytestmark = pytest.mark.feature("auth.passkeys")


async def test_a_passkey_alone_opens_a_session(call, ada, phone):
    """Without an address, password or code; the session says by what."""
    made = await added(ada, phone)
    assert made.status == 201, made.body
    answer = await shown(call, phone)
    assert answer.status == 200, answer.body
    assert answer.headers["cache-control"] == "no-store"
    again = await signed_in(call, answer.json()["access_token"])
    me = (await again("GET", "/api/auth/me")).json()
    assert (me["user"]["email"], me["session"]["methods"]) == ("ada@example.org", ["passkey"])


async def test_a_session_by_passkey_is_as_it_is_asked_for(call, ada, phone):
    """By a cookie, remembered for a month."""
    await added(ada, phone)
    answer = await shown(call, phone, {"cookie": True, "remember_me": True})
    assert answer.headers["set-cookie"].startswith("__Host-autograph=")
    assert "Max-Age=2592000" in answer.headers["set-cookie"]
    assert "access_token" not in answer.json()


async def test_after_the_password_it_is_the_second_factor(call, ada):
    """A plain security key that asks for no finger does here, and says nothing of its owner."""
    key = Authenticator(URL, verifies=False)
    await added(ada, key)
    step = (await login(call, cookie=True)).json()
    assert step["methods"] == ["passkey"]
    answer = await shown(call, key, {"mfa_token": step["mfa_token"]}, user_handle=None)
    assert answer.status == 200, answer.body
    assert answer.headers["set-cookie"].startswith("__Host-autograph=")
    assert (await shown(call, key)).slug == "passkey-refused"


async def test_what_browsers_are_asked(call, ada, phone):
    """Names, origin and wishes are those of the installation's address; known passkeys are not made twice."""
    first = (await ada("POST", "/api/auth/passkeys/options", {})).json()["public_key"]
    assert first["rp"] == {"id": "draw.example.org", "name": "AutoGraph"}
    assert (first["user"]["name"], first["user"]["displayName"]) == ("ada@example.org", "Ada")
    assert first["attestation"] == "none"
    assert first["authenticatorSelection"]["residentKey"] == "preferred"
    assert first["excludeCredentials"] == []
    made = (await added(ada, phone)).json()
    second = (await ada("POST", "/api/auth/passkeys/options", {})).json()["public_key"]
    assert [one["id"] for one in second["excludeCredentials"]] == [made["id"]]
    alone = (await call("POST", LOGIN + "/options", {})).json()["public_key"]
    assert (alone["rpId"], alone["userVerification"]) == ("draw.example.org", "required")
    assert alone["allowCredentials"] == []
    body = {"mfa_token": (await login(call)).json()["mfa_token"]}
    after = (await call("POST", LOGIN + "/options", body)).json()["public_key"]
    assert after["userVerification"] == "preferred"
    assert [one["id"] for one in after["allowCredentials"]] == [made["id"]]
    assert len({first["challenge"], second["challenge"], alone["challenge"], after["challenge"]}) == 4


async def test_challenges_are_kept_as_hashes(call, ada, database):
    """Nothing in the database can be answered."""
    options = (await ada("POST", "/api/auth/passkeys/options", {})).json()["public_key"]
    async with database.read() as connection:
        kept = (await connection.execute(select(links))).all()
    assert options["challenge"] not in str(kept)


async def test_ones_passkeys_are_listed_renamed_and_removed(call, ada, phone, database, clock):
    """The last one's end ends the wish for it; every change is told to the owner and to the log."""
    made = (await added(ada, phone)).json()
    assert (made["name"], made["is_backed_up"], made["transports"]) == ("phone", True, ["hybrid", "internal"])
    await shown(call, phone)
    path = f"/api/auth/passkeys/{made['id']}"
    renamed = await ada("PATCH", path, {"name": " my phone "})
    assert (renamed.status, renamed.json()["name"]) == (200, "my phone")
    assert (await ada("PATCH", path, {"name": "\x00"})).wrong_fields == {"name"}
    listed = (await ada("GET", "/api/auth/passkeys")).json()["items"]
    assert [(one["id"], one["name"]) for one in listed] == [(made["id"], "my phone")]
    assert listed[0]["last_used_at"] is not None
    assert (await ada("GET", "/api/auth/mfa")).json() == {
        "methods": ["passkey"],
        "totp_enabled": False,
        "backup_codes_left": 0,
        "passkeys": 1,
        "passkeys_available": True,
        "is_required": False,
    }
    assert (await ada("DELETE", path, {"current_password": PASSWORD})).status == 204
    assert (await ada("GET", "/api/auth/passkeys")).json()["items"] == []
    assert "access_token" in (await login(call)).json()
    assert (await shown(call, phone)).slug == "passkey-refused"
    told = [text for _, text in await mails(call)]
    assert ["removed" in told[0], "added" in told[1]] == [True] * 2
    async with database.read() as connection:
        query = select(audit_records.c.event).order_by(audit_records.c.number)
        events = (await connection.execute(query)).scalars().all()
    wanted = ["passkey.added", "passkey.renamed", "passkey.removed"]
    assert [event for event in events if event.startswith("passkey.")] == wanted


async def test_the_first_second_factor_ends_other_sessions_and_the_last_one_too(call, ada, phone):
    """As with codes: whoever came in with less is out."""
    other = (await login(call)).json()["access_token"]
    made = (await added(ada, phone)).json()
    assert (await call("POST", "/internal/identify", {"bearer": other})).status == 401
    second = (await added(ada, Authenticator(URL), "key")).json()
    other = (await shown(call, phone)).json()["access_token"]
    await ada("DELETE", f"/api/auth/passkeys/{second['id']}", {"current_password": PASSWORD})
    assert (await call("POST", "/internal/identify", {"bearer": other})).status == 200
    await ada("DELETE", f"/api/auth/passkeys/{made['id']}", {"current_password": PASSWORD})
    assert (await call("POST", "/internal/identify", {"bearer": other})).status == 401


async def test_changing_them_wants_the_password_or_a_fresh_session(call, ada, phone, clock):
    """Whoever finds an open browser neither adds one of theirs nor removes one."""
    made = (await added(ada, phone)).json()
    token = (await shown(call, phone)).json()["access_token"]
    clock.wind(minutes=5)
    ada = await signed_in(call, token)
    path = f"/api/auth/passkeys/{made['id']}"
    assert (await ada("POST", "/api/auth/passkeys/options", {})).slug == "session-too-old"
    wrong = {"current_password": "wrong"}
    assert (await ada("POST", "/api/auth/passkeys/options", wrong)).slug == "wrong-credentials"
    assert (await ada("DELETE", path)).slug == "session-too-old"
    assert (await ada("DELETE", path, wrong)).slug == "wrong-credentials"
    assert len((await ada("GET", "/api/auth/passkeys")).json()["items"]) == 1


async def test_an_account_has_twenty_at_most(ada, call):
    """Then one must go first."""
    answers = [await added(ada, Authenticator(URL), f"key {n}") for n in range(20)]
    assert {answer.status for answer in answers} == {201}
    assert (await ada("POST", "/api/auth/passkeys/options", {})).slug == "too-many-passkeys"


async def test_where_a_second_factor_is_required_a_passkey_is_enough(make_auth, code_of, phone):
    """It lets the first administrator do everything, signs in alone, and the last one stays."""
    call = Caller(make_auth(public_url=URL, mfa="required"))
    begun = await call("POST", "/api/auth/first-run", {**ADA, "code": await code_of(call.app)})
    cookie = begun.headers["set-cookie"].split(";")[0].partition("=")[2]

    async def now():
        proof = (await call("POST", "/internal/identify", {"cookie": cookie})).json()["assertion"]
        return Caller(call.app, {"x-autograph-identity": proof})

    assert (await (await now())("GET", "/api/auth/me")).json()["mfa_setup_required"] is True
    made = (await added(await now(), phone)).json()
    me = (await (await now())("GET", "/api/auth/me")).json()
    assert (me["mfa_setup_required"], me["session"]["methods"]) == (False, ["password", "passkey"])
    assert "people:manage" in me["user"]["permissions"]
    body = {"current_password": PASSWORD}
    removed = await (await now())("DELETE", f"/api/auth/passkeys/{made['id']}", body)
    assert removed.slug == "mfa-required"
    ada = await signed_in(call, (await shown(call, phone)).json()["access_token"])
    assert (await ada("GET", "/api/auth/me")).json()["mfa_setup_required"] is False


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("https://draw.example.org:443", "draw.example.org", "https://draw.example.org"),
        ("https://Draw.Example.ORG:8443", "draw.example.org", "https://draw.example.org:8443"),
        ("http://localhost:8080", "localhost", "http://localhost:8080"),
        ("https://b\u00fccher.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
async def test_addresses_that_browsers_make_passkeys_for(make_auth, url, host, origin):
    """The party is the host, the origin what browsers write for it."""
    call = Caller(make_auth(public_url=url, registration="open"))
    await call("POST", "/api/auth/register", ADA)
    ada = await signed_in(call, (await login(call)).json()["access_token"])
    assert (await call("GET", "/api/auth/providers")).json()["passkeys_available"] is True
    key = Authenticator(origin)
    assert (await added(ada, key)).status == 201
    assert key.held[0].rp_id == host
    assert (await shown(call, key)).status == 200


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://[::1]:8443", "http://draw.example.org"])
async def test_addresses_that_browsers_make_no_passkeys_for(make_auth, url):
    """By number or in the clear: it is said, before anything else is asked."""
    call = Caller(make_auth(public_url=url, registration="open"))
    await call("POST", "/api/auth/register", ADA)
    ada = await signed_in(call, (await login(call)).json()["access_token"])
    assert (await call("GET", "/api/auth/providers")).json()["passkeys_available"] is False
    assert (await ada("GET", "/api/auth/mfa")).json()["passkeys_available"] is False
    wrong = {"current_password": "wrong"}
    assert (await ada("POST", "/api/auth/passkeys/options", wrong)).slug == "passkeys-unavailable"
    assert (await call("POST", LOGIN + "/options", {})).slug == "passkeys-unavailable"


async def test_only_a_public_half_is_kept(call, ada, phone, database):
    """Its key verifies and signs nothing."""
    await added(ada, phone)
    async with database.read() as connection:
        kept = (await connection.execute(select(passkeys))).one()
    secret = phone.held[0].key.private_numbers().private_value.to_bytes(32, "big")
    assert secret not in kept.public_key


@pytest.fixture
def strict(make_auth):
    """An installation that wants a second factor of everybody, at an address for which browsers make passkeys."""
    return Caller(make_auth(URL, registration="open", mfa="required"))


async def enrolled(call, token, authenticator, bound_to=None):
    """Set a first passkey up in the middle of a sign-in."""
    options = await call("POST", "/api/auth/passkeys/enrol/options", {"mfa_token": bound_to or token})
    credential = authenticator.create(options.json()["public_key"])
    body = {"mfa_token": token, "credential": credential, "name": "phone"}
    return await call("POST", "/api/auth/passkeys/enrol", body)


async def test_a_sign_in_that_wants_a_second_factor_takes_a_passkey(strict, phone):
    """It opens the session as it was asked for, tells the owner, and is wanted from then on."""
    await strict("POST", "/api/auth/register", ADA)
    step = (await login(strict, cookie=True, remember_me=True)).json()
    done = await enrolled(strict, step["mfa_token"], phone)
    assert done.status == 200, done.body
    assert "Max-Age=2592000" in done.headers["set-cookie"]
    ada = await by_cookie(strict, done)
    me = (await ada("GET", "/api/auth/me")).json()
    assert (me["session"]["methods"], me["mfa_setup_required"]) == (["password", "passkey"], False)
    assert [to for to, _ in await mails(strict)] == ["ada@example.org"]
    assert (await login(strict)).json()["methods"] == ["passkey"]
    assert (await shown(strict, phone)).status == 200


async def test_a_sign_in_sets_up_no_second_passkey(strict, phone):
    """Whoever knows the password of somebody who has one adds none, uses no sign-in twice, and no other's question."""
    await strict("POST", "/api/auth/register", ADA)
    first, second, third = [(await login(strict)).json()["mfa_token"] for _ in range(3)]
    assert (await enrolled(strict, second, phone, bound_to=third)).slug == "passkey-too-late"
    options = (await strict("POST", "/api/auth/passkeys/enrol/options", {"mfa_token": second})).json()
    late = {"mfa_token": second, "name": "x", "credential": phone.create(options["public_key"])}
    assert (await enrolled(strict, first, Authenticator(URL))).status == 200
    for token, slug in ((first, "second-step-worthless"), (second, "mfa-enabled")):
        answer = await strict("POST", "/api/auth/passkeys/enrol/options", {"mfa_token": token})
        assert answer.slug == slug
    assert (await strict("POST", "/api/auth/passkeys/enrol", late)).slug == "mfa-enabled"


async def test_what_was_opened_before_the_first_passkey_ends(make_auth, strict, phone):
    """Sessions from before the installation wanted more end with it."""
    before = Caller(make_auth(URL, registration="open"))
    await before("POST", "/api/auth/register", ADA)
    token = (await login(before)).json()["access_token"]
    assert (await enrolled(strict, (await login(strict)).json()["mfa_token"], phone)).status == 200
    assert (await strict("POST", "/internal/identify", {"bearer": token})).status == 401
