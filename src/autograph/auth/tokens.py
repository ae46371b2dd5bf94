"""The two kinds of signed token: access tokens for clients, identity assertions for our own services."""

from datetime import datetime
from typing import Any

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

ASSERTION_SECONDS = 60


class AccessClaims(BaseModel):
    """What an access token proves: a person, and the session that it hangs on."""

    model_config = ConfigDict(frozen=True)

    sub: str
    sid: str


def write_access(keys: SigningKeys, person: Person, session: Session, *, now: datetime, seconds: int) -> str:
    """Return an access token that ends after `seconds`, or with its session if that is sooner."""
    claims = _claims(person, session, now, seconds)
    return write_token({**claims, "aud": ACCESS_AUDIENCE, "jti": new_id()}, keys.signing, kind=ACCESS_TYPE)


def read_access(keys: SigningKeys, token: str, *, now: datetime) -> AccessClaims:
    """Return what an access token proves, or raise Unauthenticated. Its session may have ended since."""
    moment = int(now.timestamp())
    try:
        claims = read_token(token, keys.public, kind=ACCESS_TYPE, audience=ACCESS_AUDIENCE, now=moment)
        return AccessClaims.model_validate(claims)
    except (UnknownKey, ValidationError) as reason:
        raise Unauthenticated("this token was not made here") from reason


def write_assertion(keys: SigningKeys, person: Person, session: Session, *, now: datetime) -> tuple[str, int]:
    """Return an identity assertion, and the seconds for which it is good."""
    claims = _claims(person, session, now, ASSERTION_SECONDS)
    token = write_token({**claims, "aud": ASSERTION_AUDIENCE}, keys.signing, kind=ASSERTION_TYPE)
    return token, claims["exp"] - claims["iat"]


def _claims(person: Person, session: Session, now: datetime, seconds: int) -> dict[str, Any]:
    issued = int(now.timestamp())
    return {
        "iss": ISSUER,
        "sub": person.id,
        "email": person.email,
        "name": person.name,
        "roles": list(person.roles),
        "sid": session.id,
        "iat": issued,
        "exp": min(issued + seconds, int(session.expires_at.timestamp())),
    }
