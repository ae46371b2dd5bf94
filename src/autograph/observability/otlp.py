"""Traces, metrics and logs to an OpenTelemetry collector, by OTLP over HTTP and the standard ``OTEL_`` variables.

The frameworks make the spans and measures (FastAPI, the HTTP client), we the log records; this starts the exporters.
Costs nothing when no collector is named, and needs the extra: ``pip install autograph[otlp]``.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Thread
from typing import Any

from autograph.core.trace import trace
from autograph.observability import logs
from autograph.observability.logs import exception_of

_OWN = frozenset({"event", "level", "timestamp", "exc_info", "trace_id"})
"""Fields that have a place of their own in a log record."""

STOP_SECONDS = 3.0
"""How long a stop waits until what is left is flushed: a collector that is away would hold it much longer."""

_EXPORTERS = ("opentelemetry", "urllib3", "requests")
"""Loggers of what exports: its complaints that a collector is away are not sent to that collector."""

Emit = Callable[..., None]


class ExtraMissing(Exception):  # noqa: N818 - said to a person
    """A package that an operator's settings ask for is not installed."""


def export(service: str, version: str) -> Callable[[], None]:
    """Begin to export traces, metrics and logs of this process; return how to flush and stop.

    Args:
        service: Name of the process, where OTEL_SERVICE_NAME says no other.
        version: Of the program.

    Raises:
        ExtraMissing: The exporters are not installed.
    """
    try:
        from opentelemetry import metrics  # noqa: PLC0415 - an extra, and slow to import
        from opentelemetry import trace as traces  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk._logs import LoggerProvider  # noqa: PLC0415
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor  # noqa: PLC0415
        from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise ExtraMissing(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the exporters are not installed: pip install 'autograph[otlp]'"
        ) from None
    about = Resource.create({"service.name": service, "service.version": version})
    about = about.merge(OTELResourceDetector().detect())  # what an operator calls it goes before our name
    tracer = TracerProvider(resource=about, shutdown_on_exit=False)
    tracer.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    meter = MeterProvider([reader], resource=about, shutdown_on_exit=False)
    logger = LoggerProvider(resource=about, shutdown_on_exit=False)
    logger.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    traces.set_tracer_provider(tracer)
    metrics.set_meter_provider(meter)
    emit: Emit = logger.get_logger(service).emit

    def tell(name: str, event: logs.Event) -> None:
        if not name.startswith(_EXPORTERS):
            emit(**_record(name, event))

    quiet = logs.watch(tell)

    def stop() -> None:
        quiet()
        endings = [Thread(target=part.shutdown, daemon=True) for part in (tracer, meter, logger)]
        until = time.monotonic() + STOP_SECONDS
        for ending in endings:
            ending.start()
        for ending in endings:
            ending.join(max(0.0, until - time.monotonic()))

    return stop


def _record(name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """One log event in the words of OpenTelemetry's log data model."""
    from opentelemetry import trace as traces  # noqa: PLC0415
    from opentelemetry._logs import SeverityNumber  # noqa: PLC0415

    level = str(event.get("level", "info"))
    found: dict[str, Any] = {
        "timestamp": int(datetime.fromisoformat(str(event["timestamp"])).timestamp() * 1e9),
        "severity_text": level.upper(),
        "severity_number": SeverityNumber(_SEVERITIES[level]),
        "body": str(event.get("event", "")),
        "attributes": {
            "logger.name": name,
            **{key: _plain(value) for key, value in event.items() if key not in _OWN and value is not None},
        },
    }
    if (error := exception_of(event.get("exc_info"))) is not None:
        found["exception"] = error
    if (ours := trace.get()) is not None:
        span = traces.SpanContext(
            int(ours.trace_id, 16),
            int(ours.span_id, 16),
            is_remote=False,
            trace_flags=traces.TraceFlags(ours.flags),
        )
        found["context"] = traces.set_span_in_context(traces.NonRecordingSpan(span))
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | float) else str(value)


_SEVERITIES = {
    name: number
    for number, name in ((5, "debug"), (9, "info"), (13, "warning"), (17, "error"), (21, "critical"))
}
"""Source: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber."""
