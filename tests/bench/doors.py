"""The gateway against the bare service: CPU a request in one process and in two, downloads, and nginx for orientation."""

import asyncio
import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from autograph.core.asgi import ASGIApp
from autograph.gateway.layers.rate_limit import RateLimitSettings
from autograph.gateway.settings import GatewaySettings
from autograph.gateway.stack import Door, layers, stacked
from autograph.observability.logs import configure
from tests.bench.layers import LIMITS, identify
from tests.servers.autograph import Running
from tests.servers.process import free_port

FIRST_VERSION_MS = 45.0
"""CPU of the same call in the first version: 35 ms in the gateway and 10 ms in auth."""

BEARER = "authorization: Bearer "
REQUESTS, CONNECTIONS = 4000, 8
PERSON = {"email": "ada@example.com", "name": "Ada", "password": "correct horse battery staple"}
_CHUNK = b"x" * 32 * 1024


download = FastAPI()
"""A service as ours are, with one answer of 256 KB in eight pieces."""


@download.get("/api/export/1")
async def export() -> StreamingResponse:
    """Stream it."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield _CHUNK

    return StreamingResponse(
        pieces(), media_type="application/octet-stream", headers={"content-length": "262144"}
    )


def layered() -> ASGIApp:
    """The same download behind all layers."""
    configure("warning", as_json=True)
    door = Door(
        identify=identify,
        cookie_name="autograph",
        public_url="http://127.0.0.1:8080",
        trusted=(),
        settings=GatewaySettings(rate_limit=RateLimitSettings(**LIMITS)),
    )
    return stacked(download, layers(door))


def downloads() -> None:
    """Print what a download costs bare and behind all layers, each served by a process of its own."""
    costs: list[float] = []
    for name in ("download", "layered()"):
        port = free_port()
        options = f"port={port}, log_level='error', access_log=False, lifespan='off'"
        program = f"import uvicorn; from tests.bench import doors; uvicorn.run(doors.{name}, {options})"
        server = subprocess.Popen([sys.executable, "-c", program])
        try:
            until_heard(port)
            ms, rate = measured(port, "/api/export/1", BEARER + "token", psutil.Process(server.pid))
        finally:
            server.terminate()
            server.wait(5)
        costs.append(ms)
        line(f"256 KB, {'bare' if len(costs) == 1 else 'behind all layers'}", ms, rate)
    sys.stdout.write(f"256 KB costs {costs[1] / costs[0]:.2f} times as much behind all layers, target 2\n")


def until_heard(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(port)


async def _ask(port: int, path: str, header: str, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {path} HTTP/1.1\r\nhost: x\r\n{header}\r\n\r\n".encode()
    for _ in range(times):
        writer.write(head)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
        length = re.search(rb"content-length: (\d+)", answer.lower())
        assert length
        await reader.readexactly(int(length[1]))
    writer.close()


def measured(port: int, path: str, header: str, *processes: psutil.Process) -> tuple[float, float]:
    """CPU milliseconds a request over all `processes`, and requests a second."""

    async def run(times: int) -> None:
        await asyncio.gather(*(_ask(port, path, header, times // CONNECTIONS) for _ in range(CONNECTIONS)))

    def used() -> float:
        return sum(sum(process.cpu_times()[:2]) for process in processes)

    asyncio.run(run(400))
    before, started = used(), time.perf_counter()
    asyncio.run(run(REQUESTS))
    return (used() - before) / REQUESTS * 1000, REQUESTS / (time.perf_counter() - started)


def signed_in(door: Running, *others: Running) -> str:
    """A bearer token of the first administrator."""
    for _ in range(100):
        for one in (door, *others):
            for code in re.findall(r"first-run#([A-Z0-9-]+)", one.log.read_text()):
                door.ask("POST", "/api/auth/first-run", {"code": code, **PERSON})
                body = {"email": PERSON["email"], "password": PERSON["password"]}
                return str(json.loads(door.ask("POST", "/api/auth/login", body)[2])["access_token"])
        time.sleep(0.05)
    raise AssertionError("no one-time link")


def line(name: str, ms: float, rate: float, target: str = "") -> None:
    """Print one figure."""
    sys.stdout.write(f"{name:44} {ms:6.3f} ms CPU {rate:7.0f} requests/s  {target}\n")
    sys.stdout.flush()


def shapes(folder: Path) -> None:
    """Print the same call to one process, to two, and to the bare service behind them."""
    one = Running(folder / "one", LOG_LEVEL="warning")
    process = psutil.Process(one.process.pid)
    ms, rate = measured(one.port, "/api/auth/me", BEARER + signed_in(one), process)
    alone = rate
    line(
        "me, one process, all layers",
        ms,
        rate,
        f"target 1.0 ms; {FIRST_VERSION_MS / ms:.0f} times as fast as the first version",
    )
    one.stop()
    auth = Running(folder / "two", command=("serve", "auth"), LOG_LEVEL="warning")
    urls = json.dumps({"auth": f"http://127.0.0.1:{auth.port}"})
    door = Running(
        folder / "two", command=("serve", "gateway", "diagrams"), LOG_LEVEL="warning", UPSTREAMS=urls
    )
    both = psutil.Process(door.process.pid), psutil.Process(auth.process.pid)
    token = signed_in(door, auth)
    ms, rate = measured(door.port, "/api/auth/me", BEARER + token, *both)
    line("me, gateway and auth apart", ms, rate, "target 2.5 ms together")
    identified = json.loads(auth.ask_inside("auth", "POST", "/internal/identify", {"bearer": token})[2])
    proof = f"x-autograph-identity: {identified['assertion']}"
    ms, rate = measured(auth.port, "/api/auth/me", proof, both[1])
    line(
        "me, the bare service",
        ms,
        rate,
        f"with the gateway around it {100 * alone / rate:.0f} %, target 50 %",
    )
    if nginx := shutil.which("nginx"):
        proxied(nginx, folder, auth)
    else:
        sys.stdout.write("nginx is not on this machine: nothing to compare with\n")
    door.stop()
    auth.stop()


def proxied(nginx: str, folder: Path, auth: Running) -> None:
    """Print what nginx needs for the bare service: reverse proxy, limit_req, access log."""
    port = free_port()
    settings = f"""
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  limit_req_zone $binary_remote_addr zone=all:1m rate=100000r/s;
  upstream auth {{ server 127.0.0.1:{auth.port}; keepalive 16; }}
  server {{ listen 127.0.0.1:{port};
    location / {{ limit_req zone=all burst=1000 nodelay; proxy_pass http://auth; proxy_http_version 1.1;
      proxy_set_header Connection ""; }} }}
}}"""
    (folder / "nginx.conf").write_text(settings)
    server = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf")])
    try:
        time.sleep(0.5)
        tree = [
            psutil.Process(server.pid),
            *psutil.Process(server.pid).children(),
            psutil.Process(auth.process.pid),
        ]
        line(
            "health of auth through nginx",
            *measured(port, "/health", BEARER + "none", *tree),
            "for orientation",
        )
    finally:
        server.terminate()
        server.wait(5)


def main() -> None:
    """Run all."""
    configure("warning", as_json=True)
    downloads()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("one", "two"):
            (Path(folder) / name).mkdir()
        shapes(Path(folder))
