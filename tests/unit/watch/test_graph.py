"""Tests of the map: what is declared, seen or stale, circles, and the path that takes longest."""

import time

import pytest
from tests.clock import HandClock

from autograph.model.telemetry import Durations, EdgeCounts, Observations, Process
from autograph.watch import graph
from autograph.watch.gather import EDGE_STALE_SECONDS, Gatherer
from autograph.watch.overview import service_map
from autograph.watch.service import graver
from autograph.watch.shapes import Worst

pytestmark = pytest.mark.feature("observability.dependencies")


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([], []),
        ([("a", "b"), ("b", "c"), ("a", "c")], []),
        ([("a", "b"), ("b", "a")], [["a", "b"]]),
        ([("a", "a"), ("a", "b")], [["a"]]),
        (
            [("c", "a"), ("a", "b"), ("b", "c"), ("b", "d"), ("d", "e"), ("e", "d")],
            [["a", "b", "c"], ["d", "e"]],
        ),
    ],
)
def test_circles_are_found(edges, expected):
    """Parts that reach each other are one circle, a part that calls itself too; a diamond is none."""
    assert graph.cycles(edges) == expected


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ({}, []),
        ({("a", "b"): 1.0, ("b", "c"): 1.0, ("a", "d"): 1.5}, ["a", "b", "c"]),
        ({("a", "b"): 0.1, ("b", "c"): 0.1, ("a", "d"): 1.5}, ["a", "d"]),
        ({("a", "b"): 1.0, ("b", "a"): 1.0, ("b", "c"): 0.5}, ["a", "b", "c"]),
    ],
)
def test_the_critical_path_takes_longest_in_sum(edges, expected):
    """Not the most steps, but the most time; a circle is gone through once."""
    assert graph.critical_path(edges) == expected


def test_a_dense_map_is_answered_in_time():
    """Thirty parts that all call each other have more chains than can be looked at."""
    names = [f"s{n}" for n in range(30)]
    started = time.monotonic()
    assert graph.critical_path({(a, b): 0.1 for a in names for b in names if a != b})
    assert time.monotonic() - started < 2


def test_declared_seen_and_stale_differ():
    """What the program is built to call is declared until it was seen, and stale when it was not for long."""
    clock = HandClock()
    gatherer = Gatherer(lambda: clock.now().timestamp())
    process = Process(
        id="p", services=("gateway", "auth", "diagrams"), version="1", host="h:1", started_at=clock.now()
    )

    def tell(count):
        durations = Durations(counts=(count, *(0,) * 14), total_seconds=0.001 * count)
        edge = EdgeCounts(
            source="gateway", target="auth", kind="http", durations=durations, errors=count // 10
        )
        gatherer.take(Observations(process=process, at=clock.now(), edges=(edge,)))

    def drawn():
        found = service_map(gatherer, clock.now().timestamp()).edges
        return {(edge.source, edge.target): edge for edge in found}

    tell(100)
    clock.wind(seconds=5)
    tell(200)
    assert drawn()["gateway", "auth"].state == "observed"
    assert drawn()["gateway", "auth"].rate == pytest.approx(20)
    assert drawn()["gateway", "auth"].error_ratio == pytest.approx(0.1)
    assert drawn()["gateway", "diagrams"].state == "declared"
    assert drawn()["gateway", "diagrams"].rate is None
    assert ("gateway", "export") not in drawn()
    for _ in range(int(EDGE_STALE_SECONDS // 5) + 1):
        clock.wind(seconds=5)
        tell(200)
    assert drawn()["gateway", "auth"].state == "stale"
    tell(201)
    assert drawn()["gateway", "auth"].state == "observed"


def test_what_nobody_has_measured_is_not_called_healthy():
    """People's browsers, services that were never heard of and stores that nobody called are unknown."""
    clock = HandClock()
    gatherer = Gatherer(lambda: clock.now().timestamp())
    nodes = service_map(gatherer, clock.now().timestamp(), declared=[("browser", "objects")]).nodes
    assert {(node.id, node.status) for node in nodes} == {("browser", "unknown"), ("objects", "unknown")}


@pytest.mark.parametrize(
    ("severity", "first", "then"),
    [("warning", "auth", ["mail does not answer", "Slow: auth"]), ("critical", "Slow: auth", [])],
)
def test_a_dead_service_comes_before_an_alert_that_can_wait(severity, first, then):
    """And what waits is named after it; a critical alert comes first."""
    since = HandClock().now()
    dead = Worst(
        kind="service", id="auth", title="auth", detail="", severity="critical", since=since,
        then=["mail does not answer"],
    )  # fmt: skip
    alert = Worst(kind="alert", id="1", title="Slow: auth", detail="", severity=severity, since=since)
    found = graver(alert, dead)
    assert found is not None
    assert (found.title, found.then) == (first, then)
    assert graver(None, None) is None
    assert graver(alert, None) is alert
    assert graver(None, dead) is dead
