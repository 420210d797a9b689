"""Queries and replies in the wire format, which dnspython writes and reads."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Final, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
from attrs import frozen
from dns.exception import DNSException

from sipresolve.backends.convert import name_of, record_of
from sipresolve.exchange.matching import is_reply
from sipresolve.exchange.replies import Alias, RecordSet, Reply
from sipresolve.vocabulary.records import Question, RecordType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dns.message import Message
    from dns.rrset import RRset

    from sipresolve.exchange.attempts import Attempt

__all__ = ["PAYLOAD", "Query", "canonical_name", "query_for"]

#: The size of reply that we take over UDP, in octets: what passes everywhere in one piece.
PAYLOAD: Final = 1232

_ID: Final = 2  # octets
_HEADER: Final = 12  # octets
_TRUNCATED: Final = dns.flags.TC >> 8  # in the third octet
_RCODE: Final = 0x0F  # in the fourth octet
# RFC 6840 §5.7: AD in a query asks for AD in the response, and for no more than that.
_FLAGS: Final = dns.flags.RD | dns.flags.AD

_TYPES: Final[Mapping[RecordType, dns.rdatatype.RdataType]] = {
    type_: dns.rdatatype.from_text(type_) for type_ in RecordType
}
_ADDRESSES: Final[Mapping[dns.rdatatype.RdataType, RecordType]] = {
    dns.rdatatype.A: RecordType.A,
    dns.rdatatype.AAAA: RecordType.AAAA,
}


@frozen
class Query:
    """A query as it is sent.

    Attributes:
        wire: The message.
        type: The type that it asks for.
    """

    wire: bytes
    type: RecordType

    def read(self, message: bytes) -> Reply | None:
        """What the message says in reply; None where it is no reply, or cannot be read."""
        if not is_reply(self.wire, message):
            return None
        if message[2] & _TRUNCATED:
            return Reply(rcode=_mnemonic(message[3] & _RCODE), truncated=True)
        try:
            return _reply_of(dns.message.from_wire(message), self.type)
        except DNSException:
            return None


def query_for(attempt: Attempt, type_: RecordType) -> Query:
    """The query of an attempt, with an ID that nobody can guess (RFC 5452 §9.2)."""
    template = _template(type_, edns=attempt.edns)
    name = cast("bytes", dns.name.from_text(attempt.name).to_wire())
    wire = secrets.token_bytes(_ID) + template[_ID:_HEADER] + name + template[_HEADER + 1 :]
    return Query(wire, type_)


def canonical_name(text: str) -> str | None:
    """The one way to write a name, whatever its escapes; None where no such name can exist."""
    try:
        return name_of(dns.name.from_text(text))
    except (DNSException, UnicodeError):
        return None


@cache
def _template(type_: RecordType, *, edns: bool) -> bytes:
    """A query for the root, whose name is the one octet after the header."""
    query = dns.message.make_query(dns.name.root, _TYPES[type_], flags=_FLAGS)
    query.use_edns(0 if edns else -1, payload=PAYLOAD)
    return query.to_wire()


def _reply_of(message: Message, type_: RecordType) -> Reply:
    answers = [rrset for rrset in message.answer if rrset.rdclass == dns.rdataclass.IN]
    return Reply(
        rcode=_mnemonic(message.rcode()),
        authoritative=bool(message.flags & dns.flags.AA),
        authenticated=bool(message.flags & dns.flags.AD),
        records=_records(answers, _TYPES[type_]),
        cnames=_aliases(answers, dns.rdatatype.CNAME),
        dnames=_aliases(answers, dns.rdatatype.DNAME),
        negative_ttls=_negative_ttls(message.authority),
        delegates=any(rrset.rdtype == dns.rdatatype.NS for rrset in message.authority),
        additional=_addresses(message.additional) if type_ == RecordType.SRV else {},
    )


def _mnemonic(rcode: int) -> str:
    text = dns.rcode.to_text(dns.rcode.Rcode.make(rcode))
    return f"RCODE {text}" if text.isdigit() else text


def _records(answers: Iterable[RRset], wanted: dns.rdatatype.RdataType) -> dict[str, RecordSet]:
    return {name_of(rrset.name): _record_set(rrset) for rrset in answers if rrset.rdtype == wanted}


def _record_set(rrset: RRset) -> RecordSet:
    records = tuple(record for record in map(record_of, rrset) if record is not None)
    return RecordSet(records, rrset.ttl)


def _aliases(answers: Iterable[RRset], kind: dns.rdatatype.RdataType) -> dict[str, Alias]:
    return {
        name_of(rrset.name): Alias(name_of(rrset[0].target), rrset.ttl)
        for rrset in answers
        if rrset.rdtype == kind
    }


def _negative_ttls(authorities: Iterable[RRset]) -> dict[str, int]:
    """RFC 2308 §5: "the minimum of the SOA.MINIMUM field and SOA's TTL"."""
    return {
        name_of(rrset.name): min(rrset.ttl, rrset[0].minimum)
        for rrset in authorities
        if rrset.rdtype == dns.rdatatype.SOA and rrset.rdclass == dns.rdataclass.IN
    }


def _addresses(additional: Iterable[RRset]) -> dict[Question, RecordSet]:
    return {
        Question(name_of(rrset.name), _ADDRESSES[rrset.rdtype]): _record_set(rrset)
        for rrset in additional
        if rrset.rdtype in _ADDRESSES and rrset.rdclass == dns.rdataclass.IN
    }
