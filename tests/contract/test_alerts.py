"""Alerts on SQLite and PostgreSQL under a wound clock: who is told, how often, and by how many evaluators."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from tests.clock import HandClock

from autograph.core.problem import Unavailable
from autograph.model.telemetry import Durations, Observations, Process, RouteCounts
from autograph.storage.migrations import upgrade
from autograph.storage.sql import open_database
from autograph.watch.alerts import Alerts, AlertsSettings, judge
from autograph.watch.alerts.channels import Undeliverable
from autograph.watch.alerts.shapes import SilenceWish
from autograph.watch.gather import Gatherer

pytestmark = pytest.mark.feature("observability.alerts")


class Recorder:
    """A channel that keeps what it is told; it can be broken."""

    name, takes_beats = "recorder", False

    def __init__(self):
        self.heard, self.ids, self.is_broken = [], [], False

    async def send(self, notice_id, content):
        if self.is_broken:
            raise Undeliverable("broken")
        self.ids.append(notice_id)
        self.heard.append(content)


class Installation:
    """Processes that report, and an evaluator that can be killed, under one clock."""

    def __init__(self, database, **settings):
        self.database, self.clock, self.recorder = database, HandClock(), Recorder()
        self.settings = AlertsSettings(**settings)
        self.answering = {"auth", "diagrams"}
        self.gauges, self.durations, self.errors = {}, Durations(), 0
        self.alerts = self.evaluator()

    def evaluator(self):
        """Another evaluator with a memory of its own, as after a start."""
        gatherer = Gatherer(lambda: self.clock.now().timestamp())
        alerts = Alerts(self.database, gatherer, self.clock, self.settings)
        alerts.gatherer = gatherer
        alerts.judge._channels = {"recorder": False}
        alerts.courier._channels = {"recorder": self.recorder}
        return alerts

    def report(self, *evaluators):
        """Every process that lives tells what it has seen."""
        for name in sorted(self.answering):
            routes = RouteCounts(
                service=name, method="GET", route="/", durations=self.durations, errors=self.errors
            )
            process = Process(
                id=name, services=(name,), version="1", host=f"{name}:1", started_at=self.clock.now()
            )
            reading = Observations(
                process=process, at=self.clock.now(), routes=(routes,), gauges=dict(self.gauges)
            )
            for alerts in evaluators:
                alerts.gatherer.take(reading)

    async def run(self, *others, step=5, **duration):
        """Let time pass, with a round every five seconds or more; more than a minute would be a pause."""
        evaluators = (self.alerts, *others)
        for _ in range(int(timedelta(**duration).total_seconds() // step)):
            self.report(*evaluators)
            await asyncio.gather(*(alerts.judge.round() for alerts in evaluators))
            with contextlib.suppress(Unavailable):  # as `deliver.forever` does
                await asyncio.gather(*(alerts.courier.round() for alerts in evaluators))
            self.clock.wind(seconds=step)

    def told(self, rule="service_down"):
        """Why people were told of a rule, in order."""
        return [content.reason for content in self.recorder.heard if content.group == rule]


@pytest.fixture
async def database(database_url):
    database = open_database(database_url)
    await upgrade(database, "watch")
    yield database
    await database.close()


@pytest.fixture
def installation(database):
    return Installation(database)


@pytest.mark.parametrize("jump", [{"hours": 3}, {"minutes": 6}, {"hours": -3}])
async def test_a_jump_of_the_clock_pages_nobody(installation, jump):
    """The machine slept, or its clock was set: everybody was silent meanwhile, and nobody is dead."""
    await installation.run(minutes=1)
    installation.clock.wind(**jump)
    await installation.alerts.judge.round()
    await installation.run(minutes=2)
    assert installation.told() == []


async def test_a_death_after_a_jump_of_the_clock_pages(installation):
    """After that it is as before: dead for five minutes, told."""
    await installation.run(minutes=1)
    installation.clock.wind(hours=-3)
    installation.answering.remove("auth")
    await installation.run(minutes=5, seconds=45)
    assert installation.told() == ["firing"]


async def test_a_short_death_pages_nobody(installation):
    """Dead for 4:30, then back: nobody hears of it and no alert remains."""
    await installation.run(minutes=1)
    installation.answering.remove("auth")
    await installation.run(minutes=4, seconds=30)
    assert installation.alerts.counts().pending == 1
    installation.answering.add("auth")
    await installation.run(minutes=10)

    assert installation.recorder.heard == []
    assert (await installation.alerts.listed("all")).items == []


async def test_a_death_is_paged_once_escalated_and_resolved_once(installation):
    """Dead for 5:30: one page; then one every 15 minutes; one word when it is over."""
    await installation.run(minutes=1)
    installation.answering.remove("auth")
    await installation.run(minutes=5, seconds=30)
    assert installation.told() == ["firing"]
    [alert] = installation.recorder.heard[0].alerts
    assert alert.labels == {"service": "auth"}
    assert "auth has not answered" in alert.message and "start it again" in alert.message

    await installation.run(minutes=14, seconds=30)
    assert installation.told() == ["firing"]
    await installation.run(minutes=16)
    assert installation.told() == ["firing", "escalation", "escalation"]

    installation.answering.add("auth")
    await installation.run(hours=1)
    assert installation.told() == ["firing", "escalation", "escalation", "resolved"]
    [known] = (await installation.alerts.known("resolved")).alerts
    assert known.escalation_count == 2
    assert known.down_duration_seconds == pytest.approx(36 * 60, abs=10)


@pytest.mark.parametrize("minutes", [2, 4.5, 7])
async def test_a_restart_of_the_evaluator_changes_nothing(installation, minutes):
    """Killed and started again before or after the page, it pages once, at the same start, and resolves once."""
    await installation.run(minutes=1)
    installation.answering.remove("auth")
    died = installation.clock.now() - timedelta(seconds=5)
    await installation.run(minutes=minutes)
    installation.alerts = installation.evaluator()
    await installation.run(minutes=10 - minutes)

    assert installation.told() == ["firing"]
    assert installation.recorder.heard[0].alerts[0].starts_at == died + timedelta(minutes=5)
    [known] = (await installation.alerts.known("active")).alerts
    assert known.triggered_at == died + timedelta(minutes=5)

    installation.alerts = installation.evaluator()
    installation.answering.add("auth")
    await installation.run(minutes=10)
    assert installation.told() == ["firing", "resolved"]


async def test_two_evaluators_page_once(installation):
    """Of two that see the same one judges; when it is killed the other goes on and nobody is told twice."""
    other = installation.evaluator()
    await installation.run(other, minutes=1)
    installation.answering.remove("auth")
    await installation.run(other, minutes=8)
    assert installation.told() == ["firing"]
    assert other.counts() == installation.alerts.counts()
    assert other.counts().firing == 1

    installation.alerts = other
    installation.answering.add("auth")
    await installation.run(minutes=8)
    assert installation.told() == ["firing", "resolved"]


async def test_who_has_lost_the_lease_writes_nothing(installation):
    """An evaluator that slept through its lease does not overwrite what the next one has judged."""
    sleeper, other = installation.alerts, installation.evaluator()
    await installation.run(minutes=1)
    installation.alerts = other
    await installation.run(minutes=1)
    assert other.judge._held_until is not None

    sleeper.judge._held_until = installation.clock.now() + timedelta(minutes=5)
    assert not await sleeper.judge._write([], [], [], installation.clock.now())


async def test_an_acknowledged_alert_is_not_escalated(installation):
    """Whoever takes it stops the reminders; its state is as it was, and four hours later it is told again."""
    await installation.run(minutes=1)
    installation.answering.remove("auth")
    await installation.run(minutes=6)
    [alert] = (await installation.alerts.listed("active")).items
    taken = await installation.alerts.acknowledge(alert.id, "eva")
    assert (taken.state, taken.acknowledged_by) == ("firing", "eva")
    assert (await installation.alerts.acknowledge(alert.id, "tom")).acknowledged_by == "eva"

    await installation.run(hours=3, step=30)
    assert installation.told() == ["firing"]
    await installation.run(hours=1, minutes=5, step=30)
    assert installation.told() == ["firing", "repeat"]


async def test_a_silence_keeps_quiet_and_changes_no_state(installation):
    """Under a silence nobody is told; the alert fires all the same, and is told when the silence ends."""
    until = installation.clock.now() + timedelta(minutes=30)
    await installation.alerts.silence(
        SilenceWish(matchers={"rule": "service_down", "service": "auth"}, until=until), "eva"
    )
    await installation.run(minutes=1)
    installation.answering.remove("auth")
    await installation.run(minutes=20)
    assert installation.told() == []
    counts = installation.alerts.counts()
    assert (counts.firing, counts.silenced) == (1, 1)
    assert installation.alerts.worst() is None

    await installation.run(minutes=10)
    assert installation.told() == ["firing"]


async def test_services_that_die_together_are_one_notice(installation):
    """Two deaths within half a minute are one page that names both."""
    await installation.run(minutes=1)
    installation.answering.remove("auth")
    await installation.run(seconds=20)
    installation.answering.remove("diagrams")
    await installation.run(minutes=6)

    assert installation.told() == ["firing"]
    assert {alert.labels["service"] for alert in installation.recorder.heard[0].alerts} == {
        "auth",
        "diagrams",
    }


async def test_what_is_not_measured_is_not_resolved(installation):
    """A full disk of which nothing is heard any more is still full."""
    installation.gauges = {"disk_used_percent": 93.0}
    await installation.run(minutes=3)
    assert installation.told("disk") == ["firing"]
    installation.gauges = {}
    await installation.run(minutes=10)
    assert installation.told("disk") == ["firing"]

    installation.gauges = {"disk_used_percent": 40.0}
    await installation.run(minutes=10)
    assert installation.told("disk") == ["firing", "resolved"]


async def test_what_flaps_is_one_alert(installation):
    """A CPU that is calm for moments keeps firing: one page, and one word five calm minutes later."""
    installation.gauges = {"cpu_percent": 95.0}
    await installation.run(minutes=6)
    for _ in range(4):
        installation.gauges = {"cpu_percent": 20.0}
        await installation.run(minutes=1)
        installation.gauges = {"cpu_percent": 95.0}
        await installation.run(seconds=30)
    assert installation.told("cpu_critical") == ["firing"]
    installation.gauges = {"cpu_percent": 20.0}
    await installation.run(minutes=15)

    assert installation.told("cpu_critical") == ["firing", "resolved"]
    assert installation.told("cpu_high") == []


async def test_a_notice_that_fails_is_tried_until_it_arrives(installation):
    """A channel that is down gets the notice when it is back, once, and every try is on record."""
    await installation.run(minutes=1)
    installation.recorder.is_broken = True
    installation.answering.remove("auth")
    await installation.run(minutes=7)
    [notice] = (await installation.alerts.notices("waiting")).items
    assert notice.error == "broken"
    assert 2 <= notice.tries <= 4

    installation.recorder.is_broken = False
    await installation.run(minutes=5)
    [notice] = (await installation.alerts.notices("sent")).items
    assert notice.error == ""
    assert installation.recorder.ids == [notice.id]


async def test_a_notice_nobody_takes_is_given_up(installation):
    """After its time a notice is kept as failed, with the reason."""
    installation = Installation(installation.database, give_up_seconds=600, escalated=())
    installation.recorder.is_broken = True
    installation.gauges = {"disk_used_percent": 93.0}
    await installation.run(minutes=45)

    [notice] = (await installation.alerts.notices("failed")).items
    assert notice.error == "broken"
    assert installation.recorder.heard == []


async def test_signs_of_life_go_outward_only(database):
    """The watchdog speaks every five minutes to machines, never to people, and is no alert that counts."""
    installation = Installation(database)
    installation.alerts.judge._channels = {"recorder": True, "people": False}
    await installation.run(minutes=21)

    assert installation.told("watchdog") == ["heartbeat"] * 5
    assert installation.alerts.counts().firing == 0
    assert installation.alerts.worst() is None
    assert (await installation.alerts.known("all")).total_alerts == 0
    assert {notice.channel for notice in (await installation.alerts.notices(None)).items} == {"recorder"}


async def test_the_gravest_is_the_worst(installation):
    """What is shown first is critical, with what to do, then the rest."""
    installation.gauges = {"disk_used_percent": 93.0, "cpu_percent": 80.0}
    await installation.run(minutes=11)

    worst = installation.alerts.worst()
    assert (worst.kind, worst.severity) == ("alert", "critical")
    assert worst.title.startswith("The disk is nearly full: ")
    assert "93 % full" in worst.detail and "Make room" in worst.detail
    assert len(worst.then) == 3


async def test_closing_lets_the_next_one_begin_at_once(installation):
    """A stop gives the lease back: nobody waits for it to end."""
    await installation.run(minutes=1)
    other = installation.evaluator()
    assert not await other.judge.round()
    await installation.alerts.close()
    assert await other.judge.round()


class Away:
    """Lets a database be away and come back."""

    def __init__(self, monkeypatch, *databases, is_silent=False):
        self._monkeypatch, self._databases, self._is_silent = monkeypatch, databases, is_silent

    def __enter__(self):
        async def refuse():
            if self._is_silent:
                await asyncio.Event().wait()
            raise Unavailable("The database does not answer.")

        for database in self._databases:
            self._monkeypatch.setattr(database, "_opened", refuse)

    def __exit__(self, *_):
        self._monkeypatch.undo()


async def test_without_a_database_somebody_is_told_all_the_same(installation, monkeypatch):
    """Dead while nothing can be written: one page, reminders; back with the database: one word, and all is kept."""
    await installation.run(minutes=1)
    with Away(monkeypatch, installation.database):
        installation.answering.remove("auth")
        await installation.run(minutes=22)
        assert installation.told() == ["firing", "escalation"]
    await installation.run(minutes=10)
    assert installation.told() == ["firing", "escalation"]
    (alert,) = (await installation.alerts.listed("active")).items
    assert (alert.rule, alert.state, alert.escalations) == ("service_down", "firing", 1)
    installation.answering.add("auth")
    await installation.run(minutes=6)
    assert installation.told() == ["firing", "escalation", "resolved"]
    assert (await installation.alerts.listed("active")).items == []


async def test_what_ended_without_a_database_is_over_when_it_is_back(installation, monkeypatch):
    """Told, taken care of and told again meanwhile: nothing of it is told twice."""
    await installation.run(minutes=1)
    installation.answering.remove("auth")
    await installation.run(minutes=6)
    assert installation.told() == ["firing"]
    with Away(monkeypatch, installation.database):
        installation.answering.add("auth")
        await installation.run(minutes=6)
        assert installation.told() == ["firing", "resolved"]
    await installation.run(minutes=10)
    assert installation.told() == ["firing", "resolved"]
    assert [alert.state for alert in (await installation.alerts.listed("all")).items] == ["resolved"]


async def test_only_who_judged_last_tells_without_a_database(installation, monkeypatch):
    """Of two evaluators that see the same, the one without the lease stays quiet."""
    other = installation.evaluator()
    await installation.run(other, minutes=1)
    with Away(monkeypatch, installation.database):
        installation.answering.remove("auth")
        await installation.run(other, minutes=7)
    assert installation.told() == ["firing"]


async def test_a_database_that_says_nothing_does_not_stop_the_judge(installation, monkeypatch):
    """One that takes connections and never answers is as good as away."""
    await installation.run(minutes=1)
    installation.answering.remove("auth")
    monkeypatch.setattr(judge, "LONGEST_ROUND_SECONDS", 0.01)
    with Away(monkeypatch, installation.database, is_silent=True):
        for _ in range(70):
            installation.report(installation.alerts)
            await installation.alerts.judge.round()
            installation.clock.wind(seconds=5)
    assert installation.told() == ["firing"]
