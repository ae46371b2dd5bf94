"""Make an account, sign in, go on, sign out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from autograph.auth.invited import InvitationWorthless
from autograph.auth.registration import DomainNotAllowed, RegistrationClosed
from autograph.auth.routes.answer import delete_cookie, set_cookie, signed_in_answer, tokens_answer
from autograph.auth.routes.asked import NewHuman
from autograph.auth.routes.shapes import (
    Asked,
    Credential,
    FirstRun,
    FirstRunCheck,
    FirstRunState,
    KeySet,
    Login,
    Refresh,
    Registered,
    Registration,
    SecondStepView,
    Tokens,
    user_view,
)
from autograph.auth.service import (
    AccountDisabled,
    Accounts,
    FirstRunCode,
    FirstRunDone,
    NotVerified,
    WrongCredentials,
)
from autograph.auth.sessions import RefreshRefused, RefreshReused, Sessions
from autograph.auth.store.people import EmailTaken
from autograph.auth.throttle import AccountLocked, TooManyAttempts
from autograph.clients.auth import Identified
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, Unauthenticated, Unavailable

router = APIRouter(tags=["auth"])
internal = APIRouter(tags=["internal"], include_in_schema=False)


def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


Service = Annotated[Accounts, Depends(_accounts)]


@router.get("/api/auth/first-run", operation_id="get_first_run")
async def get_first_run(accounts: Service, request: Request) -> FirstRunState:
    """Whether the installation still needs its administrator, and who else may make an account."""
    registration = request.app.state.parts.settings.registration
    return FirstRunState(needed=await accounts.first_run_needed(), registration=registration)


@router.post(
    "/api/auth/first-run/check",
    operation_id="check_first_run_code",
    status_code=204,
    responses=answers(FirstRunCode, FirstRunDone, Invalid, TooManyAttempts),
)
async def check_first_run_code(body: FirstRunCheck, accounts: Service) -> None:
    """Whether a code would open the first run just now."""
    await accounts.check_first_run(body.code)


@router.post(
    "/api/auth/first-run",
    operation_id="complete_first_run",
    status_code=201,
    responses=answers(FirstRunCode, FirstRunDone, Invalid, TooManyAttempts, Unavailable),
)
async def complete_first_run(
    body: FirstRun, accounts: Service, request: Request, response: Response
) -> Registered:
    """Make the first administrator, and sign them in with a cookie."""
    signed_in = await accounts.first_run(body.code, body.email, body.name, body.password)
    set_cookie(request, response, signed_in)
    return Registered(user=user_view(signed_in.person))


@router.post(
    "/api/auth/register",
    operation_id="register",
    status_code=201,
    responses=answers(
        RegistrationClosed,
        InvitationWorthless,
        DomainNotAllowed,
        EmailTaken,
        TooManyAttempts,
        Invalid,
        Unavailable,
    ),
)
async def register(body: Registration, accounts: Service) -> Asked:
    """Make an account, where the installation allows it. An address that has one gets a mail instead."""
    must_verify = await accounts.register(
        body.email, body.name, body.password, invitation=body.invitation or ""
    )
    return Asked(must_verify=must_verify)


@router.post(
    "/api/auth/login",
    operation_id="login",
    response_model_exclude_none=True,
    responses=answers(
        WrongCredentials, NotVerified, AccountDisabled, TooManyAttempts, AccountLocked, Invalid, Unavailable
    ),
)
async def login(
    body: Login, accounts: Service, request: Request, response: Response
) -> Tokens | SecondStepView:
    """Sign in with e-mail address and password; who has a second factor shows that next."""
    found = await accounts.login(body.email, body.password, remember_me=body.remember_me, cookie=body.cookie)
    return signed_in_answer(request, response, found)


@router.post(
    "/api/auth/refresh",
    operation_id="refresh",
    response_model_exclude_none=True,
    responses=answers(RefreshRefused, RefreshReused, Invalid),
)
async def refresh(
    body: Refresh, sessions: Annotated[Sessions, Depends(_sessions)], response: Response
) -> Tokens:
    """Exchange a refresh token for a new pair."""
    return tokens_answer(await sessions.refresh(body.refresh_token), response)


@router.post(
    "/api/auth/logout",
    operation_id="logout",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden),
)
async def logout(asker: NewHuman, accounts: Service, request: Request, response: Response) -> None:
    """End this session and every token that hangs on it."""
    await accounts.logout(asker)
    delete_cookie(request, response)


@router.post(
    "/api/auth/logout-all",
    operation_id="logout_all",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden),
)
async def logout_all(asker: NewHuman, accounts: Service, request: Request, response: Response) -> None:
    """End all of one's sessions, this one too."""
    await accounts.logout_everywhere(asker)
    delete_cookie(request, response)


@router.get("/api/auth/.well-known/jwks.json", operation_id="get_signing_keys")
async def get_signing_keys(request: Request, response: Response) -> KeySet:
    """The public keys with which anybody can verify an access token."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeySet(keys=request.app.state.parts.keys.jwks()["keys"])


@internal.post(
    "/internal/identify", operation_id="identify", responses=answers(Unauthenticated, TooManyAttempts)
)
async def identify(body: Credential, accounts: Service) -> Identified:
    """Turn a credential into an identity assertion. Never routed by the gateway."""
    return await accounts.identify(cookie=body.cookie, bearer=body.bearer)
