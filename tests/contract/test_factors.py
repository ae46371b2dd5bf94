"""What every login factor of the shelf promises: a new one is tested by standing there."""

from typing import get_args

import pytest

from autograph.auth.factors import FACTORS, has_second, is_enough, second
from autograph.auth.settings import AuthSettings
from autograph.auth.store.factors import Method

pytestmark = pytest.mark.feature("auth.mfa")

ALL = list(FACTORS)
EACH = pytest.mark.parametrize("factor", ALL, ids=[factor.name for factor in ALL])


@EACH
def test_a_factor_says_what_it_is(factor):
    """Its name is one word, as sessions remember it, and it is good for something."""
    assert factor.name.isidentifier()
    assert factor.name == factor.name.lower()
    assert factor.opens or factor.is_second
    assert len(f"password {factor.name}") <= 60  # what the column holds


@EACH
def test_it_counts_for_what_it_says(factor):
    """Alone, and after a password, in any place; where more than a password is wanted one of them must be enough."""
    settings = AuthSettings(mfa="required")
    for methods in (factor.name, f"password {factor.name}", f"{factor.name} password"):
        assert has_second(methods) is factor.is_second
        assert is_enough(methods) is factor.is_enough
        assert second.is_missing(settings, methods) is not factor.is_enough
    assert second.is_missing(AuthSettings(), factor.name) is False


def test_what_nobody_knows_is_worth_nothing():
    """No proof, a factor that was taken from the shelf, and a name that only begins like one."""
    for methods in ("", "saml", "totps", "pass key"):
        assert not has_second(methods)
        assert not is_enough(methods)


def test_a_password_alone_is_never_more_than_that():
    """It opens, and is neither a second factor nor enough where one is wanted."""
    password = FACTORS.get("password")
    assert (password.opens, password.is_second, password.is_enough) == (True, False, False)


def test_every_second_factor_that_is_offered_stands_there():
    """What a sign-in may be asked for is a second factor of the shelf."""
    assert {factor.name for factor in ALL if factor.is_second} == set(get_args(Method))
