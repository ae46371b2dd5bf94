"""What other services of ours ask about a person who leaves. Never routed by the gateway."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from autograph.clients.asked import somebody
from autograph.clients.diagrams import Moved
from autograph.core.problem import Forbidden
from autograph.diagrams.service import Library
from autograph.model.principal import Principal
from autograph.model.rights import Permission, can

router = APIRouter(prefix="/internal", tags=["internal"], include_in_schema=False)

UserId = Annotated[str, StringConstraints(min_length=1, max_length=36)]


class Transfer(BaseModel):
    """Whose documents go to whom."""

    model_config = ConfigDict(extra="forbid")

    from_user: UserId
    to_user: UserId


class Removal(BaseModel):
    """Whose documents go."""

    model_config = ConfigDict(extra="forbid")

    user_id: UserId


def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


Asker = Annotated[Principal, Depends(somebody)]
Books = Annotated[Library, Depends(_library)]


@router.post("/transfer")
async def transfer(body: Transfer, asker: Asker, library: Books) -> Moved:
    """Give all documents of one person to another: for that person, or for whoever manages people."""
    _demand(asker, body.from_user)
    return Moved(documents=await library.transfer(body.from_user, body.to_user))


@router.post("/remove-all")
async def remove_all(body: Removal, asker: Asker, library: Books) -> Moved:
    """Remove all documents of a person for good: for that person, or for whoever manages people."""
    _demand(asker, body.user_id)
    return Moved(documents=await library.remove_all(body.user_id))


def _demand(asker: Principal, user_id: str) -> None:
    if asker.user_id != user_id and not can(asker, Permission.PEOPLE_MANAGE):
        raise Forbidden
