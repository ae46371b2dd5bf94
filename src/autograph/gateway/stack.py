"""The order of layers, as data: the first is the outermost."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from autograph.core.asgi import ASGIApp, Layer
from autograph.gateway.address import TrustedProxies
from autograph.gateway.layers.access_log import AccessLog
from autograph.gateway.layers.body_limit import BodyLimit
from autograph.gateway.layers.client import Client
from autograph.gateway.layers.compression import Compression
from autograph.gateway.layers.correlation import Correlation
from autograph.gateway.layers.cors import Cors
from autograph.gateway.layers.deadline import DeadlineLayer, gateway_limit, service_limit
from autograph.gateway.layers.head import Head
from autograph.gateway.layers.idempotency import Idempotency
from autograph.gateway.layers.identity import Identify, Identity
from autograph.gateway.layers.overload import Overload
from autograph.gateway.layers.path_check import PathCheck
from autograph.gateway.layers.problems import Problems
from autograph.gateway.layers.rate_limit import AddressLimit, SharedCounters, UserLimit
from autograph.gateway.layers.security_headers import SecurityHeaders
from autograph.gateway.routes import row_of
from autograph.gateway.settings import GatewaySettings
from autograph.gateway.store import KeyStore
from autograph.gateway.upstreams.breaker import Breakers
from autograph.gateway.upstreams.guard import BreakerLayer
from autograph.gateway.upstreams.retry import RetryLayer
from autograph.observability.requests import Observe, Requests
from autograph.storage.counters import MemoryCounters

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Door:
    """What the layers of the gateway are made from.

    Attributes:
        identify: Asks auth who holds a credential.
        cookie_name: Name of the session cookie.
        public_url: Where people reach us.
        trusted: Proxies whose X-Forwarded-For is believed.
        settings: What the operator has set.
        requests: Where requests are counted; nowhere when None.
        counters: Where calls are counted against their limits.
        keys: Where Idempotency-Keys are kept; they are not heeded when None.
        open_on_loopback: Whether this machine itself may diagnose without proof of identity.
    """

    identify: Identify
    cookie_name: str
    public_url: str
    trusted: TrustedProxies
    settings: GatewaySettings
    requests: Requests | None = None
    counters: SharedCounters = field(default_factory=lambda: SharedCounters(MemoryCounters(), time.monotonic))
    keys: KeyStore | None = None
    open_on_loopback: bool = False


def layers(door: Door) -> Sequence[tuple[str, Layer]]:
    """Return every layer of the gateway with its name, outermost first."""
    return (
        ("correlation", Correlation),
        ("client", partial(Client, trusted=door.trusted)),
        *_observed(door.requests),
        ("access_log", AccessLog),
        ("compression", partial(Compression, settings=door.settings.compression)),
        ("security_headers", partial(SecurityHeaders, https=door.public_url.startswith("https://"))),
        ("cors", partial(Cors, settings=door.settings.cors)),
        ("problems", Problems),
        ("path_check", PathCheck),
        (
            "deadline",
            partial(
                DeadlineLayer,
                limit_of=gateway_limit(door.settings.timeout_seconds),
                idle_seconds=door.settings.stream_idle_seconds,
            ),
        ),
        ("overload", partial(Overload, settings=door.settings.overload)),
        ("rate_limit", partial(AddressLimit, counters=door.counters, settings=door.settings.rate_limit)),
        ("body_limit", BodyLimit),
        (
            "identity",
            partial(
                Identity,
                identify=door.identify,
                cookie_name=door.cookie_name,
                public_url=door.public_url,
                allowed_origins=door.settings.cors.origins,
                open_on_loopback=door.open_on_loopback,
            ),
        ),
        ("rate_limit", partial(UserLimit, counters=door.counters, settings=door.settings.rate_limit)),
        *_idempotent(door),
        ("head", Head),
    )


def _observed(requests: Requests | None) -> Sequence[tuple[str, Layer]]:
    """What measures the gateway itself: outside of everything that can refuse a request."""
    if requests is None:
        return ()
    observe = partial(Observe, service="gateway", requests=requests, route_of=row_of, entry="browser")
    return (("observe", observe),)


def _idempotent(door: Door) -> Sequence[tuple[str, Layer]]:
    if door.keys is None:
        return ()
    return (("idempotency", partial(Idempotency, store=door.keys, settings=door.settings.idempotency)),)


def upstream_layers(
    service: str, *, settings: GatewaySettings, breakers: Breakers
) -> Sequence[tuple[str, Layer]]:
    """Return what stands between the gateway and one service, outermost first."""
    return (
        ("retry", partial(RetryLayer, service=service, settings=settings.retry)),
        ("breaker", partial(BreakerLayer, service=service, breakers=breakers)),
    )


def service_layers(*, trusted: TrustedProxies) -> Sequence[tuple[str, Layer]]:
    """Return what surrounds a service that runs apart, behind a gateway elsewhere."""
    return (
        ("correlation", Correlation),
        ("client", partial(Client, trusted=trusted)),
        ("access_log", AccessLog),
        ("problems", Problems),
        ("deadline", partial(DeadlineLayer, limit_of=service_limit)),
    )


def stacked(app: ASGIApp, order: Sequence[tuple[str, Layer]], off: Sequence[str] = ()) -> ASGIApp:
    """Return `app` inside `order`, without the layers named in `off`."""
    for name, layer in reversed(order):
        if name in off:
            _log.warning(
                "gateway.layer_off", layer=name, advice="switch it on again before others rely on this"
            )
        else:
            app = layer(app)
    return app
