"""Passkeys: one's own, and signing in by them. What browsers are asked and answer travels as WebAuthn writes it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi import Body as SentBody
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from autograph.auth.again import SessionTooOld
from autograph.auth.challenges import PasskeysUnavailable, PasskeyTooLate
from autograph.auth.factors.passkey import text_of
from autograph.auth.passkey_sign_in import Answer, PasskeyRefused, PasskeySignIn
from autograph.auth.passkeys import Passkeys, TooManyPasskeys
from autograph.auth.pending import SecondStepWorthless
from autograph.auth.proofs import MfaEnabled, MfaRequired
from autograph.auth.routes.answer import opened_answer
from autograph.auth.routes.asked import Asker, Body, Human, NewHuman, Secret, Text
from autograph.auth.routes.mfa import CurrentPassword
from autograph.auth.routes.shapes import Tokens
from autograph.auth.service import AccountDisabled, NotVerified, WrongCredentials
from autograph.auth.store.passkeys import Passkey, PasskeyKnown
from autograph.auth.throttle import AccountLocked, TooManyAttempts
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable

router = APIRouter(prefix="/api/auth/passkeys", tags=["passkeys"])

Bytes = Annotated[str, StringConstraints(max_length=65_536, pattern=r"^[A-Za-z0-9_-]*$")]
"""Bytes in base64url without padding."""

CredentialId = Annotated[str, StringConstraints(max_length=1_400, pattern=r"^[A-Za-z0-9_-]+$")]
PasskeyId = Annotated[str, Path(max_length=1_400)]


class _FromBrowser(BaseModel):
    """What a browser makes; members that are not used are let pass."""

    model_config = ConfigDict(extra="ignore")


class NewPasskeyResponse(_FromBrowser):
    """AuthenticatorAttestationResponseJSON of WebAuthn."""

    client_data: Bytes = Field(alias="clientDataJSON")
    attestation: Bytes = Field(alias="attestationObject")
    transports: list[Annotated[str, StringConstraints(max_length=32)]] = Field(
        default_factory=list, max_length=16
    )


class PasskeyResponse(_FromBrowser):
    """AuthenticatorAssertionResponseJSON of WebAuthn."""

    client_data: Bytes = Field(alias="clientDataJSON")
    authenticator_data: Bytes = Field(alias="authenticatorData")
    signature: Bytes
    user_handle: Bytes | None = Field(default=None, alias="userHandle")


class _Credential(_FromBrowser):
    id: CredentialId
    raw_id: CredentialId = Field(alias="rawId")
    type: Literal["public-key"]


class NewPasskeyCredential(_Credential):
    """RegistrationResponseJSON of WebAuthn."""

    response: NewPasskeyResponse


class PasskeyCredential(_Credential):
    """AuthenticationResponseJSON of WebAuthn."""

    response: PasskeyResponse


class NewPasskey(Body):
    """What a browser has made, and what its owner calls it."""

    credential: NewPasskeyCredential
    name: Text


class PasskeyName(Body):
    """What its owner calls a passkey."""

    name: Text


class PasskeyAsked(Body):
    """A sign-in that waits for its second factor; left out for a passkey alone."""

    mfa_token: Secret | None = None


class PasskeyEnrolment(Body):
    """A sign-in that wants a second factor of somebody who has none."""

    mfa_token: Secret


class FirstPasskey(PasskeyEnrolment, NewPasskey):
    """That, with the passkey that a browser has made."""


class PasskeyShown(PasskeyAsked):
    """What a passkey says. How the session is to be is asked of a passkey alone, else it was chosen before."""

    credential: PasskeyCredential
    remember_me: bool = False
    cookie: bool = False


class PasskeyOptions(BaseModel):
    """What a browser is asked."""

    public_key: dict[str, Any] = Field(
        description="PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON of WebAuthn."
    )


class PasskeyView(BaseModel):
    """One's own passkey."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_backed_up: bool = Field(description="Whether it exists on more than one device.")
    transports: list[str]


class PasskeyList(BaseModel):
    """One's passkeys, the oldest first."""

    items: list[PasskeyView]


def _passkeys(request: Request) -> Passkeys:
    passkeys: Passkeys = request.app.state.passkeys
    return passkeys


def _sign_in(request: Request) -> PasskeySignIn:
    sign_in: PasskeySignIn = request.app.state.passkey_sign_in
    return sign_in


Mine = Annotated[Passkeys, Depends(_passkeys)]
Arriving = Annotated[PasskeySignIn, Depends(_sign_in)]
_THROTTLED = answers(TooManyAttempts, AccountLocked, Invalid)
_WAITS = answers(SecondStepWorthless, MfaEnabled, NotVerified, AccountDisabled, Invalid)
_AGAIN = _THROTTLED | answers(Unauthenticated, WrongCredentials, Forbidden, SessionTooOld, Unavailable)


