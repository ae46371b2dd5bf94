"""Somebody who is signed in, as services see it: an assertion that auth's keys have signed."""

from autograph.auth.tokens import write_assertion
from autograph.clients.identity import IdentityVerifier, own_keys
from autograph.model.principal import Principal
from autograph.model.rights import permissions_of

HEADER = "x-autograph-identity"


def verifier(keys, clock):
    """What a service checks identities with, when `keys` are auth's."""
    return IdentityVerifier(own_keys(keys.jwks), clock=clock)


def assertion(keys, clock, user_id="ada", *, roles=("editor",), **more):
    """The header's value for somebody with these roles; `more` replaces fields of the principal."""
    given = {
        "user_id": user_id,
        "email": f"{user_id}@example.org",
        "name": user_id,
        "roles": roles,
        "session_id": f"session of {user_id}",
        "permissions": permissions_of(roles),
        **more,
    }
    return write_assertion(keys, Principal(**given), ends=None, now=clock.now())[0]
