"""A small pool of worker processes that can be killed: for work that blocks, hangs or eats memory.

A worker is ``python -m autograph.core.workers`` running one module's ``handle(payload)``. Payloads and
answers are JSON values in length-prefixed frames over pipes. A handler returns one value, or yields several
(progress first, the result last): :meth:`WorkerPool.call` gives the last one, :meth:`WorkerPool.stream` all.

Nothing outlives its owner: a worker ends when its standard input closes, when the time of its call is long
over, after `idle_seconds` without work, after `calls_per_worker` calls, and on :meth:`WorkerPool.close`.
"""

import asyncio
import contextlib
import importlib
import json
import math
import os
import queue
import signal
import struct
import sys
import threading
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterator
from typing import Any, BinaryIO

_FRAME = struct.Struct(">cI")
_READY, _MESSAGE, _END, _ERROR = b"h", b"m", b"r", b"e"
_GRACE_SECONDS = 2.0
_STDERR_TAIL_BYTES = 4096


class WorkerFailed(Exception):  # noqa: N818 - the base of four outcomes
    """Base of every way in which a call can end without an answer."""


class WorkerTimedOut(WorkerFailed):
    """The call took longer than allowed; its process was killed."""


class WorkerCrashed(WorkerFailed):
    """The process ended in the middle of a call. `stderr` is the end of what it wrote."""

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(message)
        self.stderr = stderr


