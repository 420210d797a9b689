"""Replies as they are read, beside dnspython, which reads all of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest
from attrs import evolve
from dns.exception import DNSException
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import damaged_messages, messages, proving_messages

from sipresolve.backends.convert import name_of, record_of
from sipresolve.backends.messages import Message
from sipresolve.backends.reading import read_reply
from sipresolve.exchange.replies import Alias, RecordSet, Reply
from sipresolve.vocabulary.records import Question, RecordType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dns.rrset import RRset

types = st.sampled_from(RecordType)


@given(messages(), types)
def test_it_reads_what_dnspython_reads(octets: bytes, type_: RecordType) -> None:
    reply = read_reply(octets, type_)
    assert reply is not None
    assert reply == read_by_dnspython(octets, type_)


@given(messages() | proving_messages(), types)
def test_what_is_kept_to_prove_it_changes_nothing_else(octets: bytes, type_: RecordType) -> None:
    plain, signed = read_reply(octets, type_), read_reply(octets, type_, signed=True)
    assert plain is not None
    assert signed is not None
    assert plain.evidence is None
    assert signed.evidence is not None
    assert evolve(signed, evidence=None) == plain


@given(messages() | proving_messages(), types)
def test_without_edns_only_the_options_do_not_count(octets: bytes, type_: RecordType) -> None:
    reply = read_reply(octets, type_)
    assert reply is not None
    assert read_reply(octets, type_, edns=False) == evolve(reply, extended_errors=())


@given(damaged_messages(), types)
def test_it_reads_damaged_messages_as_dnspython_does_or_not_at_all(
    octets: bytes, type_: RecordType
) -> None:
    """Where dnspython cannot read one, that may be because of a record that nobody looks at.

    A TTL with its highest bit set is 0 to it (RFC 2181 §8), and long to us (RFC 8767 §4).
    """
    reply, theirs = read_reply(octets, type_), read_by_dnspython(octets, type_)
    assume(reply is None or not has_long_ttls(octets))
    assert theirs in (reply, None)


def has_long_ttls(octets: bytes) -> bool:
    _, *sections = Message(octets).sections()
    entries = (entry for section in sections for entry in section)
    return any(entry.ttl >> 31 for entry in entries if entry.type != dns.rdatatype.OPT)


HEADER = b"\0\0\x81\x80\0\0\0\1\0\0"
OPT = b"\0\0\x29\4\xd0\0\0\0\0\0\0"


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (RecordType.A, b"\xc0\0\2"),
        (RecordType.AAAA, bytes(17)),
        (RecordType.SRV, bytes(8)),
        (RecordType.NAPTR, bytes(9)),
        (RecordType.DNSKEY, b"\1\1\3"),
        (RecordType.DS, b"\0\1\x0d"),
    ],
)
def test_what_is_asked_for_has_to_have_data_of_its_type(type_: RecordType, data: bytes) -> None:
    """RFC 1035 §3.4.1, RFC 3596 §2.2, RFC 2782, RFC 3403 §4.1, RFC 4034 §2.1 and §5.1."""
    number = dns.rdatatype.from_text(type_).to_bytes(2, "big")
    record = b"\0" + number + b"\0\1\0\0\0\1" + len(data).to_bytes(2, "big") + data
    octets = HEADER + b"\0\0" + record
    assert read_reply(octets, type_) is None
    other = next(each for each in RecordType if each is not type_)
    assert read_reply(octets, other) == Reply(rcode="NOERROR")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_there_is_one_opt_record_at_most(count: int) -> None:
    """RFC 6891 §6.1.1."""
    octets = HEADER[:7] + b"\0\0\0" + bytes((0, count)) + OPT * count
    assert (read_reply(octets, RecordType.A) is not None) == (count < 2)


def read_by_dnspython(octets: bytes, type_: RecordType) -> Reply | None:
    try:
        message = dns.message.from_wire(octets)
    except DNSException:
        return None
    answers = [rrset for rrset in message.answer if rrset.rdclass == dns.rdataclass.IN]
    authorities = [rrset for rrset in message.authority if rrset.rdclass == dns.rdataclass.IN]
    additional = [rrset for rrset in message.additional if rrset.rdclass == dns.rdataclass.IN]
    rcode = dns.rcode.to_text(message.rcode())
    return Reply(
        rcode=f"RCODE {rcode}" if rcode.isdigit() else rcode,
        authoritative=bool(message.flags & dns.flags.AA),
        authenticated=bool(message.flags & dns.flags.AD),
        records={name_of(rrset.name): record_set(rrset) for rrset in of_type(answers, type_)},
        cnames=aliases(answers, "CNAME"),
        dnames=aliases(answers, "DNAME"),
        negative_ttls={
            name_of(rrset.name): min(rrset.ttl, rrset[0].minimum)
            for rrset in of_type(authorities, "SOA")
        },
        delegates=any(rrset.rdtype == dns.rdatatype.NS for rrset in message.authority),
        additional={
            Question(name_of(rrset.name), kind): record_set(rrset)
            for kind in (RecordType.A, RecordType.AAAA)
            for rrset in of_type(additional, kind)
            if type_ is RecordType.SRV
        },
    )


def of_type(rrsets: Iterable[RRset], type_: str) -> list[RRset]:
    return [rrset for rrset in rrsets if dns.rdatatype.to_text(rrset.rdtype) == type_]


def record_set(rrset: RRset) -> RecordSet:
    return RecordSet(tuple(filter(None, map(record_of, rrset))), rrset.ttl)


def aliases(rrsets: Iterable[RRset], type_: str) -> dict[str, Alias]:
    return {
        name_of(rrset.name): Alias(name_of(rrset[0].target), rrset.ttl)
        for rrset in of_type(rrsets, type_)
    }
