"""An authenticator in software: makes passkeys and signs with them as WebAuthn Level 3 says, or wrongly where asked."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

USER_PRESENT, USER_VERIFIED, MAY_BE_COPIED, IS_COPIED, HAS_KEY = 0x01, 0x04, 0x08, 0x10, 0x40


def text(data):
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def plain(written):
    """What `text` wrote."""
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


@dataclass
class Held:
    """A passkey's private half, and what its authenticator remembers with it."""

    rp_id: str
    user_handle: bytes
    key: ec.EllipticCurvePrivateKey
    count: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))


class Authenticator:
    """A phone, a laptop or a security key, with the browser around it.

    Args:
        origin: Of the page that asks.
        verifies: Whether it asks its owner for a finger or a PIN.
        counts: Whether it counts its signatures; synced passkeys do not.
        is_synced: Whether its passkeys are on other devices, too.
    """

    def __init__(self, origin, *, verifies=True, counts=True, is_synced=False):
        self.origin, self.verifies, self.counts, self.is_synced = origin, verifies, counts, is_synced
        self.held = []

    def create(self, options, **wrong):
        """Make a passkey; the answer is what a browser sends (RegistrationResponseJSON)."""
        held = Held(
            options["rp"]["id"], plain(options["user"]["id"]), ec.generate_private_key(ec.SECP256R1())
        )
        held.id = wrong.get("id", held.id)
        self.held.append(held)
        point = held.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        key = wrong.get("key", {1: 2, 3: -7, -1: 1, -2: x, -3: y})
        about = bytes(16) + len(held.id).to_bytes(2, "big") + held.id + cbor2.dumps(key)
        data = self._data(held, HAS_KEY, wrong) + about
        attestation = {
            "fmt": wrong.get("fmt", "none"),
            "attStmt": wrong.get("statement", {}),
            "authData": data,
        }
        response = {
            "clientDataJSON": text(self._client_data("webauthn.create", options, wrong)),
            "attestationObject": text(wrong.get("attestation") or cbor2.dumps(attestation)),
            "transports": ["internal", "hybrid"],
            "publicKeyAlgorithm": -7,
        }
        return self._credential(held, response)

    def get(self, options, held=None, **wrong):
        """Sign in; the answer is what a browser sends (AuthenticationResponseJSON)."""
        allowed = [plain(one["id"]) for one in options.get("allowCredentials", [])]
        held = held or next(one for one in self.held if not allowed or one.id in allowed)
        if self.counts:
            held.count += 1
        data = self._data(held, 0, wrong)
        client_data = self._client_data("webauthn.get", options, wrong)
        signed = data + hashlib.sha256(client_data).digest()
        signature = wrong.get("signature") or held.key.sign(signed, ec.ECDSA(SHA256()))
        handle = wrong.get("user_handle", held.user_handle)
        response = {
            "clientDataJSON": text(client_data),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": None if handle is None else text(handle),
        }
        return self._credential(held, response)

    def _credential(self, held, response):
        return {
            "id": text(held.id),
            "rawId": text(held.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }

    def _data(self, held, flags, wrong):
        flags |= USER_PRESENT if wrong.get("is_present", True) else 0
        flags |= USER_VERIFIED if wrong.get("verifies", self.verifies) else 0
        flags |= (MAY_BE_COPIED | IS_COPIED) if self.is_synced else 0
        count = wrong.get("count", held.count)
        rp_id = wrong.get("rp_id", held.rp_id)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _client_data(self, kind, options, wrong):
        origin = wrong.get("origin", self.origin)
        assert "origin" in wrong or urlsplit(origin).hostname.endswith(
            options.get("rpId") or options["rp"]["id"]
        )
        said = {
            "type": wrong.get("type", kind),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": origin,
            "crossOrigin": wrong.get("cross_origin", False),
        }
        return json.dumps(said).encode()
