"""RRsets in the form in which they are signed, beside dnspython, which signs and verifies them."""

from __future__ import annotations

from typing import Any

import dns.dnssec
import dns.message
import dns.name
import dns.rdata
import dns.rrset
import pytest
from attrs import evolve
from dns.exception import DNSException
from dns.rdataclass import IN
from dns.rdatatype import RRSIG, RdataType
from hypothesis import given
from strategies import damaged_proving_messages, proving_messages

from sipresolve.backends.reading import read_reply
from sipresolve.exchange.replies import Reply
from sipresolve.vocabulary.evidence import Evidence, RrType, Signature, SignedSet, wire_of
from sipresolve.vocabulary.records import RecordType

TYPES = frozenset({*RrType} - {RrType.RRSIG})
PROOFS = frozenset({RrType.SOA, RrType.NSEC, RrType.NSEC3})


@given(proving_messages())
def test_it_is_what_dnspython_would_sign(octets: bytes) -> None:
    reply = read_reply(octets, RecordType.SRV, signed=True)
    assert reply is not None
    assert reply.evidence == evidence_by_dnspython(octets)


@given(damaged_proving_messages())
def test_of_damaged_messages_it_is_the_same_or_they_cannot_be_read(octets: bytes) -> None:
    """Where dnspython cannot read one, that may be because of a record that nobody looks at.

    A TTL with its highest bit set is 0 to it (RFC 2181 §8), and long to us (RFC 8767 §4).
    """
    reply = read_reply(octets, RecordType.SRV, signed=True)
    try:
        theirs = evidence_by_dnspython(octets)
    except DNSException:
        return
    assert isinstance(reply, Reply)
    assert reply.evidence is not None
    assert without_ttls(reply.evidence) == without_ttls(theirs)


def without_ttls(evidence: Evidence) -> Evidence:
    return Evidence(
        *(
            tuple(
                evolve(
                    each, ttl=0, signatures=tuple(evolve(rrsig, ttl=0) for rrsig in each.signatures)
                )
                for each in section
            )
            for section in (evidence.answers, evidence.authorities)
        )
    )


def evidence_by_dnspython(octets: bytes) -> Evidence:
    message = dns.message.from_wire(octets, one_rr_per_rrset=True)
    return Evidence(signed_sets(message.answer, TYPES), signed_sets(message.authority, PROOFS))


def signed_sets(rrs: list[dns.rrset.RRset], types: frozenset[int]) -> tuple[SignedSet, ...]:
    rrs = [rr for rr in rrs if rr.rdclass == IN]
    keys = dict.fromkeys((rr.name, rr.rdtype) for rr in rrs if rr.rdtype in types)
    return tuple(
        SignedSet(
            labels(owner),
            type_,
            min(rr.ttl for rr in those),
            tuple(sorted({rr[0].to_digestable() for rr in those})),
            tuple(
                signature(rr)
                for rr in rrs
                if (rr.name, rr.rdtype, rr.covers) == (owner, RRSIG, type_)
            ),
        )
        for owner, type_ in keys
        if (those := [rr for rr in rrs if (rr.name, rr.rdtype) == (owner, type_)])
    )


def signature(rr: dns.rrset.RRset) -> Signature:
    rrsig = rr[0]
    return Signature(
        rrsig.type_covered,
        rrsig.algorithm,
        rrsig.labels,
        rrsig.original_ttl,
        rrsig.expiration,
        rrsig.inception,
        rrsig.key_tag,
        labels(rrsig.signer),
        rrsig.signature,
        rrsig.to_wire()[:18] + rrsig.signer.to_digestable(),
        rr.ttl,
    )


def labels(name: dns.name.Name) -> tuple[bytes, ...]:
    return tuple(label.lower() for label in name.labels[:-1])


# A message by hand: "Example.com" stands at octet 12, and the pointer below leads there.

HEADER = bytes.fromhex("0000 8180 0001")
EXAMPLE = b"\7Example\3com\0"
TO_EXAMPLE = b"\xc0\x0c"
LOWER = b"\7example\3com\0"
ZONE = (b"example", b"com")


