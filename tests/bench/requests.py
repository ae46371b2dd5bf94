"""CPU and wall milliseconds a request of the frequent questions, through every layer of the gateway in one process.

What is measured is what `autograph up` serves, on SQLite with FULL durability, called without sockets. CPU is that of
the whole process, its threads and the caller here included. `AUTOGRAPH_BENCH_DOCUMENTS` is how many documents of
50 KB the library is filled with (10,000).
"""

import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograph.gateway.layers.rate_limit import RateLimitSettings
from autograph.gateway.settings import GatewaySettings
from autograph.observability.logs import configure
from autograph.server.settings import SERVICES, Settings
from autograph.server.wiring import opened
from tests.caller import Answer, Caller

ORIGIN = "http://127.0.0.1:8080"
EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
ACCEPTED = {"host": "127.0.0.1:8080", "accept": "application/json", "accept-encoding": "gzip, br, zstd"}
ELEMENT = {
    "type": "rectangle", "x": 104.25, "y": -20.5, "width": 180, "height": 80, "angle": 0, "strokeColor": "#1e1e1e",
    "backgroundColor": "#a5d8ff", "fillStyle": "solid", "strokeWidth": 2, "seed": 1968410350, "version": 141,
    "isDeleted": False, "groupIds": [], "boundElements": [{"type": "arrow", "id": "CFu0B4Mw_1wC1Hbgx8Fs0"}],
}  # fmt: skip
COUNTED = GatewaySettings(
    rate_limit=RateLimitSettings(user_per_minute=1_000_000, address_per_minute=1_000_000)
)
"""Every layer works; the limits are too high to be met."""
Ask = Callable[[int], Awaitable[Answer]]


