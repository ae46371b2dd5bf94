"""What the operations page opens with, put together from what was gathered. Nothing measured stays None."""

from collections.abc import Sequence
from datetime import UTC, datetime

from autograph.model.telemetry import SECONDS_BOUNDS, Durations, QueryCounts, RouteCounts, Setting
from autograph.watch import graph
from autograph.watch.gather import EDGE_STALE_SECONDS, EdgeKey, Gatherer
from autograph.watch.shapes import (
    Instances,
    MapEdge,
    MapNode,
    QueryView,
    RouteView,
    ServiceMap,
    ServiceSeries,
    ServiceView,
    SettingView,
    Status,
    Total,
)
from autograph.watch.steps import Span, Step, binned, measured_seconds, together

BINS = 60
LATELY_SECONDS = 300
DEGRADED_ERROR_RATIO = 0.05
_KINDS = {"database", "cache", "objects", "events", "process"}
_NAMES = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "redis": "Redis",
    "objects": "Objects",
    "events": "Events",
    "browser": "Browsers",
}


def moment(unix_seconds: float) -> datetime:
    """Return a unix time as a moment in UTC."""
    return datetime.fromtimestamp(unix_seconds, UTC)


def status_of(gathered: Gatherer, service: str, now: float) -> Status:
    """Judge one service by what it does now: whether it answers, all of it, and without too many errors."""
    up, known = gathered.instances(service)
    if not known:
        return "unknown"
    if not up:
        return "down"
    lately = gathered.known.services[service].span(now - LATELY_SECONDS, now)
    failing = (lately.error_ratio or 0) > DEGRADED_ERROR_RATIO
    return "degraded" if failing or up < known else "healthy"


def service_view(
    gathered: Gatherer, service: str, steps: Sequence[Step], *, step_seconds: int, start: float, end: float
) -> ServiceView:
    """Return one service over a range, with its series in `BINS` steps."""
    width = (end - start) / BINS
    spans = binned(steps, start=start, width=width, bins=BINS, step_seconds=step_seconds)
    whole = together(steps, measured_seconds(steps, step_seconds, end))
    up, known = gathered.instances(service)
    down = gathered.down_since(service)
    return ServiceView(
        name=service,
        status=status_of(gathered, service, end),
        instances=Instances(up=up, known=known),
        down_since=moment(down) if down else None,
        rate=whole.rate,
        error_ratio=whole.error_ratio,
        p50_seconds=whole.quantile(0.5),
        p95_seconds=whole.quantile(0.95),
        p99_seconds=whole.quantile(0.99),
        series=ServiceSeries(
            rate=[span.rate if span else None for span in spans],
            error_ratio=[span.error_ratio if span else None for span in spans],
            p95_seconds=[span.quantile(0.95) if span else None for span in spans],
        ),
    )


def totals(
    lately: Span, *, whole: Span, trend: tuple[Span, Span], people: float | None, queries: Span
) -> list[Total]:
    """Return the numbers of the whole, which are the gateway's: every request goes through it.

    Args:
        lately: The last minutes.
        whole: The range that is looked at.
        trend: Its first and its second half.
        people: How many different people asked for something lately.
        queries: Calls to databases lately.
    """
    before, after = trend
    failed = whole.error_ratio
    return [
        Total(
            id="requests",
            label="Requests",
            value=lately.rate,
            unit="per_second",
            change=_change(after.rate, before.rate),
        ),
        Total(id="errors", label="Errors", value=lately.error_ratio, unit="ratio"),
        Total(
            id="duration",
            label="Duration p95",
            value=lately.quantile(0.95),
            unit="seconds",
            change=_change(after.quantile(0.95), before.quantile(0.95)),
        ),
        Total(id="people", label="People online", value=people, unit="count"),
        Total(id="queries", label="Database calls", value=queries.rate, unit="per_second"),
        Total(
            id="availability",
            label="Availability",
            value=None if failed is None else 1 - failed,
            unit="ratio",
        ),
    ]


