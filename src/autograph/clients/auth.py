"""Caller of the auth service: who holds this credential, and with which keys is that proven."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from autograph.clients.transport import Transport
from autograph.model.principal import Principal

IDENTIFY_PATH = "/internal/identify"
JWKS_PATH = "/api/auth/.well-known/jwks.json"

API_KEY_START = "ag_"
"""How every API key begins; no other token does."""

SIGN_IN_SUFFIX = "-sign-in"

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine itself, to which plain http is no risk."""


def uses_secure_cookie(public_url: str) -> bool:
    """Whether the session cookie is Secure: always, but for plain http on this machine itself."""
    parts = urlsplit(public_url)
    return not (parts.scheme == "http" and parts.hostname in LOOPBACK)


def cookie_name(public_url: str) -> str:
    """Name of the session cookie; ``__Host-`` binds it to this one host wherever it can be Secure."""
    return "__Host-autograph" if uses_secure_cookie(public_url) else "autograph"


def sign_in_cookie_name(public_url: str) -> str:
    """Name of the cookie that a browser holds while it signs in elsewhere; public calls alone may see it."""
    return cookie_name(public_url) + SIGN_IN_SUFFIX


class Identified(BaseModel):
    """A credential's owner, and the assertion that proves it to every service.

    Attributes:
        assertion: Signed token, sent on in the header ``X-AutoGraph-Identity``.
        expires_in: Seconds until it is worth nothing.
        principal: The same identity in plain words, for logs and limits.
    """

    model_config = ConfigDict(frozen=True)

    assertion: str
    expires_in: int
    principal: Principal


class AuthClient:
    """Typed calls to auth, in this process or another."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def identify(
        self, *, cookie: str | None = None, bearer: str | None = None, address: str = ""
    ) -> Identified:
        """Return who holds this session cookie's value, or this access token or API key (exactly one of them).

        Args:
            cookie: Value of the session cookie.
            bearer: Access token, or API key.
            address: The client's, from where wrong keys are counted; empty when it is not known.

        Raises:
            Unauthenticated: The credential is unknown, expired or revoked.
            Problem: Too many wrong keys came from this address (429).
            Unavailable: Auth does not answer.
        """
        body = {"cookie": cookie} if cookie is not None else {"bearer": bearer}
        headers = {"x-forwarded-for": address} if address else {}
        reply = await self._transport.request("POST", IDENTIFY_PATH, headers=headers, json=body)
        return Identified.model_validate_json(reply.body)

    async def jwks(self) -> dict[str, Any]:
        """Return auth's public keys as a JWK set; usable as an `IdentityVerifier`'s key source."""
        reply = await self._transport.request("GET", JWKS_PATH, headers={})
        return _KeySet.model_validate_json(reply.body).model_dump()


class _KeySet(BaseModel):
    keys: list[dict[str, Any]]
