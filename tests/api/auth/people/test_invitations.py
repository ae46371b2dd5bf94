"""Invitations: nobody invites to more than they have, and each leads one person in, once, while its inviter may."""

import asyncio
import re

import pytest
from sqlalchemy import select
from tests.caller import Caller

from autograph.auth.tables import invitations, team_members

pytestmark = pytest.mark.feature("teams.teams")

INVITATIONS, TEAMS, USERS = "/api/auth/invitations", "/api/auth/teams", "/api/auth/admin/users"
PASSWORD = "correct horse battery"


@pytest.fixture
def app(make_auth):
    """An installation into which people come by invitation, and confirm their addresses."""
    return make_auth(registration="invited", verification="required")


@pytest.fixture
def anybody(app):
    return Caller(app)


@pytest.fixture
async def root(person, app):
    return await person("Root", "admin", app=app)


@pytest.fixture
def letters(app):
    """Returns the secrets of the mails of a kind to somebody, the oldest first; empty for those withdrawn."""

    async def letters(to, kind="invitation"):
        found, _ = await app.state.parts.mail.listed(page=1, page_size=99)
        texts = [
            (await app.state.parts.mail.read(one.id))[1]
            for one in reversed(found)
            if (one.recipient, one.kind) == (to, kind)
        ]
        return [match[1] if (match := re.search(r"#(\S+)", text)) else "" for text in texts]

    return letters


@pytest.fixture
def invite(root, letters):
    """Somebody (the administrator when nobody is named) invites an address; returns the secret of the mail."""

    async def invite(to="new@example.org", by=None, **more):
        answer = await (by or root)("POST", INVITATIONS, {"emails": [to], **more})
        assert answer.status == 200, answer.body
        assert [one["outcome"] for one in answer.json()["items"]] == ["invited"], answer.body
        return (await letters(to))[-1]

    return invite


@pytest.fixture
def link(root):
    """Somebody makes a link; returns its secret."""

    async def link(by=None, **body):
        answer = await (by or root)("POST", f"{INVITATIONS}/link", body)
        assert answer.status == 201, answer.body
        assert answer.json()["link"].startswith("http://127.0.0.1:8080/invitation#")
        return answer.json()["link"].partition("#")[2]

    return link


@pytest.fixture
def register(anybody):
    """Registers with an invitation."""

    async def register(secret, email="new@example.org", **more):
        body = {"email": email, "name": "New", "password": PASSWORD, "invitation": secret, **more}
        return await anybody("POST", "/api/auth/register", body)

    return register


@pytest.fixture
def roles_by(root):
    """Returns the roles of the account with an address; None when there is none."""

    async def roles_by(email):
        found = (await root("GET", f"{USERS}?search={email}")).json()["items"]
        return found[0]["roles"] if found else None

    return roles_by


@pytest.fixture
async def team(person, app):
    """A team's owner, with its ``team_id``."""
    owner = await person("Olga", app=app)
    owner.team_id = (await owner("POST", TEAMS, {"name": "Payments"})).json()["id"]
    return owner


async def sign_in(anybody, email):
    return await anybody("POST", "/api/auth/login", {"email": email, "password": PASSWORD})


async def test_an_invitation_by_mail_makes_a_verified_account_with_its_role(
    invite, register, anybody, roles_by, told
):
    """The mail proves the address: the account is open at once, with the role of the invitation."""
    secret = await invite(role="viewer")

    answer = await register(secret)

    assert (answer.status, answer.json()) == (201, {"must_verify": False})
    assert (await sign_in(anybody, "new@example.org")).status == 200
    assert await roles_by("new@example.org") == ["viewer"]
    made, account, used = await told("invitation.made", "account.made", "invitation.used")
    assert (made.event, account.details["how"], used.actor_id) == (
        "invitation.made",
        "invitation",
        account.subject_id,
    )
    assert secret not in str(await told())


async def test_a_link_makes_accounts_that_confirm_their_address(link, register, anybody, roles_by, letters):
    """So many as it has uses; each confirms their own address before the first sign-in."""
    secret = await link(uses=2, role="editor")

    answers = [await register(secret, f"new{n}@example.org") for n in range(3)]

    assert [answer.status for answer in answers] == [201, 201, 403]
    assert answers[0].json() == {"must_verify": True}
    assert answers[2].slug == "invitation-worthless"
    assert (await sign_in(anybody, "new0@example.org")).slug == "not-verified"
    assert len(await letters("new0@example.org", "verify")) == 1
    assert await roles_by("new2@example.org") is None


