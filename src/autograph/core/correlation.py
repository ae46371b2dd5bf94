"""One ID that follows a request through every service, log line and answer."""

import re
from contextvars import ContextVar

from autograph.core.ids import new_id

HEADER = "x-correlation-id"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
"""The ID of the request that is being served; empty outside of one."""

user_id: ContextVar[str] = ContextVar("user_id", default="")
"""Account of whoever the request is served for, once that is proven; empty before and outside of one."""

document_id: ContextVar[str] = ContextVar("document_id", default="")
"""Document that the request is about, once that is known; empty before and outside of one."""


def accept(offered: str | None) -> str:
    """Return the ID that a caller offered when it is short and clean, else a fresh one."""
    return offered if offered and _ACCEPTED.fullmatch(offered) else new_id()
