"""What a caller may give to be resolved, and what it is taken for."""

from __future__ import annotations

from typing import Any

import pytest

from sipresolve.resolver.subjects import number_in, number_of, subject_of
from sipresolve.vocabulary.errors import InvalidNumber, InvalidText, InvalidUri
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.uri import SipUri

SIP = SipUri.parse("sip:+442079460123@example.com;user=phone")
TEL = TelUri.parse("tel:+442079460123")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sip:alice@example.com", SipUri.parse("sip:alice@example.com")),
        (b"sips:example.com", SipUri.parse("sips:example.com")),
        (SIP, SIP),
        (str(SIP), SIP),
        # a next hop
        ("example.com", SipUri.parse("sip:example.com")),
        ("192.0.2.1:5070", SipUri.parse("sip:192.0.2.1:5070")),
        ("tel", SipUri.parse("sip:tel")),
        ("telephone.example.com", SipUri.parse("sip:telephone.example.com")),
        # RFC 3986 §3.1: a scheme in either case
        ("tel:+44-20-7946-0123", TEL),
        ("TEL:+442079460123", TEL),
        (b"Tel:+442079460123", TEL),
        (TEL, TEL),
        ("tel:7042;phone-context=+1914555", TelUri.parse("tel:7042;phone-context=+1914555")),
    ],
)
def test_what_is_located(given: Any, expected: SipUri | TelUri) -> None:
    assert subject_of(given) == expected


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("http://example.com", InvalidUri),
        ("mailto:a@example.com", InvalidUri),
        ("", InvalidUri),
        # a number without its plus may be a host
        ("+44 20 7946 O123", InvalidNumber),
        (b"+", InvalidNumber),
        (" tel:+442079460123", InvalidUri),
        ("tel:", InvalidNumber),
        ("tel:7042", InvalidNumber),
        (b"tel:\xff", InvalidNumber),
        ("tel:5060", InvalidNumber),
        ("tels:+44", InvalidUri),
    ],
)
def test_what_is_not(given: Any, error: type[InvalidText]) -> None:
    with pytest.raises(error):
        subject_of(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("+442079460123", "tel:+442079460123"),
        (" +44 (20) 7946-0123 ", "tel:+442079460123"),
        (b"+44.20.79460123", "tel:+442079460123"),
        ("tel:+44-20-7946-0123;ext=5", "tel:+442079460123;ext=5"),
        ("TEL:+44", "tel:+44"),
        (TEL, "tel:+442079460123"),
        ("tel:7042;phone-context=+1914555", "tel:7042;phone-context=+1914555"),
        # RFC 3261 §19.1.6
        (SIP, "tel:+442079460123"),
        (str(SIP), "tel:+442079460123"),
        (str(SIP).encode(), "tel:+442079460123"),
        ("SIPS:+44-20-7946-0123;npdi@example.com;USER=Phone", "tel:+442079460123;npdi"),
        ("sip:%2B442079460123@example.com;user=phone", "tel:+442079460123"),
    ],
)
def test_which_number_is_mapped(given: Any, expected: str) -> None:
    assert str(number_of(given)) == expected


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        # RFC 6116 §3.7: "it MUST NOT pass dialed digit strings"
        ("02079460123", InvalidNumber, ""),
        ("0044 20 7946 0123", InvalidNumber, ""),
        ("", InvalidNumber, ""),
        ("example.com", InvalidNumber, ""),
        ("+1234567890123456", InvalidNumber, ""),
        ("sip:+442079460123@example.com", InvalidNumber, "has no ;user=phone"),
        (SipUri.parse("sip:+44@example.com;user=ip"), InvalidNumber, "has no ;user=phone"),
        ("sip:alice@example.com;user=phone", InvalidNumber, ""),
        ("sip:example.com;user=phone", InvalidNumber, ""),
        ("sip:7042@example.com;user=phone", InvalidNumber, ""),
        ("sip:+44@example_com;user=phone", InvalidUri, ""),
        ("sips:", InvalidUri, ""),
        ("mailto:+44", InvalidNumber, ""),
    ],
)
def test_what_has_no_number(given: Any, error: type[InvalidText], said: str) -> None:
    with pytest.raises(error) as caught:
        number_of(given)
    assert type(caught.value) is error
    assert said in caught.value.message
    assert 0 <= caught.value.position <= len(caught.value.text)


@pytest.mark.parametrize("given", [None, 442079460123, ["+44"], object()])
def test_what_is_not_even_text(given: Any) -> None:
    for take in (subject_of, number_of):
        with pytest.raises(TypeError):
            take(given)


@pytest.mark.parametrize(
    ("uri", "local_numbers", "expected"),
    [
        ("sip:+442079460123@example.com;user=phone", False, "tel:+442079460123"),
        ("sip:+442079460123@example.com", False, None),
        ("sip:alice@example.com;user=phone", False, None),
        ("sip:7042@example.com;user=phone", False, None),
        ("sip:example.com;user=phone", False, None),
        # a local number is its domain's business, whatever its context
        ("sip:7042;phone-context=+1914555@example.com;user=phone", False, None),
        ("sip:7042;phone-context=+1914555@example.com;user=phone", True, "tel:+19145557042"),
        ("sip:7042;phone-context=example.com@example.com;user=phone", True, None),
        ("sip:123456789012345;phone-context=+1@example.com;user=phone", True, None),
    ],
)
def test_the_number_in_a_sip_uri(uri: str, expected: str | None, *, local_numbers: bool) -> None:
    """None of these is wrong: where there is no number to map, the URI is located."""
    found = number_in(SipUri.parse(uri), Policy(enum_local_numbers=local_numbers))
    assert (None if found is None else str(found)) == expected
