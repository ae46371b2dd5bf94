"""A mail server, as rooms that send mail use it."""

from email.message import EmailMessage
from typing import Annotated
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import AfterValidator, SecretStr

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NotTaken(Exception):  # noqa: N818 - what became of the mail
    """The mail server did not take a mail; the text says why, without its address."""


class MailServer:
    """Sends mail over SMTP; with a password only over TLS, unless the server is this machine.

    Args:
        url: ``smtp://user:password@host:587``, or ``smtps://…`` for TLS from the first byte.
        timeout_seconds: For one delivery.

    Raises:
        ValueError: `url` is of another kind; never says what was in it, which may be a password.
    """

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        self._parts = urlsplit(url)
        try:
            self._port = self._parts.port
        except ValueError:
            raise ValueError("the port of a mail server is a number up to 65535") from None
        if self._parts.scheme not in {"smtp", "smtps"} or not self._parts.hostname:
            raise ValueError("a mail server's address begins with smtp:// or smtps:// and a host")
        self._timeout_seconds = timeout_seconds

    async def send(self, message: EmailMessage) -> None:
        """Hand one mail over, or raise NotTaken."""
        parts = self._parts
        is_here = parts.hostname in _LOOPBACK
        must_encrypt = bool(parts.password) and not is_here
        try:
            await aiosmtplib.send(
                message,
                hostname=parts.hostname,
                port=self._port,
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                use_tls=parts.scheme == "smtps",
                start_tls=True if must_encrypt and parts.scheme == "smtp" else None,
                validate_certs=not is_here,  # nobody stands between; its certificate is often one of its own
                timeout=self._timeout_seconds,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotTaken(f"The mail server did not take it: {type(error).__name__}.") from error


def _is_one(url: SecretStr) -> SecretStr:
    if url.get_secret_value():
        MailServer(url.get_secret_value(), timeout_seconds=1.0)
    return url


MailServerUrl = Annotated[SecretStr, AfterValidator(_is_one)]
"""A setting that names a mail server, or is empty."""
