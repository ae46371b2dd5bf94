"""One call from a part of the house to another, as it happened: who, whom, how long, with what end.

Whoever calls out (a client, the database, a store) wraps the call in :func:`called`; whoever watches adds
an observer. Neither knows the other, and with nobody watching a call costs two clock readings.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, NamedTuple

from autograph.core.trace import Trace

Target = Literal["http", "database", "cache", "objects", "events", "process"]

current_service: ContextVar[str] = ContextVar("current_service", default="")
"""Name of the service that does what is being done; empty outside of any."""


class Call(NamedTuple):
    """One finished call. A tuple because one is made for every call there is.

    Attributes:
        source: Service that called; empty when no service did (a start, a timer).
        target: Whom: a service, or a store such as ``postgresql``, ``redis``, ``objects``.
        kind: What sort of thing the target is.
        operation: What was asked, few different ones: ``SELECT``, ``get``, ``POST``.
        seconds: How long it took.
        failed: Whether it ended in an error of the target's, not in a problem of the caller's.
        is_lost: Whether nothing came back from the target: it was not reached, or said nothing until time was over.
        place: Its own place in the trace, which the target was told; None when it has none.
        status: Of the answer, where there is such a thing.
        detail: What was asked: a route's template, or a statement without its parameters.
        is_served: Whether it is told by whoever answered; else by whoever asked.
        lasted_seconds: How long until the end of an answer that lasts, when that is more than `seconds`.
    """

    source: str
    target: str
    kind: Target
    operation: str
    seconds: float
    failed: bool
    is_lost: bool = False
    place: Trace | None = None
    status: int = 0
    detail: str = ""
    is_served: bool = False
    lasted_seconds: float = 0.0


Observer = Callable[[Call], None]
_observers: list[Observer] = []


def observe(observer: Observer) -> Callable[[], None]:
    """Hand every finished call of this process to `observer`, which must be quick; return how to stop that."""
    _observers.append(observer)
    return lambda: _observers.remove(observer)


def report(call: Call) -> None:
    """Tell every observer of a call that was timed elsewhere."""
    for observer in _observers:
        observer(call)


@contextmanager
def called(
    target: str, kind: Target, operation: str, *, blameless: tuple[type[BaseException], ...] = ()
) -> Iterator[None]:
    """Time the block as one call to `target`; it failed when it raises anything that is not `blameless`."""
    if not _observers:
        yield
        return
    started, failed = time.perf_counter(), False
    try:
        yield
    except BaseException as error:
        failed = not isinstance(error, blameless)
        raise
    finally:
        report(Call(current_service.get(), target, kind, operation, time.perf_counter() - started, failed))
