"""What one process collects of itself, in one place: made at start, asked by the watch and by Prometheus."""

import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from autograph.core import calls
from autograph.core.clock import Clock
from autograph.core.ids import new_id
from autograph.model.telemetry import Observations, Process
from autograph.observability.edges import Edges
from autograph.observability.metrics import Exposition
from autograph.observability.requests import Requests
from autograph.observability.resources import Resources, ResourcesSettings


class ObservabilitySettings(BaseModel):
    """What every service watches of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slow_request_seconds: float = Field(
        default=1.0, gt=0, description="Requests that take longer are logged with their queries, in seconds."
    )
    resources: ResourcesSettings = ResourcesSettings()


class Telemetry:
    """Everything that is measured in this process.

    Args:
        services: Names of the services that run here.
        version: Version of the program.
        clock: Time.
        folder: The data folder, whose disk is watched.
        settings: What an operator has set.
    """

    def __init__(
        self,
        services: Sequence[str],
        *,
        version: str,
        clock: Clock,
        folder: Path,
        settings: ObservabilitySettings | None = None,
    ) -> None:
        self.settings = settings or ObservabilitySettings()
        self._clock = clock
        self._process = Process(
            id=new_id(),
            services=tuple(services),
            version=version,
            host=f"{socket.gethostname()}:{os.getpid()}",
            started_at=clock.now(),
        )
        self.requests = Requests(self.settings.slow_request_seconds)
        self.edges = Edges()
        self.resources = Resources(clock, folder, self.settings.resources)
        self.metrics = Exposition(self.observations, self.requests)
        self.gauges: list[Callable[[], dict[str, float]]] = [self.resources.gauges]
        self._stops: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to watch, on the running event loop."""
        self._stops = [calls.observe(self.edges)]
        self.resources.start()

    async def close(self) -> None:
        """Stop watching."""
        for stop in self._stops:
            stop()
        self._stops = []
        await self.resources.close()

    def observations(self) -> Observations:
        """Take one reading of this process."""
        return Observations(
            process=self._process,
            at=self._clock.now(),
            routes=self.requests.counts(),
            edges=self.edges.counts(),
            gauges={name: value for read in self.gauges for name, value in read().items()},
            counters=self.resources.counters(),
        )
