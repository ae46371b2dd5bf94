"""What is true of accounts, whoever asks and wherever they are kept. No I/O, no clock of its own."""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograph.core.problem import Invalid

LONGEST_EMAIL = 254
LONGEST_NAME = 100

TOUCH_EVERY = timedelta(minutes=1)
"""`last_seen_at` is written at most this often, so that reading does not mean writing."""

_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)*[^\W_](?:[\w-]{0,61}[^\W_])?")
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_CODE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Person:
    """An account, without what proves it."""

    id: str
    email: str
    name: str
    roles: tuple[str, ...]
    created_at: datetime
    verified_at: datetime | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in.

    Attributes:
        idle_seconds: How long it may rest; None for ever.
        address: From where it was opened.
        user_agent: By what, as that calls itself.
        methods: What proved who it is, such as ``password totp``.
    """

    id: str
    user_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    idle_seconds: int | None
    revoked_at: datetime | None
    address: str = ""
    user_agent: str = ""
    methods: str = ""

    def is_alive(self, now: datetime) -> bool:
        """Whether it still proves anything at `now`."""
        if self.revoked_at is not None or now >= self.expires_at:
            return False
        return self.idle_seconds is None or now < self.last_seen_at + timedelta(seconds=self.idle_seconds)

    def wants_touch(self, now: datetime) -> bool:
        """Whether `last_seen_at` is old enough to be written again."""
        return now >= self.last_seen_at + TOUCH_EVERY


def field_error(field: str, message: str) -> Invalid:
    """Return the problem that says what is wrong with one `field`."""
    return Invalid(f"{field}: {message}", errors=[{"field": field, "message": message}])


def normal_email(text: str) -> str:
    """Return an address in the one form in which it is kept and compared.

    Whether anybody reads it is not asked: the machine may have no network.

    Raises:
        Invalid: Not of the form ``name@host``.
    """
    address = unicodedata.normalize("NFC", text.strip()).lower()
    local, _, domain = address.rpartition("@")
    wrong = (
        len(address) > LONGEST_EMAIL
        or not _LOCAL_PART.fullmatch(local)
        or local.startswith(".")
        or local.endswith(".")
        or ".." in local
        or not _DOMAIN.fullmatch(domain)
        or not address.isprintable()
    )
    if wrong:
        raise field_error("email", "is not an e-mail address")
    return address


def normal_name(text: str) -> str:
    """Return a person's name without blanks around it.

    Raises:
        Invalid: Empty, longer than 100 characters, or with characters that cannot be seen.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise field_error("name", f"needs 1 to {LONGEST_NAME} characters")
    if not name.isprintable():
        raise field_error("name", "holds characters that cannot be shown")
    return name


def normal_password(text: str) -> str:
    """Return a password as it is hashed: composed accents are one character on every keyboard (RFC 8265)."""
    return unicodedata.normalize("NFC", text)


def new_code() -> str:
    """Return a fresh first-run code, ``XXXX-XXXX-XXXX``: 60 random bits, no two letters alike."""
    letters = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, _CODE_LENGTH, 4))


def code_hash(code: str) -> bytes:
    """Return the SHA-256 of a code as typed by a person: case, blanks and dashes do not count."""
    plain = re.sub(r"[\s-]", "", code.upper()).translate(str.maketrans("ILO", "110"))
    return hashlib.sha256(plain.encode("utf-8", "replace")).digest()


def new_secret() -> str:
    """Return 256 random bits for a cookie or a refresh token, as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """Return the SHA-256 under which a cookie or refresh token is kept; it needs no salt, being random."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
