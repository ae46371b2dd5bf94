"""`GET /dependencies`: the live map in the shape that scripts know from the first version."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from autograph.clients.openapi import answers
from autograph.core.correlation import correlation_id
from autograph.core.problem import Forbidden, Invalid, Unauthenticated
from autograph.watch.access import Observer
from autograph.watch.service import Watch
from autograph.watch.shapes import ServiceMap

PORTS = {
    "gateway": 8080, "auth": 8085, "diagrams": 8082, "analysis": 8086, "export": 8097, "flags": 8088, "watch": 8089,
}  # fmt: skip
"""Where services listen when they run apart."""

router = APIRouter(tags=["operations"])


class DependencyNode(BaseModel):
    """A part of the installation."""

    id: str
    name: str
    type: str
    port: int | None


class DependencyEdge(BaseModel):
    """Calls from one part to another in the last five minutes."""

    source: str = Field(serialization_alias="from")
    target: str = Field(serialization_alias="to")
    type: str
    state: str = Field(description="declared (not seen yet), observed, or stale (not seen for long).")
    rate: float | None
    errors: float | None = Field(description="Share of calls that failed.")
    p95: float | None = Field(description="Seconds.")


class DependencyGraph(BaseModel):
    """Parts and the calls between them."""

    nodes: list[DependencyNode]
    edges: list[DependencyEdge]
    total_services: int
    total_dependencies: int


class Circles(BaseModel):
    """Parts that call each other in a circle."""

    found: bool
    count: int
    cycles: list[list[str]]


class CriticalPath(BaseModel):
    """The chain of calls that takes longest."""

    path: list[str]
    length: int
    description: str


class ServiceHealth(BaseModel):
    """How one part is."""

    id: str
    status: str


class DependencyHealth(BaseModel):
    """How the parts are: how many of each status, and each."""

    summary: dict[str, int]
    services: list[ServiceHealth]


class Dependencies(BaseModel):
    """Who calls whom, from live traffic."""

    correlation_id: str
    timestamp: datetime
    graph: DependencyGraph
    circular_dependencies: Circles
    critical_path: CriticalPath
    health: DependencyHealth | None = None


def _watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch


@router.get(
    "/dependencies", operation_id="get_dependencies", responses=answers(Unauthenticated, Forbidden, Invalid)
)
async def get_dependencies(
    _: Observer,
    watch: Annotated[Watch, Depends(_watch)],
    include_health: Annotated[bool, Query()] = False,
) -> Dependencies:
    """The map of what calls what, with circles and the critical path."""
    found = watch.map()
    return Dependencies(
        correlation_id=correlation_id.get(),
        timestamp=found.at,
        graph=_graph(found),
        circular_dependencies=Circles(found=bool(found.cycles), count=len(found.cycles), cycles=found.cycles),
        critical_path=CriticalPath(
            path=found.critical_path,
            length=len(found.critical_path),
            description="The chain of calls whose 95th percentiles add up to most.",
        ),
        health=_health(found) if include_health else None,
    )


def _graph(found: ServiceMap) -> DependencyGraph:
    nodes = [
        DependencyNode(id=node.id, name=node.name, type=node.kind, port=PORTS.get(node.id))
        for node in found.nodes
    ]
    edges = [
        DependencyEdge(
            source=edge.source,
            target=edge.target,
            type=edge.kind,
            state=edge.state,
            rate=edge.rate,
            errors=edge.error_ratio,
            p95=edge.p95_seconds,
        )
        for edge in found.edges
    ]
    services = sum(node.kind == "service" for node in found.nodes)
    return DependencyGraph(nodes=nodes, edges=edges, total_services=services, total_dependencies=len(edges))


def _health(found: ServiceMap) -> DependencyHealth:
    summary: dict[str, int] = {}
    for node in found.nodes:
        summary[node.status] = summary.get(node.status, 0) + 1
    return DependencyHealth(
        summary=summary, services=[ServiceHealth(id=node.id, status=node.status) for node in found.nodes]
    )
