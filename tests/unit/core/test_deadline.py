"""A request's deadline, as everything that works for it sees it."""

import pytest
from tests.clock import HandClock

from autograph.core import deadline
from autograph.core.deadline import Deadline, TimedOut

pytestmark = pytest.mark.feature("gateway.timeout")


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def limit(clock):
    """A current deadline in ten seconds."""
    made = Deadline(10, monotonic=clock.monotonic)
    token = deadline.current.set(made)
    yield made
    deadline.current.reset(token)


def test_outside_of_a_request_there_is_no_limit():
    """Background work has no deadline."""
    assert deadline.remaining_seconds() is None
    assert deadline.check() is None


def test_what_remains_shrinks_and_never_goes_below_zero(limit, clock):
    """Ten seconds, then four, then none."""
    assert deadline.remaining_seconds() == 10
    clock.wind(seconds=6)
    assert deadline.remaining_seconds() == 4
    clock.wind(seconds=6)
    assert deadline.remaining_seconds() == 0
    assert limit.remaining_seconds() == -2


def test_nothing_is_started_when_time_is_over(limit, clock):
    """`check` passes with time to go and raises without."""
    assert deadline.check() == 10
    clock.wind(seconds=10)
    with pytest.raises(TimedOut):
        deadline.check()


def test_a_lifted_deadline_hurries_nobody(limit, clock):
    """What a request left running, in a copy of its context, has no limit once the request is over."""
    limit.lift()
    clock.wind(hours=1)

    assert deadline.remaining_seconds() is None
    assert deadline.check() is None
