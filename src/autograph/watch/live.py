"""The figures of now, made once for all who watch: one reading every few seconds, however many listen."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import structlog

from autograph.core.problem import Problem, Unavailable

MOST_LISTENERS = 200
AWAY = ": the figures cannot be read now\n\n"
"""A comment of the event stream: it shows that the connection lives, and listeners hear nothing."""

_log = structlog.get_logger(__name__)


class Live:
    """Tells every listener what `make` returns, as long as there is one.

    Args:
        make: Returns one event, as it travels.
        every_seconds: Pause between two.
    """

    def __init__(self, make: Callable[[], Awaitable[str]], every_seconds: float) -> None:
        self._make = make
        self._every_seconds = every_seconds
        self._listeners = 0
        self._making: asyncio.Task[None] | None = None
        self._newest = ""
        self._next: asyncio.Future[str] | None = None

    def check(self) -> None:
        """Refuse one listener more than there may be.

        Raises:
            Unavailable: Enough listen.
        """
        if self._listeners >= MOST_LISTENERS:
            raise Unavailable("Too many watch already.", headers={"retry-after": "60"})

    async def listen(self) -> AsyncGenerator[str, None]:
        """Yield the newest event and then each that comes."""
        self._listeners += 1
        try:
            if self._making is None:
                self._newest, self._next = "", asyncio.get_running_loop().create_future()
                self._making = asyncio.create_task(self._run())
            if self._newest:
                yield self._newest
            while True:
                assert self._next is not None
                yield await asyncio.shield(self._next)
        finally:
            self._listeners -= 1
            if not self._listeners and self._making is not None:
                self._making.cancel()
                self._making = None

    async def _run(self) -> None:
        while True:
            try:
                event = await self._make()
            except Problem:
                event = AWAY
            except Exception:  # noqa: BLE001 - who listens would wait for ever
                _log.exception("watch.no_figures")
                event = AWAY
            told, self._next = self._next, asyncio.get_running_loop().create_future()
            self._newest = event
            assert told is not None
            told.set_result(event)
            await asyncio.sleep(self._every_seconds)
