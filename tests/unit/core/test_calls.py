"""Tests of the hook through which calls between the parts are seen."""

import pytest

from autograph.core.calls import called, current_service, observe


@pytest.fixture
def seen():
    """Every call that was reported during a test."""
    found = []
    stop = observe(found.append)
    yield found
    stop()


def test_a_call_is_told_with_its_source_and_length(seen):
    """The observer learns who called whom, what was asked and how long it took."""
    token = current_service.set("diagrams")
    with called("postgresql", "database", "SELECT"):
        pass
    current_service.reset(token)
    (call,) = seen
    assert (call.source, call.target, call.kind, call.operation, call.failed) == (
        "diagrams",
        "postgresql",
        "database",
        "SELECT",
        False,
    )
    assert 0 <= call.seconds < 1


def test_an_error_is_the_targets_unless_it_is_blameless(seen):
    """What raises has failed, but for the errors that are no fault of the target."""
    with pytest.raises(OSError, match="away"), called("redis", "cache", "get"):
        raise OSError("away")
    with pytest.raises(KeyError), called("auth", "http", "GET", blameless=(KeyError,)):
        raise KeyError("x")
    assert [call.failed for call in seen] == [True, False]


def test_nobody_watching_changes_nothing():
    """Without observers the block runs and raises as it would."""
    with pytest.raises(ValueError, match="x"), called("auth", "http", "GET"):
        raise ValueError("x")
