"""How a sign-in is answered: with a cookie that no script can read, or with tokens."""

from fastapi import Request, Response

from autograph.auth.factors.second import SecondStep
from autograph.auth.routes.shapes import SecondStepView, Tokens, user_view
from autograph.auth.sessions import SignedIn
from autograph.clients.auth import cookie_name, uses_secure_cookie


def signed_in_answer(
    request: Request, response: Response, found: SignedIn | SecondStep
) -> Tokens | SecondStepView:
    """Return what a sign-in is answered with; a cookie goes into `response`."""
    response.headers["Cache-Control"] = "no-store"
    if isinstance(found, SecondStep):
        return SecondStepView(mfa_token=found.token, methods=list(found.methods), expires_in=found.expires_in)
    return opened_answer(request, response, found)


def opened_answer(request: Request, response: Response, found: SignedIn) -> Tokens:
    """Return what is answered to whoever has proven enough."""
    if found.cookie:
        set_cookie(request, response, found)
        return Tokens(user=user_view(found.person))
    return tokens_answer(found, response)


def tokens_answer(found: SignedIn, response: Response) -> Tokens:
    """Return a pair of tokens."""
    response.headers["Cache-Control"] = "no-store"
    return Tokens(
        user=user_view(found.person),
        access_token=found.access_token,
        token_type="Bearer",  # noqa: S106 - the scheme's name, no secret
        expires_in=found.expires_in,
        refresh_token=found.refresh_token,
    )


def set_cookie(request: Request, response: Response, found: SignedIn) -> None:
    """Hand the session to a browser. If it is not to be remembered the cookie ends with the browser."""
    url = request.app.state.parts.public_url
    life = found.session.expires_at - found.session.created_at
    response.set_cookie(
        cookie_name(url),
        found.cookie,
        max_age=int(life.total_seconds()) if found.is_remembered else None,
        path="/",
        secure=uses_secure_cookie(url),
        httponly=True,
        samesite="lax",
    )
    response.headers["Cache-Control"] = "no-store"


def delete_cookie(request: Request, response: Response) -> None:
    """Take the session from a browser, and what it has kept of answers."""
    response.headers["Clear-Site-Data"] = '"cache"'
    url = request.app.state.parts.public_url
    response.delete_cookie(
        cookie_name(url), path="/", secure=uses_secure_cookie(url), httponly=True, samesite="lax"
    )
