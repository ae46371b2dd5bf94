"""Where a request comes from: X-Forwarded-For is believed only as far as trusted proxies vouch for it."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from autograph.core.asgi import Scope
from autograph.gateway.headers import split_url

TrustedProxies = tuple[IPv4Network | IPv6Network, ...]


def trusted_proxies(names: tuple[str, ...]) -> TrustedProxies:
    """Parse addresses and networks such as ``10.0.0.0/8`` or ``192.0.2.7``.

    Raises:
        ValueError: One of them is neither.
    """
    return tuple(ip_network(name.strip(), strict=False) for name in names)


def client_address(scope: Scope, trusted: TrustedProxies) -> str:
    """Return the address of the nearest party that no trusted proxy vouches for.

    Walks X-Forwarded-For from right to left, starting at the peer itself, and stops at the first address
    that is not a trusted proxy (or is not an address at all). Empty when the peer is unknown.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if not trusted or not _is_trusted(peer, trusted):
        return peer
    hops = [
        hop.strip()
        for name, value in scope["headers"]
        if name == b"x-forwarded-for"
        for hop in value.decode("latin-1").split(",")
    ]
    for hop in reversed(hops):
        try:
            ip_address(hop)
        except ValueError:
            break
        peer = hop
        if not _is_trusted(hop, trusted):
            break
    return peer


def is_local(scope: Scope) -> bool:
    """Whether a request was made on this machine by whoever sits at it: no proxy, no other site's page.

    The name that was asked for has to be this machine's, too: a page elsewhere can let its own name mean 127.0.0.1.
    """
    state = scope.get("state", {})
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host = split_url(f"//{headers.get(b'host', '')}").hostname or ""
    by_hand = headers.get(b"sec-fetch-site", "none") in {"none", "same-origin"}
    return (
        not state.get("is_forwarded")
        and by_hand
        and is_loopback(state.get("client", ""))
        and (host == "localhost" or is_loopback(host))
    )


def is_loopback(address: str) -> bool:
    """Whether this is an address of the machine itself."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _is_trusted(address: str, trusted: TrustedProxies) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in trusted)
