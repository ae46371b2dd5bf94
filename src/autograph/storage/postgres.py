"""PostgreSQL connections that say whom a transaction works for, without touching a single statement.

The words travel inside the message that begins the transaction, so they cost no round trip, and statements keep
their text: prepared ones stay prepared, equal ones stay equal. See docs/decisions/0012.
"""

from typing import Any
from urllib.parse import quote

import asyncpg

from autograph.core.calls import current_service
from autograph.core.correlation import correlation_id
from autograph.core.trace import trace

NAME = "autograph"
"""What a connection is called while it works for no request."""


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection whose transactions name their service, their trace and their correlation ID."""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 - theirs
        """Run a script; one that begins a transaction says whom for."""
        status: str = await super().execute(begun_for(query), *args, timeout=timeout)
        return status


def begun_for(query: str) -> str:
    """Return `query`; a BEGIN with a name for all that follows it, and with a comment in the form of sqlcommenter.

    ``application_name`` is on every line of the server's log (``%a``) and in ``pg_stat_activity``: the service and
    the trace, ``diagrams 4bf92f3577b34da6a3ce929d0e0e4736``. It ends with the transaction.
    """
    service, current = current_service.get(), trace.get()
    if not query.startswith("BEGIN") or not (service or current):
        return query
    name = f"{service or NAME} {current.trace_id}" if current else service
    said = {
        "correlation_id": correlation_id.get(),
        "service": service,
        "traceparent": current.parent if current else "",
    }
    comment = ",".join(f"{key}='{quote(value, safe='')}'" for key, value in said.items() if value)
    return f"{query} SET LOCAL application_name = '{quote(name, safe=' ')}' /*{comment}*/"
