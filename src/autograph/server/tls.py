"""TLS: 1.3 with a certificate and key from files, read again when they change."""

import asyncio
import contextlib
import ssl
from datetime import datetime
from pathlib import Path
from typing import Self

import structlog
from cryptography import x509
from pydantic import BaseModel, ConfigDict, Field, model_validator

CHECK_SECONDS = 30.0
"""How often we look whether the files have changed."""

_OLDER_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secrecy and authenticated encryption only."""

_log = structlog.get_logger(__name__)


class TlsSettings(BaseModel):
    """Whether this process speaks https itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    certificate: Path | None = Field(
        default=None,
        description="PEM file with the certificate and its chain. With a key, AutoGraph speaks https itself; the files"
        " are read again when they change or on SIGHUP.",
    )
    key: Path | None = Field(default=None, description="PEM file with the certificate's private key.")
    allow_1_2: bool = Field(
        default=False,
        description="Also accept TLS 1.2, for clients that do not know 1.3. Nothing older, ever.",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError(
                "AUTOGRAPH_TLS__CERTIFICATE and AUTOGRAPH_TLS__KEY go together; one of them is missing"
            )
        return self

    @property
    def is_on(self) -> bool:
        """Whether there is a certificate."""
        return self.certificate is not None


class Tls:
    """The TLS context of a server.

    Args:
        settings: Files, which must be named.

    Attributes:
        context: What connections are made with.
        ends_at: When the certificate in use is no longer valid; None when it does not say so in a readable way.

    Raises:
        OSError: A file cannot be read, or they are no certificate with its key (`ssl.SSLError`).
    """

    def __init__(self, settings: TlsSettings) -> None:
        self._settings = settings
        self.context = self._loaded()
        self.ends_at = self._end()
        self._seen = self._stamps()

    def gauges(self, now: datetime) -> dict[str, float]:
        """How many seconds are left from `now` until the certificate ends; negative when it has."""
        if self.ends_at is None:
            return {}
        return {"certificate_seconds_left": (self.ends_at - now).total_seconds()}

    def reload(self) -> None:
        """Use what is in the files now for new connections; a pair that does not fit leaves the old one in use."""
        try:
            self._loaded()  # proves the pair: a live context must never hold half of a new one
            self._load_into(self.context)
            self.ends_at = self._end()
        except OSError as error:
            _log.error("tls.certificate_not_reloaded", reason=error.strerror or str(error))
        else:
            _log.info("tls.certificate_reloaded", certificate=str(self._settings.certificate))

    async def watch(self, *, check_seconds: float = CHECK_SECONDS) -> None:
        """Reload whenever a file has changed; runs until cancelled."""
        while True:
            await asyncio.sleep(check_seconds)
            stamps = await asyncio.to_thread(self._stamps)
            if stamps != self._seen:
                self._seen = stamps
                self.reload()

    def _loaded(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = (
            ssl.TLSVersion.TLSv1_2 if self._settings.allow_1_2 else ssl.TLSVersion.TLSv1_3
        )
        context.set_ciphers(_OLDER_CIPHERS)
        context.set_alpn_protocols(["http/1.1"])
        self._load_into(context)
        return context

    def _load_into(self, context: ssl.SSLContext) -> None:
        assert self._settings.certificate is not None
        context.load_cert_chain(self._settings.certificate, self._settings.key, password=lambda: b"")

    def _end(self) -> datetime | None:
        """The end of the first certificate, which is ours; roots of the chain may have ended without harm."""
        assert self._settings.certificate is not None
        try:
            first, *_ = x509.load_pem_x509_certificates(self._settings.certificate.read_bytes())
        except ValueError:
            return None
        return first.not_valid_after_utc

    def _stamps(self) -> tuple[int, ...]:
        """When each file was written; 0 while it is away, as when it is being replaced."""
        stamps = []
        for path in (self._settings.certificate, self._settings.key):
            stamp = 0
            with contextlib.suppress(OSError):
                stamp = path.stat().st_mtime_ns if path else 0
            stamps.append(stamp)
        return tuple(stamps)