@pytest.mark.feature("auth.register")
async def test_whether_one_may_register_at_all(make_auth, person, register, invite, letters):
    """Invited: only with one. Open: with or without, and a bad one is not ignored. Closed: never."""
    assert (await register("")).slug == "registration-closed"
    assert (await register("none")).slug == "invitation-worthless"
    secret = await invite()

    closed = Caller(make_auth(registration="closed"))
    body = {"email": "new@example.org", "name": "New", "password": PASSWORD}
    assert (await closed("POST", "/api/auth/register", body)).slug == "registration-closed"
    shut = await closed("POST", "/api/auth/register", {**body, "invitation": secret})
    assert shut.slug == "registration-closed"

    opened = Caller(make_auth(registration="open", verification="required"))
    assert (await opened("POST", "/api/auth/register", {**body, "invitation": "none"})).status == 403
    assert (await opened("POST", "/api/auth/register", {**body, "invitation": secret})).json() == {
        "must_verify": False
    }
    assert (await opened("POST", "/api/auth/register", {**body, "email": "b@example.org"})).json() == {
        "must_verify": True
    }


async def test_an_invitation_is_for_its_address_alone(invite, register, roles_by):
    """However it is written it is the same address; another is refused, and the invitation works on."""
    secret = await invite(role="admin")

    assert (await register(secret, "mallory@example.org")).slug == "invitation-worthless"
    assert await roles_by("mallory@example.org") is None
    assert (await register(secret, " NEW@Example.ORG ")).status == 201


