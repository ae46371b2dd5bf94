"""The auth service: everything it needs comes in through `create_app`."""

from fastapi import FastAPI

from autograph.auth.api_keys import ApiKeys
from autograph.auth.asking import Ask
from autograph.auth.audit.log import AuditLog
from autograph.auth.challenges import Challenges
from autograph.auth.invitations import Invitations
from autograph.auth.invited import Invited
from autograph.auth.leaving import Leaving
from autograph.auth.members import Members
from autograph.auth.mfa import Mfa
from autograph.auth.oidc import Oidc
from autograph.auth.outbox import Outbox
from autograph.auth.parts import Parts
from autograph.auth.passkey_sign_in import PasskeySignIn
from autograph.auth.passkeys import Passkeys
from autograph.auth.pending import Pending
from autograph.auth.privacy import Privacy
from autograph.auth.recovery import Recovery
from autograph.auth.roles import Roles
from autograph.auth.routes import (
    account,
    api_keys,
    audit,
    gdpr,
    invitations,
    members,
    mfa,
    oidc,
    outbox,
    passkeys,
    roles,
    sign_in,
    teams,
)
from autograph.auth.service import Accounts
from autograph.auth.sessions import Sessions
from autograph.auth.teams import Teams
from autograph.clients.identity import IdentityVerifier, own_keys
from autograph.clients.openapi import describe
from autograph.observability.answers import install
from autograph.observability.routing import add_routes


def create_app(parts: Parts) -> FastAPI:
    """Build the auth service.

    The app opens nothing and reads no environment. Whoever starts the process owns the database, calls
    ``start()`` of ``app.state.parts.mail``, ``app.state.parts.keeper`` and ``app.state.leaving``, and awaits
    ``close(app)`` at the end.
    """
    app = FastAPI(title="AutoGraph auth", docs_url=None, redoc_url=None, openapi_url=None)
    state = app.state
    state.parts = parts
    state.sessions = Sessions(parts)
    state.accounts = Accounts(parts, state.sessions)
    state.oidc = Oidc(parts, state.accounts, state.sessions)
    pending = Pending(parts, state.accounts, state.sessions)
    state.challenges = Challenges(parts)
    state.mfa = Mfa(parts, pending, state.sessions)
    state.recovery = Recovery(parts, state.accounts, state.sessions, state.mfa)
    state.passkeys = Passkeys(parts, state.challenges, state.sessions, pending)
    state.passkey_sign_in = PasskeySignIn(
        parts, state.challenges, accounts=state.accounts, pending=pending, sessions=state.sessions
    )
    state.api_keys = ApiKeys(parts)
    state.roles = Roles(parts)
    state.leaving = Leaving(parts, state.sessions)
    state.privacy = Privacy(parts, state.leaving, state.mfa)
    state.members = Members(parts, state.sessions, state.leaving)
    state.teams = Teams(parts)
    state.invitations = Invitations(parts)
    state.invited = Invited(parts)
    state.outbox = Outbox(parts)
    state.audit_log = AuditLog(parts)
    state.verifier = IdentityVerifier(own_keys(parts.keys.jwks), clock=parts.clock)
    asked = (
        sign_in,
        account,
        mfa,
        passkeys,
        api_keys,
        roles,
        members,
        teams,
        invitations,
        audit,
        outbox,
        oidc,
        gdpr,
    )
    add_routes(app, *(routes.router for routes in asked), sign_in.internal, audit.internal)
    app.add_middleware(Ask)
    describe(app)
    install(app)
    return app


async def close(app: FastAPI) -> None:
    """Finish what was promised, and let go."""
    await app.state.recovery.close()
    await app.state.oidc.close()
    await app.state.leaving.close()
    await app.state.parts.close()
