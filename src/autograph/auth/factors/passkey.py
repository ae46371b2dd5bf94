"""Passkeys (WebAuthn Level 3): what a browser is asked for, and what it answers, proven. No I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from autograph.auth.factors.part import Factor

FACTOR = Factor("passkey", opens=True, is_second=True, is_enough=True)

NAME = "AutoGraph"
LASTS = timedelta(minutes=5)
ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
ATTESTATIONS = frozenset({"none", "packed"})
"""None is asked for; some browsers leave an authenticator's own signature in."""

LONGEST_ID_BYTES = 1023
SHORTEST_ID_BYTES = 16
SHORTEST_RSA_BITS = 2048
TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)


class NotProven(Exception):  # noqa: N818 - it says what it is
    """An answer that is not what was asked for; the text is for the log."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom passkeys are made: a host name, and the one origin whose pages may ask."""

    id: str
    origin: str

    @classmethod
    def at(cls, public_url: str) -> "RelyingParty | None":
        """Return it for an installation's address; None where browsers make no passkeys: by number, or in the clear."""
        parts = urlsplit(public_url)
        try:
            host = (parts.hostname or "").encode("idna").decode()
            port = parts.port
        except (UnicodeError, ValueError):
            return None
        is_local = host == "localhost" or host.endswith(".localhost")
        if not host or _is_number(host) or not (parts.scheme == "https" or is_local):
            return None
        is_usual = port in {None, {"http": 80, "https": 443}[parts.scheme]}
        return cls(host, f"{parts.scheme}://{host}" + ("" if is_usual else f":{port}"))


@dataclass(frozen=True, slots=True)
class Known:
    """How a browser finds a passkey."""

    credential_id: bytes
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey, proven to be one."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey's signature, proven; `sign_count` is the authenticator's, to be compared with the last one."""

    sign_count: int
    is_backed_up: bool


def text_of(data: bytes) -> str:
    """Return bytes as base64url without padding, as WebAuthn writes them."""
    return bytes_to_base64url(data)


def bytes_of(text: str) -> bytes:
    """Return what `text_of` wrote.

    Raises:
        NotProven: It is not that.
    """
    try:
        data = base64url_to_bytes(text)
    except ValueError as reason:
        raise NotProven("not base64url") from reason
    if bytes_to_base64url(data) != text:
        raise NotProven("not base64url as WebAuthn writes it")
    return data


def creation_options(
    party: RelyingParty, challenge: str, *, user_id: str, email: str, name: str, mine: Sequence[Known]
) -> dict[str, Any]:
    """Return PublicKeyCredentialCreationOptionsJSON for somebody who has the passkeys `mine`.

    A passkey that needs no address at a sign-in, and that asks its owner for a finger or a PIN, is preferred; a
    plain security key does as a second factor.
    """
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_id=user_id.encode(),
        user_name=email,
        user_display_name=name,
        challenge=base64url_to_bytes(challenge),
        timeout=int(LASTS.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[_described(one) for one in mine],
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json_dict(options)


def request_options(
    party: RelyingParty, challenge: str, *, mine: Sequence[Known], needs_user: bool
) -> dict[str, Any]:
    """Return PublicKeyCredentialRequestOptionsJSON.

    Args:
        party: Who asks.
        challenge: To be signed.
        mine: Which passkeys do; none for whatever the browser has.
        needs_user: Whether the authenticator must make sure that it is its owner, by finger, face or PIN.
    """
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=base64url_to_bytes(challenge),
        timeout=int(LASTS.total_seconds() * 1000),
        allow_credentials=[_described(one) for one in mine],
        user_verification=UserVerificationRequirement.REQUIRED
        if needs_user
        else UserVerificationRequirement.PREFERRED,
    )
    return options_to_json_dict(options)


def challenge_of(credential: dict[str, Any]) -> str:
    """Return the challenge that an answer claims to be for.

    Raises:
        NotProven: It names none, or was asked for by a page inside another site's.
    """
    try:
        data = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    except Exception as reason:  # the library raises whatever its parsers raise
        raise NotProven("the client data cannot be read") from reason
    if data.cross_origin:
        raise NotProven("asked for inside another site's page")
    return bytes_to_base64url(data.challenge)


def made(party: RelyingParty, challenge: str, credential: dict[str, Any]) -> Made:
    """Return the passkey that an answer (RegistrationResponseJSON) proves to be made for this challenge.

    Raises:
        NotProven: It does not.
    """
    try:
        kind = parse_attestation_object(base64url_to_bytes(credential["response"]["attestationObject"])).fmt
        if kind not in ATTESTATIONS:
            raise NotProven("an attestation that was not asked for")
        found = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            supported_pub_key_algs=ALGORITHMS,
        )
        key = decoded_public_key_to_cryptography(decode_credential_public_key(found.credential_public_key))
    except NotProven:
        raise
    except Exception as reason:  # the library raises whatever its parsers raise
        raise NotProven(str(reason)) from reason
    if isinstance(key, RSAPublicKey) and key.key_size < SHORTEST_RSA_BITS:
        raise NotProven("the key is too short")
    if not SHORTEST_ID_BYTES <= len(found.credential_id) <= LONGEST_ID_BYTES:
        raise NotProven("the credential's id is too short or too long")
    if text_of(found.credential_id) != credential["id"]:
        raise NotProven("the credential's id is another one")
    return Made(
        found.credential_id, found.credential_public_key, found.sign_count, found.credential_backed_up
    )


def shown(
    party: RelyingParty, challenge: str, credential: dict[str, Any], *, public_key: bytes, needs_user: bool
) -> Shown:
    """Return what an answer (AuthenticationResponseJSON) proves, signed for this challenge by this key.

    Raises:
        NotProven: Nothing.
    """
    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # compared where it is kept, by one statement
            require_user_verification=needs_user,
        )
    except Exception as reason:  # the library raises whatever its parsers raise
        raise NotProven(str(reason)) from reason
    return Shown(found.new_sign_count, found.credential_backed_up)


def _described(known: Known) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(one) for one in known.transports if one in TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=known.credential_id, transports=transports or None)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
