"""The order of layers, as data: the first is the outermost."""

from collections.abc import Sequence
from functools import partial

from autograph.core.asgi import ASGIApp, Layer
from autograph.gateway.address import TrustedProxies
from autograph.gateway.layers.access_log import AccessLog
from autograph.gateway.layers.body_limit import BodyLimit
from autograph.gateway.layers.correlation import Correlation
from autograph.gateway.layers.identity import Identify, Identity
from autograph.gateway.layers.path_check import PathCheck
from autograph.gateway.layers.problems import Problems
from autograph.gateway.layers.security_headers import SecurityHeaders


def layers(
    *, identify: Identify, cookie_name: str, public_url: str, trusted: TrustedProxies
) -> Sequence[Layer]:
    """Return every layer of the gateway, outermost first."""
    return (
        Correlation,
        partial(AccessLog, trusted=trusted),
        partial(SecurityHeaders, https=public_url.startswith("https://")),
        Problems,
        PathCheck,
        BodyLimit,
        partial(Identity, identify=identify, cookie_name=cookie_name, public_url=public_url),
    )


def service_layers(*, trusted: TrustedProxies) -> Sequence[Layer]:
    """Return what surrounds a service that runs apart, behind a gateway elsewhere."""
    return (Correlation, partial(AccessLog, trusted=trusted), Problems)


def stacked(app: ASGIApp, order: Sequence[Layer]) -> ASGIApp:
    """Return `app` inside `order`."""
    for layer in reversed(order):
        app = layer(app)
    return app
