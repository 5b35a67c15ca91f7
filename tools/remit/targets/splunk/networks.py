"""Networks. A v4-mapped v6 address is its v4 address, and a v6 network never holds a v4 one.

`search` compares a field with a network in CIDR notation of either kind ("search", IPv4 and IPv6 addresses and
subnets); so does `cidrmatch`, whose answer for text that is no address is not documented: it is asked of address-like
text only.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

_MAPPED = IPv6Network("::ffff:0:0/96")
_V4_TEXT = r'match({0},"\\A[0-9.]+\\z")'
_V6_TEXT = r'match({0},"\\A[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\z")'


@dataclass(frozen=True, slots=True)
class Networks:
    inside: tuple[str, ...]
    """In CIDR notation."""
    expression: str
    """What `mvfilter` asks of one value, the column `{0}`."""
    searchable: bool
    """Whether `search` terms of `inside` say the same."""


def networks(network: IPv4Network | IPv6Network) -> Networks:
    """Return how to ask for an address of the network."""
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        network = IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
    if isinstance(network, IPv4Network):
        mapped = IPv6Network((int(_MAPPED.network_address) | int(network.network_address), network.prefixlen + 96))
        v4 = f'{_V4_TEXT} AND cidrmatch("{network}",{{0}})'
        v6 = f'{_V6_TEXT} AND cidrmatch("{mapped}",{{0}})'
        return Networks((str(network), str(mapped)), f"({v4}) OR ({v6})", searchable=True)
    v6 = f'{_V6_TEXT} AND cidrmatch("{network}",{{0}})'
    if _MAPPED.subnet_of(network):
        return Networks((str(network),), f'{v6} AND NOT cidrmatch("{_MAPPED}",{{0}})', searchable=False)
    # `search` does not say whether an address with a zone (fe80::1%eth0) is one; the guard does.
    return Networks((str(network),), v6, searchable=False)
