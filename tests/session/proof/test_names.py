"""Names as labels: text and back, canonical order, above and below (RFC 4034 §6.1)."""

from __future__ import annotations

import random

import pytest
from denying import labels, wire
from hypothesis import given
from hypothesis import strategies as st
from strategies import wire_labels

from sipresolve.session.proof.names import (
    ancestors,
    canonical_key,
    is_at_or_below,
    is_below,
    labels_of,
    name_at,
    text_of,
)
from sipresolve.vocabulary.evidence import Labels


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".", ()),
        ("example", (b"example",)),
        ("_sip._udp.example.com", (b"_sip", b"_udp", b"example", b"com")),
        ("*.example.com", (b"*", b"example", b"com")),
        (r"a\046b.example.com", (b"a.b", b"example", b"com")),
        (r"a\.b.example.com", (b"a.b", b"example", b"com")),
        (r"a\\.example.com", (b"a\\", b"example", b"com")),
        (r"\000\255.com", (b"\0\xff", b"com")),
        (r"\065.com", (b"a", b"com")),
        (r"a\032b.com", (b"a b", b"com")),
    ],
)
def test_the_labels_of_a_text(text: str, expected: Labels) -> None:
    """RFC 1035 §5.1: an escape stands for one octet."""
    assert labels_of(text) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ((), "."),
        ((b"_sip", b"example"), "_sip.example"),
        ((b"a.b", b"example"), r"a\046b.example"),
        ((b"a b\0", b"\xff"), r"a\032b\000.\255"),
        ((b'"();\\@$',), r"\"\(\)\;\\\@\$"),
    ],
)
def test_the_text_of_labels(name: Labels, text: str) -> None:
    """What means something in a master file, or cannot be printed, is escaped (RFC 1035 §5.1)."""
    assert text_of(name) == text


@given(name=wire_labels)
def test_text_and_back(name: tuple[bytes, ...]) -> None:
    """Every name has a text, that is read as that name."""
    lower = tuple(label.lower() for label in name)
    assert labels_of(text_of(lower)) == lower


@given(name=wire_labels, before=st.binary(max_size=5), behind=st.binary(max_size=5))
def test_a_name_in_data(name: tuple[bytes, ...], before: bytes, behind: bytes) -> None:
    """It is read in lower case, and what is behind it is left."""
    found, end = name_at(before + wire(name) + behind, len(before))
    assert found == tuple(label.lower() for label in name)
    assert end == len(before) + len(wire(name))


LONGEST = (b"x" * 63,) * 3 + (b"y" * 61,)


def test_the_longest_name() -> None:
    """RFC 1035 §2.3.4: 255 octets."""
    assert name_at(wire(LONGEST)) == (LONGEST, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\3co",
        b"\3com",
        b"\3com\7exampl",
        b"\xc0\x0c",
        b"\3com\xc0\x00",
        b"\x40" + b"x" * 64 + b"\0",
        wire((*LONGEST[:3], b"y" * 62)),
    ],
)
def test_what_is_no_name(data: bytes) -> None:
    """RFC 1035 §2.3.4, §3.1; RFC 4034 §4.1.1: compression is not allowed."""
    with pytest.raises(ValueError, match=r"a (name|label) is "):
        name_at(data)


def test_canonical_order() -> None:
    """RFC 4034 §6.1, whose example this is, in lower case."""
    order: list[Labels] = [
        labels("example"),
        labels("a.example"),
        labels("yljkjljk.a.example"),
        labels("z.a.example"),
        labels("zabc.a.example"),
        labels("z.example"),
        (b"\x01", b"z", b"example"),
        labels("*.z.example"),
        (b"\xc8", b"z", b"example"),
    ]
    mixed = random.Random(6).sample(order, len(order))
    assert sorted(mixed, key=canonical_key) == order


@pytest.mark.parametrize(
    ("name", "zone", "at_or_below", "below"),
    [
        ("a.example", "example", True, True),
        ("example", "example", True, False),
        ("example", ".", True, True),
        (".", ".", True, False),
        ("example", "a.example", False, False),
        ("a.example", "test", False, False),
        ("xexample", "example", False, False),
    ],
)
def test_above_and_below(name: str, zone: str, *, at_or_below: bool, below: bool) -> None:
    """A zone has its own name and those below."""
    assert is_at_or_below(labels(name), labels(zone)) == at_or_below
    assert is_below(labels(name), labels(zone)) == below


@pytest.mark.parametrize(
    ("name", "zone", "expected"),
    [
        ("a.b.example", "example", ["b.example", "a.b.example"]),
        ("a.example", ".", ["example", "a.example"]),
        ("example", "example", []),
        (".", ".", []),
    ],
)
def test_the_names_from_a_zone_down(name: str, zone: str, expected: list[str]) -> None:
    """The shortest first, without the zone."""
    assert list(map(text_of, ancestors(labels(name), labels(zone)))) == expected
