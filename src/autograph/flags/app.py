"""The flags service: everything it needs comes in through `create_app`."""

from fastapi import FastAPI

from autograph.clients.audit import AuditClient
from autograph.clients.identity import IdentityVerifier
from autograph.clients.openapi import describe
from autograph.core.clock import Clock
from autograph.flags.routes import router
from autograph.flags.service import FlagBook
from autograph.observability.answers import install
from autograph.observability.routing import add_routes
from autograph.storage.sql import Database


def create_app(
    *, database: Database, clock: Clock, verifier: IdentityVerifier, audit: AuditClient, environment: str
) -> FastAPI:
    """Build the flags service.

    Args:
        database: Where changes are kept; migrated already.
        clock: Time.
        verifier: Checks who is asking.
        audit: Is told who has changed what.
        environment: Where we are: ``production`` or ``development``.
    """
    app = FastAPI(title="AutoGraph flags", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.book = FlagBook(database=database, clock=clock, environment=environment)
    app.state.verifier = verifier
    app.state.audit = audit
    add_routes(app, router)
    describe(app)
    install(app)
    return app
