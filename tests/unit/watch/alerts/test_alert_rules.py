"""Each alert rule: when it holds, when it does not, and that it says nothing of what was not measured."""

import pytest
from tests.clock import HandClock

from autograph.model.telemetry import Durations, EdgeCounts, Observations, Process, RouteCounts
from autograph.observability.memory import Memory
from autograph.watch.alerts.rules import RULES
from autograph.watch.alerts.rules.part import Remembered, View, over
from autograph.watch.alerts.settings import Thresholds
from autograph.watch.gather import Gatherer

pytestmark = pytest.mark.feature("observability.alerts")

CASES = [
    ("cpu_high", {"cpu_percent": 75.0}, {"cpu_percent": 60.0}),
    ("cpu_critical", {"cpu_percent": 95.0}, {"cpu_percent": 75.0}),
    ("disk", {"disk_used_percent": 80.0}, {"disk_used_percent": 79.9}),
    ("loop_lag", {"loop_lag_p99_seconds": 0.8}, {"loop_lag_p99_seconds": 0.02}),
    ("loop_blocked", {"loop_lag_seconds": 1.9}, {"loop_lag_seconds": 0.3}),
    ("gc_pause", {"gc_pause_seconds": 0.9}, {"gc_pause_seconds": 0.05}),
    ("pool", {"pool_in_use": 29.0, "pool_size": 30.0}, {"pool_in_use": 3.0, "pool_size": 30.0}),
    ("backup_age", {"backup_age_seconds": 27 * 3600.0}, {"backup_age_seconds": 25 * 3600.0}),
    (
        "certificate",
        {"certificate_seconds_left": 3 * 86400.0},
        {"certificate_seconds_left": 60 * 86400.0},
    ),
    ("objects_full", {"objects_used_percent": 85.0}, {"objects_used_percent": 40.0}),
    ("queue_age", {"analysis_queue_age_seconds": 900.0}, {"analysis_queue_age_seconds": 5.0}),
    (
        "memory_leak",
        {
            "memory_growth_bytes_per_second": 2**20 / 60,
            "memory_rss_bytes": 120e6,
            "memory_baseline_bytes": 100e6,
        },
        {
            "memory_growth_bytes_per_second": 10.0,
            "memory_rss_bytes": 120e6,
            "memory_baseline_bytes": 100e6,
        },
    ),
]


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def gatherer(clock):
    return Gatherer(lambda: clock.now().timestamp())


def tell(gatherer, clock, *, service="auth", gauges=None, durations=None, errors=0):
    """One process reports."""
    process = Process(
        id=service, services=(service,), version="1", host=f"{service}:1", started_at=clock.now()
    )
    rows = [
        RouteCounts(
            service=service, method="GET", route="/", durations=durations or Durations(), errors=errors
        )
    ]
    gatherer.take(
        Observations(process=process, at=clock.now(), gauges=gauges or {}, routes=tuple(rows) if rows else ())
    )


def look(name, gatherer, clock, *, remembered=(), watching=3600):
    now = clock.now().timestamp()
    view = View(gatherer, now, Thresholds(), now - watching, tuple(remembered))
    return {finding.labels["service"]: finding for finding in RULES.get(name).look(view)}


@pytest.mark.parametrize(("name", "bad", "good"), CASES)
def test_a_gauge_is_judged(gatherer, clock, name, bad, good):
    """Beyond the limit it holds and says what; within it does not; unmeasured it says nothing."""
    tell(gatherer, clock, gauges={})
    assert look(name, gatherer, clock) == {}

    tell(gatherer, clock, gauges=bad)
    [finding] = look(name, gatherer, clock).values()
    assert finding.holds
    assert finding.message.endswith(".")

    tell(gatherer, clock, gauges=good)
    [finding] = look(name, gatherer, clock).values()
    assert not finding.holds


def test_a_store_that_cannot_be_reached_is_down(gatherer, clock):
    """By the newest call of each caller; services are not judged by it, and nobody's old word counts."""
    assert look("store_down", gatherer, clock) == {}

    def call(source, target, kind, *, is_up):
        some = Durations(counts=(1,) + (0,) * 14)
        edge = EdgeCounts(source=source, target=target, kind=kind, durations=some, is_up=is_up)
        process = Process(id=source, services=(source,), version="1", host="h", started_at=clock.now())
        gatherer.take(Observations(process=process, at=clock.now(), edges=(edge,)))

    call("auth", "postgresql", "database", is_up=True)
    call("diagrams", "postgresql", "database", is_up=False)
    call("gateway", "export", "http", is_up=False)
    found = look("store_down", gatherer, clock)
    assert [(name, finding.holds) for name, finding in found.items()] == [("postgresql", True)]
    assert found["postgresql"].message == "diagrams cannot reach postgresql."
    call("diagrams", "postgresql", "database", is_up=True)
    assert not look("store_down", gatherer, clock)["postgresql"].holds
    clock.wind(minutes=2)
    assert look("store_down", gatherer, clock) == {}


