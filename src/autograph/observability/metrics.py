"""What Prometheus reads: the process's own counts under OpenTelemetry's names, made when asked for.

Nothing is counted twice: this is a view of :class:`Requests`, :class:`Edges`, the queries and the resources.
Names follow the semantic conventions of OpenTelemetry (HTTP server 1.40, database client 1.40) with dots as
underscores and the unit at the end, as its Prometheus exporter writes them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client import exposition as prometheus
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar

from autograph.model.telemetry import SECONDS_BOUNDS, Durations, Observations
from autograph.observability.requests import Requests, Seen

_BOUNDS = (*(str(bound) for bound in SECONDS_BOUNDS), "+Inf")
_OWN_NAMES = {
    "cpu_percent": "cpu_usage_percent",
    "cpu_load_average_1m": "cpu_load_average_1m",
    "cpu_load_average_5m": "cpu_load_average_5m",
    "cpu_load_average_15m": "cpu_load_average_15m",
}
"""The four gauges of old, whose names dashboards know; all others are prefixed."""

Read = Callable[[], Observations]


class Exposition(Collector):
    """Answers `/metrics`.

    Args:
        read: Takes a reading of the process.
        requests: The requests' own counts, for statuses and exemplars.
    """

    def __init__(self, read: Read, requests: Requests) -> None:
        self._read = read
        self._requests = requests
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """Return the page and its content type: OpenMetrics with exemplars for those who accept it."""
        if "application/openmetrics-text" in accept:
            page: bytes = openmetrics.generate_latest(self._registry)  # type: ignore[no-untyped-call]
            return page, openmetrics.CONTENT_TYPE_LATEST
        return prometheus.generate_latest(self._registry), prometheus.CONTENT_TYPE_LATEST

    def describe(self) -> Iterable[Metric]:
        """Nothing is told before it was read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every metric of this moment."""
        now = self._read()
        yield from self._of_requests()
        yield from _of_edges(now)
        yield from _of_queries(now)
        yield from _of_pool(now)
        yield from _of_process(now)

    def _of_requests(self) -> Iterator[Metric]:
        durations = HistogramMetricFamily(
            "http_server_request_duration_seconds",
            "Duration of HTTP server requests.",
            labels=("service", "http_request_method", "http_route", "http_response_status_code"),
        )
        received = CounterMetricFamily(
            "http_server_request_body_bytes", "Bytes of request bodies.", labels=("service", "http_route")
        )
        sent = CounterMetricFamily(
            "http_server_response_body_bytes", "Bytes of answers.", labels=("service", "http_route")
        )
        saved = CounterMetricFamily(
            "http_server_response_saved_bytes",
            "Bytes that compression kept off the wire.",
            labels=("service", "http_route"),
        )
        sizes: dict[tuple[str, str], list[int]] = {}
        for (service, method, route, status), found in self._requests.items():
            _add(durations, (service, method, route, str(status)), found.durations.frozen(), found.exemplars)
            size = sizes.setdefault((service, route), [0, 0, 0])
            for index, count in enumerate((found.request_bytes, found.response_bytes, found.saved_bytes)):
                size[index] += count
        for labels, counts in sizes.items():
            for family, count in zip((received, sent, saved), counts, strict=True):
                family.add_metric(labels, count)
        yield from (durations, received, sent, saved)


def _add(
    family: HistogramMetricFamily,
    labels: tuple[str, ...],
    durations: Durations,
    exemplars: Sequence[Seen | None] = (),
) -> None:
    """Add one histogram; buckets of the exposition are cumulative."""
    buckets: list[tuple[str, float] | tuple[str, float, Exemplar]] = []
    reached = 0
    for index, bound in enumerate(_BOUNDS):
        reached += durations.counts[index]
        seen = exemplars[index] if exemplars else None
        if seen and seen[0]:
            buckets.append((bound, reached, Exemplar(seen[0], seen[1], seen[2])))
        else:
            buckets.append((bound, reached))
    family.add_metric(labels, buckets=buckets, sum_value=durations.total_seconds)


def _of_edges(now: Observations) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "traces_service_graph_request", "Calls from one part to another.", labels=("client", "server", "kind")
    )
    failed = CounterMetricFamily(
        "traces_service_graph_request_failed", "Calls that failed.", labels=("client", "server", "kind")
    )
    durations = HistogramMetricFamily(
        "traces_service_graph_request_client_seconds",
        "Duration of calls, as the caller sees it.",
        labels=("client", "server", "kind"),
    )
    unpaired = CounterMetricFamily(
        "traces_service_graph_unpaired_spans",
        "Calls to which nothing came back until their time was over.",
        labels=("client", "server", "kind"),
    )
    for edge in now.edges:
        labels = (edge.source, edge.target, edge.kind)
        requests.add_metric(labels, edge.durations.count)
        failed.add_metric(labels, edge.errors)
        unpaired.add_metric(labels, edge.unpaired)
        _add(durations, labels, edge.durations)
    yield from (requests, failed, unpaired, durations)
    up = GaugeMetricFamily(
        "dependency_up", "Whether the newest call has reached it.", labels=("service", "dependency")
    )
    reached = {
        (edge.source, edge.target): edge.is_up for edge in now.edges if edge.kind not in {"http", "process"}
    }
    for pair, is_up in sorted(reached.items()):
        up.add_metric(pair, is_up)
    yield up


def _of_queries(now: Observations) -> Iterator[Metric]:
    family = HistogramMetricFamily(
        "db_client_operation_duration_seconds",
        "Duration of database statements.",
        labels=("service", "db_operation_name"),
    )
    merged: dict[tuple[str, str], Durations] = {}
    for query in now.queries:
        key = (query.service, query.statement.partition(" ")[0].upper()[:16])
        before = merged.get(key, Durations())
        merged[key] = Durations(
            counts=tuple(a + b for a, b in zip(before.counts, query.durations.counts, strict=True)),
            total_seconds=before.total_seconds + query.durations.total_seconds,
        )
    for labels, durations in sorted(merged.items()):
        _add(family, labels, durations)
    yield family


def _of_pool(now: Observations) -> Iterator[Metric]:
    """The pool in OpenTelemetry's words (1.24: later ones end in ``_count``, which Prometheus keeps for histograms)."""
    if "pool_in_use" not in now.gauges:
        return
    service, pool = _service(now), "autograph"
    count = GaugeMetricFamily(
        "db_client_connections_usage",
        "Connections of the pool.",
        labels=("service", "pool_name", "state"),
    )
    count.add_metric((service, pool, "used"), now.gauges["pool_in_use"])
    yield count
    for name, gauge in (("max", "pool_size"), ("pending_requests", "pool_waiting")):
        family = GaugeMetricFamily(
            f"db_client_connections_{name}",
            name.replace("_", " "),
            labels=("service", "pool_name"),
        )
        family.add_metric((service, pool), now.gauges.get(gauge, 0))
        yield family
    timeouts = CounterMetricFamily(
        "db_client_connections_timeouts",
        "Waits for a connection that were in vain.",
        labels=("service", "pool_name"),
    )
    timeouts.add_metric((service, pool), now.counters.get("pool_timeouts", 0))
    yield timeouts


def _service(now: Observations) -> str:
    return now.process.services[0] if len(now.process.services) == 1 else "autograph"


def _of_process(now: Observations) -> Iterator[Metric]:
    service = _service(now)
    for name, value in sorted(now.gauges.items()):
        family = GaugeMetricFamily(
            _OWN_NAMES.get(name, f"autograph_{name}"), name.replace("_", " "), labels=("service",)
        )
        family.add_metric((service,), value)
        yield family
    for name, value in sorted(now.counters.items()):
        counter = CounterMetricFamily(f"autograph_{name}", name.replace("_", " "), labels=("service",))
        counter.add_metric((service,), value)
        yield counter
    about = GaugeMetricFamily("autograph_build_info", "Version in service.", labels=("service", "version"))
    about.add_metric((service, now.process.version), 1)
    yield about
