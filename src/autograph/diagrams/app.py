"""The diagrams service: everything it needs comes in through `create_app`."""

from fastapi import FastAPI

from autograph.clients.identity import IdentityVerifier
from autograph.clients.openapi import describe
from autograph.core.clock import Clock
from autograph.diagrams.belongings import Shelf
from autograph.diagrams.internal import router as internal
from autograph.diagrams.routes import BODIES, router
from autograph.diagrams.service import Library
from autograph.diagrams.settings import DiagramsSettings
from autograph.observability.answers import install
from autograph.observability.routing import add_routes
from autograph.storage.objects import Objects
from autograph.storage.sql import Database


def create_app(
    *,
    database: Database,
    objects: Objects,
    clock: Clock,
    verifier: IdentityVerifier,
    settings: DiagramsSettings,
) -> FastAPI:
    """Build the diagrams service.

    The app opens nothing and reads no environment: whoever starts the process owns the database and the
    object store, and closes them.

    Args:
        database: Where documents are kept; migrated already.
        objects: Where pictures are kept.
        clock: Time.
        verifier: Checks who is asking.
        settings: What the installation chose.
    """
    app = FastAPI(title="AutoGraph diagrams", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.library = Library(database=database, objects=objects, clock=clock)
    app.state.shelf = Shelf(database=database, objects=objects)
    app.state.verifier = verifier
    app.state.settings = settings
    add_routes(app, router, internal)
    describe(app, BODIES)
    install(app)
    return app
