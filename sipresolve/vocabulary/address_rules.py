"""Which addresses are of the public Internet, by the registries of IANA (RFC 6890, RFC 8190).

The registries are written out here: what `ipaddress` says of an address has changed from one Python
to the next, and a bound against misuse must not.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipresolve.vocabulary.records import Address

__all__ = ["public_addresses_only"]


def public_addresses_only(address: Address, host: str) -> bool:
    """A rule for `Policy.allow_address`: only addresses that are globally reachable.

    Refused are private, loopback, link-local, shared, multicast, reserved, unspecified and
    documentation addresses, and of IPv6 whatever is not global unicast (RFC 8190 §2.1). An IPv6
    address that stands for an IPv4 address (mapped, NAT64, 6to4) is judged by that one.

    The host makes no difference: a stranger's URI can name ``localhost``, and a stranger's SRV
    record any host at all.

    >>> from ipaddress import ip_address
    >>> public_addresses_only(ip_address("9.9.9.9"), "dns.example")
    True
    >>> public_addresses_only(ip_address("10.1.2.3"), "intranet.example")
    False
    >>> public_addresses_only(ip_address("64:ff9b::10.1.2.3"), "intranet.example")
    False

    Args:
        address: What is about to become a target.
        host: The name of its host, or the address as text.

    Returns:
        Whether it may.
    """
    del host
    return _is_reachable(address)


def _is_reachable(address: Address) -> bool:
    bits = int(address)
    if isinstance(address, IPv6Address):
        for block, shift in _STANDING_FOR_IPV4:
            if bits & block.mask == block.prefix:
                return _is_reachable(IPv4Address(bits >> shift & 0xFFFF_FFFF))
    blocks = _IPV6 if isinstance(address, IPv6Address) else _IPV4
    return next(reachable for block, reachable in blocks if bits & block.mask == block.prefix)


@frozen
class _Block:
    """A block of addresses as numbers: those whose first bits are these."""

    mask: int
    prefix: int


def _block(text: str) -> _Block:
    network = ip_network(text)
    return _Block(int(network.netmask), int(network.network_address))


def _narrowest_first(rows: Mapping[str, bool]) -> tuple[tuple[_Block, bool], ...]:
    blocks = [(_block(text), reachable) for text, reachable in rows.items()]
    return tuple(sorted(blocks, key=lambda row: -row[0].mask))


#: IANA IPv4 Special-Purpose Address Registry: what is globally reachable.
_IPV4: Final = _narrowest_first(
    {
        "0.0.0.0/0": True,  # what no other row names
        "0.0.0.0/8": False,  # "this network", RFC 791
        "10.0.0.0/8": False,  # private use, RFC 1918
        "100.64.0.0/10": False,  # shared address space, RFC 6598
        "127.0.0.0/8": False,  # loopback, RFC 1122
        "169.254.0.0/16": False,  # link local, RFC 3927
        "172.16.0.0/12": False,  # private use, RFC 1918
        "192.0.0.0/24": False,  # protocol assignments, RFC 6890
        "192.0.0.9/32": True,  # Port Control Protocol anycast, RFC 7723
        "192.0.0.10/32": True,  # TURN anycast, RFC 8155
        "192.0.2.0/24": False,  # documentation, RFC 5737
        "192.88.99.0/24": False,  # 6to4 relays, which are no more, RFC 7526
        "192.168.0.0/16": False,  # private use, RFC 1918
        "198.18.0.0/15": False,  # benchmarking, RFC 2544
        "198.51.100.0/24": False,  # documentation, RFC 5737
        "203.0.113.0/24": False,  # documentation, RFC 5737
        "224.0.0.0/4": False,  # multicast, RFC 1112
        "240.0.0.0/4": False,  # reserved, and limited broadcast, RFC 1112
    }
)

#: IANA IPv6 Special-Purpose Address Registry, and what of IPv6 is global unicast.
_IPV6: Final = _narrowest_first(
    {
        "::/0": False,  # loopback, unspecified, unique local, link local, multicast, reserved
        "2000::/3": True,  # global unicast, RFC 3513
        "2001::/23": False,  # protocol assignments, Teredo and ORCHID among them, RFC 2928
        "2001:1::1/128": True,  # Port Control Protocol anycast, RFC 7723
        "2001:1::2/128": True,  # TURN anycast, RFC 8155
        "2001:1::3/128": True,  # DNS-SD service registration anycast, RFC 9665
        "2001:3::/32": True,  # AMT, RFC 7450
        "2001:4:112::/48": True,  # AS112, RFC 7535
        "2001:20::/28": True,  # ORCHIDv2, RFC 7343
        "2001:30::/28": True,  # drones' remote identification, RFC 9374
        "2001:db8::/32": False,  # documentation, RFC 3849
        "3fff::/20": False,  # documentation, RFC 9637
    }
)

#: Blocks whose addresses stand for one of IPv4, and how many bits lie behind that.
_STANDING_FOR_IPV4: Final = (
    (_block("::ffff:0:0/96"), 0),  # mapped, RFC 4291 §2.5.5.2
    (_block("64:ff9b::/96"), 0),  # the well-known prefix of NAT64, RFC 6052 §2.1
    (_block("2002::/16"), 80),  # 6to4, RFC 3056 §2
)
