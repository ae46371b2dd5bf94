"""W3C trace context: the trace that a request belongs to, taken over from its caller or begun anew.

Source: https://www.w3.org/TR/trace-context-2/ (sections 3 and 4).
"""

import os
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace

PARENT_HEADER = "traceparent"
STATE_HEADER = "tracestate"
RESPONSE_HEADER = "traceresponse"
"""Tells a caller which trace it was. Source: https://w3c.github.io/trace-context/#traceresponse-header."""

STATE_MEMBERS = 32
"""A tracestate with more members is not valid."""
STATE_CHARACTERS = 2048
"""What is passed on of a tracestate at most; the oldest members, which stand last, go first."""

_KNOWN_FLAGS = 0b11
_SAMPLED = 0b01
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

Sampler = Callable[[Trace], bool]
_samplers: list[Sampler] = []


def record(sampler: Sampler) -> Callable[[], None]:
    """Give calls places of their own from now on; `sampler` says of each trace that enters whether it is recorded.

    Returns how to stop that. While nobody records, everything that one request does has one place.
    """
    _samplers.append(sampler)
    return lambda: _samplers.remove(sampler)


def below() -> Trace | None:
    """Return a place below the current one for a call that is made now; None where nothing is recorded."""
    if not _samplers or (ours := trace.get()) is None or not ours.flags & _SAMPLED:
        return None
    return replace(ours, span_id=os.urandom(8).hex(), parent_id=ours.span_id)


def entered(is_inside: bool) -> Trace | None:
    """Return the place of a request that a service begins to serve; None while nobody records.

    Args:
        is_inside: A service of this process asks: the place is below its own. Else it is the one that came
            with the request, or of a new trace when none did.
    """
    if not _samplers:
        return None
    if (ours := trace.get()) is None:
        return begun()
    return below() if is_inside else ours


def begun() -> Trace:
    """Return a new trace, sampled, with random identifiers."""
    digits = os.urandom(24).hex()
    found = Trace(digits[:32], digits[32:], _KNOWN_FLAGS)
    return _sampled(found) if _samplers else found


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
    ours = Trace(trace_id, os.urandom(8).hex(), known, parent_id, _state(states) if states else "")
    return _sampled(ours) if _samplers else ours


def _sampled(found: Trace) -> Trace:
    """The same place with the sampled flag as whoever records wants it."""
    wanted = any(sampler(found) for sampler in _samplers)
    return replace(found, flags=found.flags & ~_SAMPLED | wanted)


def _state(values: Sequence[str]) -> str:
    """The members of all values as one, or nothing when any of them is not valid."""
    members = [member for value in values for part in value.split(",") if (member := part.strip(" \t"))]
    keys = {found[1] for member in members if (found := _MEMBER.fullmatch(member))}
    if len(keys) != len(members) or len(members) > STATE_MEMBERS:
        return ""
    while members and sum(map(len, members)) + len(members) > STATE_CHARACTERS:
        members.pop()
    return ",".join(members)
