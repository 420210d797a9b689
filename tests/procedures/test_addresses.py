"""RFC 6724 §6, RFC 7984 §4, RFC 8305 §4."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import addresses

from sipresolve.procedures.addresses import NO_SOURCES, Sources, in_order
from sipresolve.vocabulary.policy import AddressOrder
from sipresolve.vocabulary.records import Address

RFC6724, INTERLEAVED = AddressOrder.RFC6724, AddressOrder.INTERLEAVED


def sources(*texts: str) -> Sources:
    found = [ip_address(text) for text in texts]
    return Sources(
        ipv4=next((a for a in found if isinstance(a, IPv4Address)), None),
        ipv6=next((a for a in found if isinstance(a, IPv6Address)), None),
    )


# RFC 6724 §10.1 and §10.2 (its examples, as far as they rest on one source for each family), and
# the rules one by one.
@pytest.mark.parametrize(
    ("rule", "from_", "candidates", "expected"),
    [
        ("1: avoid unusable", ["192.0.2.9"], "2001:db8::1 192.0.2.1", "192.0.2.1 2001:db8::1"),
        ("1: avoid unusable", ["2001:db8::9"], "192.0.2.1 2001:db8::1", "2001:db8::1 192.0.2.1"),
        (
            "2: prefer matching scope",
            ["2001:db8::2", "169.254.13.78"],
            "198.51.100.121 2001:db8:1::1",
            "2001:db8:1::1 198.51.100.121",
        ),
        (
            "2: prefer matching scope",
            ["fe80::2", "198.51.100.117"],
            "2001:db8:1::1 198.51.100.121",
            "198.51.100.121 2001:db8:1::1",
        ),
        (
            "2: prefer matching scope",
            ["2002:c633:6401::2", "169.254.13.78"],
            "10.1.2.3 2001:db8:1::1",
            "2001:db8:1::1 10.1.2.3",
        ),
        (
            "5: prefer matching label",
            ["2002:c633:6401::2"],
            "2001:db8:1::1 2002:c633:6401::1",
            "2002:c633:6401::1 2001:db8:1::1",
        ),
        (
            "6: prefer higher precedence",
            ["2001:db8:1::2", "10.1.2.4"],
            "10.1.2.3 2001:db8:1::1",
            "2001:db8:1::1 10.1.2.3",
        ),
        (
            "6: prefer higher precedence",
            ["2002:c633:6401::2", "10.1.2.4"],
            "2002:c633:6401::1 10.1.2.3",
            "10.1.2.3 2002:c633:6401::1",
        ),
        ("6, without sources", [], "192.0.2.1 2001:db8::1", "2001:db8::1 192.0.2.1"),
        (
            "8: prefer smaller scope",
            [],
            "2001:db8:1::1 fe80::1",
            "fe80::1 2001:db8:1::1",
        ),
        (
            "9: use longest matching prefix",
            ["2001:db8:1::2"],
            "2001:db8:3ffe::1 2001:db8:1::1",
            "2001:db8:1::1 2001:db8:3ffe::1",
        ),
        (
            "unique local, without a label in common",
            ["2001:db8::2", "192.0.2.9"],
            "fd00::1 192.0.2.1",
            "192.0.2.1 fd00::1",
        ),
        ("site-local", ["2001:db8::2"], "fec0::1 2001:db8::1", "2001:db8::1 fec0::1"),
        ("multicast", ["2001:db8::2"], "ff02::1 2001:db8::1", "2001:db8::1 ff02::1"),
    ],
)
def test_rules(rule: str, from_: list[str], candidates: str, expected: str) -> None:
    found = [ip_address(text) for text in candidates.split()]
    for seed in range(4):
        ordered = in_order(found, sources=sources(*from_), order=RFC6724, seed=seed)
        assert " ".join(map(str, ordered)) == expected, rule


def test_addresses_of_equal_rank_share_the_first_place() -> None:
    found = [ip_address(f"192.0.2.{last}") for last in range(1, 5)]
    first = {
        in_order(found, sources=sources("192.0.2.9"), order=RFC6724, seed=seed)[0]
        for seed in range(24)
    }
    assert first == set(found)


def test_without_dice_the_order_is_the_same_on_every_machine() -> None:
    """RFC 3263 §4.4: neither dice nor this machine's own addresses decide."""
    found = [ip_address(text) for text in ("192.0.2.2", "192.0.2.1", "2001:db8::2", "2001:db8::1")]
    for here in (NO_SOURCES, sources("192.0.2.9"), sources("2001:db8::9")):
        for candidates in (found, found[::-1]):
            ordered = in_order(candidates, sources=here, order=RFC6724, seed=None)
            assert [str(address) for address in ordered] == [
                "2001:db8::1",
                "2001:db8::2",
                "192.0.2.1",
                "192.0.2.2",
            ]


def test_an_address_and_its_mapped_form_keep_their_order() -> None:
    found = [ip_address("::ffff:192.0.2.1"), ip_address("192.0.2.1")]
    orders = {
        tuple(in_order(candidates, sources=NO_SOURCES, order=RFC6724, seed=None))
        for candidates in (found, found[::-1])
    }
    assert len(orders) == 1


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (
            "2001:db8::1 2001:db8::2 192.0.2.1 192.0.2.2",
            "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2",
        ),
        ("2001:db8::1 192.0.2.1 192.0.2.2", "2001:db8::1 192.0.2.1 192.0.2.2"),
        ("192.0.2.1", "192.0.2.1"),
        ("", ""),
    ],
)
def test_interleaving_begins_with_the_family_of_the_first(candidates: str, expected: str) -> None:
    """RFC 8305 §4."""
    found = [ip_address(text) for text in candidates.split()]
    ordered = in_order(found, sources=NO_SOURCES, order=INTERLEAVED, seed=None)
    assert " ".join(map(str, ordered)) == expected


@given(
    found=st.lists(addresses()),
    here=st.lists(addresses(), max_size=2),
    order=st.sampled_from(AddressOrder),
    seed=st.none() | st.integers(0, 2**64 - 1),
)
def test_an_order_is_a_permutation(
    found: list[Address], here: list[Address], order: AddressOrder, seed: int | None
) -> None:
    ordered = in_order(found, sources=sources(*map(str, here)), order=order, seed=seed)
    assert sorted(ordered, key=str) == sorted(set(found), key=str)
    assert ordered == in_order(
        found[::-1], sources=sources(*map(str, here)), order=order, seed=seed
    )
