"""Traces and metrics to an OpenTelemetry collector, by OTLP over HTTP and the standard ``OTEL_`` variables.

The frameworks make the spans and measures (FastAPI, the HTTP client); this starts the exporters that the
variables ask for. Costs nothing when no collector is named, and needs the extra: ``pip install autograph[otlp]``.
"""

from collections.abc import Callable


class ExtraMissing(Exception):  # noqa: N818 - said to a person
    """A package that an operator's settings ask for is not installed."""


def export(service: str, version: str) -> Callable[[], None]:
    """Begin to export traces and metrics of this process; return how to flush and stop.

    Raises:
        ExtraMissing: The exporters are not installed.
    """
    try:
        from opentelemetry import metrics, trace  # noqa: PLC0415 - an extra, and slow to import
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise ExtraMissing(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the exporters are not installed: pip install 'autograph[otlp]'"
        ) from None
    about = Resource.create({"service.name": service, "service.version": version})
    traces = TracerProvider(resource=about)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    measures = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=about)
    trace.set_tracer_provider(traces)
    metrics.set_meter_provider(measures)

    def stop() -> None:
        traces.shutdown()
        measures.shutdown()

    return stop
