"""The addresses that this machine would send from, which RFC 6724 needs to order destinations."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from sipresolve.procedures.addresses import Sources

if TYPE_CHECKING:
    from sipresolve.vocabulary.records import Address

__all__ = ["find_sources"]


def find_sources() -> Sources:
    """Ask the operating system, by connecting UDP sockets, which sends nothing.

    The destinations are addresses for documentation (RFC 5737, RFC 3849): they stand for any that
    is reached by the default route.
    """
    ipv4 = _source_towards(socket.AF_INET, "192.0.2.1")
    ipv6 = _source_towards(socket.AF_INET6, "2001:db8::1")
    return Sources(
        ipv4=ipv4 if isinstance(ipv4, IPv4Address) else None,
        ipv6=ipv6 if isinstance(ipv6, IPv6Address) else None,
    )


def _source_towards(family: socket.AddressFamily, destination: str) -> Address | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((destination, 9))
            return ip_address(str(probe.getsockname()[0]).partition("%")[0])
    except OSError:
        return None
