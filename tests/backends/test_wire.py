"""Queries and replies on the wire."""

from __future__ import annotations

from ipaddress import ip_address

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from strategies import host_names, wire_labels

from sipresolve.backends.convert import name_of
from sipresolve.backends.wire import Query, canonical_name, query_for
from sipresolve.exchange.events import Attempt
from sipresolve.exchange.nameservers import Nameserver
from sipresolve.exchange.replies import Alias, RecordSet, Reply
from sipresolve.vocabulary.evidence import Evidence, SignedSet
from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.reasons import ExtendedError
from sipresolve.vocabulary.records import Question, Record, RecordType, Srv

A, AAAA, SRV, NAPTR = RecordType.A, RecordType.AAAA, RecordType.SRV, RecordType.NAPTR
NAME = "_sip._udp.example.com"


def query(
    type_: RecordType = A, name: str = NAME, *, edns: bool = True, signed: bool = False
) -> Query:
    nameserver = Nameserver.parse("192.0.2.1")
    attempt = Attempt(nameserver, name, "udp", edns, 1.0, 0.0)
    return query_for(attempt, Question(name, type_, signed=signed))


def response(asked: Query, *, answer: str = "", authority: str = "", additional: str = "") -> bytes:
    """A response with these records, one a line: owner TTL class type rdata."""
    message = dns.message.make_response(dns.message.from_wire(asked.wire))
    for section, text in (
        (message.answer, answer),
        (message.authority, authority),
        (message.additional, additional),
    ):
        for line in text.strip().splitlines():
            owner, ttl, class_, type_, rdata = line.split(None, 4)
            section.append(dns.rrset.from_text(owner, int(ttl), class_, type_, rdata))
    return message.to_wire()


@pytest.mark.parametrize("type_", RecordType)
@pytest.mark.parametrize("name", [NAME, ".", "a" * 63 + ".example", r"a\046b.\000\255.example"])
def test_a_query_asks_one_question(type_: RecordType, name: str) -> None:
    message = dns.message.from_wire(query(type_, name).wire)
    (asked,) = message.question
    assert asked.name == dns.name.from_text(name)
    assert dns.rdatatype.to_text(asked.rdtype) == type_
    assert message.rcode() == dns.rcode.NOERROR
    # RFC 6840 §5.7: AD asks for AD. Nothing else is set but RD.
    assert message.flags == dns.flags.RD | dns.flags.AD
    assert [message.answer, message.authority, message.additional] == [[], [], []]


def test_it_says_what_we_take_over_udp() -> None:
    message = dns.message.from_wire(query().wire)
    assert (message.edns, message.payload, message.ednsflags) == (0, 1232, 0)
    assert message.options == ()


def test_without_edns_it_has_no_opt_record() -> None:
    assert dns.message.from_wire(query(edns=False).wire).edns == -1


@pytest.mark.parametrize("type_", RecordType)
def test_a_signed_question_asks_for_signatures_whatever_the_nameserver_thinks_of_them(
    type_: RecordType,
) -> None:
    """RFC 3225 §3: DO. RFC 6840 §5.9: "the CD bit on every upstream query"; §5.7: no AD."""
    asked = query(type_, signed=True)
    message = dns.message.from_wire(asked.wire)
    assert message.flags == dns.flags.RD | dns.flags.CD
    assert (message.edns, message.payload, message.ednsflags) == (0, 1232, dns.flags.DO)
    assert message.options == ()
    assert len(asked.wire) == len(query(type_).wire)


def test_without_edns_nothing_can_ask_for_signatures() -> None:
    message = dns.message.from_wire(query(edns=False, signed=True).wire)
    assert (message.edns, message.flags) == (-1, dns.flags.RD | dns.flags.CD)


def test_evidence_is_kept_where_it_was_asked_for() -> None:
    answer = f"{NAME}. 300 IN A 192.0.2.1"
    plain, signed = query(), query(signed=True)
    reply = plain.read(response(plain, answer=answer))
    assert reply is not None
    assert reply.evidence is None
    owner = tuple(label.encode() for label in NAME.split("."))
    assert signed.read(response(signed, answer=answer)) == evolve(
        reply, evidence=Evidence((SignedSet(owner, 1, 300, (b"\xc0\0\2\1",)),))
    )


def test_of_a_truncated_reply_there_is_no_evidence() -> None:
    asked = query(signed=True)
    wire = bytearray(response(asked, answer=f"{NAME}. 300 IN A 192.0.2.1"))
    wire[2] |= dns.flags.TC >> 8
    assert asked.read(bytes(wire)) == Reply(rcode="NOERROR", truncated=True)


