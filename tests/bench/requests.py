"""CPU and wall milliseconds a request of the frequent questions, in process, on SQLite with FULL durability."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from autograph.auth.app import create_app as create_auth
from autograph.auth.keys import SigningKeys
from autograph.auth.settings import AuthSettings
from autograph.clients.identity import IdentityVerifier, fixed_keys
from autograph.core.clock import SystemClock
from autograph.diagrams.app import create_app as create_diagrams
from autograph.diagrams.settings import DiagramsSettings
from autograph.storage.migrations import upgrade
from autograph.storage.objects import open_objects
from autograph.storage.sql import open_database
from tests.caller import Answer, Caller

DOCUMENTS = 10_000
PASSWORD = "correct horse battery"
ELEMENT = {
    "type": "rectangle", "x": 104.25, "y": -20.5, "width": 180, "height": 80, "angle": 0, "strokeColor": "#1e1e1e",
    "backgroundColor": "#a5d8ff", "fillStyle": "solid", "strokeWidth": 2, "seed": 1968410350, "version": 141,
    "isDeleted": False, "groupIds": [], "boundElements": [{"type": "arrow", "id": "CFu0B4Mw_1wC1Hbgx8Fs0"}],
}  # fmt: skip


def canvas_of(size_bytes: int) -> dict[str, Any]:
    """A drawing whose JSON has about `size_bytes`."""
    count = size_bytes // 330
    return {
        "type": "excalidraw",
        "version": 2,
        "elements": [{**ELEMENT, "id": f"e{n}"} for n in range(count)],
    }


async def measure(name: str, times: int, ask: Callable[[int], Awaitable[Answer]]) -> None:
    """Print the CPU mean and the wall median and 95th percentile of `times` requests, one after the other."""
    for n in range(5):
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
    line = f"{name:28} {cpu:7.2f} ms CPU  {walls[times // 2]:7.2f} ms median  {walls[int(times * 0.95)]:7.2f} ms p95"
    sys.stdout.write(f"{line}  {size:>8,} bytes\n")
    sys.stdout.flush()


async def run(folder: Path) -> None:
    """Build both services, fill the library, and ask."""
    database, keys, clock = (
        open_database(f"sqlite:///{folder}/bench.db"),
        SigningKeys.generate(),
        SystemClock(),
    )
    for room in ("auth", "diagrams"):
        await upgrade(database, room)
    auth = create_auth(
        database=database, clock=clock, settings=AuthSettings(), keys=keys, public_url="http://localhost"
    )
    diagrams = create_diagrams(
        database=database,
        objects=open_objects(f"file://{folder}/objects"),
        clock=clock,
        verifier=IdentityVerifier(fixed_keys(keys.jwks())),
        settings=DiagramsSettings(),
    )
    await auth.state.accounts.create_administrator("ada@example.org", "Ada", PASSWORD)
    asked = Caller(auth)
    login = {"email": "ada@example.org", "password": PASSWORD}
    bearer = (await asked("POST", "/api/auth/login", login)).json()["access_token"]

    async def assertion() -> dict[str, str]:
        answer = await asked("POST", "/internal/identify", {"bearer": bearer})
        return {"x-autograph-identity": answer.json()["assertion"]}

    canvas = canvas_of(50_000)
    mine = Caller(diagrams, await assertion())
    await measure("login (argon2id)", 10, lambda _: asked("POST", "/api/auth/login", login))
    await measure("identify", 300, lambda _: asked("POST", "/internal/identify", {"bearer": bearer}))
    asked.headers = await assertion()
    await measure("me", 500, lambda _: asked("GET", "/api/auth/me"))
    body = {"title": "Shop", "canvas": canvas}
    await measure("create 50 KB", 200, lambda _: mine("POST", "/api/diagrams", body))
    path = "/api/diagrams/" + (await mine("POST", "/api/diagrams", body)).json()["id"]
    await measure("get 50 KB", 300, lambda _: mine("GET", path))
    await measure("get 304", 300, lambda _: mine("GET", path, headers={"if-none-match": '"v1"'}))

    version = 1

    async def update(n: int) -> Answer:
        nonlocal version
        answer = await mine("PUT", path, {"expected_version": version, "canvas": {**canvas, "n": n}})
        version = answer.json()["version"]
        return answer

    await measure("update 50 KB", 200, update)
    sys.stdout.write(f"filling the library with {DOCUMENTS:,} documents\n")
    mine.headers = await assertion()
    for n in range(DOCUMENTS):
        if n % 1000 == 0:
            mine.headers = await assertion()
        await mine("POST", "/api/diagrams", {"title": f"Plan {n}", "note": "x" * 200})
    mine.headers = await assertion()
    await measure("list 20 of 10,000", 200, lambda _: mine("GET", "/api/diagrams?page_size=20"))
    await measure("list, last page", 100, lambda _: mine("GET", "/api/diagrams?page_size=20&page=500"))
    await measure("search a title", 50, lambda _: mine("GET", "/api/diagrams?q=plan%20777&page_size=20"))
    auth.state.accounts.close()
    await database.close()


def main() -> None:
    """Measure in a folder that goes away again."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))
