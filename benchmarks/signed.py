"""Signed domains that are resolved, and the zones above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from internet.plans import P256, UNSIGNED, Plan, split
from internet.signing import Nsec, Nsec3
from signed_messages import SignedInternet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from internet.signing import Denial

__all__ = [
    "ADDRESSES",
    "ALGORITHMS",
    "ALIASED",
    "DENIALS",
    "OTHER",
    "PLAIN",
    "SIGNED",
    "signed_internet",
]

#: The algorithms that are checked, by their names; the first is the one that most zones have.
ALGORITHMS: Final[Mapping[str, int]] = {
    "P-256": P256,
    "RSA-2048/SHA-256": 8,
    "P-384": 14,
    "Ed25519": 15,
    "Ed448": 16,
}

DENIALS: Final[Mapping[str, Denial]] = {"NSEC": Nsec(), "NSEC3": Nsec3()}

#: A domain that is signed, with one service and one host.
SIGNED: Final = "example.com"

#: A domain that is signed, with addresses alone.
ADDRESSES: Final = "addresses.com"

#: A domain like the first, whose host has another name below another top-level domain.
ALIASED: Final = "aliased.com"

#: A domain like the first, not signed, below one that is.
PLAIN: Final = "plain.com"

#: A domain that is resolved before one of the others.
OTHER: Final = "other.com"

_SERVICE: Final = """
@ 86400 NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
_sip._udp 86400 SRV 10 10 5060 gw
gw 86400 A 192.0.2.1
gw 86400 AAAA 2001:db8::1
"""
_HOST_ELSEWHERE: Final = """
@ 86400 NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp
_sip._udp 86400 SRV 10 10 5060 gw
gw 86400 CNAME elsewhere.net.
"""
_ADDRESSES: Final = """
@ 86400 A 192.0.2.1
@ 86400 AAAA 2001:db8::1
"""


def signed_internet(algorithm: str = "P-256", denial: str = "NSEC") -> SignedInternet:
    """The root, ``com``, the domains below it, and where an alias leads."""
    keys, denied = split(ALGORITHMS[algorithm]), DENIALS[denial]
    return SignedInternet.of(
        Plan(zone=".", records="", keys=keys, denial=denied),
        Plan(zone="com.", records="", keys=keys, denial=denied),
        Plan(zone=f"{SIGNED}.", records=_SERVICE, keys=keys, denial=denied),
        Plan(zone=f"{ADDRESSES}.", records=_ADDRESSES, keys=keys, denial=denied),
        Plan(zone=f"{ALIASED}.", records=_HOST_ELSEWHERE, keys=keys, denial=denied),
        Plan(zone="net.", records="", keys=keys, denial=denied),
        Plan(zone="elsewhere.net.", records=_ADDRESSES, keys=keys, denial=denied),
        Plan(zone=f"{PLAIN}.", records=_SERVICE, keys=UNSIGNED),
        Plan(zone=f"{OTHER}.", records=_ADDRESSES, keys=keys, denial=denied),
    )
