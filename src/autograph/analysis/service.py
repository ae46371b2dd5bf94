"""Drawing jobs: fetch a source, read it in a process that can be killed, keep the Model, make a document of it."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import structlog

from autograph.analysis.jobs import Job, Progress, Running, Shelf, summarised
from autograph.analysis.settings import AnalysisSettings
from autograph.analysis.sources import OpenedSource, cloned, unpacked
from autograph.analysis.sources import Progress as ToldProgress
from autograph.analysis.sources.archive import ENDINGS, ArchiveUnreadable, Cancelled
from autograph.analysis.sources.folder import folder_inside, named_roots
from autograph.analysis.sources.git import checked, title_of
from autograph.clients.diagrams import DiagramsClient, Document
from autograph.clients.export import ExportClient
from autograph.core.clock import Clock
from autograph.core.ids import new_id
from autograph.core.problem import Conflict, Internal, Invalid, Problem
from autograph.core.workers import WorkerFailed, WorkerPool, WorkerTimedOut
from autograph.model.architecture import Model
from autograph.model.principal import Principal
from autograph.storage.disk import told_when_full

Opening = Callable[[Running, ToldProgress], AbstractContextManager[OpenedSource]]
_SWEEP_EVERY_SECONDS = 3600.0
_log = structlog.get_logger(__name__)


class TooManyJobs(Problem):
    """This person has as many unfinished jobs as one may have."""

    status, slug, title = 429, "too-many-jobs", "Wait for a drawing of yours to finish first."


class ReadingFailed(Invalid):
    """The repository could not be read to its end."""

    slug, title = "reading-failed", "The repository could not be read."


class NotFinished(Conflict):
    """The job has no result (yet)."""

    slug, title = "job-not-finished", "This drawing is not finished."


class Drawings:
    """Use cases of the analysis service.

    Args:
        folder: Below it jobs keep their files; nothing else may.
        settings: What the installation chose.
        clock: Time.
        workers: Processes that run `analysis.worker`.
        diagrams: Makes documents.
        export: Writes a Model as Mermaid.
    """

    def __init__(
        self,
        *,
        folder: Path,
        settings: AnalysisSettings,
        clock: Clock,
        workers: WorkerPool,
        diagrams: DiagramsClient,
        export: ExportClient,
    ) -> None:
        self._scratch = folder / "scratch"
        self._settings = settings
        self._clock = clock
        self._workers = workers
        self._diagrams = diagrams
        self._export = export
        self._shelf = Shelf(folder / "jobs", settings.kept_hours * 3600)
        self._slots = asyncio.Semaphore(settings.jobs_at_once)
        self._sweeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Clear away what an earlier process left half-done, and start sweeping."""
        await asyncio.to_thread(shutil.rmtree, self._scratch, ignore_errors=True)
        await asyncio.to_thread(self._scratch.mkdir, parents=True, exist_ok=True)
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        """Call off what runs and end the worker processes."""
        tasks = [held.task for held in self._shelf.every() if held.task is not None and not held.ended]
        tasks += [self._sweeper] if self._sweeper else []
        for held in self._shelf.every():
            held.cancelled = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._workers.close()

    def roots(self) -> dict[str, Path]:
        """Folders of the server that may be drawn, by name."""
        return named_roots(self._settings.roots)

    @property
    def scratch(self) -> Path:
        """Where uploads are put until they are read."""
        return self._scratch

    def draw_git(self, owner_id: str, url: str, ref: str) -> Job:
        """Start drawing a git URL.

        Raises:
            GitUrlRefused: At once, when the URL alone says so.
            TooManyJobs: This person has enough of them.
        """
        checked(
            url, self._settings.allowed_git_hosts, lambda _host, _port: ["1.1.1.1"]
        )  # its form; resolved later

        def opening(running: Running, tell: ToldProgress) -> AbstractContextManager[OpenedSource]:
            return cloned(
                url, settings=self._settings, ref=ref, scratch=self._scratch,
                progress=tell, cancelled=lambda: running.cancelled,
            )  # fmt: skip

        return self._start(owner_id, f"{url}@{ref}" if ref else url, title_of(url), opening)

    def draw_folder(self, owner_id: str, root: str, folder: str) -> Job:
        """Start drawing a folder of the server.

        Raises:
            NotFound: It is not inside an allowed root.
            TooManyJobs: This person has enough of them.
        """
        path = folder_inside(self._settings.roots, root, folder)

        def opening(_running: Running, _tell: ToldProgress) -> AbstractContextManager[OpenedSource]:
            return contextlib.nullcontext(OpenedSource(root=path, title=path.name))

        return self._start(owner_id, f"{root}/{folder}".rstrip("/."), path.name, opening)

    def check_upload(self, filename: str, owner_id: str) -> None:
        """Refuse an upload before its first byte when its name or its sender's jobs say so.

        Raises:
            ArchiveUnreadable: The ending is of no archive.
            TooManyJobs: This person has enough of them.
        """
        if not filename.lower().endswith(ENDINGS):
            raise ArchiveUnreadable(f"An archive ends with one of: {', '.join(ENDINGS)}.")
        self._check_count(owner_id)

    def draw_archive(self, owner_id: str, archive: Path, filename: str) -> Job:
        """Start drawing an uploaded archive; the file is removed afterwards."""

        @contextlib.contextmanager
        def opening(running: Running, tell: ToldProgress) -> Iterator[OpenedSource]:
            try:
                with unpacked(
                    archive, filename, settings=self._settings, scratch=self._scratch,
                    progress=tell, cancelled=lambda: running.cancelled,
                ) as source:  # fmt: skip
                    yield source
            finally:
                archive.unlink(missing_ok=True)

        title = next((filename[: -len(end)] for end in ENDINGS if filename.lower().endswith(end)), filename)
        return self._start(owner_id, filename, title, opening)

    def gauges(self) -> dict[str, float]:
        """How many jobs wait for their turn, and for how many seconds the oldest of them does."""
        waiting = [held.queued_at for held in self._shelf.every() if held.job.state == "queued"]
        oldest = self._clock.monotonic() - min(waiting) if waiting else 0.0
        return {"analysis_queue": float(len(waiting)), "analysis_queue_age_seconds": oldest}

    async def job(self, who: Principal, job_id: str) -> Running:
        """Return a job of this person, or raise NotFound."""
        return await self._shelf.find(who, job_id)

    async def model(self, who: Principal, job_id: str) -> dict[str, Any]:
        """Return the finished Model as JSON.

        Raises:
            NotFinished: There is none (yet).
        """
        running = await self._shelf.find(who, job_id)
        if running.model is None:
            raise NotFinished(f"It is {running.job.state}.")
        return running.model

    async def make_document(self, who: Principal, job_id: str, title: str, identity: str) -> Document:
        """Make a document of a finished job, with the Model and its Mermaid code.

        Raises:
            NotFinished: There is no Model (yet).
            Problem: What export or diagrams answered.
        """
        model = {**await self.model(who, job_id), "title": title}
        written = await self._export.render(identity=identity, model=model, format="mermaid")
        return await self._diagrams.create(title, identity=identity, model=model, code=written.text or "")

    async def cancel(self, who: Principal, job_id: str) -> None:
        """Call a job off; one that ended stays as it is."""
        running = await self._shelf.find(who, job_id)
        running.cancelled = True
        if running.task is not None and not running.ended:
            running.task.cancel()

    def _check_count(self, owner_id: str) -> None:
        if self._shelf.unfinished(owner_id) >= self._settings.jobs_per_person:
            raise TooManyJobs(f"You have {self._settings.jobs_per_person} unfinished drawings.")

    def _start(self, owner_id: str, source: str, title: str, opening: Opening) -> Job:
        self._check_count(owner_id)
        created = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        job = Job(
            id=new_id(), state="queued", source=source, title=title, created_at=created, progress=Progress()
        )
        running = Running(owner_id, job, self._clock.monotonic())
        self._shelf.add(running)
        running.task = asyncio.create_task(self._run(running, opening))
        return job

    async def _run(self, running: Running, opening: Opening) -> None:
        """The whole life of a job; whatever happens, it ends in one of the three last states."""
        try:
            async with self._slots:
                running.tell(state="fetching")
                started = self._clock.monotonic()
                with told_when_full():
                    model = await self._read(running, opening)
                running.model = model.model_dump(mode="json")
                running.tell(state="done", summary=summarised(model, self._clock.monotonic() - started))
            await asyncio.to_thread(self._shelf.keep, running)
        except (asyncio.CancelledError, Cancelled):
            running.tell(state="cancelled")
        except Problem as problem:
            _fail(running, problem)
        except Exception as fault:  # noqa: BLE001 - a job must end whatever happens; the log has the trace
            _log.error("analysis.job_failed", job=running.job.id, exc_info=fault)
            _fail(running, Internal("Tell your administrator the job's ID."))
        _log.info("analysis.job_ended", job=running.job.id, state=running.job.state)

    async def _read(self, running: Running, opening: Opening) -> Model:
        """Open the source in a thread, read it in a worker, close the source."""
        manager = opening(running, _teller(running))
        source = await _uncancelled(asyncio.to_thread(manager.__enter__), running, manager)
        try:
            return await self._in_worker(running, source)
        finally:
            await asyncio.shield(asyncio.to_thread(manager.__exit__, None, None, None))

    async def _in_worker(self, running: Running, source: OpenedSource) -> Model:
        running.tell(state="reading", progress=Progress())
        payload = {"root": str(source.root), "title": source.title, "revision": source.revision}
        model: dict[str, Any] = {}
        stream = self._workers.stream(payload, timeout_seconds=self._settings.reading_seconds)
        try:
            async with contextlib.aclosing(stream) as messages:
                async for message in messages:
                    if "model" in message:
                        model = message["model"]
                    else:
                        ended = message["done"] == message["total"]
                        running.tell(state="merging" if ended else "reading", progress=Progress(**message))
        except WorkerTimedOut:
            raise ReadingFailed(f"It took longer than {self._settings.reading_seconds:g} s.") from None
        except WorkerFailed as failure:
            kind = getattr(failure, "kind", type(failure).__name__)  # else all would be one group of errors
            _log.error(
                "analysis.worker_failed", job=running.job.id, fingerprint=f"analysis:{kind}", exc_info=failure
            )
            raise ReadingFailed("The process that read it ended; it may be too large.") from None
        return Model.model_validate(model)

    async def _sweep(self) -> None:
        while True:
            await asyncio.to_thread(self._shelf.sweep)
            await asyncio.sleep(_SWEEP_EVERY_SECONDS)


