"""What is wrong with an entry of a zone file, in plain words.

dnspython says it for who programs with it, and with its own names for things.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["plain_fault", "plain_reason"]

#: How the exceptions of dnspython begin, and what they mean to who wrote the file. The words are
#: those of dnspython 2.7 to 2.9; what none of them fits is told without a reason.
_FAULTS: Final = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (
            r"expecting an(?:other)? identifier|expecting a string",
            "something is missing here, or in quotes that must not be",
        ),
        (r'expected EOL or EOF, got \d+ "(.*)"', "{0!r} is more than belongs here"),
        (r"expecting an integer", "a word stands where a whole number belongs"),
        (
            r"(\d+) is not an unsigned (\d+)-bit integer",
            "{0} is too large a number, it has to fit in {1} bits",
        ),
        (r"unbalanced parentheses", "a parenthesis is not closed"),
        (r"newline in quoted string", "a quoted text does not end in its line"),
        (r"string too long", "a text has more than 255 octets"),
        (r"TTL should be between", "a TTL is beyond 2^32 - 1"),
        (r"unknown unit '(.*)'", "{0!r} is no unit of time, which are w, d, h, m and s"),
        (r"DNS TTL value", "a TTL is wanted: seconds, or such as 1h30m"),
        (r"A DNS label is empty", "a name has two dots in a row, or begins with one"),
        (r"A DNS label is >", "a label of a name has more than 63 octets"),
        (r"A DNS name is >", "a name has more than 255 octets"),
        (r"An escaped code", "a name has an escape that is none"),
        (r"IDNA processing exception", "a name that is not ASCII has no form in ASCII"),
        (r"Text input is malformed", "an address, an escape or a parenthesis is not well-formed"),
        (r"Text input ended unexpectedly", "it ends within an escape"),
        (
            r"Non-hexadecimal digit|Odd-length string|generic rdata hex",
            "octets in hexadecimal are not well-formed",
        ),
    )
)


def plain_fault(error: Exception) -> str:
    """What an exception of dnspython says of an entry.

    >>> plain_fault(ValueError('expected EOL or EOF, got 3 "b."'))
    "'b.' is more than belongs here"
    """
    for pattern, plain in _FAULTS:
        if found := pattern.match(str(error)):
            return plain.format(*found.groups())
    return "it cannot be read"


def plain_reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read.

    >>> plain_reason(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    if isinstance(error, UnicodeDecodeError):
        return "it is not in UTF-8"
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror
        return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"
    return "no file can have this name"
