"""Teams, and who belongs to them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from autograph.auth.routes.asked import Asker, Body, Identity, Text
from autograph.auth.store.teams import Counted, TeamMember, TeamNameTaken, TeamRole
from autograph.auth.teams import AlreadyMember, LastOwner, Teams, TooManyTeams
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import Permission, can

router = APIRouter(prefix="/api/auth/teams", tags=["teams"])

UserId = Annotated[str, StringConstraints(max_length=64)]


class NewTeam(Body):
    """A team."""

    name: Text
    description: Text = ""


class TeamChanges(Body):
    """What is to be replaced; what is left out stays."""

    name: Text | None = None
    description: Text | None = None


class NewTeamMember(Body):
    """Who is to belong to a team, as what."""

    user_id: UserId
    role: TeamRole = "member"


class TeamRoleChange(Body):
    """What somebody is to be in a team."""

    role: TeamRole


class TeamTransfer(Body):
    """Who is to own a team."""

    user_id: UserId


class TeamView(BaseModel):
    """A team."""

    id: str
    name: str
    description: str
    created_at: datetime
    role: TeamRole | None = Field(description="What I am in it; None when I look after all teams.")
    members: int


class TeamPage(BaseModel):
    """One page of teams by name."""

    items: list[TeamView]
    page: int
    page_size: int
    total: int


class TeamMemberView(BaseModel):
    """Somebody in a team."""

    user_id: str
    name: str
    email: str | None = Field(description="None when a guest asks.")
    role: TeamRole
    added_at: datetime
    is_disabled: bool


class TeamMemberPage(BaseModel):
    """One page of the people of a team by name."""

    items: list[TeamMemberView]
    page: int
    page_size: int
    total: int


def _teams(request: Request) -> Teams:
    teams: Teams = request.app.state.teams
    return teams


def _changer(asker: Asker) -> Principal:
    """Somebody who may change teams; a key only where it manages all of them."""
    if asker.key_id and not can(asker, Permission.TEAMS_MANAGE):
        raise Forbidden("An API key may not do this. Sign in.")
    return asker


Known = Annotated[Teams, Depends(_teams)]
Changer = Annotated[Principal, Depends(_changer)]
Page = Annotated[int, Query(ge=1, le=100_000)]
PageSize = Annotated[int, Query(ge=1, le=100)]
_SEEN = answers(Unauthenticated, NotFound, Invalid)
_CHANGED = answers(Unauthenticated, Forbidden, NotFound, Invalid)


@router.get("", operation_id="list_teams", responses=answers(Unauthenticated, Forbidden, Invalid))
async def list_teams(
    asker: Asker,
    teams: Known,
    everyones: Annotated[bool, Query(alias="all", description="All teams, for who manages them.")] = False,
    page: Page = 1,
    page_size: PageSize = 50,
) -> TeamPage:
    """My teams, or all of them."""
    found, total = await teams.listed(asker, everyones=everyones, page=page, page_size=page_size)
    return TeamPage(items=[team_view(one) for one in found], page=page, page_size=page_size, total=total)


@router.post(
    "",
    operation_id="make_team",
    status_code=201,
    responses=answers(Unauthenticated, Forbidden, TeamNameTaken, TooManyTeams, Invalid),
)
async def make_team(body: NewTeam, asker: Changer, teams: Known) -> TeamView:
    """Make a team that I own."""
    return team_view(await teams.make(asker, body.name, body.description))


@router.get("/{team_id}", operation_id="get_team", responses=_SEEN)
async def get_team(team_id: Identity, asker: Asker, teams: Known) -> TeamView:
    """A team of mine."""
    return team_view(await teams.one(asker, team_id))


@router.patch("/{team_id}", operation_id="change_team", responses=_CHANGED | answers(TeamNameTaken))
async def change_team(team_id: Identity, body: TeamChanges, asker: Changer, teams: Known) -> TeamView:
    """Replace what a team is called or says."""
    return team_view(await teams.change(asker, team_id, name=body.name, description=body.description))


@router.delete("/{team_id}", operation_id="remove_team", status_code=204, responses=_CHANGED)
async def remove_team(team_id: Identity, asker: Changer, teams: Known) -> None:
    """Remove a team that I own."""
    await teams.remove(asker, team_id)


@router.get("/{team_id}/members", operation_id="list_team_members", responses=_SEEN)
async def list_team_members(
    team_id: Identity, asker: Asker, teams: Known, page: Page = 1, page_size: PageSize = 50
) -> TeamMemberPage:
    """Who belongs to a team."""
    found, total, standing = await teams.members(asker, team_id, page=page, page_size=page_size)
    items = [_member_view(one, with_address=standing != "guest") for one in found]
    return TeamMemberPage(items=items, page=page, page_size=page_size, total=total)


@router.post(
    "/{team_id}/members",
    operation_id="add_team_member",
    status_code=201,
    responses=_CHANGED | answers(AlreadyMember),
)
async def add_team_member(
    team_id: Identity, body: NewTeamMember, asker: Changer, teams: Known
) -> TeamMemberView:
    """Make somebody who has an account a part of a team. Others are invited."""
    return _member_view(await teams.add(asker, team_id, body.user_id, body.role))


@router.put(
    "/{team_id}/members/{user_id}",
    operation_id="change_team_member",
    responses=_CHANGED | answers(LastOwner),
)
async def change_team_member(
    team_id: Identity, user_id: Identity, body: TeamRoleChange, asker: Changer, teams: Known
) -> TeamMemberView:
    """Replace what somebody is in a team."""
    return _member_view(await teams.set_role(asker, team_id, user_id, body.role))


@router.delete(
    "/{team_id}/members/{user_id}",
    operation_id="remove_team_member",
    status_code=204,
    responses=_CHANGED | answers(LastOwner),
)
async def remove_team_member(team_id: Identity, user_id: Identity, asker: Changer, teams: Known) -> None:
    """Take somebody out of a team, or leave it."""
    await teams.take_out(asker, team_id, user_id)


@router.post("/{team_id}/transfer", operation_id="transfer_team", responses=_CHANGED)
async def transfer_team(
    team_id: Identity, body: TeamTransfer, asker: Changer, teams: Known
) -> TeamMemberView:
    """Make somebody in the team its owner in my place."""
    return _member_view(await teams.transfer(asker, team_id, body.user_id))


def team_view(found: Counted) -> TeamView:
    """Return a team as it travels."""
    team = found.team
    return TeamView(
        id=team.id,
        name=team.name,
        description=team.description,
        created_at=team.created_at,
        role=found.role,
        members=found.members,
    )


def _member_view(member: TeamMember, *, with_address: bool = True) -> TeamMemberView:
    return TeamMemberView(
        user_id=member.user_id,
        name=member.name,
        email=member.email if with_address else None,
        role=member.role,
        added_at=member.added_at,
        is_disabled=member.disabled_at is not None,
    )
