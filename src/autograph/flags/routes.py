"""HTTP face of flags: read the request, ask the service, shape the reply."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from autograph.clients.asked import permitted, somebody
from autograph.clients.audit import Witnessed
from autograph.clients.flags import FORGET_PATH, NAMING_PATH, RULES_PATH, FlagRules, Naming
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated
from autograph.flags.service import FlagBook, FlagConflict
from autograph.flags.shapes import FlagChanges, FlagList, Resolved
from autograph.model.flags import Flag
from autograph.model.principal import Principal
from autograph.model.rights import Permission

router = APIRouter(tags=["flags"])


def _book(request: Request) -> FlagBook:
    book: FlagBook = request.app.state.book
    return book


Asker = Annotated[Principal, Depends(somebody)]
Observer = Annotated[Principal, Depends(permitted(Permission.OPERATIONS_READ))]
Operator = Annotated[Principal, Depends(permitted(Permission.OPERATIONS_MANAGE))]
Book = Annotated[FlagBook, Depends(_book)]
Key = Annotated[str, Path(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


@router.get(RULES_PATH, include_in_schema=False)
async def rules(book: Book) -> FlagRules:
    """Every flag with its rules, for our own services; the gateway never routes this."""
    return FlagRules(flags=await book.all())


@router.get(NAMING_PATH, include_in_schema=False)
async def naming_me(asker: Asker, book: Book) -> Naming:
    """Which flags name whoever asks, for our own services; the gateway never routes this."""
    return Naming(flags=await book.naming(asker))


@router.post(FORGET_PATH, include_in_schema=False)
async def forget_me(asker: Asker, book: Book) -> Naming:
    """Name whoever asks in no list any more, for our own services; the gateway never routes this."""
    return Naming(flags=await book.forget_person(asker))


@router.get("/api/flags", operation_id="get_my_flags", responses=answers(Unauthenticated))
async def get_my_flags(asker: Asker, book: Book) -> Resolved:
    """What every flag says for me."""
    return Resolved(flags={found.key: found for found in await book.resolved(asker)})


@router.get(
    "/api/admin/feature-flags", operation_id="list_flags", responses=answers(Unauthenticated, Forbidden)
)
async def list_flags(_: Observer, book: Book) -> FlagList:
    """Every flag, whether anybody has changed it or not."""
    return FlagList(items=await book.all())


@router.get(
    "/api/admin/feature-flags/{key}",
    operation_id="get_flag",
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def get_flag(_: Observer, book: Book, key: Key) -> Flag:
    """One flag with its rules."""
    return await book.one(key)


@router.put(
    "/api/admin/feature-flags/{key}",
    operation_id="set_flag",
    responses=answers(Unauthenticated, Forbidden, Invalid, FlagConflict),
)
async def set_flag(asker: Operator, book: Book, key: Key, changes: FlagChanges, witness: Witnessed) -> Flag:
    """Change the rules of a flag; services follow within five seconds."""
    flag = await book.change(key, changes, asker)
    changed = sorted(changes.model_fields_set - {"expected_version"})
    shown = {"enabled", *changed} - {"allow", "deny"}  # lists name people
    told = flag.model_dump(mode="json", include=shown)
    await witness.tell("flag.changed", ("flag", key), version=flag.version, changed=changed, **told)
    return flag


@router.delete(
    "/api/admin/feature-flags/{key}",
    operation_id="forget_flag",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def forget_flag(asker: Operator, book: Book, key: Key, witness: Witnessed) -> Response:
    """Take back every change: the flag says what the program declares."""
    await book.forget(key, asker)
    await witness.tell("flag.forgotten", ("flag", key))
    return Response(status_code=204)
