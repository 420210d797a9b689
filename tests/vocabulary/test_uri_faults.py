"""Every refusal says where and why, by RFC 3261 §25 where no other clause is named."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from strategies import any_texts, hosts, uris

from sipresolve.vocabulary.uri_faults import next_hop_faults, uri_faults
from sipresolve.vocabulary.uri_grammar import read, read_next_hop

SIP_URIS = [
    ("", 0, "a scheme is missing: 'sip:' or 'sips:'"),
    ("example.com", 0, "a scheme is missing"),
    (" sip:example.com", 0, "a scheme is missing"),
    ("<sip:example.com>", 0, "a scheme is missing"),
    ("alice@example.com", 0, "a scheme is missing"),
    ("http://example.com", 0, "the scheme 'http' is neither 'sip' nor 'sips'"),
    ("tel:+442079460123", 0, "the scheme 'tel' is neither"),
    ("sipx:example.com", 0, "the scheme 'sipx' is neither"),
    # host
    ("sip:", 4, "the host is missing"),
    ("sips:", 5, "the host is missing"),
    ("sip:alice@", 10, "the host is missing"),
    ("sip::5060", 4, "the host is missing"),
    ("sip:;lr", 4, "the host is missing"),
    ("sip:example.com ", 15, "' ' is not allowed in a host"),
    ("sip:example.com\n", 15, "'\\n' is not allowed in a host"),
    ("sip://example.com", 4, "'/' is not allowed in a host"),
    ("sip:a@b@example.com", 7, "'@' is not allowed in a host"),
    ("sip:alice@bücher.example", 11, "convert the host 'bücher.example' to A-labels (Punycode)"),
    ("sip:256.1.1.1", 4, "'256.1.1.1' is no IPv4 address"),
    ("sip:2001:db8::1", 4, "an IPv6 address has to stand in brackets: '2001:db8::1'"),
    ("sip:[2001:db8::zz]", 5, "'2001:db8::zz' is no IPv6 address"),
    ("sip:[fe80::1%25eth0]:5060", 12, "a zone has no place in a host"),
    ("sip:[::1", 8, "the ']' of '[::1' is missing"),
    ("sip:[::1]5060", 9, "'5060' has no place behind an IPv6 address"),
    # port
    ("sip:example.com:", 16, "a port is a number of 1 to 65535, not ''"),
    ("sip:example.com:0", 16, "a port is a number of 1 to 65535, not '0'"),
    ("sip:example.com:65536", 16, "a port is a number of 1 to 65535, not '65536'"),
    ("sip:example.com:99999", 16, "a port is a number of 1 to 65535, not '99999'"),
    ("sip:example.com:-1", 16, "a port is a number of 1 to 65535, not '-1'"),
    ("sip:example.com:5o60", 16, "a port is a number of 1 to 65535, not '5o60'"),
    ("sip:example.com:\u0663", 16, "a port is a number of 1 to 65535, not '\u0663'"),
    (f"sip:example.com:{'9' * 5000}", 16, "a port is a number of 1 to 65535"),
    ("sip:[::1]:", 10, "a port is a number of 1 to 65535, not ''"),
    ("sip:a:1:2", 4, "'a:1:2' is neither a name nor an address"),
    # userinfo
    ("sip:@example.com", 4, "there is no user before the '@'"),
    ("sip::pw@example.com", 4, "there is no user before the '@'"),
    ("sip:al ice@example.com", 6, "' ' has to be escaped in the user part"),
    ("sip:al%ice@example.com", 6, "'%' has to be escaped in the user part"),
    ("sip:alice%4@example.com", 9, "'%' has to be escaped in the user part"),
    ("sip:jürgen@example.com", 5, "'ü' has to be escaped in the user part"),
    ("sip:a\x00b@example.com", 5, "'\\x00' has to be escaped in the user part"),
    ("sip:a#b@example.com", 5, "'#' has to be escaped in the user part"),
    ("sip:a:b;c@example.com", 7, "';' has to be escaped in a password"),
    ("sip:a:b:c@example.com", 7, "':' has to be escaped in a password"),
    # uri-parameters
    ("sip:example.com;", 16, "a parameter has no name"),
    ("sip:example.com;;lr", 16, "a parameter has no name"),
    ("sip:example.com;lr;", 19, "a parameter has no name"),
    ("sip:example.com;=1", 16, "a parameter has no name"),
    ("sip:example.com;a b", 17, "' ' has to be escaped in a parameter"),
    ("sip:example.com;a=b c", 19, "' ' has to be escaped in a parameter"),
    ("sip:example.com;a=b=c", 19, "'=' has to be escaped in a parameter"),
    ("sip:example.com;a=%zz", 18, "'%' has to be escaped in a parameter"),
    ("sip:example.com;a=`", 18, "'`' has to be escaped in a parameter"),
    ("sip:example.com;lr=", 16, "the parameter 'lr' has no value behind its '='"),
    ("sip:[::1]:5060;ttl=1;a=;b", 21, "the parameter 'a' has no value behind its '='"),
    # RFC 3261 §19.1.1: "any given parameter-name MUST NOT appear more than once"; §19.1.4 tells
    # which names are the same.
    ("sip:example.com;lr;LR", 19, "the parameter 'lr' comes twice (RFC 3261 §19.1.1)"),
    ("sip:example.com;a=1;b;%61=2", 22, "the parameter 'a' comes twice"),
    ("sip:example.com;transport", 26, "the parameter 'transport' is a token, not ''"),
    ("sip:example.com;transport=", 16, "the parameter 'transport' has no value behind its '='"),
    ("sip:example.com;Transport=a/b", 26, "the parameter 'transport' is a token, not 'a/b'"),
    ("sip:example.com;user=[]", 21, "the parameter 'user' is a token, not '[]'"),
    ("sip:example.com;method=", 16, "the parameter 'method' has no value behind its '='"),
    ("sip:example.com;method=a:b", 23, "the parameter 'method' is a token, not 'a:b'"),
    ("sip:example.com;ttl=256", 20, "the parameter 'ttl' is a number of 0 to 255, not '256'"),
    ("sip:example.com;ttl=-1", 20, "the parameter 'ttl' is a number of 0 to 255, not '-1'"),
    ("sip:example.com;ttl=0001", 20, "the parameter 'ttl' is a number of 0 to 255, not '0001'"),
    ("sip:example.com;ttl", 20, "the parameter 'ttl' is a number of 0 to 255, not ''"),
    ("sip:example.com;maddr", 22, "the host is missing"),
    ("sip:example.com;maddr=", 16, "the parameter 'maddr' has no value behind its '='"),
    ("sip:example.com;maddr=-", 22, "the label '-' begins or ends with a hyphen"),
    ("sip:example.com;maddr=1.2.3", 22, "'1.2.3' is no IPv4 address"),
    ("sip:example.com;maddr=2001:db8::1", 22, "an IPv6 address has to stand in brackets"),
    ("sip:example.com;maddr=[::1]:5060", 27, "':5060' has no place behind an IPv6 address"),
    ("sip:example.com;maddr=a%2eb", 23, "escapes are not allowed in a host (RFC 3261 §19.1.2)"),
    # headers
    ("sip:example.com?", 16, "a header is a name, '=' and a value, not ''"),
    ("sip:example.com?subject", 16, "a header is a name, '=' and a value, not 'subject'"),
    ("sip:example.com?=x", 16, "a header is a name, '=' and a value, not '=x'"),
    ("sip:example.com?a=b&", 20, "a header is a name, '=' and a value, not ''"),
    ("sip:example.com;lr?a=b&c d=e", 24, "' ' has to be escaped in a header"),
    ("sip:example.com?a=b&c=d;e", 23, "';' has to be escaped in a header"),
    ("sip:example.com?a=b=c", 19, "'=' has to be escaped in a header"),
    ("sip:example.com?a=%f", 18, "'%' has to be escaped in a header"),
]

NEXT_HOPS = [
    ("", 0, "the host is missing"),
    ("http://example.com", 0, "the scheme 'http' is neither 'sip' nor 'sips'"),
    ("mailto:alice@example.com", 0, "the scheme 'mailto' is neither"),
    ("tel:+442079460123", 0, "the scheme 'tel' is neither"),
    # A number, and no port of a host "tel".
    ("tel:112", 0, "the scheme 'tel' is neither"),
    ("TEL:112", 0, "the scheme 'TEL' is neither"),
    ("alice@example.com", 5, "'@' cannot stand without a scheme, as in 'sip:…'"),
    ("example.com;transport=tcp", 11, "';' cannot stand without a scheme"),
    ("example.com?a=b", 11, "'?' cannot stand without a scheme"),
    ("exam_ple.com", 4, "'_' is not allowed in a host"),
    (" example.com", 0, "' ' is not allowed in a host"),
    ("bücher.example", 1, "convert the host 'bücher.example' to A-labels (Punycode)"),
    ("example.com:", 12, "a port is a number of 1 to 65535, not ''"),
    ("example.com:0", 12, "a port is a number of 1 to 65535, not '0'"),
    ("example.com:sip", 12, "a port is a number of 1 to 65535, not 'sip'"),
    ("localhost:99999", 10, "a port is a number of 1 to 65535, not '99999'"),
    ("[::1]:99999", 6, "a port is a number of 1 to 65535, not '99999'"),
    ("fe80::1%eth0", 0, "an IPv6 address has to stand in brackets"),
    ("fe80::zz", 0, "'fe80::zz' is neither a name nor an address"),
    ("[fe80::1%eth0]", 8, "a zone has no place in a host"),
    ("1.2.3", 0, "'1.2.3' is no IPv4 address"),
]


@pytest.mark.parametrize(("text", "position", "message"), SIP_URIS)
def test_the_first_fault_of_a_uri(text: str, position: int, message: str) -> None:
    assert read(text) is None
    found, said = next(uri_faults(text))
    assert found == position
    assert message in said


@pytest.mark.parametrize(("text", "position", "message"), NEXT_HOPS)
def test_the_first_fault_of_a_next_hop(text: str, position: int, message: str) -> None:
    assert read_next_hop(text) is None
    found, said = next(next_hop_faults(text))
    assert found == position
    assert message in said


@given(uris)
@example("sip:a?b=c")
def test_a_valid_uri_has_no_fault(text: str) -> None:
    assert list(uri_faults(text)) == []


@given(hosts)
def test_a_valid_next_hop_has_no_fault(text: str) -> None:
    assert list(next_hop_faults(text)) == []


@given(any_texts)
def test_whatever_is_refused_has_a_fault_within_it(text: str) -> None:
    faults = []
    if read(text) is None:
        faults.append(next(uri_faults(text)))
    if read_next_hop(text) is None:
        faults.append(next(next_hop_faults(text)))
    assert all(0 <= position <= len(text) and message for position, message in faults)
