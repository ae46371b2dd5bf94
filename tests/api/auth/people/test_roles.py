"""Roles of an installation's own: they allow what they say, and nobody makes one that allows more than they may."""

import asyncio

import pytest

from autograph.model.rights import BUILT_IN, TEMPLATES, Permission

pytestmark = pytest.mark.feature("auth.roles")

ROLES = "/api/auth/roles"


@pytest.fixture
async def keeper(person, database_of_roles):
    """Somebody who may manage roles and people, and little else."""
    await database_of_roles("keeper", "roles:manage", "people:read", "people:manage", "documents:read")
    return await person("Kay", "keeper")


def body(*permissions, **more):
    return {"name": "reviewer", "description": "Reads", "permissions": list(permissions), **more}


async def test_everybody_sees_roles_permissions_and_templates(person):
    """The built-in roles stand first; every permission has a description; templates are no roles yet."""
    viewer = await person("Vic", "viewer")

    found = (await viewer("GET", ROLES)).json()

    assert [role["name"] for role in found["items"]] == ["admin", "editor", "viewer"]
    assert all(role["is_built_in"] for role in found["items"])
    assert {one["name"] for one in found["permissions"]} == {*Permission}
    assert all(one["description"] for one in found["permissions"])
    assert [role["name"] for role in found["templates"]] == [role.name for role in TEMPLATES]


async def test_a_role_is_made_changed_and_removed(root, told):
    """What was made is listed, changes replace it whole, and every step is in the audit log."""
    made = await root("POST", ROLES, body("documents:read"))
    assert (made.status, made.json()["permissions"]) == (201, ["documents:read"])
    changed = await root("PUT", f"{ROLES}/reviewer", {"permissions": ["documents:export", "documents:read"]})
    assert changed.json()["description"] == ""
    listed = (await root("GET", ROLES)).json()["items"]
    assert listed[-1] == changed.json() | {"is_built_in": False}

    assert (await root("DELETE", f"{ROLES}/reviewer")).status == 204
    assert (await root("DELETE", f"{ROLES}/reviewer")).slug == "not-found"
    assert [row.event for row in await told()] == ["role.made", "role.changed", "role.removed"]
    assert {(row.actor_id, row.subject_id) for row in await told()} == {(root.id, "reviewer")}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x"), ("name", "Reviewer"), ("name", "a" * 51), ("name", "1st"), ("name", 'a"b'), ("name", "a%"),
        ("name", ""), ("description", "x" * 301), ("description", "a\u202eb"), ("permissions", []),
        ("permissions.0", "everything"), ("permissions.0", 1), ("is_built_in", True),
    ],
)  # fmt: skip
async def test_bad_roles_name_their_field(root, field, value):
    """A name, description or permission that is none is 422 and names it."""
    sent = body("documents:read", **{field.split(".")[0]: [value] if "." in field else value})

    assert (await root("POST", ROLES, sent)).wrong_fields == {field}


async def test_a_name_is_taken_once_also_by_two_at_once(root):
    """Of five at the same moment one makes the role; the built-in names are taken from the start."""
    answers = await asyncio.gather(*(root("POST", ROLES, body("documents:read")) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]

    for name in BUILT_IN:
        assert (await root("POST", ROLES, body("documents:read", name=name))).slug == "role-taken"
        assert (await root("PUT", f"{ROLES}/{name}", {"permissions": ["keys:make"]})).slug == "built-in-role"
        assert (await root("DELETE", f"{ROLES}/{name}")).slug == "built-in-role"


async def test_nobody_makes_a_role_that_may_more_than_they_do(keeper):
    """Each permission that the maker lacks is refused, alone or among others."""
    for permission in set(Permission) - {"roles:manage", "people:read", "people:manage", "documents:read"}:
        answer = await keeper("POST", ROLES, body("documents:read", permission))
        assert (answer.status, answer.slug) == (403, "beyond-own-rights")
        assert permission in answer.json()["detail"]
    assert (await keeper("POST", ROLES, body("documents:read", "roles:manage"))).status == 201


async def test_nobody_widens_narrows_or_removes_a_role_that_may_more_than_they_do(keeper, root):
    """A role beyond one's own rights is out of reach, and one's own role cannot be widened."""
    await root("POST", ROLES, body("audit:read", name="auditor"))
    for changed in (["documents:read"], ["audit:read"], ["documents:read", "audit:read"]):
        answer = await keeper("PUT", f"{ROLES}/auditor", {"permissions": changed})
        assert answer.slug == "beyond-own-rights"
    assert (await keeper("DELETE", f"{ROLES}/auditor")).slug == "beyond-own-rights"

    widened = {"permissions": ["roles:manage", "people:manage", "operations:manage"]}
    assert (await keeper("PUT", f"{ROLES}/keeper", widened)).slug == "beyond-own-rights"


async def test_rights_are_those_of_now_not_of_the_last_sign_in(keeper, root):
    """Whose role was narrowed a moment ago does no more with the proof of who they were."""
    narrowed = {"permissions": ["roles:manage", "people:read"]}
    assert (await root("PUT", f"{ROLES}/keeper", narrowed)).status == 200

    assert (await keeper("POST", ROLES, body("people:manage"))).slug == "beyond-own-rights"
    assert (await root("PUT", f"{ROLES}/keeper", {"permissions": ["people:read"]})).status == 200
    assert (await keeper("POST", ROLES, body("people:read"))).slug == "forbidden"


async def test_a_role_that_somebody_has_stays(root, person, database_of_roles):
    """It is removed once nobody has it; a role whose name begins alike does not count."""
    await database_of_roles("review", "documents:read")
    await root("POST", ROLES, body("documents:read"))
    await person("Rae", "viewer", "reviewer")

    assert (await root("DELETE", f"{ROLES}/reviewer")).slug == "role-in-use"
    assert (await root("DELETE", f"{ROLES}/review")).status == 204


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_others_manage_no_roles(person, role):
    """Without roles:manage every change is 403."""
    somebody = await person("Eve", role)

    assert (await somebody("POST", ROLES, body("documents:read"))).slug == "forbidden"
    assert (await somebody("PUT", f"{ROLES}/editor", {"permissions": ["keys:make"]})).slug == "forbidden"
    assert (await somebody("DELETE", f"{ROLES}/editor")).slug == "forbidden"
