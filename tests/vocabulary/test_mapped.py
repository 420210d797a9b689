"""What ENUM gives: a URI, where it came from, and the number that it may have."""

from __future__ import annotations

import re
from typing import Any

import pytest
from attrs import exceptions
from hypothesis import given
from strategies import any_texts, global_numbers, tels, uris

from sipresolve.vocabulary.errors import InvalidNumber, InvalidText, InvalidUri
from sipresolve.vocabulary.mapped import MappedUri, enum_domain, parsed_uri
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.records import Naptr, Security
from sipresolve.vocabulary.uri import SipUri


def mapped(uri: str, service: str = "sip", **more: Any) -> MappedUri:
    fields: dict[str, Any] = {
        "root": "e164.arpa",
        "domain": "3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa",
        "naptr": Naptr(100, 10, "u", f"E2U+{service}", b"!^.*$!x!", "."),
        "security": Security.INDETERMINATE,
        "ttl": 300,
    }
    return MappedUri(uri=uri, service=service, parsed=parsed_uri(uri), **(fields | more))


# --- The domain


@pytest.mark.parametrize(
    ("number", "root", "domain"),
    [
        # RFC 6116 §3.2 and §4, their examples
        ("+44-20-7946-0148", "e164.arpa", "8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa"),
        ("+441632960083", "e164.arpa", "3.8.0.0.6.9.2.3.6.1.4.4.e164.arpa"),
        # §3.1
        ("+44-116-496-0348", "e164.arpa", "8.4.3.0.6.9.4.6.1.1.4.4.e164.arpa"),
        ("+1", "e164.arpa", "1.e164.arpa"),
        ("+123456789012345", "e164.arpa", "5.4.3.2.1.0.9.8.7.6.5.4.3.2.1.e164.arpa"),
        # RFC 5067: an infrastructure root; and a carrier's own
        ("+1 234", "ie164.arpa", "4.3.2.1.ie164.arpa"),
        ("+1234", "e164.arpa.cw-ngv.com", "4.3.2.1.e164.arpa.cw-ngv.com"),
        # neither extensions nor what RFC 4694 adds is a part of the number
        ("tel:+1-234;ext=5678;npdi;rn=+1999", "e164.arpa", "4.3.2.1.e164.arpa"),
    ],
)
def test_the_domain_is_the_digits_reversed(number: str, root: str, domain: str) -> None:
    assert enum_domain(TelUri.parse_number(number), root) == domain


@given(global_numbers)
def test_the_domain_holds_each_digit(number: str) -> None:
    domain = enum_domain(TelUri.parse_number(number), "e164.arpa")
    labels = domain.removesuffix(".e164.arpa").split(".")
    assert "+" + "".join(reversed(labels)) == number


def test_a_local_number_has_no_domain() -> None:
    with pytest.raises(InvalidNumber, match="is a local number"):
        enum_domain(TelUri.parse("tel:7042;phone-context=example.com"), "e164.arpa")


# --- URIs


@pytest.mark.parametrize(
    "text",
    [
        # §3.3: "a Uniform Resource Identifier in its absolute form according to the <absolute-URI>
        # production"; RFC 3986 §1.1.2, its examples
        "ftp://ftp.is.co.za/rfc/rfc1808.txt",
        "http://www.ietf.org/rfc/rfc2396.txt",
        "ldap://[2001:db8::7]/c=GB?objectClass?one",
        "mailto:John.Doe@example.com",
        "news:comp.infosystems.www.servers.unix",
        "telnet://192.0.2.16:80/",
        "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
        "h323:operator@example.com",
        "pres:alice@example.com",
        "data:,not%20in%20use",
        "a+b-c.1:x",
    ],
)
def test_uris_of_other_schemes_are_taken_as_they_are(text: str) -> None:
    assert parsed_uri(text) is None


#: A token of RFC 3261 §25.1 may have what no URI of RFC 3986 has.
_of_rfc_3986 = re.compile("(?:[^`%#]|%[0-9A-Fa-f]{2})+").fullmatch


@given(uris.filter(_of_rfc_3986))
def test_sip_uris_are_read(text: str) -> None:
    assert parsed_uri(text) == SipUri.parse(text)


@given(tels.filter(_of_rfc_3986))
def test_tel_uris_are_read(text: str) -> None:
    assert parsed_uri(text) == TelUri.parse(text)


def test_a_scheme_is_read_in_either_case() -> None:
    """RFC 3986 §3.1."""
    assert parsed_uri("SIPS:example.com") == SipUri.parse("sips:example.com")
    assert parsed_uri("Tel:+44") == TelUri.parse("tel:+44")


