"""CPU, memory, event loop and disk of this process, sampled in the background."""

import asyncio
import contextlib
import gc
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from autograph.core.clock import Clock
from autograph.observability.cpu import Cpu
from autograph.observability.disk import Disk
from autograph.observability.heap import Heap
from autograph.observability.loop import GcPauses, LoopLag
from autograph.observability.memory import Memory

STEP_SECONDS = 5.0


class ResourcesSettings(BaseModel):
    """How resources are watched."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpu_window_seconds: float = Field(
        default=60.0, ge=5, description="CPU percentages are averages over this long, in seconds."
    )
    disk_interval_seconds: float = Field(
        default=300.0, ge=5, description="Pause between two looks at the disk, in seconds."
    )


class Resources:
    """Everything this process uses. `start` it once; asking never blocks.

    Args:
        clock: Time.
        folder: Where the data is kept.
        settings: How it is watched.
    """

    def __init__(self, clock: Clock, folder: Path, settings: ResourcesSettings | None = None) -> None:
        self.settings = settings or ResourcesSettings()
        self._clock = clock
        self.cpu = Cpu(clock, window_seconds=self.settings.cpu_window_seconds)
        self.memory = Memory(clock)
        self.heap = Heap(clock)
        self.disk = Disk(clock, folder)
        self.loop = LoopLag(clock)
        self.pauses = GcPauses()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to sample on the running event loop."""
        self.cpu.sample()
        self.memory.sample()
        gc.callbacks.extend((self.pauses, self.memory.after_collection))
        self._tasks = [asyncio.create_task(part) for part in (self._sample(), self.loop.watch())]

    async def close(self) -> None:
        """Stop sampling."""
        for callback in (self.pauses, self.memory.after_collection):
            with contextlib.suppress(ValueError):
                gc.callbacks.remove(callback)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _sample(self) -> None:
        looked = float("-inf")
        while True:
            if self._clock.monotonic() - looked >= self.settings.disk_interval_seconds:
                looked = self._clock.monotonic()
                await asyncio.to_thread(self.disk.sample)
            await asyncio.sleep(STEP_SECONDS)
            self.cpu.sample()
            self.memory.sample()
            if self.heap.baseline_at is None and self.memory.baseline_bytes is not None:
                await asyncio.to_thread(self.heap.begin)

    def gauges(self) -> dict[str, float]:
        """Everything that was measured, by name."""
        parts = (self.cpu, self.memory, self.loop, self.pauses, self.disk)
        return {name: value for part in parts for name, value in part.gauges().items()}

    def counters(self) -> dict[str, float]:
        """Everything that only grows, by name."""
        return self.pauses.counters()
