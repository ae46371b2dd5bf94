"""One's own account: look at it, change it, get back in; and one's sessions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from autograph.auth.factors.second import is_missing
from autograph.auth.mfa import SecondFactorWanted, WrongCode
from autograph.auth.recovery import LinkWorthless, Recovery
from autograph.auth.registration import DomainNotAllowed
from autograph.auth.routes.asked import Asker, Body, Human, Identity, SecondCode, Secret, Text
from autograph.auth.routes.shapes import Account, Asked, Me, SessionView, account_view, session_view
from autograph.auth.service import Accounts, WrongCredentials
from autograph.auth.sessions import Sessions
from autograph.auth.store.people import EmailTaken
from autograph.auth.throttle import AccountLocked, TooManyAttempts
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from autograph.model.principal import Principal

router = APIRouter(tags=["account"])


class Address(Body):
    """An e-mail address."""

    email: Text


class LinkSecret(Body):
    """What stands behind the # of a link."""

    token: Secret


class Reset(LinkSecret):
    """A link's secret, and the password that is to be."""

    password: Text


class PasswordChange(Body):
    """The password that is, and the one that is to be."""

    current_password: Text
    new_password: Text


class AddressChange(Address):
    """The address that is to be, and once more the proof of who one is."""

    current_password: Text
    code: SecondCode = ""


class Rename(Body):
    """What people are to call one."""

    name: Text


class SessionList(BaseModel):
    """One's living sessions, the one used last before the others."""

    items: list[SessionView]


def _recovery(request: Request) -> Recovery:
    recovery: Recovery = request.app.state.recovery
    return recovery


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


Recover = Annotated[Recovery, Depends(_recovery)]
Open = Annotated[Sessions, Depends(_sessions)]
_LINK = answers(LinkWorthless, TooManyAttempts, Invalid)
_PROOF = answers(
    Unauthenticated, WrongCredentials, Forbidden, TooManyAttempts, AccountLocked, Invalid, Unavailable
)


@router.get("/api/auth/me", operation_id="get_me", response_model=Me, responses=answers(Unauthenticated))
async def get_me(request: Request) -> Response:
    """Who I am, what I may do, and by which session."""
    accounts: Accounts = request.app.state.accounts
    principal: Principal = await request.app.state.verifier.of(request.headers.raw)
    person, session = await accounts.me(principal)
    me = Me(
        user=account_view(person, principal.permissions),
        session=session_view(session, current=principal.session_id) if session else None,
        mfa_setup_required=session is not None
        and is_missing(request.app.state.parts.settings, session.methods),
    )
    return Response(
        me.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"}
    )


@router.patch(
    "/api/auth/me", operation_id="rename_me", responses=answers(Unauthenticated, Forbidden, Invalid)
)
async def rename_me(body: Rename, asker: Human, recovery: Recover) -> Account:
    """Change what people call me."""
    return account_view(await recovery.rename(asker, body.name), asker.permissions)


@router.post("/api/auth/password/change", operation_id="change_password", status_code=204, responses=_PROOF)
async def change_password(body: PasswordChange, asker: Human, recovery: Recover) -> None:
    """Set a new password; every other session ends."""
    await recovery.change_password(asker, body.current_password, body.new_password)


@router.post(
    "/api/auth/password-reset/request",
    operation_id="request_password_reset",
    status_code=202,
    responses=answers(TooManyAttempts, Invalid),
)
async def request_password_reset(body: Address, recovery: Recover) -> Asked:
    """Ask for a link to a new password; the answer is the same for every address."""
    await recovery.request_reset(body.email)
    return Asked(must_verify=False)


@router.post(
    "/api/auth/password-reset/confirm",
    operation_id="confirm_password_reset",
    status_code=204,
    responses=answers(LinkWorthless, TooManyAttempts, Invalid, Unavailable),
)
async def confirm_password_reset(body: Reset, recovery: Recover) -> None:
    """Choose a new password by a link; every session ends."""
    await recovery.reset(body.token, body.password)


@router.post("/api/auth/email/verify", operation_id="verify_email", status_code=204, responses=_LINK)
async def verify_email(body: LinkSecret, recovery: Recover) -> None:
    """Confirm an address by a link."""
    await recovery.verify(body.token)


@router.post(
    "/api/auth/email/resend-verification",
    operation_id="resend_verification",
    status_code=202,
    responses=answers(TooManyAttempts, Invalid),
)
async def resend_verification(body: Address, recovery: Recover) -> Asked:
    """Ask for the link that confirms an address once more; the answer is the same for every address."""
    await recovery.resend_verification(body.email)
    return Asked(must_verify=True)


@router.post(
    "/api/auth/email/change",
    operation_id="request_email_change",
    status_code=202,
    responses=_PROOF | answers(DomainNotAllowed, SecondFactorWanted, WrongCode),
)
async def request_email_change(body: AddressChange, asker: Human, recovery: Recover) -> Asked:
    """Ask for another address; it changes once somebody follows the link that is sent there."""
    await recovery.request_address(asker, body.current_password, body.code, body.email)
    return Asked(must_verify=True)


@router.post(
    "/api/auth/email/confirm-change",
    operation_id="confirm_email_change",
    status_code=204,
    responses=_LINK | answers(EmailTaken),
)
async def confirm_email_change(body: LinkSecret, recovery: Recover) -> None:
    """Give an account its new address by a link."""
    await recovery.change_address(body.token)


@router.post("/api/auth/unlock", operation_id="unlock_account", status_code=204, responses=_LINK)
async def unlock_account(body: LinkSecret, recovery: Recover) -> None:
    """Unlock an account by a link."""
    await recovery.unlock(body.token)


@router.get("/api/auth/sessions", operation_id="list_sessions", responses=answers(Unauthenticated))
async def list_sessions(asker: Asker, sessions: Open) -> SessionList:
    """Where I am signed in."""
    found = await sessions.listed(asker.user_id)
    return SessionList(items=[session_view(one, current=asker.session_id) for one in found])


@router.delete(
    "/api/auth/sessions/{session_id}",
    operation_id="end_session",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def end_session(session_id: Identity, asker: Human, sessions: Open) -> None:
    """Sign out one of my sessions."""
    await sessions.end(asker, session_id)