def test_every_gauge_rule_is_tried():
    """A new rule on a gauge stands in the table above."""
    others = {"service_down", "store_down", "error_rate", "latency", "outside", "watchdog"}

    assert {rule.name for rule in RULES} == others | {name for name, _, _ in CASES}


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_nothing_heard_is_nothing_found(gatherer, clock, name):
    """Before anybody has told anything only the watchdog speaks."""
    assert bool(look(name, gatherer, clock)) == (name == "watchdog")


@pytest.mark.parametrize("rule", [*RULES], ids=lambda rule: rule.name)
def test_every_rule_is_whole(rule):
    """Each says what it watches and what to do, and is explained by rules that exist."""
    assert rule.summary and rule.advice.endswith(".")
    assert all(RULES.get(cause) for cause in rule.inhibited_by)


def requests(fast, slow=0):
    """Buckets: so many of 5 ms and so many of more than ten seconds."""
    return Durations(counts=(fast, *(0,) * 13, slow), total_seconds=0.0)


def test_failing_requests_are_judged_by_share_and_number(gatherer, clock):
    """Six of a hundred are too many, two of three too few to tell; no requests are no errors."""
    tell(gatherer, clock, service="auth", durations=requests(100), errors=6)
    tell(gatherer, clock, service="diagrams", durations=requests(3), errors=2)
    tell(gatherer, clock, service="export")
    found = look("error_rate", gatherer, clock)

    assert {name: finding.holds for name, finding in found.items()} == {
        "auth": True,
        "diagrams": False,
        "export": False,
    }
    clock.wind(minutes=2)
    assert look("error_rate", gatherer, clock) == {}


def test_slow_requests_are_judged_but_those_of_analysis(gatherer, clock):
    """One in ten beyond ten seconds is too slow, except where people wait for repositories."""
    for service in ("auth", "analysis"):
        tell(gatherer, clock, service=service, durations=requests(90, 10))
    tell(gatherer, clock, service="diagrams", durations=requests(990, 10))
    found = look("latency", gatherer, clock)

    assert {name: finding.holds for name, finding in found.items()} == {"auth": True, "diagrams": False}


def test_a_silent_service_is_down_since_it_was_last_heard(gatherer, clock):
    """Silence counts from the last report, not from when somebody noticed."""
    heard = clock.now().timestamp()
    tell(gatherer, clock)
    clock.wind(minutes=2)
    finding = look("service_down", gatherer, clock)["auth"]

    assert finding.holds
    assert finding.since == heard
    assert "auth has not answered for 2 min." in finding.message


def test_what_was_down_before_a_restart_is_remembered(gatherer, clock):
    """A watch that was started anew waits for half a minute, then holds on to what was down."""
    before = [Remembered({"service": "auth"}, clock.now().timestamp() - 200)]
    assert look("service_down", gatherer, clock, remembered=before, watching=10) == {}

    finding = look("service_down", gatherer, clock, remembered=before, watching=60)["auth"]
    assert finding.holds
    assert finding.since == before[0].since


def test_a_leak_is_found_long_before_any_limit():
    """A megabyte a minute is found by its slope within half an hour; a clean run of hours never is."""
    clock = HandClock()

    def minutes_until_found(grown):
        memory = Memory(clock, resident=lambda: 150 * 2**20 + grown(clock.monotonic()), limit_bytes=8 * 2**30)
        gatherer = Gatherer(lambda: clock.now().timestamp())
        for minute in range(1, 240):
            for _ in range(12):
                clock.wind(seconds=5)
                memory.sample()
            gauges = {name: value for name, value in memory.gauges().items() if "system" not in name}
            tell(gatherer, clock, gauges=gauges)
            if any(finding.holds for finding in look("memory_leak", gatherer, clock).values()):
                return minute
        return None

    start = clock.monotonic()
    assert minutes_until_found(lambda at: int((at - start) / 60 * 2**20)) <= 30
    assert minutes_until_found(lambda at: int(at) * 7919 % (20 * 2**20)) is None


def test_durations_read_as_people_say_them():
    """Two minutes are minutes, half a second is a fraction."""
    assert [over(seconds) for seconds in (0.5, 42, 150, 5400, 3 * 86400)] == [
        "0.5 s", "42 s", "2 min", "2 h", "3 days",
    ]  # fmt: skip
