"""Every refusal says where and why, by RFC 3966 §3 where no other clause is named."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from strategies import any_tel_texts, global_numbers, subscribers, tels

from sipresolve.vocabulary.number_faults import (
    given_faults,
    globalising_faults,
    subscriber_faults,
    tel_faults,
)
from sipresolve.vocabulary.number_grammar import read_given, read_subscriber, read_tel

TEL_URIS = [
    ("", 0, "the scheme is missing: 'tel:'"),
    ("+442079460123", 0, "the scheme is missing: 'tel:'"),
    ("sip:+442079460123@example.com", 0, "the scheme 'sip' is not 'tel'"),
    (" tel:+44", 0, "the scheme ' tel' is not 'tel'"),
    (":+44", 0, "the scheme '' is not 'tel'"),
    # global-number-digits
    ("tel:", 4, "the number is missing"),
    ("tel:;npdi", 4, "the number is missing"),
    ("tel:+", 4, "there is no digit in '+'"),
    ("tel:+(-)", 4, "there is no digit in '+(-)'"),
    ("tel:+1-800-FLOWERS", 11, "'F' is not allowed in a global number"),
    ("tel:++44", 5, "'+' is not allowed in a global number"),
    ("tel:+44*", 7, "'*' is not allowed in a global number"),
    ("tel:+\u0664\u0664", 5, "'\u0664' is not allowed in a global number"),
    ("tel:+44\n", 7, "'\\n' is not allowed in a global number"),
    ("tel:%2B44", 4, "'%' is not allowed in a local number"),
    # §5.1.1: "tel" URIs "MUST NOT use spaces in visual separators".
    ("tel:+44 20 7946 0123", 7, "' ' is not allowed in a global number"),
    # E.164
    ("tel:+1234567890123456", 4, "a global number has 15 digits at most (E.164), not 16"),
    ("tel:+1-2-3-4-5-6-7-8-9-0-1-2-3-4-5-6-7", 4, "15 digits at most (E.164), not 17"),
    # local-number-digits, and §5.1.5: "Local numbers MUST have a 'phone-context' parameter".
    ("tel://+44", 4, "'/' is not allowed in a local number"),
    ("tel:7042+;phone-context=a", 8, "'+' is not allowed in a local number"),
    ("tel:--;phone-context=a", 4, "there is no digit in '--'"),
    ("tel:02079460123", 4, "a number without '+' is a local one, and needs a phone-context"),
    ("tel:911;npdi", 4, "a number without '+' is a local one, and needs a phone-context"),
    # parameters
    ("tel:+44;", 8, "a parameter has no name"),
    ("tel:+44;;npdi", 8, "a parameter has no name"),
    ("tel:+44;=1", 8, "a parameter has no name"),
    ("tel:+44;a_b=1", 9, "'_' is not allowed in the name of a parameter"),
    ("tel:+44; npdi", 8, "' ' is not allowed in the name of a parameter"),
    ("tel:+44;%6Epdi", 8, "'%' is not allowed in the name of a parameter"),
    ("tel:+44;\u212a", 8, "'\u212a' is not allowed in the name of a parameter"),
    ("tel:+44;x=", 10, "the parameter 'x' has no value behind its '='"),
    ("tel:+44;x=a b", 11, "' ' has to be escaped in a parameter"),
    ("tel:+44;x=?", 10, "'?' has to be escaped in a parameter"),
    ("tel:+44;x=a=b", 11, "'=' has to be escaped in a parameter"),
    ("tel:+44;x=%41%4", 13, "'%' has to be escaped in a parameter"),
    ("tel:+44;x=#", 10, "'#' has to be escaped in a parameter"),
    ("tel:+44;isub", 8, "the parameter 'isub' has no value"),
    ("tel:+44;isub=1[", 14, "'[' has to be escaped in a parameter"),
    ("tel:+44;isub=", 13, "the parameter 'isub' has no value behind its '='"),
    ("tel:+44;ext", 8, "the parameter 'ext' has no value"),
    ("tel:+44;ext=", 12, "the parameter 'ext' is a row of digits, not ''"),
    ("tel:+44;ext=1a", 12, "the parameter 'ext' is a row of digits, not '1a'"),
    ("tel:+44;ext=-", 12, "the parameter 'ext' is a row of digits, not '-'"),
    # No name more than once, and what excludes each other.
    ("tel:+44;x=1;y;X=2", 14, "the parameter 'x' comes twice (RFC 3966 §3)"),
    ("tel:+44;ext=1;EXT=2", 14, "the parameter 'ext' comes twice (RFC 3966 §3)"),
    ("tel:+44;ext=1;isub=2", 14, "a number has an 'isub' or an 'ext', not both (RFC 3966 §3)"),
    ("tel:+44;isub=2;ext=1", 8, "a number has an 'isub' or an 'ext', not both (RFC 3966 §3)"),
    ("tel:+44;npdi;phone-context=a", 13, "a global number has no phone-context (RFC 3966 §3)"),
    ("tel:1;phone-context", 6, "the parameter 'phone-context' has no value"),
    ("tel:1;phone-context=1914", 20, "is a domain, or '+' and digits, not '1914'"),
    ("tel:1;phone-context=b\u00fccher.example", 20, "is a domain, or '+' and digits, not 'b"),
    ("tel:1;phone-context=+1*", 20, "is a domain, or '+' and digits, not '+1*'"),
    # RFC 4694 §4
    ("tel:+44;npdi=yes", 13, "the parameter 'npdi' is one without '=' and value, not 'yes'"),
    ("tel:+44;npdi=", 13, "the parameter 'npdi' is one without '=' and value, not ''"),
    ("tel:+44;npdi;npdi", 13, "the parameter 'npdi' comes twice"),
    ("tel:+44;rn", 8, "the parameter 'rn' has no value"),
    ("tel:+44;rn=*7", 11, "the parameter 'rn' is hexadecimal digits, behind '+' and a country"),
    ("tel:+44;rn=+a", 11, "the parameter 'rn' is hexadecimal digits, behind '+' and a country"),
    ("tel:+44;npdi;rn=7a", 13, "the parameter 'rn' needs a '+', or a 'rn-context' (RFC 4694 §4)"),
    ("tel:+44;rn=1;rn-context=44", 24, "is a domain, or '+' and a country code, not '44'"),
    ("tel:+44;cic=", 12, "the parameter 'cic' is hexadecimal digits, behind '+' and"),
    ("tel:+44;cic=x", 12, "the parameter 'cic' is hexadecimal digits, behind '+' and a country"),
    ("tel:+44;cic=7", 8, "the parameter 'cic' needs a '+', or a 'cic-context' (RFC 4694 §4)"),
    ("tel:+44;cic-context", 8, "the parameter 'cic-context' has no value"),
]

# What callers give to be mapped, and RFC 6116 §3.7.
GIVEN = [
    ("", 0, "the number is missing"),
    (" \t ", 3, "the number is missing"),
    ("02079460123", 0, "this is a dialled string, and those are not mapped (RFC 6116 §3.7)"),
    ("  00442079460123", 2, "write the number with '+' and its country code"),
    ("1-800-FLOWERS", 0, "this is a dialled string"),
    ("(+44) 20 7946 0123", 0, "this is a dialled string"),
    ("112", 0, "this is a dialled string"),
    ("+44 20 7946 O123", 12, "'O' is not allowed in a global number"),
    (" +44 20 7946 O123", 13, "'O' is not allowed in a global number"),
    ("+44\u00a020", 3, "'\\xa0' is not allowed in a global number"),
    ("+44 20 7946 0123;npdi", 16, "parameters want a tel URI before them"),
    ("hello", 0, "a number begins with '+' and its country code, not with 'h'"),
    ('"+442079460123"', 0, "a number begins with '+' and its country code"),
    ("+44 (0)20 7946 0123", 4, "whether the 0 of '(0)' belongs to the number is not clear"),
    ("+44 20 7946 0123 ext. 5", 17, "'e' is not allowed in a global number"),
    ("+ ", 0, "there is no digit in '+'"),
    ("+1234567890123456", 0, "a global number has 15 digits at most (E.164), not 16"),
    (" +1 234 567 890 123 456", 1, "a global number has 15 digits at most (E.164)"),
    ("sip:+442079460123@example.com", 0, "the scheme 'sip' is not 'tel'"),
    (" mailto:a@example.com", 1, "the scheme 'mailto' is not 'tel'"),
    ("  tel:+44 20", 9, "' ' is not allowed in a global number"),
    (" tel:7042", 5, "a number without '+' is a local one, and needs a phone-context"),
]


@pytest.mark.parametrize(("text", "position", "message"), TEL_URIS)
def test_the_first_fault_of_a_tel_uri(text: str, position: int, message: str) -> None:
    assert read_tel(text) is None
    found, said = next(tel_faults(text))
    assert (found, message in said) == (position, True), said


@pytest.mark.parametrize(("text", "position", "message"), GIVEN)
def test_the_first_fault_of_a_number_to_be_mapped(text: str, position: int, message: str) -> None:
    assert read_given(text) is None
    found, said = next(given_faults(text))
    assert (found, message in said) == (position, True), said


@pytest.mark.parametrize(("text", "position", "message"), TEL_URIS)
def test_a_subscriber_has_the_faults_of_its_tel_uri(text: str, position: int, message: str) -> None:
    if position >= len("tel:"):
        found, said = next(subscriber_faults(text.removeprefix("tel:")))
        assert (found, message in said) == (position - len("tel:"), True), said


@pytest.mark.parametrize(
    ("number", "phone_context", "message"),
    [
        ("7042", "example.com", "the phone-context 'example.com' is a domain, and no prefix"),
        ("7042", "abc", "the phone-context 'abc' is a domain, and no prefix"),
        ("*70", "+1914", "'*' is not allowed in a global number"),
        ("A0", "+1914", "'A' is not allowed in a global number"),
        ("8631234567", "+123456", "a global number has 15 digits at most (E.164), not 16"),
    ],
)
def test_why_a_local_number_does_not_become_global(
    number: str, phone_context: str, message: str
) -> None:
    assert (4, message) in globalising_faults(number, phone_context)


@given(tels)
def test_a_valid_tel_uri_has_no_fault(text: str) -> None:
    assert list(tel_faults(text)) == []
    assert list(given_faults(f" {text}\t")) == []


@given(subscribers)
def test_a_valid_subscriber_has_no_fault(text: str) -> None:
    assert list(subscriber_faults(text)) == []


@given(global_numbers)
def test_a_valid_number_has_no_fault(text: str) -> None:
    assert list(given_faults(f" {text[0]} {text[1:]} ")) == []


@given(any_tel_texts)
@example("tel:+1;İ=;x")
@example("tel:1;ext;isub")
def test_whatever_is_refused_has_a_fault_within_it(text: str) -> None:
    faults = []
    if read_tel(text) is None:
        faults.append(next(tel_faults(text)))
    if read_given(text) is None:
        faults.append(next(given_faults(text)))
    if read_subscriber(text) is None:
        faults.append(next(subscriber_faults(text)))
    assert all(0 <= position <= len(text) and message for position, message in faults)
