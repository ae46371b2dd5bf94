"""Requests: one layer around every service measures how long, how large and with what end, by route template."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import structlog

from autograph.core import deadline
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.calls import Call, current_service, report
from autograph.core.correlation import correlation_id
from autograph.core.problem import Problem
from autograph.core.trace import PARENT_HEADER, Trace, below, entered, trace
from autograph.model.telemetry import SECONDS_BOUNDS, Durations, RouteCounts
from autograph.observability.tally import DurationTally

OTHER = "_OTHER"
"""Stands for every method and route that we do not know, so that clients cannot make new series."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
LARGE_BYTES = 1024 * 1024
MOST_ROUTES = 2000
BROKEN_OFF, CLIENT_GONE, TIMED_OUT = 599, 499, 504
"""Written as the status of an answer that ended in the middle, by our fault or because nobody listened."""

_log = structlog.get_logger(__name__)
_PARENT = PARENT_HEADER.encode()

Breadcrumb = tuple[str, str, str]
"""Time as ISO 8601, level, name of the event."""

MOST_BREADCRUMBS = 20

RouteOf = Callable[[Scope], str]


@dataclass(slots=True)
class Request:
    """The request that is being served, as far as it is known now.

    Attributes:
        service: Who serves it.
        scope: What the server said of it; the framework adds the route that it matched.
        queries: How often each shape of statement ran for it.
        query_seconds: Time that its statements took together.
        breadcrumbs: The last log events of it, from the first one on.
    """

    service: str
    scope: Scope
    queries: dict[str, int] = field(default_factory=dict)
    query_seconds: float = 0.0
    breadcrumbs: deque[Breadcrumb] | None = None

    def leave(self, crumb: Breadcrumb) -> None:
        """Remember one log event; most requests have none, and pay for none."""
        if self.breadcrumbs is None:
            self.breadcrumbs = deque(maxlen=MOST_BREADCRUMBS)
        self.breadcrumbs.append(crumb)


current_request: ContextVar[Request | None] = ContextVar("current_request", default=None)


class Route:
    """Growing counts of one method, route and status of one service."""

    __slots__ = (
        "durations",
        "exemplars",
        "large_requests",
        "large_responses",
        "request_bytes",
        "response_bytes",
        "saved_bytes",
        "slow",
    )

    def __init__(self) -> None:
        self.durations = DurationTally()
        self.exemplars: list[Seen | None] = [None] * (len(SECONDS_BOUNDS) + 1)
        self.slow = self.large_requests = self.large_responses = 0
        self.request_bytes = self.response_bytes = self.saved_bytes = 0


Seen = tuple[dict[str, str], float, float]
"""Names of one request (correlation ID and trace), its seconds, and when that was."""

Key = tuple[str, str, str, int]
"""Service, method, route, status."""


