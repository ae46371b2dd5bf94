"""One strict way to read a signed token, for whoever verifies one: access tokens and identity assertions.

Everything is decided before the signature is looked at: the algorithm is Ed25519 and no other, the
header has the three members that we write and no other (so no ``jku``, ``jwk``, ``x5u`` or ``crit``),
the kind is the one that was asked for, and the key is one of those handed in (RFC 8725).
"""

from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic_core import from_json

from autograph.core.problem import Unauthenticated

ALGORITHM = "Ed25519"
ISSUER = "autograph"
ACCESS_TYPE, ACCESS_AUDIENCE = "at+jwt", "autograph"
ASSERTION_TYPE, ASSERTION_AUDIENCE = "assertion", "autograph-internal"
LONGEST_TOKEN = 8_192
LEEWAY_SECONDS = 5

_HEADER = frozenset({"alg", "typ", "kid"})
_SIGNATURES = jws.JWSRegistry(algorithms=[ALGORITHM])


class UnknownKey(Exception):  # noqa: N818 - no published error: the reader decides what follows
    """The token names a key that is not among those known; newer keys may have it."""


def key_id(token: str, *, kind: str) -> str:
    """Return the id of the key that `token` says it was signed with, after checking its header.

    Args:
        token: Compact JWT.
        kind: The ``typ`` that it must have.

    Raises:
        Unauthenticated: Not a token of that kind, or its header holds anything that we never write.
    """
    if len(token) > LONGEST_TOKEN or token.count(".") != 2:
        raise Unauthenticated("this is not a token")
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError) as reason:
        raise Unauthenticated("this is not a token") from reason
    if not _HEADER.issuperset(header) or header.get("alg") != ALGORITHM or header.get("typ") != kind:
        raise Unauthenticated("this kind of token is not taken here")
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise Unauthenticated("this token names no key")
    return kid


def read_token(
    token: str, keys: Mapping[str, OKPKey], *, kind: str, audience: str, now: int, issuer: str = ISSUER
) -> dict[str, Any]:
    """Return the claims of `token` when every check passes.

    Args:
        token: Compact JWT.
        keys: Public keys by their id.
        kind: Required ``typ``.
        audience: Required ``aud``, exactly one.
        now: Unix time in seconds.
        issuer: Required ``iss``.

    Raises:
        UnknownKey: The key is not among `keys`.
        Unauthenticated: Any other check failed. The message never says more than is needed.
    """
    key = keys.get(key_id(token, kind=kind))
    if key is None:
        raise UnknownKey("this token was signed with a key that is not known here")
    try:
        content = jws.deserialize_compact(token.encode("ascii"), key, registry=_SIGNATURES)
        claims = from_json(content.payload or b"")
    except (JoseError, ValueError) as reason:
        raise Unauthenticated("this token's signature is not right") from reason
    if not isinstance(claims, dict):
        raise Unauthenticated("this token holds no claims")
    if claims.get("iss") != issuer or claims.get("aud") != audience:
        raise Unauthenticated("this token was made for another place")
    _check_times(claims, now)
    return claims


def write_token(claims: Mapping[str, Any], key: OKPKey, *, kind: str) -> str:
    """Sign `claims` with the private `key`; the key's thumbprint becomes the ``kid``."""
    header = {"alg": ALGORITHM, "typ": kind, "kid": key.thumbprint()}
    return jwt.encode(header, dict(claims), key, algorithms=[ALGORITHM])


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    if now >= _moment(claims.get("exp")):
        raise Unauthenticated("this token has expired")
    if now + LEEWAY_SECONDS < _moment(claims.get("nbf", 0)):
        raise Unauthenticated("this token is not valid yet")


def _moment(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unauthenticated("this token does not say when it is valid")
    return value
