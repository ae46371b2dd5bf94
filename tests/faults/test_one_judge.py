"""Of several processes that could judge alerts one does, and another goes on when it is killed."""

import json
import signal
import time

import pytest
from tests.servers.autograph import Running

pytestmark = pytest.mark.feature("observability.alerts")

LEASE_SECONDS = 2.0


@pytest.fixture
def judges(tmp_path, postgres_url):
    """Two watches as processes of their own, on one database."""
    elsewhere = dict.fromkeys(("auth", "diagrams"), "http://127.0.0.1:9")
    settings = {
        "DATABASE_URL": postgres_url,
        "UPSTREAMS": json.dumps(elsewhere),
        "WATCH__ALERTS__LEASE_SECONDS": str(LEASE_SECONDS),
        "WATCH__ALERTS__EVALUATE_EVERY_SECONDS": "0.2",
    }
    started = []
    try:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            started.append(Running(tmp_path / name, command=("serve", "watch"), **settings))
        yield started
    finally:
        for running in started:
            running.stop()


def judging(running):
    """How often a process has begun to judge."""
    return running.log.read_text().count("alerts.judging")


def test_another_judges_when_the_judge_is_killed(judges):
    """One of two judges, however long; killed, it is followed within its lease, and only once."""
    time.sleep(2 * LEASE_SECONDS)
    assert sorted(map(judging, judges)) == [0, 1]
    first, second = sorted(judges, key=judging, reverse=True)
    first.signal(signal.SIGKILL)
    killed = time.monotonic()
    while not judging(second):
        assert time.monotonic() - killed < LEASE_SECONDS + 3
        time.sleep(0.05)
    assert judging(second) == 1


def test_a_judge_that_stops_hands_over_at_once(judges):
    """Nobody waits for a lease that was given back."""
    time.sleep(1)
    first, second = sorted(judges, key=judging, reverse=True)
    first.signal(signal.SIGTERM)
    first.process.wait(20)
    stopped = time.monotonic()
    while not judging(second):
        assert time.monotonic() - stopped < LEASE_SECONDS
        time.sleep(0.05)
