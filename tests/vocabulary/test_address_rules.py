"""Which addresses are public: the registries of RFC 6890 and RFC 8190 §2.1, block by block."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.vocabulary.address_rules import public_addresses_only

#: Blocks of the IANA registries that are not globally reachable, and of RFC 4291 §2.4 what is no
#: global unicast.
REFUSED = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/29",
    "192.0.0.8/32",
    "192.0.0.170/31",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/128",
    "::1/128",
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:db8::/32",
    "3fff::/20",
    "4000::/2",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
#: Blocks that are, some of them inside others that are not.
REACHABLE = [
    "1.0.0.0/8",
    "9.0.0.0/8",
    "100.0.0.0/10",
    "100.128.0.0/9",
    "172.0.0.0/12",
    "172.32.0.0/11",
    "192.0.0.9/32",
    "192.0.0.10/32",
    "192.0.1.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.175.48.0/24",
    "198.17.0.0/16",
    "198.20.0.0/16",
    "223.0.0.0/8",
    "2001:1::1/128",
    "2001:1::2/128",
    "2001:1::3/128",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:20::/28",
    "2001:30::/28",
    "2001:200::/23",
    "2003::/16",
    "2400::/12",
    "2606:4700::/32",
    "2620:4f:8000::/48",
    "3ff0::/16",
]


@pytest.mark.parametrize(
    ("block", "allowed"),
    [*((block, False) for block in REFUSED), *((block, True) for block in REACHABLE)],
)
def test_a_block_is_judged_from_end_to_end(block: str, allowed: bool) -> None:
    network = ip_network(block)
    assert public_addresses_only(network[0], "sip.example.com") is allowed
    assert public_addresses_only(network[-1], "sip.example.com") is allowed


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        # RFC 4291 §2.5.5.2: mapped
        ("::ffff:127.0.0.1", False),
        ("::ffff:9.9.9.9", True),
        # RFC 6052 §2.1: NAT64 with the well-known prefix
        ("64:ff9b::192.168.1.1", False),
        ("64:ff9b::9.9.9.9", True),
        # RFC 3056 §2: 6to4, whatever lies behind the IPv4 address
        ("2002:0a01:0203::", False),
        ("2002:0a01:0203:ffff:ffff:ffff:ffff:ffff", False),
        ("2002:7f00:0001:1::1", False),
        ("2002:0909:0909::1", True),
        # RFC 4291 §2.5.5.1: IPv4-compatible, which is deprecated
        ("::9.9.9.9", False),
        # RFC 4007 §11: with a zone
        ("fe80::1%eth0", False),
    ],
)
def test_what_stands_for_ipv4_is_judged_by_it(address: str, allowed: bool) -> None:
    assert public_addresses_only(ip_address(address), "sip.example.com") is allowed


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost", "pbx.local", "pbx.internal", ""])
def test_no_host_makes_a_private_address_public(host: str) -> None:
    assert not public_addresses_only(ip_address("10.0.0.1"), host)
    assert public_addresses_only(ip_address("9.9.9.9"), host)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_form(address: IPv4Address) -> None:
    bits = int(address)
    forms = [
        IPv6Address(0xFFFF << 32 | bits),
        IPv6Address(0x64FF9B << 96 | bits),
        IPv6Address(0x2002 << 112 | bits << 80 | 1),
    ]
    allowed = public_addresses_only(address, "")
    assert {public_addresses_only(form, "") for form in forms} == {allowed}


@given(st.ip_addresses(v=6))
def test_of_ipv6_only_global_unicast_is_public(address: IPv6Address) -> None:
    """RFC 4291 §2.4, and the blocks that stand for IPv4."""
    blocks = ["2000::/3", "::ffff:0:0/96", "64:ff9b::/96"]
    if not any(address in ip_network(block) for block in blocks):
        assert not public_addresses_only(address, "")
