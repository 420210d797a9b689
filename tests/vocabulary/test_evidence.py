"""What proves an answer: names as they are signed, and evidence put together."""

from __future__ import annotations

import pytest

from sipresolve.vocabulary.evidence import Evidence, Labels, RrType, SignedSet, wire_of


@pytest.mark.parametrize(
    ("labels", "wire"),
    [
        ((), b"\0"),
        ((b"com",), b"\3com\0"),
        ((b"*", b"example", b"com"), b"\1*\7example\3com\0"),
        ((b"a.b", b"\0\xff"), b"\3a.b\2\0\xff\0"),
        ((63 * b"a",), b"\x3f" + 63 * b"a" + b"\0"),
    ],
)
def test_a_name_as_it_is_signed(labels: Labels, wire: bytes) -> None:
    """RFC 4034 §6.2: fully expanded; RFC 1035 §3.1: a length before each label."""
    assert wire_of(labels) == wire


def signed_set(*labels: bytes) -> SignedSet:
    return SignedSet(labels, RrType.A, 300, (b"\xc0\0\2\1",))


def test_what_several_replies_have_shown_is_put_together_in_their_order() -> None:
    first = Evidence((signed_set(b"a"),), (signed_set(b"b"),))
    second = Evidence((signed_set(b"c"),), (signed_set(b"d"),))
    both = first + second
    assert [each.owner for each in both.answers] == [(b"a",), (b"c",)]
    assert [each.owner for each in both.authorities] == [(b"b",), (b"d",)]
    assert first + Evidence() == Evidence() + first == first


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("A", 1),  # RFC 1035 §3.2.2
        ("NS", 2),
        ("CNAME", 5),
        ("SOA", 6),
        ("AAAA", 28),  # RFC 3596 §2.1
        ("SRV", 33),  # RFC 2782
        ("NAPTR", 35),  # RFC 3403 §4.1
        ("DNAME", 39),  # RFC 6672 §2.1
        ("DS", 43),  # RFC 4034 §5
        ("RRSIG", 46),  # RFC 4034 §3
        ("NSEC", 47),  # RFC 4034 §4
        ("DNSKEY", 48),  # RFC 4034 §2
        ("NSEC3", 50),  # RFC 5155 §3
    ],
)
def test_the_numbers_of_types(name: str, number: int) -> None:
    assert RrType[name] == number
