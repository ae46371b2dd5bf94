"""Looking after people: for those who may see or manage everybody."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from autograph.auth.members import Member, Members, Outcome, OwnAccount, OwnFactors, Status
from autograph.auth.rights import BeyondOwnRights, LastAdministrator
from autograph.auth.routes.asked import Body, Human, Identity, Text
from autograph.auth.routes.gdpr import Departed, Departure, departed
from autograph.auth.routes.shapes import User, user_view
from autograph.clients.asked import permitted
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import Permission

router = APIRouter(prefix="/api/auth/admin/users", tags=["members"])

RoleName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class MemberView(User):
    """An account as whoever looks after people sees it."""

    created_at: datetime
    verified_at: datetime | None
    disabled_at: datetime | None
    is_locked: bool
    last_seen_at: datetime | None
    has_mfa: bool = Field(description="Whether there is a second factor of any kind.")
    has_passkey: bool
    sessions: int = Field(description="How many are alive.")


class MemberPage(BaseModel):
    """One page of accounts, by address."""

    items: list[MemberView]
    page: int
    page_size: int
    total: int


class MemberQuery(BaseModel):
    """Which accounts are wanted."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1, le=100_000)
    page_size: int = Field(default=50, ge=1, le=100)
    search: str = Field(default="", max_length=200, description="Part of an address or name.")
    role: str = Field(default="", max_length=64, description="A role that they have.")
    status: Status | None = None


class MemberChanges(Body):
    """What is to be replaced; what is left out stays."""

    roles: list[RoleName] | None = Field(default=None, min_length=1, max_length=20)
    name: Text | None = None


class RoleForMany(Body):
    """Whose only role this is to be."""

    user_ids: list[Annotated[str, StringConstraints(max_length=64)]] = Field(min_length=1, max_length=200)
    role: RoleName


class MemberOutcome(BaseModel):
    """What became of one person."""

    user_id: str
    outcome: Outcome


class MemberOutcomes(BaseModel):
    """What became of each."""

    items: list[MemberOutcome]


def _members(request: Request) -> Members:
    members: Members = request.app.state.members
    return members


Care = Annotated[Members, Depends(_members)]
Reader = Annotated[Principal, Depends(permitted(Permission.PEOPLE_READ))]
Manager = Annotated[Principal, Depends(permitted(Permission.PEOPLE_MANAGE))]
_REFUSALS = answers(Unauthenticated, Forbidden, BeyondOwnRights, NotFound, LastAdministrator, Invalid)


@router.get("", operation_id="list_members", responses=answers(Unauthenticated, Forbidden, Invalid))
async def list_members(_asker: Reader, members: Care, query: Annotated[MemberQuery, Query()]) -> MemberPage:
    """One page of the people of this installation."""
    found, total = await members.listed(**query.model_dump())
    return MemberPage(
        items=[_view(one) for one in found], page=query.page, page_size=query.page_size, total=total
    )


@router.post(
    "/roles",
    operation_id="give_role",
    responses=answers(Unauthenticated, Forbidden, BeyondOwnRights, Invalid),
)
async def give_role(body: RoleForMany, asker: Manager, members: Care) -> MemberOutcomes:
    """Make a role the only one of many people; each has an outcome of their own."""
    found = await members.give(asker, body.user_ids, body.role)
    return MemberOutcomes(items=[MemberOutcome(user_id=one, outcome=outcome) for one, outcome in found])


@router.get(
    "/{user_id}",
    operation_id="get_member",
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def get_member(user_id: Identity, _asker: Reader, members: Care) -> MemberView:
    """Somebody."""
    return _view(await members.one(user_id))


@router.patch("/{user_id}", operation_id="change_member", responses=_REFUSALS)
async def change_member(user_id: Identity, body: MemberChanges, asker: Manager, members: Care) -> MemberView:
    """Replace somebody's roles or name."""
    return _view(await members.change(asker, user_id, roles=body.roles, name=body.name))


@router.post("/{user_id}/disable", operation_id="disable_member", responses=_REFUSALS)
async def disable_member(user_id: Identity, asker: Manager, members: Care) -> MemberView:
    """Let somebody in no more; sessions, keys and links end everywhere within seconds."""
    return _view(await members.disable(asker, user_id))


@router.post("/{user_id}/enable", operation_id="enable_member", responses=_REFUSALS)
async def enable_member(user_id: Identity, asker: Manager, members: Care) -> MemberView:
    """Let somebody in again."""
    return _view(await members.enable(asker, user_id))


@router.post("/{user_id}/unlock", operation_id="unlock_member", responses=_REFUSALS)
async def unlock_member(user_id: Identity, asker: Manager, members: Care) -> MemberView:
    """Forget somebody's wrong sign-ins."""
    return _view(await members.unlock(asker, user_id))


@router.post("/{user_id}/sign-out", operation_id="sign_out_member", responses=_REFUSALS)
async def sign_out_member(user_id: Identity, asker: Manager, members: Care) -> MemberView:
    """End every session of somebody."""
    return _view(await members.sign_out(asker, user_id))


@router.post("/{user_id}/reset-mfa", operation_id="reset_mfa", responses=_REFUSALS | answers(OwnFactors))
async def reset_mfa(user_id: Identity, asker: Manager, members: Care) -> MemberView:
    """Take every second factor from somebody who has lost theirs; every session of theirs ends."""
    return _view(await members.reset_mfa(asker, user_id))


@router.post(
    "/{user_id}/remove",
    operation_id="remove_member",
    responses=_REFUSALS | answers(OwnAccount, LastAdministrator),
)
async def remove_member(
    user_id: Identity, body: Departure, asker: Manager, _: Human, members: Care, request: Request
) -> Departed:
    """Remove somebody and all that is theirs, for good. Documents go to somebody else, or with them."""
    left = await members.remove(asker, user_id, documents_to=body.documents_to)
    return departed(left, request.app.state.privacy)


def _view(member: Member) -> MemberView:
    person = member.person
    return MemberView(
        **user_view(person).model_dump(),
        created_at=person.created_at,
        verified_at=person.verified_at,
        disabled_at=person.disabled_at,
        is_locked=member.is_locked,
        last_seen_at=member.last_seen_at,
        has_mfa=member.has_mfa,
        has_passkey=member.has_passkey,
        sessions=member.sessions,
    )
