"""Looking after people: who sees whom, who changes whom, and what ends with an account."""

import asyncio

import pytest
from sqlalchemy import select, update

from autograph.auth.store import api_keys
from autograph.auth.store.api_keys import ApiKey
from autograph.auth.tables import links, users
from autograph.model.rights import BUILT_IN

pytestmark = pytest.mark.feature("teams.teams")

USERS = "/api/auth/admin/users"
ACTIONS = ("disable", "enable", "unlock", "sign-out", "reset-mfa")


def at(who, action=""):
    return f"{USERS}/{who.id}" + (f"/{action}" if action else "")


@pytest.fixture
async def manager(person, database_of_roles):
    """Somebody who looks after people and may do what editors do."""
    editing = sorted(BUILT_IN["editor"].permissions)
    await database_of_roles("caretaker", *editing, "people:read", "people:manage")
    return await person("Mara", "caretaker")


@pytest.fixture
async def wrong(sign_in):
    """Signs in wrongly so often that the account is locked."""

    async def wrong(who, times):
        for _ in range(times):
            await sign_in(who.email, "not my password")

    return wrong


async def test_people_are_listed_by_address_in_pages(root, person):
    """Pages hold whoever is next by address; the total counts everybody who matches."""
    for name in ("Cleo", "Abe", "Bea"):
        await person(name)

    first = (await root("GET", f"{USERS}?page_size=3")).json()
    second = (await root("GET", f"{USERS}?page_size=3&page=2")).json()

    assert [one["name"] for one in first["items"] + second["items"]] == ["Abe", "Bea", "Cleo", "Root"]
    assert (first["total"], second["total"], second["page"]) == (4, 4, 2)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=ABE", {"Abe"}), ("search=example.org", {"Abe", "B_a", "Root"}), ("search=_", {"B_a"}),
        ("search=%25", set()), ("search=%20bea%20", {"B_a"}), ("role=viewer", {"B_a"}), ("role=vie", set()),
        ("role=%25", set()), ("role=admin&search=abe", set()), ("status=unverified", {"B_a"}),
        ("status=active", {"Abe", "Root"}), ("status=disabled", set()), ("status=locked", set()),
    ],
)  # fmt: skip
async def test_people_are_found(root, person, query, names):
    """Search, role and status narrow the list together; what looks like a pattern is none."""
    await person("Abe")
    await person("B_a", "viewer", verified=False, email="bea@example.org")

    found = (await root("GET", f"{USERS}?{query}")).json()

    assert {one["name"] for one in found["items"]} == names
    assert found["total"] == len(names)


@pytest.mark.parametrize(
    "field", ["page=0", "page_size=101", "status=gone", "sort=name", "search=" + "x" * 201]
)
async def test_bad_queries_name_their_field(root, field):
    """What cannot be asked for is 422."""
    assert (await root("GET", f"{USERS}?{field}")).wrong_fields == {field.partition("=")[0]}


async def test_one_sees_how_accounts_are_used(root, person, sign_in, wrong, make_auth):
    """Sessions, last use, verification and locks are told; a locked account is found by its status."""
    abe, bea = await person("Abe"), await person("Bea", verified=False)
    await sign_in(abe.email)
    await sign_in(abe.email)
    for _ in range(2):
        await wrong(bea, 5)
        root.app.state.parts.clock.wind(minutes=16)

    one = (await root("GET", at(abe))).json()
    assert (one["sessions"], one["last_seen_at"]) == (2, "2026-03-01T12:00:00Z")
    assert (one["is_locked"], one["has_mfa"], one["has_passkey"]) == (False, False, False)
    [locked] = (await root("GET", f"{USERS}?status=locked")).json()["items"]
    assert (locked["id"], locked["is_locked"], locked["verified_at"]) == (bea.id, True, None)

    assert (await root("POST", at(bea, "unlock"))).json()["is_locked"] is False
    assert (await sign_in(bea.email)).status == 200


