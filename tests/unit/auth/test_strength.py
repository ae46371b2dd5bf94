"""How long it takes to say whether a password is strong: anybody may ask."""

import time

import pytest

from autograph.auth.strength import check_password
from autograph.core.problem import Invalid

SECONDS = 1.0
"""On a busy machine; with every choice among these signs it was three and more."""


@pytest.mark.feature("auth.register")
@pytest.mark.parametrize("signs", ["4@8({[<369&#!1/|0$5+7%2", "2%7+5$0|/1!#&963<[{(8@4"])
def test_no_password_keeps_a_thread_busy(signs):
    """A long password of signs that stand for letters is judged in a moment of the processor's time."""
    before = time.thread_time()
    check_password((signs * 6)[:128], email="ada@example.org", name="Ada")
    assert time.thread_time() - before < SECONDS


@pytest.mark.parametrize("weak", ["P4$$w0rd2@1!", "p@55w0rd!!11", "p@$5w0rd4!1|"])
def test_a_word_in_disguise_stays_one(weak):
    """Signs in place of letters, many kinds of them too, do not make a common word strong."""
    with pytest.raises(Invalid):
        check_password(weak, email="ada@example.org", name="Ada")
