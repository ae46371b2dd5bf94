"""Teams: owned by somebody always, looked after by whoever may, nothing at all to those outside."""

import asyncio

import pytest

pytestmark = pytest.mark.feature("teams.teams")

TEAMS = "/api/auth/teams"


@pytest.fixture
async def team(person):
    """A team with one of each: ``team.owner``, ``team.admin``, …, and somebody outside."""

    class Team:
        def __getitem__(self, role):
            return getattr(self, role)

    team = Team()
    for role in ("owner", "admin", "member", "guest", "outsider"):
        setattr(team, role, await person(f"{role}1".capitalize(), "viewer" if role == "guest" else "editor"))
    made = await team.owner("POST", TEAMS, {"name": "Payments", "description": "Money"})
    assert made.status == 201, made.body
    team.id = made.json()["id"]
    team.path = f"{TEAMS}/{team.id}"
    for role in ("admin", "member", "guest"):
        added = await team.owner("POST", f"{team.path}/members", {"user_id": team[role].id, "role": role})
        assert added.status == 201, added.body
    return team


@pytest.fixture
def standing(team):
    """Returns who is what in the team."""

    async def standing():
        answer = await team.owner("GET", f"{team.path}/members")
        who = answer if answer.status == 200 else await team.admin("GET", f"{team.path}/members")
        return {one["user_id"]: one["role"] for one in who.json()["items"]}

    return standing


async def test_a_team_is_made_seen_changed_and_removed(person, told):
    """Its maker owns it, finds it among theirs, renames it and lets it go; the log tells all of it without names."""
    abe = await person("Abe")
    made = (await abe("POST", TEAMS, {"name": "  Platform "})).json()
    assert (made["name"], made["description"], made["role"], made["members"]) == ("Platform", "", "owner", 1)

    changed = await abe("PATCH", f"{TEAMS}/{made['id']}", {"description": "Runs it"})
    assert changed.json() == made | {"description": "Runs it"}
    assert (await abe("GET", TEAMS)).json()["items"] == [changed.json()]
    assert (await abe("GET", f"{TEAMS}/{made['id']}")).json() == changed.json()
    assert (await abe("DELETE", f"{TEAMS}/{made['id']}")).status == 204
    assert (await abe("GET", TEAMS)).json()["total"] == 0
    assert [row.event for row in await told()] == ["team.made", "team.changed", "team.removed"]
    assert not [row for row in await told() if "Platform" in str(row.details)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 101}, "name"), ({"name": "a\u0000"}, "name"), ({}, "name"),
        ({"name": "Ok", "description": "x" * 301}, "description"), ({"name": "Ok", "id": "x"}, "id"),
    ],
)  # fmt: skip
async def test_bad_teams_name_their_field(person, body, field):
    """A team needs a name that can be shown."""
    assert (await (await person("Abe"))("POST", TEAMS, body)).wrong_fields == {field}


