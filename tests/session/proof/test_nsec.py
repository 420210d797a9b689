"""NSEC records: which can be read, which names they show, and which gaps (RFC 4034 §4, §6.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import pytest
from attrs import evolve
from denying import ATTACKED, DenyingZone, bitmap, labels, nsec, numbers, wire
from hypothesis import given
from hypothesis import strategies as st
from strategies import denied_names, denying_zones

from sipresolve.session.proof.bitmaps import NO_TYPES
from sipresolve.session.proof.chains import Gap
from sipresolve.session.proof.nsec import NsecChain
from sipresolve.vocabulary.evidence import Labels, RrType, SignedSet

EXAMPLE: Final = labels("example")
GOOD: Final = nsec("a.example", "c.example", "A RRSIG NSEC")


def chain_of(*sets: SignedSet) -> NsecChain:
    """What a reply shows of the zone."""
    return NsecChain.of(EXAMPLE, sets)


def with_data(*data: bytes) -> SignedSet:
    """The record with other data."""
    return evolve(GOOD, data=data)


def test_a_record_shows_its_owner_and_a_gap() -> None:
    """RFC 4035 §5.4."""
    chain = chain_of(GOOD)
    types = chain.types_at(labels("a.example"))
    assert types is not None
    assert RrType.A in types
    assert RrType.AAAA not in types
    assert chain.types_at(labels("b.example")) is None
    assert chain.gap_at(labels("b.example")) == Gap(labels("b.example"))
    assert chain.next_closer(labels("x.y.b.example")) == Gap(labels("b.example"))


@pytest.mark.parametrize(
    "found",
    [
        with_data(),
        with_data(*GOOD.data, b"\0" + bitmap([1])),
        with_data(b""),
        with_data(wire(labels("c.example"))[:-1]),
        with_data(wire(labels("c.example"))[:-3]),
        with_data(b"\xc0\x0c" + bitmap([1])),
        with_data(wire((b"x" * 63,) * 3 + (b"y" * 62, b"example")) + bitmap([1])),
        with_data(wire(labels("c.example")) + b"\0"),
        with_data(wire(labels("c.example")) + bitmap([1]) * 2),
        with_data(wire(labels("c.test")) + bitmap([1])),
        with_data(wire(()) + bitmap([1])),
        evolve(GOOD, owner=labels("a.test")),
        evolve(GOOD, owner=()),
        evolve(GOOD, type=RrType.NSEC3),
    ],
)
def test_what_cannot_be_a_record_of_the_zone_shows_nothing(found: SignedSet) -> None:
    """Data that are none, or two; names that are malformed, or of another zone."""
    chain = chain_of(found)
    assert chain.links == ()
    assert chain.types_at(found.owner) is None
    assert chain.next_closer(labels("b.example")) is None


def test_a_name_may_have_no_types() -> None:
    """As that of an NSEC record never does; but nothing in it is unclear."""
    chain = chain_of(with_data(wire(labels("c.example"))))
    assert chain.types_at(labels("a.example")) == NO_TYPES


@pytest.mark.parametrize("next_", ["C.Example", "c.EXAMPLE"])
def test_the_next_name_is_compared_in_lower_case(next_: str) -> None:
    """RFC 6840 §5.1: it is signed in the letters that it has."""
    chain = chain_of(nsec("a.example", next_, "A"))
    assert chain.gap_at(labels("b.example"))
    assert not chain.gap_at(labels("c.example"))
    assert not chain.gap_at(labels("d.example"))


@pytest.mark.parametrize(
    ("owner", "next_", "name", "is_gap"),
    [
        ("b.example", "d.example", "c.example", True),
        ("b.example", "d.example", "b.example", False),
        ("b.example", "d.example", "d.example", False),
        ("b.example", "d.example", "a.example", False),
        ("b.example", "d.example", "e.example", False),
        ("b.example", "d.example", "z.b.example", True),
        ("b.example", "d.example", "a.d.example", False),
        # the last one
        ("y.example", "example", "z.example", True),
        ("y.example", "example", "a.y.example", True),
        ("y.example", "example", "y.example", False),
        ("y.example", "example", "x.example", False),
        ("y.example", "example", "example", False),
        # the only one
        ("example", "example", "a.example", True),
        ("example", "example", "example", False),
        # one that goes backwards, to another name than the apex
        ("y.example", "b.example", "z.example", False),
        ("y.example", "b.example", "a.example", False),
        ("y.example", "y.example", "z.example", False),
        # the name is above the next one
        ("b.example", "x.y.c.example", "c.example", False),
        ("b.example", "x.y.c.example", "y.c.example", False),
        ("b.example", "x.y.c.example", "w.y.c.example", True),
        ("b.example", "x.y.c.example", "a.c.example", True),
    ],
)
def test_gaps(owner: str, next_: str, name: str, *, is_gap: bool) -> None:
    """RFC 4034 §4.1.1, RFC 4035 §5.4."""
    gap = chain_of(nsec(owner, next_, "A")).gap_at(labels(name))
    assert gap == (Gap(labels(name)) if is_gap else None)


def test_names_in_canonical_order() -> None:
    """RFC 4034 §6.1, whose example this is: between each two is a gap, and none elsewhere."""
    order: list[Labels] = [
        (b"example",),
        (b"a", b"example"),
        (b"yljkjljk", b"a", b"example"),
        (b"z", b"a", b"example"),
        (b"zabc", b"a", b"example"),
        (b"z", b"example"),
        (b"\x01", b"z", b"example"),
        (b"*", b"z", b"example"),
        (b"\xc8", b"z", b"example"),
    ]
    for begin, end in pairwise(order[1:]):
        link = SignedSet(begin, RrType.NSEC, 60, (wire(end) + bitmap([1]),))
        chain = chain_of(link)
        assert chain.gap_at((b"\0", *begin))
        assert not any(map(chain.gap_at, order))


@pytest.mark.parametrize(
    ("name", "is_empty"),
    [
        ("w.example", True),
        ("star.example", True),
        ("*.y.example", True),
        ("y.example", True),
        ("x.y.example", False),
        ("v.example", False),
        ("a.sub.example", False),
        ("a.w.example", True),
    ],
)
def test_empty_non_terminals(name: str, *, is_empty: bool) -> None:
    """RFC 4035 §3.1.3.2, RFC 4592 §2.2.2: the next name is below one that has no records."""
    chain = chain_of(*ATTACKED.nsec_chain())
    assert chain.types_at(labels(name)) == (NO_TYPES if is_empty else None)


def test_what_is_below_a_delegation_is_no_empty_non_terminal() -> None:
    """RFC 6840 §4.1, of a chain that goes on where it should not."""
    chain = chain_of(nsec("sub.example", "x.y.sub.example", "NS RRSIG NSEC"))
    assert chain.types_at(labels("y.sub.example")) is None
    assert chain.next_closer(labels("a.sub.example")) is None


def test_records_that_contradict_each_other_prove_nothing() -> None:
    """An old record, whose signature is still valid, and a name that is new since."""
    old, new = nsec("a.example", "c.example", "A"), nsec("b.example", "c.example", "A")
    assert chain_of(old).gap_at(labels("b.example"))
    assert not chain_of(old, new).gap_at(labels("b.example"))
    assert not chain_of(new, old).gap_at(labels("b.example"))
    assert not chain_of(old, nsec("x.b.example", "c.example", "A")).gap_at(labels("b.example"))
    assert not chain_of(old, nsec("a.example", "x.b.example", "A")).gap_at(labels("b.example"))


@pytest.mark.parametrize(("name", "wildcard"), [("b.example", "*.example"), ("*.b", "*.b")])
def test_the_wildcard_beside_a_gap(name: str, wildcard: str) -> None:
    """RFC 4592 §3.3.1."""
    assert Gap(labels(name)).wildcard == labels(wildcard)


@given(data=st.data(), zone=denying_zones())
def test_the_next_closer_name_is_below_the_closest_encloser(
    data: st.DataObject, zone: DenyingZone
) -> None:
    """RFC 4592 §3.3.1, RFC 5155 §1.3; where the zone speaks of the name at all."""
    name = data.draw(denied_names(zone))
    gap = NsecChain.of(zone.apex, zone.nsec_chain()).next_closer(name)
    is_elsewhere = any(
        zone.names.get(name[at:], frozenset()) & numbers("NS DNAME")
        for at in range(1, len(name) - len(zone.apex))
    )
    if zone.has(name) or is_elsewhere:
        assert gap is None
    else:
        assert gap is not None
        assert gap.name[1:] == zone.encloser(name)