def _change(now: float | None, before: float | None) -> float | None:
    return (now - before) / before if now is not None and before else None


def database_span(gathered: Gatherer, now: float) -> Span:
    """Return all calls to databases lately, as one span."""
    found = [
        edge.steps.span(now - LATELY_SECONDS, now)
        for (_, _, kind), edge in gathered.known.edges.items()
        if kind == "database"
    ]
    counts = tuple(sum(span.durations.counts[n] for span in found) for n in range(len(SECONDS_BOUNDS) + 1))
    seconds = max((span.seconds for span in found), default=0.0)
    return Span(Durations(counts=counts), sum(span.errors for span in found), seconds)


def service_map(
    gathered: Gatherer, now: float, *, declared: Sequence[graph.Pair] = graph.DECLARED
) -> ServiceMap:
    """Return who calls whom: what was seen, and what the program is built to call but has not called yet."""
    known = {*gathered.services(), *gathered.remembered_down()}
    edges = {_shown(key): _edge(key, gathered, now) for key in gathered.known.edges}
    databases = sorted({target for _, target, kind in gathered.known.edges if kind == "database"}) or [
        "database"
    ]
    for source, target in declared:
        for name in databases if target == "database" else [target]:
            if source in known | {"browser"} and (name in known or target in {"database", "objects"}):
                kind = target if target in _KINDS else "http"
                unseen = MapEdge(
                    source=source,
                    target=name,
                    kind=kind,
                    state="declared",
                    rate=None,
                    error_ratio=None,
                    p95_seconds=None,
                )
                edges.setdefault((source, name), unseen)
    nodes = sorted({name for pair in edges for name in pair} | known)
    kinds = {edge.target: edge.kind for edge in edges.values()}
    weights = {pair: edge.p95_seconds for pair, edge in edges.items() if edge.p95_seconds is not None}
    return ServiceMap(
        at=moment(now),
        nodes=[_node(name, kinds.get(name, "http"), gathered, now) for name in nodes],
        edges=[edges[pair] for pair in sorted(edges)],
        cycles=graph.cycles(pair for pair, edge in edges.items() if edge.state != "declared"),
        critical_path=graph.critical_path(weights),
    )


def _shown(key: EdgeKey) -> graph.Pair:
    return key[0], key[1]


def _edge(key: EdgeKey, gathered: Gatherer, now: float) -> MapEdge:
    source, target, kind = key
    series = gathered.known.edges[key]
    lately = series.steps.span(now - LATELY_SECONDS, now + 1)
    return MapEdge(
        source=source,
        target=target,
        kind=kind,
        state=graph.state_of(
            last_call_at=series.last_call_at, now=now, stale_after_seconds=EDGE_STALE_SECONDS
        ),
        rate=lately.rate,
        error_ratio=lately.error_ratio,
        p95_seconds=lately.quantile(0.95),
    )


def _node(name: str, kind: str, gathered: Gatherer, now: float) -> MapNode:
    if name in gathered.known.services or name in gathered.remembered_down():
        up, known = gathered.instances(name)
        return MapNode(
            id=name,
            name=name,
            kind="service",
            status=status_of(gathered, name, now),
            instances=Instances(up=up, known=known),
        )
    if name == "browser":  # how people's browsers are is not ours to know
        return MapNode(id=name, name=_NAMES[name], kind="people", status="unknown", instances=None)
    calls = [_edge(key, gathered, now) for key in gathered.known.edges if key[1] == name]
    measured = [edge for edge in calls if edge.rate]
    failing = any((edge.error_ratio or 0) > DEGRADED_ERROR_RATIO for edge in measured)
    reached = [series.is_up for key, series in gathered.known.edges.items() if key[1] == name]
    lost = bool(measured) and kind != "http" and not any(reached)
    status: Status = "unknown" if not measured else "down" if lost else "degraded" if failing else "healthy"
    shown = kind if kind in _KINDS else "service"
    return MapNode(id=name, name=_NAMES.get(name, name), kind=shown, status=status, instances=None)  # type: ignore[arg-type]


