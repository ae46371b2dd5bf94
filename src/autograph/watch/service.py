"""Use cases of the watch: take readings, look at the whole, handle errors, set log levels, draw the map."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from autograph.clients.watch import Instructions
from autograph.core.clock import Clock
from autograph.core.problem import NotFound, Problem
from autograph.model.architecture import Edge, Kind, Known, Model, Node
from autograph.model.telemetry import ErrorEvent, Observations
from autograph.storage.migrations import revisions
from autograph.storage.sql import Database
from autograph.watch import overview, store
from autograph.watch.gather import Gatherer
from autograph.watch.history import History
from autograph.watch.saturation import saturation
from autograph.watch.settings import WatchSettings
from autograph.watch.shapes import (
    RANGE_SECONDS,
    About,
    AlertCounts,
    ErrorGroup,
    ErrorPage,
    ErrorState,
    LogLevels,
    Moment,
    Overview,
    QueryList,
    Range,
    RoomSchema,
    RoutePage,
    ServiceMap,
    ServiceView,
    Total,
    Worst,
)
from autograph.watch.steps import Step, measured_seconds, together

KEEP_EVERY_SECONDS = 60.0
PAGE_SIZE = 20
MOST_THEN = 5
"""So many things are named after the worst."""

_LEVELS = "log_levels"

_log = structlog.get_logger(__name__)

Judged = Callable[[], tuple[AlertCounts, Worst | None]]
"""Says how many alerts there are, and which is the worst."""


class Watch:
    """What the installation knows of itself. One for the whole of it.

    Args:
        database: Where history and errors are kept; migrated already.
        clock: Time.
        settings: What the installation chose.
        version: Of the program.
    """

    def __init__(self, *, database: Database, clock: Clock, settings: WatchSettings, version: str) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._version = version
        self._started_at = clock.now()
        self._history = History(database, kept_days=settings.kept_days)
        self.gatherer = Gatherer(self.now, tell=self._history.add)
        self.judged: Judged = lambda: (AlertCounts(), None)
        self._levels = LogLevels()
        self._keeping: asyncio.Task[None] | None = None

    def now(self) -> float:
        """Unix time."""
        return self._clock.now().timestamp()

    def moment(self) -> datetime:
        """Now."""
        return self._clock.now()

    async def slow_statement(self, seconds: float) -> float:
        """Run a statement that takes about `seconds`; return how long it took."""
        started = self._clock.monotonic()
        async with self._database.read() as connection:
            await store.slow_statement(connection, seconds)
        return self._clock.monotonic() - started

    async def start(self) -> None:
        """Go on where the last run ended, and keep samples in the background."""
        await self._history.restore(self.now())
        async with self._database.read() as connection:
            kept = await store.read_setting(connection, _LEVELS)
        if kept is not None:
            self._levels = LogLevels.model_validate(kept)
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Keep what was measured last, and stop."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            await self._write_if_possible()

    async def take(self, reading: Observations) -> Instructions:
        """Take a process's reading; answer where it goes on and what an administrator wants of it."""
        fresh = self.gatherer.take(reading)
        self._history.add_gauges(self.now(), reading.gauges)
        kept = await self._keep_errors(reading.process.id, fresh) if fresh else 0
        return Instructions(
            after_error=kept,
            log_level=self._levels.default,
            log_levels=dict(self._levels.modules),
            wants_settings=not self.gatherer.knows_settings(reading.process.id),
        )

    async def _keep_errors(self, process_id: str, fresh: tuple[ErrorEvent, ...]) -> int:
        """Keep new errors; return the number of the last one, 0 when they have to be told again."""
        try:
            async with self._database.begin() as connection:
                for event in fresh:
                    await store.keep_error(connection, event, events_kept=self._settings.events_per_error)
        except Problem as reason:
            _log.warning("watch.errors_not_kept", errors=len(fresh), reason=str(reason))
            return 0
        self.gatherer.keep_errors(process_id, fresh[-1].sequence)
        return fresh[-1].sequence

    async def overview(self, wanted: Range) -> Overview:
        """Return the first look over a range that ends now."""
        now, length = self.now(), RANGE_SECONDS[wanted]
        self.gatherer.forget()
        span, steps, gauges = await self._history.between(wanted, now)
        width = length / overview.BINS
        services = [
            self._service(name, steps.get(name, []), span, now - length, now)
            for name in self._services(steps)
        ]
        counts, worst = self.judged()
        readings = [reading for reading, _ in self.gatherer.gauges()]
        return Overview(
            at=self._clock.now(),
            version=self._version,
            started_at=self._started_at,
            worst=graver(worst, _worst_service(services)),
            totals=self._totals(steps.get("gateway", []), span, now - length / 2, now),
            services=services,
            saturation=saturation(
                readings, gauges, start=now - length, width=width, bins=overview.BINS, at=self._clock.now()
            ),
            alerts=counts,
            step_seconds=width,
            times=[int(now - length + width * index) for index in range(overview.BINS)],
        )

    async def moment_event(self) -> str:
        """Return the figures of now as a server-sent event."""
        now = await self.overview("15m")
        moment = Moment.model_validate(now.model_dump(include=set(Moment.model_fields)))
        return f"event: overview\ndata: {moment.model_dump_json()}\n\n"

    def map(self) -> ServiceMap:
        """Return who calls whom now."""
        return overview.service_map(self.gatherer, self.now())

    def map_as_model(self) -> Model:
        """Return the map as an architecture: every seen call is an edge that a trace proves."""
        found = self.map()
        kinds = {
            "people": Kind.USER, "database": Kind.DATABASE, "cache": Kind.CACHE, "objects": Kind.STORAGE,
            "events": Kind.QUEUE, "service": Kind.SERVICE, "process": Kind.SERVICE,
        }  # fmt: skip
        nodes = [
            Node(id=node.id, name=node.name, kind=Kind.GATEWAY if node.id == "gateway" else kinds[node.kind])
            for node in found.nodes
        ]
        edges = [
            Edge(
                source=edge.source,
                target=edge.target,
                protocol="HTTP" if edge.kind == "http" else "SQL" if edge.kind == "database" else "",
                label=f"{edge.rate:.2g}/s" if edge.rate else "",
                known=Known.DECLARED if edge.state == "declared" else Known.TRACE,
            )
            for edge in found.edges
        ]
        return Model(title="AutoGraph, as it runs", nodes=tuple(nodes), edges=tuple(edges))

    def routes(self, service: str) -> RoutePage:
        """Return the routes of a service, or raise NotFound."""
        if service not in self.gatherer.services():
            raise NotFound(f"There is no service {service}.")
        return RoutePage(items=overview.route_views(self.gatherer.routes(service)))

    def queries(self, sort: str) -> QueryList:
        """Return every shape of statement, ranked."""
        return QueryList(items=overview.query_views(self.gatherer.queries(), sort=sort))

    async def errors(self, state: ErrorState | None, *, by_count: bool, page: int) -> ErrorPage:
        """Return one page of error groups."""
        async with self._database.read() as connection:
            items, total = await store.list_errors(
                connection,
                state=state,
                by_count=by_count,
                page=page,
                page_size=PAGE_SIZE,
                now=self._clock.now(),
            )
        return ErrorPage(items=items, page=page, page_size=PAGE_SIZE, total=total)

    async def error(self, fingerprint: str) -> tuple[ErrorGroup, list[ErrorEvent]]:
        """Return a group with its newest events, or raise NotFound."""
        async with self._database.read() as connection:
            found = await store.read_error(connection, fingerprint, self._clock.now())
        if found is None:
            raise NotFound
        return found

    async def mark_error(self, fingerprint: str, state: ErrorState) -> ErrorGroup:
        """Set the state of a group, or raise NotFound."""
        async with self._database.begin() as connection:
            if not await store.set_error_state(connection, fingerprint, state):
                raise NotFound
        return (await self.error(fingerprint))[0]

    async def about(self) -> About:
        """Return what is running: processes that answer, tables, settings."""
        return About(
            version=self._version,
            started_at=self._started_at,
            processes=[reading.process for reading, _ in self.gatherer.gauges()],
            schemas=[
                RoomSchema(
                    room=found.room,
                    applied=found.applied,
                    expected=found.expected,
                    is_current=found.applied == found.expected,
                )
                for found in await revisions(self._database)
            ],
            settings=overview.settings_views(self.gatherer),
        )

    def log_levels(self) -> LogLevels:
        """Return what every process is told; empty means: its own setting."""
        return self._levels

    async def set_log_levels(self, levels: LogLevels) -> LogLevels:
        """Tell every process from its next report on."""
        async with self._database.begin() as connection:
            await store.keep_setting(connection, _LEVELS, levels.model_dump())
        self._levels = levels
        _log.warning("log_levels.changed", default=levels.default, modules=levels.modules)
        return levels

    def _services(self, steps: dict[str, list[Step]]) -> list[str]:
        return sorted({*self.gatherer.services(), *self.gatherer.remembered_down(), *steps})

    def _service(self, name: str, steps: list[Step], span: int, start: float, end: float) -> ServiceView:
        return overview.service_view(self.gatherer, name, steps, step_seconds=span, start=start, end=end)

    def _totals(self, gateway: list[Step], span: int, middle: float, now: float) -> list[Total]:
        halves = (
            together(half, measured_seconds(half, span, now))
            for half in ([s for s in gateway if s.at < middle], [s for s in gateway if s.at >= middle])
        )
        before, after = halves
        steps = self.gatherer.known.services.get("gateway")
        lately = steps.span(now - overview.LATELY_SECONDS, now + 1) if steps else together([], 0)
        people = [
            reading.gauges["people_online"]
            for reading, _ in self.gatherer.gauges()
            if "people_online" in reading.gauges
        ]
        return overview.totals(
            lately,
            whole=together(gateway, measured_seconds(gateway, span, now)),
            trend=(before, after),
            people=sum(people) if people else None,
            queries=overview.database_span(self.gatherer, now),
        )

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_EVERY_SECONDS)
            await self._write_if_possible()

    async def _write_if_possible(self) -> None:
        """Write; a database that is away or full is no reason to stop watching, nor to end with an error."""
        try:
            await self._write()
        except Problem as reason:
            _log.warning("watch.not_kept", reason=str(reason))

    async def _write(self) -> None:
        await self._history.keep(self.now())
        now = self._clock.now()
        before = now - timedelta(days=self._settings.errors_kept_days)
        async with self._database.begin() as connection:
            await store.forget_errors(connection, before, now)


def graver(alert: Worst | None, service: Worst | None) -> Worst | None:
    """A service that is down comes before an alert that can wait, also before it is worth an alert itself."""
    if alert is None or service is None:
        return alert or service
    if alert.severity == "critical":
        return alert
    return service.model_copy(update={"then": [*service.then, alert.title, *alert.then][:MOST_THEN]})


def _worst_service(services: list[ServiceView]) -> Worst | None:
    """The service that has been down for longest; None when all answer."""
    down = sorted((service.down_since, service.name) for service in services if service.down_since)
    if not down:
        return None
    since, first = down[0]
    return Worst(
        kind="service",
        id=first,
        title=f"{first} does not answer",
        detail="Look at its log, and start it again.",
        severity="critical",
        since=since,
        then=[f"{other} does not answer" for _, other in down[1:]],
    )