def record(type_: int, data: bytes, owner: bytes = TO_EXAMPLE, class_: int = IN) -> bytes:
    numbers = [(type_, 2), (class_, 2), (300, 4), (len(data), 2)]
    return owner + b"".join(number.to_bytes(size, "big") for number, size in numbers) + data


def rrsig(covered: int, *, owner: bytes = TO_EXAMPLE, data: bytes = b"signature") -> bytes:
    fields = covered.to_bytes(2, "big") + b"\x0d\2" + b"\0\0\1\x2c" * 3 + b"\0\1"
    return record(RRSIG, fields + EXAMPLE + data, owner)


def read(answers: list[bytes], authorities: list[bytes] | None = None) -> Evidence | None:
    authorities = authorities or []
    counts = len(answers).to_bytes(2, "big") + len(authorities).to_bytes(2, "big") + b"\0\0"
    octets = HEADER + counts + EXAMPLE + b"\0\1\0\1" + b"".join(answers + authorities)
    reply = read_reply(octets, RecordType.A, signed=True)
    return reply.evidence if reply else None


SRV = b"\0\1\0\2\x13\xc4"
SOA_NUMBERS = bytes(20)
NAPTR = b"\0\1\0\2\1U\3E2U\1!"
BITMAP = b"\0\1\x40"


@pytest.mark.parametrize(
    ("why", "type_", "data", "canonical"),
    [
        ("an address", 1, b"\xc0\0\2\1", b"\xc0\0\2\1"),
        ("NS", 2, b"\2NS" + TO_EXAMPLE, b"\2ns" + LOWER),
        ("CNAME", 5, b"\1B" + TO_EXAMPLE, b"\1b" + LOWER),
        (
            "SOA",
            6,
            b"\2NS" + TO_EXAMPLE + b"\4Host" + TO_EXAMPLE + SOA_NUMBERS,
            b"\2ns" + LOWER + b"\4host" + LOWER + SOA_NUMBERS,
        ),
        ("SRV, compressed against RFC 2782", 33, SRV + b"\1A" + TO_EXAMPLE, SRV + b"\1a" + LOWER),
        ("NAPTR, the strings as they are", 35, NAPTR + b"\1A\0", NAPTR + b"\1a\0"),
        ("DNAME", 39, b"\1B" + EXAMPLE, b"\1b" + LOWER),
        ("DS", 43, b"\0\1\x0d\2ABC", b"\0\1\x0d\2ABC"),
        ("DNSKEY", 48, b"\1\1\3\x0dABC", b"\1\1\3\x0dABC"),
        ("NSEC: not in lower case (RFC 6840 §5.1)", 47, b"\1B" + EXAMPLE, b"\1B" + EXAMPLE),
        ("NSEC with types", 47, b"\1b\0" + BITMAP, b"\1b\0" + BITMAP),
        (
            "NSEC3",
            50,
            b"\1\0\0\1\1S\2HH" + BITMAP,
            b"\1\0\0\1\1S\2HH" + BITMAP,
        ),
        (
            "NSEC3 of an empty non-terminal (RFC 5155 §7.1)",
            50,
            b"\1\1\0\0\0\2HH",
            b"\1\1\0\0\0\2HH",
        ),
    ],
)
def test_the_canonical_form_of_data(why: str, type_: int, data: bytes, canonical: bytes) -> None:
    """RFC 4034 §6.2, RFC 6840 §5.1."""
    assert read([record(type_, data)]) == Evidence((SignedSet(ZONE, type_, 300, (canonical,)),)), (
        why
    )


