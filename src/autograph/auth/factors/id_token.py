"""One strict way to read an ID token (OpenID Connect Core 1.0, 3.1.3.7; RFC 8725)."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from pydantic_core import from_json

ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}
"""Signatures that are believed at all, with the kind of their keys: whoever can verify one cannot make one."""

LEEWAY_SECONDS = 60
LONGEST_TOKEN = 64 * 1024
LONGEST_SUBJECT = 255

Key = RSAKey | ECKey | OKPKey


class UnknownKey(Exception):  # noqa: N818 - no published error: the reader fetches the keys anew
    """The token names a key that is not among those known."""


class NotBelieved(Exception):  # noqa: N818 - the text is for the log: whoever signs in learns less
    """Something that the provider says is not proven; the text says what, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token has to say to be one for us, now, of this sign-in.

    Attributes:
        issuer: Who must have made it.
        client_id: For whom.
        nonce: In answer to what.
        algorithms: How it may be signed, as the provider announced.
        now: Unix time in seconds.
    """

    issuer: str
    client_id: str
    nonce: str
    algorithms: Collection[str]
    now: int


def keys_of(jwks: Any) -> tuple[Key, ...]:
    """Return the keys of a JWK set that may verify signatures; what cannot be read is left out.

    Raises:
        NotBelieved: It is no JWK set.
    """
    members = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(members, list):
        raise NotBelieved("the provider's keys are no JWK set")
    found: list[Key] = []
    for member in members:
        try:
            key = import_key(member)
        except (JoseError, AttributeError, KeyError, TypeError, ValueError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey) and member.get("use", "sig") == "sig":
            found.append(key)
    return tuple(found)


def read_id_token(token: str, keys: Sequence[Key], expected: Expected) -> dict[str, Any]:
    """Return the claims of `token` when every check passes.

    Raises:
        UnknownKey: It names a key that is not among `keys`.
        NotBelieved: Any other check failed.
    """
    claims = _signed_claims(token, keys, expected.algorithms)
    if claims.get("iss") != expected.issuer:
        raise NotBelieved("the ID token was made by somebody else")
    _check_audience(claims, expected.client_id)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise NotBelieved("the ID token answers another sign-in")
    _check_times(claims, expected.now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise NotBelieved("the ID token does not say whom it is about")
    return claims


def _signed_claims(token: str, keys: Sequence[Key], algorithms: Collection[str]) -> dict[str, Any]:
    if len(token) > LONGEST_TOKEN:
        raise NotBelieved("the ID token is too long")
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError) as reason:
        raise NotBelieved("the ID token is no signed token") from reason
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS or algorithm not in algorithms:
        raise NotBelieved("the ID token is signed in a way that was not announced")
    if "crit" in header or "b64" in header:
        raise NotBelieved("the ID token wants something that is not known here")
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    for key in _candidates(header, keys):
        try:
            content = jws.deserialize_compact(token.encode("ascii"), key, registry=registry)
            claims = from_json(content.payload or b"", allow_inf_nan=False)
        except (JoseError, ValueError):
            continue
        if isinstance(claims, dict):
            return claims
    raise NotBelieved("the ID token's signature is not right")


def _candidates(header: Mapping[str, Any], keys: Sequence[Key]) -> list[Key]:
    """Keys of the provider that may have signed; what the token says of keys itself (jwk, jku, x5u) is not heard."""
    kid, kind = header.get("kid"), ALGORITHMS[header["alg"]]
    fitting = [key for key in keys if key.key_type == kind and (kid is None or key.kid in (None, kid))]
    if not fitting:
        raise UnknownKey
    return fitting


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or client_id not in named:
        raise NotBelieved("the ID token was made for another application")
    party = claims.get("azp")
    if party != client_id and (party is not None or len(named) > 1):
        raise NotBelieved("the ID token was made for another application, which passes it on")


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    moments = {
        name: claims.get(name, default) for name, default in (("exp", None), ("iat", None), ("nbf", 0))
    }
    for moment in moments.values():
        if not isinstance(moment, int | float) or isinstance(moment, bool):
            raise NotBelieved("the ID token does not say when it is valid")
    if now - LEEWAY_SECONDS >= moments["exp"]:
        raise NotBelieved("the ID token has expired")
    if now + LEEWAY_SECONDS < max(moments["iat"], moments["nbf"]):
        raise NotBelieved("the ID token is not valid yet: compare the clocks of both machines")
