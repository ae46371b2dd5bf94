"""The two kinds of signed token: access tokens for clients, identity assertions for our own services."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from autograph.auth.keys import SigningKeys
from autograph.auth.rules import Person, Session
from autograph.clients.tokens import (
    ACCESS_AUDIENCE,
    ACCESS_TYPE,
    ASSERTION_AUDIENCE,
    ASSERTION_TYPE,
    ISSUER,
    UnknownKey,
    read_token,
    write_token,
)
from autograph.core.ids import new_id
from autograph.core.problem import Unauthenticated
from autograph.model.principal import Principal

ASSERTION_SECONDS = 60


class AccessClaims(BaseModel):
    """What an access token proves: a person, and the session that it hangs on."""

    model_config = ConfigDict(frozen=True)

    sub: str
    sid: str


def write_access(keys: SigningKeys, person: Person, session: Session, *, now: datetime, seconds: int) -> str:
    """Return an access token that ends after `seconds`, or with its session if that is sooner."""
    issued = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "aud": ACCESS_AUDIENCE,
        "jti": new_id(),
        "sub": person.id,
        "email": person.email,
        "name": person.name,
        "roles": list(person.roles),
        "sid": session.id,
        "iat": issued,
        "exp": min(issued + seconds, int(session.expires_at.timestamp())),
    }
    return write_token(claims, keys.signing, kind=ACCESS_TYPE)


def read_access(keys: SigningKeys, token: str, *, now: datetime) -> AccessClaims:
    """Return what an access token proves, or raise Unauthenticated. Its session may have ended since."""
    moment = int(now.timestamp())
    try:
        claims = read_token(token, keys.public, kind=ACCESS_TYPE, audience=ACCESS_AUDIENCE, now=moment)
        return AccessClaims.model_validate(claims)
    except (UnknownKey, ValidationError) as reason:
        raise Unauthenticated("this token was not made here") from reason


def write_assertion(
    keys: SigningKeys, principal: Principal, *, ends: datetime | None, now: datetime
) -> tuple[str, int]:
    """Return an identity assertion, and the seconds for which it is good; it never outlives what proved it."""
    issued = int(now.timestamp())
    expires = issued + ASSERTION_SECONDS
    expires = expires if ends is None else min(expires, int(ends.timestamp()))
    claims = {
        "iss": ISSUER,
        "aud": ASSERTION_AUDIENCE,
        "sub": principal.user_id,
        "email": principal.email,
        "name": principal.name,
        "roles": list(principal.roles),
        "permissions": sorted(principal.permissions),
        "sid": principal.session_id,
        "kid": principal.key_id,
        "iat": issued,
        "exp": expires,
    }
    return write_token(claims, keys.signing, kind=ASSERTION_TYPE), expires - issued
