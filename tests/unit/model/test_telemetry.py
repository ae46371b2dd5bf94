"""Tests of the shapes in which a process tells what it knows of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograph.model.telemetry import SECONDS_BOUNDS, Durations, Observations, Process

BUCKETS = len(SECONDS_BOUNDS) + 1
counts = st.lists(st.integers(0, 1000), min_size=BUCKETS, max_size=BUCKETS).map(tuple)


def test_nothing_observed_has_no_quantile():
    """Without observations there is no p95, rather than a reassuring zero."""
    assert Durations().quantile(0.95) is None


def test_a_quantile_lies_linearly_in_its_bucket():
    """A hundred observations between 5 and 10 ms have their median in the middle of the bucket."""
    second = tuple(100 if index == 1 else 0 for index in range(BUCKETS))
    assert Durations(counts=second).quantile(0.5) == pytest.approx(0.0075)


def test_beyond_the_last_bound_the_bound_is_said():
    """What took longer than every bound is not invented: the last bound is the answer."""
    longest = (0,) * (BUCKETS - 1) + (3,)
    assert Durations(counts=longest).quantile(0.5) == SECONDS_BOUNDS[-1]


@given(counts)
def test_quantiles_grow(found):
    """A higher quantile is never smaller than a lower one."""
    durations = Durations(counts=found)
    if durations.count:
        values = [durations.quantile(fraction) for fraction in (0.01, 0.5, 0.95, 0.99, 1.0)]
        assert values == sorted(values)


@given(counts, counts)
def test_what_came_since_is_the_difference(first, more):
    """Two readings of one process give exactly what happened in between."""
    later = tuple(a + b for a, b in zip(first, more, strict=True))
    assert Durations(counts=later, total_seconds=5.0).since(Durations(counts=first)).counts == more


def test_observations_survive_the_wire():
    """A reading is the same after JSON."""
    at = "2026-01-02T03:04:05Z"
    process = Process(id="p", services=("auth",), version="3", host="h", started_at=at)
    reading = Observations(process=process, at=at, gauges={"cpu_percent": 1.5})
    assert Observations.model_validate_json(reading.model_dump_json()) == reading
