"""Somebody erases their account: everything of theirs is gone, at once, whatever happens meanwhile."""

import asyncio

import pyotp
import pytest
from sqlalchemy import func, select
from tests.api.auth.privacy.conftest import PASSWORD
from tests.caller import Caller

from autograph.auth.leaving import LATE
from autograph.auth.tables import audit_records, erasures, users
from autograph.auth.throttle import account_key
from autograph.core.problem import Unavailable

pytestmark = pytest.mark.feature("security.privacy")

EVENTS_THAT_STAY = {"audit_records", "document_versions", "documents", "flags", "erasures"}


async def test_nothing_of_theirs_is_left(ada, root, call, traces, rooms, clock, somebody):
    """Every table and object is searched for address, name, device, place, titles and texts; ids stay where said."""
    bob = await somebody("Bob")
    await ada.drawn("Zebra plan", versions=2)
    await ada.drawn("Yak sketch", trashed=True)
    await ada("POST", "/api/auth/api-keys", {"name": "quokka", "scopes": ["read"]})
    team = (await ada("POST", "/api/auth/teams", {"name": "Drawers"})).json()
    await ada("POST", f"/api/auth/teams/{team['id']}/members", {"user_id": bob.id})
    await ada("POST", "/api/auth/invitations", {"emails": ["new@example.org"], "team_id": team["id"]})
    await root("POST", "/api/auth/invitations", {"emails": [ada.email], "team_id": team["id"]})
    flag = {"expected_version": 0, "allow": [ada.id, "Ada@Example.org", bob.email], "percentage": 0}
    await root("PUT", "/api/admin/feature-flags/next-thing", flag)
    await ada(
        "POST", "/api/auth/email/change", {"email": "lovelace@example.org", "current_password": PASSWORD}
    )
    await call("POST", "/api/auth/password-reset/request", {"email": ada.email})
    await asyncio.gather(*rooms.auth.state.recovery._later)
    await call("POST", "/api/auth/login", {"email": ada.email, "password": "wrong"})
    for mail in (await root("GET", "/api/auth/admin/mails")).json()["items"]:
        await root("GET", f"/api/auth/admin/mails/{mail['id']}")
    theirs = (
        ada.email, account_key(ada.email), "lovelace@example.org", '"name": "ada"', "browser of ada", "203.0.113.9", "zebra", "yak", "quokka",
    )  # fmt: skip
    assert {word for _, word in await traces(*theirs)} == set(theirs)
    # Bob and the administrator share the address; what they did stays theirs
    theirs = tuple(word for word in theirs if word != "203.0.113.9")

    answer = await ada.erase()

    assert answer.status == 200, answer.body
    assert answer.json()["documents"] == 2
    assert await traces(*theirs) == set()
    assert {table for table, _ in await traces(ada.id)} <= EVENTS_THAT_STAY
    clock.wind(seconds=LATE.total_seconds())
    assert await rooms.auth.state.leaving.round() == 1
    assert {table for table, _ in await traces(ada.id)} == {"audit_records"}
    flags = (await root("GET", "/api/admin/feature-flags/next-thing")).json()
    assert (flags["allow"], flags["version"]) == ([bob.email], 2)


async def test_the_audit_log_keeps_its_chain_and_says_who_left(ada, root, database):
    """Every record stays, the chain holds, what was personal is counted as erased; others' places stay."""
    await ada.drawn("Shop")
    async with database.read() as connection:
        before = await connection.scalar(select(func.count()).select_from(audit_records))

    await ada.erase()

    verdict = (await root("GET", "/api/auth/admin/audit-logs/verify")).json()
    assert (verdict["is_whole"], verdict["is_finished"]) == (True, True)
    assert verdict["records"] > before
    assert verdict["erased"] > 0
    [erased] = (await root("GET", "/api/auth/admin/audit-logs?event=account.erased")).json()["items"]
    assert (erased["actor"]["id"], erased["actor"]["name"]) == (ada.id, None)
    assert (erased["address"], erased["device"]) == ("", "")
    listed = (await root("GET", "/api/auth/admin/audit-logs?event=audit")).json()["items"]
    assert {one["device"] for one in listed} == {"Browser of Root"}


async def test_it_ends_every_way_in_at_once(ada, call, sign_in, identify):
    """Sessions, tokens, keys and links open nothing from the answer on, and the cookie is taken back."""
    key = (await ada("POST", "/api/auth/api-keys", {"name": "k", "scopes": ["read"]})).json()["key"]
    other = (await sign_in(ada.email, PASSWORD)).json()
    assert (await ada("GET", "/api/auth/me")).status == 200

    answer = await ada.erase()

    assert "Max-Age=0" in answer.headers["set-cookie"]
    for credential in (ada.token, other["access_token"], key):
        assert (await identify(bearer=credential)).status == 401
    again = await call("POST", "/api/auth/refresh", {"refresh_token": other["refresh_token"]})
    assert again.status == 401
    assert (await sign_in(ada.email, PASSWORD)).slug == "wrong-credentials"
    assert (await ada("GET", "/api/auth/me")).status == 401


