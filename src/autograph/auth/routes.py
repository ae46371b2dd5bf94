"""HTTP face of accounts: read the request, ask the service, shape the reply."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from autograph.auth.rules import Person, Session
from autograph.auth.service import (
    Accounts,
    FirstRunCode,
    FirstRunDone,
    RefreshRefused,
    RefreshReused,
    RegistrationClosed,
    SignedIn,
    WrongCredentials,
)
from autograph.auth.store import EmailTaken
from autograph.clients.auth import Identified, cookie_name, uses_secure_cookie
from autograph.clients.openapi import answers
from autograph.core.problem import Invalid, Unauthenticated, Unavailable
from autograph.model.principal import Principal

router = APIRouter(tags=["auth"])
internal = APIRouter(tags=["internal"], include_in_schema=False)

# Longer text than any rule allows is not even looked at; the rules say what is wrong with the rest.
Text = Annotated[str, StringConstraints(max_length=1_000)]
Secret = Annotated[str, StringConstraints(max_length=8_192)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewAccount(_Body):
    """Who wants an account. Roles are never asked for: they are given."""

    email: Text
    name: Text
    password: Text


class FirstRun(NewAccount):
    """The first administrator, and the code of the link that was printed at start."""

    code: Annotated[str, StringConstraints(max_length=64)]


class Login(_Body):
    """E-mail address and password; `cookie` asks for a session cookie in place of tokens."""

    email: Text
    password: Text
    remember_me: bool = False
    cookie: bool = False


class Refresh(_Body):
    """A refresh token, good for one use."""

    refresh_token: Secret


class Credential(_Body):
    """A session cookie's value or an access token; exactly one of them."""

    cookie: Secret | None = None
    bearer: Secret | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Credential":
        if (self.cookie is None) == (self.bearer is None):
            raise ValueError("give either a cookie or a bearer token")
        return self


class User(BaseModel):
    """An account as others may see it."""

    id: str
    email: str
    name: str
    roles: list[str]


class Account(User):
    """One's own account."""

    created_at: datetime


class SessionView(BaseModel):
    """One's own session."""

    id: str
    created_at: datetime
    expires_at: datetime


class Registered(BaseModel):
    """A new account."""

    user: User


class Tokens(BaseModel):
    """Who signed in; the tokens are left out when a cookie was asked for."""

    user: User
    access_token: str | None = None
    token_type: Literal["Bearer"] | None = None
    expires_in: int | None = Field(default=None, description="Seconds for which the access token is good.")
    refresh_token: str | None = None


class Me(BaseModel):
    """Who I am, and by which session."""

    user: Account
    session: SessionView


class FirstRunState(BaseModel):
    """Whether an administrator is needed, and whether the code that was asked about would do."""

    needed: bool
    code_valid: bool | None


class KeySet(BaseModel):
    """Public signing keys (RFC 7517)."""

    keys: list[dict[str, str]]


def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


async def _principal(request: Request) -> Principal:
    principal: Principal = await request.app.state.verifier.of(request.headers.raw)
    return principal


Service = Annotated[Accounts, Depends(_accounts)]
Asker = Annotated[Principal, Depends(_principal)]


@router.get("/api/auth/first-run", operation_id="get_first_run", responses=answers(Invalid))
async def get_first_run(
    accounts: Service, code: Annotated[str | None, Field(max_length=64)] = None
) -> FirstRunState:
    """Whether the installation still needs its administrator."""
    needed = await accounts.first_run_needed()
    if code is None:
        return FirstRunState(needed=needed, code_valid=None)
    return FirstRunState(needed=needed, code_valid=needed and await accounts.code_is_valid(code))


@router.post(
    "/api/auth/first-run",
    operation_id="complete_first_run",
    status_code=201,
    responses=answers(FirstRunCode, FirstRunDone, Invalid, Unavailable),
)
async def complete_first_run(
    body: FirstRun, accounts: Service, request: Request, response: Response
) -> Registered:
    """Make the first administrator, and sign them in with a cookie."""
    signed_in = await accounts.first_run(body.code, body.email, body.name, body.password)
    _set_cookie(request, response, signed_in, remember_me=False)
    return Registered(user=_user(signed_in.person))


