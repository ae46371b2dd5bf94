"""The gateway: layers around one table from path to upstream. Everything it needs comes in by parameter."""

import time
from collections.abc import Mapping
from pathlib import Path

from autograph.clients.internal import Signatures
from autograph.core.asgi import ASGIApp, Receive, Scope, Send
from autograph.core.clock import SystemClock
from autograph.core.problem import NotFound
from autograph.gateway.address import trusted_proxies
from autograph.gateway.health import PATHS as HEALTH_PATHS
from autograph.gateway.health import Health
from autograph.gateway.layers.identity import Identify
from autograph.gateway.layers.internal import Internal
from autograph.gateway.layers.rate_limit import SharedCounters
from autograph.gateway.metrics import PATH as METRICS_PATH
from autograph.gateway.routes import route_of
from autograph.gateway.settings import GatewaySettings
from autograph.gateway.stack import Door, layers, service_layers, stacked, upstream_layers
from autograph.gateway.static import Static
from autograph.gateway.store import KeyStore
from autograph.gateway.upstreams.breaker import Breakers
from autograph.observability.requests import Requests
from autograph.storage.counters import Counters, MemoryCounters

STATIC = Path(__file__).parent / "static"
"""Where the build puts the page."""


def create_gateway(
    upstreams: Mapping[str, ASGIApp],
    *,
    identify: Identify,
    health: Health,
    public_url: str,
    cookie_name: str,
    trusted: tuple[str, ...] = (),
    settings: GatewaySettings | None = None,
    breakers: Breakers | None = None,
    requests: Requests | None = None,
    counters: Counters | None = None,
    keys: KeyStore | None = None,
    open_on_loopback: bool = False,
    metrics: ASGIApp | None = None,
    static: Path = STATIC,
) -> ASGIApp:
    """Build the front door.

    Args:
        upstreams: Service name to ASGI app: the service itself, or `forward(url)`.
        identify: Asks auth who holds a credential.
        health: Answers the health paths.
        public_url: Where people reach us.
        cookie_name: Name of the session cookie.
        trusted: Proxies (addresses or networks) whose X-Forwarded-For is believed.
        settings: What the operator has set; the defaults when None.
        breakers: What cuts failing services off; fresh ones when None.
        requests: Where requests are counted; nowhere when None.
        counters: Where calls are counted against their limits; this process's memory when None.
        keys: Where Idempotency-Keys are kept; they are not heeded when None.
        open_on_loopback: Whether this machine itself may diagnose without proof of identity.
        metrics: Answers `/metrics`; that path is the page's when None.
        static: Folder of the built page.
    """
    settings = settings or GatewaySettings()
    breakers = breakers or Breakers(settings.breaker, SystemClock())
    guarded = {
        name: stacked(upstream, upstream_layers(name, settings=settings, breakers=breakers), settings.off)
        for name, upstream in upstreams.items()
    }
    page = Static(static)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in HEALTH_PATHS and scope["type"] == "http":
            await health(scope, receive, send)
        elif path == METRICS_PATH and metrics is not None and scope["type"] == "http":
            await metrics(scope, receive, send)
        elif (route := route_of(path)) is not None:
            upstream = guarded.get(route.service)
            if upstream is None:
                raise NotFound(f"The service {route.service} is not part of this installation.")
            await upstream(scope, receive, send)
        elif scope["type"] == "http" and path != "/api" and not path.startswith(("/api/", "/internal")):
            await page(scope, receive, send)
        else:
            raise NotFound

    door = Door(
        identify=identify,
        cookie_name=cookie_name,
        public_url=public_url,
        trusted=trusted_proxies(trusted),
        settings=settings,
        requests=requests,
        counters=SharedCounters(counters or MemoryCounters(), time.monotonic),
        keys=keys,
        open_on_loopback=open_on_loopback,
    )
    return stacked(dispatch, layers(door), settings.off)


def create_metrics_port(metrics: ASGIApp, *, health: Health, trusted: tuple[str, ...] = ()) -> ASGIApp:
    """Build what the metrics' own port serves: them, health, and nothing else."""

    async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise NotFound

    return _process(nothing, health, trusted, metrics)


def create_service(
    app: ASGIApp,
    *,
    health: Health,
    trusted: tuple[str, ...] = (),
    metrics: ASGIApp | None = None,
    signatures: Signatures | None = None,
) -> ASGIApp:
    """Build what the port of a service that runs apart serves.

    Args:
        app: The service.
        health: Answers the health paths, and knows which service it is.
        trusted: Proxies (addresses or networks) whose X-Forwarded-For is believed.
        metrics: Answers `/metrics`; that path is the service's when None.
        signatures: Tells internal calls of ours from those of strangers; all are strangers when None.
    """
    signatures = signatures or Signatures((), SystemClock())
    closed = Internal(app, service=health.service, signatures=signatures, monotonic=time.monotonic)
    return _process(closed, health, trusted, metrics)


def _process(app: ASGIApp, health: Health, trusted: tuple[str, ...], metrics: ASGIApp | None) -> ASGIApp:
    """Surround what runs apart with what every process has: correlation, log, health, metrics."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in HEALTH_PATHS:
            await health(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == METRICS_PATH and metrics is not None:
            await metrics(scope, receive, send)
        else:
            await app(scope, receive, send)

    return stacked(dispatch, service_layers(trusted=trusted_proxies(trusted)))
