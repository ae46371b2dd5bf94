"""Structured logs: one JSON line an event in production, readable lines for people in development."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from autograph.core.correlation import correlation_id


def configure(level: str, *, as_json: bool, service: str = "autograph") -> None:
    """Set up logging for this process; call once, at start.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        as_json: One JSON object a line; otherwise coloured text.
        service: Name of the service, on every line.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]

    def named(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("service", service)
        if current := correlation_id.get():
            event.setdefault("correlation_id", current)
        return event

    render: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                exception_formatter=structlog.dev.plain_traceback,  # others print variables, secrets too
            )
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            named,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=max(threshold, logging.WARNING), stream=sys.stderr, format="%(message)s", force=True
    )