@router.post(
    "/options",
    operation_id="ask_new_passkey",
    responses=_AGAIN | answers(PasskeysUnavailable, TooManyPasskeys),
)
async def ask_new_passkey(
    body: CurrentPassword, asker: NewHuman, passkeys: Mine, response: Response
) -> PasskeyOptions:
    """What my browser is asked for a new passkey."""
    response.headers["Cache-Control"] = "no-store"
    return PasskeyOptions(public_key=await passkeys.begin(asker, body.current_password))


@router.post(
    "",
    operation_id="add_passkey",
    status_code=201,
    responses=answers(
        Unauthenticated,
        Forbidden,
        PasskeyTooLate,
        PasskeysUnavailable,
        PasskeyKnown,
        TooManyPasskeys,
        Invalid,
    ),
)
async def add_passkey(body: NewPasskey, asker: NewHuman, passkeys: Mine) -> PasskeyView:
    """Keep the passkey that my browser has made."""
    credential = body.credential.model_dump(by_alias=True)
    return _view(await passkeys.add(asker, credential, body.name))


@router.get("", operation_id="list_passkeys", responses=answers(Unauthenticated, Forbidden))
async def list_passkeys(asker: Asker, passkeys: Mine) -> PasskeyList:
    """My passkeys."""
    return PasskeyList(items=[_view(one) for one in await passkeys.listed(asker.user_id)])


@router.patch(
    "/{passkey_id}",
    operation_id="rename_passkey",
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def rename_passkey(
    passkey_id: PasskeyId, body: PasskeyName, asker: Human, passkeys: Mine
) -> PasskeyView:
    """Call a passkey of mine something else."""
    return _view(await passkeys.rename(asker, passkey_id, body.name))


@router.delete(
    "/{passkey_id}",
    operation_id="remove_passkey",
    status_code=204,
    responses=_AGAIN | answers(NotFound, MfaRequired),
)
async def remove_passkey(
    passkey_id: PasskeyId,
    asker: Human,
    passkeys: Mine,
    body: Annotated[CurrentPassword | None, SentBody()] = None,
) -> None:
    """Forget a passkey of mine."""
    await passkeys.remove(asker, passkey_id, body.current_password if body else "")


@router.post(
    "/login/options",
    operation_id="ask_passkey",
    responses=answers(
        PasskeysUnavailable, SecondStepWorthless, NotVerified, AccountDisabled, NotFound, Invalid
    ),
)
async def ask_passkey(body: PasskeyAsked, sign_in: Arriving, response: Response) -> PasskeyOptions:
    """What a browser is asked at a sign-in."""
    response.headers["Cache-Control"] = "no-store"
    return PasskeyOptions(public_key=await sign_in.ask(body.mfa_token or ""))


@router.post(
    "/login",
    operation_id="login_by_passkey",
    response_model_exclude_none=True,
    responses=_THROTTLED
    | answers(
        PasskeysUnavailable,
        PasskeyRefused,
        SecondStepWorthless,
        PasskeyTooLate,
        NotVerified,
        AccountDisabled,
    ),
)
async def login_by_passkey(
    body: PasskeyShown, sign_in: Arriving, request: Request, response: Response
) -> Tokens:
    """Sign in with a passkey alone, or finish a sign-in with it."""
    response.headers["Cache-Control"] = "no-store"
    answer = Answer(
        body.credential.model_dump(by_alias=True),
        token=body.mfa_token or "",
        remember_me=body.remember_me,
        cookie=body.cookie,
    )
    return opened_answer(request, response, await sign_in.sign_in(answer))


@router.post(
    "/enrol/options",
    operation_id="enrol_ask_passkey",
    responses=_WAITS | answers(PasskeysUnavailable, TooManyPasskeys),
)
async def enrol_ask_passkey(body: PasskeyEnrolment, passkeys: Mine, response: Response) -> PasskeyOptions:
    """What a browser is asked for a first passkey in the middle of a sign-in that wants one."""
    response.headers["Cache-Control"] = "no-store"
    return PasskeyOptions(public_key=await passkeys.enrol_ask(body.mfa_token))


@router.post(
    "/enrol",
    operation_id="enrol_passkey",
    response_model_exclude_none=True,
    responses=_WAITS | answers(PasskeysUnavailable, PasskeyTooLate, PasskeyKnown, TooManyPasskeys),
)
async def enrol_passkey(body: FirstPasskey, passkeys: Mine, request: Request, response: Response) -> Tokens:
    """Finish that sign-in with the passkey that a browser has made."""
    response.headers["Cache-Control"] = "no-store"
    credential = body.credential.model_dump(by_alias=True)
    return opened_answer(request, response, await passkeys.enrol(body.mfa_token, credential, body.name))


def _view(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        id=text_of(passkey.credential_id),
        name=passkey.name,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        is_backed_up=passkey.is_backed_up,
        transports=list(passkey.transports),
    )