class WorkerRaised(WorkerFailed):
    """The handler raised; `kind` is the name of the exception's class. The process goes on."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class WorkersBusy(WorkerFailed):
    """More calls are waiting than the pool takes, or the pool is closed."""


class _Worker:
    """One process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.process = process
        self.stdin, self.stdout = process.stdin, process.stdout
        self.calls = 0
        self.retirement: asyncio.TimerHandle | None = None
        self._tail: deque[bytes] = deque(maxlen=16)
        self._draining = asyncio.ensure_future(self._drain(process.stderr))

    async def _drain(self, stderr: asyncio.StreamReader) -> None:
        while chunk := await stderr.read(_STDERR_TAIL_BYTES):
            self._tail.append(chunk)

    async def send(self, document: object) -> None:
        """Write one frame."""
        body = json.dumps(document, separators=(",", ":")).encode()
        self.stdin.write(_FRAME.pack(_MESSAGE, len(body)))
        self.stdin.write(body)
        await self.stdin.drain()

    async def receive(self) -> tuple[bytes, Any]:
        """Read one frame: its tag and its JSON value."""
        tag, size = _FRAME.unpack(await self.stdout.readexactly(_FRAME.size))
        return tag, json.loads(await self.stdout.readexactly(size))

    def kill(self) -> None:
        """End the process now."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def ended(self) -> str:
        """Wait until the process is gone; return the end of its standard error."""
        await self.process.wait()
        await self._draining
        return b"".join(self._tail)[-_STDERR_TAIL_BYTES:].decode(errors="replace")

    async def retire(self) -> None:
        """Let an idle process end by itself, or kill it after a short while."""
        self.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), _GRACE_SECONDS)
        except TimeoutError:
            self.kill()
        await self.ended()


class WorkerPool:
    """Up to `size` processes that all run one module's ``handle``. Belongs to one event loop.

    Args:
        module: Dotted name of an importable module with ``handle(payload)``.
        size: Processes at most; they start when needed.
        memory_limit_bytes: RLIMIT_AS of each process, where the system has it; None for no limit.
        calls_per_worker: A process is replaced after this many calls.
        idle_seconds: A process without work for so long ends.
        start_seconds: Time a fresh process may take to import its module.
        waiting_limit: Calls that may wait for a free process before WorkersBusy.
    """

    def __init__(
        self,
        module: str,
        *,
        size: int = 1,
        memory_limit_bytes: int | None = None,
        calls_per_worker: int = 500,
        idle_seconds: float = 60.0,
        start_seconds: float = 30.0,
        waiting_limit: int = 64,
    ) -> None:
        self.module = module
        self._memory_limit_bytes = memory_limit_bytes
        self._calls_per_worker = calls_per_worker
        self._idle_seconds = idle_seconds
        self._start_seconds = start_seconds
        self._waiting_limit = waiting_limit
        self._waiting = 0
        self._slots = asyncio.Semaphore(size)
        self._idle: list[_Worker] = []
        self._alive: set[_Worker] = set()
        self._endings: set[asyncio.Task[object]] = set()
        self._closed = False

    @property
    def process_ids(self) -> list[int]:
        """Processes alive now, for those who watch memory."""
        return sorted(worker.process.pid for worker in self._alive)

    async def call(self, payload: object, *, timeout_seconds: float) -> Any:
        """Hand `payload` (a JSON value) to a worker; return the handler's answer, or the last it yields.

        Args:
            payload: Any JSON value.
            timeout_seconds: Wall-clock time for the work itself; waiting for a free process is not counted.

        Raises:
            WorkerTimedOut: The process was killed because time was over.
            WorkerCrashed: The process ended by itself.
            WorkerRaised: The handler raised.
            WorkersBusy: Too many calls wait already, or the pool is closed.
        """
        answer: Any = None
        async for message in self.stream(payload, timeout_seconds=timeout_seconds):
            answer = message
        return answer

    async def stream(self, payload: object, *, timeout_seconds: float) -> AsyncGenerator[Any, None]:
        """Like :meth:`call`, giving each value as the handler yields it.

        Leaving the loop early, or being cancelled, kills the process. Whoever leaves early should wrap
        the stream in ``contextlib.aclosing`` so that this happens at once.
        """
        worker = await self._acquire()
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        finished = False
        try:
            async with asyncio.timeout_at(deadline):
                await worker.send({"payload": payload, "timeout_seconds": timeout_seconds})
            while True:
                async with asyncio.timeout_at(deadline):
                    tag, value = await worker.receive()
                finished = tag in {_END, _ERROR}
                if tag == _ERROR:
                    raise WorkerRaised(value["kind"], value["message"])
                if finished:
                    return
                yield value
        except TimeoutError:
            raise WorkerTimedOut(f"{self.module} took longer than {timeout_seconds:g} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerCrashed(
                f"{self.module} ended in the middle of a call", await worker.ended()
            ) from None
        finally:
            self._release(worker, healthy=finished)

    async def close(self) -> None:
        """End every process, also those at work, and wait until none is left."""
        self._closed = True
        for worker in [*self._alive]:
            if worker in self._idle:
                self._retire(worker)
            else:
                worker.kill()
        self._idle.clear()
        for worker in [*self._alive]:
            await worker.ended()
        await asyncio.gather(*self._endings, return_exceptions=True)
        self._alive.clear()

    async def _acquire(self) -> _Worker:
        if self._closed or self._waiting >= self._waiting_limit:
            raise WorkersBusy(f"{self.module}: {'closed' if self._closed else 'too many calls are waiting'}")
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            while self._idle:
                worker = self._idle.pop()
                if worker.retirement is not None:
                    worker.retirement.cancel()
                if worker.process.returncode is None:
                    return worker
                self._end(worker, worker.ended())
            return await self._start()
        except BaseException:
            self._slots.release()
            raise

    async def _start(self) -> _Worker:
        if self._closed:
            raise WorkersBusy(f"{self.module}: closed")
        options = {
            "module": self.module,
            "path": [entry for entry in sys.path if entry],
            "memory_limit_bytes": self._memory_limit_bytes,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", __name__, json.dumps(options)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        worker = _Worker(process)
        self._alive.add(worker)
        try:
            async with asyncio.timeout(self._start_seconds):
                await worker.receive()
        except TimeoutError:
            self._kill(worker)
            raise WorkerTimedOut(f"{self.module} did not start within {self._start_seconds:g} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            self._kill(worker)
            raise WorkerCrashed(f"{self.module} did not start", await worker.ended()) from None
        except BaseException:
            self._kill(worker)
            raise
        return worker

    def _release(self, worker: _Worker, *, healthy: bool) -> None:
        self._slots.release()
        worker.calls += 1
        if not healthy:
            self._kill(worker)
        elif self._closed or worker.calls >= self._calls_per_worker:
            self._retire(worker)
        else:
            self._idle.append(worker)
            worker.retirement = asyncio.get_running_loop().call_later(
                self._idle_seconds, self._retire, worker
            )

    def _kill(self, worker: _Worker) -> None:
        worker.kill()
        self._end(worker, worker.ended())

    def _retire(self, worker: _Worker) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
        if worker.retirement is not None:
            worker.retirement.cancel()
        self._end(worker, worker.retire())

    def _end(self, worker: _Worker, ending: Coroutine[Any, Any, object]) -> None:
        """Follow a process to its end in the background."""
        task: asyncio.Task[object] = asyncio.ensure_future(ending)
        self._endings.add(task)

        def forget(done: asyncio.Task[object]) -> None:
            self._endings.discard(done)
            self._alive.discard(worker)

        task.add_done_callback(forget)


def _limit_memory(size_bytes: int | None) -> None:
    if size_bytes is None:
        return
    with contextlib.suppress(ImportError, OSError, ValueError):
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (size_bytes, size_bytes))


def _set_alarm(seconds: float) -> None:
    """Have the system end this process after `seconds`, even one hung in native code; 0 takes it back."""
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(seconds))


def _read_requests(source: BinaryIO, requests: "queue.SimpleQueue[Any]") -> None:
    """Feed `requests` from the pipe; when it closes, be it in the middle of one, nobody waits for us any more."""
    try:
        while header := source.read(_FRAME.size):
            _, size = _FRAME.unpack(header)
            requests.put(json.loads(source.read(size)))
    finally:
        os._exit(0)


def _results(answer: object) -> Iterator[object]:
    if isinstance(answer, Iterator):
        yield from answer
    else:
        yield answer


def _serve(options: dict[str, Any]) -> None:
    """Run `handle` of the named module for each request, until the pipe closes."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the module or a library prints must not disturb the frames

    def reply(tag: bytes, value: object) -> None:
        body = json.dumps(value, separators=(",", ":")).encode()
        pipe.write(_FRAME.pack(tag, len(body)))
        pipe.write(body)
        pipe.flush()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then closes the pipe
    sys.path[:] = options["path"]
    _limit_memory(options["memory_limit_bytes"])
    handle = importlib.import_module(options["module"]).handle
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()
    reply(_READY, None)
    while True:
        request = requests.get()
        _set_alarm(request["timeout_seconds"] + 2 * _GRACE_SECONDS)
        try:
            for value in _results(handle(request["payload"])):
                reply(_MESSAGE, value)
            ending, outcome = _END, None
        except Exception as error:  # noqa: BLE001 - whatever it was, the owner is told
            ending, outcome = _ERROR, {"kind": type(error).__name__, "message": str(error)}
        _set_alarm(0)
        reply(ending, outcome)


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
