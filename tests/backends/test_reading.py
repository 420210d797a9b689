"""Replies as they are read, beside dnspython, which reads all of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest
from dns.exception import DNSException
from hypothesis import given
from hypothesis import strategies as st
from strategies import damaged_messages, messages

from sipresolve.backends.convert import name_of, record_of
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


@given(damaged_messages(), types)
def test_it_reads_damaged_messages_as_dnspython_does_or_not_at_all(
    octets: bytes, type_: RecordType
) -> None:
    """Where dnspython cannot read one, that may be because of a record that nobody looks at."""
    reply, theirs = read_reply(octets, type_), read_by_dnspython(octets, type_)
    assert theirs in (reply, None)


HEADER = b"\0\0\x81\x80\0\1\0\1\0\0\0\0"
QUESTION = b"\1a\0\0\1\0\1"
A = b"\0\1\0\1\0\0\0\1\0\4\xc0\0\2\1"


@pytest.mark.parametrize(
    ("why", "owner", "is_read"),
    [
        ("to the question", b"\xc0\x0c", True),
        ("behind a label", b"\1b\xc0\x0c", True),
        ("to itself", b"\xc0\x13", False),
        ("forward", b"\xc0\x14\0", False),
        ("to where it has been", b"\1b\xc0\x13", False),
        ("beyond the message", b"\xff\xff", False),
        ("cut off", b"\xc0", False),
        ("of a kind that was given up", b"\x80\x0c", False),
        ("of another kind that was", b"\x41b\0", False),
    ],
)
def test_pointers_of_names(why: str, owner: bytes, is_read: bool) -> None:
    """RFC 1035 §4.1.4: "a prior occurance of the same name"."""
    reply = read_reply(HEADER + QUESTION + owner + A, RecordType.A)
    assert (reply is not None) == is_read, why


@pytest.mark.parametrize(("pointers", "is_read"), [(2, True), (16, True), (17, False)])
def test_a_name_goes_through_few_pointers(pointers: int, is_read: bool) -> None:
    """Long chains of them would take a time that grows with the square of the message."""
    first = len(HEADER + QUESTION) + 12  # where the data of the first record begin
    places = [0x0C, *range(first, first + 2 * (pointers - 1), 2)]
    *chain, owner = ((0xC000 | place).to_bytes(2, "big") for place in places)
    length = (2 * len(chain)).to_bytes(2, "big")
    text = b"\xc0\x0c" + b"\0\x10\0\1\0\0\0\1" + length + b"".join(chain)
    header = HEADER[:6] + b"\0\2" + HEADER[8:]
    reply = read_reply(header + QUESTION + text + owner + A, RecordType.A)
    assert (reply is not None) == is_read


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
