"""Every way we know to forge a token, made from a real one: nothing of it may open anything."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import OKPKey

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the group of Ed25519's signatures (RFC 8032, 5.1)."""


def plain(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unplain(text: str) -> bytes:
    """Bytes of base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def packed(value: Any) -> str:
    """JSON as part of a token."""
    return plain(json.dumps(value).encode())


@dataclass
class Forge:
    """Makes tokens like `real` one, which `key` has signed at the Unix time `now`."""

    real: str
    key: OKPKey
    now: int

    def __post_init__(self) -> None:
        header, payload, _ = self.real.split(".")
        self.header: dict[str, Any] = json.loads(unplain(header))
        self.claims: dict[str, Any] = json.loads(unplain(payload))
        self.other = Ed25519PrivateKey.generate()

    def __call__(
        self,
        header: dict[str, Any] | None = None,
        *,
        sign: Callable[[bytes], bytes] | None = None,
        **claims: Any,
    ) -> str:
        """The real token with changes (None takes a member away), signed as it should be or otherwise."""
        return self.of(_changed(self.header, header or {}), _changed(self.claims, claims), sign)

    def of(self, header: Any, claims: Any, sign: Callable[[bytes], bytes] | None = None) -> str:
        """A token of these parts."""
        content = f"{packed(header)}.{packed(claims)}"
        return f"{content}.{plain((sign or self.key.private_key.sign)(content.encode()))}"

    def with_secret(self, secret: bytes) -> str:
        """HS256 by a secret that everybody has."""
        return self({"alg": "HS256"}, sign=lambda content: hmac.digest(secret, content, hashlib.sha256))

    def public(self, encoding: Encoding, form: PublicFormat) -> bytes:
        """The public key as bytes."""
        return bytes(self.key.public_key.public_bytes(encoding, form))


def _changed(given: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def nothing(_content: bytes) -> bytes:
    """No signature."""
    return b""


def attacks(forge: Forge, *, other_kind: str) -> dict[str, str]:
    """Return forged tokens by what is wrong with them; `other_kind` is a `typ` that belongs elsewhere."""
    return {
        **_algorithms(forge),
        **_names_of_keys(forge),
        **_headers(forge, other_kind),
        **_claims(forge),
        **_shapes(forge),
    }


def _algorithms(forge: Forge) -> dict[str, str]:
    der = forge.public(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        **{
            f"alg {alg}, no signature": forge({"alg": alg}, sign=nothing)
            for alg in ("none", "None", "NONE", "nOnE", "")
        },
        "alg none, signed": forge({"alg": "none"}),
        "no alg": forge.of(_changed(forge.header, {"alg": None}), forge.claims),
        "alg is a list": forge({"alg": ["Ed25519"]}),
        "alg EdDSA": forge({"alg": "EdDSA"}),
        "alg in small letters": forge({"alg": "ed25519"}),
        "HS256 by the PEM": forge.with_secret(forge.public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
        "HS256 by the DER": forge.with_secret(der),
        "HS256 by the raw key": forge.with_secret(forge.public(Encoding.Raw, PublicFormat.Raw)),
        "HS256 by x": forge.with_secret(str(forge.key.as_dict(private=False)["x"]).encode()),
        "HS256 by nothing": forge.with_secret(b""),
        "ES256 of zeros": forge({"alg": "ES256"}, sign=lambda _: bytes(64)),
        "RS256": forge({"alg": "RS256"}),
    }


def _names_of_keys(forge: Forge) -> dict[str, str]:
    ours = forge.other.sign
    theirs = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": plain(forge.other.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)),
        }
    )
    return {
        "another's key": forge({"kid": theirs.thumbprint()}, sign=ours),
        "another's key, our kid": forge(sign=ours),
        "another's kid, our key": forge({"kid": theirs.thumbprint()}),
        "no kid": forge({"kid": None}),
        "kid is a path": forge({"kid": "../../../../dev/null"}),
        "kid is SQL": forge({"kid": "x' UNION SELECT 'y"}),
        "kid is a list": forge({"kid": [forge.header["kid"]]}),
        "kid is a number": forge({"kid": 0}),
        "jwk": forge({"jwk": theirs.as_dict(private=False)}, sign=ours),
        "jwk alone": forge({"jwk": theirs.as_dict(private=False), "kid": None}, sign=ours),
        "jku": forge({"jku": "http://127.0.0.1:9/keys.json"}, sign=ours),
        "jku, signed by us": forge({"jku": "http://127.0.0.1:9/keys.json"}),
        "x5u": forge({"x5u": "http://127.0.0.1:9/chain.pem"}, sign=ours),
        "x5c": forge({"x5c": ["MIIB"]}, sign=ours),
    }


def _headers(forge: Forge, other_kind: str) -> dict[str, str]:
    return {
        "crit": forge({"crit": ["exp"]}),
        "crit of b64": forge({"crit": ["b64"], "b64": False}),
        "an unknown member": forge({"x": 1}),
        "zip": forge({"zip": "DEF"}),
        "no typ": forge({"typ": None}),
        "typ JWT": forge({"typ": "JWT"}),
        "typ of another kind": forge({"typ": other_kind}),
        "header is a list": forge.of(["Ed25519"], forge.claims),
        "header is null": forge.of(None, forge.claims),
    }


def _claims(forge: Forge) -> dict[str, str]:
    now = forge.now
    return {
        "expired": forge(exp=now - 1, iat=now - 7200),
        "no exp": forge(exp=None),
        "exp is text": forge(exp=str(now + 600)),
        "exp is true": forge(exp=True),
        "exp is a fraction": forge(exp=now + 600.5),
        "exp is a list": forge(exp=[now + 600]),
        "not yet": forge(nbf=now + 600),
        "nbf is text": forge(nbf="now"),
        "for elsewhere": forge(aud="elsewhere"),
        "for us and others": forge(aud=[forge.claims["aud"], "elsewhere"]),
        "for nobody": forge(aud=None),
        "by another": forge(iss="elsewhere"),
        "by nobody": forge(iss=None),
        "about nobody": forge(sub=None),
        "of no session": forge(sid=None),
        "claims are a list": forge.of(forge.header, [forge.claims]),
        "claims are null": forge.of(forge.header, None),
    }


def _shapes(forge: Forge) -> dict[str, str]:
    header, payload, signature = forge.real.split(".")
    raw = unplain(signature)
    beyond = raw[:32] + (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little")
    tampered = packed({**forge.claims, "roles": ["admin"], "permissions": ["people:manage"]})
    return {
        "tampered claims": f"{header}.{tampered}.{signature}",
        "tampered header": f"{packed({**forge.header, 'kid': 'x'})}.{payload}.{signature}",
        "no signature": f"{header}.{payload}.",
        "two parts": f"{header}.{payload}",
        "four parts": f"{forge.real}.{signature}",
        "five parts": f"{header}.{payload}.{signature}.{payload}.{signature}",
        "cut by one": forge.real[:-1],
        "cut by half": forge.real[: len(forge.real) // 2],
        "signature cut": f"{header}.{payload}.{plain(raw[:-1])}",
        "signature longer": f"{header}.{payload}.{plain(raw + bytes(1))}",
        "signature of zeros": f"{header}.{payload}.{plain(bytes(64))}",
        "one bit of the signature": f"{header}.{payload}.{plain(bytes([raw[0] ^ 1]) + raw[1:])}",
        "the other form of the signature": f"{header}.{payload}.{plain(beyond)}",
        "JSON": json.dumps({"protected": header, "payload": payload, "signature": signature}),
        "no base64": f"{header}.!!!.{signature}",
        "a long one": f"{header}.{plain(secrets.token_bytes(9_000))}.{signature}",
        "dots": "..",
    }
