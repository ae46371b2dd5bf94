"""What `/metrics` shows, for an OpenTelemetry collector: the same reading under OpenTelemetry's names.

Where the semantic conventions (1.40) have a name it is that one. All others keep theirs, so that a collector which
writes to Prometheus writes what `/metrics` says. Importing this needs the extra ``autograph[otlp]``.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import structlog
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricsData,
    NumberDataPoint,
    PeriodicExportingMetricReader,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client.core import Metric as Family

from autograph.model.telemetry import SECONDS_BOUNDS

Read = Callable[[], Iterable[Family]]
Labels = tuple[tuple[str, str], ...]

_log = structlog.get_logger(__name__)
_CUMULATIVE = AggregationTemporality.CUMULATIVE


class Named(NamedTuple):
    """A metric in the words of the semantic conventions.

    Attributes:
        name: There.
        unit: In UCUM.
        factor: From our unit to theirs.
        also: Attributes that our name says.
        is_sum: Whether values of several processes add up (an UpDownCounter); else it is a gauge.
    """

    name: str
    unit: str
    factor: float = 1.0
    also: Labels = ()
    is_sum: bool = False


NAMES: Mapping[str, Named] = {
    "http_server_request_duration_seconds": Named("http.server.request.duration", "s"),
    "db_client_operation_duration_seconds": Named("db.client.operation.duration", "s"),
    "db_client_connections_usage": Named("db.client.connection.count", "{connection}", is_sum=True),
    "db_client_connections_max": Named("db.client.connection.max", "{connection}", is_sum=True),
    "db_client_connections_pending_requests": Named(
        "db.client.connection.pending_requests", "{request}", is_sum=True
    ),
    "db_client_connections_timeouts": Named("db.client.connection.timeouts", "{timeout}"),
    "cpu_usage_percent": Named("process.cpu.utilization", "1", 0.01),
    "autograph_cpu_system_percent": Named("system.cpu.utilization", "1", 0.01),
    "autograph_memory_rss_bytes": Named("process.memory.usage", "By", is_sum=True),
    "autograph_memory_system_total_bytes": Named("system.memory.limit", "By", is_sum=True),
    "autograph_memory_system_percent": Named("system.memory.utilization", "1", 0.01),
    "autograph_disk_total_bytes": Named("system.filesystem.limit", "By", is_sum=True),
    "autograph_disk_used_bytes": Named(
        "system.filesystem.usage", "By", also=(("system.filesystem.state", "used"),), is_sum=True
    ),
    "autograph_disk_free_bytes": Named(
        "system.filesystem.usage", "By", also=(("system.filesystem.state", "free"),), is_sum=True
    ),
    "autograph_disk_used_percent": Named("system.filesystem.utilization", "1", 0.01),
    "autograph_gc_collections": Named("cpython.gc.collections", "{collection}"),
    "autograph_gc_uncollectable": Named("cpython.gc.uncollectable_objects", "{object}"),
}

_LABELS = {
    "http_request_method": "http.request.method",
    "http_route": "http.route",
    "http_response_status_code": "http.response.status_code",
    "db_operation_name": "db.operation.name",
    "pool_name": "db.client.connection.pool.name",
    "state": "db.client.connection.state",
}
_UNITS = (("_per_second", "By/s"), ("_bytes", "By"), ("_seconds", "s"), ("_percent", "%"))


class Measures(PeriodicExportingMetricReader):
    """Sends what the frameworks measure and, with it, what we do.

    Args:
        exporter: Of OpenTelemetry.
        read: Takes a reading; called in the reader's own thread.
        about: The process.
        version: Of the program.
    """

    def __init__(self, exporter: MetricExporter, read: Read, about: Resource, version: str) -> None:
        self._read = read
        self._about = about
        self._scope = InstrumentationScope("autograph", version)
        self._began = time.time_ns()
        super().__init__(exporter)

    def _receive_metrics(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> None:
        """Add ours and export all; without ours when the process is too busy to say."""
        scopes = [scope for found in metrics_data.resource_metrics for scope in found.scope_metrics]
        try:
            own = as_otel(self._read(), self._began, time.time_ns())
            scopes.append(ScopeMetrics(self._scope, own, ""))
        except (TimeoutError, RuntimeError) as reason:
            _log.warning("metrics.not_read", reason=type(reason).__name__)
        whole = ResourceMetrics(self._about, scopes, "")  # the encoder keeps one of a resource only
        super()._receive_metrics(MetricsData([whole]), timeout_millis, **kwargs)


def as_otel(families: Iterable[Family], began: int, now: int) -> list[Metric]:
    """Return the metrics of Prometheus' client in OpenTelemetry's data model, those of one name together.

    Args:
        families: A reading.
        began: When counting began, in nanoseconds since 1970.
        now: When it was read.
    """
    found: dict[str, tuple[Family, Named, list[Any]]] = {}
    for family in families:
        named = NAMES.get(family.name) or Named(family.name, _unit(family.name))
        _, _, points = found.setdefault(named.name, (family, named, []))
        if family.type == "histogram":
            points += _histograms(family, named, began, now)
        else:
            points += [
                NumberDataPoint(_attributes(each.labels, named), began, now, each.value * named.factor)
                for each in family.samples
            ]
    return [
        Metric(named.name, family.documentation, named.unit, _data(family, named, points))
        for family, named, points in found.values()
        if points
    ]


def _data(family: Family, named: Named, points: list[Any]) -> Gauge | Histogram | Sum:
    if family.type == "histogram":
        return Histogram(points, _CUMULATIVE)
    if family.type == "counter" or named.is_sum:
        return Sum(points, _CUMULATIVE, is_monotonic=family.type == "counter")
    return Gauge(points)


def _histograms(family: Family, named: Named, began: int, now: int) -> list[HistogramDataPoint]:
    """One point a set of labels; Prometheus' buckets are cumulative, OpenTelemetry's are not."""
    reached: dict[Labels, list[int]] = {}
    sums: dict[Labels, float] = {}
    for sample in family.samples:
        labels = tuple(pair for pair in sample.labels.items() if pair[0] != "le")
        if sample.name.endswith("_bucket"):
            reached.setdefault(labels, []).append(int(sample.value))
        elif sample.name.endswith("_sum"):
            sums[labels] = sample.value
    return [
        HistogramDataPoint(
            _attributes(dict(labels), named), began, now,
            count=counts[-1], sum=sums[labels], explicit_bounds=SECONDS_BOUNDS,
            bucket_counts=[after - before for before, after in zip([0, *counts], counts, strict=False)],
            min=None, max=None,  # type: ignore[arg-type]  # not known, which the protocol allows
        )
        for labels, counts in reached.items()
    ]  # fmt: skip


def _attributes(labels: Mapping[str, str], named: Named) -> dict[str, str | int]:
    found: dict[str, str | int] = {_LABELS.get(name, name): value for name, value in labels.items()}
    if (status := found.get("http.response.status_code")) is not None:
        found["http.response.status_code"] = int(status)
    return {**found, **dict(named.also)}


def _unit(name: str) -> str:
    return next((unit for ending, unit in _UNITS if name.endswith(ending)), "1")
