"""Who is told what and when, by hand-made alerts: inhibition, groups, pauses, reminders."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from autograph.watch.alerts import words
from autograph.watch.alerts.engine import Alert
from autograph.watch.alerts.notify import inhibitor_of, plan, retry_after
from autograph.watch.alerts.rules import RULES
from autograph.watch.alerts.settings import AlertsSettings
from autograph.watch.alerts.store import Silence

pytestmark = pytest.mark.feature("observability.alerts")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARTS = {rule.name: rule for rule in RULES}


def alert(rule, service="auth", **changes):
    """A firing alert that began at noon."""
    made = Alert(
        id=f"{rule}-{service}", identity=f"{rule}-{service}", rule=rule, labels={"service": service},
        severity=PARTS[rule].severity, state="firing", message="m", value=1.0, pending_since=NOON,
        last_true_at=NOON, starts_at=NOON,
    )  # fmt: skip
    return replace(made, **changes)


def planned(alerts, *, minutes=0.0, silences=(), **settings):
    return plan(
        alerts,
        silences=silences,
        rules=PARTS,
        settings=AlertsSettings(**settings),
        now=NOON + timedelta(minutes=minutes),
    )


def said(made):
    return {content.group: content.reason for content in made.contents}


@pytest.mark.parametrize("symptom", ["error_rate", "latency", "cpu_high", "memory_leak"])
@pytest.mark.parametrize("state", ["pending", "firing"])
def test_a_dead_service_explains_its_symptoms(symptom, state):
    """While a service does not answer nobody is told that it is slow or fails; of other services they are."""
    down = alert("service_down", state=state, told="firing", notified_at=NOON)
    found = [down, alert(symptom), alert(symptom, "diagrams")]
    [content] = planned(found, minutes=1).contents

    assert [told.labels["service"] for told in content.alerts] == ["diagrams"]
    assert inhibitor_of(found[1], PARTS, found) == down
    assert said(planned([replace(down, state="resolved", told="resolved"), found[1]], minutes=1)) == {
        symptom: "firing"
    }


def test_used_up_explains_high():
    """Of a processor that is used up nobody hears that it is busy."""
    made = planned([alert("cpu_high"), alert("cpu_critical")], minutes=1)

    assert said(made) == {"cpu_critical": "firing"}


def test_a_first_notice_waits_for_its_group():
    """After 29 seconds nothing is said, after 30 it is."""
    assert said(planned([alert("disk")], minutes=29 / 60)) == {}
    assert said(planned([alert("disk")], minutes=30 / 60)) == {"disk": "firing"}


def test_what_joins_a_known_group_waits_for_the_pause():
    """A second alert of the kind is told five minutes after the first notice, with all of its group."""
    known = alert("disk", told="firing", notified_at=NOON)
    joined = alert("disk", "diagrams", starts_at=NOON + timedelta(minutes=1))
    assert said(planned([known, joined], minutes=4.9)) == {}
    made = planned([known, joined], minutes=5)

    assert said(made) == {"disk": "firing"}
    assert {told.labels["service"] for told in made.contents[0].alerts} == {"auth", "diagrams"}
    assert [noted.id for noted in made.alerts] == [joined.id]


def test_the_end_is_told_once_and_not_to_those_who_never_knew():
    """What was told of ends with a notice; what was not ends in silence, and so does what is silenced."""
    ended = alert("disk", state="resolved", resolved_at=NOON, told="firing", notified_at=NOON)
    made = planned([ended], minutes=5)
    assert said(made) == {"disk": "resolved"}
    assert made.alerts[0].told == "resolved"

    assert said(planned([replace(ended, told="", notified_at=None)], minutes=5)) == {}
    silence = Silence("s", {"rule": "disk"}, NOON + timedelta(hours=1), "", "eva", NOON)
    quiet = planned([ended], minutes=5, silences=[silence])
    assert (said(quiet), quiet.alerts[0].told) == ({}, "resolved")


def test_only_chosen_severities_are_escalated():
    """An installation may spare people the reminders of warnings; after four hours they hear again."""
    told = alert("latency", told="firing", notified_at=NOON)
    assert said(planned([told], minutes=15)) == {"latency": "escalation"}
    assert said(planned([told], minutes=239, escalated=("critical",))) == {}
    assert said(planned([told], minutes=240, escalated=("critical",))) == {"latency": "repeat"}


@pytest.mark.parametrize(
    ("matchers", "is_covered"),
    [
        ({"rule": "disk"}, True),
        ({"severity": "critical"}, True),
        ({"rule": "disk", "service": "auth"}, True),
        ({"rule": "disk", "service": "diagrams"}, False),
        ({"other": "auth"}, False),
    ],
)
def test_a_silence_covers_what_has_all_its_labels(matchers, is_covered):
    """Every label of the silence must be the alert's."""
    silence = Silence("s", matchers, NOON, "", "eva", NOON)

    assert silence.covers(alert("disk")) == is_covered


def test_retries_slow_down_to_a_quarter_of_an_hour():
    """Ten seconds, then twice as long each time."""
    waits = [retry_after(tries).total_seconds() for tries in (1, 2, 3, 7, 8, 500)]

    assert waits == [10, 20, 40, 640, 900, 900]


def test_a_title_is_one_line():
    """Whatever a label holds, a subject has no second line."""
    [content] = planned([alert("disk", "auth\nBcc: x")], minutes=1).contents

    assert "\n" not in words.title(content)
