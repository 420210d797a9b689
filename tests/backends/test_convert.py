from __future__ import annotations

from ipaddress import ip_address

import dns.name
import dns.rdata
import pytest
from hypothesis import given
from strategies import wire_labels

from sipresolve.backends.convert import name_of, record_of
from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.names import can_exist
from sipresolve.vocabulary.records import Naptr, Record, Srv

NAMES = [
    ((), "."),
    ((b"Example", b"COM"), "example.com"),
    ((b"_sip", b"_udp", b"example"), "_sip._udp.example"),
    ((b"*", b"example"), "*.example"),
    ((b"a b", b"\xff\x00"), r"a\032b.\255\000"),
    ((b'";$(@)', b"x"), r"\"\;\$\(\@\).x"),
    # A dot inside a label is never written as a dot; a backslash before one is its own octet.
    ((b"a.b", b"x."), r"a\046b.x\046"),
    ((b"a\\", b"b"), r"a\\.b"),
    ((b"a\\.b",), r"a\\\046b"),
]


@pytest.mark.parametrize(("labels", "text"), NAMES)
def test_a_name_is_in_lower_case_without_its_final_dot(labels: tuple[bytes], text: str) -> None:
    assert name_of(dns.name.Name((*labels, b""))) == text


@given(wire_labels)
def test_a_name_reads_back_as_the_same_name(labels: list[bytes]) -> None:
    name = dns.name.Name((*labels, b""))
    text = name_of(name)
    assert dns.name.from_text(text) == name
    assert text == text.lower()
    assert can_exist(text)
    assert (text.count(".") + 1 if labels else 0) == len(labels)


RECORDS = [
    ("IN", "A", "192.0.2.1", ip_address("192.0.2.1")),
    ("IN", "AAAA", "2001:DB8::1", ip_address("2001:db8::1")),
    ("IN", "AAAA", "::ffff:192.0.2.1", ip_address("::ffff:192.0.2.1")),
    ("IN", "SRV", "0 65535 5060 Sip.Example.COM.", Srv(0, 65535, 5060, "sip.example.com")),
    ("IN", "SRV", "1 2 0 .", Srv(1, 2, 0, ".")),
    (
        "IN",
        "NAPTR",
        '10 20 "S" "SIP+d2t" "" _sip._TCP.example.com.',
        Naptr(10, 20, "S", "SIP+d2t", b"", "_sip._tcp.example.com"),
    ),
    # RFC 1035 §5.1: a master file escapes the backslash.
    (
        "IN",
        "NAPTR",
        r'1 2 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.com!" .',
        Naptr(1, 2, "u", "E2U+sip", b"!^(.*)$!sip:\\1@example.com!", "."),
    ),
    ("IN", "DNSKEY", "257 3 13 AAEC", DnsKey(257, 3, 13, b"\0\1\2")),
    ("IN", "DS", "1 13 250 000102", Ds(1, 13, 250, b"\0\1\2")),
    ("IN", "CDS", "1 13 250 000102", None),
    ("IN", "CDNSKEY", "257 3 13 AAEC", None),
    ("IN", "TXT", '"v=spf1 -all"', None),
    ("IN", "CNAME", "example.com.", None),
    ("CH", "A", "example.com. 1", None),
]


@pytest.mark.parametrize(("rdclass", "rdtype", "data", "record"), RECORDS)
def test_records(rdclass: str, rdtype: str, data: str, record: Record | None) -> None:
    assert record_of(dns.rdata.from_text(rdclass, rdtype, data)) == record


def test_strings_hold_any_octets() -> None:
    # RFC 1035 §3.3: "treated as binary information"
    record = Naptr(1, 2, "\xff", "E2U\xe2", b"!^.*$!sip:\\1@\xc8\x00!", ".")
    strings = (record.flags.encode("latin-1"), record.service.encode("latin-1"), record.regexp)
    wire = b"\0\1\0\2" + b"".join(bytes([len(octets)]) + octets for octets in strings) + b"\0"
    assert record_of(dns.rdata.from_wire("IN", "NAPTR", wire, 0, len(wire))) == record
