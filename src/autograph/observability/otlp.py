"""Traces, metrics and logs to an OpenTelemetry collector, by OTLP over HTTP and the standard ``OTEL_`` variables.

Spans are made from the calls that we observe anyhow, metrics from what `/metrics` reads, log records from our log;
this starts the exporters.
Costs nothing when no collector is named, and needs the extra: ``pip install autograph[otlp]``.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from threading import Thread
from typing import Any

from prometheus_client.core import Metric as Family

from autograph.core import calls
from autograph.core.trace import record, trace
from autograph.observability import logs
from autograph.observability.logs import exception_of

_OWN = frozenset({"event", "level", "timestamp", "exc_info", "trace_id"})
"""Fields that have a place of their own in a log record."""

STOP_SECONDS = 3.0
"""How long a stop waits until what is left is flushed: a collector that is away would hold it much longer."""

READ_SECONDS = 2.0
"""How long a reading waits for the event loop."""

_EXPORTERS = ("opentelemetry", "urllib3", "requests")
"""Loggers of what exports: its complaints that a collector is away are not sent to that collector."""

Emit = Callable[..., None]
Stop = Callable[[], object]


class ExtraMissing(Exception):  # noqa: N818 - said to a person
    """A package that an operator's settings ask for is not installed."""


def export(
    service: str, version: str, signals: Collection[str], read: Callable[[], Iterable[Family]]
) -> Callable[[], None]:
    """Begin to export traces, metrics and logs of this process; return how to flush and stop, in another thread.

    Args:
        service: Name of the process, where OTEL_SERVICE_NAME says no other.
        version: Of the program.
        signals: Which of ``traces``, ``metrics`` and ``logs`` go out.
        read: Takes a reading of all metrics, on the event loop that runs now.

    Raises:
        ExtraMissing: The exporters are not installed.
    """
    try:
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415 - an extra, and slow
    except ImportError:
        raise ExtraMissing(
            "A collector is set by OTEL_EXPORTER_OTLP_ENDPOINT or one of its kin, but the exporters are not"
            " installed: pip install 'autograph[otlp]'"
        ) from None
    about = Resource.create({"service.name": service, "service.version": version})
    about = about.merge(OTELResourceDetector().detect())  # what an operator calls it goes before our name
    stops: list[Stop] = []
    if "traces" in signals:
        stops.append(_export_traces(about, version))
    if "metrics" in signals:
        stops.append(_export_metrics(about, version, _on_this_loop(read)))
    if "logs" in signals:
        stops.append(_export_logs(about, service))

    def stop() -> None:
        endings = [Thread(target=part, daemon=True) for part in stops]
        until = time.monotonic() + STOP_SECONDS
        for ending in endings:
            ending.start()
        for ending in endings:
            ending.join(max(0.0, until - time.monotonic()))

    return stop


def _export_traces(about: Any, version: str) -> Stop:
    """Spans of every call that is observed. The provider is not the global one: frameworks would add spans to ours."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    from autograph.observability.spans import Places, Sampled, Spans  # noqa: PLC0415

    tracer = TracerProvider(resource=about, id_generator=Places(), shutdown_on_exit=False)
    tracer.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    quiet = (record(Sampled(tracer.sampler)), calls.observe(Spans(tracer, version)))

    def stop() -> None:
        for end in quiet:
            end()
        tracer.shutdown()

    return stop


def _export_metrics(about: Any, version: str, read: Callable[[], list[Family]]) -> Stop:
    """What `/metrics` shows; and how many requests are being served, which only FastAPI counts."""
    from opentelemetry import metrics  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.view import DropAggregation, View  # noqa: PLC0415

    from autograph.observability.measures import Measures  # noqa: PLC0415

    reader = Measures(OTLPMetricExporter(), read, about, version)
    theirs = View(
        instrument_name="http.server.request.duration", meter_name="fastapi", aggregation=DropAggregation()
    )
    meter = MeterProvider([reader], resource=about, shutdown_on_exit=False, views=[theirs])
    began = time.monotonic()

    def uptime(_options: Any) -> list[metrics.Observation]:
        return [metrics.Observation(time.monotonic() - began)]

    own = meter.get_meter("autograph.process", version)
    own.create_observable_gauge("process.uptime", [uptime], "s", "How long the process has run.")
    metrics.set_meter_provider(meter)
    return meter.shutdown


def _on_this_loop(read: Callable[[], Iterable[Family]]) -> Callable[[], list[Family]]:
    """`read` for other threads: it runs where everything that it looks at is changed."""
    loop = asyncio.get_running_loop()

    async def taken() -> list[Family]:
        return list(read())

    return lambda: asyncio.run_coroutine_threadsafe(taken(), loop).result(READ_SECONDS)


def _export_logs(about: Any, service: str) -> Stop:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter  # noqa: PLC0415
    from opentelemetry.sdk._logs import LoggerProvider  # noqa: PLC0415
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor  # noqa: PLC0415

    logger = LoggerProvider(resource=about, shutdown_on_exit=False)
    logger.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    emit: Emit = logger.get_logger(service).emit

    def tell(name: str, event: logs.Event) -> None:
        if not name.startswith(_EXPORTERS):
            emit(**_record(name, event))

    quiet = logs.watch(tell)

    def stop() -> None:
        quiet()
        logger.shutdown()

    return stop


def _record(name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """One log event in the words of OpenTelemetry's log data model."""
    from opentelemetry._logs import SeverityNumber  # noqa: PLC0415

    from autograph.observability.spans import above  # noqa: PLC0415

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
        found["context"] = above(ours, ours.span_id)
    return found


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | float) else str(value)


_SEVERITIES = {
    name: number
    for number, name in ((5, "debug"), (9, "info"), (13, "warning"), (17, "error"), (21, "critical"))
}
"""Source: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber."""