async def test_an_invitation_works_once_also_for_many_at_once(invite, link, register, roles_by):
    """Of many at the same moment, by mail or by a link with one use, one account is made."""
    secret = await invite()
    answers = await asyncio.gather(*(register(secret) for _ in range(5)))
    assert [answer.status for answer in answers].count(201) == 1
    assert {answer.slug for answer in answers if answer.status != 201} <= {
        "invitation-worthless",
        "email-taken",
    }

    secret = await link()
    answers = await asyncio.gather(*(register(secret, f"many{n}@example.org") for n in range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [403] * 7
    found = [await roles_by(f"many{n}@example.org") for n in range(8)]
    assert sum(one is not None for one in found) == 1


async def test_each_use_is_counted_exactly(link, app, database):
    """Of ten transactions that use a link with three uses at the same moment, three do."""
    from autograph.core.problem import Problem

    secret = await link(uses=3)

    async def use():
        try:
            async with database.begin() as connection:
                await app.state.invited.use(connection, secret)
        except Problem:
            return False
        return True

    assert sum(await asyncio.gather(*(use() for _ in range(10)))) == 3
    async with database.read() as connection:
        assert await connection.scalar(select(invitations.c.uses_left)) == 0


async def test_an_invitation_ends(invite, register, app, root, letters):
    """After its days, and when it is withdrawn: then the mail that waits for it is empty, too."""
    secret = await invite(expires_in_days=2)
    app.state.parts.clock.wind(days=2)
    assert (await register(secret)).slug == "invitation-worthless"

    secret = await invite("other@example.org")
    [one] = [one for one in (await root("GET", INVITATIONS)).json()["items"] if one["state"] == "open"]
    assert (await root("DELETE", f"{INVITATIONS}/{one['id']}")).status == 204
    assert (await root("DELETE", f"{INVITATIONS}/{one['id']}")).status == 204
    assert (await register(secret, "other@example.org")).slug == "invitation-worthless"
    assert await letters("other@example.org") == [""]


async def test_resending_replaces_the_link(invite, register, root, letters, app):
    """The earlier link is worth nothing, the new one lasts from now on; used and withdrawn ones are not sent again."""
    first = await invite(expires_in_days=1)
    [one] = (await root("GET", INVITATIONS)).json()["items"]
    app.state.parts.clock.wind(hours=36)
    assert (await root("GET", INVITATIONS)).json()["items"][0]["state"] == "expired"

    again = await root("POST", f"{INVITATIONS}/{one['id']}/resend", {"expires_in_days": 3})

    assert (again.json()["state"], again.json()["expires_at"]) == ("open", "2026-03-06T00:00:00Z")
    [_, second] = await letters("new@example.org")
    assert (await register(first)).slug == "invitation-worthless"
    assert (await register(second)).status == 201
    assert (await root("POST", f"{INVITATIONS}/{one['id']}/resend", {})).slug == "invitation-closed"
    await root("POST", f"{INVITATIONS}/link", {})
    by_link = (await root("GET", INVITATIONS)).json()["items"][0]
    assert (await root("POST", f"{INVITATIONS}/{by_link['id']}/resend", {})).slug == "invitation-closed"


async def test_whoever_holds_one_sees_who_invites_to_what(invite, link, anybody, team, database):
    """Inviter, team and roles are told to who shows the secret, nothing to others; it is never in an address."""
    seen = await anybody("POST", f"{INVITATIONS}/look", {"token": await invite(role="viewer")})
    assert seen.json() == {
        "email": "new@example.org", "inviter": "Root", "role": "viewer", "team": None, "team_role": None,
        "expires_at": "2026-03-08T12:00:00Z", "can_register": True,
    }  # fmt: skip
    assert seen.headers["cache-control"] == "no-store"
    by_link = await link(team, team_id=team.team_id, team_role="guest")
    seen = (await anybody("POST", f"{INVITATIONS}/look", {"token": by_link})).json()
    assert (seen["email"], seen["team"], seen["team_role"], seen["role"]) == (
        None,
        "Payments",
        "guest",
        "viewer",
    )
    assert (await anybody("POST", f"{INVITATIONS}/look", {"token": "none"})).slug == "invitation-worthless"
    assert (await anybody("GET", f"{INVITATIONS}/look?token={by_link}")).status in {401, 404, 405}
    async with database.read() as connection:
        kept = [*await connection.scalars(select(invitations.c.token_hash))]
    assert {len(one) for one in kept} == {32}
    assert by_link.encode() not in kept


async def test_guessing_is_throttled(make_auth):
    """Five wrong secrets from one address, then it must wait, on all three ways."""
    call = Caller(make_auth(registration="invited", tries_per_address=5), {"x-forwarded-for": "192.0.2.9"})
    for n in range(5):
        assert (await call("POST", f"{INVITATIONS}/look", {"token": f"wrong {n}"})).status == 403

    assert (await call("POST", f"{INVITATIONS}/look", {"token": "more"})).slug == "too-many-attempts"
    body = {"email": "x@example.org", "name": "X", "password": PASSWORD, "invitation": "more"}
    assert (await call("POST", "/api/auth/register", body)).slug == "too-many-attempts"


async def test_each_of_many_has_an_outcome_of_its_own(root, person, app, make_auth, letters):
    """Bad, foreign, known, invited and doubled addresses are told apart; the good ones are invited all the same."""
    await person("Known", app=app)
    await root("POST", INVITATIONS, {"emails": ["before@example.org"]})
    sent = ["good@example.org", "no address", "GOOD@example.org", "known@example.org", "before@example.org",
            "a\r\nBcc: b@example.org", "", "also@example.org"]  # fmt: skip

    items = (await root("POST", INVITATIONS, {"emails": sent})).json()["items"]

    assert [(one["email"], one["outcome"]) for one in items] == [
        ("good@example.org", "invited"), ("no address", "not-an-address"), ("known@example.org", "has-account"),
        ("before@example.org", "already-invited"), ("a\r\nBcc: b@example.org", "not-an-address"),
        ("", "not-an-address"), ("also@example.org", "invited"),
    ]  # fmt: skip
    assert [bool(one["invitation_id"]) for one in items] == [True, False, False, False, False, False, True]
    assert [len(await letters(to)) for to in ("good@example.org", "known@example.org")] == [1, 0]

    strict = await person(
        "Strict", "admin", app=make_auth(registration="invited", allowed_domains=("example.org",))
    )
    answer = await strict("POST", INVITATIONS, {"emails": ["x@elsewhere.org", "x@example.org"]})
    assert [one["outcome"] for one in answer.json()["items"]] == ["domain-not-allowed", "invited"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"emails": []}, "emails"), ({"emails": ["a@b.org"] * 201}, "emails"), ({"emails": ["x" * 2000]}, "emails.0"),
        ({"emails": "a@b.org"}, "emails"), ({"emails": ["a@b.org"], "role": "none-such"}, "role"),
        ({"emails": ["a@b.org"], "team_role": "admin"}, "team_role"), ({"emails": ["a@b.org"], "uses": 2}, "uses"),
        ({"emails": ["a@b.org"], "expires_in_days": 0}, "expires_in_days"),
        ({"emails": ["a@b.org"], "expires_in_days": 91}, "expires_in_days"),
        ({"emails": ["a@b.org"], "team_id": "x", "team_role": "king"}, "team_role"),
        ({"emails": ["a@b.org"], "team_id": "x", "team_role": "guest", "role": "editor"}, "role"),
    ],
)  # fmt: skip
async def test_bad_invitations_name_their_field(root, body, field):
    """Numbers out of range, roles that are none, guests who would be more than viewers."""
    assert (await root("POST", INVITATIONS, body)).wrong_fields == {field}