@pytest.mark.parametrize(("edns", "errors"), [(True, (ExtendedError(6, "no DS"),)), (False, ())])
def test_extended_errors_count_where_the_query_had_an_opt_record(
    edns: bool,
    errors: tuple[ExtendedError, ...],
) -> None:
    """RFC 6891 §7: without one, "the responder MUST NOT include an OPT record in its response"."""
    asked = query(edns=edns)
    message = dns.message.make_response(dns.message.from_wire(asked.wire))
    message.set_rcode(dns.rcode.SERVFAIL)
    message.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode(6), "no DS")])
    assert asked.read(message.to_wire()) == Reply(rcode="SERVFAIL", extended_errors=errors)


def test_keys_and_what_vouches_for_them_are_records_of_their_own() -> None:
    """RFC 4034 §2.1 and §5.1."""
    rows: list[tuple[RecordType, str, Record]] = [
        (RecordType.DNSKEY, "257 3 13 AAEC", DnsKey(257, 3, 13, b"\0\1\2")),
        (RecordType.DS, "1 13 250 000102", Ds(1, 13, 250, b"\0\1\2")),
    ]
    for type_, text, record in rows:
        asked = query(type_)
        reply = asked.read(response(asked, answer=f"{NAME}. 60 IN {type_} {text}"))
        assert reply is not None
        assert reply.records == {NAME: RecordSet((record,), 60)}


def test_ids_use_the_whole_range() -> None:
    """RFC 5452 §9.2: "an unpredictable query ID […], utilizing the full range available"."""
    ids = [int.from_bytes(query().wire[:2], "big") for _ in range(2000)]
    assert len(set(ids)) > 1900
    assert {id_ >> 13 for id_ in ids} == set(range(8))
    assert {id_ & 7 for id_ in ids} == set(range(8))


def test_records_of_the_type_that_was_asked_for() -> None:
    asked = query(SRV)
    answer = f"""
        {NAME}.             300 IN SRV 1 2 5060 A.Example.COM.
        _SIP._tcp.Other.    60  IN SRV 3 4 5061 .
        {NAME}.             300 IN TXT "not asked for"
        {NAME}.             300 CH TXT "another class"
    """
    reply = asked.read(response(asked, answer=answer))
    assert reply == Reply(
        rcode="NOERROR",
        records={
            NAME: RecordSet((Srv(1, 2, 5060, "a.example.com"),), 300),
            "_sip._tcp.other": RecordSet((Srv(3, 4, 5061, "."),), 60),
        },
    )


def test_records_of_one_owner_are_one_set_with_the_least_ttl() -> None:
    """RFC 2181 §5.2, RFC 1035 §2.3.3."""
    asked = query(A)
    answer = f"""
        {NAME}.         300 IN A 192.0.2.2
        other.example.  10  IN A 192.0.2.9
        {NAME.upper()}. 60  IN A 192.0.2.1
        {NAME}.         900 IN A 192.0.2.2
    """
    reply = asked.read(response(asked, answer=answer))
    assert reply is not None
    records = (ip_address("192.0.2.2"), ip_address("192.0.2.1"))
    assert reply.records[NAME] == RecordSet(records, 60)


