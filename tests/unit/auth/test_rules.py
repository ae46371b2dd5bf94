"""Rules of accounts, held against whatever hypothesis thinks of."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograph.auth import rules
from autograph.auth.strength import check_password
from autograph.core.problem import Invalid

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.emails())
def test_ordinary_addresses_are_taken_and_kept_in_one_form(address):
    """Normalising twice is normalising once, and case does not matter."""
    try:
        normal = rules.normal_email(address)
    except Invalid:
        assert any(letter in address for letter in '"(),:;<>[\\]')
        return
    assert rules.normal_email(normal) == normal == rules.normal_email(address.upper())


@given(st.text())
def test_any_text_is_an_address_or_refused(text):
    """A taken address has one @ that counts, no blanks and nothing invisible."""
    try:
        address = rules.normal_email(text)
    except Invalid:
        return
    local, _, domain = address.rpartition("@")
    assert local
    assert domain
    assert address.isprintable()
    assert not any(character.isspace() for character in address)


@pytest.mark.parametrize(
    "address", ["a@b", "a.b+c@x.org", "ö@müller.de", "o'neil@x.co.uk", "a@1.2.3.4", "ada@localhost"]
)
def test_addresses_without_a_network_are_fine(address):
    """Hosts without a dot and letters of any script are taken: nobody asks DNS."""
    assert rules.normal_email(address) == address


CHARACTERS = st.characters(min_codepoint=33, max_codepoint=0x2FFF)


@given(
    st.lists(CHARACTERS, min_size=14, max_size=128).map("".join)
)  # st.text() would try words of the code, too
def test_long_passwords_are_mostly_taken(password):
    """Only lists, repetition and one's own names refuse a long password; no recipe of characters."""
    try:
        check_password(password, email="ada@example.org", name="Ada Lovelace")
    except Invalid:
        assert len(set(password.casefold())) < 10


@pytest.mark.parametrize(
    "password",
    [
        "Ada Lovelace",
        "ADALOVELACE",
        "ada@example.org",
        "Summer2026!",
        "p@ssw0rd99",
        "qwertyuiop123",
        "abcdefgh1234",
    ],
)
def test_what_a_guesser_tries_first_is_refused(password):
    """One's own names and dressed-up common words."""
    with pytest.raises(Invalid):
        check_password(password, email="ada@example.org", name="Ada Lovelace")


def test_words_of_the_house_are_guessed():
    """What the company is called is no password, however it is dressed up; without being told nobody knows."""
    password = "Harbourlight2026"
    check_password(password, email="ada@example.org", name="Ada")
    with pytest.raises(Invalid):
        check_password(password, email="ada@example.org", name="Ada", words=["Harbourlight"])


def test_codes_are_many_and_easy_to_type():
    """Twelve letters of thirty-two, without those that are mistaken for others; typed O and I are read as 0 and 1."""
    codes = {rules.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert not set("ILOU") & set("".join(codes))
    assert rules.code_hash("0123-1111-ABCD") == rules.code_hash("o123-iLil-abcd")
    assert rules.code_hash("0123-1111-ABCD") != rules.code_hash("0123-1111-ABCE")


@given(st.text())
def test_any_text_has_a_hash(text):
    """Whatever is typed or sent is hashed, lone surrogates too."""
    assert len(rules.code_hash(text)) == len(rules.secret_hash(text)) == 32


@given(
    seen=st.integers(0, 100_000),
    now=st.integers(0, 100_000),
    idle=st.none() | st.integers(1, 5_000),
    revoked=st.booleans(),
)
def test_a_session_lives_while_every_limit_holds(seen, now, idle, revoked):
    """Alive exactly when not revoked, not past its end and not idle for too long."""
    session = rules.Session(
        "s", "u", NOW, NOW + timedelta(seconds=seen), NOW + timedelta(days=1), idle, NOW if revoked else None
    )
    expected = not revoked and now < 86_400 and (idle is None or now < seen + idle)
    assert session.is_alive(NOW + timedelta(seconds=now)) is expected
