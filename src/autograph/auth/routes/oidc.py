"""Signing in by a provider. A browser is sent there and comes back; it is never shown a token in an address."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from autograph.auth.factors.second import SecondStep
from autograph.auth.oidc import CALLBACK, LASTS, Oidc, SignInWorthless
from autograph.auth.routes.answer import set_cookie, signed_in_answer
from autograph.auth.routes.shapes import SecondStepView, Tokens
from autograph.clients.auth import sign_in_cookie_name, uses_secure_cookie
from autograph.clients.openapi import answers
from autograph.core.problem import Invalid, Problem

router = APIRouter(tags=["auth"])

_log = structlog.get_logger(__name__)


class ProviderView(BaseModel):
    """A way to sign in elsewhere."""

    id: str
    name: str


class ProviderList(BaseModel):
    """Every such way, and whether passkeys are one more."""

    items: list[ProviderView]
    passkeys_available: bool = Field(description="Whether browsers show passkeys to this address.")


def _oidc(request: Request) -> Oidc:
    oidc: Oidc = request.app.state.oidc
    return oidc


Elsewhere = Annotated[Oidc, Depends(_oidc)]
_SENT_ON: dict[int | str, dict[str, Any]] = {
    302: {"description": "To the provider, the page, or the sign-in page, which is told the problem."}
}


@router.get("/api/auth/providers", operation_id="list_providers")
async def list_providers(oidc: Elsewhere, request: Request) -> ProviderList:
    """The providers that people may sign in with, and whether a passkey does."""
    return ProviderList(
        items=[ProviderView(id=slug, name=found.name) for slug, found in oidc.providers.items()],
        passkeys_available=request.app.state.challenges.are_available,
    )


@router.get(
    "/api/auth/oidc/start",
    operation_id="start_oidc",
    status_code=302,
    response_class=RedirectResponse,
    responses={**_SENT_ON, **answers(Invalid)},
)
async def start_oidc(
    oidc: Elsewhere,
    request: Request,
    provider: Annotated[str, Query(max_length=32)],
    remember_me: bool = False,
) -> Response:
    """Send a browser to a provider."""

    async def begin() -> Response:
        beginning = await oidc.begin(provider, remember_me=remember_me)
        response = RedirectResponse(beginning.url, status_code=302)
        _hold(request, response, beginning.cookie)
        return response

    return await _navigated(begin)


@router.get(
    CALLBACK,
    operation_id="finish_oidc",
    status_code=302,
    response_class=RedirectResponse,
    responses={**_SENT_ON, **answers(Invalid)},
)
async def finish_oidc(
    oidc: Elsewhere,
    request: Request,
    state: Annotated[str, Query(max_length=100)] = "",
    code: Annotated[str, Query(max_length=8_192)] = "",
    error: Annotated[str, Query(max_length=8_192)] = "",
    iss: Annotated[str | None, Query(max_length=1_000)] = None,
) -> Response:
    """Take a browser back from a provider and sign it in with a cookie."""

    async def finish() -> Response:
        found = await oidc.finish(state=state, cookie=_held(request), code=code, error=error, issuer=iss)
        if isinstance(found, SecondStep):
            response = RedirectResponse("/sign-in?step=second", status_code=302)
            _hold(request, response, found.token)
            return response
        response = RedirectResponse("/", status_code=302)
        set_cookie(request, response, found)
        _let_go(request, response)
        return response

    return await _navigated(finish)


@router.post(
    "/api/auth/oidc/second",
    operation_id="get_oidc_second_step",
    response_model=SecondStepView,
    responses=answers(SignInWorthless),
)
async def get_oidc_second_step(
    oidc: Elsewhere, request: Request, response: Response
) -> Tokens | SecondStepView:
    """Which second factor the browser that has just come back from a provider must show."""
    found = await oidc.second(_held(request))
    _let_go(request, response)
    return signed_in_answer(request, response, found)


async def _navigated(work: Callable[[], Awaitable[Response]]) -> Response:
    """Do the work; a problem leads to the sign-in page, which knows words for it."""
    try:
        response = await work()
    except Problem as problem:
        _log.info("oidc.not_signed_in", problem=problem.slug)
        response = RedirectResponse(f"/sign-in?problem={problem.slug}", status_code=302)
    response.headers["Cache-Control"] = "no-store"
    return response


def _held(request: Request) -> str:
    """What the browser holds while it signs in; empty for nothing."""
    return request.cookies.get(sign_in_cookie_name(request.app.state.parts.public_url), "")


def _hold(request: Request, response: Response, value: str) -> None:
    url = request.app.state.parts.public_url
    response.set_cookie(
        sign_in_cookie_name(url),
        value,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=uses_secure_cookie(url),
        httponly=True,
        samesite="lax",
    )


def _let_go(request: Request, response: Response) -> None:
    url = request.app.state.parts.public_url
    response.delete_cookie(
        sign_in_cookie_name(url), path="/", secure=uses_secure_cookie(url), httponly=True, samesite="lax"
    )
