"""What other services of ours ask about all that is one person's. Never routed by the gateway."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from autograph.clients.asked import somebody
from autograph.clients.diagrams import Belongings, Moved
from autograph.core.problem import Forbidden
from autograph.diagrams.belongings import Shelf
from autograph.diagrams.service import Library
from autograph.diagrams.shapes import LARGEST_INTEGER
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


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


Asker = Annotated[Principal, Depends(somebody)]
Books = Annotated[Library, Depends(_library)]
Mine = Annotated[Shelf, Depends(_shelf)]
DocumentId = Annotated[str, Path(max_length=64)]
VersionNumber = Annotated[int, Path(ge=1, le=LARGEST_INTEGER)]


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


@router.get("/belongings")
async def belongings(
    asker: Asker, shelf: Mine, after: Annotated[str, Query(max_length=64)] = ""
) -> Belongings:
    """Documents of whoever asks, those in the trash too."""
    return Belongings(items=await shelf.listed(asker.user_id, after))


@router.get("/belongings/{document_id}/versions/{number}")
async def kept_version(document_id: DocumentId, number: VersionNumber, asker: Asker, shelf: Mine) -> Response:
    """One version of a document of whoever asks, with its contents as they are kept."""
    row, encoded = await shelf.version(asker.user_id, document_id, number)
    told = {
        "version": row.number,
        "title": row.title,
        "author_id": row.author_id,
        "created_at": row.created_at.isoformat(),
    }
    head = json.dumps(told, ensure_ascii=False).encode()
    return Response(b"".join((head[:-1], b', "contents": ', encoded, b"}")), media_type="application/json")


@router.get("/belongings/{document_id}/picture")
async def kept_picture(document_id: DocumentId, asker: Asker, shelf: Mine) -> Response:
    """The picture of a document of whoever asks."""
    return Response(await shelf.picture(asker.user_id, document_id), media_type="image/svg+xml")


def _demand(asker: Principal, user_id: str) -> None:
    if asker.user_id != user_id and not can(asker, Permission.PEOPLE_MANAGE):
        raise Forbidden
