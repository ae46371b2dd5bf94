"""The analysis service: everything it needs comes in through `create_app`."""

from pathlib import Path

from fastapi import FastAPI

from autograph.analysis.routes import router
from autograph.analysis.service import Drawings
from autograph.analysis.settings import AnalysisSettings
from autograph.clients.diagrams import DiagramsClient
from autograph.clients.export import ExportClient
from autograph.clients.flags import Flags
from autograph.clients.identity import IdentityVerifier
from autograph.clients.openapi import describe
from autograph.core.clock import Clock
from autograph.core.workers import WorkerPool
from autograph.observability.answers import install
from autograph.observability.routing import add_routes


def create_app(
    *,
    folder: Path,
    settings: AnalysisSettings,
    clock: Clock,
    verifier: IdentityVerifier,
    diagrams: DiagramsClient,
    export: ExportClient,
    flags: Flags,
) -> FastAPI:
    """Build the analysis service.

    Whoever starts the process awaits ``app.state.drawings.open()`` before the first request and
    ``app.state.drawings.close()`` at the end.

    Args:
        folder: Below it jobs keep their files.
        settings: What the installation chose.
        clock: Time.
        verifier: Checks who is asking.
        diagrams: Makes documents.
        export: Writes a Model as Mermaid.
        flags: Says who may draw from where.
    """
    app = FastAPI(title="AutoGraph analysis", docs_url=None, redoc_url=None, openapi_url=None)
    workers = WorkerPool(
        "autograph.analysis.worker",
        size=settings.jobs_at_once,
        memory_limit_bytes=settings.reading_memory_bytes,
        calls_per_worker=20,
        idle_seconds=20.0,
    )
    app.state.drawings = Drawings(
        folder=folder, settings=settings, clock=clock, workers=workers, diagrams=diagrams, export=export
    )
    app.state.verifier = verifier
    app.state.flags = flags
    app.state.settings = settings
    add_routes(app, router)
    describe(app)
    install(app)
    return app
