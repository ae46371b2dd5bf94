"""The keys that sign tokens: Ed25519, made on the first run, kept in one file that only we can read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from autograph.auth import files

FILE_NAME = "signing-keys.json"


class SigningKeys:
    """One key that signs, and the keys whose signatures are still believed (the signing one among them).

    Args:
        keys: Private Ed25519 keys, the newest first; it signs. Older ones stay until their tokens ended.
    """

    def __init__(self, keys: Sequence[OKPKey]) -> None:
        if not keys:
            raise ValueError("at least one signing key is needed")
        self.signing = keys[0]
        self.public = {key.thumbprint(): OKPKey.import_key(key.as_dict(private=False)) for key in keys}

    @classmethod
    def generate(cls) -> "SigningKeys":
        """Return one fresh key that is kept nowhere."""
        return cls([OKPKey.generate_key("Ed25519", private=True)])

    @classmethod
    def load(cls, path: Path) -> "SigningKeys":
        """Read the keys of `path`, a private JWK set; make it, mode 0600, when it is not there.

        Two processes that start at once end up with the same keys.

        Raises:
            ValueError: The file is readable by others, or is not a private JWK set. The message is one
                line that says what to do.
        """
        if not path.exists():
            files.create(path, _text([OKPKey.generate_key("Ed25519", private=True)]))
        text = files.read(path)
        try:
            members = json.loads(text)["keys"]
            keys = [OKPKey.import_key(member) for member in members]
        except (JoseError, KeyError, TypeError, ValueError) as reason:
            raise ValueError(f"{path} does not hold signing keys: restore it, or move it away") from reason
        if not keys or not all(key.is_private and key.curve_name == "Ed25519" for key in keys):
            raise ValueError(f"{path} must hold private Ed25519 keys only")
        return cls(keys)

    def jwks(self) -> dict[str, Any]:
        """Return the public half as a JWK set (RFC 7517)."""
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": kid, "alg": "Ed25519", "use": "sig"}
                for kid, key in self.public.items()
            ]
        }


def _text(keys: Sequence[OKPKey]) -> str:
    return json.dumps({"keys": [key.as_dict(private=True) for key in keys]})