async def test_nobody_invites_to_what_they_do_not_have(person, app, database_of_roles, team):
    """A people manager not to an administrator's role; an editor to none; neither to a team that is not theirs."""
    await database_of_roles("caretaker", "people:manage", "people:read", "documents:read")
    manager = await person("Mara", "caretaker", app=app)
    editor = await person("Eve", app=app)

    for role in ("admin", "editor", "viewer"):
        for path, body in (("", {"emails": ["x@example.org"]}), ("/link", {})):
            answer = await manager("POST", INVITATIONS + path, {**body, "role": role})
            assert (answer.status, answer.slug) == (403, "beyond-own-rights"), role
            assert (await editor("POST", INVITATIONS + path, {**body, "role": role})).slug == "forbidden"
    theirs = {"emails": ["x@example.org"], "team_id": team.team_id, "role": "caretaker"}
    assert (await manager("POST", INVITATIONS, theirs)).slug == "not-found"
    assert (await editor("POST", INVITATIONS, {**theirs, "role": "editor"})).slug == "not-found"
    assert (
        await manager("POST", INVITATIONS, {"emails": ["x@example.org"], "role": "caretaker"})
    ).status == 200


async def test_a_team_invites_with_the_role_that_everybody_gets(team, person, app, make_auth, root):
    """Owners and admins do, members and guests do not; owners alone make owners; nobody does where all is closed."""
    people = {role: await person(role.capitalize(), app=app) for role in ("admin", "member", "guest")}
    for role, who in people.items():
        await team("POST", f"{TEAMS}/{team.team_id}/members", {"user_id": who.id, "role": role})

    async def ask(who, email, **more):
        return await who("POST", INVITATIONS, {"emails": [email], "team_id": team.team_id, **more})

    assert (await ask(team, "a@example.org", team_role="owner")).status == 200
    assert (await ask(people["admin"], "b@example.org", team_role="admin")).status == 200
    assert (await ask(people["admin"], "c@example.org", team_role="owner")).slug == "forbidden"
    assert (await ask(people["admin"], "c@example.org", team_role="guest")).status == 200
    for role in ("viewer", "admin"):
        assert (await ask(team, "d@example.org", role=role)).slug == "forbidden"
    for role in ("member", "guest"):
        assert (await ask(people[role], "d@example.org")).slug == "forbidden"

    closed = make_auth(registration="closed")
    for who in (team, root):
        who.app = closed
    assert (await ask(team, "e@example.org")).slug == "registration-closed"
    assert (await root("POST", INVITATIONS, {"emails": ["e@example.org"]})).slug == "registration-closed"
    assert (await ask(root, "e@example.org")).status == 200


async def test_a_team_s_owner_who_only_reads_invites_nobody_who_draws(team, person, app, root):
    """The role that everybody gets may more than a viewer may: a viewer who owns a team invites guests alone."""
    viewer = await person("Vic", "viewer", app=app)
    await team("POST", f"{TEAMS}/{team.team_id}/members", {"user_id": viewer.id, "role": "owner"})
    body = {"emails": ["x@example.org"], "team_id": team.team_id}

    assert (await viewer("POST", INVITATIONS, body)).slug == "beyond-own-rights"
    assert (await viewer("POST", INVITATIONS, {**body, "team_role": "guest"})).status == 200


