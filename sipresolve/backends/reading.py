"""Replies in the wire format (RFC 1035 §4.1), read straight into what a question can use.

What takes a general reader most of its time is names that a message repeats, and records that
nobody looks at: here the former are read once, and the latter are stepped over.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final, NamedTuple

import dns.name
import dns.rcode
from dns.rdataclass import IN
from dns.rdatatype import AAAA, CNAME, DNAME, NAPTR, NS, OPT, SOA, SRV, A

from sipresolve.backends.convert import name_of
from sipresolve.exchange.replies import Alias, RecordSet, Reply
from sipresolve.vocabulary.names import ROOT
from sipresolve.vocabulary.records import Naptr, Question, RecordType, Srv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sipresolve.vocabulary.records import Record

__all__ = ["mnemonic", "read_reply"]


def read_reply(octets: bytes, type_: RecordType) -> Reply | None:
    """What a message says in reply to a question for a type; None where it cannot be read.

    Of records that no question can use, only the owner and the length have to be right.
    """
    try:
        return _read(_Message(octets), type_)
    except (_Malformed, IndexError, struct.error):
        return None


def _read(message: _Message, type_: RecordType) -> Reply:
    flags, answers, authorities, additional = message.sections()
    return Reply(
        rcode=mnemonic(_rcode(flags, additional)),
        authoritative=bool(flags & _AUTHORITATIVE),
        authenticated=bool(flags & _AUTHENTICATED),
        records=_record_sets(message, answers, type_),
        cnames=_aliases(message, answers, CNAME),
        dnames=_aliases(message, answers, DNAME),
        negative_ttls=_negative_ttls(message, authorities),
        delegates=any(entry.type == NS for entry in authorities),
        additional=_addresses(message, additional) if type_ is RecordType.SRV else {},
    )


def _rcode(flags: int, additional: Iterable[_Entry]) -> int:
    """RFC 6891 §6.1.3: an OPT record extends it to twelve bits; there is one at most (§6.1.1)."""
    opts = [entry for entry in additional if entry.type == OPT]
    if len(opts) > 1:
        raise _Malformed
    return flags & 0x000F | (opts[0].ttl >> 20 & 0x0FF0 if opts else 0)


# RFC 1035 §4.1.1, RFC 4035 §3.2.3.
_AUTHORITATIVE: Final = 0x0400
_AUTHENTICATED: Final = 0x0020


@cache
def mnemonic(rcode: int) -> str:
    """The name of a response code."""
    text = dns.rcode.to_text(dns.rcode.Rcode.make(rcode))
    return f"RCODE {text}" if text.isdigit() else text


# --- Messages, names, and where the data of each record are


class _Malformed(ValueError):
    """No message looks like this."""


class _Entry(NamedTuple):
    """A record: all but its data, which are from `at` to `end`."""

    owner: str
    type: int
    class_: int
    ttl: int
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


class _Message:
    """The octets of a message, and the names that have been read of them."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self._names: dict[int, tuple[str, int]] = {}

    def sections(self) -> tuple[int, list[_Entry], list[_Entry], list[_Entry]]:
        """The flags, and the sections behind the question, which nothing may follow."""
        _, flags, questions, answers, authorities, additional = _HEADER.unpack_from(self.octets)
        at = _HEADER.size
        for _ in range(questions):
            at = self.name(at)[1] + _QUESTION.size
        first, at = self._section(at, answers)
        second, at = self._section(at, authorities)
        third, at = self._section(at, additional)
        if at != len(self.octets):
            raise _Malformed
        return flags, first, second, third

    def _section(self, at: int, count: int) -> tuple[list[_Entry], int]:
        entries = []
        for _ in range(count):
            owner, at = self.name(at)
            type_, class_, ttl, length = _ENTRY.unpack_from(self.octets, at)
            at += _ENTRY.size
            entries.append(_Entry(owner, type_, class_, ttl, at, at + length))
            at += length
        return entries, at

    def name(self, at: int) -> tuple[str, int]:
        """The name that begins here, as text, and where it ends."""
        found = self._names.get(at)
        if found is None:
            labels, end = self._labels(at)
            found = self._names[at] = _text_of(labels), end
        return found

    def _labels(self, at: int) -> tuple[list[bytes], int]:
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
                raise _Malformed
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


