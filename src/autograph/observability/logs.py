"""Structured logs: one JSON line an event in production, readable lines for people in development."""

import io
import logging
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from autograph.core.calls import current_service
from autograph.core.correlation import correlation_id, document_id, user_id
from autograph.core.trace import trace
from autograph.observability.levels import LEVELS, Levels
from autograph.observability.requests import current_request
from autograph.observability.scrub import hidden

Event = MutableMapping[str, Any]
Watcher = Callable[[str, Event], None]
"""Sees every event that is written, with the name of its logger, before it is rendered."""

levels = Levels()
"""Of this process; `configure` sets them and an administrator changes them while it runs."""

_watchers: list[Watcher] = []

AGAIN_SECONDS = 60.0
"""A library that repeats itself (an exporter whose collector is away) is written so often."""

MOST_SAID = 500

_WRITTEN = "_autograph_written"
"""Marks an exception whose stack is in the log already."""


class Libraries(logging.Handler):
    """What libraries tell the standard library's logging, as events like our own: one line each, without secrets."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._said: dict[tuple[str, str], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a failure whose stack was written is no news, nor is what was just said."""
        error = record.exc_info[1] if record.exc_info else None
        if getattr(error, _WRITTEN, False) or (error is None and self._was_said(record)):
            return
        level = record.levelname.lower()
        try:
            write = getattr(structlog.get_logger(record.name), level if level in LEVELS else "warning")
            write(hidden(record.getMessage()), **({"exc_info": error} if error else {}))
        except Exception:  # noqa: BLE001 - a line that cannot be written must not end who writes it
            self.handleError(record)

    def _was_said(self, record: logging.LogRecord) -> bool:
        """Whether the same was said a moment ago, perhaps with other values; else it is from now on."""
        said, now = (record.name, str(record.msg)), self._monotonic()
        if now - self._said.get(said, float("-inf")) < AGAIN_SECONDS:
            return True
        if len(self._said) >= MOST_SAID:
            self._said.clear()
        self._said[said] = now
        return False


class NamedLogger(structlog.PrintLogger):
    """Writes lines to a stream and knows whose they are."""

    def __init__(self, name: str, stream: Any) -> None:
        super().__init__(stream)
        self.name = name


def watch(watcher: Watcher) -> Callable[[], None]:
    """Show every event of this process to `watcher`; return how to stop that."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)


def configure(
    level: str, *, as_json: bool, service: str = "autograph", named_levels: Mapping[str, str] | None = None
) -> None:
    """Set up logging for this process; call once, at start.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        as_json: One JSON object a line; otherwise coloured text.
        service: Name of the process, on every line that no service of it wrote.
        named_levels: Levels of single services and modules.
    """
    levels.change(level, named_levels or {})

    def named(logger: Any, _method: str, event: Event) -> Event:
        event.setdefault("service", current_service.get() or service)
        if current := correlation_id.get():
            event.setdefault("correlation_id", current)
        if user := user_id.get() or _proven():
            event.setdefault("user", user)
        if document := document_id.get():
            event.setdefault("document", document)
        if as_json and (ours := trace.get()) is not None:
            event.setdefault("trace_id", ours.trace_id)
        for watcher in _watchers:
            watcher(logger.name, event)
        return event

    render: list[Any] = (
        [structlog.processors.format_exc_info, _scrubbed, structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_plainly)]
    )
    structlog.configure(
        processors=[
            _filtered,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
            named,
            _stack_once,
            *render,
        ],
        wrapper_class=structlog.BoundLogger,
        logger_factory=lambda *names: NamedLogger(names[0] if names else "", sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[Libraries()], force=True)


def _proven() -> str:
    """Account of whoever the gateway has let in, for what it does itself."""
    request = current_request.get()
    principal = request.scope.get("state", {}).get("principal") if request else None
    return principal.user_id if principal else ""


def exception_of(info: object) -> BaseException | None:
    """Return what structlog calls exc_info, in its three forms; None without any."""
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None


def _stack_once(_logger: Any, _method: str, event: Event) -> Event:
    """A failure passes several doors on its way out; its stack is written at the first."""
    if (error := exception_of(event.get("exc_info"))) is not None:
        if getattr(error, _WRITTEN, False):
            del event["exc_info"]
        else:
            setattr(error, _WRITTEN, True)
    return event


def _scrubbed(_logger: Any, _method: str, event: Event) -> Event:
    """The text of an exception may say what somebody has sent."""
    if "exception" in event:
        event["exception"] = hidden(event["exception"])
    return event


def _plainly(stream: TextIO, exc_info: Any) -> None:
    """A stack for people; structlog's other forms print variables, secrets too."""
    text = io.StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    stream.write(hidden(text.getvalue()))


def _filtered(logger: Any, method: str, event: Event) -> Event:
    """Drop what is below the level of its logger."""
    if not levels.allow(logger.name, method):
        raise structlog.DropEvent
    return event
