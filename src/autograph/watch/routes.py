"""HTTP face of the watch: read the request, ask the service, shape the reply."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from autograph.clients.audit import Witnessed
from autograph.clients.diagrams import DiagramsClient, Document
from autograph.clients.identity import IDENTITY_HEADER
from autograph.clients.openapi import answers
from autograph.clients.watch import REPORT_PATH, Instructions
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from autograph.model.telemetry import Observations
from autograph.watch.access import Observer, Operator
from autograph.watch.live import Live
from autograph.watch.service import Watch
from autograph.watch.shapes import (
    About,
    Backups,
    ErrorDetail,
    ErrorGroup,
    ErrorMark,
    ErrorPage,
    ErrorState,
    LogLevels,
    Overview,
    QueryList,
    Range,
    RoutePage,
    ServiceMap,
)

router = APIRouter(tags=["operations"])


def _watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch


Eyes = Annotated[Watch, Depends(_watch)]
Fingerprint = Annotated[str, Path(max_length=40)]
_DENIED = answers(Unauthenticated, Forbidden)
_MISSING = answers(Unauthenticated, Forbidden, NotFound)


@router.post(REPORT_PATH, include_in_schema=False)
async def report(reading: Observations, watch: Eyes) -> Instructions:
    """Take what a process of ours has seen of itself; the gateway never routes this."""
    return await watch.take(reading)


@router.get(
    "/api/ops/overview", operation_id="get_overview", responses=answers(Unauthenticated, Forbidden, Invalid)
)
async def get_overview(
    _: Observer, watch: Eyes, wanted: Annotated[Range, Query(alias="range")] = "1h"
) -> Overview:
    """The first look: the worst thing, totals, services, saturation."""
    return await watch.overview(wanted)


@router.get(
    "/api/ops/stream",
    operation_id="watch_overview",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **answers(Unauthenticated, Forbidden, Unavailable),
    },
)
async def watch_overview(_: Observer, request: Request) -> StreamingResponse:
    """The figures of now as server-sent events, one every few seconds, until the client leaves or signs out."""
    live: Live = request.app.state.live
    live.check()
    return StreamingResponse(
        _moments(live, request),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform"},
    )


async def _moments(live: Live, request: Request) -> AsyncIterator[str]:
    async with contextlib.aclosing(live.listen()) as events:
        async for event in events:
            yield event
            if await request.is_disconnected():
                return


@router.get("/api/ops/services/{name}/routes", operation_id="list_service_routes", responses=_MISSING)
async def list_service_routes(
    _: Observer, watch: Eyes, name: Annotated[str, Path(max_length=60)]
) -> RoutePage:
    """The routes of one service with their rates, errors, durations and sizes."""
    return watch.routes(name)


@router.get("/api/ops/map", operation_id="get_map", responses=_DENIED)
async def get_map(_: Observer, watch: Eyes) -> ServiceMap:
    """Who calls whom, as seen in the last minutes."""
    return watch.map()


@router.post(
    "/api/ops/map/document", operation_id="create_document_of_map", status_code=201, responses=_DENIED
)
async def create_document_of_map(_: Observer, watch: Eyes, request: Request) -> Document:
    """Keep the map of now as a document of mine."""
    diagrams: DiagramsClient = request.app.state.diagrams
    model = watch.map_as_model()
    identity = request.headers.get(IDENTITY_HEADER, "")
    return await diagrams.create(model.title, identity=identity, model=model.model_dump(mode="json"))


@router.get(
    "/api/ops/errors", operation_id="list_errors", responses=answers(Unauthenticated, Forbidden, Invalid)
)
async def list_errors(
    _: Observer,
    watch: Eyes,
    state: ErrorState | None = None,
    sort: Literal["count", "last"] = "last",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> ErrorPage:
    """Groups of equal failures, a page at a time; ignored ones only when asked for."""
    return await watch.errors(state, by_count=sort == "count", page=page)


@router.get("/api/ops/errors/{fingerprint}", operation_id="get_error", responses=_MISSING)
async def get_error(_: Observer, watch: Eyes, fingerprint: Fingerprint) -> ErrorDetail:
    """One group with the stack traces and stories of its newest events."""
    group, events = await watch.error(fingerprint)
    return ErrorDetail(group=group, events=events)


@router.put(
    "/api/ops/errors/{fingerprint}",
    operation_id="mark_error",
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def mark_error(
    _: Operator, watch: Eyes, fingerprint: Fingerprint, mark: ErrorMark, witness: Witnessed
) -> ErrorGroup:
    """Say that a failure is resolved, to be ignored, or neither."""
    before = (await watch.error(fingerprint))[0]
    group = await watch.mark_error(fingerprint, mark.state)
    await witness.tell("error.marked", ("error", fingerprint), state=mark.state, before=before.state)
    return group


@router.get(
    "/api/ops/queries", operation_id="list_queries", responses=answers(Unauthenticated, Forbidden, Invalid)
)
async def list_queries(
    _: Observer, watch: Eyes, sort: Literal["total", "mean", "p99", "calls"] = "total"
) -> QueryList:
    """Statements by shape with their durations, plans and hints."""
    return watch.queries(sort)


@router.get("/api/ops/backups", operation_id="list_backups", responses=_DENIED)
async def list_backups(_: Observer) -> Backups:
    """What is backed up; there is nothing to tell before backups are set up."""
    return Backups()


@router.get("/api/ops/about", operation_id="get_about", responses=_DENIED)
async def get_about(_: Observer, watch: Eyes) -> About:
    """Version, processes, tables and settings of the installation; of secrets only whether they are set."""
    return await watch.about()


@router.get("/api/admin/log-levels", operation_id="get_log_levels", responses=_DENIED)
async def get_log_levels(_: Observer, watch: Eyes) -> LogLevels:
    """The levels that every process is told."""
    return watch.log_levels()


@router.put(
    "/api/admin/log-levels",
    operation_id="set_log_levels",
    responses=answers(Unauthenticated, Forbidden, Invalid),
)
async def set_log_levels(_: Operator, watch: Eyes, levels: LogLevels, witness: Witnessed) -> LogLevels:
    """Change what every process logs, within five seconds and without a restart."""
    before, kept = watch.log_levels().model_dump(), await watch.set_log_levels(levels)
    await witness.tell("log_levels.changed", default=kept.default, modules=kept.modules, before=before)
    return kept
