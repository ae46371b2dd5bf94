"""The auth service: everything it needs comes in through `create_app`."""

from fastapi import FastAPI

from autograph.auth.keys import SigningKeys
from autograph.auth.routes import internal, router
from autograph.auth.service import Accounts
from autograph.auth.settings import AuthSettings
from autograph.clients.identity import IdentityVerifier, fixed_keys
from autograph.clients.openapi import describe
from autograph.core.clock import Clock
from autograph.observability.answers import install
from autograph.storage.sql import Database


def create_app(
    *, database: Database, clock: Clock, settings: AuthSettings, keys: SigningKeys, public_url: str
) -> FastAPI:
    """Build the auth service.

    The app opens nothing and reads no environment: whoever starts the process owns the database and
    closes it, and calls ``app.state.accounts.close()`` at the end.

    Args:
        database: Where accounts are kept; migrated already.
        clock: Time.
        settings: What the installation chose.
        keys: The keys that sign tokens.
        public_url: Where people reach the installation; decides the cookie's name and flags.
    """
    app = FastAPI(title="AutoGraph auth", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.accounts = Accounts(database=database, clock=clock, settings=settings, keys=keys)
    app.state.verifier = IdentityVerifier(fixed_keys(keys.jwks()), clock=clock)
    app.state.public_url = public_url
    app.include_router(router)
    app.include_router(internal)
    describe(app)
    install(app)
    return app
