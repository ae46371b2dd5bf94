"""HTTP face of drawing jobs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import ClientDisconnect

from autograph.analysis.jobs import Job
from autograph.analysis.service import Drawings, NotFinished, ReadingFailed, TooManyJobs
from autograph.analysis.settings import AnalysisSettings
from autograph.analysis.sources.archive import ArchiveUnreadable
from autograph.analysis.sources.git import GitUrlRefused
from autograph.clients.asked import permitted
from autograph.clients.diagrams import Document
from autograph.clients.flags import IMPORT_FROM_GIT, FeatureOff, Flags
from autograph.clients.identity import IDENTITY_HEADER
from autograph.clients.openapi import answers
from autograph.core.ids import new_id
from autograph.core.problem import Forbidden, Invalid, Malformed, NotFound, TooLarge, Unauthenticated
from autograph.model.architecture import Model
from autograph.model.principal import Principal
from autograph.model.rights import Permission
from autograph.storage.disk import told_when_full

router = APIRouter(prefix="/api/analysis", tags=["analysis"])
HEARTBEAT_SECONDS = 15.0
_WRITE_BYTES = 1024 * 1024


class Root(BaseModel):
    """A folder of the server that may be drawn."""

    name: str
    path: str


class Roots(BaseModel):
    """All of them."""

    roots: list[Root]


class NewJob(BaseModel):
    """What to draw: a git URL, or a folder inside an allowed root."""

    model_config = ConfigDict(extra="forbid")

    git_url: str | None = Field(default=None, min_length=1, max_length=2048)
    ref: str = Field(default="", max_length=200, description="Branch or tag; the default branch when empty.")
    root: str | None = Field(default=None, max_length=255, description="Name of an allowed root.")
    folder: str = Field(
        default="", max_length=4096, description="Folder inside it; the root itself when empty."
    )

    @model_validator(mode="after")
    def _one_source(self) -> "NewJob":
        if (self.git_url is None) == (self.root is None):
            raise ValueError("name either git_url or root")
        return self


class NewDocumentOfJob(BaseModel):
    """The document to make."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)


def _drawings(request: Request) -> Drawings:
    drawings: Drawings = request.app.state.drawings
    return drawings


Asker = Annotated[Principal, Depends(permitted(Permission.ANALYSIS_RUN))]
Desk = Annotated[Drawings, Depends(_drawings)]


@router.get("/roots", operation_id="list_roots", responses=answers(Unauthenticated, Forbidden))
async def list_roots(_asker: Asker, drawings: Desk) -> Roots:
    """Folders of the server that may be drawn."""
    found = await asyncio.to_thread(drawings.roots)
    return Roots(roots=[Root(name=name, path=str(path)) for name, path in found.items()])


@router.post(
    "/jobs",
    operation_id="create_job",
    status_code=202,
    responses=answers(Unauthenticated, Forbidden, FeatureOff, NotFound, Invalid, GitUrlRefused, TooManyJobs),
)
async def create_job(asker: Asker, drawings: Desk, body: NewJob, request: Request) -> Job:
    """Start drawing a git URL or a folder of the server."""
    if body.git_url is not None:
        flags: Flags = request.app.state.flags
        if not await flags.is_on(IMPORT_FROM_GIT.key, True, asker):
            raise FeatureOff("Drawing from a git address is switched off here. Upload an archive instead.")
        return drawings.draw_git(asker.user_id, body.git_url, body.ref)
    return drawings.draw_folder(asker.user_id, body.root or "", body.folder)


@router.post(
    "/jobs/upload",
    operation_id="upload_job",
    status_code=202,
    responses=answers(
        Unauthenticated, Forbidden, Malformed, TooLarge, Invalid, ArchiveUnreadable, TooManyJobs
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload_job(
    asker: Asker,
    drawings: Desk,
    request: Request,
    filename: Annotated[str, Query(min_length=1, max_length=255)],
) -> Job:
    """Start drawing an archive (zip, tar.gz), sent as the raw body."""
    settings: AnalysisSettings = request.app.state.settings
    drawings.check_upload(filename, asker.user_id)
    archive = drawings.scratch / f"upload-{new_id()}"
    try:
        with told_when_full(), await asyncio.to_thread(archive.open, "xb") as file:
            await _receive(request, file, settings.largest_upload_bytes)
        return drawings.draw_archive(asker.user_id, archive, filename)
    except BaseException:
        await asyncio.shield(asyncio.to_thread(archive.unlink, missing_ok=True))
        raise


async def _receive(request: Request, file: BinaryIO, limit_bytes: int) -> None:
    """Write the body to `file` as it arrives.

    Raises:
        TooLarge: By its declared length, or while it arrives.
        Malformed: It broke off.
    """
    too_large = TooLarge(f"An archive may have {limit_bytes:,} bytes.", limit_bytes=limit_bytes)
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limit_bytes:
        raise too_large
    received, waiting = 0, bytearray()
    try:
        async for chunk in request.stream():
            received += len(chunk)
            if received > limit_bytes:
                raise too_large
            waiting += chunk
            if len(waiting) >= _WRITE_BYTES:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
    except ClientDisconnect:
        raise Malformed("The upload broke off.") from None
    await asyncio.to_thread(file.write, bytes(waiting))


@router.get("/jobs/{job_id}", operation_id="get_job", responses=answers(Unauthenticated, Forbidden, NotFound))
async def get_job(job_id: str, asker: Asker, drawings: Desk) -> Job:
    """A job as it stands."""
    return (await drawings.job(asker, job_id)).job


@router.get(
    "/jobs/{job_id}/events",
    operation_id="watch_job",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **answers(Unauthenticated, Forbidden, NotFound)},
)
async def watch_job(job_id: str, asker: Asker, drawings: Desk) -> StreamingResponse:
    """The job after each change, as server-sent events called ``job``, until it ended."""
    running = await drawings.job(asker, job_id)

    async def events() -> AsyncIterator[str]:
        async with contextlib.aclosing(running.states(HEARTBEAT_SECONDS)) as states:  # type: ignore[type-var]
            async for job in states:
                yield f"event: job\ndata: {job.model_dump_json()}\n\n" if job else ": still here\n\n"

    return StreamingResponse(
        events(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.get(
    "/jobs/{job_id}/model",
    operation_id="get_job_model",
    response_model=Model,
    responses=answers(Unauthenticated, Forbidden, NotFound, NotFinished),
)
async def get_job_model(job_id: str, asker: Asker, drawings: Desk) -> Any:
    """The Model that a finished job found."""
    return await drawings.model(asker, job_id)


@router.post(
    "/jobs/{job_id}/document",
    operation_id="create_document_of_job",
    status_code=201,
    responses=answers(Unauthenticated, Forbidden, NotFound, NotFinished, ReadingFailed),
)
async def create_document_of_job(
    job_id: str, asker: Asker, drawings: Desk, body: NewDocumentOfJob, request: Request
) -> Document:
    """Make a document of a finished job."""
    identity = request.headers.get(IDENTITY_HEADER, "")
    return await drawings.make_document(asker, job_id, body.title, identity)


@router.delete(
    "/jobs/{job_id}",
    operation_id="cancel_job",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, NotFound),
)
async def cancel_job(job_id: str, asker: Asker, drawings: Desk) -> Response:
    """Call a job off."""
    await drawings.cancel(asker, job_id)
    return Response(status_code=204)
