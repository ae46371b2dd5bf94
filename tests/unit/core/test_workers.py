"""Worker processes answer, are killed when they must be, and never outlive their owner."""

import asyncio
import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import textwrap

import psutil
import pytest

from autograph.core.workers import (
    WorkerCrashed,
    WorkerPool,
    WorkerRaised,
    WorkersBusy,
    WorkerTimedOut,
)

MODULE = "tests.unit.core.sample_work"


@contextlib.asynccontextmanager
async def running(**options):
    pool = WorkerPool(MODULE, **options)
    try:
        yield pool
    finally:
        await pool.close()
        assert not pool.process_ids


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def is_running(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def test_a_call_returns_the_answer_whatever_is_printed():
    """A JSON value of a megabyte goes there and back; printing does not disturb the frames."""
    async with running() as pool:
        payload = {"do": "echo", "text": "é\0𝄞" * 200_000}
        assert await pool.call(payload, timeout_seconds=10) == payload


async def test_one_process_serves_many_calls():
    """The process is kept warm between calls."""
    async with running() as pool:
        first = await pool.call({"do": "pid"}, timeout_seconds=10)
        assert await pool.call({"do": "pid"}, timeout_seconds=10) == first


async def test_work_that_never_ends_is_killed():
    """Past its time a call raises, its process is gone, and the next call works."""
    async with running() as pool:
        stuck = await pool.call({"do": "pid"}, timeout_seconds=10)
        with pytest.raises(WorkerTimedOut):
            await pool.call({"do": "spin"}, timeout_seconds=0.3)
        await until(lambda: not is_running(stuck))
        assert await pool.call({"do": "pid"}, timeout_seconds=10) != stuck


async def test_cancellation_kills():
    """A caller who goes away takes the work with them."""
    async with running() as pool:
        stuck = await pool.call({"do": "pid"}, timeout_seconds=10)
        task = asyncio.create_task(pool.call({"do": "spin"}, timeout_seconds=60))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not is_running(stuck))


async def test_a_crash_is_told_with_its_last_words():
    """A process that dies in a call raises WorkerCrashed, and the next call works."""
    async with running() as pool:
        with pytest.raises(WorkerCrashed) as crash:
            await pool.call({"do": "die"}, timeout_seconds=10)
        assert "last words" in crash.value.stderr
        assert await pool.call({"do": "echo"}, timeout_seconds=10) == {"do": "echo"}


async def test_an_exception_of_the_handler_keeps_the_process():
    """A handler that raises is no crash: kind and message arrive, the process goes on."""
    async with running() as pool:
        process_id = await pool.call({"do": "pid"}, timeout_seconds=10)
        with pytest.raises(WorkerRaised) as raised:
            await pool.call({"do": "fail"}, timeout_seconds=10)
        assert (raised.value.kind, raised.value.message) == ("ValueError", "not today")
        assert await pool.call({"do": "pid"}, timeout_seconds=10) == process_id


async def test_a_module_that_cannot_be_imported_is_told():
    """A pool of a module that does not exist raises at the first call."""
    pool = WorkerPool("autograph.no_such_module")
    with pytest.raises(WorkerCrashed) as crash:
        await pool.call({}, timeout_seconds=10)
    assert "no_such_module" in crash.value.stderr
    await pool.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="RLIMIT_AS binds on Linux")
async def test_memory_is_limited():
    """Asking for more than the limit fails inside the worker."""
    async with running(memory_limit_bytes=1 << 30) as pool:
        with pytest.raises(WorkerRaised, match="MemoryError"):
            await pool.call({"do": "eat", "bytes": 2 << 30}, timeout_seconds=10)
        assert await pool.call({"do": "eat", "bytes": 1 << 20}, timeout_seconds=10) == 1 << 20


async def test_a_stream_gives_each_message_as_it_comes():
    """Values arrive while the work goes on, and a call gives the last of them."""
    async with running() as pool:
        seen = [value async for value in pool.stream({"do": "count", "to": 4}, timeout_seconds=10)]
        assert seen == [0, 1, 2, 3]
        assert await pool.call({"do": "count", "to": 4}, timeout_seconds=10) == 3
        assert await pool.call({"do": "count", "to": 0}, timeout_seconds=10) is None