NO_URIS = [
    ("", InvalidUri),
    ("foo", InvalidUri),
    ("not a uri", InvalidUri),
    ("sip", InvalidUri),
    ("sip:", InvalidUri),
    (":example.com", InvalidUri),
    ("//example.com", InvalidUri),
    ("1sip:example.com", InvalidUri),
    ("s\xefp:example.com", InvalidUri),
    (" sip:example.com", InvalidUri),
    ("sip:example.com\n", InvalidUri),
    ("sip:a b@example.com", InvalidUri),
    ("mailto:<a@example.com>", InvalidUri),
    ("mailto:a%2@example.com", InvalidUri),
    ("http://example.com/\\xe9", InvalidUri),
    ("http://example.com/\N{LATIN SMALL LETTER E WITH ACUTE}", InvalidUri),
    # §4.3 of RFC 3986: absolute-URI = scheme ":" hier-part [ "?" query ]: no fragment
    ("http://example.com/#top", InvalidUri),
    # of a scheme that is known, by its grammar
    ("sip:a@example_com", InvalidUri),
    ("sip:a@example.com:0", InvalidUri),
    ("sips:@", InvalidUri),
    ("sip:example.com;transport=`", InvalidUri),
    ("tel:", InvalidUri),
    ("tel:7042", InvalidNumber),
    ("tel:+", InvalidNumber),
    ("tel:+44x", InvalidNumber),
    ("tel:+1234567890123456", InvalidNumber),
]


@pytest.mark.parametrize(("text", "error"), NO_URIS)
def test_what_is_no_absolute_uri(text: str, error: type[InvalidText]) -> None:
    with pytest.raises(error) as caught:
        parsed_uri(text)
    assert caught.value.text == text


@given(any_texts)
def test_any_text_is_a_uri_or_none(text: str) -> None:
    try:
        parsed = parsed_uri(text)
    except InvalidText:
        return
    assert ":" in text
    assert parsed is None or isinstance(parsed, (SipUri, TelUri))


# --- What there is to say of one


def test_it_has_the_numbers_of_its_record() -> None:
    found = mapped("sip:a@example.com")
    assert (found.order, found.preference) == (100, 10)
    assert str(found) == "sip:a@example.com"
    assert found.parsed == SipUri.parse("sip:a@example.com")


def test_equal_ones_are_equal_and_hash_alike() -> None:
    one, other = mapped("sip:a@example.com"), mapped("sip:a@example.com")
    assert one == other
    assert hash(one) == hash(other)
    assert one != mapped("sip:a@example.com", "pstn:sip")


def test_it_is_frozen() -> None:
    found: Any = mapped("sip:a@example.com")
    with pytest.raises(exceptions.FrozenInstanceError):
        found.uri = "sip:b@example.com"


@pytest.mark.parametrize(
    ("uri", "service", "number"),
    [
        # RFC 4769 §3: what a portability database knows is in the tel URI
        ("tel:+1-215-555-0123;npdi;rn=+1-215-555-0199", "pstn:tel",
         "tel:+12155550123;npdi;rn=+12155550199"),
        ("tel:+44", "voice:tel", "tel:+44"),
        # and in the user part of a SIP URI
        ("sip:+1-215-555-0123;npdi@gw.example.com;user=phone", "pstn:sip",
         "tel:+12155550123;npdi"),
        ("sip:+12155550123;npdi;rn=+12155550199@gw.example.com", "pstn:sip",
         "tel:+12155550123;npdi;rn=+12155550199"),
        # RFC 3261 §19.1.6
        ("sip:+442079460123@example.com;user=phone", "sip", "tel:+442079460123"),
        ("sip:7042;phone-context=+1914555@example.com;user=phone", "sip",
         "tel:7042;phone-context=+1914555"),
        # nobody says that these are numbers
        ("sip:+442079460123@example.com", "sip", None),
        ("sip:+442079460123@example.com;user=ip", "sip", None),
        # and these are none
        ("sip:alice@example.com;user=phone", "sip", None),
        ("sip:7042@example.com;user=phone", "sip", None),
        ("sip:gw.example.com", "pstn:sip", None),
        ("mailto:+442079460123@example.com", "email:mailto", None),
    ],
)  # fmt: skip
def test_the_number_in_it(uri: str, service: str, number: str | None) -> None:
    found = mapped(uri, service).number
    assert (None if found is None else str(found)) == number


def test_what_is_said_of_portability_can_be_read() -> None:
    """RFC 4694 §4."""
    number = mapped("tel:+1-215-555-0123;npdi;rn=+1-215-555-0199", "pstn:tel").number
    assert number is not None
    assert number.is_dipped
    assert number.routing_number == "+12155550199"
