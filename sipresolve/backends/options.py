"""The options of an OPT record, of which one is of use: extended errors (RFC 8914)."""

from __future__ import annotations

import struct
from itertools import islice
from typing import TYPE_CHECKING, Final

from sipresolve.vocabulary.reasons import ExtendedError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["extended_errors"]

#: Longer texts are cut off, and further errors left out: they only come to be read by a person.
_MOST_CHARACTERS: Final = 200
_MOST_ERRORS: Final = 8


def extended_errors(data: bytes) -> tuple[ExtendedError, ...]:
    """The extended errors among the options of an OPT record, each once, in the order received.

    They explain a reply, and decide nothing of it: what cannot be read is left out.
    """
    if not data:
        return ()
    read = (
        ExtendedError(int.from_bytes(option[:_CODE], "big"), _harmless(option[_CODE:]))
        for kind, option in _options(data)
        if kind == _EXTENDED_ERROR and len(option) >= _CODE
    )
    return tuple(dict.fromkeys(islice(read, _MOST_ERRORS)))


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    """RFC 6891 §6.1.2: the code, the length, and so many octets."""
    at = 0
    while at + _OPTION.size <= len(data):
        kind, length = _OPTION.unpack_from(data, at)
        at += _OPTION.size
        if at + length > len(data):
            return
        yield kind, data[at : at + length]
        at += length


def _harmless(octets: bytes) -> str:
    """RFC 8914 §2: UTF-8, which may end with a null character.

    What would steer a terminal, or change the order of what is read, becomes U+FFFD, as what is
    no UTF-8 does.
    """
    text = octets.decode("utf-8", "replace").rstrip("\0")[:_MOST_CHARACTERS]
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


_OPTION: Final = struct.Struct("!HH")
_EXTENDED_ERROR: Final = 15
_CODE: Final = 2  # octets
