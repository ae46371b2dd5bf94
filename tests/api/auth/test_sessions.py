"""Sessions, cookies and refresh tokens: what they prove, and when they end."""

import asyncio
import json

import pytest
from sqlalchemy import select
from tests.caller import Caller

from autograph.auth.tables import refresh_tokens, sessions, users
from autograph.core.problem import StorageFull

IDENTITY = "x-autograph-identity"


def cookie_of(answer):
    """Name, value and attributes of the cookie that an answer sets."""
    first, *attributes = answer.headers["set-cookie"].split("; ")
    name, _, value = first.partition("=")
    return name, value, {attribute.lower() for attribute in attributes}


@pytest.mark.feature("auth.access-token")
async def test_a_sign_in_gives_tokens_that_prove_who_asks(call, ada, sign_in, identify):
    """Login → bearer → assertion → /me is one chain, about one person."""
    tokens = (await sign_in()).json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["user"]) == ("Bearer", 3600, ada)

    identified = (await identify(bearer=tokens["access_token"])).json()
    me = await call("GET", "/api/auth/me", headers={IDENTITY: identified["assertion"]})

    assert identified["expires_in"] == 60
    assert identified["principal"]["user_id"] == ada["id"]
    assert me.json()["user"].items() >= ada.items()
    assert me.json()["session"]["id"] == identified["principal"]["session_id"]
    assert me.json()["session"]["expires_at"] == "2026-03-02T12:00:00Z"
    assert me.headers["cache-control"] == "no-store"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(ada, sign_in):
    """On plain http on this machine: HttpOnly, SameSite=Lax, Path=/, and gone with the browser."""
    answer = await sign_in(cookie=True)
    name, value, attributes = cookie_of(answer)

    assert name == "autograph"
    assert len(value) >= 43
    assert attributes == {"httponly", "samesite=lax", "path=/"}
    assert "access_token" not in answer.json()
    assert "refresh_token" not in answer.json()


@pytest.mark.parametrize("url", ["https://diagrams.example.org", "http://diagrams.example.org"])
async def test_anywhere_else_the_cookie_is_secure_and_bound_to_its_host(make_auth, ada, url):
    """Off this machine it is Secure and has the __Host- prefix, so plain http never carries it."""
    call = Caller(make_auth(public_url=url))
    body = {"email": ada["email"], "password": "correct horse battery", "cookie": True, "remember_me": True}

    name, _, attributes = cookie_of(await call("POST", "/api/auth/login", body))

    assert name == "__Host-autograph"
    assert attributes == {"httponly", "samesite=lax", "path=/", "secure", f"max-age={30 * 86400}"}


async def test_nothing_that_opens_a_door_is_kept_readable(ada, sign_in, database):
    """Cookies and refresh tokens are kept as SHA-256 only."""
    _, cookie, _ = cookie_of(await sign_in(cookie=True))
    refresh = (await sign_in()).json()["refresh_token"]

    async with database.read() as connection:
        kept = [*await connection.scalars(select(sessions.c.token_hash))]
        kept += [*await connection.scalars(select(refresh_tokens.c.token_hash))]

    assert {len(value) for value in kept if value} == {32}
    assert not {cookie.encode(), refresh.encode()} & set(kept)


@pytest.mark.parametrize("credential", [{"cookie": "x"}, {"cookie": ""}, {"bearer": "a.b.c"}, {"bearer": ""}])
async def test_unknown_credentials_prove_nothing(identify, credential):
    """Whatever is not a known credential is 401."""
    assert (await identify(**credential)).slug == "unauthenticated"


@pytest.mark.parametrize("credential", [{}, {"cookie": "a", "bearer": "b"}, {"cookie": 1}, {"token": "x"}])
async def test_a_credential_is_one_thing(identify, credential):
    """Neither none nor two at a time: 422."""
    assert (await identify(**credential)).status == 422


async def test_a_session_ends_after_a_day_and_after_half_an_hour_of_rest(ada, sign_in, identify, clock):
    """30 minutes without a request end a session, and 24 hours end it however busy it is."""
    _, busy, _ = cookie_of(await sign_in(cookie=True))
    _, resting, _ = cookie_of(await sign_in(cookie=True))
    for _ in range(71):
        clock.wind(minutes=20)
        assert (await identify(cookie=busy)).status == 200

    assert (await identify(cookie=resting)).status == 401
    clock.wind(minutes=20)
    assert (await identify(cookie=busy)).status == 401


async def test_remember_me_lasts_thirty_days_without_a_word(ada, sign_in, identify, clock):
    """A remembered session may rest for its 30 days, and no longer."""
    _, cookie, _ = cookie_of(await sign_in(cookie=True, remember_me=True))

    clock.wind(days=29, hours=23)
    assert (await identify(cookie=cookie)).status == 200
    clock.wind(hours=1)
    assert (await identify(cookie=cookie)).status == 401


