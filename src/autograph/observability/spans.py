"""Spans for an OpenTelemetry collector, made from the calls that :mod:`autograph.core.calls` tells of.

Names follow OpenTelemetry's semantic conventions (HTTP 1.40, database client 1.40). No span bears a path, a query, a
header or a value: routes are templates, statements are shapes. Importing this needs the extra ``autograph[otlp]``.
"""

import re
import time
from contextvars import ContextVar
from functools import lru_cache

from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    TracerProvider,
    TraceState,
    set_span_in_context,
)

from autograph.core.calls import Call
from autograph.core.correlation import correlation_id
from autograph.core.trace import Trace, below
from autograph.observability.queries import fold
from autograph.observability.requests import OTHER

Attributes = dict[str, str | int]

LOST = "no_answer"
"""Type of the error when nothing came back."""

_TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE|TABLE)\s+"?(\w+)', re.IGNORECASE)
_place: ContextVar[Trace | None] = ContextVar("place", default=None)


class Places(IdGenerator):
    """Gives a span the identifiers under which its call has gone out, so that both ends mean the same one."""

    def generate_span_id(self) -> int:
        """Return the span's."""
        place = _place.get()
        return int(place.span_id, 16) if place else RandomIdGenerator().generate_span_id()

    def generate_trace_id(self) -> int:
        """Return the trace's; asked only for its first span."""
        place = _place.get()
        return int(place.trace_id, 16) if place else RandomIdGenerator().generate_trace_id()

    def is_trace_id_random(self) -> bool:
        """Whether its last 56 bits are random, as the flag says that goes out with it."""
        return True


class Spans:
    """Makes a span of every finished call that belongs to a trace. An observer of calls.

    Args:
        provider: Makes and exports spans; its identifiers are made by `Places`.
        version: Of the program.
    """

    def __init__(self, provider: TracerProvider, version: str) -> None:
        self._provider = provider
        self._version = version
        self._tracers: dict[str, Tracer] = {}

    def __call__(self, call: Call) -> None:
        """Export one finished call; one over HTTP only where the other side was told its place."""
        place = call.place if call.kind == "http" else below()
        if place is None:
            return
        name, kind, found = _described(call)
        if error := _error(call):
            found["error.type"] = error
        ended = time.time_ns()
        token = _place.set(place)
        try:
            span = self._tracer(call.target if call.is_served else call.source).start_span(
                name,
                context=parent(place) or Context(),
                kind=kind,
                attributes=found,
                start_time=ended - int(max(call.seconds, call.lasted_seconds) * 1e9),
            )
        finally:
            _place.reset(token)
        if error:
            span.set_status(StatusCode.ERROR)
        span.end(ended)

    def _tracer(self, service: str) -> Tracer:
        """One a service, since a process may be several: its scope is called ``autograph.auth`` and the like."""
        found = self._tracers.get(service)
        if found is None:
            name = f"autograph.{service}" if service else "autograph"
            found = self._tracers[service] = self._provider.get_tracer(name, self._version)
        return found


class Sampled:
    """Says of a trace that enters whether it is recorded.

    Args:
        sampler: As the standard variables name it. It is asked before the request has a route, so that what goes
            out bears its decision.
    """

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def __call__(self, place: Trace) -> bool:
        """Ask."""
        asked = self._sampler.should_sample(
            parent(place), int(place.trace_id, 16), "", SpanKind.SERVER, trace_state=_state(place)
        )
        return asked.decision is Decision.RECORD_AND_SAMPLE


def parent(place: Trace) -> Context | None:
    """Return the context of the span above, None above the first."""
    return above(place, place.parent_id) if place.parent_id else None


def above(place: Trace, span_id: str) -> Context:
    """Return the context in which the span of that identifier is the current one."""
    span = SpanContext(
        int(place.trace_id, 16),
        int(span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(place.flags),
        trace_state=_state(place),
    )
    return set_span_in_context(NonRecordingSpan(span), Context())


def _state(place: Trace) -> TraceState | None:
    return TraceState.from_header([place.state]) if place.state else None


def _described(call: Call) -> tuple[str, SpanKind, Attributes]:
    """Name, kind and attributes."""
    if call.kind == "http":
        return _of_http(call)
    if call.kind == "database":
        return _of_statement(call)
    if call.kind == "cache":
        found: Attributes = {"db.system.name": call.target, "db.operation.name": call.operation}
        return call.operation, SpanKind.CLIENT, found
    if call.kind == "events":
        found = {"messaging.system": call.target, "messaging.operation.name": call.operation.lower()}
        return f"{call.operation.lower()} {call.target}", SpanKind.PRODUCER, found
    return f"{call.operation} {call.target}", SpanKind.CLIENT, {"peer.service": call.target}


def _of_http(call: Call) -> tuple[str, SpanKind, Attributes]:
    found: Attributes = {"http.request.method": call.operation}
    if call.status:
        found["http.response.status_code"] = call.status
    if not call.is_served:
        return call.operation, SpanKind.CLIENT, {**found, "peer.service": call.target}
    if current := correlation_id.get():
        found["autograph.correlation_id"] = current
    if call.detail in {"", OTHER}:
        return call.operation, SpanKind.SERVER, found
    return f"{call.operation} {call.detail}", SpanKind.SERVER, {**found, "http.route": call.detail}


def _of_statement(call: Call) -> tuple[str, SpanKind, Attributes]:
    found: Attributes = {"db.system.name": call.target, "db.operation.name": call.operation}
    if not call.detail:
        return call.operation, SpanKind.CLIENT, found
    text, table = _shape(call.detail)
    if table:
        found["db.collection.name"] = table
    summary = f"{call.operation} {table}".strip()
    return summary, SpanKind.CLIENT, {**found, "db.query.summary": summary, "db.query.text": text}


@lru_cache(maxsize=2000)
def _shape(statement: str) -> tuple[str, str]:
    """The statement without a value, and the first table that it names."""
    text = fold(statement)
    table = _TABLE.search(text)
    return text, table[1] if table else ""


def _error(call: Call) -> str:
    """What went wrong: a caller takes a refusal for an error too, whoever refuses does not."""
    if call.is_lost:
        return LOST
    if call.status >= (500 if call.is_served else 400):
        return str(call.status)
    return "_OTHER" if call.failed else ""
