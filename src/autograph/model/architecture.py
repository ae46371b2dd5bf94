"""The narrow waist: an architecture as nodes, edges and the evidence for each. Frozen and pure.

Readers make a :class:`Model`, layouts and formats read one. Everything round-trips through JSON
(`model_dump_json`, `model_validate_json`), and equal models give equal bytes.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What a node is. The first ten are the picture's flow, the last three its infrastructure."""

    USER = "user"
    LOADGEN = "loadgen"
    FRONTEND = "frontend"
    GATEWAY = "gateway"
    SERVICE = "service"
    AUTH = "auth"
    QUEUE = "queue"
    DATABASE = "database"
    CACHE = "cache"
    STORAGE = "storage"
    EXTERNAL = "external"
    CONFIG = "config"
    DISCOVERY = "discovery"
    OBSERVABILITY = "observability"


INFRASTRUCTURE = frozenset({Kind.CONFIG, Kind.DISCOVERY, Kind.OBSERVABILITY})
STORES = frozenset({Kind.DATABASE, Kind.CACHE, Kind.STORAGE})


class Known(StrEnum):
    """How something is known, from the strongest proof to the weakest."""

    TRACE = "trace"
    CODE = "code"
    CONFIG = "config"
    DECLARED = "declared"
    INFERRED = "inferred"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Frozen):
    """One line that proves something.

    `file` is relative to the repository's root with forward slashes, `line` counts from 1,
    `snippet` is up to a few lines of text of which `line` is number `snippet_line` (from 1).
    """

    file: str
    line: int = Field(ge=1)
    snippet: str = ""
    snippet_line: int = Field(default=1, ge=1)
    rule: str = ""
    known: Known = Known.CODE


class Node(_Frozen):
    """One box: a service, a store, a queue, an outside system.

    `technology` is what it is made with or is ("Java", "PostgreSQL"), `group` a path of names
    separated by "/" when the source declares groups.
    """

    id: str
    name: str
    kind: Kind = Kind.SERVICE
    technology: str = ""
    group: str = ""
    evidence: tuple[Evidence, ...] = ()


class Edge(_Frozen):
    """One relation. `source` calls, reads, writes or publishes to `target` (initiator first).

    For a message consumer `consumes` is true: `source` is the consumer, `target` the broker, and
    the messages flow against the arrow. `protocol` is a short name ("HTTP", "gRPC", "AMQP",
    "Kafka", "SQL"), `label` what is asked ("POST /orders", "order.placed").
    """

    source: str
    target: str
    protocol: str = ""
    label: str = ""
    consumes: bool = False
    known: Known = Known.CODE
    evidence: tuple[Evidence, ...] = ()


class Unresolved(_Frozen):
    """A call whose target could not be proven. Listed, never drawn."""

    source: str
    reference: str
    reason: str
    evidence: Evidence


class Skipped(_Frozen):
    """A file that could not be read, and why; the others were still read."""

    file: str
    reason: str


class Model(_Frozen):
    """A whole architecture. Node ids are unique; edges name node ids.

    `revision` is the commit that was read when it is known.
    """

    title: str
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    revision: str = ""

    def core(self) -> "Model":
        """Return this model without people, load generators and infrastructure."""
        dropped = INFRASTRUCTURE | {Kind.USER, Kind.LOADGEN}
        kept = {node.id for node in self.nodes if node.kind not in dropped}
        return self.model_copy(
            update={
                "nodes": tuple(node for node in self.nodes if node.id in kept),
                "edges": tuple(edge for edge in self.edges if edge.source in kept and edge.target in kept),
            }
        )
