"""The watch service: everything it needs comes in through `create_app`."""

import asyncio

from fastapi import FastAPI

from autograph.clients.audit import AuditClient
from autograph.clients.diagrams import DiagramsClient
from autograph.clients.identity import IdentityVerifier
from autograph.clients.openapi import describe
from autograph.core.clock import Clock
from autograph.observability.answers import install
from autograph.observability.resources import Resources
from autograph.observability.routing import add_routes
from autograph.storage.objects import Objects
from autograph.storage.sql import Database
from autograph.watch import dependencies, diagnostics
from autograph.watch.alerts import Alerts
from autograph.watch.alerts import router as alerts_router
from autograph.watch.bucket import Bucket
from autograph.watch.live import Live
from autograph.watch.routes import router
from autograph.watch.service import Watch
from autograph.watch.settings import WatchSettings

TELL_EVERY_SECONDS = 5.0


def create_app(
    *,
    database: Database,
    clock: Clock,
    verifier: IdentityVerifier,
    settings: WatchSettings,
    diagrams: DiagramsClient,
    audit: AuditClient,
    resources: Resources,
    objects: Objects,
    version: str,
    open_on_loopback: bool = False,
) -> FastAPI:
    """Build the watch.

    Whoever starts the service awaits ``start()`` of ``app.state.watch``, ``app.state.alerts`` and
    ``app.state.bucket`` before, and their ``close()`` in the opposite order at the end.

    Args:
        database: Where history and errors are kept; migrated already.
        clock: Time.
        verifier: Checks who is asking.
        settings: What the installation chose.
        diagrams: Keeps the map as a document.
        audit: Is told who has changed what.
        resources: What this process uses, for diagnostics.
        objects: Where diagnostics put objects.
        version: Of the program.
        open_on_loopback: Whether the gateway may let this machine itself diagnose without proof of identity.
    """
    app = FastAPI(title="AutoGraph watch", docs_url=None, redoc_url=None, openapi_url=None)
    watch = Watch(database=database, clock=clock, settings=settings, version=version)
    alerts = Alerts(database, watch.gatherer, clock, settings.alerts)
    watch.judged = lambda: (alerts.counts(), alerts.worst())
    watch.gatherer.remembered_down = alerts.down
    app.state.watch = watch
    app.state.live = Live(watch.moment_event, TELL_EVERY_SECONDS)
    app.state.alerts = alerts
    app.state.verifier = verifier
    app.state.diagrams = diagrams
    app.state.audit = audit
    app.state.resources = resources
    app.state.objects = objects
    app.state.bucket = Bucket(
        objects,
        clock,
        every_seconds=settings.objects_interval_seconds,
        limit_bytes=settings.objects_limit_bytes,
    )
    app.state.stress = asyncio.Lock()
    app.state.open_on_loopback = open_on_loopback
    add_routes(app, router, *diagnostics.ROUTERS, dependencies.router, alerts_router)
    describe(app)
    install(app)
    return app