@router.post(
    "/api/auth/register",
    operation_id="register",
    status_code=201,
    responses=answers(RegistrationClosed, EmailTaken, Invalid, Unavailable),
)
async def register(body: NewAccount, accounts: Service) -> Registered:
    """Make an account, where the installation allows it."""
    return Registered(user=_user(await accounts.register(body.email, body.name, body.password)))


@router.post(
    "/api/auth/login",
    operation_id="login",
    response_model_exclude_none=True,
    responses=answers(WrongCredentials, Invalid, Unavailable),
)
async def login(body: Login, accounts: Service, request: Request, response: Response) -> Tokens:
    """Sign in with e-mail address and password."""
    signed_in = await accounts.login(
        body.email, body.password, remember_me=body.remember_me, cookie=body.cookie
    )
    if body.cookie:
        _set_cookie(request, response, signed_in, remember_me=body.remember_me)
        return Tokens(user=_user(signed_in.person))
    return _tokens(signed_in, response)


@router.post(
    "/api/auth/refresh",
    operation_id="refresh",
    response_model_exclude_none=True,
    responses=answers(RefreshRefused, RefreshReused, Invalid),
)
async def refresh(body: Refresh, accounts: Service, response: Response) -> Tokens:
    """Exchange a refresh token for a new pair."""
    return _tokens(await accounts.refresh(body.refresh_token), response)


@router.post("/api/auth/logout", operation_id="logout", status_code=204, responses=answers(Unauthenticated))
async def logout(asker: Asker, accounts: Service, request: Request, response: Response) -> None:
    """End this session and every token that hangs on it."""
    await accounts.logout(asker)
    url = request.app.state.public_url
    response.delete_cookie(
        cookie_name(url), path="/", secure=uses_secure_cookie(url), httponly=True, samesite="lax"
    )


@router.get("/api/auth/me", operation_id="get_me", response_model=Me, responses=answers(Unauthenticated))
async def get_me(request: Request) -> Response:
    """Who I am, and by which session."""
    person, session = await _accounts(request).me(await _principal(request))
    me = Me(user=_account(person), session=_session(session))
    return _uncached(me)


@router.get("/api/auth/.well-known/jwks.json", operation_id="get_signing_keys")
async def get_signing_keys(accounts: Service, response: Response) -> KeySet:
    """The public keys with which anybody can verify an access token."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeySet(keys=accounts.keys.jwks()["keys"])


@internal.post("/internal/identify", operation_id="identify", responses=answers(Unauthenticated))
async def identify(body: Credential, accounts: Service) -> Identified:
    """Turn a credential into an identity assertion. Never routed by the gateway."""
    return await accounts.identify(cookie=body.cookie, bearer=body.bearer)


def _uncached(model: BaseModel) -> Response:
    return Response(
        model.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _set_cookie(request: Request, response: Response, signed_in: SignedIn, *, remember_me: bool) -> None:
    """Without `remember_me` the cookie ends with the browser, and at the latest with its session."""
    url = request.app.state.public_url
    life = signed_in.session.expires_at - signed_in.session.created_at
    response.set_cookie(
        cookie_name(url),
        signed_in.cookie,
        max_age=int(life.total_seconds()) if remember_me else None,
        path="/",
        secure=uses_secure_cookie(url),
        httponly=True,
        samesite="lax",
    )
    response.headers["Cache-Control"] = "no-store"


def _tokens(signed_in: SignedIn, response: Response) -> Tokens:
    response.headers["Cache-Control"] = "no-store"
    return Tokens(
        user=_user(signed_in.person),
        access_token=signed_in.access_token,
        token_type="Bearer",  # noqa: S106 - the scheme's name, no secret
        expires_in=signed_in.expires_in,
        refresh_token=signed_in.refresh_token,
    )


def _user(person: Person) -> User:
    return User(id=person.id, email=person.email, name=person.name, roles=list(person.roles))


def _account(person: Person) -> Account:
    return Account(**_user(person).model_dump(), created_at=person.created_at)


def _session(session: Session) -> SessionView:
    return SessionView(id=session.id, created_at=session.created_at, expires_at=session.expires_at)