# --- Sections, as a question can use them


def _record_sets(
    message: _Message, entries: Iterable[_Entry], type_: RecordType
) -> dict[str, RecordSet]:
    number, read = _READERS[type_]
    return {
        owner: RecordSet(
            tuple(dict.fromkeys(read(message, entry.at, entry.end) for entry in those)),
            _least_ttl(those),
        )
        for owner, those in _by_owner(entries, number).items()
    }


def _aliases(message: _Message, entries: Iterable[_Entry], number: int) -> dict[str, Alias]:
    return {
        owner: Alias(_only_name(message, those[-1].at, those[-1].end), _least_ttl(those))
        for owner, those in _by_owner(entries, number).items()
    }


def _negative_ttls(message: _Message, entries: Iterable[_Entry]) -> dict[str, int]:
    """RFC 2308 §5: "the minimum of the SOA.MINIMUM field and SOA's TTL"."""
    return {
        owner: min(_least_ttl(those), _soa_minimum(message, those[-1].at, those[-1].end))
        for owner, those in _by_owner(entries, SOA).items()
    }


def _addresses(message: _Message, entries: Iterable[_Entry]) -> dict[Question, RecordSet]:
    return {
        Question(owner, type_): found
        for type_ in (RecordType.A, RecordType.AAAA)
        for owner, found in _record_sets(message, entries, type_).items()
    }


def _by_owner(entries: Iterable[_Entry], number: int) -> dict[str, list[_Entry]]:
    """The records of a type and of class IN."""
    found: dict[str, list[_Entry]] = {}
    for entry in entries:
        if entry.type == number and entry.class_ == IN:
            found.setdefault(entry.owner, []).append(entry)
    return found


def _least_ttl(entries: Iterable[_Entry]) -> int:
    """RFC 2181 §5.2, of those that differ."""
    return min(entry.ttl for entry in entries)


# --- The data of each type


def _a(message: _Message, at: int, end: int) -> IPv4Address:
    return IPv4Address(_whole(message.octets[at:end], 4))


def _aaaa(message: _Message, at: int, end: int) -> IPv6Address:
    return IPv6Address(_whole(message.octets[at:end], 16))


def _whole(octets: bytes, size: int) -> bytes:
    if len(octets) != size:
        raise _Malformed
    return octets


def _srv(message: _Message, at: int, end: int) -> Srv:
    priority, weight, port = _SRV.unpack_from(message.octets, at)
    return Srv(priority, weight, port, _only_name(message, at + _SRV.size, end))


def _naptr(message: _Message, at: int, end: int) -> Naptr:
    order, preference = _NAPTR.unpack_from(message.octets, at)
    flags, at = message.string(at + _NAPTR.size)
    service, at = message.string(at)
    regexp, at = message.string(at)
    replacement = _only_name(message, at, end)
    return Naptr(
        order, preference, flags.decode("latin-1"), service.decode("latin-1"), regexp, replacement
    )


def _only_name(message: _Message, at: int, end: int) -> str:
    """A name, with nothing behind it."""
    name, ends = message.name(at)
    if ends != end:
        raise _Malformed
    return name


def _soa_minimum(message: _Message, at: int, end: int) -> int:
    for _ in ("MNAME", "RNAME"):
        _, at = message.name(at)
    *_, minimum = _SOA.unpack(message.octets[at:end])
    return int(minimum)


_SRV: Final = struct.Struct("!HHH")
_NAPTR: Final = struct.Struct("!HH")
_SOA: Final = struct.Struct("!IIIII")

#: How the data of each type are read.
_READERS: Final[Mapping[RecordType, tuple[int, Callable[[_Message, int, int], Record]]]] = {
    RecordType.A: (A, _a),
    RecordType.AAAA: (AAAA, _aaaa),
    RecordType.SRV: (SRV, _srv),
    RecordType.NAPTR: (NAPTR, _naptr),
}
