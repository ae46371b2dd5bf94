"""Tests of what mails say: the figures in them are true."""

from datetime import timedelta

import pytest

from autograph.auth.mail import words


@pytest.mark.parametrize(
    ("lasts", "said"),
    [
        (timedelta(days=7) - timedelta(milliseconds=3), "works for 7 days."),
        (timedelta(hours=20), "works for 1 day."),
    ],
)
def test_an_invitation_says_for_how_many_days_it_works(lasts, said):
    """What has passed since it was made is no day less, and one day is no plural."""
    assert said in words.invited("Ada", "ada@example.com", "", "https://example.com/x", lasts).text
