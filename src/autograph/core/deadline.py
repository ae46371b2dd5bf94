"""How long the request that is being served may still take, known to everything that works for it.

A request's deadline is one moment. It is set where the request comes in, travels to other processes as the
milliseconds that remain (clocks differ, durations do not), and is lifted when the answer begins or the
request is over: what a request has started and left running is not hurried by it.
"""

import math
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Literal

from autograph.core.problem import Problem

HEADER = "x-autograph-deadline-ms"
"""Carries the remaining milliseconds between our own processes; the gateway strips it from what comes in."""

Ending = Literal["", "late", "gone", "unsent", "idle"]
"""Why a request was stopped: its time was over, its client left, its body did not come in time, or its
answer stood still. Empty while it was not."""


class TimedOut(Problem):
    """The work was stopped because the request's time was over; whatever it had begun is taken back."""

    status, slug, title = 504, "timeout", "This took longer than allowed."


class Deadline:
    """One request's time limit.

    Args:
        seconds: From now; infinity for none.
        is_short: Whether the client asked for less time than it would have had.
        monotonic: Seconds that never run backwards.
    """

    __slots__ = ("ending", "is_short", "moment", "monotonic")

    def __init__(
        self, seconds: float, *, is_short: bool = False, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.monotonic = monotonic
        self.moment = monotonic() + seconds
        self.is_short = is_short
        self.ending: Ending = ""

    def remaining_seconds(self) -> float:
        """Seconds to go, infinity when there is no limit; below zero when it is over."""
        return self.moment - self.monotonic()

    def lift(self) -> None:
        """From now on there is no limit."""
        self.moment = math.inf


current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)
"""Deadline of the request that is being served; None outside of one."""


def remaining_seconds() -> float | None:
    """Return how many seconds the current request still has (never below zero), or None for no limit."""
    deadline = current.get()
    if deadline is None or deadline.moment == math.inf:
        return None
    return max(0.0, deadline.moment - deadline.monotonic())


def check() -> float | None:
    """Return the same as :func:`remaining_seconds`, for work that is about to start.

    Raises:
        TimedOut: Nothing remains, so that starting would be in vain.
    """
    remaining = remaining_seconds()
    if remaining is not None and remaining <= 0:
        raise TimedOut
    return remaining
