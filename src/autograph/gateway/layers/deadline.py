"""Deadline: a request has a total time; past it, or when its client leaves, the work is cancelled.

Once an answer has begun the total no longer applies, only a limit on standing still: event streams and
downloads go on for as long as something moves (docs/decisions/0008).
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable

import structlog

from autograph.core import deadline as core
from autograph.core.asgi import ASGIApp, Message, Receive, Scope, Send
from autograph.core.deadline import Deadline, TimedOut
from autograph.core.problem import Problem
from autograph.gateway.headers import header
from autograph.gateway.routes import route_of

WATCH_AFTER_SECONDS = 0.25
"""A request that takes longer is worth a task that waits for its client to leave."""

LimitOf = Callable[[Scope], Deadline]

_log = structlog.get_logger(__name__)
_HEADER = core.HEADER.encode()


class BodyTimeout(Problem):
    """The client did not send the whole request within the time that it had."""

    status, slug, title = 408, "body-timeout", "The request did not arrive in time."


def gateway_limit(timeout_seconds: float) -> LimitOf:
    """Return what gives each request its time: the route's own or `timeout_seconds`, or less if so asked.

    A client asks with ``Prefer: wait=SECONDS`` (RFC 7240, 4.3); asking for more changes nothing.
    """

    def limit_of(scope: Scope) -> Deadline:
        route = scope.get("state", {}).get("route") or route_of(scope["path"])
        allowed = timeout_seconds if route is None else route.timeout_seconds or timeout_seconds
        for name, value in scope["headers"]:
            if name == b"prefer" and (asked := _asked_seconds(value)) is not None and asked < allowed:
                return Deadline(asked, is_short=True)
        return Deadline(allowed)

    return limit_of


def service_limit(scope: Scope) -> Deadline:
    """Return the deadline that the gateway sent along; none when it was asked directly."""
    sent = header(scope, _HEADER)
    return Deadline(int(sent) / 1000 if sent is not None and sent.isdecimal() else math.inf)


def _asked_seconds(prefer: bytes) -> int | None:
    """Seconds of the preference ``wait``, None when it is not there or is not a number."""
    for preference in prefer.split(b","):
        name, _, value = preference.partition(b";")[0].partition(b"=")
        number = value.strip().strip(b'"')
        if name.strip().lower() == b"wait" and number.isdigit() and len(number) < 8:
            return int(number)
    return None


class DeadlineLayer:
    """Gives each request its deadline and enforces it. WebSockets have none.

    Args:
        app: What comes inside.
        limit_of: Says how long a request may take.
        idle_seconds: How long an answer that has begun may stand still.
        watch_after_seconds: From when on we look whether the client is still there.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit_of: LimitOf,
        idle_seconds: float = math.inf,
        watch_after_seconds: float = WATCH_AFTER_SECONDS,
    ) -> None:
        self._app = app
        self._limit_of = limit_of
        self._idle_seconds = idle_seconds
        self._watch_after_seconds = watch_after_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within its time.

        Raises:
            TimedOut: Its time was over before the answer began, perhaps before anything was started; or the
                answer had begun and stood still: then the connection is broken off, so that the client can tell.
            BodyTimeout: Its time was over while the client was still sending.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        deadline = self._limit_of(scope)
        remaining = deadline.remaining_seconds()
        if remaining <= 0:
            raise TimedOut("There was no time left to start.")
        exchange = _Exchange(receive, send, deadline, self._idle_seconds)
        token = core.current.set(deadline)
        exchange.rearm(min(self._watch_after_seconds, remaining))
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except (asyncio.CancelledError, Exception) as error:
            if not exchange.is_ours(error):
                raise
        finally:
            exchange.close()
            core.current.reset(token)
        if deadline.ending:
            exchange.raise_ending()
            scope.setdefault("state", {})["client_gone"] = True


