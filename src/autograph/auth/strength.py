"""Which passwords may be chosen: how many guesses one would take, after NIST SP 800-63B: no recipes of characters."""

import math
from collections.abc import Sequence

from autograph.auth.guesses import FIRST_GUESSES
from autograph.auth.rules import field_error

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128
FEWEST_GUESSES = 10**8
"""What an estimate calls safe from guessing online, and hard to guess from a stolen argon2id hash."""

_LOOKED_AT = 72  # characters: the estimate takes long for long ones, which are hard to guess anyway

_ALIKE = ("4@", "({[<", "69", "1!|", "1|7", "$5", "+7")
"""Signs that zxcvbn takes for the same letter. It tries every choice among them: hundreds, with all of them."""

_ONE_OF_EACH = str.maketrans("@{[<9!|$+", "4(((61157")
_MOST_WAYS = 8


def check_password(password: str, *, email: str, name: str, words: Sequence[str] = ()) -> None:
    """Refuse a password that a guesser would find. Takes some milliseconds: call it in a thread.

    Args:
        password: In Unicode's form C.
        email: Of whose it is to be.
        name: Likewise.
        words: Of the installation, which a guesser tries: what the company and its products are called.

    Raises:
        Invalid: Too short, too long, common, easy to guess, or made of one's own address or name. It says why.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise field_error("password", f"needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if "\x00" in password:
        raise field_error("password", "holds a character that cannot be typed")
    folded, local = password.casefold(), email.partition("@")[0].casefold()
    called = name.casefold()
    if folded in {email.casefold(), local, called, called.replace(" ", "")}:
        raise field_error("password", "must not be your e-mail address or name")
    if (
        folded in FIRST_GUESSES
        or folded.strip("0123456789!@#$%^&*._-+=? ") in FIRST_GUESSES
        or len(set(folded)) <= 2
    ):
        raise field_error("password", "is one of the first that a guesser tries")
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415 - 13 MB of common words

    known = [word for word in (email, local, *name.split(), *words, "autograph") if word]
    found = zxcvbn(_quick_to_estimate(password[:_LOOKED_AT]), user_inputs=known)
    if found["guesses"] < FEWEST_GUESSES:
        advice = str(found["feedback"]["warning"]) or "Add another word or two; uncommon words are better."
        raise field_error("password", f"is too easy to guess. {advice}")


def _quick_to_estimate(password: str) -> str:
    """Return a password that is estimated alike, in at most a tenth of a second: signs that look alike become one."""
    ways = math.prod(max(1, len(set(alike) & set(password))) for alike in _ALIKE)
    return password.translate(_ONE_OF_EACH) if ways > _MOST_WAYS else password