def route_views(rows: Sequence[RouteCounts]) -> list[RouteView]:
    """Return the routes of a service, replicas together, the one that took most time first."""
    merged: dict[tuple[str, str], list[RouteCounts]] = {}
    for row in rows:
        merged.setdefault((row.method, row.route), []).append(row)
    views = [_route_view(method, route, found) for (method, route), found in merged.items()]
    return [view for _, view in sorted(views, key=lambda pair: -pair[0])]


def _route_view(method: str, route: str, rows: Sequence[RouteCounts]) -> tuple[float, RouteView]:
    durations = _added([row.durations for row in rows])
    count = durations.count
    return durations.total_seconds, RouteView(
        method=method,
        route=route,
        requests=count,
        error_ratio=sum(row.errors for row in rows) / count if count else None,
        client_error_ratio=sum(row.client_errors for row in rows) / count if count else None,
        p50_seconds=durations.quantile(0.5),
        p95_seconds=durations.quantile(0.95),
        p99_seconds=durations.quantile(0.99),
        request_bytes=sum(row.request_bytes for row in rows),
        response_bytes=sum(row.response_bytes for row in rows),
        saved_bytes=sum(row.saved_bytes for row in rows),
        large=sum(row.large_requests + row.large_responses for row in rows),
        slow=sum(row.slow for row in rows),
    )


def settings_views(gathered: Gatherer) -> list[SettingView]:
    """Return the settings of every process that answers, those that differ once a value, in order of name."""
    alive = {reading.process.id for reading, _ in gathered.gauges()}
    found: dict[Setting, set[str]] = {}
    for identity, process in gathered.known.processes.items():
        if identity in alive:
            for setting in process.settings:
                found.setdefault(setting, set()).update(process.latest.process.services)
    views = [
        SettingView(**setting.model_dump(), services=sorted(services)) for setting, services in found.items()
    ]
    return sorted(views, key=lambda view: (view.name, view.services))


def query_views(rows: Sequence[QueryCounts], *, sort: str) -> list[QueryView]:
    """Return the statements, replicas together, ranked by `sort`: total, mean, p99 or calls."""
    merged: dict[tuple[str, str], list[QueryCounts]] = {}
    for row in rows:
        merged.setdefault((row.service, row.shape), []).append(row)
    views = [_query_view(found) for found in merged.values()]
    keys = {
        "total": lambda view: view.total_seconds,
        "mean": lambda view: view.mean_seconds or 0.0,
        "p99": lambda view: view.p99_seconds or 0.0,
        "calls": lambda view: view.calls,
    }
    return sorted(views, key=keys[sort], reverse=True)


def _query_view(rows: Sequence[QueryCounts]) -> QueryView:
    durations = _added([row.durations for row in rows])
    planned = max(rows, key=lambda row: row.plan_at.timestamp() if row.plan_at else 0.0)
    return QueryView(
        shape=rows[0].shape,
        statement=rows[0].statement,
        service=rows[0].service,
        calls=durations.count,
        slow=sum(row.slow for row in rows),
        mean_seconds=durations.total_seconds / durations.count if durations.count else None,
        p99_seconds=durations.quantile(0.99),
        slowest_seconds=max(row.slowest_seconds for row in rows),
        total_seconds=durations.total_seconds,
        repeated=sum(row.repeated for row in rows),
        plan=planned.plan,
        plan_at=planned.plan_at,
        hint=planned.hint,
    )


def _added(durations: Sequence[Durations]) -> Durations:
    return Durations(
        counts=tuple(sum(counts) for counts in zip(*(found.counts for found in durations), strict=True)),
        total_seconds=sum(found.total_seconds for found in durations),
    )
