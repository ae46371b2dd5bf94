"""What goes wrong is seen: a slow service, a blocked event loop, a disk that fills, paths made to fill memory."""

import asyncio
import json
import os
import re
import shutil
import signal
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.caller import Caller
from tests.servers import faulty, postgres
from tests.servers.autograph import Running
from tests.servers.process import Absent, Server, listens
from tests.servers.small_disk import SmallDisk
from tests.servers.webhook import Webhook

from autograph.server.settings import SERVICES, Settings
from autograph.server.wiring import opened
from autograph.watch.alerts.rules import RULES
from autograph.watch.alerts.rules.part import View
from autograph.watch.alerts.settings import Thresholds

QUICK_TO_TELL = {
    "WATCH__ALERTS__EVALUATE_EVERY_SECONDS": "0.5",
    "WATCH__ALERTS__GROUP_WAIT_SECONDS": "0",
    "OBSERVABILITY__RESOURCES__DISK_INTERVAL_SECONDS": "5",
}


@asynccontextmanager
async def gateway(url, tmp_path):
    """The gateway and the watch as the program wires them, all other services at `url`."""
    upstreams = {name: url for name in SERVICES if name != "watch"}
    limits = {"user_per_minute": 0, "address_per_minute": 0}
    settings = Settings(data=tmp_path, upstreams=upstreams, gateway={"rate_limit": limits})
    async with opened(settings, ["gateway", "watch"]) as (house, app):
        yield Caller(app), house


@pytest.fixture
def webhook():
    """Where alerts are told."""
    found = Webhook()
    yield found
    found.close()


