"""Questions, records and answers: RFC 2308, RFC 2782, RFC 3403 §4.1, RFC 4033 §5."""

from __future__ import annotations

from ipaddress import ip_address
from itertools import permutations

import pytest

from sipresolve.vocabulary.records import (
    Answer,
    Naptr,
    Question,
    RecordType,
    Security,
    Source,
    Srv,
    Status,
    weakest,
)

NAPTR = Naptr(10, 20, "s", "SIP+D2U", b"", "_sip._udp.example.com")
SRV = Srv(1, 2, 5060, "sip.example.com")
IPV4, IPV6 = ip_address("192.0.2.1"), ip_address("2001:db8::1")


@pytest.mark.parametrize("status", Status)
def test_a_status_is_success_or_absence_or_failure(status: Status) -> None:
    assert [status is Status.OK, status.is_absence, status.is_failure].count(True) == 1


def test_only_nodata_and_nxdomain_say_that_there_is_nothing() -> None:
    """RFC 2308 §2."""
    assert {status for status in Status if status.is_absence} == {Status.NODATA, Status.NXDOMAIN}


def test_what_this_library_did_not_ask_is_no_absence() -> None:
    unasked = {status for status in Status if not status.was_asked}
    assert unasked == {"unasked", "name-refused", "too-many-names", "busy"}
    assert all(status.is_failure for status in unasked)


def test_what_says_how_a_zone_is_signed() -> None:
    """RFC 4034 §2 and §5: keys, and what a parent says of them."""
    assert {kind for kind in RecordType if kind.is_of_zones} == {"DNSKEY", "DS"}


def test_what_is_of_this_machine() -> None:
    """Neither file is the DNS; a cache is but a copy of it."""
    assert {source for source in Source if source.is_local} == {"hosts", "zone"}


def test_a_path_is_as_secure_as_its_weakest_link() -> None:
    states = [Security.BOGUS, Security.INDETERMINATE, Security.INSECURE, Security.SECURE]
    assert states == list(Security)
    for one, other in permutations(states, 2):
        assert weakest(one, other) is min(one, other, key=states.index)
    assert weakest(Security.SECURE) is Security.SECURE


def test_questions_that_differ_in_letter_case_or_final_dot_are_one() -> None:
    """RFC 1035 §2.3.3: names are compared without regard to case."""
    asked = {Question("Example.COM.", RecordType.A), Question("example.com", RecordType.A)}
    assert asked == {Question("example.com", RecordType.A)}
    assert Question("example.com", RecordType.AAAA) not in asked


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Question("Example.com.", RecordType.SRV), "example.com SRV"),
        (Question(".", RecordType.NAPTR), ". NAPTR"),
        (NAPTR, 'NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp.example.com'),
        (
            Naptr(1, 2, "u", "E2U+sip", b"!^.*$!sip:\\1@\xe9!", "."),
            'NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:\\1@\\xe9!" .',
        ),
        (SRV, "SRV 1 2 5060 sip.example.com"),
        (Srv(0, 0, 0, "."), "SRV 0 0 0 ."),
    ],
)
def test_questions_and_records_are_written_as_in_a_zone(value: object, text: str) -> None:
    assert str(value) == text


def test_names_in_records_are_normal() -> None:
    assert Srv(1, 2, 5060, "Sip.Example.COM.") == SRV
    assert Naptr(10, 20, "s", "SIP+D2U", b"", "_SIP._udp.example.com.") == NAPTR


def test_the_records_of_an_answer_by_kind() -> None:
    question = Question("example.com", RecordType.A)
    answer = Answer(question=question, status=Status.OK, records=(IPV6, NAPTR, SRV, IPV4))
    assert answer.addresses == (IPV6, IPV4)
    assert answer.srvs == (SRV,)
    assert answer.naptrs == (NAPTR,)


def test_an_answer_claims_nothing_that_it_was_not_given() -> None:
    answer = Answer(question=Question("example.com", RecordType.A), status=Status.TIMEOUT)
    assert (answer.records, answer.aliases, answer.additional) == ((), (), ())
    assert answer.ttl is None
    assert answer.left_out == 0
    assert answer.security is Security.INDETERMINATE
    assert not answer.authenticated