async def test_identifying_writes_at_most_once_a_minute(ada, sign_in, identify, clock, database):
    """Reading does not mean writing: `last_seen_at` moves once a minute."""
    _, cookie, _ = cookie_of(await sign_in(cookie=True))

    async def last_seen():
        async with database.read() as connection:
            return await connection.scalar(select(sessions.c.last_seen_at))

    first = await last_seen()
    clock.wind(seconds=59)
    await identify(cookie=cookie)
    assert await last_seen() == first
    clock.wind(seconds=1)
    await identify(cookie=cookie)
    assert await last_seen() == clock.now()


async def test_a_full_disk_locks_nobody_out(ada, sign_in, identify, clock, monkeypatch):
    """Whoever is signed in is recognised also when it cannot be kept that they were here."""
    _, cookie, _ = cookie_of(await sign_in(cookie=True))

    async def full(*_):
        raise StorageFull

    monkeypatch.setattr("autograph.auth.store.people.touch_session", full)
    clock.wind(minutes=5)
    assert (await identify(cookie=cookie)).status == 200


async def test_an_assertion_never_outlives_its_session(ada, sign_in, identify, clock):
    """Ten seconds before the end of a session its assertion is good for ten seconds."""
    _, cookie, _ = cookie_of(await sign_in(cookie=True, remember_me=True))
    clock.wind(days=29, hours=23, minutes=59, seconds=50)

    assert (await identify(cookie=cookie)).json()["expires_in"] == 10


@pytest.mark.parametrize("cookie", [True, False])
@pytest.mark.feature("auth.logout")
async def test_logout_ends_this_session_and_no_other(call, ada, sign_in, identify, cookie):
    """After logout the credential, its refresh token and /me are 401; the other session lives on."""
    answers = [await sign_in(cookie=cookie) for _ in range(2)]
    if cookie:
        mine, other = ({"cookie": cookie_of(answer)[1]} for answer in answers)
    else:
        mine, other = ({"bearer": answer.json()["access_token"]} for answer in answers)
    proof = {IDENTITY: (await identify(**mine)).json()["assertion"]}

    answer = await call("POST", "/api/auth/logout", headers=proof)
    assert answer.headers["clear-site-data"] == '"cache"'

    assert answer.status == 204
    assert 'autograph=""' in answer.headers["set-cookie"]
    assert (await identify(**mine)).status == 401
    assert (await call("GET", "/api/auth/me", headers=proof)).status == 401
    assert (await identify(**other)).status == 200
    if not cookie:
        refresh = {"refresh_token": answers[0].json()["refresh_token"]}
        assert (await call("POST", "/api/auth/refresh", refresh)).slug == "refresh-refused"


async def test_nobody_is_nobody(call):
    """Without identity, /me and logout are 401, whatever other header claims one."""
    for headers in ({}, {IDENTITY: ""}, {"x-user-id": "1"}, {IDENTITY: "e30.e30.e30"}):
        assert (await call("GET", "/api/auth/me", headers=headers)).slug == "unauthenticated"
        assert (await call("POST", "/api/auth/logout", headers=headers)).status == 401


async def test_an_access_token_is_no_assertion_and_the_other_way_round(call, ada, sign_in, identify):
    """The two kinds of token are never taken for one another."""
    access = (await sign_in()).json()["access_token"]
    assertion = (await identify(bearer=access)).json()["assertion"]

    assert (await call("GET", "/api/auth/me", headers={IDENTITY: access})).status == 401
    assert (await identify(bearer=assertion)).status == 401


