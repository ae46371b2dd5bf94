"""What was just read is remembered for a moment, and no more than fits."""

from tests.clock import HandClock

from autograph.auth.recent import RecentSessions
from autograph.auth.rules import Person, Session


def known(n, clock):
    now = clock.now()
    person = Person(f"u{n}", "a@b", "A", (), now)
    return person, Session(f"s{n}", f"u{n}", now, now, now, None, None)


def test_three_seconds_are_the_memory():
    """Found until three seconds have passed, unknown afterwards."""
    clock = HandClock()
    recent = RecentSessions(clock)
    recent.put(*known(1, clock))
    clock.wind(seconds=2.9)
    assert recent.get("s1")[0].id == "u1"
    clock.wind(seconds=0.1)
    assert recent.get("s1") is None


def test_what_ended_is_forgotten_at_once():
    """A session that was revoked here is not remembered."""
    clock = HandClock()
    recent = RecentSessions(clock)
    recent.put(*known(1, clock))
    recent.forget("s1")
    recent.forget("s1")
    assert recent.get("s1") is None


def test_the_oldest_makes_room():
    """A hundred sessions in a memory of eight: the last eight."""
    clock = HandClock()
    recent = RecentSessions(clock, size=8)
    for n in range(100):
        recent.put(*known(n, clock))
    assert [n for n in range(100) if recent.get(f"s{n}")] == [*range(92, 100)]
