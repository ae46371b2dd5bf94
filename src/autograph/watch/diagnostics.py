"""Diagnostics: look at this process's CPU, memory, network and disk, and see the layers at work on demand.

For administrators; while not in production also for whoever sits at the machine itself. Nothing here blocks the
event loop: what is shown was sampled in the background, what works hard does so in another process.
"""

import asyncio
import gc
import os
import sys
from datetime import datetime
from typing import Annotated, Any, Literal

import psutil
import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from autograph.clients.asked import permitted
from autograph.clients.identity import LOOPBACK_HEADER
from autograph.clients.openapi import answers
from autograph.core.correlation import correlation_id
from autograph.core.ids import new_id
from autograph.core.problem import Conflict, Forbidden, Invalid, Unauthenticated
from autograph.model.rights import Permission
from autograph.observability import cpu, disk
from autograph.observability.requests import LARGE_BYTES
from autograph.observability.resources import Resources
from autograph.storage.objects import Objects
from autograph.watch.service import Watch

MIB = 1024 * 1024
WARNING_MIB, CRITICAL_MIB = 512, 1024
UPLOADS = "diagnostics/"
COMPRESSION_LEAST_BYTES = 1024

router = APIRouter(prefix="/test", tags=["diagnostics"])
_log = structlog.get_logger(__name__)


class StressRunning(Conflict):
    """One stress test at a time."""

    slug, title = "stress-running", "A stress test is running already."


_diagnose = permitted(Permission.OPERATIONS_MANAGE)


async def _allowed(request: Request) -> str:
    """Whoever may diagnose: the machine itself (as the gateway has proven), or an operator."""
    if request.headers.get(LOOPBACK_HEADER) == "1":
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
_DENIED = answers(Unauthenticated, Forbidden)
_LIMITED = answers(Unauthenticated, Forbidden, Invalid)


class CpuReport(BaseModel):
    """CPU of this process and the machine; 100 % is all that we may use. None before two samples."""

    process_cpu_percent: float | None
    baseline_cpu_percent: float | None
    cpu_growth_percent: float | None
    system_cpu_percent: float | None
    cpu_count_logical: int
    cpu_count_physical: int
    load_average_1m: float
    load_average_5m: float
    load_average_15m: float
    warning_threshold_percent: float = cpu.WARNING_PERCENT
    critical_threshold_percent: float = cpu.CRITICAL_PERCENT
    timestamp: datetime


@router.get("/cpu", operation_id="test_cpu", responses=_DENIED)
async def try_cpu(_: Diagnostician, measured: Measured, watch: Eyes) -> CpuReport:
    """CPU from samples in the background."""
    found = measured.cpu
    now, baseline = found.process_percent, found.baseline_percent
    one, five, fifteen = os.getloadavg()
    return CpuReport(
        process_cpu_percent=now,
        baseline_cpu_percent=baseline,
        cpu_growth_percent=now - baseline if now is not None and baseline is not None else None,
        system_cpu_percent=found.system_percent,
        cpu_count_logical=psutil.cpu_count() or 1,
        cpu_count_physical=psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        load_average_1m=one,
        load_average_5m=five,
        load_average_15m=fifteen,
        timestamp=watch.moment(),
    )


class StressReport(BaseModel):
    """What a stress test did to the machine."""

    message: str
    correlation_id: str
    duration_seconds: float
    intensity: int
    cpu_before_percent: float
    cpu_during_percent: float
    cpu_after_percent: float
    cpu_increase_percent: float
    primes_calculated: int
    timestamp: datetime


@router.get(
    "/cpu/stress",
    operation_id="test_cpu_stress",
    responses=answers(Unauthenticated, Forbidden, Invalid, StressRunning),
)
async def try_cpu_stress(
    who: Diagnostician,
    watch: Eyes,
    request: Request,
    duration_seconds: Annotated[float, Query(ge=1, le=30)] = 5,
    intensity: Annotated[int, Query(ge=1, le=10)] = 1,
) -> StressReport:
    """Keep processors busy in other processes; this one stays responsive."""
    running: asyncio.Lock = request.app.state.stress
    if running.locked():
        raise StressRunning("Wait until it has ended.", headers={"retry-after": "30"})
    _log.warning("diagnostics.stress", by=who, duration_seconds=duration_seconds, intensity=intensity)
    async with running:
        before = await _machine_percent(0.5)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "autograph.watch.stress", str(duration_seconds), str(intensity),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            during = await _machine_percent(duration_seconds)
            printed, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        after = await _machine_percent(0.5)
    return StressReport(
        message="The machine was kept busy; this process was not.",
        correlation_id=correlation_id.get(),
        duration_seconds=duration_seconds,
        intensity=intensity,
        cpu_before_percent=before,
        cpu_during_percent=during,
        cpu_after_percent=after,
        cpu_increase_percent=during - before,
        primes_calculated=int(printed or b"0"),
        timestamp=watch.moment(),
    )


