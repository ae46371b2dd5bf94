"""W3C trace context: the trace that a request belongs to, taken over from its caller or begun anew.

Source: https://www.w3.org/TR/trace-context-2/ (sections 3 and 4).
"""

import os
import re
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass

PARENT_HEADER = "traceparent"
STATE_HEADER = "tracestate"
RESPONSE_HEADER = "traceresponse"
"""Tells a caller which trace it was. Source: https://w3c.github.io/trace-context/#traceresponse-header."""

STATE_MEMBERS = 32
"""A tracestate with more members is not valid."""
STATE_CHARACTERS = 2048
"""What is passed on of a tracestate at most; the oldest members, which stand last, go first."""

_KNOWN_FLAGS = 0b11
_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_MEMBER = re.compile(
    r"([a-z0-9][a-z0-9_*/@-]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in which trace we are.

    Attributes:
        trace_id: 32 lower-case hexadecimal digits, the same for everything that one call sets off.
        span_id: 16 digits, ours: the parent of whatever we call.
        flags: Bit 0 sampled, bit 1 random identifier.
        parent_id: Span of our caller, empty when the trace begins here.
        state: What vendors pass along, as one header value; empty when there is none.
    """

    trace_id: str
    span_id: str
    flags: int
    parent_id: str = ""
    state: str = ""

    @property
    def parent(self) -> str:
        """The value of traceparent for what we call."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"


trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""The trace of the request that is being served; None outside of one."""


def begun() -> Trace:
    """Return a new trace, sampled, with random identifiers."""
    digits = os.urandom(24).hex()
    return Trace(digits[:32], digits[32:], _KNOWN_FLAGS)


def continued(parents: Sequence[str], states: Sequence[str]) -> Trace:
    """Return our place in the caller's trace, or a new trace when the caller names none that is valid.

    Args:
        parents: Every value of the header traceparent; more than one is not valid.
        states: Every value of the header tracestate, in order; dropped with a traceparent that is not valid.
    """
    found = _PARENT.fullmatch(parents[0].strip(" \t")) if len(parents) == 1 else None
    if found is None:
        return begun()
    version, trace_id, parent_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not trace_id.strip("0") or not parent_id.strip("0"):
        return begun()
    known = int(flags, 16) & _KNOWN_FLAGS
    return Trace(trace_id, os.urandom(8).hex(), known, parent_id, _state(states) if states else "")


def _state(values: Sequence[str]) -> str:
    """The members of all values as one, or nothing when any of them is not valid."""
    members = [member for value in values for part in value.split(",") if (member := part.strip(" \t"))]
    keys = {found[1] for member in members if (found := _MEMBER.fullmatch(member))}
    if len(keys) != len(members) or len(members) > STATE_MEMBERS:
        return ""
    while members and sum(map(len, members)) + len(members) > STATE_CHARACTERS:
        members.pop()
    return ",".join(members)
