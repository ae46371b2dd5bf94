"""Caller of the watch: every process tells it every few seconds what it has seen of itself."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from pydantic import BaseModel, ConfigDict, Field

from autograph.clients.transport import Transport
from autograph.core.problem import Problem
from autograph.model.telemetry import Observations

REPORT_PATH = "/internal/observations"
LONGEST_PAUSE_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class Instructions(BaseModel):
    """What the watch answers: where to go on, and what an administrator has set for all processes.

    Attributes:
        after_error: Number of the last error event that has arrived.
        log_level: Level of everything that is not named; empty to keep the process's own.
        log_levels: Levels by service or module.
        wants_settings: Whether the watch does not know yet what is set in this process.
    """

    model_config = ConfigDict(frozen=True)

    after_error: int = 0
    log_level: str = ""
    log_levels: dict[str, str] = Field(default_factory=dict)
    wants_settings: bool = False


class WatchClient:
    """Typed calls to the watch, in this process or another."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def report(self, observations: Observations) -> Instructions:
        """Hand over one reading.

        Raises:
            Unavailable: The watch does not answer; the next reading has everything that this one had.
        """
        body = observations.model_dump_json().encode()
        reply = await self._transport.request(
            "POST", REPORT_PATH, headers={"content-type": "application/json"}, content=body
        )
        return Instructions.model_validate_json(reply.body)


class Reporter:
    """Reports in the background, for as long as the process lives.

    Args:
        client: Whom to tell.
        read: Takes a reading, with the errors after the one of that number, and with the settings if wanted.
        obey: Is given every answer.
        every_seconds: Pause between two reports; it grows while the watch does not answer.
    """

    def __init__(
        self,
        client: WatchClient,
        *,
        read: Callable[[int, bool], Observations],
        obey: Callable[[Instructions], None],
        every_seconds: float,
    ) -> None:
        self._client = client
        self._read = read
        self._obey = obey
        self._every = every_seconds
        self._after_error = 0
        self._wants_settings = True
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Tell a last time, briefly, and stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(TimeoutError, Problem):
            async with asyncio.timeout(0.3):
                await self.report()

    async def report(self) -> None:
        """Hand over one reading now; raises what :meth:`WatchClient.report` does."""
        instructions = await self._client.report(self._read(self._after_error, self._wants_settings))
        self._wants_settings = instructions.wants_settings
        self._after_error = max(self._after_error, instructions.after_error)
        self._obey(instructions)

    async def _run(self) -> None:
        pause, away = self._every, False
        while True:
            try:
                await self.report()
            except Problem as reason:
                if not away:
                    _log.warning("watch.away", reason=str(reason))
                away, pause = True, min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                away, pause = False, self._every
            await asyncio.sleep(pause)