async def test_a_team_learns_of_nobody_s_account(team, person, app, invite, register, anybody):
    """To whoever does not manage people it looks the same whether an address has an account; who has one, accepts."""
    known = await person("Known", app=app)
    body = {"emails": ["known@example.org", "unknown@example.org"], "team_id": team.team_id}

    items = (await team("POST", INVITATIONS, body)).json()["items"]
    assert [one["outcome"] for one in items] == ["invited", "invited"]

    again = (await team("POST", INVITATIONS, body)).json()["items"]
    assert [one["outcome"] for one in again] == ["already-invited", "already-invited"]
    await team("POST", f"{TEAMS}/{team.team_id}/members", {"user_id": known.id, "role": "guest"})
    inside = (await team("POST", INVITATIONS, body)).json()["items"]
    assert [one["outcome"] for one in inside] == ["already-member", "already-invited"]


async def test_invitations_of_a_team_have_a_bound(team, root, monkeypatch, letters):
    """Who does not manage people has so many open ones at a time; mail is not sent without end."""
    monkeypatch.setattr("autograph.auth.invitations.MOST_OPEN", 3)
    emails = [f"n{n}@example.org" for n in range(5)]

    found = (await team("POST", INVITATIONS, {"emails": emails, "team_id": team.team_id})).json()["items"]
    assert [one["outcome"] for one in found] == ["invited"] * 3 + ["too-many"] * 2
    found = (await team("POST", INVITATIONS, {"emails": emails[3:], "team_id": team.team_id})).json()["items"]
    assert [one["outcome"] for one in found] == ["too-many"] * 2
    found = (await root("POST", INVITATIONS, {"emails": emails})).json()["items"]
    assert [one["outcome"] for one in found] == ["invited"] * 5


async def test_nobody_s_mailbox_is_filled(team, root, register, letters, app):
    """Five a day go to one address, invited anew or sent again, whoever sends them; others are not held up."""
    body = {"emails": ["victim@example.org", "other@example.org"], "team_id": team.team_id}
    [made, _] = (await team("POST", INVITATIONS, body)).json()["items"]
    where = f"{INVITATIONS}/{made['invitation_id']}"
    answers = [await team("POST", f"{where}/resend", {}) for _ in range(6)]

    assert [answer.status for answer in answers] == [200] * 4 + [429] * 2
    assert (answers[-1].slug, answers[-1].headers["retry-after"]) == ("too-many-invitations", "86400")
    [*_, last] = await letters("victim@example.org")
    assert len(await letters("victim@example.org")) == 5
    assert (await team("DELETE", where)).status == 204
    for who in (team, root):
        again = {"emails": ["victim@example.org", "third@example.org"], "team_id": team.team_id}
        first = (await who("POST", INVITATIONS, again)).json()["items"][0]
        assert first["outcome"] == "too-many"
    assert (await register(last, "victim@example.org")).slug == "invitation-worthless"
    app.state.parts.clock.wind(days=1)
    assert (await root("POST", INVITATIONS, again)).json()["items"][0]["outcome"] == "invited"


async def test_a_new_account_comes_into_its_team(team, link, invite, register, database, roles_by):
    """With the role of the invitation here and there; a guest is a viewer."""
    by_mail = await invite("m@example.org", team, team_id=team.team_id, team_role="admin")
    by_link = await link(team, team_id=team.team_id, team_role="guest")
    assert (await register(by_mail, "m@example.org")).status == 201
    assert (await register(by_link, "g@example.org")).status == 201

    members = (await team("GET", f"{TEAMS}/{team.team_id}/members")).json()["items"]
    assert {one["email"]: one["role"] for one in members} == {
        "olga@example.org": "owner", "m@example.org": "admin", "g@example.org": "guest",
    }  # fmt: skip
    assert await roles_by("m@example.org") == ["editor"]
    assert await roles_by("g@example.org") == ["viewer"]


