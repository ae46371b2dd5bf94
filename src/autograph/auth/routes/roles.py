"""Roles: which there are, what they allow, and the installation's own."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from autograph.auth.rights import BeyondOwnRights
from autograph.auth.roles import BuiltInRole, RoleInUse, Roles
from autograph.auth.routes.asked import Asker, Body, Text
from autograph.auth.store.roles import RoleTaken
from autograph.clients.asked import permitted
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import BUILT_IN, DESCRIPTIONS, TEMPLATES, Permission, Role

router = APIRouter(tags=["roles"])


class RoleChanges(Body):
    """What a role says and allows."""

    description: Text = ""
    permissions: list[Permission] = Field(min_length=1, max_length=100)


class NewRole(RoleChanges):
    """A role of the installation's own."""

    name: Text = Field(description="2 to 50 small letters, digits and dashes, a letter first.")


class RoleView(BaseModel):
    """A role."""

    name: str
    description: str
    permissions: list[Permission]
    is_built_in: bool


class PermissionView(BaseModel):
    """Something that one may be allowed to do."""

    name: Permission
    description: str


class RoleList(BaseModel):
    """Every role, every permission, and what a new role may begin as."""

    items: list[RoleView]
    permissions: list[PermissionView]
    templates: list[RoleView]


def _roles(request: Request) -> Roles:
    roles: Roles = request.app.state.roles
    return roles


Known = Annotated[Roles, Depends(_roles)]
Maker = Annotated[Principal, Depends(permitted(Permission.ROLES_MANAGE))]
RoleName = Annotated[str, Path(max_length=64)]


@router.get("/api/auth/roles", operation_id="list_roles", responses=answers(Unauthenticated))
async def list_roles(_asker: Asker, roles: Known) -> RoleList:
    """All roles with what they allow, and all permissions with what they mean."""
    return RoleList(
        items=[_view(role) for role in await roles.listed()],
        permissions=[PermissionView(name=one, description=DESCRIPTIONS[one]) for one in Permission],
        templates=[_view(role) for role in TEMPLATES],
    )


@router.post(
    "/api/auth/roles",
    operation_id="make_role",
    status_code=201,
    responses=answers(Unauthenticated, Forbidden, BeyondOwnRights, RoleTaken, Invalid),
)
async def make_role(body: NewRole, asker: Maker, roles: Known) -> RoleView:
    """Make a role that allows nothing that I may not do."""
    return _view(await roles.make(asker, body.name, body.description, body.permissions))


@router.put(
    "/api/auth/roles/{name}",
    operation_id="change_role",
    responses=answers(Unauthenticated, Forbidden, BeyondOwnRights, NotFound, BuiltInRole, Invalid),
)
async def change_role(name: RoleName, body: RoleChanges, asker: Maker, roles: Known) -> RoleView:
    """Replace what a role says and allows; it holds for whoever has it within seconds."""
    return _view(await roles.change(asker, name, body.description, body.permissions))


@router.delete(
    "/api/auth/roles/{name}",
    operation_id="remove_role",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, BeyondOwnRights, NotFound, BuiltInRole, RoleInUse, Invalid),
)
async def remove_role(name: RoleName, asker: Maker, roles: Known) -> None:
    """Remove a role that nobody has."""
    await roles.remove(asker, name)


def _view(role: Role) -> RoleView:
    return RoleView(
        name=role.name,
        description=role.description,
        permissions=sorted(role.permissions),
        is_built_in=BUILT_IN.get(role.name) is role,
    )
