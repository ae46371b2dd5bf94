"""Measures: a reading in OpenTelemetry's data model."""

import pytest
from opentelemetry.sdk.metrics.export import Gauge, Sum
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from autograph.model.telemetry import SECONDS_BOUNDS
from autograph.observability.measures import as_otel

pytestmark = pytest.mark.feature("observability.metrics")


def gauge(name, value):
    """One gauge with one value."""
    family = GaugeMetricFamily(name, "", labels=("service",))
    family.add_metric(("auth",), value)
    return family


def test_a_histogram():
    """Buckets are no longer cumulative, and labels have the names of the conventions."""
    family = HistogramMetricFamily(
        "http_server_request_duration_seconds", "", labels=("http_route", "http_response_status_code")
    )
    bounds = [*(str(bound) for bound in SECONDS_BOUNDS), "+Inf"]
    counts = [1, 3, 3, *[4] * (len(bounds) - 3)]
    family.add_metric(("/x", "200"), buckets=list(zip(bounds, counts, strict=True)), sum_value=0.5)
    (metric,) = as_otel([family], 1, 2)
    (point,) = metric.data.data_points
    assert (metric.name, metric.unit) == ("http.server.request.duration", "s")
    assert (point.count, point.sum, point.bucket_counts[:5]) == (4, 0.5, [1, 2, 0, 1, 0])
    assert len(point.bucket_counts) == len(point.explicit_bounds) + 1
    assert point.attributes == {"http.route": "/x", "http.response.status_code": 200}


def test_gauges_and_counters():
    """A share is a part of one, two states are one metric, a counter only grows, all else keeps its name."""
    counter = CounterMetricFamily("autograph_internal_refused", "", labels=("service",))
    counter.add_metric(("auth",), 7)
    families = [gauge("cpu_usage_percent", 25), gauge("autograph_disk_used_bytes", 3)]
    families += [gauge("autograph_disk_free_bytes", 4), gauge("autograph_loop_lag_seconds", 0.1), counter]
    found = {metric.name: metric for metric in as_otel(families, 1, 2)}
    assert found["process.cpu.utilization"].data.data_points[0].value == 0.25
    assert isinstance(found["process.cpu.utilization"].data, Gauge)
    disk = found["system.filesystem.usage"].data
    states = {point.attributes["system.filesystem.state"]: point.value for point in disk.data_points}
    assert (states, disk.is_monotonic) == ({"used": 3, "free": 4}, False)
    refused = found["autograph_internal_refused"].data
    assert (isinstance(refused, Sum), refused.is_monotonic, refused.data_points[0].value) == (True, True, 7)
    assert found["autograph_loop_lag_seconds"].unit == "s"
