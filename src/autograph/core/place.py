"""Where a request comes from, as far as it is counted."""

from ipaddress import IPv6Address, ip_address


def network_of(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 that one IPv6 customer is given."""
    if ":" not in address:
        return address
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))
