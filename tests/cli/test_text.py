"""Texts for a person: nothing commands the terminal, everything can be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import hostile_texts

from sipresolve.cli.text import counted, milliseconds, shown, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("RFC 3263 §4.1 → …", "RFC 3263 §4.1 → …"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\tc\rd\x00e", r"a\nb\tc\rd\x00e"),
        ("\x7f\x9b31m", r"\x7f\x9b31m"),  # DEL, and CSI as one octet of ISO 8859-1
        ("a\u202eb\u200b", r"a\u202eb\u200b"),  # the direction turned, no width
        ("\udcff", r"\udcff"),  # an octet of the command line that is not UTF-8
    ],
)
def test_what_is_not_printable_is_escaped(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(hostile_texts)
def test_whatever_the_text_is_it_can_be_printed(text: str) -> None:
    assert visible(text).isprintable()


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("├── 1 → §4", "utf-8", "├── 1 → §4"),
        ("│   └── 1 → §4…", "ascii", "|   `-- 1 -> section 4..."),
        ("§4", "latin-1", "§4"),
        ("├── §4", "latin-1", "|-- section 4"),
        ("ü→", "ascii", r"\xfc->"),
        ("\udcff", "utf-8", r"\udcff"),
    ],
)
def test_what_an_encoding_lacks_is_replaced(text: str, encoding: str, expected: str) -> None:
    assert shown(text, encoding) == expected


@given(hostile_texts)
def test_whatever_the_text_is_it_can_be_encoded(text: str) -> None:
    for encoding in ("utf-8", "ascii", "latin-1"):
        shown(text, encoding).encode(encoding)


def test_one_is_singular_and_none_is_plural() -> None:
    assert [counted(count, "target") for count in (0, 1, 2)] == [
        "0 targets",
        "1 target",
        "2 targets",
    ]


def test_milliseconds_have_one_decimal() -> None:
    assert milliseconds(0.01214) == "12.1 ms"
