"""The life of an alert, whatever happens in whatever order."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from autograph.watch.alerts import engine
from autograph.watch.alerts.rules.part import Finding, Rule, lasting
from autograph.watch.alerts.settings import Thresholds

pytestmark = pytest.mark.feature("observability.alerts")

FOR, KEEP = 300, 120
PART = Rule(
    name="test", summary="s", advice="a", severity="critical", look=lambda _: [],
    for_seconds=lasting(FOR), keep_firing_seconds=KEEP,
)  # fmt: skip
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Lives(RuleBasedStateMachine):
    """Three things that hold, do not hold or are not measured, judged at uneven times, with restarts."""

    def __init__(self):
        super().__init__()
        self.now, self.kept, self.ids = NOON, {}, itertools.count()
        self.told_true, self.told_false = {}, {}
        self.started = {}

    @rule(
        states=st.fixed_dictionaries({name: st.sampled_from(["bad", "good", "unknown"]) for name in "abc"}),
        seconds=st.integers(1, 200),
    )
    def judge(self, states, seconds):
        self.now += timedelta(seconds=seconds)
        before = dict(self.kept)
        findings = [
            (PART, Finding({"service": name}, holds=state == "bad"))
            for name, state in states.items()
            if state != "unknown"
        ]
        changes = engine.step(
            [alert for alert in before.values() if alert.state != "resolved"],
            findings,
            now=self.now,
            thresholds=Thresholds(),
            new_id=lambda: str(next(self.ids)),
        )
        for alert in changes.alerts:
            self.kept[alert.id] = alert
        for alert_id in changes.dropped:
            assert before[alert_id].state == "pending"
            del self.kept[alert_id]
        self.check_moves(before, states)

    def check_moves(self, before, states):
        """Only the moves of the life: what is unknown stays, what fires has held, what ends has not held."""
        for alert_id, alert in self.kept.items():
            old = before.get(alert_id)
            state = states[alert.service]
            if old is None:
                assert state == "bad"
            elif state == "unknown":
                assert alert == old
            elif old.state != alert.state:
                assert (old.state, alert.state, state) in {
                    ("pending", "firing", "bad"),
                    ("firing", "resolved", "good"),
                }
            if alert.state == "resolved" and (old is None or old.state != "resolved"):
                assert self.now - old.last_true_at >= timedelta(seconds=KEEP)

    @invariant()
    def at_most_one_is_open_of_each(self):
        opened = [alert.identity for alert in self.kept.values() if alert.state != "resolved"]
        assert len(opened) == len(set(opened))

    @invariant()
    def the_start_never_moves(self):
        for alert in self.kept.values():
            if alert.state == "pending":
                assert alert.starts_at is None
            else:
                assert alert.starts_at == alert.pending_since + timedelta(seconds=FOR)
                assert self.started.setdefault(alert.id, alert.starts_at) == alert.starts_at


Lives.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestLives = Lives.TestCase
TestLives.__doc__ = "An alert only makes the moves of its life, and only for the reasons it should."


def advance(alerts, now, *findings):
    return engine.step(
        alerts, [(PART, found) for found in findings], now=now, thresholds=Thresholds(), new_id=lambda: "new"
    )


def test_the_order_of_labels_does_not_matter():
    """Equal labels are one alert, whichever comes first."""
    assert engine.identity_of("r", {"a": "1", "b": "2"}) == engine.identity_of("r", {"b": "2", "a": "1"})


def test_a_pending_alert_nobody_looked_after_begins_again():
    """What held once before the night and once after it has not held all night."""
    [pending] = advance([], NOON, Finding({}, holds=True)).alerts
    later = NOON + timedelta(hours=8)
    [again] = advance([pending], later, Finding({}, holds=True)).alerts

    assert again.state == "pending"
    assert again.pending_since == later


def test_what_was_known_to_hold_before_counts():
    """A finding that says since when fires as soon as that is long enough ago."""
    since = (NOON - timedelta(seconds=FOR)).timestamp()
    [alert] = advance([], NOON, Finding({}, holds=True, since=since)).alerts

    assert (alert.state, alert.starts_at) == ("firing", NOON)


def test_what_is_gone_for_a_week_ends():
    """A thing that nobody has measured for a week exists no more."""
    [alert] = advance([], NOON, Finding({}, holds=True, since=(NOON - timedelta(hours=1)).timestamp())).alerts

    assert advance([alert], NOON + timedelta(days=6)).alerts == []
    [ended] = advance([alert], NOON + timedelta(days=8)).alerts
    assert ended.state == "resolved"


def test_a_pending_alert_of_what_is_gone_is_given_up():
    """A process that ended while something was about to fire leaves nothing pending for a week."""
    [pending] = advance([], NOON, Finding({}, holds=True)).alerts

    assert advance([pending], NOON + timedelta(minutes=4)).dropped == []
    assert advance([pending], NOON + timedelta(minutes=6)).dropped == [pending.id]
