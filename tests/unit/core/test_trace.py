"""W3C trace context: what is taken over, what begins anew, what is dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograph.core.trace import STATE_CHARACTERS, begun, continued

pytestmark = pytest.mark.feature("observability.correlation")

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{SPAN}-01"

TAKEN_OVER = {
    "sampled": GOOD,
    "not sampled": f"00-{TRACE}-{SPAN}-00",
    "flags that we do not know": f"00-{TRACE}-{SPAN}-ff",
    "white space around": f" {GOOD}\t",
    "a later version": f"cc-{TRACE}-{SPAN}-01",
    "a later version that says more": f"cc-{TRACE}-{SPAN}-01-what-the-future-brings",
    "the last later version": f"fe-{TRACE}-{SPAN}-01",
}
RESTARTED = {
    "empty": [""],
    "upper case": [GOOD.upper()],
    "upper case trace": [f"00-{TRACE.upper()}-{SPAN}-01"],
    "upper case span": [f"00-{TRACE}-{SPAN.upper()}-01"],
    "trace all zero": [f"00-{'0' * 32}-{SPAN}-01"],
    "span all zero": [f"00-{TRACE}-{'0' * 16}-01"],
    "version ff": [f"ff-{TRACE}-{SPAN}-01"],
    "version of one digit": [f"0-{TRACE}-{SPAN}-01"],
    "version 00 that says more": [GOOD + "-what"],
    "version 00 with a dash at the end": [GOOD + "-"],
    "a later version that runs on": [f"cc-{TRACE}-{SPAN}-01what"],
    "trace too short": [f"00-{TRACE[:-1]}-{SPAN}-01"],
    "trace too long": [f"00-{TRACE}0-{SPAN}-01"],
    "span too short": [f"00-{TRACE}-{SPAN[:-1]}-01"],
    "no flags": [f"00-{TRACE}-{SPAN}"],
    "flags too long": [f"00-{TRACE}-{SPAN}-001"],
    "not hexadecimal": [f"00-{TRACE[:-1]}g-{SPAN}-01"],
    "line break at the end": [GOOD + "\n"],
    "other digits": [GOOD.replace(TRACE, "\u0661" * 32)],
    "two equal ones": [GOOD, GOOD],
    "two in one": [f"{GOOD},{GOOD}"],
    "none": [],
}
KEPT_STATES = {
    "one": (["congo=t61rcWkgMzE"], "congo=t61rcWkgMzE"),
    "two headers are one list": (["foo=1", "bar=2"], "foo=1,bar=2"),
    "white space around members": (["foo=1 \t,\t bar=2"], "foo=1,bar=2"),
    "empty members": (["foo=1,,bar=2,"], "foo=1,bar=2"),
    "several systems of one tenant": (["t1@sys=1,t2@sys=2"], "t1@sys=1,t2@sys=2"),
    "odd characters": (["a_-*/z=!~:;? x"], "a_-*/z=!~:;? x"),
    "32 members": ([",".join(f"k{n}=1" for n in range(32))], ",".join(f"k{n}=1" for n in range(32))),
}
DROPPED_STATES = {
    "33 members": [",".join(f"k{n}=1" for n in range(33))],
    "the same key twice": ["foo=1,foo=1"],
    "the same key in two headers": ["foo=1", "foo=2"],
    "upper case key": ["FOO=1"],
    "key too long": [f"{'z' * 257}=1"],
    "no key": ["=1"],
    "no value": ["foo="],
    "no equals sign": ["foo"],
    "two equals signs": ["foo=bar=baz"],
    "value too long": [f"foo={'x' * 257}"],
    "control character": ["foo=\x00"],
    "not ASCII": ["foo=\xe9"],
}


@pytest.mark.parametrize("parent", TAKEN_OVER.values(), ids=TAKEN_OVER.keys())
def test_valid_parent(parent):
    """A valid traceparent is continued: same trace, our own span, its span as parent, version 00 goes on."""
    found = continued([parent], ["foo=1"])
    assert (found.trace_id, found.parent_id, found.state) == (TRACE, SPAN, "foo=1")
    assert found.span_id != SPAN
    assert found.parent == f"00-{TRACE}-{found.span_id}-{found.flags:02x}"
    assert found.flags == int(parent.strip()[53:55], 16) & 3


@pytest.mark.parametrize("parents", RESTARTED.values(), ids=RESTARTED.keys())
def test_invalid_parent(parents):
    """Any other traceparent begins a new trace and drops the tracestate with it."""
    found = continued(parents, ["foo=1"])
    assert found.trace_id != TRACE
    assert (found.parent_id, found.state) == ("", "")
    assert continued([found.parent], []).trace_id == found.trace_id


@pytest.mark.parametrize(("states", "kept"), KEPT_STATES.values(), ids=KEPT_STATES.keys())
def test_valid_state(states, kept):
    """Valid members of a tracestate go on in their order."""
    assert continued([GOOD], states).state == kept


@pytest.mark.parametrize("states", DROPPED_STATES.values(), ids=DROPPED_STATES.keys())
def test_invalid_state(states):
    """A tracestate that is not valid is dropped whole; the trace goes on without it."""
    found = continued([GOOD], states)
    assert (found.trace_id, found.state) == (TRACE, "")


def test_long_state():
    """Of a tracestate that is very long the oldest members, at its end, stay behind."""
    long = ",".join(f"k{n}={'x' * 250}" for n in range(20))
    kept = continued([GOOD], [long]).state
    assert 512 <= len(kept) <= STATE_CHARACTERS
    assert long.startswith(kept + ",")


def test_new_traces_differ():
    """A trace that begins here has an identifier of its own."""
    assert len({begun().trace_id for _ in range(100)}) == 100


@given(st.lists(st.text(max_size=80), max_size=3), st.lists(st.text(max_size=80), max_size=3))
def test_whatever_is_sent(parents, states):
    """Whatever a client sends, what goes on is a valid trace."""
    found = continued(parents, states)
    assert continued([found.parent], [found.state]).parent_id == found.span_id
