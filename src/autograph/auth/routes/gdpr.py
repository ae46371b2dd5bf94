"""One's own data: handed out, or erased with the account."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from autograph.auth.again import SessionTooOld
from autograph.auth.leaving import HandedOn, Left
from autograph.auth.mfa import SecondFactorWanted, WrongCode
from autograph.auth.privacy import Privacy
from autograph.auth.rights import LastAdministrator
from autograph.auth.routes.answer import delete_cookie
from autograph.auth.routes.asked import Body, Human, SecondCode, Text
from autograph.auth.service import WrongCredentials
from autograph.auth.store.factors import Method
from autograph.auth.throttle import AccountLocked, TooManyAttempts
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, Unauthenticated, Unavailable

router = APIRouter(prefix="/api/auth/gdpr", tags=["privacy"])

UserId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Departure(Body):
    """What is to become of the documents of somebody who leaves; it must be said."""

    documents_to: UserId | None = Field(
        description="Who gets the documents; null removes them for good, with every version."
    )


class OwnDeparture(Departure):
    """That, and once more the proof of who one is. Documents go to somebody in one of one's teams."""

    current_password: Text = Field(default="", description="Empty for whoever just signed in.")
    code: SecondCode = ""


class TeamHandedOn(BaseModel):
    """What becomes of a team whose only owner leaves."""

    team_id: str
    name: str
    heir: str | None = Field(description="Account that owns it then; null when the team is removed.")


class Stay(BaseModel):
    """Something that is kept after an account is gone."""

    what: Literal["audit", "authorship", "drawings", "answers", "mails", "logs", "backups"]
    days: int | None = Field(description="For how long; null for as long as the operator has decided.")
    says: str


class ErasureProspect(BaseModel):
    """What erasing my account would do, and what it asks for."""

    teams: list[TeamHandedOn] = Field(description="Teams that I alone own.")
    has_password: bool = Field(description="Whether it proves me; else I sign in again.")
    second_factors: list[Method] = Field(description="Of which one is asked for.")
    is_last_administrator: bool = Field(description="Then it cannot be erased.")
    stays: list[Stay]


class Departed(BaseModel):
    """What became of an account."""

    documents: int | None = Field(
        description="How many were removed or given away; null when that is done later, by itself."
    )
    teams: list[TeamHandedOn]
    stays: list[Stay]


def _privacy(request: Request) -> Privacy:
    privacy: Privacy = request.app.state.privacy
    return privacy


Own = Annotated[Privacy, Depends(_privacy)]


@router.get(
    "/export",
    operation_id="export_my_data",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "A zip archive.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **answers(Unauthenticated, Forbidden, Unavailable),
    },
)
async def export_my_data(asker: Human, privacy: Own, request: Request) -> StreamingResponse:
    """All that is mine, as one archive."""
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise Forbidden("Open AutoGraph itself and try again there.")  # a link elsewhere begins no download
    return StreamingResponse(
        await privacy.export(asker),
        media_type="application/zip",
        headers={
            "Content-Disposition": 'attachment; filename="autograph-my-data.zip"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/erasure", operation_id="get_erasure", responses=answers(Unauthenticated, Forbidden))
async def get_erasure(asker: Human, privacy: Own) -> ErasureProspect:
    """What erasing my account would do, and what stays."""
    found = await privacy.prospect(asker)
    return ErasureProspect(
        teams=teams_handed_on(found.teams),
        has_password=found.has_password,
        second_factors=list(found.second_factors),
        is_last_administrator=found.is_last_administrator,
        stays=stays(privacy),
    )


@router.post(
    "/erase",
    operation_id="erase_me",
    responses=answers(
        Unauthenticated,
        WrongCredentials,
        WrongCode,
        Forbidden,
        SessionTooOld,
        SecondFactorWanted,
        LastAdministrator,
        TooManyAttempts,
        AccountLocked,
        Invalid,
        Unavailable,
    ),
)
async def erase_me(
    body: OwnDeparture, asker: Human, privacy: Own, request: Request, response: Response
) -> Departed:
    """Erase my account and all that is mine, for good."""
    left = await privacy.erase(asker, body.current_password, body.code, documents_to=body.documents_to)
    delete_cookie(request, response)
    return departed(left, privacy)


def departed(left: Left, privacy: Privacy) -> Departed:
    """Return what became of an account as it travels."""
    return Departed(documents=left.documents, teams=teams_handed_on(left.teams), stays=stays(privacy))


def teams_handed_on(teams: tuple[HandedOn, ...]) -> list[TeamHandedOn]:
    """Return what becomes of teams as it travels."""
    return [TeamHandedOn(team_id=team.team_id, name=team.name, heir=team.heir) for team in teams]


def stays(privacy: Privacy) -> list[Stay]:
    """Return what is kept as it travels."""
    return [Stay(what=one.what, days=one.days, says=one.says) for one in privacy.stays()]