def canvas_of(size_bytes: int, mark: int = 0) -> dict[str, Any]:
    """A drawing whose JSON has about `size_bytes`; each `mark` gives another one, as hard to compress as real ones."""
    chance = random.Random(mark)
    elements = [
        {
            **ELEMENT,
            "id": f"{chance.getrandbits(80):020x}",
            "x": round(chance.uniform(-2000, 2000), 4),
            "y": round(chance.uniform(-2000, 2000), 4),
            "seed": chance.getrandbits(31),
        }
        for _ in range(size_bytes // 352)
    ]
    return {"type": "excalidraw", "version": 2, "elements": elements}


async def measure(name: str, times: int, ask: Ask, target_ms: float | None = None) -> None:
    """Print CPU mean and wall median and 95th percentile of `times` requests, one after the other."""
    for n in range(10):
        await ask(-1 - n)
    walls, size = [], 0
    cpu = time.process_time()
    for n in range(times):
        started = time.perf_counter()
        answer = await ask(n)
        walls.append((time.perf_counter() - started) * 1000)
        assert answer.status < 400, answer.body
        size = len(answer.body)
    cpu = (time.process_time() - cpu) * 1000 / times
    walls.sort()
    held = (
        "" if target_ms is None else f"  target {target_ms:g} ms: {'held' if cpu <= target_ms else 'MISSED'}"
    )
    line = f"{name:28} {cpu:7.3f} ms CPU  {walls[times // 2]:7.2f} ms median  {walls[int(times * 0.95)]:7.2f} ms p95"
    sys.stdout.write(f"{line}  {size:>8,} bytes{held}\n")
    sys.stdout.flush()


async def signed_in(ask: Caller) -> dict[str, str]:
    """Headers of a page's session: its cookie, and where the page came from."""
    body = {"email": EMAIL, "password": PASSWORD, "cookie": True}
    answer = await ask("POST", "/api/auth/login", body, headers={"origin": ORIGIN})
    assert answer.status == 200, answer.body
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return {**ACCEPTED, "cookie": cookie, "origin": ORIGIN, "sec-fetch-site": "same-origin"}


async def small(ask: Caller) -> None:
    """What asks nothing of the library."""
    login = {"email": EMAIL, "password": PASSWORD}
    await measure("/health", 3000, lambda _: ask("GET", "/health"), 0.2)
    await measure("me", 2000, lambda _: ask("GET", "/api/auth/me"), 1.0)
    made = await ask("POST", "/api/auth/api-keys", {"name": "bench", "scopes": ["read"]})
    by_key = {"x-api-key": made.json()["key"]}
    await measure("me, by API key", 2000, lambda _: ask("GET", "/api/auth/me", headers=by_key), 1.0)
    await measure("login (argon2id)", 8, lambda _: ask("POST", "/api/auth/login", login))


async def one_document(ask: Caller) -> None:
    """Create, get and update documents of 50 KB."""
    bodies = [json.dumps({"title": f"Shop {n}", "canvas": canvas_of(50_000, n)}).encode() for n in range(200)]
    sent = {"content-type": "application/json"}

    def create(n: int) -> Awaitable[Answer]:
        return ask("POST", "/api/diagrams", content=bodies[n], headers=sent)

    sys.stdout.write(f"(a document is {len(bodies[0]):,} bytes)\n")
    await measure("create 50 KB", 190, create, 15)
    path = "/api/diagrams/" + (await create(0)).headers["location"].rpartition("/")[2]
    await measure("get 50 KB", 500, lambda _: ask("GET", path), 5)
    plain = {"accept-encoding": "identity"}
    await measure("get 50 KB, not compressed", 500, lambda _: ask("GET", path, headers=plain), 5)
    await measure("get 304", 500, lambda _: ask("GET", path, headers={"if-none-match": '"v1"'}))
    changes = [
        json.dumps({"expected_version": n + 1, "canvas": canvas_of(50_000, 500 + n)}).encode()
        for n in range(210)
    ]
    version = iter(range(210))
    await measure(
        "update 50 KB", 200, lambda _: ask("PUT", path, content=changes[next(version)], headers=sent), 15
    )


async def library(ask: Caller, documents: int) -> None:
    """Lists and searches in a large library."""
    sent = {"content-type": "application/json"}
    began = time.perf_counter()
    for n in range(documents):
        body = json.dumps({"title": f"Plan {n}", "canvas": canvas_of(50_000, n)}).encode()
        assert (await ask("POST", "/api/diagrams", content=body, headers=sent)).status == 201
    sys.stdout.write(f"(filled with {documents:,} documents in {time.perf_counter() - began:.0f} s)\n")
    page = "/api/diagrams?page_size=20"
    last = documents // 20
    await measure("list 20", 300, lambda _: ask("GET", page), 10)
    await measure("list 20, last page", 100, lambda _: ask("GET", f"{page}&page={last}"), 10)
    await measure("search a title", 50, lambda _: ask("GET", f"{page}&q=plan%20777"), 50)


async def run(folder: Path) -> None:
    """Open everything and ask."""
    settings = Settings(data=folder, public_url=ORIGIN, gateway=COUNTED)
    documents = int(os.environ.get("AUTOGRAPH_BENCH_DOCUMENTS") or 10_000)
    async with opened(settings, ("gateway", *SERVICES)) as (house, app):
        assert house.accounts is not None
        await house.accounts.create_administrator(EMAIL, "Ada", PASSWORD)
        ask = Caller(app, ACCEPTED)
        ask.headers = await signed_in(ask)
        await small(ask)
        await one_document(ask)
        await library(ask, documents)


@contextmanager
def without_names() -> Iterator[None]:
    """Whatever the shell has set of the product's names must not change what is measured."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("AUTOGRAPH_")}
    for name in kept:
        if not name.startswith("AUTOGRAPH_BENCH_"):
            del os.environ[name]
    yield
    os.environ.update(kept)


def main() -> None:
    """Measure in a folder that goes away again."""
    configure("warning", as_json=True)
    with without_names(), tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))


if __name__ == "__main__":
    main()