def test_a_ttl_with_its_highest_bit_set_is_long() -> None:
    """RFC 8767 §4: no longer 0, as in RFC 2181 §8; it is capped where it counts."""
    asked = query(A)
    wire = response(asked, answer=f"{NAME}. 2147483647 IN A 192.0.2.1")
    reply = asked.read(wire.replace(b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
    assert reply is not None
    assert reply.records[NAME].ttl == 2**31


def test_aliases() -> None:
    asked = query(A)
    answer = f"""
        {NAME}.             300 IN CNAME Www.Example.NET.
        example.com.        60  IN DNAME example.org.
        a.example.          60  CH CNAME b.example.
    """
    reply = asked.read(response(asked, answer=answer))
    assert reply is not None
    assert reply.cnames == {NAME: Alias("www.example.net", 300)}
    assert reply.dnames == {"example.com": Alias("example.org", 60)}


@pytest.mark.parametrize(("ttl", "minimum", "expected"), [(300, 60, 60), (30, 60, 30)])
def test_what_an_soa_says_of_absence(ttl: int, minimum: int, expected: int) -> None:
    """RFC 2308 §5: "the minimum of the SOA.MINIMUM field and SOA's TTL"."""
    asked = query()
    authority = f"""
        Example.com. {ttl} IN SOA ns.example.com. host.example.com. 1 2 3 4 {minimum}
        example.com. 5     CH SOA ns.example.com. host.example.com. 1 2 3 4 5
    """
    reply = asked.read(response(asked, authority=authority))
    assert reply == Reply(rcode="NOERROR", negative_ttls={"example.com": expected})


def test_a_referral() -> None:
    asked = query()
    reply = asked.read(response(asked, authority="com. 300 IN NS a.gtld-servers.net."))
    assert reply is not None
    assert reply.is_referral


def test_flags() -> None:
    asked = query()
    wire = bytearray(response(asked))
    wire[2] |= dns.flags.AA >> 8
    wire[3] |= dns.flags.AD
    assert asked.read(bytes(wire)) == Reply(rcode="NOERROR", authoritative=True, authenticated=True)


def test_addresses_that_came_along() -> None:
    additional = """
        A.Example.com.  300 IN A    192.0.2.1
        a.example.com.  60  IN A    192.0.2.2
        a.example.com.  300 IN AAAA 2001:db8::1
        a.example.com.  300 IN TXT  "no address"
        a.example.com.  300 CH A    target.example. 1
    """
    asked = query(SRV)
    reply = asked.read(response(asked, additional=additional))
    assert reply is not None
    assert reply.additional == {
        Question("a.example.com", A): RecordSet(
            (ip_address("192.0.2.1"), ip_address("192.0.2.2")), 60
        ),
        Question("a.example.com", AAAA): RecordSet((ip_address("2001:db8::1"),), 300),
    }


@pytest.mark.parametrize("type_", [A, AAAA, NAPTR])
def test_they_are_of_interest_beside_srv_records_only(type_: RecordType) -> None:
    asked = query(type_)
    assert asked.read(response(asked, additional="a.example. 300 IN A 192.0.2.1")) == Reply(
        rcode="NOERROR"
    )


@pytest.mark.parametrize(
    ("rcode", "mnemonic"),
    [(2, "SERVFAIL"), (6, "YXDOMAIN"), (16, "BADVERS"), (23, "BADCOOKIE"), (3841, "RCODE 3841")],
)
def test_response_codes_by_name(rcode: int, mnemonic: str) -> None:
    """RFC 6891 §6.1.3: an OPT record extends them to 12 bits."""
    asked = query()
    message = dns.message.make_response(dns.message.from_wire(asked.wire))
    message.set_rcode(dns.rcode.Rcode.make(rcode))
    assert asked.read(message.to_wire()) == Reply(rcode=mnemonic)


def test_nothing_of_a_truncated_reply_is_looked_at() -> None:
    """RFC 7766 §5: it is asked for again. It may end in the middle of a record."""
    asked = query()
    wire = bytearray(response(asked, answer=f"{NAME}. 300 IN A 192.0.2.1")[:-15])
    wire[2] |= dns.flags.TC >> 8
    assert asked.read(bytes(wire)) == Reply(rcode="NOERROR", truncated=True)


@pytest.mark.parametrize(
    ("why", "octets"),
    [
        ("it ends in the middle of a record", lambda wire: wire[:-15]),
        ("something follows it", lambda wire: wire + b"\0"),
        ("it announces more records", lambda wire: wire[:6] + b"\0\2" + wire[8:]),
        ("it is another's", lambda wire: bytes((wire[0] ^ 1,)) + wire[1:]),
    ],
)
def test_what_cannot_be_read_is_no_reply(why: str, octets: object) -> None:
    assert callable(octets)
    asked = query()
    wire = response(asked, answer=f"{NAME}. 300 IN A 192.0.2.1")
    assert asked.read(wire) is not None
    assert asked.read(octets(wire)) is None, why


@given(noise=st.binary(max_size=80), counts=st.tuples(*[st.integers(0, 3)] * 3))
def test_any_octets_behind_the_question_are_a_reply_or_none(
    noise: bytes, counts: tuple[int, int, int]
) -> None:
    """RFC 5452 §9: garbage is ignored, and the true reply is waited for."""
    asked = query(SRV, edns=False)
    header = asked.wire[:2] + b"\x81\x80\0\1" + b"".join(n.to_bytes(2, "big") for n in counts)
    reply = asked.read(header + asked.wire[12:] + noise)
    assert reply is None or reply.rcode == "NOERROR"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("example.com", "example.com"),
        ("Example.COM.", "example.com"),
        (".", "."),
        (r"a\.b.example", r"a\046b.example"),
        (r"\097.example", "a.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        (".".join(["a" * 61] * 4) + ".xyzzy", ".".join(["a" * 61] * 4) + ".xyzzy"),  # of 253 octets
    ],
)
def test_there_is_one_way_to_write_a_name(text: str, name: str) -> None:
    assert canonical_name(text) == name


@given(host_names | wire_labels.map(lambda labels: dns.name.Name((*labels, b"")).to_text()))
def test_a_name_is_asked_for_as_it_is_written(text: str) -> None:
    """RFC 1035 §3.1: labels, each behind its length, whether their octets need escapes or not."""
    name = dns.name.from_text(text)
    canonical = canonical_name(text)
    assert canonical == name_of(name)
    assert canonical is not None
    (asked,) = dns.message.from_wire(query(name=canonical).wire).question
    assert asked.name == name


@pytest.mark.parametrize(
    "text",
    [
        "a..b",
        ".a",
        "a" * 64 + ".example",
        ".".join(["a" * 63] * 4),
        ".".join(["a" * 61] * 4) + ".xyzzys",  # of 254 octets
        "\\",
        r"\256.a",
        "\ud800",
    ],
)
def test_names_that_cannot_exist(text: str) -> None:
    """RFC 1035 §2.3.4, §5.1."""
    assert canonical_name(text) is None