class _Exchange:
    """Both ends of one request. At most one real `receive` waits at any time: the app's or the watch's."""

    __slots__ = (
        "_begun",
        "_cancelling",
        "_deadline",
        "_ended",
        "_handle",
        "_idle_seconds",
        "_is_due",
        "_is_listening",
        "_is_sending",
        "_is_whole",
        "_loop",
        "_moved_at",
        "_real_receive",
        "_real_send",
        "_stashed",
        "_task",
        "_was_cancelled",
        "_watching",
    )  # fmt: skip

    def __init__(self, receive: Receive, send: Send, deadline: Deadline, idle_seconds: float) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._loop = asyncio.get_running_loop()
        self._cancelling = task.cancelling()
        self._real_receive, self._real_send = receive, send
        self._deadline, self._idle_seconds = deadline, idle_seconds
        self._handle: asyncio.TimerHandle | None = None
        self._watching: asyncio.Task[None] | None = None
        self._stashed: deque[Message] | None = None
        self._begun = self._ended = self._was_cancelled = False
        self._is_due = self._is_listening = self._is_sending = self._is_whole = False
        self._moved_at = 0.0

    async def receive(self) -> Message:
        """What the client sends next, from the watch if it has taken that already."""
        if self._watching is not None and (message := await self._taken(self._watching)) is not None:
            return message
        self._is_listening = True
        try:
            message = await self._real_receive()
        finally:
            self._is_listening = False
        if message["type"] == "http.disconnect":
            if not self._ended and not self._deadline.ending:
                self._deadline.ending = "gone"
        elif not message.get("more_body", False):
            self._is_whole = True
            if self._is_due:
                self._watch()
        return message

    async def _taken(self, watching: asyncio.Task[None]) -> Message | None:
        """The next message that the watch has taken or is waiting for; None once it has stopped watching."""
        if not self._stashed and not watching.done():
            await asyncio.wait({watching})
        return self._stashed.popleft() if self._stashed else None

    async def send(self, message: Message) -> None:
        """Pass one message of the answer on; the first one lifts the deadline."""
        if not self._begun:
            self._begun = True
            self._deadline.lift()
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._ended = True
        self._is_sending = True
        try:
            await self._real_send(message)
        finally:
            self._is_sending = False
            if not self._ended:
                self._moved_at = time.monotonic()

    def rearm(self, seconds: float) -> None:
        """Look again after `seconds`."""
        self._handle = self._loop.call_later(seconds, self._look)

    def close(self) -> None:
        """Everything that was started for this request stops."""
        self._deadline.lift()
        if self._handle is not None:
            self._handle.cancel()
        if self._watching is not None:
            self._watching.cancel()
        if self._was_cancelled:
            self._task.uncancel()

    def is_ours(self, error: BaseException) -> bool:
        """Whether `error` comes from our own stopping; a cancellation from outside goes on outwards."""
        if isinstance(error, asyncio.CancelledError):
            return self._was_cancelled and self._task.cancelling() <= self._cancelling + 1
        return bool(self._deadline.ending)

    def raise_ending(self) -> None:
        """Raise what the ending means; a client that has left is told nothing.

        Raises:
            BodyTimeout: The body did not come in time.
            TimedOut: The answer did not begin in time, or will have no end.
        """
        if self._ended or self._deadline.ending == "gone":
            return
        if self._begun:
            _log.warning("deadline.answer_cut", ending=self._deadline.ending)
            raise TimedOut("The answer stood still.")
        if self._deadline.ending == "unsent":
            raise BodyTimeout(headers={"connection": "close"})
        raise TimedOut

    def _look(self) -> None:
        """Whether time is over; called by the loop."""
        self._handle = None
        if self._ended:
            return
        if self._begun:
            self._look_at_stream()
            return
        self._watch()
        remaining = self._deadline.remaining_seconds()
        if remaining <= 0:
            self._stop("unsent" if self._is_listening and not self._is_whole else "late")
        elif remaining < math.inf:
            self.rearm(remaining)
        elif self._idle_seconds < math.inf:
            self.rearm(self._idle_seconds)

    def _look_at_stream(self) -> None:
        """A client that reads slowly is not our service standing still: while we send, time does not count."""
        self._watch()
        if self._idle_seconds == math.inf:
            return
        quiet = 0.0 if self._is_sending else time.monotonic() - self._moved_at
        if quiet >= self._idle_seconds:
            self._stop("idle")
        else:
            self.rearm(self._idle_seconds - quiet)

    def _stop(self, ending: core.Ending) -> None:
        if not self._was_cancelled:
            self._was_cancelled = True
            self._deadline.ending = ending
            self._task.cancel()

    def _watch(self) -> None:
        """From now on notice when the client leaves, unless the app itself is listening."""
        self._is_due = True
        if not (self._is_listening or self._stashed) and (self._watching is None or self._watching.done()):
            self._stashed = deque()
            self._watching = asyncio.ensure_future(self._wait_for_the_end(self._stashed))

    async def _wait_for_the_end(self, stashed: deque[Message]) -> None:
        while True:
            message = await self._real_receive()
            stashed.append(message)
            if message["type"] == "http.disconnect":
                if not self._ended:
                    self._stop("gone")
                return
            if message.get("more_body", False):
                return  # whoever wants the rest asks for it: we hold no body here
            self._is_whole = True
