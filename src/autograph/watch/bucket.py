"""The object store: how large it is, by the first part of its keys, and when its quota would be full."""

import asyncio
from collections.abc import Mapping

import structlog

from autograph.core.clock import Clock
from autograph.core.problem import Problem
from autograph.observability.series import Series, seconds_until
from autograph.storage.objects import Objects, Usage

KEPT = 7 * 24
"""A week of samples, an hour apart."""

_log = structlog.get_logger(__name__)


class Bucket:
    """Looks at the object store now and then; asking never waits.

    Args:
        objects: The store.
        clock: Time.
        every_seconds: Pause between two looks: each reads the whole list of objects.
        limit_bytes: What the operator gives it; 0 when there is no limit.
    """

    def __init__(self, objects: Objects, clock: Clock, *, every_seconds: float, limit_bytes: int) -> None:
        self._objects = objects
        self._clock = clock
        self._every_seconds = every_seconds
        self._limit_bytes = limit_bytes
        self._sizes = Series(KEPT)
        self.usage: Mapping[str, Usage] | None = None
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self) -> None:
        """Look once. Raises Unavailable when the store does not answer; what was known stays."""
        self.usage = await self._objects.usage()
        self._sizes.add(self._clock.monotonic(), sum(found.size_bytes for found in self.usage.values()))

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Problem as reason:
                _log.warning("watch.objects_not_measured", reason=str(reason))
            except Exception:  # noqa: BLE001 - the next look may do better
                _log.exception("watch.objects_not_measured")
            await asyncio.sleep(self._every_seconds)

    def gauges(self) -> dict[str, float]:
        """What was measured, by name."""
        size_bytes = self._sizes.latest
        if self.usage is None or size_bytes is None:
            return {}
        measured = {
            "objects_stored": float(sum(found.objects for found in self.usage.values())),
            "objects_bytes": size_bytes,
        }
        if self._limit_bytes:
            measured["objects_limit_bytes"] = float(self._limit_bytes)
            measured["objects_used_percent"] = 100 * size_bytes / self._limit_bytes
            if (seconds := seconds_until(self._limit_bytes, self._sizes.points)) is not None:
                measured["objects_seconds_to_full"] = seconds
        return measured
