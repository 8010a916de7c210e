"""Which addresses belong to the public Internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

# What ``is_global`` of one Python or another lets pass: IETF protocol assignments, and the relays of 6to4.
_NOT_PUBLIC_4: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_UNICAST_6: Final = IPv6Network("2000::/3")
# Assignments to protocols (Teredo among them), documentation, 6to4: what lies in a tunnel may be anywhere.
_NOT_PUBLIC_6: Final = tuple(IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address is one that anybody on the Internet reaches. What is no address is not.

    ``ipaddress`` alone does not do: it takes multicast, site-local addresses
    and tunnels for global. An IPv4 address inside of an IPv6 one (mapped, or
    translated by NAT64) is judged by itself.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return _is_public_4(found)
    inner = found.ipv4_mapped
    if inner is None and found in _TRANSLATED:
        inner = IPv4Address(int(found) & 0xFFFFFFFF)
    if inner is not None:
        return _is_public_4(inner)
    inside = found in _UNICAST_6 and not any(found in one for one in _NOT_PUBLIC_6)
    return inside and found.is_global and not found.is_multicast and found.scope_id is None


def _is_public_4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not special and not any(address in one for one in _NOT_PUBLIC_4)
