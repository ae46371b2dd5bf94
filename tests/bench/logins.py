"""Sign-ins: how many a second, and how long the event loop waits meanwhile; hashing as an installation does by default."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from autograph.auth.app import close, create_app
from autograph.auth.keys import SigningKeys
from autograph.auth.parts import Parts
from autograph.auth.settings import AuthSettings
from autograph.auth.vault import Vault
from autograph.core.clock import SystemClock
from autograph.storage.migrations import upgrade
from autograph.storage.sql import open_database
from tests.caller import Caller

PASSWORD = "correct horse battery"
PEOPLE, AT_ONCE, EACH = 8, 8, 12
TICK_SECONDS = 0.001


@asynccontextmanager
async def installation(folder: str) -> AsyncIterator[FastAPI]:
    """Auth on a database of its own, with the people who sign in."""
    database = open_database(f"sqlite:///{folder}/autograph.db")
    await upgrade(database, "auth")
    parts = Parts.made(
        database=database,
        clock=SystemClock(),
        settings=AuthSettings(registration="open", verification="off", most_sessions=100),
        keys=SigningKeys.generate(),
        vault=Vault.generate(),
        public_url="http://127.0.0.1:8080",
    )
    app = create_app(parts)
    for number in range(PEOPLE):
        body = {"email": f"p{number}@example.org", "name": f"P{number}", "password": PASSWORD}
        await Caller(app)("POST", "/api/auth/register", body)
    yield app
    await close(app)
    await database.close()


async def measured(app: FastAPI) -> tuple[float, list[float]]:
    """Sign-ins a second with `AT_ONCE` under way at a time, and how late each tick of the loop was, in seconds."""
    call, lags, is_over = Caller(app), [], asyncio.Event()

    async def ticking() -> None:
        while not is_over.is_set():
            before = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            lags.append(time.perf_counter() - before - TICK_SECONDS)

    async def signing_in(number: int) -> None:
        for _ in range(EACH):
            body = {"email": f"p{number}@example.org", "password": PASSWORD}
            answer = await call("POST", "/api/auth/login", body)
            if answer.status != 200:
                raise RuntimeError(answer.body.decode())

    ticks = asyncio.create_task(ticking())
    began = time.perf_counter()
    await asyncio.gather(*(signing_in(number) for number in range(AT_ONCE)))
    seconds = time.perf_counter() - began
    is_over.set()
    await ticks
    return AT_ONCE * EACH / seconds, sorted(lags)


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with installation(folder) as app:
            rate, lags = await measured(app)
    middle, p99 = lags[len(lags) // 2], lags[int(len(lags) * 0.99)]
    sys.stdout.write(f"sign-ins               {rate:8.1f} /s, {AT_ONCE} at a time\n")
    sys.stdout.write(
        f"event loop late        {middle * 1000:8.2f} ms p50, {p99 * 1000:.2f} ms p99, {lags[-1] * 1000:.2f} ms at most"
        " (target 20)\n"
    )


def main() -> None:
    """Measure and print."""
    asyncio.run(_main())