async def _uncancelled(
    entering: Any, running: Running, manager: AbstractContextManager[OpenedSource]
) -> OpenedSource:
    """Wait for a source to open; when the job is called off meanwhile, wait for the thread to notice.

    The thread asks `running.cancelled`; leaving it alone would leave its files behind.
    """
    task = asyncio.ensure_future(entering)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        running.cancelled = True
        with contextlib.suppress(Problem):
            await task
            await asyncio.to_thread(manager.__exit__, None, None, None)
        raise


def _fail(running: Running, problem: Problem) -> None:
    running.tell(state="failed", problem=problem.as_dict(f"/api/analysis/jobs/{running.job.id}"))


def _teller(running: Running) -> Callable[[int, int, str], None]:
    """A progress callback for a thread: at most every 50 ms, handed to the loop."""
    loop = asyncio.get_running_loop()
    last = 0.0

    def tell(done: int, total: int, current: str) -> None:
        nonlocal last
        if (now := loop.time()) - last >= 0.05:
            last = now
            loop.call_soon_threadsafe(
                _tell_if_fetching, running, Progress(done=done, total=total, current=current)
            )

    return tell


def _tell_if_fetching(running: Running, progress: Progress) -> None:
    if running.job.state == "fetching":
        running.tell(progress=progress)
