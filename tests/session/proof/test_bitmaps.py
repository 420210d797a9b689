"""The types at a name: RFC 4034 §4.1.2, and the example of §4.3."""

from __future__ import annotations

import pytest
from denying import bitmap, numbers
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.session.proof.bitmaps import NO_TYPES, TypeBitmap

ANY = 255


def test_the_example_of_the_rfc() -> None:
    """RFC 4034 §4.3: A MX RRSIG NSEC TYPE1234."""
    octets = bytes.fromhex("0006400100000003" + "041b" + "00" * 26 + "20")
    types = TypeBitmap.of(octets)
    assert {number for number in range(65536) if number in types} == {1, 15, 46, 47, ANY, 1234}
    assert bitmap(numbers("A MX RRSIG NSEC TYPE1234")) == octets


@given(types=st.sets(st.integers(1, 65535)), asked=st.sets(st.integers(1, 65535)))
def test_what_is_listed_is_there(types: set[int], asked: set[int]) -> None:
    """Whatever the windows."""
    found = TypeBitmap.of(bitmap(types))
    assert all(each in found for each in types)
    assert not any(each in found for each in asked - types - {ANY})


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        ("00", "cut off before its length"),
        ("0001", "cut off before its octets"),
        ("000240", "cut off within them"),
        ("0000", "no octets"),
        ("0021" + "01" * 33, "more than 32 octets"),
        ("000140" + "000120", "the same window twice"),
        ("010140" + "000140", "windows in decreasing order"),
        ("000140" + "01", "cut off behind a window"),
    ],
)
def test_what_is_malformed(octets: str, said: str) -> None:
    """RFC 4034 §4.1.2."""
    with pytest.raises(ValueError, match="malformed"):
        raise AssertionError(said, TypeBitmap.of(bytes.fromhex(octets)))


def test_zeros_at_the_end_say_nothing() -> None:
    """RFC 4034 §4.1.2: what is not specified is zero."""
    types = TypeBitmap.of(bytes.fromhex("00034000000101" + "00"))
    assert 1 in types
    assert 256 not in types
    assert 28 not in types


def test_any_is_whatever_is_there() -> None:
    """RFC 6840 §4.2: a name lacks the type ANY, if it lacks all others."""
    assert ANY in TypeBitmap.of(bitmap([1]))
    assert ANY not in NO_TYPES
    assert ANY not in TypeBitmap.of(b"\0\1\0")


@pytest.mark.parametrize(
    ("types", "is_above_cut", "hides_below"),
    [
        ("A", False, False),
        ("NS", True, True),
        ("NS DS", True, True),
        ("NS SOA", False, False),
        ("NS SOA DNAME", False, True),
        ("A DNAME", False, True),
        ("", False, False),
    ],
)
def test_the_parents_side_of_a_delegation(
    types: str, *, is_above_cut: bool, hides_below: bool
) -> None:
    """RFC 6840 §4.1: the NS bit set, the SOA bit clear; or the DNAME bit set."""
    found = TypeBitmap.of(bitmap(numbers(types)))
    assert (found.is_above_cut, found.hides_below) == (is_above_cut, hides_below)
