"""A passkey opens what it was made for, asked by our own page, just now, once; and nothing else."""

import asyncio

import cbor2
import pytest
from sqlalchemy import select, update
from tests.api.auth.mfa.conftest import ADA, PASSWORD, URL, login, mails, signed_in, verify
from tests.api.auth.mfa.keys import LOGIN, added, asked, shown
from tests.authenticator import Authenticator, plain, text
from tests.caller import Caller
from tests.identity import HEADER, assertion

from autograph.auth.tables import audit_records, passkeys, users

pytestmark = pytest.mark.feature("auth.passkeys")

WRONG = {
    "another origin": {"origin": "https://evil.example"},
    "an origin that begins like ours": {"origin": "https://draw.example.org.evil.example"},
    "a page below our host": {"origin": "https://x.draw.example.org"},
    "another port": {"origin": "https://draw.example.org:8443"},
    "in the clear": {"origin": "http://draw.example.org"},
    "no origin": {"origin": "null"},
    "inside another page": {"cross_origin": True},
    "for another host": {"rp_id": "evil.example"},
    "for our parent": {"rp_id": "example.org"},
    "nobody there": {"is_present": False},
    "an answer to something else": {"type": "payment.get"},
}


@pytest.fixture
async def eve(call):
    """Somebody else, with a passkey of her own."""
    await call("POST", "/api/auth/register", {**ADA, "email": "eve@example.org", "name": "Eve"})
    asker = await signed_in(call, (await login(call, email="eve@example.org")).json()["access_token"])
    asker.phone = Authenticator(URL)
    assert (await added(asker, asker.phone)).status == 201
    return asker


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_only_what_our_own_page_asked_for_is_kept(ada, phone, wrong):
    """Everything else makes no passkey, and says which field is wrong."""
    assert (await added(ada, phone, **wrong)).wrong_fields == {"credential"}
    assert (await ada("GET", "/api/auth/passkeys")).json()["items"] == []


@pytest.mark.parametrize(
    "wrong",
    [*WRONG.values(), {"verifies": False}, {"user_handle": None}, {"user_handle": b"x"}, {"signature": b"x"}],
    ids=[*WRONG, "no finger", "nobody's", "somebody's", "no signature"],
)
async def test_only_what_our_own_page_asked_for_signs_in(call, ada, phone, wrong):
    """The right key does not help; afterwards it does."""
    await added(ada, phone)
    assert (await shown(call, phone, **wrong)).slug == "passkey-refused"
    assert (await shown(call, phone)).status == 200


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_only_what_our_own_page_asked_for_is_a_second_factor(call, ada, phone, wrong):
    """After the password as well; the sign-in goes on waiting."""
    await added(ada, phone)
    more = {"mfa_token": (await login(call)).json()["mfa_token"]}
    assert (await shown(call, phone, more, **wrong)).slug == "passkey-refused"
    assert (await shown(call, phone, more)).status == 200