async def _machine_percent(seconds: float) -> float:
    """How busy the machine is over the next seconds, by its counters."""
    before = cpu.read_times()
    await asyncio.sleep(seconds)
    after = cpu.read_times()
    passed = (after.busy - before.busy) + (after.idle - before.idle)
    return 100 * (after.busy - before.busy) / passed if passed > 0 else 0.0


class MemoryReport(BaseModel):
    """Memory of this process and the machine, in MiB."""

    current_memory_mb: float
    baseline_memory_mb: float | None
    memory_growth_mb: float | None
    memory_percent: float
    system_memory_total_mb: float
    system_memory_available_mb: float
    system_memory_used_percent: float
    warning_threshold_mb: int = WARNING_MIB
    critical_threshold_mb: int = CRITICAL_MIB
    timestamp: datetime


@router.get("/memory", operation_id="test_memory", responses=_DENIED)
async def try_memory(_: Diagnostician, measured: Measured, watch: Eyes) -> MemoryReport:
    """Memory now, and since the baseline."""
    return _memory(measured, watch)


@router.get("/memory/allocate", operation_id="test_memory_allocate", responses=_LIMITED)
async def try_memory_allocate(
    who: Diagnostician, measured: Measured, watch: Eyes, size_mb: Annotated[int, Query(ge=1, le=512)] = 10
) -> MemoryReport:
    """Hold so much memory for a moment, and tell what that looks like."""
    _log.warning("diagnostics.allocate", by=who, size_mb=size_mb)
    held = await asyncio.to_thread(lambda: bytearray(os.urandom(MIB)) * size_mb)
    report = _memory(measured, watch)
    del held
    return report


@router.get("/memory/gc", operation_id="test_memory_gc", responses=_DENIED)
async def try_memory_gc(_: Diagnostician, measured: Measured, watch: Eyes) -> MemoryReport:
    """Collect garbage, then tell."""
    await asyncio.to_thread(gc.collect)
    return _memory(measured, watch)


def _memory(measured: Resources, watch: Watch) -> MemoryReport:
    memory, machine = measured.memory, psutil.virtual_memory()
    memory.sample()
    baseline = memory.baseline_bytes
    return MemoryReport(
        current_memory_mb=memory.current_bytes / MIB,
        baseline_memory_mb=None if baseline is None else baseline / MIB,
        memory_growth_mb=None if baseline is None else (memory.current_bytes - baseline) / MIB,
        memory_percent=100 * memory.current_bytes / memory.limit_bytes,
        system_memory_total_mb=machine.total / MIB,
        system_memory_available_mb=machine.available / MIB,
        system_memory_used_percent=machine.percent,
        timestamp=watch.moment(),
    )


class NetworkReport(BaseModel):
    """How a body of this size is treated."""

    request_size_bytes: int
    is_large_payload: bool
    large_payload_bytes: int = LARGE_BYTES
    compression_enabled: bool = True
    compression_min_size_bytes: int = COMPRESSION_LEAST_BYTES
    timestamp: datetime


@router.get("/network", operation_id="test_network", responses=_DENIED)
async def try_network(_: Diagnostician, watch: Eyes) -> NetworkReport:
    """Which sizes count as large, and what is compressed."""
    return NetworkReport(request_size_bytes=0, is_large_payload=False, timestamp=watch.moment())


