"""Who may look behind the scenes: administrators."""

from typing import Annotated

from fastapi import Depends, Request

from autograph.core.problem import Forbidden
from autograph.model.principal import Principal


async def _administrator(request: Request) -> Principal:
    principal: Principal = await request.app.state.verifier.of(request.headers.raw)
    if not principal.is_admin:
        raise Forbidden("Only administrators see how the installation is doing.")
    return principal


Administrator = Annotated[Principal, Depends(_administrator)]
"""The person who asks, proven to be an administrator; everybody else gets 401 or 403."""
