"""Messages on a stream (RFC 1035 §4.2.2, RFC 7766 §8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import streams

from sipresolve.exchange.framing import Unframer, framed


def test_a_message_goes_out_behind_its_length() -> None:
    assert framed(b"\x12" * 258) == b"\x01\x02" + b"\x12" * 258


@pytest.mark.parametrize(
    ("pieces", "messages"),
    [
        ([], []),
        ([b""], []),
        ([b"\0"], []),
        ([b"\0\3ab"], []),
        ([b"\0\3abc"], [b"abc"]),
        ([b"\0", b"\3", b"a", b"b", b"c"], [b"abc"]),
        ([b"\0\1a\0\2bc"], [b"a", b"bc"]),
        ([b"\0\1a\0", b"\2bc\0\1"], [b"a", b"bc"]),
        ([b"\0\0\0\1a"], [b"", b"a"]),
    ],
)
def test_messages_come_out_when_they_are_whole(pieces: list[bytes], messages: list[bytes]) -> None:
    unframer = Unframer()
    assert [message for piece in pieces for message in unframer.feed(piece)] == messages


@given(streams())
def test_it_does_not_matter_how_the_octets_are_cut(
    stream: tuple[list[bytes], list[bytes]],
) -> None:
    messages, pieces = stream
    unframer = Unframer()
    assert [message for piece in pieces for message in unframer.feed(piece)] == messages