@router.post("/network/large-request", operation_id="test_large_request", responses=_LIMITED)
async def try_large_request(_: Diagnostician, watch: Eyes, request: Request) -> NetworkReport:
    """Send a body of any size up to the gateway's limit; it is counted and let go."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return NetworkReport(
        request_size_bytes=size, is_large_payload=size >= LARGE_BYTES, timestamp=watch.moment()
    )


@router.get(
    "/network/large-response",
    operation_id="test_large_response",
    response_class=StreamingResponse,
    responses=_LIMITED,
)
async def try_large_response(
    _: Diagnostician, size_mb: Annotated[int, Query(ge=1, le=10)] = 1
) -> StreamingResponse:
    """An answer of so many MiB of text, in pieces."""

    async def pieces() -> Any:
        for _ in range(size_mb * 16):
            yield b"0123456789abcdef" * 4096

    return StreamingResponse(pieces(), media_type="text/plain")


class LocalDisk(BaseModel):
    """The file system of the data folder, in bytes."""

    total: int
    used: int
    free: int
    used_percent: float
    alert_triggered: bool


class Bucket(BaseModel):
    """Objects under one name."""

    bucket: str
    size_bytes: int
    objects: int


class DiskReport(BaseModel):
    """Disk, objects of diagnostics, and how both are watched."""

    local_disk: LocalDisk | None
    object_storage: list[Bucket]
    configuration: dict[str, float]
    timestamp: datetime


@router.get("/disk", operation_id="test_disk", responses=_DENIED)
async def try_disk(_: Diagnostician, measured: Measured, watch: Eyes, objects: Shelf) -> DiskReport:
    """The disk now."""
    await asyncio.to_thread(measured.disk.sample)
    return await _disk(measured, watch, objects)


@router.post("/disk/upload", operation_id="test_disk_upload", status_code=201, responses=_LIMITED)
async def try_disk_upload(
    who: Diagnostician,
    measured: Measured,
    watch: Eyes,
    objects: Shelf,
    size_mb: Annotated[int, Query(ge=1, le=100)] = 1,
    bucket: Annotated[Literal["uploads", "exports", "diagrams"], Query()] = "uploads",
) -> DiskReport:
    """Put an object of so many MiB; `DELETE /test/disk/cleanup` takes all of them away."""
    _log.warning("diagnostics.upload", by=who, size_mb=size_mb, bucket=bucket)
    await objects.put(f"{UPLOADS}{bucket}/{new_id()}-{size_mb}", bytes(size_mb * MIB))
    await asyncio.to_thread(measured.disk.sample)
    return await _disk(measured, watch, objects)


@router.delete("/disk/cleanup", operation_id="test_disk_cleanup", status_code=204, responses=_DENIED)
async def try_disk_cleanup(_: Diagnostician, objects: Shelf) -> Response:
    """Take away every object that diagnostics have put."""
    for key in [key async for key in objects.keys(UPLOADS)]:
        await objects.delete(key)
    return Response(status_code=204)


async def _disk(measured: Resources, watch: Watch, objects: Objects) -> DiskReport:
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
            Bucket(bucket=name, size_bytes=sum(all_), objects=len(all_)) for name, all_ in sizes.items()
        ],
        configuration={
            "check_interval_seconds": measured.settings.disk_interval_seconds,
            "warning_percent": disk.WARNING_PERCENT,
            "critical_percent": disk.ALERT_PERCENT,
            "alert_percent": disk.ALERT_PERCENT,
        },
        timestamp=watch.moment(),
    )


class Done(BaseModel):
    """A call that did what it was asked, slowly."""

    message: str
    correlation_id: str
    seconds: float


@router.get("/slow", operation_id="test_slow", responses=_LIMITED)
async def try_slow(_: Diagnostician, delay: Annotated[float, Query(ge=0, le=60)] = 2) -> Done:
    """A call that takes so many seconds: see the slow-request log, the deadline and the histogram."""
    await asyncio.sleep(delay)
    return Done(message="That was slow.", correlation_id=correlation_id.get(), seconds=delay)


@router.get("/error", operation_id="test_error", responses=_DENIED)
async def try_error(who: Diagnostician) -> Done:
    """A call that fails: see the error with its stack trace on the operations page."""
    raise RuntimeError(f"asked for by {who}, to see errors at work")


@router.get("/slow-query", operation_id="test_slow_query", responses=_LIMITED)
async def try_slow_query(
    _: Diagnostician, watch: Eyes, delay_ms: Annotated[int, Query(ge=1, le=5000)] = 200
) -> Done:
    """A statement that takes so long: see it among the slow queries, with its plan."""
    seconds = await watch.slow_statement(delay_ms / 1000)
    return Done(message="That query was slow.", correlation_id=correlation_id.get(), seconds=seconds)
