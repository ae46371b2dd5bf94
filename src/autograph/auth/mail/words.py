"""What mails say. Plain text, short, with one link; nothing in them comes from strangers but names."""

import math
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's subject and text."""

    subject: str
    text: str


def verify(name: str, link: str, hours: int) -> Words:
    """To whoever made an account."""
    return _mail(
        "Confirm your e-mail address",
        f"Hello {name},",
        "confirm that this is your address, and your AutoGraph account is ready:",
        link,
        f"The link works once, for {hours} hours. If you did not make an account, do nothing.",
    )


def already_registered(name: str, link: str) -> Words:
    """To whoever has an account and made another."""
    return _mail(
        "You already have an account",
        f"Hello {name},",
        "somebody, perhaps you, wanted to make an AutoGraph account with this address. There is one already. "
        "If you forgot its password, choose a new one:",
        link,
        "If it was not you, do nothing.",
    )


def reset(name: str, link: str, minutes: int) -> Words:
    """To whoever forgot their password."""
    return _mail(
        "Choose a new password",
        f"Hello {name},",
        "choose a new password for AutoGraph here:",
        link,
        f"The link works once, for {minutes} minutes. If you did not ask for it, do nothing: your password stays.",
    )


def locked(name: str, link: str, minutes: int) -> Words:
    """To whoever's account is locked."""
    return _mail(
        "Your account is locked",
        f"Hello {name},",
        f"there were too many wrong sign-ins to your AutoGraph account, so it is locked for {minutes} minutes. "
        "If it was you, unlock it now:",
        link,
        "If it was not you, your password is still yours: nobody got in.",
    )


def password_changed(name: str) -> Words:
    """To whoever's password is another one now."""
    return _mail(
        "Your password was changed",
        f"Hello {name},",
        "the password of your AutoGraph account was changed, and every other session was ended. "
        "If it was not you, tell an administrator.",
    )


def invited(inviter: str, address: str, team: str, link: str, lasts: timedelta) -> Words:
    """To whoever is to come in, from whom with which address; `team` is empty without one."""
    into = f" the team {team} in" if team else ""
    days = math.ceil(lasts / timedelta(days=1))
    long = "1 day" if days == 1 else f"{days} days"
    return _mail(
        "You are invited to AutoGraph",
        "Hello,",
        f"{inviter} ({address}) invites you to{into} AutoGraph. Come in here:",
        link,
        f"The link is for this address alone and works for {long}. If you do not know who this is, do nothing.",
    )


def new_address(name: str, link: str, hours: int) -> Words:
    """To the address that an account is to have from now on."""
    return _mail(
        "Confirm your new e-mail address",
        f"Hello {name},",
        "confirm that your AutoGraph account is to have this address from now on:",
        link,
        f"The link works once, for {hours} hours.",
    )


def security(name: str, what: str) -> Words:
    """To whoever's way of signing in was changed."""
    return _mail(
        "Your sign-in was changed",
        f"Hello {name},",
        f"{what} If it was not you, tell an administrator.",
    )


def _mail(subject: str, *paragraphs: str) -> Words:
    return Words(_one_line(subject)[:200], "\n\n".join(paragraphs) + "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
