"""What is common to texts that follow a grammar."""

from __future__ import annotations

from typing import Any

import pytest

from sipresolve.vocabulary.errors import InvalidText, InvalidUri, InvalidVia
from sipresolve.vocabulary.texts import as_text, refusal, written_parameters


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("ü", "ü"),
        (b"\xc3\xbc", "ü"),
        # No grammar has lone surrogates, so no octet that is not UTF-8 is taken for another.
        (b"a\xff", "a\udcff"),
        (b"", ""),
        ("a" * 65_535, "a" * 65_535),
    ],
)
def test_texts_and_octets_are_taken(given: str | bytes, text: str) -> None:
    assert as_text(given, "a URI", InvalidUri) == text


@pytest.mark.parametrize("error", [InvalidUri, InvalidVia])
def test_what_no_datagram_can_bring_is_refused(error: type[InvalidText]) -> None:
    with pytest.raises(error, match="no more than 65535 characters are read") as caught:
        as_text("a" * 65_536, "a text", error)
    assert (caught.value.position, len(caught.value.text)) == (65_535, 65_536)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("given", [None, 1, ["a"], bytearray(b"a")])
def test_what_is_no_text_is_a_type_error(given: Any) -> None:
    with pytest.raises(TypeError, match=f"a Via is str or bytes, not {type(given).__name__}"):
        as_text(given, "a Via", InvalidVia)


def test_a_refusal_says_where_and_why() -> None:
    error = refusal(InvalidVia, "SIP/2.0", (7, "the transport is missing"))
    assert isinstance(error, InvalidVia)
    assert str(error) == "the transport is missing, at position 7 of 'SIP/2.0'"
    assert (error.text, error.position) == ("SIP/2.0", 7)


def test_parameters_are_written_with_a_value_or_without() -> None:
    assert written_parameters([]) == ""
    assert written_parameters([("lr", None), ("ttl", "1")]) == ";lr;ttl=1"
