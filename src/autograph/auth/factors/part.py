"""What every login factor says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Factor:
    """A way to prove who one is, under the name by which sessions remember it.

    Attributes:
        opens: Whether a sign-in may begin with it.
        is_second: Whether it is shown after another one.
        is_enough: Whether it does where everybody needs more than a password.
    """

    name: str
    opens: bool = False
    is_second: bool = False
    is_enough: bool = False
