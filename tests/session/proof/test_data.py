"""Records made of data that were verified."""

from __future__ import annotations

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from strategies import records_with_data

from sipresolve.session.proof.data import name_in, records_of
from sipresolve.session.proof.names import labels_of
from sipresolve.vocabulary.evidence import RrType, SignedSet, wire_of
from sipresolve.vocabulary.keys import DnsKey, Ds
from sipresolve.vocabulary.records import Naptr, Record, RecordType, Srv

OWNER = labels_of("example.com")
A_NAME = wire_of(labels_of("a.example.com"))


def rrset(kind: str, *data: bytes) -> SignedSet:
    return SignedSet(OWNER, RrType[kind], 300, data)


def read(kind: str, *data: bytes) -> tuple[Record, ...]:
    return records_of(rrset(kind, *data), RecordType(kind))


# What stands in a message (RFC 1035 §3.4, RFC 3596 §2.2, RFC 2782, RFC 3403 §4.1, RFC 4034 §2, §5).
DATA: list[tuple[str, bytes, Record]] = [
    ("A", bytes([192, 0, 2, 1]), ip_address("192.0.2.1")),
    ("AAAA", bytes.fromhex("20010db8" + 23 * "0" + "1"), ip_address("2001:db8::1")),
    ("SRV", struct.pack("!HHH", 1, 2, 5060) + A_NAME, Srv(1, 2, 5060, "a.example.com")),
    ("SRV", struct.pack("!HHH", 0, 0, 0) + b"\0", Srv(0, 0, 0, ".")),
    (
        "NAPTR",
        struct.pack("!HH", 10, 20) + b"\1s\7SIP+D2U\0" + A_NAME,
        Naptr(10, 20, "s", "SIP+D2U", b"", "a.example.com"),
    ),
    (
        "NAPTR",
        struct.pack("!HH", 10, 20) + b"\1U\7E2U+sip\x03!\xe9!" + b"\0",
        Naptr(10, 20, "U", "E2U+sip", b"!\xe9!", "."),
    ),
    ("DNSKEY", b"\1\1\3\x0dkey", DnsKey(257, 3, 13, b"key")),
    ("DS", b"\0\x07\x0d\2digest", Ds(7, 13, 2, b"digest")),
]


@pytest.mark.parametrize(("kind", "data", "record"), DATA)
def test_each_type_is_read(kind: str, data: bytes, record: Record) -> None:
    assert read(kind, data, data) == (record, record)


def test_no_data_are_no_records() -> None:
    assert read("A") == ()


CUT_OFF: list[tuple[str, bytes]] = [
    ("A", b""),
    ("A", bytes(3)),
    ("A", bytes(5)),
    ("AAAA", bytes(15)),
    ("SRV", bytes(5)),
    ("SRV", bytes(6)),
    ("SRV", bytes(6) + b"\3abc"),
    ("SRV", bytes(7) + b"\0"),
    ("NAPTR", bytes(3)),
    ("NAPTR", bytes(4)),
    ("NAPTR", bytes(4) + b"\5s"),
    ("NAPTR", bytes(7)),
    ("NAPTR", bytes(8) + b"\0"),
    ("DNSKEY", bytes(3)),
    ("DS", bytes(3)),
]


@pytest.mark.parametrize(("kind", "data"), CUT_OFF)
def test_data_that_are_none_of_the_type(kind: str, data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - a caller tells nothing apart
        read(kind, data)


@given(records_with_data())
def test_whatever_a_record_says_is_read(written: tuple[str, bytes, Record]) -> None:
    kind, data, record = written
    assert read(kind, data) == (record,)


NAMES: list[tuple[bytes, int, str]] = [
    (b"\0", 0, "."),
    (A_NAME, 0, "a.example.com"),
    (b"..." + A_NAME, 3, "a.example.com"),
]


@pytest.mark.parametrize(("data", "at", "name"), NAMES)
def test_a_name_at_the_end(data: bytes, at: int, name: str) -> None:
    assert name_in(data, at) == labels_of(name)


@pytest.mark.parametrize(
    ("data", "at"),
    [(b"", 0), (b"\3com", 0), (b"\3co", 0), (A_NAME + b"\0", 0), (b"\0", 1), (b"\0", 5)],
)
def test_where_there_is_no_name(data: bytes, at: int) -> None:
    with pytest.raises(ValueError, match="name"):
        name_in(data, at)
