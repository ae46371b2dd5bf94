"""Tests of what the watch makes of what processes tell."""

import pytest
from tests.clock import HandClock

from autograph.model.telemetry import Observations, Process, Setting
from autograph.watch.gather import Gatherer
from autograph.watch.overview import settings_views

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
