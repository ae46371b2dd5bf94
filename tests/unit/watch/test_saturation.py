"""Tests of how full things are shown to be."""

from datetime import UTC, datetime

import pytest

from autograph.model.telemetry import Observations, Process
from autograph.watch.saturation import saturation

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pool(*processes):
    """What is shown of the pool, by gauges and counters of each process."""
    readings = [
        Observations(
            process=Process(id=str(n), services=("auth",), version="3", host=f"h:{n}", started_at=NOW),
            at=NOW,
            gauges=gauges,
            counters=counters,
        )
        for n, (gauges, counters) in enumerate(processes)
    ]
    parts = saturation(readings, [], start=0, width=1, bins=1, at=NOW)
    return next(part for part in parts if part.id == "pool")


@pytest.mark.feature("observability.queries")
def test_the_pool_says_who_waits():
    """The fullest pool, with everybody who waits or has waited in vain in any process."""
    busy = {"pool_in_use": 30.0, "pool_size": 30.0, "pool_waiting": 4.0}, {"pool_timeouts": 7.0}
    calm = {"pool_in_use": 1.0, "pool_size": 30.0, "pool_waiting": 0.0}, {"pool_timeouts": 1.0}
    found = pool(calm, busy)
    assert (found.value, found.limit, found.ratio) == (30, 30, 1)
    assert found.note == "4 waiting, 8 waited in vain"
    assert pool(({"pool_in_use": 1.0, "pool_size": 30.0}, {})).note == ""


def test_what_nobody_measures_is_nothing():
    """Neither full nor empty."""
    found = pool(({}, {}))
    assert (found.value, found.ratio, found.note) == (None, None, "")


@pytest.mark.feature("observability.disk")
def test_an_object_store_with_a_limit_is_shown():
    """With how full it is and when it will be; one without a limit cannot be full and is not."""
    process = Process(id="w", services=("watch",), version="3", host="h:1", started_at=NOW)

    def shown(**gauges):
        reading = Observations(process=process, at=NOW, gauges=gauges)
        parts = saturation([reading], [], start=0, width=1, bins=1, at=NOW)
        return {part.id: part for part in parts}.get("objects")

    assert shown(objects_bytes=8e9) is None
    found = shown(objects_bytes=8e9, objects_limit_bytes=10e9, objects_seconds_to_full=7200.0)
    assert (found.ratio, found.forecast.text) == (0.8, "full in 2 h")
