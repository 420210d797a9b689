"""What is wrong with a zone file, in plain words: none of dnspython's own."""

from __future__ import annotations

import errno
import os

import pytest

from sipresolve.backends.zonefaults import plain_fault, plain_reason
from sipresolve.backends.zonefile import read_text
from sipresolve.vocabulary.errors import InvalidZone

FAULTS = [
    ("a. 60 IN", "something is missing here, or in quotes that must not be"),
    ("a. SRV 1 2 3", "something is missing here, or in quotes that must not be"),
    ("a. NAPTR 1 1 s", "something is missing here, or in quotes that must not be"),
    ("a. A 192.0.2.1 192.0.2.2", "'192.0.2.2' is more than belongs here"),
    ("a. SRV x 1 2 a.", "a word stands where a whole number belongs"),
    ("a. SRV 70000 1 2 a.", "70000 is too large a number, it has to fit in 16 bits"),
    ("a. SRV ( 1 2", "a parenthesis is not closed"),
    ('a. TXT "b\n"', "a quoted text does not end in its line"),
    (f'a. TXT "{"b" * 256}"', "a text has more than 255 octets"),
    ("a. 4294967296 A 192.0.2.1", "a TTL is beyond 2^32 - 1"),
    ("a. 12x A 192.0.2.1", "'x' is no unit of time, which are w, d, h, m and s"),
    ("$TTL soon", "a TTL is wanted: seconds, or such as 1h30m"),
    ("a..b. A 192.0.2.1", "a name has two dots in a row, or begins with one"),
    (f"{'a' * 64}. A 192.0.2.1", "a label of a name has more than 63 octets"),
    (f"{'.'.join(['a' * 60] * 5)}. A 192.0.2.1", "a name has more than 255 octets"),
    (r"a\300. A 192.0.2.1", "a name has an escape that is none"),
    ("a. A 192.0.2.256", "an address, an escape or a parenthesis is not well-formed"),
    ("a. CNAME b\\", "it ends within an escape"),
    ("a. DS 1 1 1 zz", "octets in hexadecimal are not well-formed"),
    ("a. CAA 0 !! x", "it cannot be read"),
]


@pytest.mark.parametrize(("text", "plain"), FAULTS)
def test_a_fault_is_told_in_plain_words(text: str, plain: str) -> None:
    with pytest.raises(InvalidZone) as raised:
        read_text(text)
    line = text.partition("\n")[0]
    assert raised.value.message == f"<text>:1: {plain}: {line!r}"


def test_words_that_are_not_known_are_not_passed_on() -> None:
    assert plain_fault(ValueError("DNSsomething")) == "it cannot be read"
    assert plain_fault(ValueError()) == "it cannot be read"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)), "no such file or directory"),
        (OSError(errno.EIO, "RPC struct is bad"), "RPC struct is bad"),
        (OSError(), "no file can have this name"),
        (ValueError("embedded null byte"), "no file can have this name"),
        (UnicodeDecodeError("utf-8", b"\xa7", 0, 1, "invalid start byte"), "it is not in UTF-8"),
    ],
)
def test_why_a_file_cannot_be_read(error: OSError | ValueError, reason: str) -> None:
    assert plain_reason(error) == reason