async def test_leaving_a_stream_early_kills():
    """Nobody listens any more: the work ends."""
    async with running() as pool:
        payload = {"do": "count", "to": 1000, "pause_seconds": 0.05}
        async with contextlib.aclosing(pool.stream(payload, timeout_seconds=60)) as messages:
            async for _ in messages:
                process_ids = pool.process_ids
                break
        await until(lambda: not any(map(is_running, process_ids)))


async def test_a_stream_is_killed_in_time_between_messages():
    """The time of a stream is that of the whole, not of one message."""
    async with running() as pool:
        payload = {"do": "count", "to": 1000, "pause_seconds": 0.05}
        with pytest.raises(WorkerTimedOut):
            async for _ in pool.stream(payload, timeout_seconds=0.5):
                pass


async def test_concurrency_is_bounded():
    """No more processes than asked for; more waiting calls than allowed are refused."""
    async with running(size=2, waiting_limit=3) as pool:
        calls = [
            asyncio.create_task(pool.call({"do": "sleep", "seconds": 0.3}, timeout_seconds=10))
            for _ in range(5)
        ]
        await asyncio.sleep(0)
        with pytest.raises(WorkersBusy):
            await pool.call({"do": "pid"}, timeout_seconds=10)
        await asyncio.gather(*calls)
        assert len(pool.process_ids) == 2


async def test_processes_are_recycled():
    """After its share of calls a process is replaced."""
    async with running(calls_per_worker=2) as pool:
        seen = [await pool.call({"do": "pid"}, timeout_seconds=10) for _ in range(5)]
        assert len(set(seen)) == 3


async def test_an_idle_pool_is_empty():
    """Without work for `idle_seconds` no process is left, and the next call starts one."""
    async with running(idle_seconds=0.2) as pool:
        await pool.call({"do": "pid"}, timeout_seconds=10)
        await until(lambda: not pool.process_ids)
        assert await pool.call({"do": "echo"}, timeout_seconds=10) == {"do": "echo"}


async def test_an_idle_process_that_was_killed_is_replaced():
    """Someone ends a waiting process: the next call does not notice."""
    async with running() as pool:
        process_id = await pool.call({"do": "pid"}, timeout_seconds=10)
        os.kill(process_id, signal.SIGKILL)
        await until(lambda: not is_running(process_id))
        await asyncio.sleep(0.1)
        assert await pool.call({"do": "pid"}, timeout_seconds=10) != process_id


async def test_close_ends_work_under_way_and_refuses_more():
    """After close nothing runs, the interrupted call raises, a new one is refused."""
    pool = WorkerPool(MODULE)
    await pool.call({"do": "pid"}, timeout_seconds=10)
    task = asyncio.create_task(pool.call({"do": "spin"}, timeout_seconds=60))
    await asyncio.sleep(0.1)
    process_ids = pool.process_ids
    await pool.close()
    assert not any(map(is_running, process_ids))
    with pytest.raises(WorkerCrashed):
        await task
    with pytest.raises(WorkersBusy):
        await pool.call({"do": "pid"}, timeout_seconds=10)


async def test_a_worker_ends_when_its_owner_is_killed():
    """The owner is killed in the middle of a call: its worker does not stay behind."""
    script = textwrap.dedent(f"""
        import asyncio, sys
        from autograph.core.workers import WorkerPool

        sys.path[:] = {sys.path!r}

        async def main():
            pool = WorkerPool({MODULE!r})
            print(await pool.call({{"do": "pid"}}, timeout_seconds=10), flush=True)
            await pool.call({{"do": "spin"}}, timeout_seconds=60)

        asyncio.run(main())
    """)
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    worker = int(await owner.stdout.readline())
    owner.kill()
    await owner.wait()
    await until(lambda: not is_running(worker))


@pytest.mark.parametrize("cut", [3, 5, 12])
async def test_a_worker_ends_when_its_owner_is_killed_while_it_asks(cut):
    """The pipe closes in the middle of a request: within its head, after it, or within what is asked."""
    options = {"module": MODULE, "path": [entry for entry in sys.path if entry], "memory_limit_bytes": None}
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "autograph.core.workers", json.dumps(options)),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert worker.stdin is not None
    worker.stdin.write(struct.pack(">cI", b"Q", 100)[:cut] + b"{" * max(0, cut - 5))
    worker.stdin.close()
    async with asyncio.timeout(10):
        assert await worker.wait() == 0