@pytest.mark.parametrize(
    ("why", "type_", "data"),
    [
        ("a name is cut off", 2, b"\2ns"),
        ("something follows a name", 2, b"\2ns\0\0"),
        ("a name ends behind the data", 39, b"\2ns\1"),
        ("a number of the SOA lacks", 6, b"\0\0" + SOA_NUMBERS[4:]),
        ("the SOA has a number too many", 6, b"\0\0" + SOA_NUMBERS + b"\0"),
        ("an SRV without a target", 33, SRV),
        ("a string ends behind the data", 35, b"\0\1\0\2\xff"),
        ("a NAPTR without a replacement", 35, NAPTR),
        ("a DS without an algorithm", 43, b"\0\1\x0d"),
        ("a DNSKEY without an algorithm", 48, b"\1\1\3"),
        ("an NSEC without a name", 47, b""),
        ("a window without octets", 47, b"\0\0\0"),
        ("a window with too many", 47, b"\0\0\x21" + bytes(33)),
        ("a window without its end", 47, b"\0\0\2\0"),
        ("a window without its length", 47, b"\0\0"),
        ("windows twice", 47, b"\0" + BITMAP * 2),
        ("windows in disorder", 47, b"\0\1\1\1\0\1\1"),
        ("an NSEC3 without a hash", 50, b"\1\0\0\1\0"),
        ("a salt that ends behind the data", 50, b"\1\0\0\1\x09\0\0"),
        ("a hash that does", 50, b"\1\0\0\1\0\x09\0"),
        ("windows of NSEC3 in disorder", 50, b"\1\0\0\1\0\1H\1\1\1\0\1\1"),
    ],
)
def test_what_is_no_such_data(why: str, type_: int, data: bytes) -> None:
    address = record(1, b"\xc0\0\2\1")
    assert read([record(type_, data), address]) is None, why
    assert read([record(type_, data)]) is None, why


@pytest.mark.parametrize("size", [0, 1, 2, 17, 18])
def test_a_signature_has_eighteen_octets_and_a_name(size: int) -> None:
    """RFC 4034 §3.1."""
    address = record(1, b"\xc0\0\2\1")
    short = record(RRSIG, (b"\0\1" + bytes(16))[:size])
    assert read([address, short]) is None
    assert read([address, short, record(16, bytes(40))]) is None


def test_a_signature_ends_with_its_record() -> None:
    """The name of its signer may not take octets from what follows it."""
    fields = b"\0\1\x0d\2" + b"\0\0\1\x2c" * 3 + b"\0\1"
    cut = record(RRSIG, fields + b"\7Exa")
    assert read([record(1, b"\xc0\0\2\1"), cut, record(16, bytes(40))]) is None


def test_what_is_taken_of_a_signature() -> None:
    evidence = read([rrsig(1), record(1, b"\xc0\0\2\1")])
    assert evidence is not None
    (signed,) = evidence.answers
    head = b"\0\1\x0d\2" + b"\0\0\1\x2c" * 3 + b"\0\1" + LOWER
    assert signed.signatures == (
        Signature(1, 13, 2, 300, 300, 300, 1, ZONE, b"signature", head, 300),
    )


def test_records_of_a_set_are_sorted_as_octets_each_once() -> None:
    """RFC 4034 §6.3: "the absence of an octet sorts before a zero octet"."""
    data = [b"\1\1\3\x0d\1", b"\1\0\3\x0d\xff", b"\1\0\3\x0d\xff\0", b"\1\1\3\x0d\1"]
    evidence = read([record(48, each) for each in data])
    assert evidence == Evidence(
        (SignedSet(ZONE, 48, 300, (b"\1\0\3\x0d\xff", b"\1\0\3\x0d\xff\0", b"\1\1\3\x0d\1")),)
    )


def test_data_that_differ_in_compression_and_case_alone_are_the_same() -> None:
    evidence = read([record(2, TO_EXAMPLE), record(2, b"\7exaMPLE\3COM\0")])
    assert evidence == Evidence((SignedSet(ZONE, 2, 300, (LOWER,)),))


