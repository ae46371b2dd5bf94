"""What the watch answers, as it travels. None always means: not measured."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from autograph.model.telemetry import ErrorEvent, Process, Setting

Status = Literal["healthy", "degraded", "down", "unknown"]
Range = Literal["15m", "1h", "6h", "24h", "7d"]
ErrorState = Literal["new", "ongoing", "resolved", "regressed", "ignored"]
Severity = Literal["critical", "warning", "info"]

RANGE_SECONDS: dict[str, int] = {
    "15m": 900,
    "1h": 3600,
    "6h": 6 * 3600,
    "24h": 24 * 3600,
    "7d": 7 * 24 * 3600,
}


class Shape(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(frozen=True)


class Instances(Shape):
    """How many processes of a service answer, of how many that should."""

    up: int
    known: int


class ServiceSeries(Shape):
    """Rate, errors and duration of a service over time; one value a step of the answer."""

    rate: list[float | None] = []
    error_ratio: list[float | None] = []
    p95_seconds: list[float | None] = []


class ServiceView(Shape):
    """One service, over the asked range."""

    name: str
    status: Status
    instances: Instances
    down_since: datetime | None = None
    rate: float | None
    error_ratio: float | None
    p50_seconds: float | None
    p95_seconds: float | None
    p99_seconds: float | None
    series: ServiceSeries = ServiceSeries()


class Forecast(Shape):
    """When a limit would be reached, should it go on like this."""

    text: str
    at: datetime


class Saturation(Shape):
    """How full something is."""

    id: Literal["cpu", "memory", "disk", "objects", "pool", "loop"]
    label: str
    value: float | None
    limit: float | None
    unit: Literal["percent", "bytes", "connections", "seconds"]
    ratio: float | None = Field(description="Value by limit, 0 to 1.")
    series: list[float | None] = Field(default=[], description="Ratios, one a step of the answer.")
    forecast: Forecast | None = None
    note: str = Field(default="", description="What else is to be said of it now; empty for nothing.")


class Total(Shape):
    """One number for the whole installation."""

    id: Literal["requests", "errors", "duration", "people", "queries", "availability"]
    label: str
    value: float | None
    unit: Literal["per_second", "ratio", "seconds", "count"]
    change: float | None = Field(default=None, description="By which part it differs from the range before.")


class Worst(Shape):
    """The one thing to look at now."""

    kind: Literal["service", "alert"]
    id: str
    title: str
    detail: str
    severity: Severity
    since: datetime
    then: list[str] = Field(default=[], description="What comes next in weight, one line each.")


class AlertCounts(Shape):
    """How many alerts there are."""

    firing: int = 0
    pending: int = 0
    silenced: int = 0


class Overview(Shape):
    """The first look: what the operations page opens with."""

    at: datetime
    version: str
    started_at: datetime
    worst: Worst | None
    totals: list[Total]
    services: list[ServiceView]
    saturation: list[Saturation]
    alerts: AlertCounts
    step_seconds: float
    times: list[int] = Field(description="Unix seconds at which each step of the series begins.")


class RouteView(Shape):
    """One route of a service since its processes began."""

    method: str
    route: str
    requests: int
    error_ratio: float | None
    client_error_ratio: float | None
    p50_seconds: float | None
    p95_seconds: float | None
    p99_seconds: float | None
    request_bytes: int
    response_bytes: int
    saved_bytes: int
    large: int
    slow: int


class RoutePage(Shape):
    """The routes of a service, the one that took most time first."""

    items: list[RouteView]


class MapNode(Shape):
    """A part of the installation."""

    id: str
    name: str
    kind: Literal["people", "service", "database", "cache", "objects", "events", "process"]
    status: Status
    instances: Instances | None


class MapEdge(Shape):
    """Calls from one part to another in the last five minutes."""

    source: str
    target: str
    kind: str
    state: Literal["declared", "observed", "stale"]
    rate: float | None
    error_ratio: float | None
    p95_seconds: float | None


class ServiceMap(Shape):
    """Who calls whom, as seen."""

    at: datetime
    nodes: list[MapNode]
    edges: list[MapEdge]
    cycles: list[list[str]]
    critical_path: list[str]


class ErrorGroup(Shape):
    """Equal failures together."""

    fingerprint: str
    service: str
    kind: str
    message: str
    culprit: str
    state: ErrorState
    count: int
    first_at: datetime
    last_at: datetime
    last_hour: list[int] = Field(description="Events of each two minutes of the last hour, the oldest first.")


class ErrorPage(Shape):
    """A page of groups."""

    items: list[ErrorGroup]
    page: int
    page_size: int
    total: int


class QueryView(Shape):
    """One shape of statement since the processes began."""

    shape: str
    statement: str
    service: str
    calls: int
    slow: int
    mean_seconds: float | None
    p99_seconds: float | None
    slowest_seconds: float
    total_seconds: float
    repeated: int
    plan: str
    plan_at: datetime | None
    hint: str


class QueryList(Shape):
    """Statements, ranked."""

    items: list[QueryView]


class LogLevels(Shape):
    """Which log events every process writes; empty means: as its own settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Literal["", "debug", "info", "warning", "error"] = ""
    modules: dict[str, Literal["debug", "info", "warning", "error"]] = Field(
        default_factory=dict, description="Level by service (`auth`) or module (`autograph.auth.service`)."
    )


class ErrorDetail(Shape):
    """A group of errors with its newest events."""

    group: ErrorGroup
    events: list[ErrorEvent]


class ErrorMark(Shape):
    """What an administrator says of a group."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["resolved", "ignored", "ongoing"]


class RoomSchema(Shape):
    """Where the tables of one room are."""

    room: str
    applied: str = Field(description="Newest revision that the database has; empty when it has none.")
    expected: str = Field(description="Newest revision that this version of the program brings.")
    is_current: bool


class SettingView(Setting):
    """One setting as it is in force; where processes differ, one row a value."""

    services: list[str] = Field(description="Services in whose processes it is so.")


class About(Shape):
    """What is running."""

    version: str
    started_at: datetime
    processes: list[Process]
    schemas: list[RoomSchema]
    settings: list[SettingView]


class Moment(Shape):
    """What the operations page is told every few seconds."""

    at: datetime
    totals: list[Total]
    services: list[ServiceView]
    saturation: list[Saturation]
    alerts: AlertCounts
    worst: Worst | None


class Backups(Shape):
    """Kept backups, the newest first; none until backups are set up."""

    items: list[str] = []
    last: datetime | None = None
