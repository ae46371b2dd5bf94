"""CPU microseconds a request of each layer of the gateway, and milliseconds of whole requests to a real process."""

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

import psutil

from autograph.clients.auth import Identified
from autograph.clients.internal import SIGNATURE_HEADER, Asked, Signatures
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.clock import SystemClock
from autograph.gateway.layers.internal import Internal
from autograph.gateway.layers.rate_limit import RateLimitSettings
from autograph.gateway.settings import GatewaySettings
from autograph.gateway.stack import Door, layers, stacked
from autograph.model.principal import Principal
from autograph.observability.logs import configure
from autograph.observability.requests import Requests
from tests.servers.autograph import Running

HEADERS = [
    (b"host", b"127.0.0.1:8080"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"),
    (b"accept", b"application/json"),
    (b"accept-language", b"en"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"authorization", b"Bearer token"),
    (b"sec-fetch-site", b"same-origin"),
    (b"connection", b"keep-alive"),
]
LIMITS = {"user_per_minute": 1_000_000, "address_per_minute": 1_000_000}
"""So high that every call is counted and none refused."""

PATHS = ("/api/auth/me", "/health")
ROUNDS, REQUESTS = 5, 2000


async def identify(_credential: object) -> Identified:
    """Knows everybody."""
    principal = Principal(user_id="01a20d4a-47c3-7ce6-9019-16dfdceabd29", email="ada@example.org")
    return Identified(assertion="x" * 400, expires_in=60, principal=principal)


async def service(_scope: Scope, _receive: Receive, send: Send) -> None:
    """A small JSON answer."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"200")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * 200})


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_message: Message) -> None:
    pass


async def cost(app: ASGIApp, path: str) -> float:
    """CPU microseconds a request, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(REQUESTS):
            scope = {
                "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
                "headers": list(HEADERS), "client": ("127.0.0.1", 1), "state": {},
            }  # fmt: skip
            await app(scope, _receive, _send)
        best = min(best, (time.process_time() - started) / REQUESTS * 1e6)
    return best


async def each_layer() -> None:
    """Add one layer after the other, from the inside out, and print what each adds."""
    door = Door(
        identify=identify,
        cookie_name="autograph",
        public_url="http://127.0.0.1:8080",
        trusted=(),
        settings=GatewaySettings(rate_limit=RateLimitSettings(**LIMITS)),
        requests=Requests(),
    )
    order = list(layers(door))
    for path in PATHS:
        bare = before = await cost(service, path)
        for start in reversed(range(len(order))):
            now = await cost(stacked(service, order[start:]), path)
            sys.stdout.write(f"{path:16} {order[start][0]:20} {now - before:7.1f} µs\n")
            before = now
        sys.stdout.write(f"{path:16} {'all':20} {before - bare:7.1f} µs\n")
        sys.stdout.flush()


async def internal_calls() -> None:
    """Print what it costs to sign an internal call, and to believe one, by the size of its body."""
    theirs, ours = (Signatures(["x" * 64], SystemClock()) for _ in range(2))
    layer = Internal(service, service="auth", signatures=ours, monotonic=time.monotonic)
    asked = Asked("auth", "POST", "/internal/identify")
    for size in (100, 10_000, 1_000_000):
        body, best = bytes(size), [float("inf")] * 3
        times = min(REQUESTS, 200_000_000 // size // 100)
        for _ in range(ROUNDS):
            started = time.process_time()
            signed = [theirs.sign(asked, body) for _ in range(times)]
            ended = time.process_time()
            for signature in signed:
                await _ask_inside(layer, body, (SIGNATURE_HEADER.encode(), signature.encode()))
            believed = time.process_time()
            for _ in signed:
                await _ask_inside(service, body, *HEADERS[:1])
            bare = time.process_time() - believed
            spent = (ended - started, believed - ended - bare)
            best = [min(pair) for pair in zip(best, (*spent, sum(spent)), strict=True)]
        signing, believing, both = (seconds / times * 1e6 for seconds in best)
        sys.stdout.write(
            f"{size:9} bytes  signed {signing:6.1f} µs  believed {believing:6.1f} µs  both {both:6.1f} µs\n"
        )


async def _ask_inside(app: ASGIApp, body: bytes, header: tuple[bytes, bytes]) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http", "method": "POST", "path": "/internal/identify", "raw_path": b"/internal/identify",
        "query_string": b"", "headers": [*HEADERS, header], "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    await app(scope, receive, _send)


async def _asked(port: int, path: str, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip, br, zstd\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
    writer.close()


async def _all(port: int, path: str, times: int) -> None:
    await asyncio.gather(*(_asked(port, path, times // 8) for _ in range(8)))


def whole_process(folder: Path) -> None:
    """CPU of a real process a request over 8 connections, sockets and all."""
    limits = {f"GATEWAY__RATE_LIMIT__{who}_PER_MINUTE": "1000000" for who in ("USER", "ADDRESS")}
    server = Running(folder, LOG_LEVEL="warning", **limits)
    process = psutil.Process(server.process.pid)
    try:
        for path in ("/health", "/api/nothing", "/api/auth/me"):
            asyncio.run(_all(server.port, path, 1000))
            before, started = process.cpu_times(), time.perf_counter()
            asyncio.run(_all(server.port, path, 8000))
            after, seconds = process.cpu_times(), time.perf_counter() - started
            used = (after.user + after.system - before.user - before.system) / 8000 * 1000
            sys.stdout.write(f"{path:16} {used:7.3f} ms CPU  {8000 / seconds:7.0f} requests/s\n")
    finally:
        server.stop()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    sys.stdout.write(f"{'':16} {peak:7} MiB at most\n")


def main() -> None:
    """Run all."""
    configure("warning", as_json=True)
    asyncio.run(each_layer())
    asyncio.run(internal_calls())
    with tempfile.TemporaryDirectory() as folder:
        whole_process(Path(folder))
