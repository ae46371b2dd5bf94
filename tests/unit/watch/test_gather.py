"""Tests of what the watch makes of what processes tell."""

import pytest
from tests.clock import HandClock

from autograph.model.telemetry import (
    Durations,
    EdgeCounts,
    ErrorEvent,
    Observations,
    Process,
    RouteCounts,
    Setting,
)
from autograph.watch.gather import Gatherer
from autograph.watch.overview import service_map, service_view, settings_views

PORT, SAFE = Setting(name="PORT", value="8080"), Setting(name="SAFE", value="set", is_secret=True)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def gatherer(clock):
    return Gatherer(lambda: clock.now().timestamp())


def tell(gatherer, clock, service, **told):
    """One process of one service reports."""
    process = Process(
        id=service, services=(service,), version="1", host=f"{service}:1", started_at=clock.now()
    )
    return gatherer.take(Observations(process=process, at=clock.now(), **told))


def test_settings_are_asked_for_until_they_are_told(gatherer, clock):
    """They come once; the readings after that do not take them away."""
    tell(gatherer, clock, "auth")
    assert not gatherer.knows_settings("auth")
    tell(gatherer, clock, "auth", settings=(PORT,))
    tell(gatherer, clock, "auth")
    assert gatherer.knows_settings("auth")


def test_settings_that_differ_are_one_row_a_value(gatherer, clock):
    """Equal ones are one row for all; processes that do not answer are left out."""
    tell(gatherer, clock, "gone", settings=(PORT,))
    clock.wind(seconds=60)
    other = Setting(name="PORT", value="8085", is_default=False)
    tell(gatherer, clock, "diagrams", settings=(PORT, SAFE))
    tell(gatherer, clock, "auth", settings=(other, SAFE))
    rows = [(view.name, view.value, view.services) for view in settings_views(gatherer)]
    assert rows == [
        ("PORT", "8085", ["auth"]),
        ("PORT", "8080", ["diagrams"]),
        ("SAFE", "set", ["auth", "diagrams"]),
    ]


@pytest.mark.feature("observability.errors")
def test_errors_are_new_until_they_are_kept(gatherer, clock):
    """What could not be written down is told again; what was written down is not, however often it is told."""
    first, second = (
        ErrorEvent(sequence=n, at=clock.now(), service="auth", fingerprint="1:a", kind="E", message="")
        for n in (1, 2)
    )
    assert tell(gatherer, clock, "auth", errors=(first,)) == (first,)
    assert tell(gatherer, clock, "auth", errors=(first, second)) == (first, second)
    gatherer.keep_errors("auth", 2)
    assert tell(gatherer, clock, "auth", errors=(first, second)) == ()


@pytest.mark.feature("observability.alerts")
def test_a_clock_that_is_set_back_hides_no_death(gatherer, clock):
    """What was heard before counts as heard now, so that who is silent from now on is missed in time."""
    tell(gatherer, clock, "auth")
    clock.wind(hours=-1)
    gatherer.forget()
    assert gatherer.instances("auth") == (1, 1)
    clock.wind(seconds=20)
    gatherer.forget()
    assert gatherer.instances("auth") == (0, 1)


def test_many_processes_come_and_go(gatherer, clock):
    """A service that is started again every minute for a day leaves no more than those of the last minutes."""
    for n in range(24 * 60):
        process = Process(id=f"p{n}", services=("auth",), version="1", host=f"h:{n}", started_at=clock.now())
        gatherer.take(Observations(process=process, at=clock.now()))
        clock.wind(minutes=1)
    assert len(gatherer.known.processes) <= 20
    assert len(gatherer.known.services) == 1


@pytest.mark.feature("observability.requests", "observability.dependencies")
def test_a_watch_that_begins_anew_counts_what_follows_only(gatherer, clock):
    """What old processes have counted in days is no rate of now, and who was called before is not called healthy."""
    process = Process(
        id="gateway", services=("gateway",), version="1", host="gateway:1", started_at=clock.now()
    )
    clock.wind(seconds=86400)

    def report(count):
        durations = Durations(counts=(count, *(0,) * 14), total_seconds=0.001 * count)
        route = RouteCounts(service="gateway", method="GET", route="/", durations=durations, errors=count)
        edge = EdgeCounts(source="gateway", target="auth", kind="http", durations=durations, errors=0)
        gatherer.take(Observations(process=process, at=clock.now(), routes=(route,), edges=(edge,)))
        now = clock.now().timestamp()
        span = gatherer.known.services["gateway"].span(now - 60, now + 1)
        drawn = service_map(gatherer, now)
        called = [(edge.state, edge.rate) for edge in drawn.edges if edge.target == "auth"]
        return span.durations.count, span.errors, called, {n.id: n.status for n in drawn.nodes}.get("auth")

    assert report(1_000_000) == (0, 0, [("stale", 0)], "unknown")
    clock.wind(seconds=5)
    assert report(1_000_020) == (20, 20, [("observed", 2)], "healthy")


def test_what_was_down_before_a_restart_is_down_until_it_is_heard_of(gatherer, clock):
    """A new watch has no readings of it; that it does not answer, and since when, is known from its alert."""
    before = clock.now().timestamp()
    gatherer.remembered_down = lambda: {"auth": before}
    clock.wind(seconds=60)

    def seen(service):
        now = clock.now().timestamp()
        gatherer.forget()
        view = service_view(gatherer, service, [], step_seconds=5, start=now - 900, end=now)
        nodes = {node.id: node.status for node in service_map(gatherer, now).nodes}
        return view.status, view.down_since and view.down_since.timestamp(), nodes.get(service)

    assert seen("auth") == ("down", before, "down")
    assert seen("export") == ("unknown", None, None)
    tell(gatherer, clock, "auth")
    assert seen("auth") == ("healthy", None, "healthy")
