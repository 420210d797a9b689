"""Extended errors, as the options of an OPT record have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipresolve.backends.options import extended_errors
from sipresolve.vocabulary.reasons import ExtendedError


def option(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data


def extended(code: int, text: bytes = b"") -> bytes:
    return option(15, code.to_bytes(2, "big") + text)


COOKIE = option(10, b"\0" * 8)


@pytest.mark.parametrize(
    ("why", "data", "errors"),
    [
        ("none", b"", []),
        ("others", COOKIE, []),
        ("a code alone", extended(9), [ExtendedError(9)]),
        ("a code that nobody knows", extended(65_535), [ExtendedError(65_535)]),
        ("with a text", extended(6, b"no DS"), [ExtendedError(6, "no DS")]),
        (
            "several, among others",
            extended(22) + COOKIE + extended(7, b"late") + extended(22),
            [ExtendedError(22), ExtendedError(7, "late")],
        ),
        ("too short for a code", option(15, b"\0"), []),
        ("cut off", extended(6) + extended(7, b"late")[:-1], [ExtendedError(6)]),
        ("cut off in the length", extended(6) + b"\0\x0f\0", [ExtendedError(6)]),
    ],
)
def test_extended_errors(why: str, data: bytes, errors: list[ExtendedError]) -> None:
    """RFC 6891 §6.1.2, RFC 8914 §2."""
    assert extended_errors(data) == tuple(errors), why


@pytest.mark.parametrize(
    ("why", "octets", "text"),
    [
        ("UTF-8", "Schlüssel".encode(), "Schlüssel"),
        ("no UTF-8", b"key \xff\xfe", "key \ufffd\ufffd"),
        ('it "may be null terminated" (RFC 8914 §2)', b"no key\0", "no key"),
        ("a null character within", b"no\0key", "no\ufffdkey"),
        ("what steers a terminal", b"\x1b[2J\r\n\x07", "\ufffd[2J\ufffd\ufffd\ufffd"),
        ("what turns the direction of writing", "a\u202eb".encode(), "a\ufffdb"),
        ("of 200 characters", b"a" * 200, "a" * 200),
        ("of more", "ä".encode() * 201, "ä" * 200),
    ],
)
def test_texts_are_harmless(why: str, octets: bytes, text: str) -> None:
    assert extended_errors(extended(0, octets)) == (ExtendedError(0, text),), why


def test_of_many_the_first_are_enough() -> None:
    found = extended_errors(b"".join(map(extended, range(1000))))
    assert [error.code for error in found] == [*range(8)]


@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda text: extended(1, text)))
def test_whatever_comes_is_of_use_or_left_out(data: bytes) -> None:
    for error in extended_errors(data):
        assert 0 <= error.code < 2**16
        assert error.text.isprintable() or not error.text