async def test_it_asks_who_one_is_once_more(ada, clock):
    """A wrong password is refused and counts; without one only a session of the last five minutes does."""
    assert (await ada.erase(current_password="wrong")).slug == "wrong-credentials"
    clock.wind(minutes=5)
    assert (await ada.erase(current_password="")).slug == "session-too-old"
    for _ in range(4):
        await ada.erase(current_password="wrong")
    assert (await ada.erase()).slug == "too-many-attempts"
    assert (await ada("GET", "/api/auth/me")).status == 200


async def test_a_fresh_session_will_do_in_place_of_a_password(ada):
    """Who signs in by a provider alone proves it so."""
    assert (await ada.erase(current_password="")).status == 200


async def test_a_second_factor_is_asked_for_too(ada, clock, sign_in, call):
    """The password alone does not erase an account that has an app: a code does, a used or a wrong one does not."""
    app = (await ada("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).json()
    code = pyotp.TOTP(app["secret"])
    enabled = await ada("POST", "/api/auth/mfa/enable", {"code": code.at(int(clock.now().timestamp()))})
    clock.wind(minutes=6)

    prospect = (await ada("GET", "/api/auth/gdpr/erasure")).json()
    assert prospect["second_factors"] == ["totp", "backup_code"]
    assert (await ada.erase()).slug == "second-factor-wanted"
    assert (await ada.erase(code="000000")).slug == "wrong-code"
    assert (
        await ada.erase(current_password="wrong", code=code.at(int(clock.now().timestamp())))
    ).status == 401
    assert (await ada.erase(code=enabled.json()["backup_codes"][0])).status == 200


async def test_a_session_that_was_just_opened_with_a_second_factor_is_enough(ada, clock, call):
    """Whoever has only passkeys signs in with one, and may then erase for five minutes."""
    app = (await ada("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).json()
    code = pyotp.TOTP(app["secret"])
    await ada("POST", "/api/auth/mfa/enable", {"code": code.at(int(clock.now().timestamp()))})
    clock.wind(minutes=6)
    first = await call("POST", "/api/auth/login", {"email": ada.email, "password": PASSWORD})
    body = {"mfa_token": first.json()["mfa_token"], "code": code.at(int(clock.now().timestamp()))}
    ada.token = (await call("POST", "/api/auth/mfa/verify", body)).json()["access_token"]

    assert (await ada.erase()).status == 200


async def test_the_last_administrator_stays(root, ada, somebody):
    """Nobody to run the installation is no way to leave; with a second one it is."""
    assert (await root("GET", "/api/auth/gdpr/erasure")).json()["is_last_administrator"] is True
    assert (await root.erase()).slug == "last-administrator"
    assert (await root("GET", "/api/auth/me")).status == 200
    second = await somebody("Second", "admin")

    answers = await asyncio.gather(root.erase(), second.erase())

    assert sorted(answer.status for answer in answers) == [200, 409]


async def test_what_is_to_become_of_documents_must_be_said(ada, root):
    """No documents are lost by a field left out, and none go to a stranger, to nobody, or back to oneself."""
    body = {"current_password": PASSWORD}
    assert (await ada("POST", "/api/auth/gdpr/erase", body)).wrong_fields == {"documents_to"}
    for to in (root.id, ada.id, "none", "x" * 65):
        assert (await ada.erase(documents_to=to)).wrong_fields == {"documents_to"}
    assert (await ada("GET", "/api/auth/me")).status == 200


async def test_documents_go_to_somebody_of_ones_team(ada, somebody, traces):
    """With all versions, which name their author by id; nothing else of the author stays with them."""
    bob = await somebody("Bob")
    team = (await ada("POST", "/api/auth/teams", {"name": "Drawers"})).json()
    await ada("POST", f"/api/auth/teams/{team['id']}/members", {"user_id": bob.id})
    document = await ada.drawn("Shop", versions=2)

    answer = await ada.erase(documents_to=bob.id)

    assert answer.json()["documents"] == 1
    kept = (await bob("GET", f"/api/diagrams/{document}/versions")).json()["items"]
    assert {one["author_id"] for one in kept} == {ada.id}
    assert await traces(ada.email) == set()


async def test_teams_go_to_whoever_follows(ada, somebody):
    """The first admin, else the first member, never a guest; a team of oneself alone is gone; a shared one goes on."""
    bob, cleo = await somebody("Bob"), await somebody("Cleo")

    async def team(name, *people):
        made = (await ada("POST", "/api/auth/teams", {"name": name})).json()["id"]
        for who, role in people:
            where = f"/api/auth/teams/{made}/members"
            assert (await ada("POST", where, {"user_id": who.id, "role": role})).status == 201
        return made

    led = await team("Led", (bob, "member"), (cleo, "admin"))
    shared = await team("Shared", (bob, "owner"))
    await team("Alone")
    await team("Guests", (cleo, "guest"))

    prospect = (await ada("GET", "/api/auth/gdpr/erasure")).json()
    told = {one["name"]: one["heir"] for one in prospect["teams"]}
    assert told == {"Led": cleo.id, "Alone": None, "Guests": None}
    assert (await ada.erase()).json()["teams"] == prospect["teams"]

    assert (await cleo("GET", f"/api/auth/teams/{led}")).json()["role"] == "owner"
    left = (await bob("GET", "/api/auth/teams")).json()["items"]
    assert {(one["name"], one["role"], one["members"]) for one in left} == {
        ("Led", "member", 2), ("Shared", "owner", 1),
    }  # fmt: skip
    assert shared in {one["id"] for one in left}
    assert [one["name"] for one in (await cleo("GET", "/api/auth/teams")).json()["items"]] == ["Led"]


async def test_of_two_at_once_one_erases(ada, database, rooms):
    """Twenty calls at the same moment: one answer says so, one record, and nothing breaks."""
    await ada.drawn("Shop")

    answers = await asyncio.gather(*(ada.erase(current_password="") for _ in range(20)))

    assert sorted({answer.status for answer in answers}) == [200, 401]
    assert [answer.status for answer in answers].count(200) == 1
    async with database.read() as connection:
        query = select(func.count()).where(audit_records.c.event == "account.erased")
        assert await connection.scalar(query) == 1


async def test_what_other_rooms_keep_goes_once_they_are_back(ada, rooms, traces, clock):
    """While documents are away the account is gone all the same, and these follow, also after a restart."""
    await ada.drawn("Zebra plan")
    rooms.away = Unavailable()

    answer = await ada.erase()

    assert (answer.status, answer.json()["documents"]) == (200, None)
    assert {table for table, _ in await traces("zebra")} == {"documents", "document_versions"}
    clock.wind(seconds=3 * LATE.total_seconds())
    assert await rooms.auth.state.leaving.round() == 0
    rooms.away = None
    assert await rooms.auth.state.leaving.round() == 1
    assert await traces("zebra", ada.email) == set()


async def test_killed_half_way_the_next_start_finishes(ada, rooms, traces, monkeypatch, clock, database):
    """Whenever it ends, either nothing has happened or all of it will: no second try by the person is needed."""
    await ada.drawn("Zebra plan")

    class Killed(BaseException):
        pass

    async def die(*_args, **_more):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("autograph.auth.store.erasures.add", die)
        await ada.erase()
    assert (await ada("GET", "/api/auth/me")).status == 200
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(rooms.auth.state.leaving, "finish", die)
        await ada.erase()

    async with database.read() as connection:
        assert await connection.scalar(select(users.c.id).where(users.c.id == ada.id)) is None
        assert await connection.scalar(select(erasures.c.user_id)) == ada.id
    clock.wind(seconds=LATE.total_seconds())
    rooms.auth.state.leaving.start()
    for _ in range(100):
        if not await traces("zebra", ada.email):
            break
        await asyncio.sleep(0.05)
    assert await traces("zebra", ada.email) == set()


async def test_what_is_made_with_the_proof_of_a_moment_ago_goes_too(ada, rooms, clock, traces):
    """A document made by a request that was on its way belongs to nobody for two minutes, then it is gone."""
    proof = (await Caller(rooms.auth)("POST", "/internal/identify", {"bearer": ada.token})).json()
    await ada.erase()
    late = Caller(rooms.diagrams, {"x-autograph-identity": proof["assertion"]})
    assert (await late("POST", "/api/diagrams", {"title": "Zebra"})).status == 201

    clock.wind(seconds=LATE.total_seconds())
    await rooms.auth.state.leaving.round()

    assert await traces("zebra", ada.email) == set()


async def test_documents_do_not_go_to_somebody_who_left_too(ada, somebody, rooms, traces):
    """Whose heir leaves before they could be given away: they go where the heir's own documents go."""
    bob, cleo = await somebody("Bob"), await somebody("Cleo")
    team = (await ada("POST", "/api/auth/teams", {"name": "Drawers"})).json()
    for who in (bob, cleo):
        await ada("POST", f"/api/auth/teams/{team['id']}/members", {"user_id": who.id})
    document = await ada.drawn("Zebra")
    rooms.away = Unavailable()
    assert (await ada.erase(documents_to=bob.id)).status == 200
    assert (await bob.erase(documents_to=cleo.id)).status == 200
    rooms.away = None

    await rooms.auth.state.leaving.round()

    assert (await cleo("GET", f"/api/diagrams/{document}")).status == 200


async def test_it_says_what_stays_and_for_how_long(ada):
    """Before and after the same: the audit log, authorship, logs, backups; with days where there are some."""
    before = (await ada("GET", "/api/auth/gdpr/erasure")).json()["stays"]
    after = (await ada.erase()).json()["stays"]

    assert before == after
    assert {one["what"]: one["days"] for one in after} == {
        "audit": 400, "authorship": None, "drawings": 1, "answers": 1, "mails": 30, "logs": None, "backups": None,
    }  # fmt: skip
