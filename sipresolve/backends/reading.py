"""Replies in the wire format (RFC 1035 §4.1), read straight into what a question can use.

What takes a general reader most of its time is names that a message repeats, and records that
nobody looks at: here the former are read once, and the latter are stepped over.
"""

from __future__ import annotations

import struct
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

import dns.rcode
from dns.rdataclass import IN
from dns.rdatatype import AAAA, CNAME, DNAME, DNSKEY, DS, NAPTR, NS, OPT, SOA, SRV, A

from sipresolve.backends.evidence import evidence_of
from sipresolve.backends.messages import Malformed, Message
from sipresolve.backends.options import extended_errors
from sipresolve.exchange.replies import Alias, RecordSet, Reply
from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.records import Naptr, Question, RecordType, Srv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sipresolve.backends.messages import Entry
    from sipresolve.vocabulary.records import Record

__all__ = ["mnemonic", "read_reply"]


def read_reply(
    octets: bytes, type_: RecordType, *, signed: bool = False, edns: bool = True
) -> Reply | None:
    """What a message says in reply to a question for a type; None where it cannot be read.

    Of records that no question can use, only the owner and the length have to be right.

    Args:
        octets: The message.
        type_: The type that was asked for.
        signed: Whether what proves the answer was asked for, and is to be kept.
        edns: Whether the query had an OPT record: without, no option of the reply counts.
    """
    try:
        return _read(Message(octets), type_, signed=signed, edns=edns)
    except (Malformed, IndexError, struct.error):
        return None


def _read(message: Message, type_: RecordType, *, signed: bool, edns: bool) -> Reply:
    flags, answers, authorities, additional = message.sections()
    opt = _opt(additional)
    return Reply(
        rcode=mnemonic(_rcode(flags, opt)),
        authoritative=bool(flags & _AUTHORITATIVE),
        authenticated=bool(flags & _AUTHENTICATED),
        records=_record_sets(message, answers, type_),
        cnames=_aliases(message, answers, CNAME),
        dnames=_aliases(message, answers, DNAME),
        negative_ttls=_negative_ttls(message, authorities),
        delegates=NS in [entry.type for entry in authorities],
        additional=_addresses(message, additional) if type_ is RecordType.SRV else {},
        evidence=evidence_of(message, answers, authorities) if signed else None,
        extended_errors=extended_errors(message.octets[opt.at : opt.end]) if opt and edns else (),
    )


def _opt(additional: Sequence[Entry]) -> Entry | None:
    """RFC 6891 §6.1.1: there is one at most."""
    opts = [entry for entry in additional if entry.type == OPT]
    if len(opts) > 1:
        raise Malformed
    return opts[0] if opts else None


def _rcode(flags: int, opt: Entry | None) -> int:
    """RFC 6891 §6.1.3: an OPT record extends it to twelve bits."""
    return flags & 0x000F | (opt.ttl >> 20 & 0x0FF0 if opt else 0)


# RFC 1035 §4.1.1, RFC 4035 §3.2.3.
_AUTHORITATIVE: Final = 0x0400
_AUTHENTICATED: Final = 0x0020


@cache
def mnemonic(rcode: int) -> str:
    """The name of a response code."""
    text = dns.rcode.to_text(dns.rcode.Rcode.make(rcode))
    return f"RCODE {text}" if text.isdigit() else text


# --- Sections, as a question can use them


def _record_sets(
    message: Message, entries: Iterable[Entry], type_: RecordType
) -> dict[str, RecordSet]:
    number, read = _READERS[type_]
    return {
        owner: RecordSet(
            tuple(dict.fromkeys([read(message, entry.at, entry.end) for entry in those])),
            _least_ttl(those),
        )
        for owner, those in _by_owner(entries, number).items()
    }


def _aliases(message: Message, entries: Iterable[Entry], number: int) -> dict[str, Alias]:
    return {
        owner: Alias(_only_name(message, those[-1].at, those[-1].end), _least_ttl(those))
        for owner, those in _by_owner(entries, number).items()
    }


def _negative_ttls(message: Message, entries: Iterable[Entry]) -> dict[str, int]:
    """RFC 2308 §5: "the minimum of the SOA.MINIMUM field and SOA's TTL"."""
    return {
        owner: min(_least_ttl(those), _soa_minimum(message, those[-1].at, those[-1].end))
        for owner, those in _by_owner(entries, SOA).items()
    }


def _addresses(message: Message, entries: Iterable[Entry]) -> dict[Question, RecordSet]:
    return {
        Question(owner, type_): found
        for type_ in (RecordType.A, RecordType.AAAA)
        for owner, found in _record_sets(message, entries, type_).items()
    }


def _by_owner(entries: Iterable[Entry], number: int) -> dict[str, list[Entry]]:
    """The records of a type and of class IN."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.type == number and entry.class_ == IN:
            found.setdefault(entry.owner, []).append(entry)
    return found


def _least_ttl(entries: Iterable[Entry]) -> int:
    """RFC 2181 §5.2, of those that differ."""
    return min([entry.ttl for entry in entries])


# --- The data of each type


def _a(message: Message, at: int, end: int) -> IPv4Address:
    return IPv4Address(_whole(message.octets[at:end], 4))


def _aaaa(message: Message, at: int, end: int) -> IPv6Address:
    return IPv6Address(_whole(message.octets[at:end], 16))


def _whole(octets: bytes, size: int) -> bytes:
    if len(octets) != size:
        raise Malformed
    return octets


def _srv(message: Message, at: int, end: int) -> Srv:
    priority, weight, port = _SRV.unpack_from(message.octets, at)
    return Srv(priority, weight, port, _only_name(message, at + _SRV.size, end))


def _naptr(message: Message, at: int, end: int) -> Naptr:
    order, preference = _NAPTR.unpack_from(message.octets, at)
    flags, at = message.string(at + _NAPTR.size)
    service, at = message.string(at)
    regexp, at = message.string(at)
    replacement = _only_name(message, at, end)
    return Naptr(
        order, preference, flags.decode("latin-1"), service.decode("latin-1"), regexp, replacement
    )


def _dnskey(message: Message, at: int, end: int) -> DnsKey:
    return DnsKey.of(_at_least(message.octets[at:end], 4))


def _ds(message: Message, at: int, end: int) -> Ds:
    return Ds.of(_at_least(message.octets[at:end], 4))


def _at_least(octets: bytes, size: int) -> bytes:
    if len(octets) < size:
        raise Malformed
    return octets


def _only_name(message: Message, at: int, end: int) -> str:
    """A name, with nothing behind it."""
    name, ends = message.name(at)
    if ends != end:
        raise Malformed
    return name


def _soa_minimum(message: Message, at: int, end: int) -> int:
    for _ in ("MNAME", "RNAME"):
        _, at = message.name(at)
    *_, minimum = _SOA.unpack(message.octets[at:end])
    return int(minimum)


_SRV: Final = struct.Struct("!HHH")
_NAPTR: Final = struct.Struct("!HH")
_SOA: Final = struct.Struct("!IIIII")

#: How the data of each type are read.
_READERS: Final[Mapping[RecordType, tuple[int, Callable[[Message, int, int], Record]]]] = {
    RecordType.A: (A, _a),
    RecordType.AAAA: (AAAA, _aaaa),
    RecordType.SRV: (SRV, _srv),
    RecordType.NAPTR: (NAPTR, _naptr),
    RecordType.DNSKEY: (DNSKEY, _dnskey),
    RecordType.DS: (DS, _ds),
}
