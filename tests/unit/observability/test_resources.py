"""Tests of what a process measures of itself: CPU, memory, event loop, disk."""

import asyncio
import gc
import random
import re
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from tests.clock import HandClock

from autograph.core.clock import SystemClock
from autograph.observability import cgroup
from autograph.observability.cpu import Cpu, CpuTimes, read_times
from autograph.observability.disk import Disk, DiskUsage
from autograph.observability.heap import Heap
from autograph.observability.loop import GcPauses, LoopLag
from autograph.observability.memory import Memory, resident_bytes
from autograph.observability.resources import Resources
from autograph.observability.series import Series, seconds_until, slope
from autograph.observability.telemetry import Telemetry

MIB = 1024 * 1024


@pytest.fixture
def clock():
    """Time that stands still."""
    return HandClock()


def cpu_of(clock, readings, cores=2.0):
    """A CPU whose counters are read from a list, five seconds apart."""
    found = Cpu(clock, times=iter(readings).__next__, cores=cores)
    for _ in readings:
        found.sample()
        clock.wind(seconds=5)
    return found


def test_the_first_sample_only_begins(clock):
    """One reading of counters says nothing yet: no percentage rather than a wrong one."""
    assert cpu_of(clock, [CpuTimes(50, 100, 100)]).process_percent is None


def test_percentages_are_of_what_we_may_use(clock):
    """Five CPU seconds in five seconds are half of two cores; the machine's share is its busy time."""
    cpu = cpu_of(clock, [CpuTimes(0, 0, 0), CpuTimes(5, 6, 4)])
    assert cpu.process_percent == pytest.approx(50)
    assert cpu.system_percent == pytest.approx(60)


@pytest.mark.feature("observability.cpu")
def test_the_baseline_is_the_first_minute(clock):
    """What was used in the first minute stays the baseline however much is used later."""
    readings = [CpuTimes(n * 1.0, n, n) for n in range(14)] + [
        CpuTimes(13 + n * 10.0, n, n) for n in (1, 2, 3)
    ]
    cpu = cpu_of(clock, readings)
    assert cpu.baseline_percent == pytest.approx(10)
    assert cpu.process_percent > 20


def test_the_real_counters_grow():
    """The machine's counters are readable here, and work makes ours grow."""
    before = read_times()
    deadline = time.process_time() + 0.02
    while time.process_time() < deadline:
        pass
    after = read_times()
    assert after.process - before.process >= 0.02
    assert after.busy + after.idle >= before.busy + before.idle


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "50000 100000"}, 0.5),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu/cpu.cfs_quota_us": "25000", "cpu/cpu.cfs_period_us": "100000"}, 0.25),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({}, None),
    ],
)
def test_a_container_limits_the_cores(tmp_path: Path, files, expected):
    """Quotas of both versions of cgroups count; without one it is what the machine lets us use."""
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert cgroup.cores(tmp_path) == (expected or cgroup.cores(tmp_path / "none"))


def test_a_container_limits_the_memory(tmp_path: Path):
    """The cgroup's limit counts, not the host's memory; "max" and huge numbers are no limit."""
    unlimited = cgroup.memory_limit_bytes(tmp_path)
    (tmp_path / "memory.max").write_text("1048576\n")
    assert cgroup.memory_limit_bytes(tmp_path) == MIB
    (tmp_path / "memory.max").write_text("max\n")
    assert cgroup.memory_limit_bytes(tmp_path) == unlimited


def run_memory(clock, resident, minutes):
    """An hour or so of samples every five seconds."""
    memory = Memory(clock, resident=resident, limit_bytes=1024 * MIB)
    for _ in range(minutes * 12):
        memory.sample()
        clock.wind(seconds=5)
    return memory


@pytest.mark.feature("observability.memory")
def test_a_leak_is_found_by_its_slope(clock):
    """A leak of 1 MB a minute under peaks of 80 MB is found within half an hour, far from any threshold."""
    noise = random.Random(7)
    memory = run_memory(
        clock, lambda: int(150 * MIB + clock.monotonic() / 60 * MIB + noise.random() ** 4 * 80 * MIB), 30
    )
    assert memory.growth_bytes_per_second * 60 == pytest.approx(MIB, rel=0.25)
    assert memory.seconds_to_limit == pytest.approx((1024 - 180) * 60, rel=0.3)


@pytest.mark.feature("observability.memory")
def test_peaks_are_no_leak(clock):
    """A clean run with large peaks has a flat floor: nothing is projected within a day."""
    noise = random.Random(3)
    memory = run_memory(clock, lambda: int((150 + noise.random() * 2 + noise.choice([0, 0, 300])) * MIB), 120)
    assert memory.seconds_to_limit is None or memory.seconds_to_limit > 24 * 3600


def test_a_young_process_is_not_accused(clock):
    """Growth in the first minutes is warming up: no slope is told."""
    memory = run_memory(clock, lambda: int(100 * MIB + clock.monotonic() * MIB), 8)
    assert memory.growth_bytes_per_second is None


def test_resident_memory_is_real():
    """The number read from the kernel is that of a Python process with a test runner in it."""
    assert 10 * MIB < resident_bytes() < 4096 * MIB