async def test_roles_and_names_are_changed(root, person, roles_of, told):
    """Changes are answered, kept and told; what is left out stays; the log holds no names."""
    abe = await person("Abe")

    changed = (await root("PATCH", at(abe), {"roles": ["viewer", "editor", "viewer"]})).json()
    assert changed["roles"] == ["viewer", "editor"] == await roles_of(abe)
    renamed = (await root("PATCH", at(abe), {"name": " Abraham "})).json()
    assert (renamed["name"], renamed["roles"]) == ("Abraham", ["viewer", "editor"])
    assert (await root("PATCH", at(abe), {})).json() == renamed

    given, called = await told()
    assert (given.event, given.details) == (
        "roles.given",
        {"roles": ["viewer", "editor"], "before": ["editor"]},
    )
    assert (called.event, called.subject_id, called.details) == ("account.renamed", abe.id, {})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"roles": []}, "roles"), ({"roles": ["none-such"]}, "roles"), ({"roles": ["editor", "adm\u0131n"]}, "roles"),
        ({"name": " "}, "name"), ({"email": "x@y.org"}, "email"), ({"roles": "admin"}, "roles"),
        ({"disabled_at": None}, "disabled_at"), ({"roles": [""]}, "roles.0"),
    ],
)  # fmt: skip
async def test_bad_changes_name_their_field(root, person, body, field):
    """A role that does not exist, an empty name and anything else are 422; addresses are their owner's affair."""
    assert (await root("PATCH", at(await person("Abe")), body)).wrong_fields == {field}


async def test_who_may_look_and_who_may_touch(person, manager, database_of_roles):
    """Without people:read nothing is seen, without people:manage nothing changed, nobody is found to be missing."""
    await database_of_roles("looker", "people:read")
    looker, editor, abe = await person("Lou", "looker"), await person("Eve"), await person("Abe")

    assert (await editor("GET", USERS)).slug == "forbidden"
    assert (await editor("GET", at(abe))).slug == "forbidden"
    assert (await looker("GET", at(abe))).status == 200
    for who in (editor, looker):
        for path in (at(abe), f"{USERS}/none"):
            assert (await who("PATCH", path, {"roles": ["viewer"]})).slug == "forbidden"
            for action in ACTIONS:
                assert (await who("POST", f"{path}/{action}")).slug == "forbidden"
        assert (
            await who("POST", f"{USERS}/roles", {"user_ids": [abe.id], "role": "viewer"})
        ).slug == "forbidden"
    for action in ACTIONS:
        assert (await manager("POST", f"{USERS}/none/{action}")).slug == "not-found"


async def test_nobody_gives_what_they_do_not_have(manager, person, roles_of, database_of_roles):
    """Not the administrator's role, not another that may more, not among others, not to themselves, not in bulk."""
    await database_of_roles("auditor", "audit:read")
    abe = await person("Abe")

    for given in (["admin"], ["auditor"], ["editor", "auditor"]):
        for target in (abe, manager):
            answer = await manager("PATCH", at(target), {"roles": given})
            assert (answer.status, answer.slug) == (403, "beyond-own-rights")
    bulk = {"user_ids": [abe.id, manager.id], "role": "admin"}
    assert (await manager("POST", f"{USERS}/roles", bulk)).slug == "beyond-own-rights"

    assert (await roles_of(abe), await roles_of(manager)) == (["editor"], ["caretaker"])
    assert (await manager("PATCH", at(abe), {"roles": ["viewer"]})).status == 200


async def test_nobody_touches_whoever_may_more(manager, root, roles_of, person):
    """An administrator is out of a people manager's reach: no disabling, no demoting, no renaming, no unlocking."""
    await person("Second", "admin")
    for changes in ({"roles": ["viewer"]}, {"name": "Nobody"}, {"roles": ["admin"]}):
        assert (await manager("PATCH", at(root), changes)).slug == "beyond-own-rights"
    for action in ACTIONS:
        assert (await manager("POST", at(root, action))).slug == "beyond-own-rights"
    bulk = await manager("POST", f"{USERS}/roles", {"user_ids": [root.id], "role": "viewer"})
    assert bulk.json()["items"] == [{"user_id": root.id, "outcome": "beyond-own-rights"}]

    assert await roles_of(root) == ["admin"]


async def test_rights_count_as_they_are_now(manager, root, person):
    """Whoever lost their role, or was disabled, does nothing more with the proof of a moment ago."""
    abe = await person("Abe")
    second = await person("Sue", "caretaker")
    await root("PATCH", at(manager), {"roles": ["editor"]})
    await root("POST", at(second, "disable"))

    assert (await manager("PATCH", at(abe), {"roles": ["viewer"]})).slug == "forbidden"
    assert (await manager("POST", at(abe, "disable"))).slug == "forbidden"
    assert (await second("POST", at(abe, "disable"))).slug == "unauthenticated"


