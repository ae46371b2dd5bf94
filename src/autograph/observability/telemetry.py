"""What one process collects of itself, in one place: made at start, asked by the watch and by Prometheus."""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from autograph.core import calls
from autograph.core.clock import Clock
from autograph.core.ids import new_id
from autograph.model.telemetry import Observations, Process, Setting
from autograph.observability import logs
from autograph.observability.edges import Edges
from autograph.observability.errors import Errors, Sink
from autograph.observability.levels import Levels
from autograph.observability.metrics import Exposition
from autograph.observability.people import People
from autograph.observability.queries import Queries
from autograph.observability.requests import Requests
from autograph.observability.resources import Resources, ResourcesSettings

_log = structlog.get_logger(__name__)


class ObservabilitySettings(BaseModel):
    """What every service watches of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slow_request_seconds: float = Field(
        default=1.0, gt=0, description="Requests that take longer are logged with their queries, in seconds."
    )
    slow_query_seconds: float = Field(
        default=0.1, gt=0, description="Statements that take longer are kept with their plan, in seconds."
    )
    report_seconds: float = Field(
        default=5, ge=0.2, le=10, description="Pause between two reports to the watch, in seconds."
    )
    log_levels: dict[str, str] = Field(
        default_factory=dict,
        description='Levels of single services and modules, as JSON: {"auth": "debug", "autograph.storage": "error"}.',
    )
    sentry_dsn: SecretStr = Field(
        default=SecretStr(""),
        description="DSN of a Sentry project that gets every error too; empty for none.",
    )
    resources: ResourcesSettings = ResourcesSettings()

    @field_validator("log_levels")
    @classmethod
    def _are_levels(cls, value: dict[str, str]) -> dict[str, str]:
        Levels(named=value)
        return value


class Telemetry:
    """Everything that is measured in this process.

    Args:
        services: Names of the services that run here.
        version: Version of the program.
        clock: Time.
        folder: The data folder, whose disk is watched.
        settings: What an operator has set.
        sinks: Get every kept error too.
        in_force: Every setting of this process, for administrators.
    """

    def __init__(
        self,
        services: Sequence[str],
        *,
        version: str,
        clock: Clock,
        folder: Path,
        settings: ObservabilitySettings | None = None,
        sinks: Sequence[Sink] = (),
        in_force: Sequence[Setting] = (),
    ) -> None:
        self._in_force = tuple(in_force)
        self.settings = settings or ObservabilitySettings()
        self._clock = clock
        self._process = Process(
            id=new_id(),
            services=tuple(services),
            version=version,
            host=f"{socket.gethostname()}:{os.getpid()}",
            started_at=clock.now(),
            report_seconds=self.settings.report_seconds,
        )
        self.queries = Queries(clock, slow_seconds=self.settings.slow_query_seconds)
        self.errors = Errors(
            clock, service=services[0] if len(services) == 1 else "autograph", sinks=tuple(sinks)
        )
        self.people = People(clock)
        self.requests = Requests(
            self.settings.slow_request_seconds, ended=self.queries.request_ended, saw=self.people.saw
        )
        self.edges = Edges()
        self.resources = Resources(clock, folder, self.settings.resources)
        self.metrics = Exposition(self.observations, self.requests)
        self.gauges: list[Callable[[], dict[str, float]]] = [self.resources.gauges]
        if "gateway" in services:
            self.gauges.append(self.people.gauges)
        self.counters: list[Callable[[], dict[str, float]]] = [self.resources.counters]
        self._stops: list[Callable[[], None]] = []
        self._planning: asyncio.Task[None] | None = None
        self._own_levels: tuple[str, dict[str, str]] = ("info", {})
        self._told_levels: tuple[str, Mapping[str, str]] = ("", {})
        self._louder = 0

    def start(self) -> None:
        """Begin to watch, on the running event loop."""
        self._own_levels = (logs.levels.default, dict(logs.levels.named))
        self._stops = [calls.observe(self.edges), logs.watch(self.errors)]
        self._planning = asyncio.create_task(self.queries.take_plans())
        self.resources.start()

    async def close(self) -> None:
        """Stop watching."""
        for stop in self._stops:
            stop()
        self._stops = []
        if self._planning is not None:
            self._planning.cancel()
            await asyncio.gather(self._planning, return_exceptions=True)
        await self.resources.close()

    def observations(self, after_error: int = 0, with_settings: bool = False) -> Observations:
        """Take one reading of this process, with the errors after the one of that number."""
        return Observations(
            process=self._process,
            at=self._clock.now(),
            routes=self.requests.counts(),
            edges=self.edges.counts(),
            queries=self.queries.counts(),
            errors=self.errors.after(after_error),
            gauges={name: value for read in self.gauges for name, value in read().items()},
            counters={name: value for read in self.counters for name, value in read().items()},
            settings=self._in_force if with_settings else (),
        )

    def obey(self, default: str, named: Mapping[str, str]) -> None:
        """Log as an administrator wants it; empty levels mean this process's own settings."""
        self._told_levels = (default, named)
        default = logs.levels.shifted(default or self._own_levels[0], self._louder)
        wanted = (default, {**self._own_levels[1], **named})
        if wanted != (logs.levels.default, logs.levels.named):
            logs.levels.change(*wanted)

    def log_more(self, steps: int) -> None:
        """Log so many levels more than is set, fewer when negative, of what has no level of its own."""
        before = logs.levels.default
        if logs.levels.shifted(before, steps) != before:
            self._louder += steps
            self.obey(*self._told_levels)
        _log.warning("log_levels.changed", default=logs.levels.default, by="signal")
