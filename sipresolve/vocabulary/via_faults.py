"""What is wrong with a text that is no Via, and where: asked only after it has been refused.

Each function yields the faults of one part. Only the first is sure to be one: what follows it is
read as if it were not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.hosts import (
    host_faults,
    port_faults,
    quoted,
    read_host,
    split_port,
)
from sipresolve.vocabulary.via_grammar import (
    BEGINNING,
    NEEDS_VALUE,
    QUOTED_TEXT,
    TOKEN_CHARACTERS,
    WHITE_SPACE,
    meaning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sipresolve.vocabulary.hosts import Fault

__all__ = ["via_faults"]

_BEGINNING: Final = re.compile(BEGINNING, re.ASCII)
_OTHER_NAME: Final = re.compile(
    rf"(?!(?i:via|v)[ \t]*+:)([{TOKEN_CHARACTERS}]++)[ \t]*+:", re.ASCII
)
_NO_TOKEN: Final = re.compile(f"[^{TOKEN_CHARACTERS}]")
_QUOTED_TEXT: Final = re.compile(QUOTED_TEXT)
_STRAY_BREAK: Final = re.compile(r"\r(?!\n)|\n(?![ \t])")

#: A piece, and the separator behind it that is in no quoted string, be it closed or not.
_PIECE: Final = re.compile(
    r"""([^";,]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"?[^";,]*+)*)([;,]|\Z)""", re.DOTALL
)
#: A word, and what stands behind it.
_WORD: Final = re.compile(rf"[{WHITE_SPACE}]*+([^{WHITE_SPACE}]*+)[{WHITE_SPACE}]*+(.*)", re.DOTALL)


def via_faults(text: str) -> Iterator[Fault]:
    """What is wrong with the first Via of a header field, the first fault first; nothing if valid.

    Args:
        text: The value of the header field, with its name or without.
    """
    text = text.rstrip(WHITE_SPACE)
    pieces = _pieces(text, _first(_BEGINNING, text).end())
    yield from _hop_faults(*next(pieces))
    yield from _parameter_faults(pieces)


def _pieces(text: str, start: int) -> Iterator[tuple[str, int]]:
    """What stands between semicolons, up to the first comma, and where each piece begins."""
    separator = ";"
    while separator == ";":
        found = _first(_PIECE, text, start)
        piece, separator = found.groups()
        yield piece, start
        start = found.end()


def _hop_faults(text: str, start: int) -> Iterator[Fault]:
    yield from _break_faults(text, start)
    if other := _OTHER_NAME.match(text):
        yield start, f"the header field {quoted(other[1])} is neither 'Via' nor 'v'"
    for part, following in (("protocol", "version"), ("version", "transport")):
        piece, slash, text = text.partition("/")
        found = _first(_WORD, piece)
        yield from _token_faults(part, found[1], start + found.start(1))
        if found[2] or not slash:
            yield start + found.end(1), f"the {following} is missing: 'SIP/2.0/UDP'"
        start += len(piece) + 1
    found = _first(_WORD, text)
    yield from _token_faults("transport", found[1], start + found.start(1))
    yield from _sent_by_faults(found[2], start + found.start(2))


def _token_faults(part: str, text: str, start: int) -> Iterator[Fault]:
    if not text:
        yield start, f"the {part} is missing: 'SIP/2.0/UDP'"
    for found in _NO_TOKEN.finditer(text):
        yield start + found.start(), f"{found[0]!r} is not allowed in the {part}"


def _sent_by_faults(text: str, start: int) -> Iterator[Fault]:
    host, colon, port = split_port(text)
    stripped, position = _stripped(host, start)
    if not read_host(stripped):
        yield from host_faults(stripped, position)
    if colon:
        yield from port_faults(*_stripped(port, start + len(host) + 1))


def _parameter_faults(pieces: Iterator[tuple[str, int]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for text, start in pieces:
        yield from _break_faults(text, start)
        raw_name, equals, raw_value = text.partition("=")
        name, position = _stripped(raw_name.lower(), start)
        value, value_position = _stripped(raw_value, start + len(raw_name) + 1)
        if not name:
            yield position, "a parameter has no name"
        yield from _token_faults("name of a parameter", name, position)
        if name in seen:
            yield position, f"the parameter {quoted(name)} comes twice (RFC 3261 §7.3.1)"
        seen.add(name)
        if value:
            yield from _value_faults(name, value, value_position)
        elif equals or name in NEEDS_VALUE:
            yield position, f"the parameter {quoted(name)} has no value"


_WANTED: Final[Mapping[str, str]] = {
    "ttl": "a number of 0 to 255",
    "received": "an address",
    "branch": "a token",
    "rport": "a number of 1 to 65535",
}


def _value_faults(name: str, value: str, start: int) -> Iterator[Fault]:
    if meaning(name, value) is not None:
        if value.startswith('"'):
            yield from _quoted_string_faults(value, start)
    elif name in _WANTED:
        yield start, f"the parameter {name!r} is {_WANTED[name]}, not {quoted(value)}"
    elif name == "maddr" or value.startswith("["):
        yield from host_faults(value, start)
    else:
        for found in _NO_TOKEN.finditer(value):
            yield start + found.start(), f"{found[0]!r} has to stand in a quoted string"


def _quoted_string_faults(text: str, start: int) -> Iterator[Fault]:
    end = _first(_QUOTED_TEXT, text).end()
    closing, rest = text[end : end + 1], text[end + 1 :]
    if not closing:
        yield start, "a quoted string is not closed"
    elif closing != '"':
        yield start + end, f"{closing!r} is not allowed in a quoted string"
    elif rest:
        yield start + end + 1, f"{quoted(rest)} has no place behind a quoted string"


def _break_faults(text: str, start: int) -> Iterator[Fault]:
    for found in _STRAY_BREAK.finditer(text):
        yield (
            start + found.start(),
            f"{found[0]!r} is no line fold, which is CRLF and white space (RFC 3261 §25.1)",
        )


def _stripped(text: str, start: int) -> tuple[str, int]:
    """A text without the white space around it, and where it begins then."""
    found = text.lstrip(WHITE_SPACE)
    return found.rstrip(WHITE_SPACE), start + len(text) - len(found)


def _first(pattern: re.Pattern[str], text: str, start: int = 0) -> re.Match[str]:
    """The match of a pattern that matches every text."""
    return next(pattern.finditer(text, start))
