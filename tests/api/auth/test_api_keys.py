"""API keys: whole once and a hash ever after, never more rights than their owner, gone when they are revoked."""

import asyncio
import hashlib
import re

import pytest
from sqlalchemy import select, update
from tests.caller import Caller

from autograph.auth.tables import api_keys, attempts, audit_records, mails, users
from autograph.core.problem import StorageFull
from autograph.model.rights import BUILT_IN, SCOPES, Permission

pytestmark = pytest.mark.feature("auth.api-keys")

IDENTITY = "x-autograph-identity"
KEYS = "/api/auth/api-keys"
KEY = re.compile(r"(ag_[A-Za-z0-9]{8})_[A-Za-z0-9]{43}")
FROM = {"x-forwarded-for": "192.0.2.7"}


@pytest.fixture
def prove(identify):
    """Header that proves who holds a credential."""

    async def prove(**credential):
        answer = await identify(**credential)
        assert answer.status == 200, answer.body
        return {IDENTITY: answer.json()["assertion"]}

    return prove


@pytest.fixture
async def ada_signed_in(ada, sign_in, prove):
    return await prove(bearer=(await sign_in()).json()["access_token"])


@pytest.fixture
def make(call, ada_signed_in):
    """Makes a key for Ada and returns the answer's JSON."""

    async def make(*scopes, **more):
        body = {"name": "build server", "scopes": list(scopes or ("read",)), **more}
        answer = await call("POST", KEYS, body, headers=ada_signed_in)
        assert answer.status == 201, answer.body
        return answer.json()

    return make


async def set_of(database, user_id, **values):
    async with database.begin() as connection:
        await connection.execute(update(users).where(users.c.id == user_id).values(**values))


async def rows(database, *columns):
    async with database.read() as connection:
        return (await connection.execute(select(*columns))).all()


async def test_a_key_is_whole_once_and_speaks_for_its_owner(call, ada, make, identify, ada_signed_in, prove):
    """The answer to its making alone holds it; shown, it proves its owner, and it has no session."""
    made = await make("read", name="  build server ", expires_in_days=30)
    assert KEY.fullmatch(made["key"])[1] == made["prefix"]
    assert (made["name"], made["expires_at"]) == ("build server", "2026-03-31T12:00:00Z")

    found = (await identify(bearer=made["key"])).json()
    assert found["principal"]["user_id"] == ada["id"]
    assert (found["principal"]["key_id"], found["principal"]["session_id"]) == (made["id"], "")

    listed = await call("GET", KEYS, headers=ada_signed_in)
    assert [one["id"] for one in listed.json()["items"]] == [made["id"]]
    assert made["key"].encode() not in listed.body
    me = await call("GET", "/api/auth/me", headers=await prove(bearer=made["key"]))
    assert (me.json()["user"]["email"], me.json()["session"]) == (ada["email"], None)


async def test_what_is_kept_opens_nothing(make, database):
    """Database, audit log and mails hold a hash and the first letters, no key."""
    made = await make()
    (kept,) = await rows(database, api_keys)
    assert kept.token_hash == hashlib.sha256(made["key"].encode()).digest()
    secret = made["key"].removeprefix(made["prefix"])
    for table in (api_keys, audit_records, mails):
        assert secret not in repr(await rows(database, table))


@pytest.mark.parametrize(
    ("roles", "scopes"),
    [
        (roles, scopes)
        for roles in (["viewer"], ["editor"], ["admin"], [])
        for scopes in (["read"], ["write"], ["admin"], ["read", "write"], ["read", "write", "admin"])
    ],
)
async def test_never_more_than_owner_and_scopes_allow(ada, make, identify, database, roles, scopes):
    """What a key may do is what its owner may do now, and no more than its scopes; making keys is never of it."""
    key = (await make(*scopes))["key"]
    await set_of(database, ada["id"], roles=roles)
    allowed = frozenset().union(*(BUILT_IN[role].permissions for role in roles))
    wanted = allowed & frozenset().union(*(SCOPES[scope] for scope in scopes))

    found = set((await identify(bearer=key)).json()["principal"]["permissions"])

    assert found == wanted
    assert Permission.KEYS_MAKE not in found


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", KEYS, {"name": "more", "scopes": ["read"]}),
        ("GET", KEYS, None),
        ("DELETE", f"{KEYS}/none", None),
        ("PATCH", "/api/auth/me", {"name": "Other"}),
        ("POST", "/api/auth/password/change", {"current_password": "x", "new_password": "y"}),
        ("POST", "/api/auth/email/change", {"current_password": "x", "email": "e@example.org"}),
        ("POST", "/api/auth/logout", None),
        ("POST", "/api/auth/logout-all", None),
        ("DELETE", "/api/auth/sessions/none", None),
    ],
)
async def test_a_key_touches_no_credentials(ada, make, call, prove, database, method, path, body):
    """Not even an administrator's key with every scope makes keys or changes what its owner signs in with."""
    await set_of(database, ada["id"], roles=["admin"])
    key = await prove(bearer=(await make("read", "write", "admin"))["key"])
    answer = await call(method, path, body, headers=key)
    assert answer.slug == "forbidden"


