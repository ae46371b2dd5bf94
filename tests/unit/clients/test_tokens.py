"""A token is taken only when every single thing about it is right."""

import base64
import hashlib
import hmac
import json

import pytest
from joserfc.jwk import OKPKey, RSAKey

from autograph.clients.tokens import UnknownKey, key_id, read_token, write_token
from autograph.core.problem import Unauthenticated

NOW = 1_800_000_000
KEY, OTHER = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
PUBLIC = {KEY.thumbprint(): OKPKey.import_key(KEY.as_dict(private=False))}
CLAIMS = {"iss": "autograph", "aud": "here", "exp": NOW + 60, "sub": "ada"}
GOOD_HEADER = {"alg": "Ed25519", "typ": "at+jwt", "kid": KEY.thumbprint()}


def b64(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header, claims, key=KEY):
    """A token with any header at all, rightly signed."""
    message = f"{b64(header)}.{b64(claims)}"
    return f"{message}.{b64(key.private_key.sign(message.encode()))}"


def read(token, **changes):
    wanted = {"kind": "at+jwt", "audience": "here", "now": NOW, **changes}
    return read_token(token, PUBLIC, **wanted)


def test_a_right_token_is_read():
    """What we write we read, and our own hand-made token proves that the tests below fail for their reason."""
    assert read(write_token(CLAIMS, KEY, kind="at+jwt")) == CLAIMS
    assert read(signed(GOOD_HEADER, CLAIMS)) == CLAIMS


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"}, {"alg": "None"}, {"alg": ""}, {"alg": None}, {"alg": "EdDSA"}, {"alg": "HS256"},
        {"alg": "RS256"}, {"alg": ["Ed25519"]}, {"alg": "ed25519"}, {"typ": "assertion"}, {"typ": "refresh"},
        {"typ": "JWT"}, {"typ": None}, {"typ": "AT+JWT"}, {"jku": "https://evil.example/jwks.json"},
        {"jwk": OTHER.as_dict(private=False)}, {"x5u": "https://evil.example/cert"}, {"x5c": ["MII"]},
        {"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"zip": "DEF"}, {"cty": "JWT"}, {"kid": None}, {"kid": 1},
        {"kid": ["x"]},
    ],
    ids=lambda change: "jwk" if "jwk" in change else str(change),
)  # fmt: skip
def test_any_other_header_is_refused(change):
    """Other algorithms, other kinds, and members that lead to other keys: refused although rightly signed."""
    with pytest.raises(Unauthenticated):
        read(signed({**GOOD_HEADER, **change}, CLAIMS))


@pytest.mark.parametrize(
    "kid",
    ["", "other", "../../../dev/null", "' OR 1=1--", OTHER.thumbprint()],
    ids=["none", "other", "path", "sql", "anothers"],
)
def test_an_unknown_key_is_said_apart(kid):
    """The reader may then look for newer keys; nothing else is done with the name."""
    with pytest.raises(UnknownKey):
        read(signed({**GOOD_HEADER, "kid": kid}, CLAIMS))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW}, {"exp": NOW - 1}, {"exp": None}, {"exp": "9999999999"}, {"exp": 9e9}, {"exp": True},
        {"nbf": NOW + 6}, {"nbf": "0"}, {"nbf": None}, {"aud": "elsewhere"}, {"aud": ["here"]},
        {"aud": ["here", "elsewhere"]}, {"aud": None}, {"aud": ""}, {"iss": "evil"}, {"iss": None},
        {"iss": ["autograph"]},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_claims_are_refused(change):
    """Expired, not yet valid, for another place, from another issuer."""
    with pytest.raises(Unauthenticated):
        read(signed(GOOD_HEADER, {**CLAIMS, **change}))


@pytest.mark.parametrize("missing", ["exp", "aud", "iss"])
def test_missing_claims_are_refused(missing):
    """A token that does not say when it ends, for whom it is or from whom, is none."""
    with pytest.raises(Unauthenticated):
        read(signed(GOOD_HEADER, {name: value for name, value in CLAIMS.items() if name != missing}))


def test_a_little_difference_of_clocks_is_forgiven():
    """`nbf` may lie five seconds ahead."""
    assert read(signed(GOOD_HEADER, {**CLAIMS, "nbf": NOW + 5}))["sub"] == "ada"


def test_a_signature_of_another_key_is_refused():
    """The right name with another key's signature is a forgery."""
    with pytest.raises(Unauthenticated):
        read(signed(GOOD_HEADER, CLAIMS, OTHER))


def test_the_public_key_is_no_secret():
    """Signing with HMAC and our public key as its secret (algorithm confusion) is refused."""
    message = f"{b64({**GOOD_HEADER, 'alg': 'HS256'})}.{b64(CLAIMS)}"
    for secret in (KEY.as_pem(private=False), KEY.as_dict(private=False)["x"].encode()):
        tag = hmac.new(secret, message.encode(), hashlib.sha256).digest()
        with pytest.raises(Unauthenticated):
            read(f"{message}.{b64(tag)}")


def test_every_changed_part_is_noticed():
    """Any other character anywhere in a token makes it worthless."""
    token = signed(GOOD_HEADER, CLAIMS)
    for at in range(0, len(token), 3):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises((Unauthenticated, UnknownKey)):
            read(changed)


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "ü.ü.ü", "\x00..", "=.=.=", " ", "x" * 9000, "e30.e30.", "e30..e30",
     b64([]) + "." + b64([]) + ".x", b64(b"[" * 5000) + ".e30.e30"],
)  # fmt: skip
def test_what_is_no_token_is_refused(token):
    """Anything that is no compact JWT is refused without another error."""
    with pytest.raises(Unauthenticated):
        key_id(token, kind="at+jwt")


@pytest.mark.parametrize("payload", [b"", b"[]", b"1", b"null", b"\xff", b'"x"', b"{"])
def test_claims_are_an_object(payload):
    """A rightly signed payload of another shape is refused."""
    with pytest.raises(Unauthenticated):
        read(signed(GOOD_HEADER, payload))


def test_an_unsigned_token_is_refused():
    """Header and claims without a signature, or with an empty one, prove nothing."""
    for alg in ("none", "Ed25519"):
        with pytest.raises(Unauthenticated):
            read(f"{b64({**GOOD_HEADER, 'alg': alg})}.{b64(CLAIMS)}.")


def test_only_ed25519_keys_are_signing_keys():
    """A key set's members of other kinds are left out."""
    from autograph.clients.identity import public_keys

    rsa = RSAKey.generate_key(2048).as_dict(private=False)
    assert public_keys({"keys": [rsa, KEY.as_dict(private=False)]}).keys() == PUBLIC.keys()
