"""Disk: how full it is, and objects to try it with."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

import structlog
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from autograph.clients.audit import Witnessed
from autograph.core.ids import new_id
from autograph.observability import disk
from autograph.observability.resources import Resources
from autograph.storage.objects import Objects
from autograph.watch.bucket import Bucket
from autograph.watch.diagnostics import part
from autograph.watch.diagnostics.part import (
    DENIED,
    LIMITED,
    MIB,
    RUN,
    Diagnostician,
    Eyes,
    Measured,
    Shelf,
)
from autograph.watch.service import Watch

UPLOADS = "diagnostics/"


def _store(request: Request) -> Bucket:
    bucket: Bucket = request.app.state.bucket
    return bucket


Store = Annotated[Bucket, Depends(_store)]

router = part.router()
_log = structlog.get_logger(__name__)


class LocalDisk(BaseModel):
    """The file system of the data folder, in bytes."""

    total: int
    used: int
    free: int
    used_percent: float
    alert_triggered: bool


class BucketSize(BaseModel):
    """Objects under one name: those of diagnostics as of now, all others as of the last look."""

    bucket: str
    size_bytes: int
    objects: int


class DiskReport(BaseModel):
    """Disk, objects of diagnostics, and how both are watched."""

    local_disk: LocalDisk | None
    object_storage: list[BucketSize]
    configuration: dict[str, float]
    timestamp: datetime


@router.get("/disk", operation_id="test_disk", responses=DENIED)
async def try_disk(
    _: Diagnostician, measured: Measured, watch: Eyes, objects: Shelf, store: Store
) -> DiskReport:
    """The disk now."""
    await asyncio.to_thread(measured.disk.sample)
    return await _disk(measured, watch, objects, store)


@router.post("/disk/upload", operation_id="test_disk_upload", status_code=201, responses=LIMITED)
async def try_disk_upload(
    who: Diagnostician,
    measured: Measured,
    watch: Eyes,
    objects: Shelf,
    store: Store,
    witness: Witnessed,
    size_mb: Annotated[int, Query(ge=1, le=100)] = 1,
    bucket: Annotated[Literal["uploads", "exports", "diagrams"], Query()] = "uploads",
) -> DiskReport:
    """Put an object of so many MiB; `DELETE /test/disk/cleanup` takes all of them away."""
    _log.warning("diagnostics.upload", by=who, size_mb=size_mb, bucket=bucket)
    await witness.tell(RUN, ("diagnosis", "disk-upload"), size_mb=size_mb, bucket=bucket)
    await objects.put(f"{UPLOADS}{bucket}/{new_id()}-{size_mb}", bytes(size_mb * MIB))
    await asyncio.to_thread(measured.disk.sample)
    return await _disk(measured, watch, objects, store)


@router.delete("/disk/cleanup", operation_id="test_disk_cleanup", status_code=204, responses=DENIED)
async def try_disk_cleanup(_: Diagnostician, objects: Shelf, witness: Witnessed) -> Response:
    """Take away every object that diagnostics have put."""
    await witness.tell(RUN, ("diagnosis", "disk-cleanup"))
    for key in [key async for key in objects.keys(UPLOADS)]:
        await objects.delete(key)
    return Response(status_code=204)


async def _disk(measured: Resources, watch: Watch, objects: Objects, store: Bucket) -> DiskReport:
    kept = {name: found for name, found in (store.usage or {}).items() if name != UPLOADS.rstrip("/")}
    sizes: dict[str, list[int]] = {}
    async for key in objects.keys(UPLOADS):
        bucket, _, name = key.removeprefix(UPLOADS).partition("/")
        sizes.setdefault(bucket, []).append(int(name.rpartition("-")[2]) * MIB)
    found, percent = measured.disk.latest, measured.disk.percent
    local = None
    if found is not None and percent is not None:
        local = LocalDisk(
            total=found.total,
            used=found.used,
            free=found.free,
            used_percent=percent,
            alert_triggered=percent >= disk.ALERT_PERCENT,
        )
    return DiskReport(
        local_disk=local,
        object_storage=[
            *(
                BucketSize(bucket=name, size_bytes=sum(all_), objects=len(all_))
                for name, all_ in sizes.items()
            ),
            *(
                BucketSize(bucket=name, size_bytes=found.size_bytes, objects=found.objects)
                for name, found in sorted(kept.items())
            ),
        ],
        configuration={
            "check_interval_seconds": measured.settings.disk_interval_seconds,
            "warning_percent": disk.WARNING_PERCENT,
            "critical_percent": disk.ALERT_PERCENT,
            "alert_percent": disk.ALERT_PERCENT,
        },
        timestamp=watch.moment(),
    )