async def test_a_key_cannot_revoke_its_owners_keys_by_the_back_door(ada, make, call, prove, database):
    """Also not over the administrators' address, where it may revoke anybody else's."""
    await set_of(database, ada["id"], roles=["admin"])
    other, mine = await make(), await make("admin")
    path = f"/api/auth/admin/users/{ada['id']}/api-keys/{other['id']}"
    assert (await call("DELETE", path, headers=await prove(bearer=mine["key"]))).slug == "forbidden"


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled", "owner gone"])
async def test_a_key_ends(call, ada, make, identify, ada_signed_in, clock, database, end):
    """Revoked, expired, its owner disabled or gone: 401, at once."""
    made = await make(expires_in_days=1)
    assert (await identify(bearer=made["key"])).status == 200
    match end:
        case "revoked":
            assert (await call("DELETE", f"{KEYS}/{made['id']}", headers=ada_signed_in)).status == 204
            assert (await call("GET", KEYS, headers=ada_signed_in)).json()["items"] == []
            assert (await call("DELETE", f"{KEYS}/{made['id']}", headers=ada_signed_in)).status == 404
        case "expired":
            clock.wind(days=1)
        case "disabled":
            await set_of(database, ada["id"], disabled_at=clock.now())
        case "owner gone":
            async with database.begin() as connection:
                await connection.execute(users.delete())
    answer = await identify(bearer=made["key"])
    assert answer.slug == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_assertion_never_outlives_its_key(make, identify, clock):
    """A key with ten seconds to go vouches for ten seconds."""
    made = await make(expires_in_days=1)
    clock.wind(days=1, seconds=-10)
    assert (await identify(bearer=made["key"])).json()["expires_in"] == 10


def almost(key):
    """Texts that resemble a key."""
    last = "a" if key[-1] != "a" else "b"
    return [
        key[:-1], key[:-1] + last, key + "a", key.upper(), key.lower(), "ag_", "ag__", key[:12], f" {key}", f"{key} ",
        key.replace("ag_", "ag_ag_"), "ag_" + "é" * 52, "ag_\x00" + key[4:], "ag_" + "a" * 8000, "ag_%' OR 1=1 --",
    ]  # fmt: skip


async def test_what_resembles_a_key_is_none(make, identify, database):
    """One letter less, more or other, or another case of letters: unknown."""
    for text in almost((await make())["key"]):
        answer = await identify(bearer=text)
        assert answer.slug == "unauthenticated", text


async def test_wrong_keys_wait_and_right_ones_do_not(make_auth, ada, make):
    """After five wrong keys from one address a sixth is not even looked at twice; right keys come in from there."""
    call = Caller(make_auth(tries_per_address=5))
    right = (await make())["key"]

    async def show(key, **headers):
        return (await call("POST", "/internal/identify", {"bearer": key}, headers=headers)).status

    assert [await show(f"ag_wrong{n}", **FROM) for n in range(7)] == [401] * 5 + [429] * 2
    assert await show(right, **FROM) == 200
    assert await show("ag_wrong", **{"x-forwarded-for": "192.0.2.8"}) == 401
    body = {"email": ada["email"], "password": "correct horse battery"}
    assert (await call("POST", "/api/auth/login", body, headers=FROM)).status == 200


async def test_wrong_keys_at_once_are_counted_exactly(make_auth, database):
    """Of forty at the same moment five are tried; the log tells of five."""
    call = Caller(make_auth(tries_per_address=5))

    async def show(n):
        return (await call("POST", "/internal/identify", {"bearer": f"ag_wrong{n}"}, headers=FROM)).status

    assert sorted(await asyncio.gather(*(show(n) for n in range(40)))) == [401] * 5 + [429] * 35
    events = [event for (event,) in await rows(database, audit_records.c.event)]
    assert events.count("key.refused") == 5


async def test_right_keys_never_meet_the_throttle(make, identify, database):
    """Whoever shows a right key leaves no try behind and waits for nobody."""
    key = (await make())["key"]
    before = await rows(database, attempts)
    for _ in range(20):
        await identify(bearer=key)
    assert await rows(database, attempts) == before


async def test_last_use_is_written_once_a_minute(make, call, database, clock):
    """When and from where a key was used is seen, to the minute."""
    key = (await make())["key"]

    async def used(address):
        body = {"bearer": key}
        await call("POST", "/internal/identify", body, headers={"x-forwarded-for": address})
        (kept,) = await rows(database, api_keys.c.last_used_at, api_keys.c.last_address)
        return tuple(kept)

    first = clock.now()
    assert await used("192.0.2.1") == (first, "192.0.2.1")
    clock.wind(seconds=59)
    assert await used("192.0.2.2") == (first, "192.0.2.1")
    clock.wind(seconds=1)
    assert await used("192.0.2.2") == (clock.now(), "192.0.2.2")