async def test_a_refresh_token_works_once_and_gives_the_next(call, ada, sign_in, identify, clock):
    """Each refresh rotates: new pair, same session."""
    tokens = (await sign_in()).json()
    sessions_seen = set()
    for _ in range(4):
        clock.wind(minutes=59)
        answer = await call("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
        assert answer.json()["refresh_token"] != tokens["refresh_token"]
        tokens = answer.json()
        sessions_seen.add((await identify(bearer=tokens["access_token"])).json()["principal"]["session_id"])

    assert len(sessions_seen) == 1


@pytest.mark.parametrize("ancestor", [0, 1, 2])
@pytest.mark.feature("auth.refresh")
async def test_using_any_ancestor_again_ends_the_family(call, ada, sign_in, identify, ancestor):
    """A stolen ancestor, used, kills the newest refresh token and every access token of its session."""
    family = [(await sign_in()).json()]
    for _ in range(3):
        answer = await call("POST", "/api/auth/refresh", {"refresh_token": family[-1]["refresh_token"]})
        family.append(answer.json())

    stolen = await call("POST", "/api/auth/refresh", {"refresh_token": family[ancestor]["refresh_token"]})
    newest = await call("POST", "/api/auth/refresh", {"refresh_token": family[-1]["refresh_token"]})

    assert (stolen.status, stolen.slug) == (401, "refresh-reused")
    assert (newest.status, newest.slug) == (401, "refresh-refused")
    assert {(await identify(bearer=pair["access_token"])).status for pair in family} == {401}


async def test_two_refreshes_at_once_give_one_pair(call, ada, sign_in):
    """Of eight uses at the same moment one is first; the others are reuse, and the family ends."""
    body = {"refresh_token": (await sign_in()).json()["refresh_token"]}

    answers = await asyncio.gather(*(call("POST", "/api/auth/refresh", body) for _ in range(8)))

    won = [answer for answer in answers if answer.status == 200]
    assert len(won) == 1
    again = await call("POST", "/api/auth/refresh", {"refresh_token": won[0].json()["refresh_token"]})
    assert again.slug == "refresh-refused"


@pytest.mark.parametrize(("remember", "days"), [(False, 1), (True, 30)])
async def test_a_family_ends_with_its_session(call, ada, sign_in, clock, remember, days):
    """Refresh tokens last 1 day, 30 with remember me, counted from the sign-in."""
    tokens = (await sign_in(remember_me=remember)).json()
    clock.wind(days=days, minutes=-1)
    last = await call("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    clock.wind(minutes=1)
    over = await call("POST", "/api/auth/refresh", {"refresh_token": last.json()["refresh_token"]})

    assert (last.status, last.json()["expires_in"]) == (200, 60)
    assert over.slug == "refresh-refused"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\u0000", "ü" * 50])
async def test_unknown_refresh_tokens_are_refused(call, token):
    """What was never given out is refused, whatever it looks like."""
    assert (await call("POST", "/api/auth/refresh", {"refresh_token": token})).slug == "refresh-refused"


async def test_an_access_token_ends_after_its_hour(ada, sign_in, identify, clock):
    """The 1 h token of a living session is refused after an hour."""
    token = (await sign_in()).json()["access_token"]
    clock.wind(minutes=59, seconds=59)
    assert (await identify(bearer=token)).status == 200
    clock.wind(seconds=1)
    assert (await identify(bearer=token)).status == 401


async def test_roles_are_read_fresh_at_each_identification(ada, sign_in, identify, database):
    """A role taken away is gone from the next assertion, although the access token still names it."""
    token = (await sign_in()).json()["access_token"]
    async with database.begin() as connection:
        await connection.execute(users.update().values(roles=["viewer"]))

    assert (await identify(bearer=token)).json()["principal"]["roles"] == ["viewer"]


async def test_old_sessions_are_forgotten_at_the_next_sign_in(ada, sign_in, clock, database):
    """Sessions that ended a week ago leave no rows behind, nor do their refresh tokens."""
    await sign_in()
    clock.wind(days=9)
    await sign_in()

    async with database.read() as connection:
        assert len([*await connection.scalars(select(sessions.c.id))]) == 1
        assert len([*await connection.scalars(select(refresh_tokens.c.token_hash))]) == 1


async def test_everybody_can_have_the_public_keys(call, keys):
    """The key set names each key by its thumbprint and holds no private part."""
    answer = await call("GET", "/api/auth/.well-known/jwks.json")
    (key,) = answer.json()["keys"]

    assert key.keys() == {"kty", "crv", "x", "kid", "alg", "use"}
    assert key["kid"] == keys.signing.thumbprint()
    assert "max-age" in answer.headers["cache-control"]


async def test_the_description_of_the_service_is_complete(auth):
    """Every public route has an operation id, a tag and its problems; internal ones are not shown."""
    document = auth.openapi()
    operations = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }

    assert operations.keys() > {
        "complete_first_run",
        "register",
        "login",
        "refresh",
        "get_me",
        "list_sessions",
    }
    assert "identify" not in operations
    assert all(operation["tags"] and operation["description"] for operation in operations.values())
    assert "ProblemDocument" in document["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(document)
    assert operations["get_me"]["responses"].keys() >= {"200", "401"}


async def test_a_session_ended_elsewhere_is_noticed_within_three_seconds(
    call, ada, sign_in, identify, clock, database
):
    """What another process revoked, this one answers for three seconds more at most, and identifies never."""
    token = (await sign_in()).json()["access_token"]
    proof = {IDENTITY: (await identify(bearer=token)).json()["assertion"]}
    async with database.begin() as connection:
        await connection.execute(sessions.update().values(revoked_at=clock.now()))

    assert (await identify(bearer=token)).status == 401
    clock.wind(seconds=3)
    assert (await call("GET", "/api/auth/me", headers=proof)).status == 401