async def test_somebody_with_an_account_accepts(team, person, app, invite, link, told):
    """Into the team, as what it says, once; their own roles stay; who is in it does not use it up."""
    abe = await person("Abe", "viewer", app=app)
    secret = await invite("abe@example.org", team, team_id=team.team_id)

    accepted = await abe("POST", f"{INVITATIONS}/accept", {"token": secret})

    assert (accepted.status, accepted.json()["name"], accepted.json()["role"]) == (200, "Payments", "member")
    assert (await abe("POST", f"{INVITATIONS}/accept", {"token": secret})).slug == "invitation-worthless"
    assert (await abe("GET", "/api/auth/teams")).json()["total"] == 1
    assert abe.person.roles == ("viewer",)
    by_link = await link(team, team_id=team.team_id)
    assert (await abe("POST", f"{INVITATIONS}/accept", {"token": by_link})).slug == "already-member"
    bea = await person("Bea", app=app)
    assert (await bea("POST", f"{INVITATIONS}/accept", {"token": by_link})).status == 200
    assert [row.actor_id for row in await told("invitation.used")] == [abe.id, bea.id]


async def test_what_cannot_be_accepted(team, person, app, invite, link, anybody, database):
    """Another's address, no team, nobody signed in, a key, a disabled account; of many at once one comes in."""
    abe = await person("Abe", app=app)
    for_other = await invite("other@example.org", team, team_id=team.team_id)
    assert (await abe("POST", f"{INVITATIONS}/accept", {"token": for_other})).slug == "invitation-worthless"
    no_team = await link(role="admin")
    assert (
        await abe("POST", f"{INVITATIONS}/accept", {"token": no_team})
    ).slug == "invitation-for-new-account"
    secret = await link(team, team_id=team.team_id)
    assert (await anybody("POST", f"{INVITATIONS}/accept", {"token": secret})).slug == "unauthenticated"
    by_key = await person("Kim", app=app, key_id="k")
    assert (await by_key("POST", f"{INVITATIONS}/accept", {"token": secret})).slug == "forbidden"

    many = [await person(f"Many{n}", app=app) for n in range(6)]
    answers = await asyncio.gather(*(one("POST", f"{INVITATIONS}/accept", {"token": secret}) for one in many))
    assert sorted(answer.status for answer in answers) == [200] + [403] * 5
    async with database.read() as connection:
        assert len((await connection.execute(select(team_members))).all()) == 2


@pytest.mark.parametrize("what", ["disabled", "demoted", "widened", "out of the team"])
async def test_nobody_leaves_a_door_open(
    what, root, team, person, app, link, register, anybody, database_of_roles
):
    """An invitation is worth what its inviter may do when it is used: not more once they may do less, or it brings more."""
    await database_of_roles("caretaker", "people:manage", "documents:read")
    await database_of_roles("reader", "documents:read")
    manager = await person("Mara", "caretaker", app=app)
    if what == "out of the team":
        second = await person("Second", app=app)
        await team("POST", f"{TEAMS}/{team.team_id}/members", {"user_id": second.id, "role": "admin"})
        secret = await link(second, team_id=team.team_id, uses=9)
        await team("PUT", f"{TEAMS}/{team.team_id}/members/{second.id}", {"role": "member"})
    else:
        secret = await link(manager, role="reader", uses=9)
    if what == "disabled":
        await root("POST", f"{USERS}/{manager.id}/disable")
        await root("POST", f"{USERS}/{manager.id}/enable")
    elif what == "demoted":
        await root("PATCH", f"{USERS}/{manager.id}", {"roles": ["editor"]})
    elif what == "widened":
        await root("PUT", "/api/auth/roles/reader", {"permissions": ["documents:read", "audit:read"]})

    assert (await register(secret)).slug == "invitation-worthless"
    assert (await anybody("POST", f"{INVITATIONS}/look", {"token": secret})).slug == "invitation-worthless"


async def test_a_removed_role_takes_its_invitations_along(root, link, register, database_of_roles):
    """Made anew under the same name it does not revive them."""
    await database_of_roles("reader", "documents:read")
    secret = await link(role="reader")
    assert (await root("DELETE", "/api/auth/roles/reader")).status == 204
    await root("POST", "/api/auth/roles", {"name": "reader", "permissions": ["people:manage"]})

    assert (await register(secret)).slug == "invitation-worthless"


