"""Invitations: for those who invite, and for those who are invited."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from autograph.auth.invitations import InvitationClosed, Invitations, Outcome, TooManyInvitations
from autograph.auth.invited import InvitationForNewAccount, InvitationWorthless, Invited
from autograph.auth.registration import RegistrationClosed
from autograph.auth.rights import BeyondOwnRights
from autograph.auth.routes.asked import Asker, Body, Human, Identity, Secret, Text
from autograph.auth.routes.teams import TeamView, team_view
from autograph.auth.store.invitations import Invitation, Named
from autograph.auth.store.teams import TeamRole
from autograph.auth.teams import AlreadyMember
from autograph.auth.throttle import TooManyAttempts
from autograph.auth.vouching import Grant, grant_of
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import Permission, can

router = APIRouter(prefix="/api/auth/invitations", tags=["invitations"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Days = Annotated[int | None, Field(ge=1, le=90, description="Left out for the installation's setting.")]


class Grants(Body):
    """What an invitation brings: a role to a new account, and a place in a team to any."""

    role: Name | None = Field(default=None, description="Left out for the role that everybody gets.")
    team_id: Name | None = None
    team_role: TeamRole | None = Field(default=None, description="Left out for a member.")
    expires_in_days: Days = None

    def grant(self) -> Grant:
        """Return it with what goes without saying, or raise Invalid."""
        return grant_of(self.role, self.team_id, self.team_role)


class NewInvitations(Grants):
    """Who is invited by mail, and to what."""

    emails: list[Text] = Field(min_length=1, max_length=200)


class NewInvitationLink(Grants):
    """To what anybody with a link is invited."""

    uses: int = Field(default=1, ge=1, le=1000, description="How many may come in by it.")


class InvitationSecret(Body):
    """What stands behind the # of a link."""

    token: Secret


class Resending(Body):
    """How long an invitation is to be good for from now on."""

    expires_in_days: Days = None


class InvitationOutcome(BaseModel):
    """What became of one address."""

    email: str
    outcome: Outcome
    invitation_id: str | None


class InvitationOutcomes(BaseModel):
    """What became of each address, once for each."""

    items: list[InvitationOutcome]


class InvitationView(BaseModel):
    """An invitation, without its secret."""

    id: str
    email: str | None = Field(description="None for a link that anybody may use.")
    role: str
    team_id: str | None
    team: str | None = Field(description="What the team is called.")
    team_role: TeamRole | None
    inviter_id: str
    inviter: str | None = Field(description="What the inviter is called; None for somebody who is gone.")
    created_at: datetime
    expires_at: datetime
    uses_left: int
    state: Literal["open", "used", "expired", "revoked"]


class MadeInvitationLink(InvitationView):
    """A new link, whole: it is never shown again."""

    link: str


class InvitationPage(BaseModel):
    """One page of invitations, the newest first."""

    items: list[InvitationView]
    page: int
    page_size: int
    total: int


class InvitationSeen(BaseModel):
    """What whoever holds an invitation may know of it."""

    email: str | None = Field(description="The address that it is for; None when it is for anybody.")
    inviter: str | None
    role: str = Field(description="Of a new account.")
    team: str | None
    team_role: TeamRole | None
    expires_at: datetime
    can_register: bool = Field(description="Whether it makes a new account here.")


def _invitations(request: Request) -> Invitations:
    invitations: Invitations = request.app.state.invitations
    return invitations


def _invited(request: Request) -> Invited:
    invited: Invited = request.app.state.invited
    return invited


def _inviter(asker: Asker) -> Principal:
    """Somebody who may invite; a key only where it manages people."""
    if asker.key_id and not can(asker, Permission.PEOPLE_MANAGE):
        raise Forbidden("An API key may not do this. Sign in.")
    return asker


Made = Annotated[Invitations, Depends(_invitations)]
Door = Annotated[Invited, Depends(_invited)]
Inviter = Annotated[Principal, Depends(_inviter)]
_INVITED = answers(Unauthenticated, Forbidden, BeyondOwnRights, RegistrationClosed, NotFound, Invalid)