def test_records_and_signatures_belong_to_the_set_of_their_owner_and_section() -> None:
    other, no_data = b"\1O\xc0\x0c", b"\0" + BITMAP
    evidence = read(
        [record(1, b"\xc0\0\2\1"), rrsig(1, owner=other), rrsig(28), rrsig(1), rrsig(47)],
        [rrsig(1), record(47, no_data, other), rrsig(47, owner=other), rrsig(47, data=b"2")],
    )
    assert evidence is not None
    (address,), (nsec,) = evidence.answers, evidence.authorities
    assert (address.owner, len(address.signatures)) == (ZONE, 1)
    assert (nsec.owner, len(nsec.signatures)) == ((b"o", *ZONE), 1)


def test_what_nobody_can_use_is_left_out() -> None:
    """Of the authority section, what proves an absence; and no other class."""
    text, elsewhere = record(16, b"\1a"), record(1, b"", class_=3)
    soa = b"\0\0" + SOA_NUMBERS
    evidence = read([text, elsewhere], [record(2, b"\0"), record(43, b""), record(6, soa)])
    assert evidence == Evidence((), (SignedSet(ZONE, 6, 300, (soa,)),))


@pytest.mark.parametrize(
    ("type_", "texts"),
    [
        ("A", ["192.0.2.10", "192.0.2.9"]),
        ("NS", ["B.Example.COM.", "a.example.com."]),
        ("SOA", ["NS.example.com. Host.Example.com. 1 2 3 4 5"]),
        ("SRV", ["1 2 5060 Sip.Example.com.", "1 2 5060 A."]),
        ("NAPTR", ['1 2 "U" "E2U+sip" "!^.*$!sip:A@example.com!" Next.Example.']),
        ("NSEC", ["B.example.com. A NS TYPE1234"]),
        ("NSEC3", ["1 1 0 ABCD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG"]),
        ("DNSKEY", ["257 3 13 AAEC", "256 3 13 AAEC"]),
        ("DS", ["1 13 2 " + "00" * 32]),
    ],
)
@pytest.mark.parametrize("owner", ["Www.Example.com.", "*.Example.com."])
def test_the_signed_octets_are_those_that_dnspython_verifies(
    type_: str, texts: list[str], owner: str
) -> None:
    """RFC 4034 §3.1.8.1: "RRSIG_RDATA | RR(1) | RR(2) ...", RR(i) with the original TTL."""
    rrset = dns.rrset.from_text(owner, 60, "IN", type_, *texts)
    count = 2 if owner.startswith("*") else 3
    rrsig: Any = dns.rdata.from_text(
        "IN", "RRSIG", f"{type_} 13 {count} 300 20300101000000 20200101000000 7 Example.COM. AAEC"
    )
    message = dns.message.make_response(dns.message.make_query("www.EXAMPLE.com.", "A"))
    message.answer = [rrset, dns.rrset.from_rdata(owner, 60, rrsig)]
    reply = read_reply(message.to_wire(), RecordType.A, signed=True)
    assert reply is not None
    assert reply.evidence is not None
    (signed,) = reply.evidence.answers
    assert signed.type == RdataType.make(type_)
    assert signed_octets(signed) == dns.dnssec._make_rrsig_signature_data(rrset, rrsig)


def signed_octets(signed: SignedSet) -> bytes:
    (signature,) = signed.signatures
    octets = signature.head
    for data in signed.data:
        fields = [(signed.type, 2), (IN, 2), (signature.original_ttl, 4), (len(data), 2)]
        octets += wire_of(signed.owner)
        octets += b"".join(number.to_bytes(size, "big") for number, size in fields) + data
    return octets


def test_a_ttl_is_the_least_of_the_set_and_a_signature_has_its_own() -> None:
    """RFC 2181 §5.2."""
    short = record(1, b"\xc0\0\2\2").replace(b"\0\0\1\x2c", b"\0\0\0\x3c")
    signature = rrsig(1).replace(b"\0\0\1\x2c", b"\0\0\0\x78", 1)
    evidence = read([record(1, b"\xc0\0\2\1"), short, signature])
    assert evidence is not None
    (signed,) = evidence.answers
    assert (signed.ttl, signed.signatures[0].ttl) == (60, 120)
