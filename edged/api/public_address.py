"""Which addresses are somebody's on the internet, and not a machine in the house."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_GLOBAL_6: Final = IPv6Network("2000::/3")
"""What has been given out to networks so far."""
_SPECIAL_4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
"""IANA's special-purpose registry, multicast, and what is reserved."""
_SPECIAL_6: Final = tuple(
    IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16")
)
"""Teredo and its neighbours, documentation, 6to4, and others of IANA's registry."""


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet.

    Not so: private, loopback, link-local, shared, multicast and reserved ones, and every IPv6 address that carries an
    IPv4 one within it (mapped, compatible, NAT64, 6to4, Teredo), whichever that is. The lists stand here: what Python
    calls global has changed from one release to the next.
    """
    try:
        number = ip_address(address)
    except ValueError:
        return False
    match number:
        case IPv4Address():
            return not any(number in network for network in _SPECIAL_4)
        case IPv6Address():
            return number in _GLOBAL_6 and not any(number in network for network in _SPECIAL_6)
