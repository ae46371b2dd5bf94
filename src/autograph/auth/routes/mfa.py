"""Second factors: set up and taken away by those who are signed in, shown by those who sign in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from autograph.auth.again import SessionTooOld
from autograph.auth.mfa import Mfa, Setup, WrongCode
from autograph.auth.pending import SecondStepWorthless
from autograph.auth.proofs import MfaEnabled, MfaRequired
from autograph.auth.routes.answer import opened_answer
from autograph.auth.routes.asked import Body, Newcomer, NewHuman, Secret, Text
from autograph.auth.routes.shapes import Tokens
from autograph.auth.service import AccountDisabled, NotVerified, WrongCredentials
from autograph.auth.store.factors import Method
from autograph.auth.throttle import AccountLocked, TooManyAttempts
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable

router = APIRouter(prefix="/api/auth/mfa", tags=["second factors"])

Code = Annotated[str, StringConstraints(max_length=64)]


class CurrentPassword(Body):
    """One's password; empty for whoever signed in less than five minutes ago."""

    current_password: Text = ""


class CodeBody(Body):
    """A code of the app."""

    code: Code


class Removal(CodeBody):
    """One's password, and a code of the app or a backup code."""

    current_password: Text = Field(default="", description="Empty for an account without a password.")


class Pending(Body):
    """A sign-in that waits for its second factor."""

    mfa_token: Secret


class PendingCode(Pending):
    """A sign-in that waits, and a code of the app or a backup code."""

    code: Code


class MfaStanding(BaseModel):
    """What one has besides a password."""

    methods: list[Method] = Field(description="What a sign-in may show.")
    totp_enabled: bool
    backup_codes_left: int
    passkeys: int
    passkeys_available: bool = Field(description="Whether browsers make passkeys for this address.")
    is_required: bool = Field(description="Whether everybody needs a second factor here.")


class AppSetup(BaseModel):
    """What an authenticator app is given."""

    secret: str = Field(description="To be typed in, in base 32.")
    otpauth_uri: str
    qr_svg: str = Field(description="The address as a picture.")


class BackupCodes(BaseModel):
    """Codes that work once each, for when the app is away; shown this once."""

    backup_codes: list[str]


class EnrolledView(BackupCodes):
    """A session that began with the setting up of its second factor."""

    signed_in: Tokens


def _mfa(request: Request) -> Mfa:
    mfa: Mfa = request.app.state.mfa
    return mfa


Proofs = Annotated[Mfa, Depends(_mfa)]
_THROTTLED = answers(TooManyAttempts, AccountLocked, Invalid)
_SIGNED_IN = answers(Unauthenticated, Forbidden) | _THROTTLED
_AGAIN = answers(Unauthenticated, WrongCredentials, Forbidden, SessionTooOld, Unavailable)
_WAITS = answers(SecondStepWorthless, NotVerified, AccountDisabled) | _THROTTLED
_PENDING = _WAITS | answers(SecondStepWorthless, WrongCode)


@router.get("", operation_id="get_mfa", responses=answers(Unauthenticated))
async def get_mfa(asker: Newcomer, mfa: Proofs, request: Request) -> MfaStanding:
    """What I have besides my password."""
    found = await mfa.standing(asker)
    return MfaStanding(
        methods=list(found.methods),
        totp_enabled="totp" in found.methods,
        backup_codes_left=found.backup_codes,
        passkeys=found.passkeys,
        passkeys_available=request.app.state.challenges.are_available,
        is_required=found.is_required,
    )


@router.post(
    "/setup",
    operation_id="set_up_mfa",
    responses=_SIGNED_IN | _AGAIN | answers(MfaEnabled),
)
async def set_up_mfa(body: CurrentPassword, asker: NewHuman, mfa: Proofs, response: Response) -> AppSetup:
    """Begin with an authenticator app."""
    response.headers["Cache-Control"] = "no-store"
    return _setup(await mfa.setup(asker, body.current_password))


@router.post("/enable", operation_id="enable_mfa", responses=_SIGNED_IN | answers(NotFound, MfaEnabled))
async def enable_mfa(body: CodeBody, asker: NewHuman, mfa: Proofs, response: Response) -> BackupCodes:
    """Want the app's codes from now on; my other sessions end."""
    response.headers["Cache-Control"] = "no-store"
    return BackupCodes(backup_codes=await mfa.enable(asker, body.code))


@router.post(
    "/disable",
    operation_id="disable_mfa",
    status_code=204,
    responses=_SIGNED_IN
    | _AGAIN
    | answers(Unauthenticated, WrongCredentials, WrongCode, MfaRequired, NotFound),
)
async def disable_mfa(body: Removal, asker: NewHuman, mfa: Proofs) -> None:
    """Remove the app and its backup codes; my other sessions end."""
    await mfa.disable(asker, body.current_password, body.code)


@router.post(
    "/backup-codes/regenerate",
    operation_id="replace_backup_codes",
    responses=_SIGNED_IN | answers(Unauthenticated, WrongCode, NotFound),
)
async def replace_backup_codes(
    body: CodeBody, asker: NewHuman, mfa: Proofs, response: Response
) -> BackupCodes:
    """Replace my backup codes."""
    response.headers["Cache-Control"] = "no-store"
    return BackupCodes(backup_codes=await mfa.regenerate(asker, body.code))


@router.post("/verify", operation_id="verify_mfa", response_model_exclude_none=True, responses=_PENDING)
async def verify_mfa(body: PendingCode, mfa: Proofs, request: Request, response: Response) -> Tokens:
    """Finish a sign-in with a code of the app, or a backup code."""
    response.headers["Cache-Control"] = "no-store"
    return opened_answer(request, response, await mfa.verify(body.mfa_token, body.code))


@router.post("/enrol/setup", operation_id="enrol_set_up_mfa", responses=_WAITS | answers(MfaEnabled))
async def enrol_set_up_mfa(body: Pending, mfa: Proofs, response: Response) -> AppSetup:
    """Begin with an authenticator app in the middle of a sign-in that wants one."""
    response.headers["Cache-Control"] = "no-store"
    return _setup(await mfa.enrol_setup(body.mfa_token))


@router.post(
    "/enrol/enable",
    operation_id="enrol_enable_mfa",
    response_model_exclude_none=True,
    responses=_WAITS | answers(MfaEnabled, NotFound),
)
async def enrol_enable_mfa(
    body: PendingCode, mfa: Proofs, request: Request, response: Response
) -> EnrolledView:
    """Finish that sign-in with the app's first code."""
    found = await mfa.enrol_enable(body.mfa_token, body.code)
    response.headers["Cache-Control"] = "no-store"
    signed_in = opened_answer(request, response, found.signed_in)
    return EnrolledView(backup_codes=found.backup_codes, signed_in=signed_in)


def _setup(found: Setup) -> AppSetup:
    return AppSetup(secret=found.secret, otpauth_uri=found.uri, qr_svg=found.picture)