class Requests:
    """Every service's requests in one process.

    Args:
        slow_seconds: Longer ones are logged with their queries.
        ended: Is told of every request that asked a database.
        saw: Is told who made a request, once that was proven.
    """

    def __init__(
        self,
        slow_seconds: float = 1.0,
        *,
        ended: Callable[[Request], None] = lambda _request: None,
        saw: Callable[[str], None] = lambda _user_id: None,
    ) -> None:
        self.slow_seconds = slow_seconds
        self.ended = ended
        self.saw = saw
        self._routes: dict[Key, Route] = {}

    def items(self) -> Iterator[tuple[Key, Route]]:
        """Every series, in order."""
        return iter(sorted(self._routes.items(), key=lambda pair: pair[0]))

    def route(self, key: Key) -> Route:
        """Return the counts of one series; beyond the bound everything new is counted as one."""
        found = self._routes.get(key)
        if found is None:
            if len(self._routes) >= MOST_ROUTES:
                key = (key[0], OTHER, OTHER, key[3] // 100 * 100)
            found = self._routes.setdefault(key, Route())
        return found

    def counts(self) -> tuple[RouteCounts, ...]:
        """Return a reading: one row a service, method and route, its statuses together."""
        rows: dict[tuple[str, str, str], dict[str, Any]] = {}
        for (service, method, route, status), found in list(self._routes.items()):
            durations = found.durations.frozen()
            row = rows.setdefault((service, method, route), {"durations": Durations()})
            row["durations"] = _together(row["durations"], durations)
            kind = "errors" if status >= 500 else "client_errors" if status >= 400 else ""
            if kind:
                row[kind] = row.get(kind, 0) + durations.count
            for name in _SUMMED:
                row[name] = row.get(name, 0) + getattr(found, name)
        return tuple(
            RouteCounts(service=service, method=method, route=route, **row)
            for (service, method, route), row in sorted(rows.items())
        )


_SUMMED = ("slow", "request_bytes", "response_bytes", "saved_bytes", "large_requests", "large_responses")


def _together(one: Durations, other: Durations) -> Durations:
    return Durations(
        counts=tuple(a + b for a, b in zip(one.counts, other.counts, strict=True)),
        total_seconds=one.total_seconds + other.total_seconds,
    )


def template(scope: Scope) -> str:
    """Return the route template that the framework has matched, such as ``/api/diagrams/{document_id}``."""
    included = scope.get("fastapi", {}).get("effective_route_context")  # whole, where routers lie in routers
    return getattr(included or scope.get("route"), "path", OTHER)


class Observe:
    """Surrounds one service: tells its requests to `requests`, and who called it to whoever watches calls.

    Args:
        app: The service.
        service: Its name.
        requests: Where to count.
        route_of: Names the route once the request was served.
        entry: Name of the caller of a request that no part of ours made; empty when it came from another
            process of ours, which counts the call itself.
    """

    def __init__(
        self, app: ASGIApp, *, service: str, requests: Requests, route_of: RouteOf = template, entry: str = ""
    ) -> None:
        self._app = app
        self._service = service
        self._requests = requests
        self._route_of = route_of
        self._entry = entry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and count it."""
        if scope["type"] != "http":
            token = current_service.set(self._service)
            try:
                await self._app(scope, receive, send)
            finally:
                current_service.reset(token)
            return
        inside = current_service.get()
        place = entered(bool(inside))
        trace_token = None if place is None else trace.set(place)
        request = Request(self._service, scope)
        exchange = _Exchange(receive, send)
        service_token, request_token = current_service.set(self._service), current_request.set(request)
        started = time.perf_counter()
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            if exchange.is_stream and _ending(scope) != "late":
                exchange.is_gone = True  # ended from outside: it has no end of its own
            raise
        finally:
            ended = time.perf_counter()
            seconds = (exchange.began_at if exchange.is_stream else ended) - started
            current_service.reset(service_token)
            ending = _ending(scope)
            exchange.is_gone = exchange.is_gone or ending == "gone"
            status = TIMED_OUT if ending == "late" and not exchange.status else exchange.outcome
            name, failed, source = self._route_of(scope), status >= 500, inside or self._entry
            report(
                Call(
                    source, self._service, "http", scope["method"], seconds, failed,
                    place=place, status=status, detail=name, is_served=True, lasted_seconds=ended - started,
                )
            )  # fmt: skip
            self._count(scope, name, request, exchange, status, seconds)
            current_request.reset(request_token)
            if trace_token is not None:
                trace.reset(trace_token)

    def _count(
        self, scope: Scope, name: str, request: Request, exchange: "_Exchange", status: int, seconds: float
    ) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route = self._requests.route((self._service, method, name, status))
        bucket = route.durations.add(seconds)
        route.exemplars[bucket] = (_names(), seconds, time.time())
        route.request_bytes += exchange.received_bytes
        route.response_bytes += exchange.sent_bytes
        if self._entry:
            state = scope.get("state", {})
            route.saved_bytes += state.get("saved_bytes", 0)
            if (principal := state.get("principal")) is not None:
                self._requests.saw(principal.user_id)
        route.large_requests += exchange.received_bytes >= LARGE_BYTES
        route.large_responses += exchange.sent_bytes >= LARGE_BYTES
        if request.queries:
            self._requests.ended(request)
        if seconds > self._requests.slow_seconds:
            route.slow += 1
            _log.warning(
                "request.slow",
                request_service=self._service,
                method=method,
                route=name,
                status=status,
                seconds=round(seconds, 3),
                query_seconds=round(request.query_seconds, 3),
                queries=dict(sorted(request.queries.items(), key=lambda pair: -pair[1])[:10]),
            )


class CallsOut:
    """Surrounds a service of another process: tells calls to it to whoever watches calls.

    Args:
        app: Hands requests on to it.
        service: Its name.
    """

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request on; sockets have no end that could be measured."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (place := below()) is not None:
            scope = {**scope, "headers": _told(scope["headers"], place)}
        exchange = _Exchange(receive, send)
        started, failed = time.perf_counter(), True
        try:
            await self._app(scope, exchange.receive, exchange.send)
            failed = exchange.outcome >= 500
        except Problem as problem:
            failed = problem.status >= 500
            raise
        except asyncio.CancelledError:
            failed = _ending(scope) == "late"
            raise
        finally:
            ended = time.perf_counter()
            source, is_lost = current_service.get(), failed and not exchange.status
            seconds = (exchange.began_at if exchange.is_stream else ended) - started
            report(
                Call(
                    source, self._service, "http", scope["method"], seconds, failed, is_lost,
                    place, exchange.status, lasted_seconds=ended - started,
                )
            )  # fmt: skip


def _told(headers: list[tuple[bytes, bytes]], place: Trace) -> list[tuple[bytes, bytes]]:
    """The headers with the call's own place in the trace as parent of whatever it sets off."""
    return [*(pair for pair in headers if pair[0] != _PARENT), (_PARENT, place.parent.encode())]


def _names() -> dict[str, str]:
    """How a request is found in logs and traces: both together are what OpenMetrics allows an exemplar, at most."""
    names = {"correlation_id": found} if (found := correlation_id.get()) else {}
    if (ours := trace.get()) is not None:
        names["trace_id"] = ours.trace_id
    return names


def _ending(scope: Scope) -> str:
    """Why the request was stopped, told by the deadline around us or, outside of it, by what it left behind."""
    current = deadline.current.get()
    if current is not None:
        return current.ending
    return "gone" if scope.get("state", {}).get("client_gone") else ""


class _Exchange:
    """Passes one request's messages through and measures them."""

    __slots__ = (
        "_receive",
        "_send",
        "began_at",
        "ended",
        "is_gone",
        "is_stream",
        "received_bytes",
        "sent_bytes",
        "status",
    )

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self.status = 0
        self.ended = self.is_gone = self.is_stream = False
        self.began_at = 0.0
        self.received_bytes = self.sent_bytes = 0

    @property
    def outcome(self) -> int:
        """The status, or what became of an answer that has no end."""
        if self.ended or (self.is_stream and self.is_gone):
            return self.status
        return CLIENT_GONE if self.is_gone else BROKEN_OFF if self.status else 500

    async def receive(self) -> Message:
        message = await self._receive()
        self.is_gone = self.is_gone or message["type"] == "http.disconnect"
        self.received_bytes += len(message.get("body", b""))
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Look at a message and pass it on; not a coroutine itself, which would cost more than the look."""
        kind = message["type"]
        if kind == "http.response.start":
            self.status, self.began_at = message["status"], time.perf_counter()
            for name, value in message.get("headers", ()):
                if name == b"content-type":
                    self.is_stream = value.startswith(b"text/event-stream")
        elif kind == "http.response.body":
            self.sent_bytes += len(message.get("body", b""))
            self.ended = not message.get("more_body", False)
        return self._send(message)
