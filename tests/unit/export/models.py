"""Models for the tests of drawing: from our own fixtures, by hand, and any that hypothesis can think of."""

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from autograph.analysis.read import read_repository
from autograph.model.architecture import Edge, Evidence, Kind, Known, Model, Node

REPOSITORIES = Path(__file__).parents[2] / "fixtures" / "repos"
NAMES = sorted(folder.name for folder in REPOSITORIES.iterdir() if folder.is_dir())
PROOF = Evidence(file="a/b.py", line=3, snippet="call()")


@cache
def fixture_model(name: str) -> Model:
    """What is read from one of the fixture repositories."""
    return read_repository(REPOSITORIES / name, title=name, progress=lambda *_: None)


def shop() -> Model:
    """A small shop: person, gateway, three services, private and shared stores, a queue, infrastructure."""
    kinds = {
        "user": Kind.USER,
        "gateway": Kind.GATEWAY,
        "orders": Kind.SERVICE,
        "stock": Kind.SERVICE,
        "mail": Kind.SERVICE,
        "orders-db": Kind.DATABASE,
        "cache": Kind.CACHE,
        "queue": Kind.QUEUE,
        "config": Kind.CONFIG,
        "pay.example": Kind.EXTERNAL,
    }
    pairs = [
        ("user", "gateway", "HTTP"), ("gateway", "orders", "HTTP"), ("gateway", "stock", "HTTP"), ("orders", "orders-db", "SQL"),
        ("orders", "cache", ""), ("stock", "cache", ""), ("orders", "queue", "AMQP"), ("mail", "queue", "AMQP"),
        ("orders", "config", "HTTP"), ("stock", "config", "HTTP"), ("orders", "pay.example", "HTTP"), ("orders", "stock", "gRPC"),
    ]  # fmt: skip
    edges = tuple(
        Edge(source=a, target=b, protocol=p, consumes=a == "mail", evidence=(PROOF,)) for a, b, p in pairs
    )
    return Model(
        title="Shop",
        nodes=tuple(Node(id=name, name=name, kind=kind) for name, kind in kinds.items()),
        edges=edges,
    )


texts = st.text(max_size=60)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Any model that is well formed: odd names, groups, loops, several edges between the same two."""
    count = draw(st.integers(0, 12))
    kinds = st.sampled_from(list(Kind))
    groups = st.sampled_from(["", "", "team", "team/inner", "other & <more>"])
    nodes = tuple(
        Node(id=f"n{n}", name=draw(texts), kind=draw(kinds), technology=draw(texts), group=draw(groups))
        for n in range(count)
    )
    ends = st.integers(0, max(0, count - 1))
    edges = tuple(
        Edge(
            source=f"n{draw(ends)}",
            target=f"n{draw(ends)}",
            protocol=draw(st.sampled_from(["", "HTTP", "Kafka", "SQL"])),
            label=draw(texts),
            consumes=draw(st.booleans()),
            known=draw(st.sampled_from(list(Known))),
        )
        for _ in range(draw(st.integers(0, 20)) if count else 0)
    )
    return Model(title=draw(texts), nodes=nodes, edges=edges)
