"""What a drawing job is, and the shelf that holds the jobs of this process and the results on disk."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict

from autograph.clients.openapi import DescribedAs, ProblemDocument
from autograph.core.problem import NotFound
from autograph.model.architecture import STORES, Kind, Model
from autograph.model.principal import Principal
from autograph.model.rights import Permission, Thing, can

State = Literal["queued", "fetching", "reading", "merging", "done", "failed", "cancelled"]
ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled"})
HELD_IN_MEMORY = 100


class Progress(BaseModel):
    """How far a job is: `done` of `total` (0 when unknown), and what it is at."""

    done: int = 0
    total: int = 0
    current: str = ""


class FoundNode(BaseModel):
    """One box of the result, for the list before a document is made."""

    id: str
    name: str
    kind: Kind
    technology: str
    edges: int


class Summary(BaseModel):
    """What was found, in figures."""

    services: int
    stores: int
    queues: int
    externals: int
    edges: int
    unresolved: int
    skipped: int
    revision: str
    seconds: float
    nodes: list[FoundNode]


class Job(BaseModel):
    """A job as its owner sees it."""

    model_config = ConfigDict(frozen=True)

    id: str
    state: State
    source: str
    title: str
    created_at: str
    progress: Progress
    summary: Summary | None = None
    problem: Annotated[dict[str, Any], DescribedAs(ProblemDocument)] | None = None


def summarised(model: Model, seconds: float) -> Summary:
    """Count what a model holds. Services are everything that runs and is ours."""
    ends = [end for edge in model.edges for end in (edge.source, edge.target)]
    nodes = [
        FoundNode(id=n.id, name=n.name, kind=n.kind, technology=n.technology, edges=ends.count(n.id))
        for n in model.nodes
    ]
    other = STORES | {Kind.QUEUE, Kind.EXTERNAL, Kind.USER, Kind.LOADGEN}
    return Summary(
        services=sum(node.kind not in other for node in nodes),
        stores=sum(node.kind in STORES for node in nodes),
        queues=sum(node.kind is Kind.QUEUE for node in nodes),
        externals=sum(node.kind is Kind.EXTERNAL for node in nodes),
        edges=len(model.edges),
        unresolved=len(model.unresolved),
        skipped=len(model.skipped),
        revision=model.revision,
        seconds=round(seconds, 2),
        nodes=nodes,
    )


@dataclass(eq=False)
class Running:
    """A job of this process: its newest state, who waits for news, and how to call it off.

    Attributes:
        queued_at: Monotonic seconds at which it was asked for.
    """

    owner_id: str
    job: Job
    queued_at: float = 0.0
    model: dict[str, Any] | None = None
    cancelled: bool = False
    task: asyncio.Task[None] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, **changes: Any) -> None:
        """Change the job and wake everyone who watches."""
        self.job = self.job.model_copy(update=changes)
        self._news.set()
        self._news = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.job.state in ENDED

    async def states(self, heartbeat_seconds: float) -> AsyncIterator[Job | None]:
        """The job now and after each change until it ended; None when nothing happened for a while."""
        while True:
            news = self._news
            yield self.job
            if self.ended:
                return
            while not news.is_set():
                try:
                    async with asyncio.timeout(heartbeat_seconds):
                        await news.wait()
                except TimeoutError:
                    yield None


class Shelf:
    """The jobs of this process, and finished ones of earlier processes from `folder`.

    Args:
        folder: Where finished jobs are kept, one JSON file each.
        kept_seconds: How long.
    """

    def __init__(self, folder: Path, kept_seconds: float) -> None:
        self._folder = folder
        self._kept_seconds = kept_seconds
        self._running: dict[str, Running] = {}

    def add(self, running: Running) -> None:
        """Take a new job; the oldest finished ones leave memory."""
        self._running[running.job.id] = running
        ended = [held.job.id for held in self._running.values() if held.ended]
        for job_id in ended[: max(0, len(self._running) - HELD_IN_MEMORY)]:
            del self._running[job_id]

    def unfinished(self, owner_id: str) -> int:
        """How many jobs of this person have not ended."""
        return sum(held.owner_id == owner_id and not held.ended for held in self._running.values())

    async def find(self, who: Principal, job_id: str) -> Running:
        """Return a job that `who` may work with.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
        held = self._running.get(job_id) or await asyncio.to_thread(self._load, job_id)
        if held is None or not can(who, Permission.ANALYSIS_RUN, Thing(held.owner_id)):
            raise NotFound("There is no such job. Finished jobs are kept for a day.")
        return held

    def keep(self, running: Running) -> None:
        """Write a finished job to disk; called in a thread."""
        self._folder.mkdir(parents=True, exist_ok=True)
        content = {
            "owner_id": running.owner_id,
            "job": running.job.model_dump(mode="json"),
            "model": running.model,
        }
        path = self._folder / f"{running.job.id}.json"
        aside = path.with_suffix(".part")
        aside.write_text(json.dumps(content, separators=(",", ":")))
        aside.replace(path)

    def sweep(self) -> None:
        """Remove what is older than it is kept for; called in a thread."""
        oldest = time.time() - self._kept_seconds
        for path in self._folder.glob("*.*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def every(self) -> list[Running]:
        """All jobs of this process."""
        return list(self._running.values())

    def _load(self, job_id: str) -> Running | None:
        if not job_id.replace("-", "").isalnum():
            return None
        path = self._folder / f"{job_id}.json"
        try:
            if time.time() - path.stat().st_mtime > self._kept_seconds:
                return None
            content = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return Running(content["owner_id"], Job.model_validate(content["job"]), model=content["model"])
