"""Who may make a call: the dependency with which every route of every room says which permission it wants."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from autograph.model.principal import Principal
from autograph.model.rights import Permission, demand


async def somebody(request: Request) -> Principal:
    """Whoever is signed in; raises Unauthenticated for nobody. Needs ``app.state.verifier``."""
    principal: Principal = await request.app.state.verifier.of(request.headers.raw)
    return principal


def permitted(permission: Permission) -> Callable[[Request], Awaitable[Principal]]:
    """Return a dependency that yields who asks, and raises Forbidden without this permission."""

    async def asker(request: Request) -> Principal:
        return demand(await somebody(request), permission)

    return asker
