"""What counts as one place."""

import pytest

from autograph.core.place import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("no:address", "no:address"),
    ],
)
def test_one_place_is_one_bucket(address, network):
    """An IPv6 customer has a /64 of addresses and one bucket; an IPv4 address written as IPv6 is itself."""
    assert network_of(address) == network
