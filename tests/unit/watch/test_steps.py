"""Rates over time: what has just begun is not counted as if it were over."""

import pytest

from autograph.model.telemetry import Durations
from autograph.watch.gather import Gatherer
from autograph.watch.overview import BINS, service_view
from autograph.watch.steps import Step, measured_seconds

HOUR, WEEK = 3600, 7 * 86400
NOON = 1_700_006_400.0 // HOUR * HOUR


def filled(at, requests):
    """A step with so many quick requests."""
    step = Step(int(at))
    step.add(Durations(counts=(requests, *(0,) * 14), total_seconds=0.1), 0)
    return step


@pytest.mark.feature("observability.requests")
def test_the_newest_step_is_as_long_as_it_has_lasted():
    """Ten requests a second are ten a second five minutes into an hour, in the figure and at the line's end."""
    now = NOON + 300
    steps = [filled(NOON - HOUR, 10 * HOUR), filled(NOON, 10 * 300)]
    view = service_view(Gatherer(lambda: now), "auth", steps, step_seconds=HOUR, start=now - WEEK, end=now)
    assert view.rate == 10
    assert [rate for rate in view.series.rate if rate is not None] == [10]
    alone = service_view(
        Gatherer(lambda: now), "auth", steps[1:], step_seconds=HOUR, start=now - WEEK, end=now
    )
    assert (alone.rate, alone.series.rate[BINS - 1]) == (10, 10)


@pytest.mark.feature("observability.requests")
def test_a_step_of_a_moment_is_as_long_as_a_reading():
    """The first reading of a minute brings five seconds of requests, whenever it comes."""
    assert measured_seconds([filled(NOON, 50)], 60, NOON + 1) == 5
    assert measured_seconds([], 60, NOON) == 0
