"""CPU: what is used, from samples in the background, and a stress test in other processes."""

import asyncio
import os
import sys
from datetime import datetime
from typing import Annotated

import psutil
import structlog
from fastapi import Query, Request
from pydantic import BaseModel

from autograph.clients.audit import Witnessed
from autograph.clients.openapi import answers
from autograph.core.correlation import correlation_id
from autograph.core.problem import Conflict, Forbidden, Invalid, Unauthenticated
from autograph.observability import cpu
from autograph.watch.diagnostics import part
from autograph.watch.diagnostics.part import DENIED, RUN, Diagnostician, Eyes, Measured

router = part.router()
_log = structlog.get_logger(__name__)


class StressRunning(Conflict):
    """One stress test at a time."""

    slug, title = "stress-running", "A stress test is running already."


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


@router.get("/cpu", operation_id="test_cpu", responses=DENIED)
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
    witness: Witnessed,
    duration_seconds: Annotated[float, Query(ge=1, le=30)] = 5,
    intensity: Annotated[int, Query(ge=1, le=10)] = 1,
) -> StressReport:
    """Keep processors busy in other processes; this one stays responsive."""
    running: asyncio.Lock = request.app.state.stress
    if running.locked():
        raise StressRunning("Wait until it has ended.", headers={"retry-after": "30"})
    _log.warning("diagnostics.stress", by=who, duration_seconds=duration_seconds, intensity=intensity)
    async with running:
        await witness.tell(RUN, ("diagnosis", "cpu-stress"), seconds=duration_seconds, intensity=intensity)
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
