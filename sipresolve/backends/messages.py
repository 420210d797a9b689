"""Messages in the wire format (RFC 1035 §4.1): their names, and where each record has its data."""

from __future__ import annotations

import re
import struct
from typing import Final, NamedTuple

import dns.name

from sipresolve.backends.convert import name_of
from sipresolve.vocabulary.names import ROOT

__all__ = ["Entry", "Malformed", "Message"]


class Malformed(ValueError):
    """No message looks like this."""


class Entry(NamedTuple):
    """A record: all but its data, which are from `at` to `end`; its owner is written at `begin`."""

    owner: str
    type: int
    class_: int
    ttl: int
    begin: int
    at: int
    end: int


# RFC 1035 §4.1: the ID, the flags, and the number of entries in each section; type and class of a
# question; type, class and TTL of a record, and the length of its data.
_HEADER: Final = struct.Struct("!HHHHHH")
_QUESTION: Final = struct.Struct("!HH")
_ENTRY: Final = struct.Struct("!HHIH")
_POINTER: Final = struct.Struct("!H")

_LONGEST_LABEL: Final = 63
_LONGEST_NAME: Final = 255
_FIRST_POINTER: Final = 0xC000
#: How many pointers a name may go through: more than anybody writes.
_MOST_POINTERS: Final = 16


class Message:
    """The octets of a message, and the names that have been read of them."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._names: dict[int, tuple[str, int]] = {}

    def sections(self) -> tuple[int, list[Entry], list[Entry], list[Entry]]:
        """The flags, and the sections behind the question, which nothing may follow."""
        _, flags, questions, answers, authorities, additional = _HEADER.unpack_from(self.octets)
        at = _HEADER.size
        for _ in range(questions):
            at = self.name(at)[1] + _QUESTION.size
        first, at = self._section(at, answers)
        second, at = self._section(at, authorities)
        third, at = self._section(at, additional)
        if at != len(self.octets):
            raise Malformed
        return flags, first, second, third

    def _section(self, at: int, count: int) -> tuple[list[Entry], int]:
        entries = []
        for _ in range(count):
            begin = at
            owner, at = self.name(at)
            type_, class_, ttl, length = _ENTRY.unpack_from(self.octets, at)
            at += _ENTRY.size
            entries.append(Entry(owner, type_, class_, ttl, begin, at, at + length))
            at += length
        return entries, at

    def name(self, at: int) -> tuple[str, int]:
        """The name that begins here, as text, and where it ends.

        Most are a pointer to one that has been read.
        """
        if self.octets[at] > _LONGEST_LABEL:
            (pointer,) = _POINTER.unpack_from(self.octets, at)
            known = self._names.get(pointer - _FIRST_POINTER)
            if known is not None and known[1] <= at:
                return known[0], at + _POINTER.size
        labels, end = self.labels(at)
        found = self._names[at] = _text_of(labels), end
        return found

    def labels(self, at: int) -> tuple[list[bytes], int]:
        """The labels of the name that begins here, and where it ends (RFC 1035 §4.1.4).

        A pointer leads to "a prior occurance": before whatever has been read of this name; and the
        labels there end before it, too.
        """
        octets, labels, size, pointers = self.octets, [], 1, 0
        begin, limit, end = at, len(self.octets), 0
        while length := octets[at]:
            if length <= _LONGEST_LABEL:
                labels.append(octets[at + 1 : at + 1 + length])
                at, size = at + 1 + length, size + 1 + length
            else:
                (pointer,) = _POINTER.unpack_from(octets, at)
                end, pointers = end or at + _POINTER.size, pointers + 1
                at, limit, begin = pointer - _FIRST_POINTER, begin, pointer - _FIRST_POINTER
            if not 0 <= at < limit or size > _LONGEST_NAME or pointers > _MOST_POINTERS:
                raise Malformed
        return labels, end or at + 1

    def string(self, at: int) -> tuple[bytes, int]:
        """The character-string that begins here, and where it ends (RFC 1035 §3.3)."""
        end = at + 1 + self.octets[at]
        return self.octets[at + 1 : end], end


def _text_of(labels: list[bytes]) -> str:
    """As `name_of` writes it, which few names need: most are plain, and many are the root."""
    octets = b".".join(labels)
    if not octets:
        return ROOT
    if _needs_no_escape(octets) and octets.count(b".") == len(labels) - 1:
        return octets.decode("ascii").lower()
    return name_of(dns.name.Name((*labels, b"")))


_needs_no_escape: Final = re.compile(rb"[A-Za-z0-9_.-]+").fullmatch
