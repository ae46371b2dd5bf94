"""X-Forwarded-For is believed as far as trusted proxies vouch for it, and no further."""

import pytest

from autograph.gateway.address import client_address, trusted_proxies

pytestmark = pytest.mark.feature("gateway.limits")

PROXIES = trusted_proxies(("10.0.0.0/8", "192.0.2.7", "2001:db8::/32"))

CORPUS = {
    "nobody in between": ("198.51.100.1", [], "198.51.100.1"),
    "a client that claims": ("198.51.100.1", ["127.0.0.1"], "198.51.100.1"),
    "one proxy": ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    "one proxy, a client that claims": ("10.0.0.1", ["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
    "one proxy, a client that claims to be a proxy": ("10.0.0.1", ["10.9.9.9, 198.51.100.1"], "198.51.100.1"),
    "two proxies": ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
    "two headers": ("10.0.0.1", ["198.51.100.9", "198.51.100.1, 192.0.2.7"], "198.51.100.1"),
    "proxies all the way": ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
    "a proxy that tells nothing": ("10.0.0.1", [], "10.0.0.1"),
    "an empty header": ("10.0.0.1", [""], "10.0.0.1"),
    "not an address": ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
    "not an address further left": ("10.0.0.1", ["evil, 198.51.100.1"], "198.51.100.1"),
    "a name": ("10.0.0.1", ["client.example.org"], "10.0.0.1"),
    "an address with a port": ("10.0.0.1", ["198.51.100.1:443"], "10.0.0.1"),
    "script": ("10.0.0.1", ["<script>"], "10.0.0.1"),
    "white space": ("10.0.0.1", ["  198.51.100.1  "], "198.51.100.1"),
    "IPv6": ("2001:db8::1", ["2001:4860::8"], "2001:4860::8"),
    "IPv4 as IPv6": ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    "a neighbour of a trusted address": ("192.0.2.8", ["198.51.100.1"], "192.0.2.8"),
    "many hops": ("10.0.0.1", [", ".join(["6.6.6.6"] * 1000)], "6.6.6.6"),
}


def scope(peer, headers):
    return {
        "client": (peer, 1) if peer else None,
        "headers": [(b"x-forwarded-for", value.encode()) for value in headers],
    }


@pytest.mark.parametrize(("peer", "headers", "expected"), CORPUS.values(), ids=CORPUS.keys())
def test_corpus(peer, headers, expected):
    """From right to left, up to the first party that nobody vouches for."""
    assert client_address(scope(peer, headers), PROXIES) == expected


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.0.0.1"])
def test_without_trusted_proxies(peer):
    """By default nobody is believed, this machine neither."""
    assert client_address(scope(peer, ["198.51.100.1"]), ()) == peer


def test_unknown_peer():
    """A peer without an address has none, whatever the header says."""
    assert client_address(scope(None, ["198.51.100.1"]), PROXIES) == ""


@pytest.mark.parametrize("name", ["", "proxy.example.org", "10.0.0.0/33", "*"])
def test_only_addresses_are_trusted(name):
    """Names and patterns are refused at start-up."""
    with pytest.raises(ValueError):
        trusted_proxies((name,))
