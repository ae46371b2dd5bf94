"""Stopping without losing anything: not ready, a pause for balancers, what is in flight finishes, the rest is told."""

import asyncio
import signal
from collections.abc import Callable

import structlog
import uvicorn

from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send

PERSON_SECONDS = 1.5
"""How long requests in flight may take when a person stops a development server by Ctrl-C."""

_log = structlog.get_logger(__name__)


class EventStreams:
    """Ends event streams when we stop: they have no end of their own, and their clients connect again.

    Args:
        app: What is served; this stands around all of it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: set[asyncio.Task[object]] = set()
        self._is_closing = False

    def close(self) -> None:
        """End every open stream as if its service had said all, and those that begin from now on."""
        self._is_closing = True
        for task in self._open:
            task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        task = asyncio.current_task()
        assert task is not None

        async def answer(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start" and _is_event_stream(message):
                self._open.add(task)
                if self._is_closing:
                    task.cancel()

        try:
            await self._app(scope, receive, answer)
        except asyncio.CancelledError:
            if not self._is_closing or task not in self._open:
                raise
            task.uncancel()
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._open.discard(task)


def _is_event_stream(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in start.get("headers", ())
    )


class Stop:
    """What SIGTERM and Ctrl-C do: the first drains, a second one ends at once.

    Args:
        server: Stops accepting, waits for its requests, and closes WebSockets with 1001.
        streams: Event streams, ended when draining begins.
        not_ready: Makes the readiness check fail.
        delay_seconds: How long we go on accepting, so that balancers can see that we are not ready.
        drain_seconds: From the signal on, how long until what still runs is cancelled.
        is_watched: Whether a person waits for Ctrl-C to end us.
    """

    def __init__(
        self,
        server: uvicorn.Server,
        streams: EventStreams,
        *,
        not_ready: Callable[[], None],
        delay_seconds: float,
        drain_seconds: float,
        is_watched: bool,
    ) -> None:
        self._server = server
        self._streams = streams
        self._not_ready = not_ready
        self._delay_seconds = min(delay_seconds, drain_seconds)
        self._drain_seconds = drain_seconds
        self._is_watched = is_watched
        self._has_begun = False

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take both signals over."""
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.on_signal, number)

    def on_signal(self, number: int) -> None:
        """One signal has come."""
        if self._has_begun:
            self._end()
            return
        self._has_begun = True
        self._not_ready()
        by_person = self._is_watched and number == signal.SIGINT
        delay = 0.0 if by_person else self._delay_seconds
        left = PERSON_SECONDS if by_person else self._drain_seconds - delay
        self._server.config.timeout_graceful_shutdown = left  # type: ignore[assignment]  # fractions work
        _log.info("server.draining", delay_seconds=delay, at_most_seconds=left)
        if delay:
            asyncio.get_running_loop().call_later(delay, self._drain)
        else:
            self._drain()

    def _drain(self) -> None:
        self._server.should_exit = True
        self._streams.close()

    def _end(self) -> None:
        """Wait for nothing and nobody any more."""
        _log.warning("server.ended_at_once", requests=len(self._server.server_state.tasks))
        self._server.force_exit = self._server.should_exit = True
        for task in self._server.server_state.tasks:
            task.cancel()
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
