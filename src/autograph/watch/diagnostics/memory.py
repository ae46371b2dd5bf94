"""Memory: what is used and since when, and on demand what it is made of."""

import asyncio
import gc
import os
from datetime import datetime
from typing import Annotated

import psutil
import structlog
from fastapi import Query
from pydantic import BaseModel, Field

from autograph.clients.audit import Witnessed
from autograph.observability.resources import Resources
from autograph.watch.diagnostics import part
from autograph.watch.diagnostics.part import DENIED, LIMITED, MIB, RUN, Diagnostician, Eyes, Measured
from autograph.watch.service import Watch

WARNING_MIB, CRITICAL_MIB = 512, 1024

router = part.router()
_log = structlog.get_logger(__name__)


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


@router.get("/memory", operation_id="test_memory", responses=DENIED)
async def try_memory(_: Diagnostician, measured: Measured, watch: Eyes) -> MemoryReport:
    """Memory now, and since the baseline."""
    return _memory(measured, watch)


@router.get("/memory/allocate", operation_id="test_memory_allocate", responses=LIMITED)
async def try_memory_allocate(
    who: Diagnostician,
    measured: Measured,
    watch: Eyes,
    witness: Witnessed,
    size_mb: Annotated[int, Query(ge=1, le=512)] = 10,
) -> MemoryReport:
    """Hold so much memory for a moment, and tell what that looks like."""
    _log.warning("diagnostics.allocate", by=who, size_mb=size_mb)
    await witness.tell(RUN, ("diagnosis", "memory-allocate"), size_mb=size_mb)
    held = await asyncio.to_thread(lambda: bytearray(os.urandom(MIB)) * size_mb)
    report = _memory(measured, watch)
    del held
    return report


@router.get("/memory/gc", operation_id="test_memory_gc", responses=DENIED)
async def try_memory_gc(_: Diagnostician, measured: Measured, watch: Eyes) -> MemoryReport:
    """Collect garbage, then tell."""
    await asyncio.to_thread(gc.collect)
    return _memory(measured, watch)


class GrowingType(BaseModel):
    """Live objects of one type; `grown` since the baseline, None before there is one."""

    type: str
    objects: int
    grown: int | None


class GrowingLine(BaseModel):
    """Bytes that a line of code took while it was watched, and still holds."""

    line: str
    bytes: int


class TypesReport(BaseModel):
    """What the memory of this process is made of."""

    baseline_at: datetime | None
    objects: int
    is_whole: bool = Field(description="False when there was no time to count all of them.")
    types: list[GrowingType]
    lines: list[GrowingLine]
    timestamp: datetime


@router.get("/memory/types", operation_id="test_memory_types", responses=LIMITED)
async def try_memory_types(
    who: Diagnostician,
    measured: Measured,
    watch: Eyes,
    most: Annotated[int, Query(ge=1, le=200)] = 20,
    seconds: Annotated[
        float,
        Query(ge=0, le=10, description="How long to watch which lines of code take memory; it slows all."),
    ] = 0,
) -> TypesReport:
    """The types whose objects grow most since the baseline and, when asked for, the lines that take memory now."""
    heap = measured.heap
    if seconds:
        _log.warning("diagnostics.allocations", by=who, seconds=seconds)
    lines = await asyncio.to_thread(heap.lines, seconds, most) if seconds else []
    look = await asyncio.to_thread(heap.look, most)
    return TypesReport(
        baseline_at=heap.baseline_at,
        objects=look.objects,
        is_whole=look.is_whole,
        types=[GrowingType(**found._asdict()) for found in look.types],
        lines=[GrowingLine(**found._asdict()) for found in lines],
        timestamp=watch.moment(),
    )


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