def until(good, seconds=30):
    """Wait for something that is true."""
    deadline = time.monotonic() + seconds
    while not (found := good()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.mark.feature("observability.requests", "observability.dependencies")
async def test_a_slow_service_is_seen_as_latency(tmp_path):
    """On the page, on the map, in the histogram, and by the alert rule: at the service and nowhere else."""

    async def slow(service, request, writer):
        await asyncio.sleep(1.2)
        await faulty.good(service, request, writer)

    async with faulty.faulty(slow) as service, gateway(service.url, tmp_path) as (call, house):
        answers = await asyncio.gather(*(call("GET", "/api/auth/first-run") for _ in range(25)))
        assert {answer.status for answer in answers} == {200}
        watch = house.apps["watch"].state.watch
        await watch.take(house.telemetry.observations())

        seen = {one.name: one for one in (await watch.overview("15m")).services}["gateway"]
        assert 1 < seen.p95_seconds < 3
        edges = {(edge.source, edge.target): edge for edge in watch.map().edges}
        assert edges["gateway", "auth"].p95_seconds > 1
        page = house.telemetry.metrics.text()[0].decode()
        assert 'le="1.0",service="gateway"} 0.0' in page
        assert 'le="2.5",service="gateway"} 25.0' in page

        view = View(watch.gatherer, watch.now(), Thresholds(), watch.now() - 60)
        found = {one.labels["service"]: one.holds for one in RULES.get("latency").look(view)}
        assert found == {"gateway": True, "watch": False}


@pytest.mark.feature("observability.alerts")
def test_a_block_of_the_event_loop_is_told(tmp_path, webhook):
    """Two seconds in which nobody was served: the lag is measured, and the alert is told at once."""
    running = Running(tmp_path, WATCH__ALERTS__WEBHOOK_URL=webhook.url, **QUICK_TO_TELL)
    try:
        running.signal(signal.SIGSTOP)
        time.sleep(2.2)
        running.signal(signal.SIGCONT)
        until(lambda: webhook.of("loop_blocked"))
        assert webhook.of("loop_blocked") == [("firing", ["autograph"])]
        page = running.ask("GET", "/metrics")[2].decode()
        assert float(re.search(r"autograph_loop_lag_seconds\{.*\} (\S+)", page)[1]) > 1.5
    finally:
        running.stop()


@pytest.fixture
def disk(tmp_path):
    """A disk for the data folder alone."""
    try:
        disk = SmallDisk(tmp_path / "data", log=tmp_path / "disk.log", size_bytes=32 << 20)
    except Absent as reason:
        pytest.skip(str(reason))
    yield disk
    disk.stop()


@pytest.mark.feature("observability.disk", "observability.alerts")
def test_a_disk_that_fills_is_told(tmp_path, disk, webhook):
    """Beyond 80 % somebody is told while there is room; when it is full at once the log and the page still say so."""
    running = Running(tmp_path, inside=disk.inside, WATCH__ALERTS__WEBHOOK_URL=webhook.url, **QUICK_TO_TELL)
    try:
        disk.fill_to(60)
        time.sleep(7)
        assert webhook.of("disk") == []
        disk.fill_to(90)
        until(lambda: webhook.of("disk"))
        assert webhook.of("disk") == [("firing", ["autograph"])]
        report = json.loads(running.ask("GET", "/test/disk")[2])
        assert report["local_disk"]["alert_triggered"]
        assert report["local_disk"]["used_percent"] == pytest.approx(90, abs=3)
    finally:
        running.stop()


@pytest.mark.feature("observability.disk", "observability.alerts")
def test_a_disk_that_is_full_at_once_is_in_the_log(tmp_path, disk, webhook):
    """Where not even the alert can be written down, it is judged and logged, once and without a stack trace."""
    running = Running(tmp_path, inside=disk.inside, WATCH__ALERTS__WEBHOOK_URL=webhook.url, **QUICK_TO_TELL)
    try:
        disk.fill()
        until(lambda: "alerts.firing" in running.log.read_text())
        time.sleep(3)
        assert running.log.read_text().count("alerts.firing") == 1
        assert "Traceback" not in running.log.read_text()
        disk.empty()
        disk.fill_to(90)
        until(lambda: webhook.of("disk"))
        assert webhook.of("disk") == [("firing", ["autograph"])]
    finally:
        running.stop()


@pytest.fixture
def own_postgres():
    """A PostgreSQL that can be stopped and started again; its URL."""
    folder = Path(tempfile.mkdtemp(prefix="autograph-test-"))
    folder.chmod(0o755)
    try:
        server, url = postgres.start(folder)
    except Absent as reason:
        pytest.skip(str(reason))
    found = Stoppable(server, url, folder)
    yield found
    found.server.stop()
    shutil.rmtree(folder, ignore_errors=True)


class Stoppable:
    """A server that can be away for a while."""

    def __init__(self, server, url, folder):
        self.server, self.url, self._folder = server, url, folder
        self._port = int(url.rsplit(":", 1)[1].partition("/")[0])

    def stop(self):
        self.server.stop()

    def start(self):
        self.server = Server(
            self.server.process.args,
            ready=lambda: listens(self._port),
            log=self._folder / "again.log",
            env={**os.environ, "LD_LIBRARY_PATH": str(Path(self.server.process.args[0]).parents[1] / "lib")},
            unprivileged_user=True,
            stop_signal=signal.SIGINT,
        )


@pytest.mark.feature("observability.alerts", "observability.dependencies")
def test_a_database_that_dies_is_told_of(tmp_path, own_postgres, webhook):
    """While nothing can be written down: metrics and the webhook say so, and that it is over when it is back."""
    running = Running(
        tmp_path,
        DATABASE_URL=own_postgres.url,
        WATCH__ALERTS__WEBHOOK_URL=webhook.url,
        WATCH__ALERTS__THRESHOLDS__STORE_DOWN_SECONDS="2",
        WATCH__ALERTS__GROUP_INTERVAL_SECONDS="0",
        **QUICK_TO_TELL,
    )

    def is_up():
        page = running.ask("GET", "/metrics")[2].decode()
        return set(re.findall(r'dependency_up{dependency="postgresql",service="watch"} (\S+)', page))

    try:
        until(lambda: is_up() == {"1.0"})
        own_postgres.stop()
        until(lambda: is_up() == {"0.0"})
        until(lambda: webhook.of("store_down"))
        assert webhook.of("store_down") == [("firing", ["postgresql"])]
        own_postgres.start()
        until(lambda: len(webhook.of("store_down")) > 1, seconds=120)
        assert webhook.of("store_down")[1:] == [("resolved", ["postgresql"])]
        assert is_up() == {"1.0"}
        assert "Traceback" not in running.log.read_text()
    finally:
        running.stop()


@pytest.mark.feature("observability.metrics")
async def test_random_paths_make_no_series(tmp_path):
    """Ten thousand paths and hundreds of methods through the whole gateway: the page of metrics does not grow."""
    async with faulty.faulty(faulty.status(404)) as service, gateway(service.url, tmp_path) as (call, house):

        async def series():
            page = house.telemetry.metrics.text()[0].decode()
            return {line.rpartition(" ")[0] for line in page.splitlines() if line.startswith("http_")}

        async def ask(number):
            for method, path in (
                ("GET", f"/{number:x}"),
                ("GET", f"/api/{number:x}"),
                (f"M{number}", f"/api/diagrams/{number:x}"),
                ("POST", f"/api/auth/{number:x}?q={number}"),
                ("GET", f"/test/{number:x}"),
            ):
                await call(method, path)

        await ask(0)
        before = await series()
        for number in range(1, 2001):
            await ask(number)
        assert await series() == before
        assert len(before) < 400
