"""How errors leave a service: always problem+json, never a stack trace, a path or a statement."""

from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from autograph.core.correlation import correlation_id
from autograph.core.problem import (
    MEDIA_TYPE,
    Forbidden,
    Internal,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

_BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (Malformed, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, TooLarge, Unavailable)
}
_log = structlog.get_logger(__name__)


def problem_answer(problem: Problem, path: str) -> JSONResponse:
    """Return `problem` as an answer to the request for `path`."""
    return JSONResponse(
        problem.as_dict(path, correlation_id.get() or None),
        status_code=problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def install(app: Starlette | FastAPI) -> None:
    """Make every error of `app` a problem answer; a slash too many is one, not a way to what the Host header says."""
    app.router.redirect_slashes = False
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_answer(error, request.url.path)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [{"field": _field(found["loc"]), "message": found["msg"]} for found in error.errors()]
    named = ", ".join(dict.fromkeys(found["field"] for found in errors if found["field"]))
    return problem_answer(Invalid(f"Not valid: {named or 'the body'}.", errors=errors), request.url.path)


def _field(location: tuple[Any, ...]) -> str:
    """`('body', 'items', 0, 'name')` is `items.0.name` to whoever sent it."""
    return ".".join(str(part) for part in location if part not in {"body", "query", "path", "header"})


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code, Internal)
    problem = kind(headers=dict(error.headers or {}))
    return problem_answer(problem, request.url.path)


async def _on_bug(request: Request, error: Exception) -> Response:
    _log.error("request.failed", path=request.url.path, method=request.method, exc_info=error)
    return problem_answer(Internal("Tell your administrator the correlation ID."), request.url.path)
