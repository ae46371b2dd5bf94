"""What watching itself costs: CPU of a process that nobody asks, with all of it and without any, and its part of requests.

The part of requests is what the layers around services and the hooks on statements take, each measured alone, by what
a request takes in a real process, sockets and all: a difference of two whole requests would drown in their noise.
"Without" is the same program in which nothing counts, samples, gathers, judges or reports. Log lines are not counted.
`AUTOGRAPH_BENCH_IDLE_SECONDS` is how long each process rests (60), after 75 seconds in which baselines are taken.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from autograph.core import calls
from autograph.core.asgi import ASGIApp
from autograph.core.clock import SystemClock
from autograph.gateway.routes import row_of
from autograph.observability.logs import configure
from autograph.observability.requests import Observe, Request, current_request
from autograph.observability.telemetry import Telemetry
from autograph.server import wiring
from autograph.server.settings import SERVICES, Settings
from autograph.watch.alerts.service import Alerts
from autograph.watch.service import Watch
from tests.bench import layers
from tests.bench.requests import COUNTED, ORIGIN, canvas_of, without_names
from tests.faults.test_kill import started
from tests.servers.autograph import Running

WITH, WITHOUT = "with", "without"
SETTLING_SECONDS = 75.0
ASKED = {"/api/auth/me": 3000, "/api/diagrams?page_size=20": 600, "/api/diagrams/{}": 600}
"""Paths, and how often each is asked."""

STATEMENT = (
    "SELECT documents.id, documents.title FROM documents WHERE documents.owner_id = ? ORDER BY documents.at"
)


def unwatched() -> None:
    """Take everything out of this process that watches it."""

    async def nothing(*_: Any) -> None:
        return

    gateway = wiring.create_gateway

    def unmeasured(app: ASGIApp, **_: Any) -> ASGIApp:
        return app

    def unmeasured_gateway(*args: Any, **named: Any) -> ASGIApp:
        return gateway(*args, **{**named, "requests": None})

    def unseen(*_: Any) -> None:
        return

    changes: list[tuple[Any, str, Any]] = [
        (wiring, "Observe", unmeasured),
        (wiring, "create_gateway", unmeasured_gateway),
        (wiring, "watch", unseen),
        (wiring, "_report", nothing),
        (Telemetry, "start", unseen),
        (Telemetry, "close", nothing),
    ]
    changes += [(part, name, nothing) for part in (Watch, Alerts) for name in ("start", "close")]
    for owner, name, instead in changes:
        assert hasattr(owner, name)
        setattr(owner, name, instead)


async def idle(folder: Path) -> float:
    """Share of one processor that the process takes while nobody asks."""
    seconds = float(os.environ.get("AUTOGRAPH_BENCH_IDLE_SECONDS") or 60)
    settings = Settings(data=folder, public_url=ORIGIN, gateway=COUNTED)
    async with wiring.opened(settings, ("gateway", *SERVICES)):
        await asyncio.sleep(SETTLING_SECONDS)
        began, cpu = time.monotonic(), time.process_time()
        await asyncio.sleep(seconds)
        return (time.process_time() - cpu) / (time.monotonic() - began)


async def parts(folder: Path) -> tuple[float, float, float]:
    """CPU microseconds: a request at the gateway, at a service, and a statement."""
    telemetry = Telemetry(["gateway"], version="0", clock=SystemClock(), folder=folder)
    stop, requests = calls.observe(telemetry.edges), telemetry.requests
    bare = await layers.cost(layers.service, "/api/auth/me")
    around = {"service": "gateway", "requests": requests, "route_of": row_of, "entry": "browser"}
    gateway = await layers.cost(Observe(layers.service, **around), "/api/auth/me") - bare
    service = (
        await layers.cost(Observe(layers.service, service="auth", requests=requests), "/api/auth/me") - bare
    )
    current_request.set(Request("diagrams", {}))

    def seen() -> None:
        calls.report(calls.Call("diagrams", "sqlite", "database", "SELECT", 0.0002, failed=False))
        telemetry.queries.add(STATEMENT, "diagrams", 0.0002)

    statement = alone(seen)
    stop()
    return gateway, service, statement


def alone(work: Callable[[], None], times: int = 50_000) -> float:
    """CPU microseconds of one call, the best of some rounds."""
    best = float("inf")
    for _ in range(layers.ROUNDS):
        began = time.process_time()
        for _ in range(times):
            work()
        best = min(best, (time.process_time() - began) / times * 1e6)
    return best


def asked(folder: Path) -> dict[str, tuple[float, float]]:
    """CPU microseconds of whole requests to a real process, and how many statements each runs."""
    limits = {f"GATEWAY__RATE_LIMIT__{who}_PER_MINUTE": "1000000" for who in ("USER", "ADDRESS")}
    server, token = started(folder, LOG_LEVEL="warning", **limits)
    headers = {"authorization": f"Bearer {token}"}
    try:
        for number in range(20):
            body = {"title": f"Shop {number}", "canvas": canvas_of(50_000, number)}
            document = json.loads(server.ask("POST", "/api/diagrams", body, **headers)[2])["id"]
        return {
            path: (
                cost(server, path.format(document), times, headers),
                statements(server, path.format(document), headers),
            )
            for path, times in ASKED.items()
        }
    finally:
        server.stop()


def cost(server: Running, path: str, times: int, headers: dict[str, str]) -> float:
    """CPU microseconds of one request, on one connection that stays open: the best of some rounds."""
    process, connection, best = psutil.Process(server.process.pid), server.connect(), float("inf")
    for _ in range(layers.ROUNDS):
        before = process.cpu_times()
        for _ in range(times):
            connection.request("GET", path, headers=headers)
            connection.getresponse().read()
        after = process.cpu_times()
        best = min(best, (after.user + after.system - before.user - before.system) / times * 1e6)
    connection.close()
    return best


def statements(server: Running, path: str, headers: dict[str, str]) -> float:
    """How many statements one request runs, as the process itself counts."""

    def count() -> float:
        lines = server.ask("GET", "/metrics")[2].decode().splitlines()
        counts = [line for line in lines if line.startswith("db_client_operation_duration_seconds_count")]
        return sum(float(line.rpartition(" ")[2]) for line in counts if 'service="watch"' not in line)

    before = count()
    for _ in range(20):
        server.ask("GET", path, **headers)
    return (count() - before) / 20


def child(how: str) -> None:
    """Rest in this process and print the share."""
    configure("error", as_json=True)
    if how == WITHOUT:
        unwatched()
    with without_names(), tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(f"{asyncio.run(idle(Path(folder)))}\n")


def rested() -> list[float]:
    """Shares with and without, of two processes at the same time."""
    command = [sys.executable, "-m", "tests.bench.watch"]
    running = [
        subprocess.Popen([*command, how], stdout=subprocess.PIPE, text=True) for how in (WITH, WITHOUT)
    ]
    return [float(process.communicate()[0].splitlines()[-1]) for process in running]


def main() -> None:
    """Print the parts, what they are of requests, and the process at rest."""
    with tempfile.TemporaryDirectory() as folder:
        gateway, service, statement = asyncio.run(parts(Path(folder)))
        sys.stdout.write(
            f"gateway {gateway:.1f} µs, service {service:.1f} µs, statement {statement:.1f} µs\n"
        )
        for path, (whole, ran) in asked(Path(folder)).items():
            watching = gateway + service + ran * statement
            line = f"{path:28} {whole:7.0f} µs  {ran:4.1f} statements  watching {watching:5.1f} µs"
            sys.stdout.write(f"{line}  {watching / whole:5.1%}  target 3 %\n")
            sys.stdout.flush()
    has, bare = rested()
    sys.stdout.write(f"{'at rest':28} {has:.2%} with, {bare:.2%} without: {has - bare:.2%}  target 1 %\n")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        child(sys.argv[1])
    else:
        main()
