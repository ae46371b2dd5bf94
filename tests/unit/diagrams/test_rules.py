"""Rules of documents, held against whatever hypothesis thinks of."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograph.core.problem import Invalid, Malformed, Problem
from autograph.diagrams.rules import Contents, clean_canvas, folded, like_pattern, normal_title, read_json

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=5)


@given(OBJECT)
def test_json_that_can_be_kept_is_read_as_it_is(value):
    """Whatever another program writes as JSON is read as the same value."""
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary())
def test_any_bytes_are_an_object_or_a_problem(body):
    """Nothing that can be sent makes the reader fail in another way."""
    try:
        assert isinstance(read_json(body), dict)
    except Problem as problem:
        assert problem.status in {400, 422}


@given(canvas=st.none() | OBJECT, code=TEXT, note=TEXT, model=st.none() | OBJECT)
def test_contents_survive_being_kept(canvas, code, note, model):
    """Encode and decode are each other's inverse, and equal contents give equal bytes."""
    contents = Contents(canvas, code, note, model)
    encoded = contents.encode()

    assert Contents.decode(encoded) == contents
    assert Contents.decode(encoded).encode() == encoded


@given(TEXT)
def test_a_title_is_normal_or_refused(text):
    """A normal title is 1 to 200 characters, stays the same when normalised again, and has no blanks around it."""
    try:
        title = normal_title(text)
    except Invalid:
        return
    assert 1 <= len(title) <= 200
    assert normal_title(title) == title == title.strip()


@given(st.text(alphabet="%_\\aAß", max_size=8), st.text(alphabet="%_\\aAß", max_size=12))
def test_a_pattern_finds_exactly_what_contains_it(needle, title):
    """LIKE with the pattern says yes exactly when the folded title contains the folded text."""
    pieces = re.findall(r"\\.|.", like_pattern(needle), re.DOTALL)
    assert pieces[0] == pieces[-1] == "%"
    literal = "".join(piece[-1] for piece in pieces[1:-1])
    assert all(piece not in {"%", "_"} for piece in pieces[1:-1])
    assert (literal in folded(title)) == (folded(needle) in folded(title))


ELEMENT = st.fixed_dictionaries(
    {"type": st.sampled_from(["rectangle", "iframe", "embeddable", "text", "arrow"])},
    optional={
        "link": st.none() | st.sampled_from(["https://a", "javascript:x", " data:x", "/d/1"]),
        "x": st.floats(),
    },
)


@given(st.lists(ELEMENT))
def test_a_clean_canvas_reaches_nowhere(elements):
    """No embedded site is left, no link but to the web, every other element is there in its order."""
    cleaned = clean_canvas({"elements": elements, "appState": {"a": 1}})["elements"]

    wanted = [element for element in elements if element["type"] not in {"iframe", "embeddable"}]
    assert [element["type"] for element in cleaned] == [element["type"] for element in wanted]
    assert {element.get("link") for element in cleaned} <= {None, "https://a", "/d/1"}


def test_a_canvas_with_deleted_elements_only_is_empty():
    """`has_canvas` means that something is to be seen."""
    assert not Contents(canvas={"elements": [{"isDeleted": True}]}).has_canvas
    assert not Contents(canvas={}).has_canvas
    assert Contents(canvas={"elements": [{"type": "text"}]}).has_canvas


@pytest.mark.parametrize("body", [b"1", b"[]", b"null", b'"x"', b"{}{}", b"{'a': 1}", b"\xef\xbb\xbf{}"])
def test_only_an_object_is_a_body(body):
    """Other JSON, two values, other quotes and a byte-order mark are malformed."""
    with pytest.raises(Malformed):
        read_json(body)


def test_two_hundred_levels_are_deep_enough():
    """The depth limit is the parser's: a problem, not an overflow."""
    with pytest.raises(Invalid):
        read_json(b'{"a":' * 201 + b"1" + b"}" * 201)
    assert read_json(b'{"a":' * 190 + b"1" + b"}" * 190)
