"""Mail to people: written with what it is about, sent later; without a mail server administrators find it here."""

from autograph.auth.mail.service import Mail

__all__ = ["Mail"]
