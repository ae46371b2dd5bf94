"""The outbox, for administrators of an installation without a mail server, or with one that is down."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from autograph.auth.mail.store import Letter
from autograph.auth.outbox import PAGE_SIZE, MailGone, NoMailServer, Outbox
from autograph.auth.rights import BeyondOwnRights
from autograph.auth.routes.asked import Identity
from autograph.clients.asked import permitted
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import Permission

router = APIRouter(tags=["mail"])
PATH = "/api/auth/admin/mails"


class MailView(BaseModel):
    """A mail without its text."""

    id: str
    kind: str = Field(description="What it is about, such as reset or verify.")
    recipient: str
    subject: str
    state: Literal["waiting", "sent", "failed"]
    tries: int
    created_at: datetime
    expires_at: datetime = Field(description="When its link is worth nothing any more.")
    next_try_at: datetime | None = Field(description="None unless it waits for a mail server.")
    sent_at: datetime | None
    error: str = Field(description="Why the last try failed.")
    has_text: bool = Field(description="Whether it can still be read or sent: not once it was sent.")


class MailPage(BaseModel):
    """Mails, the newest first."""

    items: list[MailView]
    page: int
    page_size: int
    total: int
    is_sent: bool = Field(description="Whether a mail server is set; without one mails are read here only.")


class OpenedMail(MailView):
    """A mail with its text; that is empty once it was sent."""

    text: str


def _outbox(request: Request) -> Outbox:
    outbox: Outbox = request.app.state.outbox
    return outbox


Box = Annotated[Outbox, Depends(_outbox)]
Reader = Annotated[Principal, Depends(permitted(Permission.MAIL_READ))]


@router.get(PATH, operation_id="list_mails", responses=answers(Unauthenticated, Forbidden, Invalid))
async def list_mails(_: Reader, outbox: Box, page: Annotated[int, Query(ge=1, le=100_000)] = 1) -> MailPage:
    """Mails of the last 30 days, and how sending them went."""
    letters, total = await outbox.listed(page)
    return MailPage(
        items=[MailView(**_view(letter, outbox)) for letter in letters],
        page=page,
        page_size=PAGE_SIZE,
        total=total,
        is_sent=outbox.is_sent,
    )


@router.get(
    PATH + "/{mail_id}",
    operation_id="read_mail",
    responses=answers(Unauthenticated, Forbidden, BeyondOwnRights, NotFound, Invalid),
)
async def read_mail(mail_id: Identity, reader: Reader, outbox: Box, response: Response) -> OpenedMail:
    """One mail with its text, as long as it was not sent. Reading it is written down."""
    response.headers["Cache-Control"] = "no-store"
    opened = await outbox.read(reader, mail_id)
    return OpenedMail(**_view(opened.letter, outbox), text=opened.text)


@router.post(
    PATH + "/{mail_id}/resend",
    operation_id="resend_mail",
    responses=answers(Unauthenticated, Forbidden, NotFound, MailGone, NoMailServer, Invalid),
)
async def resend_mail(mail_id: Identity, reader: Reader, outbox: Box) -> MailView:
    """Try at once to send a mail that was not sent yet."""
    return MailView(**_view(await outbox.resend(reader, mail_id), outbox))


def _view(letter: Letter, outbox: Outbox) -> dict[str, Any]:
    waits = outbox.is_sent and letter.state == "waiting"
    return {
        "id": letter.id,
        "kind": letter.kind,
        "recipient": letter.recipient,
        "subject": letter.subject,
        "state": letter.state,
        "tries": letter.tries,
        "created_at": letter.created_at,
        "expires_at": letter.expires_at,
        "next_try_at": letter.next_try_at if waits else None,
        "sent_at": letter.sent_at,
        "error": letter.error,
        "has_text": letter.sealed_text is not None,
    }
