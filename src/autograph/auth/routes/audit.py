"""The audit log, for those who may read it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from autograph.auth.asking import Asking, asking
from autograph.auth.audit.export import Format
from autograph.auth.audit.log import AuditLog, VerificationRunning
from autograph.auth.audit.search import Entry, Named, Wanted
from autograph.auth.audit.verify import Fault
from autograph.auth.routes.asked import Asker
from autograph.clients.asked import permitted
from autograph.clients.audit import RECORD_PATH, Happened
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import Permission

router = APIRouter(tags=["audit"])
internal = APIRouter(tags=["internal"], include_in_schema=False)

HIGHEST = 2**63 - 1
PATH = "/api/auth/admin/audit-logs"
_MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class AuditPerson(BaseModel):
    """An account; name and address as they are now, None when it is gone."""

    id: str
    name: str | None
    email: str | None


class AuditSubject(BaseModel):
    """What something was done to; the name is known for accounts that are there."""

    kind: str
    id: str
    name: str | None


class AuditEntry(BaseModel):
    """Who did what, when, to what, from where."""

    number: int
    at: datetime
    event: str = Field(description="Thing and verb, such as session.opened.")
    outcome: Literal["success", "failure"]
    actor: AuditPerson | None = Field(description="None for nobody known, or the installation itself.")
    subject: AuditSubject | None
    address: str
    device: str
    email: str = Field(description="An address that was given, where it says more than the actor.")
    is_erased: bool = Field(description="Whether address, device and e-mail were erased with their person.")
    correlation_id: str
    details: dict[str, Any]


class AuditPage(BaseModel):
    """Records, the newest first."""

    items: list[AuditEntry]
    next_before: int | None = Field(description="To be sent as `before` for the next page; None on the last.")


class AuditFault(BaseModel):
    """The first thing that is wrong with the log."""

    number: int
    fault: Fault
    what: str


class AuditVerdict(BaseModel):
    """Whether the log is whole, as far as it was looked at."""

    is_whole: bool
    is_finished: bool = Field(description="False when there was no time for all: autograph audit verify has.")
    first: int
    last: int
    records: int
    erased: int = Field(description="Records whose personal part was erased.")
    checkpoints: int = Field(description="Signed checkpoints that agree.")
    checkpointed_at: datetime | None
    broken: AuditFault | None


def _log(request: Request) -> AuditLog:
    log: AuditLog = request.app.state.audit_log
    return log


def _of_our_time(moment: datetime) -> datetime:
    """Further away there is nothing, and moments that cannot be said in UTC."""
    if not 1970 < moment.year < 9999:
        raise ValueError("the year is not between 1971 and 9998")
    return moment


_Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
_Short = Query(max_length=100, pattern=r"^[^\x00]*$")


def _wanted(
    since: Annotated[_Moment | None, Query(alias="from", description="The first moment.")] = None,
    until: Annotated[
        _Moment | None, Query(alias="to", description="The first moment that is too late.")
    ] = None,
    event: Annotated[str, _Short, Query(description="How the event's name begins.")] = "",
    actor: Annotated[str, _Short, Query(description="Who did it: id or e-mail address.")] = "",
    subject: Annotated[str, _Short, Query(description="Id of what it was done to.")] = "",
    outcome: Literal["success", "failure"] | None = None,
    q: Annotated[str, _Short, Query(description="In event, subject, names and addresses.")] = "",
) -> Wanted:
    return Wanted(
        since=since,
        until=until,
        event=event,
        actor=actor.strip(),
        subject=subject,
        outcome=outcome or "",
        text=q.strip(),
    )


Log = Annotated[AuditLog, Depends(_log)]
Search = Annotated[Wanted, Depends(_wanted)]
Auditor = Annotated[Principal, Depends(permitted(Permission.AUDIT_READ))]


@router.get(PATH, operation_id="list_audit_log", responses=answers(Unauthenticated, Forbidden, Invalid))
async def list_audit_log(
    auditor: Auditor,
    log: Log,
    wanted: Search,
    before: Annotated[int | None, Query(ge=1, le=HIGHEST)] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditPage:
    """Who did what, the newest first. Looking is a record, too."""
    entries, following = await log.search(auditor, wanted, before=before, most=page_size)
    return AuditPage(items=[_view(entry) for entry in entries], next_before=following)


@router.get(
    f"{PATH}/export",
    operation_id="export_audit_log",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The records, the oldest first.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            },
        },
        **answers(Unauthenticated, Forbidden, Invalid),
    },
)
async def export_audit_log(
    auditor: Auditor, log: Log, wanted: Search, format_: Annotated[Format, Query(alias="format")] = "csv"
) -> StreamingResponse:
    """All records that are wanted, as one file."""
    return StreamingResponse(
        await log.export(auditor, wanted, format_),
        media_type=_MEDIA[format_],
        headers={
            "Content-Disposition": f'attachment; filename="audit.{format_}"',
            "Cache-Control": "no-store",
        },
    )


@router.get(
    f"{PATH}/verify",
    operation_id="verify_audit_log",
    responses=answers(Unauthenticated, Forbidden, VerificationRunning),
)
async def verify_audit_log(auditor: Auditor, log: Log) -> AuditVerdict:
    """Verify the chain of records, its end and its signed checkpoints, in 15 seconds at most."""
    found = await log.verify(auditor)
    broken = found.broken
    return AuditVerdict(
        is_whole=found.is_whole,
        is_finished=found.is_finished,
        first=found.first,
        last=found.last,
        records=found.records,
        erased=found.erased,
        checkpoints=found.checkpoints,
        checkpointed_at=found.checkpointed_at,
        broken=AuditFault(number=broken.number, fault=broken.fault, what=broken.what) if broken else None,
    )


@internal.post(RECORD_PATH, operation_id="record_event", status_code=204, responses=answers(Unauthenticated))
async def record_event(happened: Happened, asker: Asker, log: Log) -> None:
    """Write down what an administrator did in another room. Never routed by the gateway."""
    asking.set(Asking(happened.address, happened.device))
    await log.witnessed(asker, happened)


def _view(entry: Entry) -> AuditEntry:
    record, personal = entry.record, entry.record.personal or {}
    has_subject = record.subject_kind or record.subject_id
    return AuditEntry(
        number=record.number,
        at=record.at,
        event=record.event,
        outcome="success" if record.outcome == "success" else "failure",
        actor=_person(record.actor_id, entry.actor) if record.actor_id else None,
        subject=AuditSubject(
            kind=record.subject_kind,
            id=record.subject_id,
            name=entry.subject.name if entry.subject else None,
        )
        if has_subject
        else None,
        address=personal.get("address", ""),
        device=personal.get("device", ""),
        email=personal.get("email", ""),
        is_erased=record.personal is None,
        correlation_id=record.correlation_id,
        details=record.details,
    )


def _person(account_id: str, found: Named | None) -> AuditPerson:
    return AuditPerson(
        id=account_id, name=found.name if found else None, email=found.email if found else None
    )
