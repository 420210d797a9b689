"""The order of the addresses of one host: RFC 6724 §6, as RFC 7984 §4 demands.

Of the rules of RFC 6724 those that need no more than the source addresses are here: 1, 2, 5, 6, 8,
9 and 10. Rules 3, 4 and 7 (deprecated, home and tunnelled addresses) need what only the operating
system knows.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

from attrs import frozen

from sipresolve.procedures.ordering import permuted
from sipresolve.vocabulary.policy import AddressOrder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipresolve.vocabulary.records import Address

__all__ = ["NO_SOURCES", "Sources", "in_canonical_order", "in_order", "interleaved", "rank"]


@frozen
class Sources:
    """The addresses that this machine would send from.

    Attributes:
        ipv4: That of IPv4; None where it has none.
        ipv6: That of IPv6; None where it has none.
    """

    ipv4: IPv4Address | None = None
    ipv6: IPv6Address | None = None

    def towards(self, destination: Address) -> Address | None:
        """The source address for a destination."""
        return self.ipv4 if isinstance(destination, IPv4Address) else self.ipv6


#: Where nothing is known of this machine's addresses.
NO_SOURCES: Final = Sources()


def in_order(
    addresses: Iterable[Address], *, sources: Sources, order: AddressOrder, seed: int | None
) -> list[Address]:
    """The addresses of one host in the order in which to contact them.

    Args:
        addresses: The addresses of one host, of one family or of both.
        sources: Where this machine would send from (RFC 6724 §5 chose them).
        order: Whether to interleave the families in the end.
        seed: Which permutation to begin with, so that addresses of equal rank share the load;
            None for a fixed order that is the same on every machine (RFC 3263 §4.4).
    """
    canonical = in_canonical_order(addresses)
    if len(canonical) <= 1:  # the usual case
        return canonical
    if seed is None:
        sources = NO_SOURCES
    else:
        canonical = permuted(canonical, seed)
    ranked = sorted(canonical, key=lambda address: rank(address, sources))
    return interleaved(ranked) if order is AddressOrder.INTERLEAVED else ranked


def in_canonical_order(addresses: Iterable[Address]) -> list[Address]:
    """The addresses of one host, each once, in an order that is always the same."""
    return sorted(set(addresses), key=lambda address: (_mapped(address), address.version))


def rank(destination: Address, sources: Sources) -> tuple[int, ...]:
    """The rank of an address among those of its host, the lesser preferred (RFC 6724 §6)."""
    return _rank(destination, sources.towards(destination))


def interleaved(ranked: list[Address]) -> list[Address]:
    """The families in turn, that of the first address first (RFC 8305 §4)."""
    first = [address for address in ranked if address.version == ranked[0].version]
    second = [address for address in ranked if address.version != ranked[0].version]
    pairs = zip_longest(first, second)
    return [address for address in chain.from_iterable(pairs) if address is not None]


def _rank(destination: Address, source: Address | None) -> tuple[int, ...]:
    """The rules of RFC 6724 §6 that tell two destinations apart, the lesser preferred."""
    precedence, label = _policy(destination)
    scope = _scope(destination)
    return (
        source is None,  # rule 1: avoid unusable destinations
        source is None or scope != _scope(source),  # rule 2: prefer matching scope
        source is None or label != _policy(source)[1],  # rule 5: prefer matching label
        -precedence,  # rule 6: prefer higher precedence
        scope,  # rule 8: prefer smaller scope
        -_common_prefix(destination, source),  # rule 9: use longest matching prefix
    )  # rule 10: otherwise, leave the order unchanged


# RFC 6724 §2.1, the default policy table: prefix, precedence, label. The longest match counts.
_POLICY_TABLE: Final = sorted(
    (
        (int(network.network_address), 128 - network.prefixlen, precedence, label)
        for network, precedence, label in (
            (IPv6Network("::1/128"), 50, 0),
            (IPv6Network("::/0"), 40, 1),
            (IPv6Network("::ffff:0:0/96"), 35, 4),
            (IPv6Network("2002::/16"), 30, 2),
            (IPv6Network("2001::/32"), 5, 5),
            (IPv6Network("fc00::/7"), 3, 13),
            (IPv6Network("::/96"), 1, 3),
            (IPv6Network("fec0::/10"), 1, 11),
            (IPv6Network("3ffe::/16"), 1, 12),
        )
    ),
    key=lambda row: row[1],
)


def _policy(address: Address) -> tuple[int, int]:
    """The precedence and the label of an address."""
    mapped = _mapped(address)
    return next(
        (precedence, label)
        for prefix, host_bits, precedence, label in _POLICY_TABLE
        if mapped >> host_bits == prefix >> host_bits
    )


_MAPPED_PREFIX: Final = 0xFFFF << 32


def _mapped(address: Address) -> int:
    """The address as a number of 128 bits, an IPv4 address as ::ffff:a.b.c.d (RFC 6724 §2.1)."""
    return int(address) + _MAPPED_PREFIX if isinstance(address, IPv4Address) else int(address)


_LINK_LOCAL: Final = 0x2
_SITE_LOCAL: Final = 0x5
_GLOBAL: Final = 0xE


def _scope(address: Address) -> int:
    """The scope of an address (RFC 6724 §3.1, §3.2), by the numbers of RFC 4291 §2.7."""
    if isinstance(address, IPv6Address) and address.is_multicast:
        return address.packed[1] & 0xF
    if address.is_link_local or address.is_loopback:
        return _LINK_LOCAL
    if isinstance(address, IPv6Address) and address.is_site_local:
        return _SITE_LOCAL
    return _GLOBAL


_SOURCE_PREFIX: Final = 64


def _common_prefix(destination: Address, source: Address | None) -> int:
    """CommonPrefixLen of RFC 6724 §2.2: at most the part of the source that is no interface ID.

    Rule 9 compares destinations of one family; in IPv4, where prefixes say little of the way to
    an address, it would only undo the sharing of load.
    """
    if not isinstance(destination, IPv6Address) or not isinstance(source, IPv6Address):
        return 0
    differing = int(destination) ^ int(source)
    return min(128 - differing.bit_length(), _SOURCE_PREFIX)
