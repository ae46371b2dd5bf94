"""Errors: whatever is logged with an exception is kept with its stack, its request and what led to it."""

import hashlib
import re
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable
from types import TracebackType

from autograph.core.clock import Clock
from autograph.core.correlation import correlation_id, user_id
from autograph.model.telemetry import ErrorEvent, Frame
from autograph.observability.logs import Event, exception_of
from autograph.observability.requests import current_request, template
from autograph.observability.scrub import scrubbed

VERSION = "1"
"""Of the fingerprint's algorithm: a new one makes new groups, and says so."""

KEPT = 500
PER_FINGERPRINT = 10
PER_SECONDS = 60.0
MOST_FINGERPRINTS = 1000
DEEPEST = 30

_PACKAGE = "autograph"
_SEEN = "_autograph_kept"
_VARIABLE = re.compile(r"0x[0-9a-fA-F]+|[0-9a-fA-F-]{16,}|\d+|'[^']*'|\"[^\"]*\"")

Sink = Callable[[ErrorEvent], None]


class Errors:
    """The newest failures of this process; a log watcher.

    Args:
        clock: Time.
        service: Name of the process, for failures outside of any service.
        sinks: Get every kept event too, such as Sentry; must be quick.
    """

    def __init__(self, clock: Clock, *, service: str, sinks: tuple[Sink, ...] = ()) -> None:
        self._clock = clock
        self._service = service
        self._sinks = sinks
        self._events: deque[ErrorEvent] = deque(maxlen=KEPT)
        self._sequence = 0
        self._recent: OrderedDict[str, _Recent] = OrderedDict()

    def __call__(self, _logger: str, event: Event) -> None:
        """See one log event: leave a breadcrumb, and keep the failure if there is one."""
        error = exception_of(event.get("exc_info"))
        if error is not None and event.get("level") in {"error", "critical"}:
            self.capture(error, hint=str(event.get("fingerprint", "")))
        if (request := current_request.get()) is not None:
            request.leave(
                (str(event.get("timestamp", "")), str(event.get("level", "")), str(event.get("event", "")))
            )

    def capture(self, error: BaseException, *, hint: str = "") -> None:
        """Keep `error`, unless so many equal ones came in the last minute that it is only counted."""
        if getattr(error, _SEEN, False):  # it passes several doors on its way out
            return
        setattr(error, _SEEN, True)
        frames = stack(error.__traceback__)
        found = fingerprint(error, frames, hint)
        count = self._admitted(found)
        if not count:
            return
        self._sequence += 1
        event = self._event(error, frames, found, count)
        self._events.append(event)
        for sink in self._sinks:
            sink(event)

    def after(self, sequence: int) -> tuple[ErrorEvent, ...]:
        """Return what was kept after the event with this number, the oldest first."""
        return tuple(event for event in self._events if event.sequence > sequence)

    def _admitted(self, found: str) -> int:
        """How many failures the next event stands for; none when the cap is reached."""
        now = self._clock.monotonic()
        recent = self._recent.setdefault(found, _Recent(now))
        self._recent.move_to_end(found)
        if len(self._recent) > MOST_FINGERPRINTS:
            self._recent.popitem(last=False)
        if now - recent.since >= PER_SECONDS:
            recent.since, recent.kept = now, 0
        recent.waiting += 1
        if recent.kept >= PER_FINGERPRINT:
            return 0
        recent.kept += 1
        count, recent.waiting = recent.waiting, 0
        return count

    def _event(self, error: BaseException, frames: tuple[Frame, ...], found: str, count: int) -> ErrorEvent:
        request = current_request.get()
        ours = [frame for frame in frames if frame.in_app]
        return ErrorEvent(
            sequence=self._sequence,
            at=self._clock.now(),
            service=request.service if request else self._service,
            fingerprint=found,
            kind=_name(error),
            message=scrubbed(str(error)),
            culprit=f"{ours[-1].module}:{ours[-1].line}" if ours else "",
            frames=frames,
            correlation_id=correlation_id.get(),
            method=request.scope["method"] if request else "",
            route=template(request.scope) if request else "",
            user_id=user_id.get(),
            count=count,
            breadcrumbs=tuple(scrubbed(" ".join(crumb)) for crumb in (request and request.breadcrumbs) or ()),
        )


class _Recent:
    __slots__ = ("kept", "since", "waiting")

    def __init__(self, since: float) -> None:
        self.since = since
        self.kept = self.waiting = 0


def fingerprint(error: BaseException, frames: tuple[Frame, ...], hint: str = "") -> str:
    """Return what equal failures share: version, colon, hash.

    A name that the code gives wins; else our own frames (module, function, line of code, so that a moved line
    stays the same failure); else the exception's class with the fixed part of its message.
    """
    ours = [f"{frame.module}|{frame.function}|{frame.code}" for frame in frames if frame.in_app]
    basis = [hint] if hint else [_name(error), *(ours or [_VARIABLE.sub("?", str(error))])]
    return f"{VERSION}:{hashlib.sha256(chr(10).join(basis).encode()).hexdigest()[:16]}"


def stack(trace: TracebackType | None) -> tuple[Frame, ...]:
    """Return the frames of a traceback, the innermost last, without any value of a variable."""
    frames = []
    for frame, line in list(traceback.walk_tb(trace))[-DEEPEST:]:
        module = str(frame.f_globals.get("__name__", ""))
        summary = traceback.FrameSummary(frame.f_code.co_filename, line, frame.f_code.co_name)
        frames.append(
            Frame(
                module=module,
                function=frame.f_code.co_qualname,
                line=line,
                code=(summary.line or "").strip()[:200],
                in_app=module.partition(".")[0] == _PACKAGE,
            )
        )
    return tuple(frames)


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