async def test_who_sees_and_withdraws_invitations(root, team, person, app, invite, database_of_roles):
    """The team's owners theirs, who sees people all of them, others none: 404, whatever they know."""
    await database_of_roles("caretaker", "people:read", "people:manage", "documents:read")
    manager, stranger = await person("Mara", "caretaker", app=app), await person("Eve", app=app)
    member = await person("Mia", app=app)
    await team("POST", f"{TEAMS}/{team.team_id}/members", {"user_id": member.id, "role": "member"})
    await invite("t@example.org", team, team_id=team.team_id)
    await invite("a@example.org", role="admin")
    high, low = (await root("GET", INVITATIONS)).json()["items"]
    assert (high["inviter"], low["inviter"], low["team"]) == ("Root", "Olga", "Payments")

    assert (await stranger("GET", INVITATIONS)).slug == "forbidden"
    assert (await team("GET", INVITATIONS)).slug == "forbidden"
    assert (await stranger("GET", f"{INVITATIONS}?team_id={team.team_id}")).slug == "not-found"
    assert (await member("GET", f"{INVITATIONS}?team_id={team.team_id}")).slug == "forbidden"
    assert (await team("GET", f"{INVITATIONS}?team_id={team.team_id}")).json()["items"] == [low]
    for who in (stranger, member, team):
        assert (await who("DELETE", f"{INVITATIONS}/{high['id']}")).slug == "not-found"
        assert (await who("POST", f"{INVITATIONS}/{high['id']}/resend", {})).slug == "not-found"
        assert (await who("DELETE", f"{INVITATIONS}/none")).slug == "not-found"
    assert (await stranger("DELETE", f"{INVITATIONS}/{low['id']}")).slug == "not-found"
    assert (await manager("DELETE", f"{INVITATIONS}/{high['id']}")).slug == "beyond-own-rights"
    assert (await manager("POST", f"{INVITATIONS}/{high['id']}/resend", {})).slug == "beyond-own-rights"
    assert (await team("DELETE", f"{INVITATIONS}/{low['id']}")).status == 204


async def test_an_address_with_an_account_is_told_apart_only_to_its_owner(
    link, invite, register, person, app, team, letters, anybody
):
    """By a link both look the same and use it up; who got the mail has proven the address and is told."""
    await person("Known", app=app)
    new = await register(await link(), "fresh@example.org")
    secret = await link()
    known = await register(secret, "known@example.org")
    assert (known.status, known.body) == (new.status, new.body)
    assert (await register(secret, "other@example.org")).slug == "invitation-worthless"
    assert len(await letters("known@example.org", "already-registered")) == 1

    by_mail = await invite("known@example.org", team, team_id=team.team_id)
    told = await register(by_mail, "known@example.org")
    assert (told.status, told.slug) == (409, "email-taken")
    assert (await anybody("POST", f"{INVITATIONS}/look", {"token": by_mail})).status == 200


async def test_a_refused_registration_does_not_use_it_up(link, register):
    """A weak password, or no name, and the link works on."""
    secret = await link()
    assert (await register(secret, password="12345678")).wrong_fields == {"password"}
    assert (await register(secret, name="")).wrong_fields == {"name"}

    assert (await register(secret)).status == 201


async def test_a_team_that_goes_takes_its_invitations_along(team, link, register):
    """Removed at the same moment as somebody comes in, or before: nobody is left in a team that is not there."""
    secret = await link(team, team_id=team.team_id, uses=50)
    answers = await asyncio.gather(
        *(register(secret, f"n{n}@example.org") for n in range(4)), team("DELETE", f"{TEAMS}/{team.team_id}")
    )

    assert {answer.status for answer in answers} <= {201, 204, 403}
    assert (await register(secret, "late@example.org")).slug == "invitation-worthless"


async def test_a_key_invites_only_where_it_manages_people(person, app):
    """A key with people:manage does, with its owner's standing; another does not."""
    able = await person("Ann", "admin", app=app, key_id="k1", only=frozenset({"people:manage"}))
    unable = await person("Ben", "admin", app=app, key_id="k2", only=frozenset({"people:read"}))

    assert (await able("POST", INVITATIONS, {"emails": ["x@example.org"], "role": "editor"})).status == 200
    assert (await unable("POST", INVITATIONS, {"emails": ["y@example.org"]})).slug == "forbidden"
    assert (await able("GET", INVITATIONS)).slug == "forbidden"
