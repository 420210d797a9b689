"""The frame of messages: names and their pointers, and where records are."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from strategies import damaged_messages, wire_labels

from sipresolve.backends.messages import Malformed, Message

HEADER = b"\0\0\x81\x80\0\1\0\1\0\0\0\0"
QUESTION = b"\1a\0\0\1\0\1"
A = b"\0\1\0\1\0\0\0\1\0\4\xc0\0\2\1"


def can_be_read(octets: bytes) -> bool:
    try:
        Message(octets).sections()
    except (Malformed, IndexError, struct.error):
        return False
    return True


@pytest.mark.parametrize(
    ("why", "owner", "is_read"),
    [
        ("to the question", b"\xc0\x0c", True),
        ("behind a label", b"\1b\xc0\x0c", True),
        ("to itself", b"\xc0\x13", False),
        ("forward", b"\xc0\x14\0", False),
        ("to where it has been", b"\1b\xc0\x13", False),
        ("beyond the message", b"\xff\xff", False),
        ("cut off", b"\xc0", False),
        ("of a kind that was given up", b"\x80\x0c", False),
        ("of another kind that was", b"\x41b\0", False),
    ],
)
def test_pointers_of_names(why: str, owner: bytes, is_read: bool) -> None:
    """RFC 1035 §4.1.4: "a prior occurance of the same name"."""
    assert can_be_read(HEADER + QUESTION + owner + A) == is_read, why


@pytest.mark.parametrize(("pointers", "is_read"), [(2, True), (16, True), (17, False)])
def test_a_name_goes_through_few_pointers(pointers: int, is_read: bool) -> None:
    """Long chains of them would take a time that grows with the square of the message."""
    first = len(HEADER + QUESTION) + 12  # where the data of the first record begin
    places = [0x0C, *range(first, first + 2 * (pointers - 1), 2)]
    *chain, owner = ((0xC000 | place).to_bytes(2, "big") for place in places)
    length = (2 * len(chain)).to_bytes(2, "big")
    text = b"\xc0\x0c" + b"\0\x10\0\1\0\0\0\1" + length + b"".join(chain)
    header = HEADER[:6] + b"\0\2" + HEADER[8:]
    assert can_be_read(header + QUESTION + text + owner + A) == is_read


@given(damaged_messages())
def test_the_data_of_all_records_lie_within_the_message(octets: bytes) -> None:
    if can_be_read(octets):
        _, *sections = Message(octets).sections()
        entries = [entry for section in sections for entry in section]
        assert all(12 <= each.begin < each.at <= each.end <= len(octets) for each in entries)


@given(damaged_messages())
def test_a_name_is_the_same_whatever_was_read_before(octets: bytes) -> None:
    """What a pointer leads to is read once."""
    if can_be_read(octets):
        _, *sections = Message(octets).sections()
        for entry in (entry for section in sections for entry in section):
            assert Message(octets).name(entry.begin)[0] == entry.owner


def test_a_pointer_may_not_lead_into_itself_through_a_name_that_was_read() -> None:
    """RFC 1035 §4.1.4: the name at 0 ends behind the pointer at 2, which is part of it."""
    message = Message(b"\3b\xc0\0\0")
    assert message.name(0) == (r"b\192\000", 5)
    with pytest.raises(Malformed):
        message.name(2)


@given(wire_labels)
def test_a_name_is_its_labels(labels: list[bytes]) -> None:
    octets = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    message = Message(octets + b"\1a\0")
    assert message.labels(0) == (labels, len(octets))
    assert message.name(len(octets)) == ("a", len(octets) + 3)
