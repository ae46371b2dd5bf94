"""What every diagnosis shares: who may ask, and what there is to look at."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from autograph.clients.asked import permitted
from autograph.clients.identity import LOOPBACK_HEADER
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, Unauthenticated
from autograph.model.rights import Permission
from autograph.observability.resources import Resources
from autograph.storage.objects import Objects
from autograph.watch.service import Watch

MIB = 1024 * 1024
RUN = "diagnosis.run"
"""Stands in the audit log for every diagnosis that others may notice."""

_diagnose = permitted(Permission.OPERATIONS_MANAGE)


async def _allowed(request: Request) -> str:
    """Whoever may diagnose: the machine itself (as the gateway has proven), or an operator."""
    if request.app.state.open_on_loopback and request.headers.get(LOOPBACK_HEADER) == "1":
        return "this machine"
    return (await _diagnose(request)).user_id


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


def _watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch


def _objects(request: Request) -> Objects:
    objects: Objects = request.app.state.objects
    return objects


Diagnostician = Annotated[str, Depends(_allowed)]
Measured = Annotated[Resources, Depends(_resources)]
Eyes = Annotated[Watch, Depends(_watch)]
Shelf = Annotated[Objects, Depends(_objects)]
DENIED = answers(Unauthenticated, Forbidden)
LIMITED = answers(Unauthenticated, Forbidden, Invalid)


def router() -> APIRouter:
    """Return an empty router below `/test`."""
    return APIRouter(prefix="/test", tags=["diagnostics"])
