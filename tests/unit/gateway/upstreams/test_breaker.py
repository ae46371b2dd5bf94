"""The circuit breaker, against a simple model of it and rule by rule, with time wound by hand."""

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from tests.clock import HandClock

from autograph.gateway.upstreams.breaker import Breaker, Breakers, BreakerSettings, CircuitOpen

pytestmark = pytest.mark.feature("gateway.breaker")

SETTINGS = BreakerSettings(failures=3, open_seconds=30, successes=2, memory_seconds=60)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def breaker(clock):
    return Breaker("diagrams", SETTINGS, clock)


def opened(breaker):
    """The same breaker after enough failures."""
    for _ in range(SETTINGS.failures):
        breaker.fail(breaker.admit())
    assert breaker.state == "open"
    return breaker


def test_failures_in_a_row_open_it(breaker):
    """Two failures, a success, two failures: closed. A third in a row: open, and it says for how long."""
    for failed in (True, True, False, True, True):
        (breaker.fail if failed else breaker.succeed)(breaker.admit())
    assert breaker.state == "closed"
    breaker.fail(breaker.admit())

    with pytest.raises(CircuitOpen) as refused:
        breaker.admit()
    assert refused.value.status == 503
    assert refused.value.headers["retry-after"] == "30"


def test_old_failures_are_forgotten(breaker, clock):
    """Failures more than the memory apart never add up."""
    for _ in range(10):
        breaker.fail(breaker.admit())
        clock.wind(seconds=61)

    assert breaker.state == "closed"


def test_probes_are_bounded_and_let_everybody_in_again(breaker, clock):
    """After the pause two probes run, a third caller waits; two successes close it."""
    opened(breaker)
    clock.wind(seconds=30)
    first, second = breaker.admit(), breaker.admit()
    assert breaker.state == "half_open"
    with pytest.raises(CircuitOpen) as refused:
        breaker.admit()
    assert refused.value.headers["retry-after"] == "1"
    breaker.succeed(first)
    breaker.succeed(second)

    assert breaker.state == "closed"
    assert breaker.report()["failure_count"] == 0


def test_a_failed_probe_opens_it_for_the_whole_time_again(breaker, clock):
    """One failure while half open is enough."""
    opened(breaker)
    clock.wind(seconds=30)
    breaker.fail(breaker.admit())

    with pytest.raises(CircuitOpen) as refused:
        breaker.admit()
    assert refused.value.headers["retry-after"] == "30"


def test_a_dropped_probe_makes_room_for_another(breaker, clock):
    """A probe whose client left decides nothing and blocks nobody."""
    opened(breaker)
    clock.wind(seconds=30)
    for _ in range(5):
        breaker.drop(breaker.admit())
    breaker.succeed(breaker.admit())
    breaker.succeed(breaker.admit())

    assert breaker.state == "closed"


def test_a_late_result_of_an_older_state_changes_nothing(breaker, clock):
    """Calls that were admitted before it opened neither close nor open what came after."""
    early = [breaker.admit() for _ in range(5)]
    opened(breaker)
    clock.wind(seconds=30)
    probe = breaker.admit()
    for ticket in early[:3]:
        breaker.succeed(ticket)
    assert breaker.state == "half_open"
    breaker.fail(early[3])
    assert breaker.state == "half_open"
    breaker.succeed(probe)
    breaker.succeed(breaker.admit())
    breaker.fail(early[4])

    assert breaker.state == "closed"
    assert breaker.report()["failure_count"] == 0


def test_the_report_has_the_promised_members(breaker):
    """State, counts, thresholds, the pause, and when it last failed."""
    breaker.fail(breaker.admit())

    assert breaker.report() == {
        "state": "closed",
        "failure_count": 1,
        "success_count": 0,
        "failure_threshold": 3,
        "success_threshold": 2,
        "timeout": 30.0,
        "last_failure": "2026-03-01T12:00:00.000Z",
    }


def test_public_calls_and_batches_have_breakers_of_their_own(clock):
    """Signing in, working with an account and taking all one's data along are apart; drawing; tests that fail."""
    breakers = Breakers(SETTINGS, clock)

    assert set(breakers.of_service("auth")) == {"", "public", "batch"}
    assert set(breakers.of_service("diagrams")) == {""}
    assert set(breakers.of_service("analysis")) == {"", "batch"}
    assert set(breakers.of_service("watch")) == {"", "diagnostic"}
    assert set(breakers.report()) == {
        *("watch", "watch:diagnostic"),
        *("auth", "auth:public", "auth:batch"),
        *("diagrams", "analysis", "analysis:batch"),
    }


class BreakerMachine(RuleBasedStateMachine):
    """Any order of calls, results and waiting, against a model that keeps every call."""

    tickets = Bundle("tickets")

    def __init__(self):
        super().__init__()
        self.clock = HandClock()
        self.breaker = Breaker("any", SETTINGS, self.clock)
        self.state, self.era = "closed", 0
        self.failed, self.passed, self.running = [], 0, 0
        self.opened_at = None

    def enter(self, state):
        self.state, self.era = state, self.era + 1
        self.failed, self.passed, self.running = [], 0, 0
        if state == "open":
            self.opened_at = self.clock.monotonic()

    @rule(target=tickets)
    def call(self):
        now = self.clock.monotonic()
        if self.state == "open" and now - self.opened_at >= SETTINGS.open_seconds:
            self.enter("half_open")
        allowed = self.state == "closed" or (
            self.state == "half_open" and self.running + self.passed < SETTINGS.successes
        )
        if not allowed:
            with pytest.raises(CircuitOpen):
                self.breaker.admit()
            return (-1, self.era)
        self.running += 1
        return (self.breaker.admit(), self.era)

    @rule(held=consumes(tickets), outcome=st.sampled_from(["succeed", "fail", "drop"]))
    def finish(self, held, outcome):
        ticket, era = held
        if ticket < 0:
            return
        getattr(self.breaker, outcome)(ticket)
        if era != self.era:
            return
        self.running -= 1
        now = self.clock.monotonic()
        if outcome == "succeed" and self.state == "closed":
            self.failed = []
        elif outcome == "succeed":
            self.passed += 1
            if self.passed >= SETTINGS.successes:
                self.enter("closed")
        elif outcome == "fail":
            if self.failed and now - self.failed[-1] > SETTINGS.memory_seconds:
                self.failed = []
            self.failed.append(now)
            if self.state == "half_open" or len(self.failed) >= SETTINGS.failures:
                self.enter("open")

    @rule(seconds=st.sampled_from([1, 10, 30, 61]))
    def wait(self, seconds):
        self.clock.wind(seconds=seconds)

    @invariant()
    def agrees(self):
        assert self.breaker.state == self.state


BreakerMachine.TestCase.settings = hypothesis_settings(
    max_examples=150, stateful_step_count=40, deadline=None
)
TestAnyOrder = BreakerMachine.TestCase
TestAnyOrder.__doc__ = "In any order of events the breaker is in the state that the rules say."
