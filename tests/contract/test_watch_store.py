"""What the watch keeps, on SQLite and on PostgreSQL: errors by group and state, steps and gauges, each for its time."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.clock import HandClock

from autograph.core.problem import Unavailable
from autograph.model.telemetry import Durations, ErrorEvent, Observations, Process
from autograph.storage.migrations import upgrade
from autograph.storage.sql import open_database
from autograph.watch import store
from autograph.watch.history import History
from autograph.watch.service import Watch
from autograph.watch.settings import WatchSettings

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE, OTHER = "1:one", "1:other"


@pytest.fixture
async def database(database_url):
    """A database with the tables of the watch."""
    database = open_database(database_url)
    await upgrade(database, "watch")
    yield database
    await database.close()


def event(sequence, fingerprint=ONE, *, minutes=0, count=1):
    """One failure."""
    return ErrorEvent(
        sequence=sequence,
        at=START + timedelta(minutes=minutes),
        service="auth",
        fingerprint=fingerprint,
        kind="RuntimeError",
        message=f"number {sequence}",
        count=count,
    )


async def keep(database, *events, kept=3):
    """Keep failures, one after the other."""
    async with database.begin() as connection:
        for one in events:
            await store.keep_error(connection, one, events_kept=kept)


async def mark(database, state):
    """What an administrator says."""
    async with database.begin() as connection:
        assert await store.set_error_state(connection, ONE, state)


async def group(database, fingerprint=ONE, *, minutes=0):
    """A group with its events so long after the start, or None."""
    async with database.read() as connection:
        return await store.read_error(connection, fingerprint, START + timedelta(minutes=minutes))


async def listed(database, state=None):
    """Fingerprints of the first page, the newest first, and how many there are."""
    async with database.read() as connection:
        items, total = await store.list_errors(
            connection, state=state, by_count=False, page=1, page_size=20, now=START
        )
    return [item.fingerprint for item in items], total


@pytest.mark.feature("observability.errors")
async def test_equal_failures_are_one_group_with_its_newest_events(database):
    """All are counted, those that were dropped by the cap too; the newest are kept with their story."""
    await keep(database, *(event(n, minutes=n, count=n) for n in range(1, 6)))
    found, events = await group(database)
    assert (found.count, found.first_at, found.last_at) == (
        15, START + timedelta(minutes=1), START + timedelta(minutes=5),
    )  # fmt: skip
    assert [one.sequence for one in events] == [5, 4, 3]


@pytest.mark.feature("observability.errors")
async def test_the_states_of_a_group(database):
    """New, then ongoing; resolved and failing again it has regressed; ignored it stays, out of the list."""
    states = []
    for said in (None, None, "resolved", "ignored"):
        if said:
            await mark(database, said)
        await keep(database, event(len(states) + 1, minutes=len(states)))
        states.append((await group(database))[0].state)
    assert states == ["new", "ongoing", "regressed", "ignored"]
    await keep(database, event(9, OTHER))
    assert await listed(database) == ([OTHER], 1)
    assert await listed(database, "ignored") == ([ONE], 1)


@pytest.mark.feature("observability.errors")
async def test_groups_are_let_go_by_age(database):
    """Counted from the last event; their events go with them."""
    await keep(database, event(1), event(2, OTHER, minutes=60))
    async with database.begin() as connection:
        await store.forget_errors(connection, START + timedelta(minutes=30), START + timedelta(hours=2))
    assert await group(database) is None
    assert (await group(database, OTHER))[0].count == 1


@pytest.mark.feature("observability.errors")
async def test_how_often_a_group_came_in_the_last_hour(database):
    """In steps of two minutes, those that the cap dropped too; what is older is not shown, then not kept."""
    await keep(database, event(1), event(2, minutes=1, count=4), event(3, minutes=30), event(4, OTHER))
    at_first = (await group(database, minutes=1))[0].last_hour
    assert (len(at_first), at_first[-1], sum(at_first)) == (30, 5, 5)
    later = (await group(database, minutes=59))[0].last_hour
    assert (later[0], later[15], sum(later)) == (5, 1, 6)
    assert sum((await group(database, minutes=60))[0].last_hour) == 1
    async with database.begin() as connection:
        await store.forget_errors(connection, START, START + timedelta(minutes=70))
    assert sum((await group(database, minutes=59))[0].last_hour) == 1


@pytest.mark.feature("observability.requests")
async def test_history_goes_on_after_a_restart_and_ends_by_age(database):
    """What a minute had before the restart and after it is one step; a day later minutes are gone, hours are not."""
    at = START.timestamp()
    ten = Durations(counts=(10, *(0,) * 14), total_seconds=0.1)
    for moment in (at, at + 20):
        history = History(database, kept_days=7)
        await history.restore(moment)
        history.add("auth", moment, ten, 1)
        history.add_gauges(moment, {"cpu_percent": moment - at})
        await history.keep(moment)
    span, steps, gauges = await History(database, kept_days=7).between("15m", at + 30)
    (step,) = steps["auth"]
    assert (span, sum(step.counts), step.errors) == (60, 20, 2)
    assert [dict(sample.values) for sample in gauges] == [{"cpu_percent": 20.0}]

    later = at + 25 * 3600
    await History(database, kept_days=7).keep(later)
    async with database.read() as connection:
        assert await store.read_steps(connection, 60, 0) == {}
        assert set(await store.read_steps(connection, 3600, 0)) == {"auth"}


@pytest.mark.feature("observability.requests")
async def test_what_came_after_a_minute_was_written_last_is_not_lost(database):
    """A write in the middle of a minute, and none while the database is away: every request is shown and kept."""
    at = START.timestamp()
    ten = Durations(counts=(10, *(0,) * 14), total_seconds=0.1)
    history = History(database, kept_days=7)
    for second in (5, 50, 70, 150, 230):
        history.add("auth", at + second, ten, 1)
        history.add_gauges(at + second, {"cpu_percent": second})
        if second == 5:
            await history.keep(at + 24)
    whole = [20, 10, 10, 10]

    async def seen(known):
        _, steps, gauges = await known.between("15m", at + 240)
        assert [sample.values["cpu_percent"] for sample in gauges] == [50, 70, 150, 230]
        return [sum(step.counts) for step in steps["auth"]]

    assert await seen(history) == whole
    await history.keep(at + 240)
    assert await seen(History(database, kept_days=7)) == whole


@pytest.mark.feature("observability.errors")
async def test_errors_survive_a_database_that_is_away(database, monkeypatch):
    """What fails while nothing can be written is kept when that works again; the process counts as up throughout."""
    clock = HandClock()
    watch = Watch(database=database, clock=clock, settings=WatchSettings(), version="3")
    process = Process(id="p", services=("auth",), version="3", host="h:1", started_at=START)
    reading = Observations(process=process, at=START, errors=(event(1), event(2)))

    async def refuse(*_args, **_options):
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(store, "keep_error", refuse)
        assert (await watch.take(reading)).after_error == 0
        assert watch.gatherer.instances("auth") == (1, 1)
    assert await group(database) is None
    assert (await watch.take(reading)).after_error == 2
    found, events = await group(database)
    assert (found.count, len(events)) == (2, 2)