async def test_a_full_disk_locks_no_key_out(make, identify, monkeypatch):
    """Right keys are right also when nothing can be written; wrong ones are wrong."""
    key = (await make())["key"]

    async def full(*_, **__):
        raise StorageFull

    monkeypatch.setattr("autograph.auth.store.api_keys.touch", full)
    monkeypatch.setattr("autograph.auth.store.attempts.hold", full)
    assert (await identify(bearer=key)).status == 200
    assert (await identify(bearer="ag_wrong")).status == 401


async def test_keys_are_their_owners(call, ada, make, ada_signed_in, prove, database):
    """Another person neither sees nor revokes them; whoever manages people does both, and nobody else."""
    made = await make()
    body = {"email": "bob@example.org", "name": "Bob", "password": "correct horse battery"}
    assert (await call("POST", "/api/auth/register", body)).status == 201

    async def bob(roles):
        (user_id,) = [one.id for one in await rows(database, users) if one.email == body["email"]]
        await set_of(database, user_id, roles=roles)
        answer = await call("POST", "/api/auth/login", {k: body[k] for k in ("email", "password")})
        return await prove(bearer=answer.json()["access_token"])

    admin = f"/api/auth/admin/users/{ada['id']}/api-keys"
    editor = await bob(["editor"])
    assert (await call("GET", KEYS, headers=editor)).json() == {"items": []}
    assert (await call("DELETE", f"{KEYS}/{made['id']}", headers=editor)).slug == "not-found"
    assert (await call("GET", admin, headers=editor)).slug == "forbidden"
    assert (await call("DELETE", f"{admin}/{made['id']}", headers=editor)).slug == "forbidden"

    manager = await bob(["admin"])
    assert [one["id"] for one in (await call("GET", admin, headers=manager)).json()["items"]] == [made["id"]]
    assert (await call("GET", admin.replace(ada["id"], "nobody"), headers=manager)).slug == "not-found"
    assert (await call("DELETE", f"{admin}/none", headers=manager)).slug == "not-found"
    assert (await call("DELETE", f"{admin}/{made['id']}", headers=manager)).status == 204
    assert (await call("GET", KEYS, headers=ada_signed_in)).json() == {"items": []}


async def test_whoever_may_make_none_makes_none(call, ada, sign_in, prove, database):
    """Without the permission there are no keys."""
    await set_of(database, ada["id"], roles=[])
    proof = await prove(bearer=(await sign_in()).json()["access_token"])
    answer = await call("POST", KEYS, {"name": "k", "scopes": ["read"]}, headers=proof)
    assert answer.slug == "forbidden"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["read"]}, "name"),
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "x" * 101, "scopes": ["read"]}, "name"),
        ({"name": "a\u202eb", "scopes": ["read"]}, "name"),
        ({"name": "k"}, "scopes"),
        ({"name": "k", "scopes": []}, "scopes"),
        ({"name": "k", "scopes": ["root"]}, "scopes.0"),
        ({"name": "k", "scopes": "read"}, "scopes"),
        ({"name": "k", "scopes": ["read"], "expires_in_days": 0}, "expires_in_days"),
        ({"name": "k", "scopes": ["read"], "expires_in_days": 3651}, "expires_in_days"),
        ({"name": "k", "scopes": ["read"], "owner": "x"}, "owner"),
    ],
)
async def test_what_is_wrong_is_named(call, ada_signed_in, body, field):
    """A 422 names the field."""
    answer = await call("POST", KEYS, body, headers=ada_signed_in)
    assert answer.wrong_fields == {field}


async def test_there_are_not_endlessly_many(make, call, ada_signed_in, monkeypatch):
    """Somebody with as many keys as allowed revokes one first."""
    monkeypatch.setattr("autograph.auth.api_keys.MOST_KEYS", 2)
    first = await make()
    await make()
    refused = await call("POST", KEYS, {"name": "k", "scopes": ["read"]}, headers=ada_signed_in)
    assert refused.slug == "too-many-keys"
    await call("DELETE", f"{KEYS}/{first['id']}", headers=ada_signed_in)
    await make()


async def test_the_log_and_the_owner_hear_of_it(make, call, ada, ada_signed_in, database):
    """Making and revoking are in the audit log; a mail tells the owner that there is a new key."""
    made = await make("read", "write")
    await call("DELETE", f"{KEYS}/{made['id']}", headers=ada_signed_in)
    told = [
        (one.event, one.actor_id, one.details)
        for one in await rows(database, audit_records)
        if one.subject_id == made["id"]
    ]
    assert told == [
        ("key.made", ada["id"], {"prefix": made["prefix"], "scopes": ["read", "write"], "expires_at": None}),
        ("key.revoked", ada["id"], {"owner": ada["id"]}),
    ]
    assert [(one.kind, one.recipient) for one in await rows(database, mails)] == [("security", ada["email"])]
