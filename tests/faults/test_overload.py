"""Three times more than can be answered: the gateway goes on answering as much as it can, quickly."""

import asyncio
import time

from tests.faults.test_upstream_faults import ask, gateway
from tests.servers import faulty
from tests.servers.faulty import answer

SLOTS, SERVICE_SECONDS = 5, 0.05
CAPACITY = SLOTS / SERVICE_SECONDS
PATIENCE_SECONDS = 1.0


class Queueing:
    """A service that works on a few calls at a time and lets the others wait, first come, first served."""

    def __init__(self):
        self.slots = asyncio.Semaphore(SLOTS)

    async def __call__(self, _service, _request, writer):
        async with self.slots:
            await asyncio.sleep(SERVICE_SECONDS)
        await answer(writer)


async def peak(client, seconds):
    """Good answers a second when exactly as many ask as can be served."""
    end = time.monotonic() + seconds

    async def worker():
        statuses = []
        while time.monotonic() < end:
            statuses.append((await ask(client))[0])
        return statuses.count(200)

    return sum(await asyncio.gather(*(worker() for _ in range(SLOTS)))) / seconds


async def flood(client, rate, seconds):
    """Outcomes of `rate` calls a second, whoever is still waiting."""
    calls, started = [], time.monotonic()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
        calls.append(asyncio.ensure_future(ask(client)))
    return await asyncio.gather(*calls)


async def test_at_three_times_its_capacity_goodput_stays(tmp_path):
    """At least 80 % of the peak is answered in time; the rest is told at once when to come back."""
    settings = {
        "timeout_seconds": PATIENCE_SECONDS,
        "overload": {"start": 40, "least": 10},
        "breaker": {"failures": 1000},
        "retry": {"attempts": 1},
    }
    async with faulty.faulty(Queueing()) as service, gateway(service.url, tmp_path, **settings) as client:
        most = await peak(client, 1.0)
        outcomes = await flood(client, 3 * CAPACITY, 4.0)

    good = [seconds for status, _, seconds in outcomes if status == 200]
    refused = sorted(seconds for status, slug, seconds in outcomes if slug == "overloaded")
    assert len(good) / 4.0 >= 0.8 * most
    assert max(good) < PATIENCE_SECONDS
    assert len(good) + len(refused) > 0.95 * len(outcomes)
    assert refused[len(refused) // 2] < 0.05