@router.get(
    "", operation_id="list_invitations", responses=answers(Unauthenticated, Forbidden, NotFound, Invalid)
)
async def list_invitations(
    asker: Inviter,
    invitations: Made,
    request: Request,
    team_id: Annotated[str | None, Query(max_length=64)] = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 50,
) -> InvitationPage:
    """Invitations to a team that I look after, or all of them for who sees all people."""
    found, total = await invitations.listed(asker, team_id=team_id, page=page, page_size=page_size)
    now = request.app.state.parts.clock.now()
    return InvitationPage(
        items=[_view(one, now) for one in found], page=page, page_size=page_size, total=total
    )


@router.post("", operation_id="invite", responses=_INVITED)
async def invite(body: NewInvitations, asker: Inviter, invitations: Made) -> InvitationOutcomes:
    """Invite up to 200 people by mail; each address has an outcome of its own."""
    found = await invitations.invite(asker, body.emails, body.grant(), days=body.expires_in_days)
    return InvitationOutcomes(
        items=[
            InvitationOutcome(email=one.email, outcome=one.outcome, invitation_id=one.invitation_id or None)
            for one in found
        ]
    )


@router.post("/link", operation_id="make_invitation_link", status_code=201, responses=_INVITED)
async def make_invitation_link(
    body: NewInvitationLink, asker: Inviter, invitations: Made, request: Request, response: Response
) -> MadeInvitationLink:
    """Make a link by which some may come in. The answer alone holds it."""
    made, link = await invitations.link(asker, body.grant(), uses=body.uses, days=body.expires_in_days)
    response.headers["Cache-Control"] = "no-store"
    return MadeInvitationLink(**_view(made, request.app.state.parts.clock.now()).model_dump(), link=link)


@router.post(
    "/look",
    operation_id="look_at_invitation",
    responses=answers(InvitationWorthless, TooManyAttempts, Invalid),
)
async def look_at_invitation(
    body: InvitationSecret, invited: Door, request: Request, response: Response
) -> InvitationSeen:
    """Who invites to what, for whoever holds the link."""
    response.headers["Cache-Control"] = "no-store"
    found = await invited.look(body.token)
    invitation = found.invitation
    return InvitationSeen(
        email=invitation.email,
        inviter=found.inviter,
        role=invitation.role,
        team=found.team,
        team_role=invitation.team_role,
        expires_at=invitation.expires_at,
        can_register=request.app.state.parts.settings.registration != "closed",
    )


@router.post(
    "/accept",
    operation_id="accept_invitation",
    responses=answers(
        Unauthenticated,
        Forbidden,
        InvitationWorthless,
        InvitationForNewAccount,
        AlreadyMember,
        TooManyAttempts,
        Invalid,
    ),
)
async def accept_invitation(body: InvitationSecret, asker: Human, invited: Door) -> TeamView:
    """Come into the team that an invitation leads to, with the account that I have."""
    return team_view(await invited.accept(asker, body.token))


@router.delete(
    "/{invitation_id}",
    operation_id="revoke_invitation",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, BeyondOwnRights, NotFound, Invalid),
)
async def revoke_invitation(invitation_id: Identity, asker: Inviter, invitations: Made) -> None:
    """Make an invitation worth nothing."""
    await invitations.revoke(asker, invitation_id)


@router.post(
    "/{invitation_id}/resend",
    operation_id="resend_invitation",
    responses=_INVITED | answers(InvitationClosed, TooManyInvitations),
)
async def resend_invitation(
    invitation_id: Identity, body: Resending, asker: Inviter, invitations: Made, request: Request
) -> InvitationView:
    """Send an invitation again, with another link; the earlier one is worth nothing."""
    found = await invitations.resend(asker, invitation_id, days=body.expires_in_days)
    return _view(found, request.app.state.parts.clock.now())


def _view(found: Named, now: datetime) -> InvitationView:
    invitation = found.invitation
    return InvitationView(
        id=invitation.id,
        email=invitation.email,
        role=invitation.role,
        team_id=invitation.team_id,
        team=found.team,
        team_role=invitation.team_role,
        inviter_id=invitation.created_by,
        inviter=found.inviter,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        uses_left=invitation.uses_left,
        state=_state(invitation, now),
    )


def _state(invitation: Invitation, now: datetime) -> Literal["open", "used", "expired", "revoked"]:
    if invitation.revoked_at is not None:
        return "revoked"
    if invitation.uses_left == 0:
        return "used"
    return "open" if now < invitation.expires_at else "expired"
