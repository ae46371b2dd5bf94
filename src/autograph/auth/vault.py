"""Seals small secrets that are kept in the database, so that a copy of the database gives nothing away."""

import base64
import hmac
import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from autograph.auth import files

FILE_NAME = "vault-keys.json"
KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 4


class Broken(Exception):  # noqa: N818 - the standard library calls such things by what they are
    """Something sealed was changed, belongs elsewhere, or was sealed with a key that is not here."""


class Vault:
    """Keys that never leave this process; for every purpose others are derived from them (HKDF, RFC 5869).

    Args:
        keys: Of 32 random bytes each, the newest first; it seals. All of them open.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"a vault needs keys of {KEY_BYTES} bytes")
        self._keys = {_derived(key, "id")[:_ID_BYTES]: key for key in keys}
        self._newest = next(iter(self._keys))
        self._oldest = keys[-1]
        self._for_macs: dict[str, bytes] = {}

    @classmethod
    def generate(cls) -> "Vault":
        """Return a vault with a fresh key that is kept nowhere."""
        return cls([secrets.token_bytes(KEY_BYTES)])

    @classmethod
    def load(cls, path: Path) -> "Vault":
        """Read the keys of a file; make it, mode 0600, when it is not there.

        Raises:
            ValueError: Others can read it, or it holds no keys. The message says what to do.
        """
        if not path.exists():
            fresh = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
            files.create(path, json.dumps({"keys": [fresh]}))
        text = files.read(path)
        try:
            return cls([base64.b64decode(key, validate=True) for key in json.loads(text)["keys"]])
        except (KeyError, TypeError, ValueError) as reason:
            raise ValueError(f"{path} does not hold keys: restore it from a backup") from reason

    def seal(self, purpose: str, secret: str, *, owner: str = "") -> bytes:
        """Return `secret` encrypted (AES-256-GCM) for one purpose and owner; it opens for no other."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(_derived(self._keys[self._newest], purpose))
        return self._newest + nonce + cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, purpose: str, sealed: bytes, *, owner: str = "") -> str:
        """Return what was sealed.

        Raises:
            Broken: It was changed, was sealed for another purpose or owner, or its key is not here.
        """
        key_id, rest = sealed[:_ID_BYTES], sealed[_ID_BYTES:]
        if key_id not in self._keys:
            raise Broken("sealed with a key that is not here")
        cipher = AESGCM(_derived(self._keys[key_id], purpose))
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], owner.encode()).decode()
        except (InvalidTag, ValueError) as reason:
            raise Broken("changed, or sealed for something else") from reason

    def mac(self, purpose: str, message: bytes) -> bytes:
        """Return a keyed hash of 32 bytes (HMAC-SHA-256). It is of the oldest key, so that it never changes."""
        if purpose not in self._for_macs:
            self._for_macs[purpose] = _derived(self._oldest, purpose)
        return hmac.digest(self._for_macs[purpose], message, "sha256")

    def signer(self, purpose: str) -> Ed25519PrivateKey:
        """Return a key that signs for one purpose. It is of the oldest key, so that it never changes."""
        return Ed25519PrivateKey.from_private_bytes(_derived(self._oldest, purpose))


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"autograph " + purpose.encode()).derive(key)