async def test_viewers_make_no_teams_and_names_are_taken_once(person):
    """teams:make is needed; of five at once with the same name one is made; a team is not renamed to another's."""
    abe, viewer = await person("Abe"), await person("Vic", "viewer")
    assert (await viewer("POST", TEAMS, {"name": "Mine"})).slug == "forbidden"

    answers = await asyncio.gather(*(abe("POST", TEAMS, {"name": "One"}) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]
    other = (await abe("POST", TEAMS, {"name": "Two"})).json()
    assert (await abe("PATCH", f"{TEAMS}/{other['id']}", {"name": "One"})).slug == "team-name-taken"


async def test_nobody_owns_teams_without_end(person, monkeypatch):
    """Beyond a bound one's next team is refused."""
    monkeypatch.setattr("autograph.auth.teams.MOST_OWNED", 2)
    abe = await person("Abe")

    answers = [await abe("POST", TEAMS, {"name": f"Team {n}"}) for n in range(3)]

    assert [answer.status for answer in answers] == [201, 201, 409]
    assert answers[-1].slug == "too-many-teams"


async def test_to_somebody_outside_there_is_no_team(team, standing):
    """Every call is 404, as for a team that never was, whatever else is wrong with it."""
    calls = [
        ("GET", "", None), ("PATCH", "", {"name": "Ours"}), ("DELETE", "", None), ("GET", "/members", None),
        ("POST", "/members", {"user_id": team.outsider.id, "role": "owner"}),
        ("PUT", f"/members/{team.owner.id}", {"role": "guest"}), ("DELETE", f"/members/{team.owner.id}", None),
        ("DELETE", f"/members/{team.outsider.id}", None), ("POST", "/transfer", {"user_id": team.outsider.id}),
    ]  # fmt: skip
    before = await standing()
    for method, path, body in calls:
        theirs = await team.outsider(method, team.path + path, body)
        none = await team.outsider(method, f"{TEAMS}/none{path}", body)
        assert (theirs.status, theirs.slug) == (404, "not-found"), (method, path)
        assert none.slug == "not-found"
    assert (await team.outsider("GET", TEAMS)).json()["items"] == []
    assert (await team.outsider("GET", f"{TEAMS}?all=true")).slug == "forbidden"
    assert await standing() == before


@pytest.mark.parametrize("role", ["admin", "member", "guest"])
async def test_what_each_may_do(team, role):
    """Admins change and admit, members and guests look; only owners remove and transfer; guests see no addresses."""
    who, may = team[role], role == "admin"
    listed = (await who("GET", f"{team.path}/members")).json()["items"]
    assert len(listed) == 4
    assert all((one["email"] is None) == (role == "guest") for one in listed)
    assert (await who("GET", team.path)).json()["role"] == role

    added = await who("POST", f"{team.path}/members", {"user_id": team.outsider.id, "role": "member"})
    assert added.status == (201 if may else 403)
    assert (await who("PATCH", team.path, {"description": "New"})).status == (200 if may else 403)
    for path, body in (("", None), ("/transfer", {"user_id": who.id})):
        method = "POST" if body else "DELETE"
        assert (await who(method, team.path + path, body)).slug == "forbidden"


async def test_nobody_raises_themselves_or_lowers_an_owner(team, standing):
    """An admin gives everything but ownership and touches no owner; members and guests change nobody."""
    before = await standing()
    for role in ("admin", "member", "guest"):
        who = team[role]
        for target, wanted in (
            (who, "owner"),
            (team.owner, "guest"),
            (team.owner, "owner"),
            (team.guest, "owner"),
        ):
            answer = await who("PUT", f"{team.path}/members/{target.id}", {"role": wanted})
            assert answer.slug == "forbidden", (role, wanted)
        assert (await who("DELETE", f"{team.path}/members/{team.owner.id}")).slug == "forbidden"
        added = await who("POST", f"{team.path}/members", {"user_id": team.outsider.id, "role": "owner"})
        assert added.slug == "forbidden"
    assert (
        await team.member("PUT", f"{team.path}/members/{team.member.id}", {"role": "admin"})
    ).status == 403
    assert (await team.guest("PUT", f"{team.path}/members/{team.guest.id}", {"role": "member"})).status == 403
    assert await standing() == before

    changed = await team.admin("PUT", f"{team.path}/members/{team.guest.id}", {"role": "member"})
    assert changed.json()["role"] == "member"


async def test_people_are_added_once_and_taken_out(team, standing, told):
    """Adding twice is 409, nobody is 422, who is not in it cannot be changed; everybody may leave."""
    path = f"{team.path}/members"
    assert (
        await team.owner("POST", path, {"user_id": team.member.id, "role": "owner"})
    ).slug == "already-member"
    assert (await team.owner("POST", path, {"user_id": "none", "role": "member"})).wrong_fields == {"user_id"}
    assert (await team.owner("POST", path, {"user_id": team.member.id, "role": "king"})).wrong_fields == {
        "role"
    }
    for method, body in (("PUT", {"role": "member"}), ("DELETE", None)):
        assert (await team.owner(method, f"{path}/{team.outsider.id}", body)).slug == "not-found"

    assert (await team.guest("DELETE", f"{path}/{team.guest.id}")).status == 204
    assert (await team.guest("GET", team.path)).slug == "not-found"
    assert (await team.admin("DELETE", f"{path}/{team.member.id}")).status == 204
    assert await standing() == {team.owner.id: "owner", team.admin.id: "admin"}
    left, removed = await told("member.left", "member.removed")
    assert (left.actor_id, left.subject_id) == (team.guest.id, team.guest.id)
    assert (removed.actor_id, removed.subject_id) == (team.admin.id, team.member.id)
    assert removed.details == {"team": team.id, "role": None, "before": "member"}


async def test_a_disabled_account_is_not_added(team, person, root):
    """Who may not come in is as good as nobody."""
    gone = await person("Gone")
    await root("POST", f"/api/auth/admin/users/{gone.id}/disable")

    answer = await team.owner("POST", f"{team.path}/members", {"user_id": gone.id, "role": "member"})

    assert answer.wrong_fields == {"user_id"}


async def test_a_team_keeps_an_owner(team, standing):
    """The last one neither leaves, nor steps down, nor is put down by who manages all teams; a second one may."""
    mine = f"{team.path}/members/{team.owner.id}"
    assert (await team.owner("DELETE", mine)).slug == "last-owner"
    assert (await team.owner("PUT", mine, {"role": "admin"})).slug == "last-owner"

    await team.owner("PUT", f"{team.path}/members/{team.admin.id}", {"role": "owner"})
    assert (await team.owner("PUT", mine, {"role": "admin"})).status == 200
    assert (await standing())[team.owner.id] == "admin"


@pytest.mark.parametrize("way", ["down", "out", "each other"])
async def test_of_two_owners_who_go_at_once_one_stays(team, root, standing, way):
    """Over and over: of two who step down, leave or put each other down at the same moment, one remains."""
    path, pair = f"{team.path}/members", (team.owner, team.admin)

    def go(who, other):
        target = other if way == "each other" else who
        if way == "out":
            return who("DELETE", f"{path}/{target.id}")
        return who("PUT", f"{path}/{target.id}", {"role": "admin"})

    for _ in range(6):
        for who in pair:
            await root("POST", path, {"user_id": who.id, "role": "owner"})
            await root("PUT", f"{path}/{who.id}", {"role": "owner"})
        answers = await asyncio.gather(go(*pair), go(*pair[::-1]))
        assert sorted(answer.status < 300 for answer in answers) == [False, True]
        assert [*(await standing()).values()].count("owner") == 1


async def test_ownership_is_transferred(team, standing):
    """The new owner owns, the old one is an admin; who is not in the team cannot become it."""
    assert (
        await team.owner("POST", f"{team.path}/transfer", {"user_id": team.outsider.id})
    ).slug == "not-found"

    assert (await team.owner("POST", f"{team.path}/transfer", {"user_id": team.member.id})).json()[
        "role"
    ] == "owner"

    now = await standing()
    assert (now[team.owner.id], now[team.member.id]) == ("admin", "owner")
    assert (await team.owner("DELETE", team.path)).slug == "forbidden"
    same = await team.member("POST", f"{team.path}/transfer", {"user_id": team.member.id})
    assert same.json()["role"] == "owner"
    assert (await standing())[team.member.id] == "owner"


async def test_who_manages_teams_manages_all_of_them(team, root, person, database_of_roles, standing):
    """Sees every team without being in it, changes, admits, transfers and removes; for no longer than they may."""
    everything = (await root("GET", f"{TEAMS}?all=true")).json()
    assert [(one["id"], one["role"]) for one in everything["items"]] == [(team.id, None)]
    assert (await root("GET", TEAMS)).json()["items"] == []
    assert (await root("GET", f"{team.path}/members")).json()["total"] == 4
    assert (await root("DELETE", f"{team.path}/members/{team.owner.id}")).slug == "last-owner"
    moved = await root("POST", f"{team.path}/transfer", {"user_id": team.admin.id})
    assert moved.json()["role"] == "owner"
    assert (await root("PATCH", team.path, {"name": "Paid"})).json()["name"] == "Paid"

    await database_of_roles("warden", "teams:manage")
    warden = await person("Wes", "warden")
    assert (await warden("GET", team.path)).status == 200
    await root("PUT", "/api/auth/roles/warden", {"permissions": ["documents:read"]})
    assert (await warden("GET", team.path)).slug == "not-found"
    assert (await root("DELETE", team.path)).status == 204


async def test_a_key_changes_teams_only_where_it_manages_all(team, person, database, clock, keys):
    """Its owner's own teams it may look at and no more; a key with teams:manage may."""
    from tests import identity
    from tests.caller import Caller

    def by_key(who, *permissions):
        given = {"email": who.email, "name": who.name, "permissions": frozenset(permissions), "key_id": "k"}
        return Caller(who.app, {identity.HEADER: identity.assertion(keys, clock, who.id, **given)})

    weak = by_key(team.owner, "documents:read", "teams:make")
    assert (await weak("GET", team.path)).status == 200
    assert (await weak("DELETE", team.path)).slug == "forbidden"
    assert (await weak("POST", TEAMS, {"name": "By key"})).slug == "forbidden"
    claimed = by_key(team.outsider, "teams:manage")
    assert (await claimed("DELETE", team.path)).slug == "not-found"
    strong = by_key(await person("Ann", "admin"), "teams:manage")
    assert (await strong("DELETE", team.path)).status == 204