@pytest.mark.feature("observability.memory")
def test_growing_types_are_named(clock):
    """A thousand objects of a class appear as its growth since the baseline, before everything else."""

    class Leaked:
        def __init__(self):
            self.itself = self

    heap = Heap(clock)
    assert {found.grown for found in heap.look(most=3).types} == {None}
    heap.begin()
    assert heap.baseline_at == clock.now()
    kept = [Leaked() for _ in range(50_000)]
    look = heap.look(most=3)
    first = look.types[0] if "Leaked" in look.types[0].type else look.types[1]  # each has a dictionary, too
    assert first.type.endswith("Leaked")
    assert (first.grown, look.is_whole, len(look.types)) == (len(kept), True, 3)


def test_a_count_ends_when_its_time_is_over(clock, monkeypatch):
    """However many objects there are; what was left out is said."""
    monkeypatch.setattr("autograph.observability.heap.LONGEST_SECONDS", 0.0)
    look = Heap(clock).look()
    assert (look.objects, look.is_whole) == (0, False)


@pytest.mark.feature("observability.memory")
def test_lines_that_take_memory_are_named(clock):
    """While it is watched: file and line without the machine's folders; given back memory does not count."""
    kept, stop = [], threading.Event()

    def leak():
        while not stop.wait(0.01):
            kept.append(bytearray(100_000))

    leaking = threading.Thread(target=leak)
    leaking.start()
    try:
        first, *_ = Heap(clock).lines(0.3)
    finally:
        stop.set()
        leaking.join()
    assert first.line.startswith("observability/test_resources.py:")
    assert first.bytes > 500_000
    assert not tracemalloc.is_tracing()


async def test_a_blocked_loop_is_seen():
    """Something that holds the loop for 0.3 s shows as that much lag."""
    lag = LoopLag(SystemClock())
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0.1)
    time.sleep(0.5)
    await asyncio.sleep(0.3)
    watching.cancel()
    assert lag.gauges()["loop_lag_worst_seconds"] > 0.2


def test_collections_are_timed():
    """Each garbage collection adds to the pauses."""
    pauses = GcPauses()
    gc.callbacks.append(pauses)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(pauses)
    assert pauses.collections == 1
    assert 0 < pauses.total_seconds == pauses.gauges()["gc_pause_seconds"]


def test_the_longest_pause_is_forgotten(clock):
    """It is told for a minute or two, then it is over."""
    pauses = GcPauses(clock.monotonic, clock.monotonic)
    pauses("start", {})
    clock.wind(seconds=0.7)
    pauses("stop", {})
    told = []
    for _ in range(5):
        told.append(pauses.gauges()["gc_pause_seconds"])
        clock.wind(seconds=50)
    assert told == [0.7, 0.7, 0.7, 0.7, 0.0]


async def test_pauses_and_lag_are_on_the_page_of_metrics(tmp_path):
    """Prometheus reads the time spent, the longest pause, and how late the event loop is."""
    telemetry = Telemetry(["auth"], version="1", clock=SystemClock(), folder=tmp_path)
    telemetry.start()
    gc.collect()
    await asyncio.sleep(0.3)
    page = telemetry.metrics.text()[0].decode()
    await telemetry.close()
    for name in (
        "gc_pauses_seconds_total",
        "gc_pause_seconds",
        "gc_collections_total",
        "loop_lag_p99_seconds",
    ):
        assert re.search(rf'^autograph_{name}\{{service="auth"\}} ', page, re.MULTILINE), name


@pytest.mark.feature("observability.disk")
def test_a_filling_disk_says_when(clock, tmp_path: Path):
    """A disk of 100 GB that takes 1 GB an hour and has 30 left is full in 30 hours."""
    gib = 1024**3
    disk = Disk(
        clock,
        tmp_path,
        usage=lambda _: DiskUsage(
            100 * gib, used := int((50 + clock.monotonic() / 3600) * gib), 100 * gib - used
        ),
    )
    for _ in range(20 * 12 + 1):
        disk.sample()
        clock.wind(minutes=5)
    assert disk.percent == pytest.approx(70)
    assert disk.seconds_to_full == pytest.approx(30 * 3600, rel=0.01)


def test_a_disk_that_cannot_be_asked_keeps_what_was_known(clock, tmp_path: Path):
    """A missing folder is no measurement, not an error and not an empty disk."""
    disk = Disk(clock, tmp_path / "gone")
    disk.sample()
    assert disk.gauges() == {}


def test_a_slope_shrugs_off_wild_points():
    """A quarter of outliers does not move the trend."""
    points = [(float(n), 2.0 * n if n % 4 else 1e6) for n in range(40)]
    assert slope(points) == pytest.approx(2.0, rel=0.1)
    assert slope(points[:2]) is None
    assert seconds_until(100.0, [(0.0, 50.0), (1.0, 60.0), (2.0, 70.0)]) == pytest.approx(3.0)
    assert seconds_until(100.0, [(0.0, 70.0), (1.0, 60.0), (2.0, 50.0)]) is None


def test_a_series_is_bounded():
    """Only the newest samples stay."""
    series = Series(3)
    for n in range(10):
        series.add(n, n * 1.0)
    assert [value for _, value in series.points] == [7.0, 8.0, 9.0]
    assert series.mean(since=8) == 8.5
    assert series.latest == 9.0


async def test_resources_run_and_end(tmp_path: Path):
    """Started and closed, nothing is left behind: no task, no callback."""
    before = list(gc.callbacks)
    resources = Resources(SystemClock(), tmp_path)
    resources.start()
    await asyncio.sleep(0.6)
    assert resources.gauges()["memory_rss_bytes"] > 10 * MIB
    assert resources.gauges()["disk_total_bytes"] > 0
    await resources.close()
    assert gc.callbacks == before
