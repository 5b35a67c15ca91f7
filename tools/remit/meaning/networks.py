"""Addresses and networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def network_test(text: str) -> Callable[[str], bool]:
    """Return the test whether a text is an address of a network.

    An IPv6 address that wraps an IPv4 one (`::ffff:10.0.0.1`) is that IPv4 address, so `::/0` holds no IPv4 address.
    """
    network = _unwrapped_network(ipaddress.ip_network(text))

    def holds(found: str) -> bool:
        address = _address(found)
        return address is not None and address.version == network.version and address in network

    return holds


def _unwrapped_network(network: Network) -> Network:
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        inner = network.network_address.ipv4_mapped
        if inner is not None:
            return ipaddress.ip_network((inner, network.prefixlen - 96))
    return network


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if "%" in text or len(text) > 45:  # a zone id makes it no address
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