async def test_an_answer_works_once(call, ada, phone):
    """Sent twenty times at once, one session opens; a refused answer cannot be mended either."""
    await added(ada, phone)
    body = {"credential": phone.get(await asked(call))}
    answers = await asyncio.gather(*(call("POST", LOGIN, body) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] + [403] * 19
    assert {answer.slug for answer in answers if answer.status == 403} == {"passkey-too-late"}
    options = await asked(call)
    for wrong, slug in (({"origin": "https://evil.example"}, "passkey-refused"), ({}, "passkey-too-late")):
        assert (await call("POST", LOGIN, {"credential": phone.get(options, **wrong)})).slug == slug


async def test_a_question_is_good_for_five_minutes(call, ada, phone, clock):
    """After that another is asked."""
    options = (await ada("POST", "/api/auth/passkeys/options", {})).json()["public_key"]
    await added(ada, phone)
    alone = await asked(call)
    clock.wind(minutes=5)
    ada = await signed_in(call, (await shown(call, phone)).json()["access_token"])
    assert (await call("POST", LOGIN, {"credential": phone.get(alone)})).slug == "passkey-too-late"
    body = {"credential": Authenticator(URL).create(options), "name": "x"}
    assert (await ada("POST", "/api/auth/passkeys", body)).slug == "passkey-too-late"


async def test_a_question_is_answered_for_what_it_was_asked(call, ada, phone, eve):
    """Six ways to use one for something else, each of which wastes it."""
    await added(ada, phone)
    tokens = [(await login(call)).json()["mfa_token"] for _ in range(2)]
    eves = (await login(call, email="eve@example.org")).json()["mfa_token"]
    register = (await ada("POST", "/api/auth/passkeys/options", {})).json()["public_key"]
    # somebody else's session, or another one of one's own, answers what this one was asked
    body = {"credential": eve.phone.create(register), "name": "x"}
    assert (await eve("POST", "/api/auth/passkeys", body)).slug == "passkey-too-late"
    register = (await ada("POST", "/api/auth/passkeys/options", {})).json()["public_key"]
    again = await signed_in(call, (await shown(call, phone)).json()["access_token"])
    body = {"credential": Authenticator(URL).create(register), "name": "x"}
    assert (await again("POST", "/api/auth/passkeys", body)).slug == "passkey-too-late"
    # a sign-in alone by what was asked after a password, and the other way round
    body = {"credential": phone.get(await asked(call, tokens[0]))}
    assert (await call("POST", LOGIN, body)).slug == "passkey-too-late"
    body = {"credential": phone.get(await asked(call)), "mfa_token": tokens[0]}
    assert (await call("POST", LOGIN, body)).slug == "passkey-too-late"
    # another sign-in's question, one's own and somebody else's
    for asked_by in (tokens[1], eves):
        options = {**await asked(call, asked_by), "allowCredentials": []}
        body = {"credential": phone.get(options), "mfa_token": tokens[0]}
        assert (await call("POST", LOGIN, body)).slug == "passkey-too-late"


async def test_somebody_elses_passkey_is_no_second_factor(call, ada, phone, eve, database):
    """Eve knows Ada's password and holds a passkey of her own: it is refused, whoever she says to be."""
    await added(ada, phone)
    token = (await login(call)).json()["mfa_token"]
    async with database.read() as connection:
        ada_id = await connection.scalar(select(users.c.id).where(users.c.email == ADA["email"]))
    for handle in (eve.phone.held[0].user_handle, ada_id.encode(), None):
        options = {**await asked(call, token), "allowCredentials": []}
        body = {"credential": eve.phone.get(options, user_handle=handle), "mfa_token": token}
        assert (await call("POST", LOGIN, body)).slug == "passkey-refused"


async def test_a_signature_of_another_key_is_none(call, ada, phone, eve):
    """Ada's credential id with Eve's key, in a sign-in alone."""
    await added(ada, phone)
    options = await asked(call)
    forged = eve.phone.get(options, user_handle=phone.held[0].user_handle)
    forged["id"] = forged["rawId"] = text(phone.held[0].id)
    assert (await call("POST", LOGIN, {"credential": forged})).slug == "passkey-refused"


async def test_a_known_passkey_is_not_taken_over(call, ada, phone, eve):
    """Registering its id again, with another key, changes nothing for its owner, nor for Eve."""
    await added(ada, phone)
    taken = await added(eve, Authenticator(URL), id=phone.held[0].id)
    assert taken.slug == "passkey-known"
    assert (await shown(call, phone)).json()["user"]["email"] == "ada@example.org"
    assert len((await eve("GET", "/api/auth/passkeys")).json()["items"]) == 1


async def test_somebody_elses_passkeys_are_not_there(call, ada, phone, eve):
    """To look at, rename or remove: 404, the same as for none."""
    made = (await added(ada, phone)).json()
    for passkey_id in (made["id"], "AAAA", "!", "x" * 1400):
        path = f"/api/auth/passkeys/{passkey_id}"
        assert (await eve("PATCH", path, {"name": "mine"})).slug == "not-found"
        assert (await eve("DELETE", path, {"current_password": PASSWORD})).slug == "not-found"
    assert (await ada("GET", "/api/auth/passkeys")).json()["items"][0]["name"] == "phone"


@pytest.mark.parametrize(("kept", "said", "status"), [(7, 8, 200), (7, 7, 401), (7, 6, 401), (7, 0, 401), (0, 0, 200)])  # fmt: skip
async def test_a_count_that_does_not_rise_is_a_copy(call, ada, phone, database, kept, said, status):
    """It is refused, and told to the owner and to the log; one that never counts is none."""
    await added(ada, phone, count=kept)
    answer = await shown(call, phone, count=said)
    assert answer.status == status
    told = [text for _, text in await mails(call) if "copy" in text]
    async with database.read() as connection:
        query = select(audit_records.c.details).where(audit_records.c.event == "passkey.copied")
        details = (await connection.execute(query)).scalars().all()
        count = await connection.scalar(select(passkeys.c.sign_count))
    if status == 200:
        assert (told, details, count) == ([], [], said)
    else:
        assert answer.slug == "passkey-refused"
        assert (len(told), count) == (1, kept)
        assert (details[0]["count"], details[0]["before"]) == (said, kept)


async def test_of_two_that_say_the_same_count_one_comes_in(call, ada):
    """An authenticator and its copy at the same moment."""
    key = Authenticator(URL)
    await added(ada, key)
    bodies = [{"credential": key.get(await asked(call), count=5)} for _ in range(6)]
    answers = await asyncio.gather(*(call("POST", LOGIN, body) for body in bodies))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 5


@pytest.mark.parametrize(
    ("change", "slug"), [("disabled_at", "account-disabled"), ("verified_at", "not-verified")]
)
@pytest.mark.parametrize("is_second", [False, True])
async def test_a_passkey_asks_what_a_password_asks(
    make_auth, ada, phone, database, clock, change, slug, is_second
):
    """An account that is disabled, or whose address is not confirmed, stays out; nothing counts as wrong."""
    await added(ada, phone)
    strict = {"verification": "required", "tries_per_address": 5}
    call = Caller(make_auth(public_url=URL, **strict), {"x-forwarded-for": "192.0.2.7"})
    more = {"mfa_token": (await login(call)).json()["mfa_token"]} if is_second else {}
    questions = [await asked(call, more.get("mfa_token")) for _ in range(7)]
    value = clock.now() if change == "disabled_at" else None
    async with database.begin() as connection:
        await connection.execute(update(users).values(**{change: value}))
    for options in questions:
        answer = await call("POST", LOGIN, {"credential": phone.get(options), **more})
        assert (answer.status, answer.slug) == (403, slug)


@pytest.mark.feature("auth.throttle")
async def test_wrong_passkeys_count_with_wrong_passwords(make_auth, ada, phone):
    """Alone by where they come from; after the password at the account as codes do. Late ones do not count."""
    await added(ada, phone)
    call = Caller(make_auth(public_url=URL, tries_per_address=5), {"x-forwarded-for": "192.0.2.7"})
    options = await asked(call)
    for _ in range(7):
        late = await call("POST", LOGIN, {"credential": phone.get({**options, "challenge": "AAAA"})})
        assert late.slug == "passkey-too-late"
    slugs = [(await shown(call, phone, signature=b"x")).slug for _ in range(6)]
    assert slugs == ["passkey-refused"] * 5 + ["too-many-attempts"]
    assert (await login(call)).slug == "too-many-attempts"
    elsewhere = Caller(call.app, {"x-forwarded-for": "192.0.2.8"})
    assert (await shown(elsewhere, phone)).status == 200


@pytest.mark.feature("auth.throttle")
async def test_second_factors_of_every_kind_are_counted_together(call, ada, phone):
    """Three wrong passkeys, two wrong codes, then right ones must wait, too; alone the passkey still comes in."""
    await added(ada, phone)
    token = (await login(call)).json()["mfa_token"]
    more = {"mfa_token": token}
    slugs = [(await shown(call, phone, more, signature=b"x")).slug for _ in range(3)]
    slugs += [(await verify(call, token, "000000")).slug for _ in range(2)]
    assert slugs == ["passkey-refused"] * 3 + ["wrong-code"] * 2
    assert (await shown(call, phone, more)).slug == "too-many-attempts"
    assert (await shown(call, phone)).status == 200


@pytest.mark.parametrize("token", ["none", "", "x" * 8000])
async def test_without_a_password_there_is_no_second_step(call, ada, phone, token):
    """A token that nobody was given asks for nothing; an empty one is none."""
    await added(ada, phone)
    answer = await call("POST", LOGIN + "/options", {"mfa_token": token})
    if token:
        assert answer.slug == "second-step-worthless"
    else:
        assert answer.json()["public_key"]["allowCredentials"] == []


async def test_who_has_no_passkey_is_asked_for_none(call, secret):
    """Where codes are the second factor."""
    token = (await login(call)).json()["mfa_token"]
    assert (await call("POST", LOGIN + "/options", {"mfa_token": token})).slug == "not-found"


KEYS = {
    "no point of the curve": {1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32},
    "another curve": {1: 2, 3: -7, -1: 3, -2: b"\x01" * 66, -3: b"\x02" * 66},
    "a short RSA key": {1: 3, 3: -257, -1: b"\xc5" + b"\x11" * 126 + b"\x01", -2: b"\x01\x00\x01"},
    "SHA-1": {1: 3, 3: -65535, -1: b"\xc5" * 256, -2: b"\x01\x00\x01"},
    "a name for another": {1: 2, 3: -257, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32},
    "no key": {1: 2},
    "no map": [1, 2],
    "nothing": {},
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
async def test_keys_that_verify_nothing_are_not_kept(ada, phone, key):
    """They would lock their owner out, or let somebody else in."""
    assert (await added(ada, phone, key=key)).wrong_fields == {"credential"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"fmt": "android-safetynet", "statement": {"ver": "1", "response": b"x"}},
        {"fmt": "tpm"}, {"fmt": "packed"}, {"fmt": 7}, {"statement": {"sig": b"x"}}, {"id": b"short"},
        {"id": b"x" * 1024}, {"attestation": b"\xff"}, {"attestation": b"\x81" * 5000},
        {"attestation": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"x" * 40})},
        {"attestation": b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"}, {"attestation": b"\x5b\x00\x00\x00\xff\x00\x00\x00\x00"},
    ],
)  # fmt: skip
async def test_attestations_that_were_not_asked_for_are_refused(ada, phone, wrong):
    """Other kinds, bombs and garbage: a 422 that names the field."""
    assert (await added(ada, phone, **wrong)).wrong_fields == {"credential"}


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 30_000, b'{"type":1,"challenge":2,"origin":3}']
)
async def test_client_data_that_is_none_is_refused(call, ada, phone, data):
    """Whatever stands where a browser's words should be: refused, never a fault."""
    await added(ada, phone)
    credential = phone.get(await asked(call))
    credential["response"]["clientDataJSON"] = text(data)
    assert (await call("POST", LOGIN, {"credential": credential})).slug in {
        "passkey-refused", "passkey-too-late"
    }  # fmt: skip
    options = (await ada("POST", "/api/auth/passkeys/options", {})).json()["public_key"]
    credential = Authenticator(URL).create(options)
    credential["response"]["clientDataJSON"] = text(data)
    answer = await ada("POST", "/api/auth/passkeys", {"credential": credential, "name": "x"})
    assert answer.slug in {"invalid", "passkey-too-late"}


