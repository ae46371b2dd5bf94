"""Tests of what a flag says for whom: the switch, the place, the lists, the share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autograph.model.flags import Context, Flag, Reason, resolve, share_of

pytestmark = pytest.mark.feature("platform.feature-flags")

people = st.text(st.characters(codec="ascii", min_codepoint=48), min_size=1, max_size=12)
shares = st.floats(0, 100)


def said(flag, **context):
    """Value and reason."""
    found = resolve(flag, Context(**context))
    return found.value, found.reason


@pytest.mark.parametrize(
    ("rules", "context", "value", "reason"),
    [
        ({}, {}, True, Reason.STATIC),
        ({"percentage": 0}, {"user_id": "u"}, False, Reason.STATIC),
        ({"enabled": False, "allow": ("u",)}, {"user_id": "u"}, False, Reason.DISABLED),
        ({"environments": ("production",)}, {"environment": "development"}, False, Reason.TARGETING_MATCH),
        ({"environments": ("production",)}, {"environment": "production"}, True, Reason.STATIC),
        ({"percentage": 0, "allow": ("u",)}, {"user_id": "u"}, True, Reason.TARGETING_MATCH),
        (
            {"percentage": 0, "allow": ("Ada@Example.com",)},
            {"user_id": "u", "email": "ada@example.com"},
            True,
            Reason.TARGETING_MATCH,
        ),
        ({"deny": ("u",), "allow": ("u",)}, {"user_id": "u"}, False, Reason.TARGETING_MATCH),
        ({"percentage": 50}, {}, False, Reason.DEFAULT),
    ],
)
def test_rules_are_asked_in_order(rules, context, value, reason):
    """Switched off beats all; then the place, who is denied, who is allowed, the share."""
    assert said(Flag(key="f", **rules), **context) == (value, reason)


@given(people, shares, shares)
def test_raising_the_share_only_adds_people(person, one, other):
    """Whoever has a feature at a lower share has it at a higher one."""
    low, high = sorted((one, other))
    if said(Flag(key="f", percentage=low), user_id=person)[0]:
        assert said(Flag(key="f", percentage=high), user_id=person)[0]


@given(people)
def test_the_same_person_always_gets_the_same_answer(person):
    """Where a person stands depends on flag and person only, and differs between flags."""
    assert share_of("f", person) == share_of("f", person)
    assert 0 <= share_of("f", person) < 100


def test_the_share_is_met():
    """Of ten thousand people a quarter has a feature of 25 %, give or take two in a hundred."""
    having = sum(said(Flag(key="gradual", percentage=25), user_id=f"user-{n}")[0] for n in range(10_000))
    assert having == pytest.approx(2500, abs=200)


@pytest.mark.parametrize("key", ["", "Upper", "with space", "-x", "x-", "x--y", "a" * 61])
def test_names_are_plain(key):
    """Keys are kebab-case, so that they can stand in addresses and settings."""
    with pytest.raises(ValidationError):
        Flag(key=key)


def test_values_may_be_words_or_numbers():
    """A flag can choose between two words, too."""
    assert said(Flag(key="f", on="new", off="old", percentage=0), user_id="u")[0] == "old"
