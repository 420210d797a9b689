"""How BIND and IANA write trust anchors: zones, fields and lines."""

from __future__ import annotations

import pytest
from dns.rdatatype import DNSKEY, DS

from sipresolve.backends.anchorformats import Stated, fault, is_of_bind, of_bind, of_iana
from sipresolve.vocabulary.errors import Misuse


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("trust-anchors { };", True),
        ("managed-keys{};", True),
        ("trusted-keys\n{ };", True),
        ("// one\n# two\n/* three\n*/ trusted-keys/**/{", True),
        ("trust-anchors", True),
        ("trust-anchors. DS 1 8 2 00", False),
        ("trusted-keys-of-mine DS 1 8 2 00", False),
        ("; trusted-keys { };", False),
        ("# a comment alone", False),
        ("/* a comment that is not closed", False),
        ("", False),
    ],
)
def test_statements_of_bind_are_told_by_how_they_begin(text: str, *, is_it: bool) -> None:
    assert is_of_bind(text) is is_it


def test_what_statements_of_bind_say() -> None:
    text = """\
trust-anchors {
    . initial-key 257 3 8 "AwEAAaz/
        tAm8"; // two lines
    /* a comment
       of two */ "a.example" static-key 257 3 15 "ab//cd#e;{}";
    b.example static-ds 1 8 2 "00"; b.example initial-ds 2 8 2 00//11
    ;
};
trusted-keys { c/d.example 257 3 8 "AA=="; };
"""
    assert [*of_bind(text, "anchors.key")] == [
        Stated(".", DNSKEY, ("257", "3", "8", "AwEAAaz/\n        tAm8"), 2),
        Stated("a.example", DNSKEY, ("257", "3", "15", "ab//cd#e;{}"), 5),
        Stated("b.example", DS, ("1", "8", "2", "00"), 6),
        Stated("b.example", DS, ("2", "8", "2", "00"), 6),
        Stated("c/d.example", DNSKEY, ("257", "3", "8", "AA=="), 9),
    ]


def test_what_the_xml_of_iana_says() -> None:
    """RFC 7958 §2.1.4, where the first key is over when the second begins."""
    text = """\
<?xml version="1.0" encoding="UTF-8"?>
<TrustAnchor
    id="AD42165F-B099-4778-8F42-D34A1D41FD93"
    source="http://data.iana.org/root-anchors/root-anchors.xml">
    <Zone>.</Zone>
    <KeyDigest id="42"
               validFrom="2010-07-01T00:00:00-00:00"
               validUntil="2010-08-01T00:00:00-00:00">
        <KeyTag>34291</KeyTag>
        <Algorithm>5</Algorithm>
        <DigestType>1</DigestType>
        <Digest>c8cb3d7fe518835490af8029c23efbce6b6ef3e2</Digest>
    </KeyDigest>
    <KeyDigest id="53"
               validFrom="2010-08-01T00:00:00-00:00">
        <KeyTag>12345</KeyTag>
        <Algorithm>5</Algorithm>
        <DigestType>1</DigestType>
        <Digest>a3cf809dbdbc835716ba22bdc370d2efa50f21c7</Digest>
    </KeyDigest>
</TrustAnchor>
"""
    august = 1_280_620_800.0
    first = Stated(".", DS, ("34291", "5", "1", "c8cb3d7fe518835490af8029c23efbce6b6ef3e2"), 6)
    second = Stated(".", DS, ("12345", "5", "1", "a3cf809dbdbc835716ba22bdc370d2efa50f21c7"), 14)
    assert [*of_iana(text, "root-anchors.xml", august - 1)] == [first]
    assert [*of_iana(text, "root-anchors.xml", august)] == [second]
    with pytest.raises(Misuse) as raised:
        [*of_iana(text, "root-anchors.xml", 0.0)]
    assert raised.value.message == (
        "root-anchors.xml: there is no trust anchor in it that is valid now, on 1970-01-01"
    )


def test_text_that_has_no_octets_is_no_accident() -> None:
    with pytest.raises(Misuse, match="it is no TrustAnchor of a Zone"):
        [*of_iana("<a>\ud800</a>", "anchors.xml", 0.0)]


def test_a_fault_names_its_place() -> None:
    assert str(fault("anchors.key", 3, "it is wrong")) == "anchors.key:3: it is wrong"
