"""The export service: everything it needs comes in through `create_app`."""

from fastapi import FastAPI

from autograph.clients.identity import IdentityVerifier
from autograph.clients.openapi import describe
from autograph.export.routes import BODIES, router
from autograph.export.service import Documents, Drawings
from autograph.export.settings import ExportSettings
from autograph.observability.answers import install
from autograph.observability.routing import add_routes
from autograph.storage.cache import Cache


def create_app(
    *, settings: ExportSettings, verifier: IdentityVerifier, documents: Documents, cache: Cache
) -> FastAPI:
    """Build the export service.

    Drawing processes start when they are first needed; whoever starts the service awaits
    ``app.state.drawings.close()`` at the end.

    Args:
        settings: What the installation chose.
        verifier: Checks who is asking.
        documents: Reads documents on behalf of whoever asks.
        cache: Keeps finished drawings.
    """
    app = FastAPI(title="AutoGraph export", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.verifier = verifier
    app.state.drawings = Drawings(settings=settings, documents=documents, cache=cache)
    add_routes(app, router)
    describe(app, BODIES)
    install(app)
    return app
