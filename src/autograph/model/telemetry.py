"""What a process knows of itself, as one document: what every service exposes and the watch gathers.

Counts only grow for as long as a process lives (`Process.id` changes with it), so that whoever reads twice
learns rates by subtraction and a missed reading loses nothing. Times are seconds unless a name says otherwise.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

SECONDS_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Upper bounds of the duration buckets: those that OpenTelemetry advises for http.server.request.duration."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Durations(_Frozen):
    """A histogram: how many took at most each bound of `SECONDS_BOUNDS`, and the last count for all longer.

    Attributes:
        counts: One count a bucket (not cumulative), one more than there are bounds.
        total_seconds: Sum of everything that was observed.
    """

    counts: tuple[int, ...] = (0,) * (len(SECONDS_BOUNDS) + 1)
    total_seconds: float = 0.0

    @property
    def count(self) -> int:
        """How many were observed."""
        return sum(self.counts)

    def quantile(self, fraction: float) -> float | None:
        """Return the duration below which `fraction` (0 to 1) of the observations lie, None without any.

        Linear inside a bucket, as Prometheus' histogram_quantile; beyond the last bound that bound is returned.
        """
        wanted, below = fraction * self.count, 0
        if not self.count:
            return None
        for index, count in enumerate(self.counts[:-1]):
            if count and below + count >= wanted:
                start = SECONDS_BOUNDS[index - 1] if index else 0.0
                return start + (SECONDS_BOUNDS[index] - start) * (wanted - below) / count
            below += count
        return SECONDS_BOUNDS[-1]

    def since(self, earlier: "Durations") -> "Durations":
        """Return what came after `earlier`, a reading of the same process."""
        return Durations(
            counts=tuple(now - then for now, then in zip(self.counts, earlier.counts, strict=True)),
            total_seconds=self.total_seconds - earlier.total_seconds,
        )


class RouteCounts(_Frozen):
    """One method and route template of one service. `route` is ``_OTHER`` for what matched nothing."""

    service: str
    method: str
    route: str
    durations: Durations = Durations()
    client_errors: int = Field(default=0, description="Answers 400 to 499.")
    errors: int = Field(default=0, description="Answers 500 to 599, and those that broke off.")
    slow: int = Field(default=0, description="Longer than the slow-request threshold.")
    request_bytes: int = 0
    response_bytes: int = 0
    saved_bytes: int = Field(default=0, description="Bytes that compression kept off the wire.")
    large_requests: int = Field(default=0, description="Bodies of 1 MiB and more that came in.")
    large_responses: int = Field(default=0, description="Bodies of 1 MiB and more that went out.")


class EdgeCounts(_Frozen):
    """Calls from one part to another; `kind` as in `core.calls.Target`."""

    source: str
    target: str
    kind: str
    durations: Durations = Durations()
    errors: int = 0
    unpaired: int = Field(default=0, description="Of the errors, those to which nothing came back.")
    is_up: bool = Field(default=True, description="Whether the newest call has reached its target.")


class QueryCounts(_Frozen):
    """One shape of statement: literals and lists are folded, parameters never kept."""

    shape: str = Field(description="Short hash of the folded statement, stable over processes and versions.")
    statement: str
    service: str
    durations: Durations = Durations()
    slowest_seconds: float = 0.0
    slow: int = Field(default=0, description="Longer than the slow-query threshold.")
    repeated: int = Field(
        default=0, description="Requests in which this shape ran often enough to be an N+1."
    )
    plan: str = Field(
        default="", description="The newest plan, as the database prints it; empty when none was taken."
    )
    plan_at: datetime | None = None
    hint: str = Field(default="", description="A sentence on a missing index, or empty.")


class Frame(_Frozen):
    """One line of a stack trace, innermost last."""

    module: str
    function: str
    line: int
    code: str = ""
    in_app: bool = True


class ErrorEvent(_Frozen):
    """One failure with what led to it. Scrubbed: no secrets, no bodies, no parameters."""

    sequence: int = Field(description="Grows by one an event in its process: the cursor of whoever reads.")
    at: datetime
    service: str
    fingerprint: str = Field(description="Groups equal failures: version of the algorithm, colon, hash.")
    kind: str = Field(description="The exception's class name with its module.")
    message: str
    culprit: str = Field(default="", description="Module and line of the innermost frame of ours.")
    frames: tuple[Frame, ...] = ()
    correlation_id: str = ""
    method: str = ""
    route: str = ""
    user_id: str = ""
    count: int = Field(
        default=1, description="How many failures it stands for: itself and those dropped by the cap."
    )
    breadcrumbs: tuple[str, ...] = Field(
        default=(), description="The last log events before it, oldest first."
    )


class Process(_Frozen):
    """Which process speaks."""

    id: str
    services: tuple[str, ...]
    version: str
    host: str
    started_at: datetime
    report_seconds: float = Field(default=5.0, gt=0, le=60, description="Pause between two of its reports.")


class Setting(_Frozen):
    """One setting of a process, ready to be shown: of a secret only whether it is set."""

    name: str = Field(description="As in the environment.")
    value: str = Field(description="As one would write it; `set` or `not set` for a secret.")
    is_secret: bool = False
    is_default: bool = True


class Observations(_Frozen):
    """One reading of one process.

    Attributes:
        gauges: Current values by name, such as ``cpu_percent``, ``memory_rss_bytes``, ``loop_lag_seconds``,
            ``pool_in_use``; a name that is missing was not measured.
        counters: Growing values by name, such as ``gc_pauses_seconds``.
        errors: Events after the cursor that the reader gave, the newest capped.
        settings: What is in force there; only told when it was asked for.
    """

    process: Process
    at: datetime
    routes: tuple[RouteCounts, ...] = ()
    edges: tuple[EdgeCounts, ...] = ()
    queries: tuple[QueryCounts, ...] = ()
    errors: tuple[ErrorEvent, ...] = ()
    gauges: dict[str, float] = Field(default_factory=dict)
    counters: dict[str, float] = Field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