async def test_a_key_manages_people_as_far_as_its_owner_may(root, person):
    """A key with the permission has its owner's standing; a key without it is refused, whoever owns it."""
    abe = await person("Abe")
    able = await person("Ann", "admin", key_id="k1", only=frozenset({"people:manage", "people:read"}))
    unable = await person("Ben", "admin", key_id="k2", only=frozenset({"people:read"}))

    assert (await able("PATCH", at(abe), {"roles": ["viewer"]})).status == 200
    assert (await unable("PATCH", at(abe), {"roles": ["editor"]})).slug == "forbidden"


async def test_disabling_ends_everything_at_once_and_for_good(
    root, person, call, sign_in, identify, database
):
    """Cookie, token, refresh token, key and links are worth nothing, and enabling revives none of them."""
    abe = await person("Abe")
    tokens = (await sign_in(abe.email)).json()
    cookie = (await sign_in(abe.email, cookie=True)).headers["set-cookie"].split("=")[1].split(";")[0]
    key = (await abe("POST", "/api/auth/api-keys", {"name": "k", "scopes": ["read"]})).json()["key"]
    await call("POST", "/api/auth/password-reset/request", {"email": abe.email})
    await asyncio.gather(*root.app.state.recovery._later)

    async def worth():
        shown = [{"bearer": tokens["access_token"]}, {"cookie": cookie}, {"bearer": key}]
        found = [(await identify(**one)).status for one in shown]
        again = await call("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
        async with database.read() as connection:
            return found, again.status, len((await connection.execute(select(links))).all())

    assert (await worth())[0] == [200, 200, 200]
    disabled = (await root("POST", at(abe, "disable"))).json()
    assert (disabled["disabled_at"], disabled["sessions"]) == ("2026-03-01T12:00:00Z", 0)
    assert await worth() == ([401, 401, 401], 401, 0)
    assert (await sign_in(abe.email)).slug == "account-disabled"
    [one] = (await root("GET", f"{USERS}?status=disabled")).json()["items"]
    assert one["id"] == abe.id

    assert (await root("POST", at(abe, "enable"))).json()["disabled_at"] is None
    assert await worth() == ([401, 401, 401], 401, 0)
    assert (await sign_in(abe.email)).status == 200


async def test_a_sign_in_that_was_under_way_does_not_survive_disabling(root, person, database, auth):
    """Whose password was right a moment before gets no session that could come to life again."""
    from autograph.core.problem import Unauthenticated

    abe = await person("Abe")
    await root("POST", at(abe, "disable"))

    with pytest.raises(Unauthenticated):
        async with database.begin() as connection:
            await auth.state.sessions.open(
                connection, abe.person, methods="password", remember_me=False, cookie=True
            )
    await root("POST", at(abe, "enable"))
    assert (await root("GET", at(abe))).json()["sessions"] == 0


async def test_signing_somebody_out_ends_their_sessions_alone(root, person, sign_in, identify):
    """Sessions end, the account stays open."""
    abe = await person("Abe")
    token = (await sign_in(abe.email)).json()["access_token"]

    assert (await root("POST", at(abe, "sign-out"))).json()["sessions"] == 0
    assert (await identify(bearer=token)).status == 401
    assert (await sign_in(abe.email)).status == 200


async def test_the_last_administrator_stays(root, person, roles_of, database):
    """Not disabled, not demoted, not in bulk; a disabled second one is none."""
    second = await person("Second", "admin")
    await root("POST", at(second, "disable"))

    for answer in (
        await root("POST", at(root, "disable")),
        await root("PATCH", at(root), {"roles": ["editor"]}),
    ):
        assert (answer.status, answer.slug) == (409, "last-administrator")
    bulk = await root("POST", f"{USERS}/roles", {"user_ids": [root.id, second.id], "role": "editor"})
    assert [one["outcome"] for one in bulk.json()["items"]] == ["last-administrator", "changed"]
    assert await roles_of(root) == ["admin"]
    assert (await root("PATCH", at(root), {"roles": ["editor", "admin"]})).status == 200


async def test_an_administrator_who_cannot_sign_in_is_none(make_auth, person):
    """Where addresses must be confirmed, one who has not done so keeps nobody's place."""
    app = make_auth(verification="required")
    root = await person("Root", "admin", app=app)
    await person("Second", "admin", verified=False)

    assert (await root("POST", at(root, "disable"))).slug == "last-administrator"


@pytest.mark.parametrize("way", ["disable", "demote", "bulk", "mixed"])
async def test_of_many_at_once_an_administrator_remains(person, database, way):
    """Eight administrators put each other out at the same moment: one stays, exactly."""
    admins = [await person(f"Admin{n}", "admin") for n in range(8)]

    def attempt(n):
        actor, target = admins[n], admins[(n + 1) % 8]
        kind = ("disable", "demote", "bulk")[n % 3] if way == "mixed" else way
        if kind == "disable":
            return actor("POST", at(target, "disable"))
        if kind == "demote":
            return actor("PATCH", at(target), {"roles": ["viewer"]})
        return actor("POST", f"{USERS}/roles", {"user_ids": [target.id], "role": "viewer"})

    answers = await asyncio.gather(*(attempt(n) for n in range(8)))

    assert {answer.status for answer in answers} <= {200, 401, 403, 409}
    async with database.read() as connection:
        rows = await connection.execute(select(users.c.roles, users.c.disabled_at))
        left = [roles for roles, disabled in rows if "admin" in roles and disabled is None]
    assert len(left) >= 1
    again = [await actor("POST", at(actor, "disable")) for actor in admins]
    assert "last-administrator" in {answer.slug for answer in again if answer.status == 409}


async def test_two_who_remain_cannot_both_go(person, database):
    """Each of the last two steps down at the same moment: over and over, exactly one may."""
    for round_ in range(10):
        pair = [await person(f"Pair{round_}{n}", "admin") for n in range(2)]

        answers = await asyncio.gather(*(who("PATCH", at(who), {"roles": ["viewer"]}) for who in pair))

        assert sorted(answer.status for answer in answers) == [200, 409]
        async with database.begin() as connection:
            await connection.execute(update(users).values(roles=["viewer"]))


async def test_many_get_a_role_at_once(root, person, roles_of, told):
    """Each has an outcome of their own, once; whoever has the role already is left alone."""
    abe, bea = await person("Abe"), await person("Bea", "viewer")

    answer = await root(
        "POST", f"{USERS}/roles", {"user_ids": [abe.id, "none", bea.id, abe.id], "role": "viewer"}
    )

    assert [tuple(one.values()) for one in answer.json()["items"]] == [
        (abe.id, "changed"), ("none", "not-found"), (bea.id, "unchanged"),
    ]  # fmt: skip
    assert await roles_of(abe) == ["viewer"]
    assert [row.subject_id for row in await told("roles.given")] == [abe.id]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user_ids": [], "role": "viewer"}, "user_ids"), ({"user_ids": ["x"] * 201, "role": "viewer"}, "user_ids"),
        ({"user_ids": ["x"], "role": "none-such"}, "role"), ({"user_ids": ["x"]}, "role"),
        ({"user_ids": ["x" * 65], "role": "viewer"}, "user_ids.0"),
    ],
)  # fmt: skip
async def test_bad_bulk_changes_name_their_field(root, body, field):
    """At most 200 at once, of ids that could be some, and a role that there is."""
    assert (await root("POST", f"{USERS}/roles", body)).wrong_fields == {field}


async def test_who_looks_after_people_revokes_no_key_of_an_administrator(
    root, manager, person, call, database
):
    """A key goes by the rights of its owner: an administrator's stays, an editor's goes."""
    bea, statuses = await person("Bea"), []
    for owner in (root, bea):
        await _key_of(owner, database)
        answer = await manager("DELETE", f"{at(owner)}/api-keys/key-of-{owner.name}")
        statuses.append((answer.status, answer.slug if answer.status != 204 else ""))
    assert statuses == [(403, "beyond-own-rights"), (204, "")]


async def _key_of(owner, database):
    now = owner.person.created_at
    key = ApiKey(f"key-of-{owner.name}", owner.id, "CI", f"ag_{owner.name}", ("read",), now, None)
    async with database.begin() as connection:
        await api_keys.add(connection, key, owner.id.encode())