async def test_a_broken_answer_is_never_a_fault(make_auth, ada, phone):
    """Every byte of an answer's data changed, cut or doubled: refused, and the next right one comes in."""
    await added(ada, phone)
    call = Caller(make_auth(public_url=URL))
    for field in ("authenticatorData", "signature"):
        whole = plain(phone.get(await asked(call))["response"][field])
        for at in range(0, len(whole), 3):
            for broken in (
                whole[:at],
                whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :],
                whole + whole[at:],
            ):
                credential = phone.get(await asked(call))
                credential["response"][field] = text(broken)
                answer = await call("POST", LOGIN, {"credential": credential})
                assert answer.slug == "passkey-refused"
    assert (await shown(call, phone)).status == 200


async def test_somebody_whose_factors_were_reset_has_no_passkey(call, ada, phone, code_of):
    """The passkey opens nothing any more, not even with a question that was asked before."""
    body = {"email": "root@example.org", "name": "Root", "password": PASSWORD}
    await call("POST", "/api/auth/first-run", {**body, "code": await code_of(call.app)})
    await added(ada, phone)
    token = (await login(call, email="root@example.org")).json()["access_token"]
    root = await signed_in(call, token)
    options = await asked(call, (await login(call)).json()["mfa_token"])
    ada_id = (await shown(call, phone)).json()["user"]["id"]
    assert (await root("POST", f"/api/auth/admin/users/{ada_id}/reset-mfa")).json()["has_passkey"] is False
    assert (await shown(call, phone)).slug == "passkey-refused"
    assert (await call("POST", LOGIN, {"credential": phone.get(options)})).slug == "passkey-too-late"
    assert "access_token" in (await login(call)).json()


async def test_a_key_neither_adds_nor_removes_passkeys(call, ada, phone, keys, clock):
    """What its owner signs in with is not an API key's business."""
    made = (await added(ada, phone)).json()
    by_key = Caller(call.app, {HEADER: assertion(keys, clock, "ada", session_id="", key_id="key of ada")})
    path = f"/api/auth/passkeys/{made['id']}"
    assert (await by_key("POST", "/api/auth/passkeys/options", {})).slug == "forbidden"
    assert (await by_key("PATCH", path, {"name": "x"})).slug == "forbidden"
    assert (await by_key("DELETE", path)).slug == "forbidden"
