"""What a person is told where a telephone number led nowhere."""

from __future__ import annotations

import pytest
from attrs import evolve
from outlines import answered
from simulation import Simulation
from telephony import DOMAIN, NUMBER, numbers

from sipresolve import (
    DnsFailure,
    InvalidNumber,
    InvalidUri,
    Misuse,
    Naptr,
    NoSuchDomain,
    NoSuchNumber,
    NoTargets,
    Note,
    NumberUnused,
    Policy,
    SipResolveError,
    SipUri,
    TelUri,
)
from sipresolve.cli.advice import complaint
from sipresolve.cli.number_advice import advice_on_number, advice_on_root
from sipresolve.cli.replies import Circumstances

HERE = Circumstances(roots=("e164.arpa",))
ANOTHER_ROOT = "Another root may have the number, with --root."
ALONE = "A telephone number stands alone, or in a tel URI: tel:+442079460123"

EMAIL = '@ NAPTR 10 10 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!" .'
WEB = '@ NAPTR 10 20 "u" "E2U+web:http+Web:HTTPS" "!^.*$!http://example.com/!" .'
OLD = '@ NAPTR 10 30 "u" "pres+E2U" "!^.*$!pres:a@example.com!" .'
FAX = 'n.example NAPTR 10 10 "u" "E2U+fax:tel" "!^(.*)$!tel:\\1!" .'
OWN = '@ NAPTR 10 10 "u" "E2U+P-own:sip" "!^.*$!sip:a@example.com!" .'
BROKEN = '@ NAPTR 10 10 "u" "E2U+sip" "!(!sip:a@example.com!" .'
ONWARD = '@ NAPTR 10 40 "" "" "" n.example'
LOOP = '@ NAPTR 10 10 "" "" "" 3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa'
SIP = '@ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:nobody.example:5060!" .'


def failure(*records: str, number: str = NUMBER, policy: Policy | None = None) -> SipResolveError:
    """Why a number leads to no URI."""
    with pytest.raises(SipResolveError) as caught:
        Simulation(numbers(*records), policy=policy or Policy()).enum(number)
    return caught.value


def offered(services: str) -> str:
    return f"There are records for {services}: ask for them with --service."


@pytest.mark.parametrize(
    ("records", "advice"),
    [
        ([], ANOTHER_ROOT),
        ([BROKEN], f"There are records, and none can be used. {ANOTHER_ROOT}"),
        # What the records are for that nobody asked for, behind a non-terminal record as well.
        ([EMAIL, BROKEN], offered("email:mailto")),
        ([OLD, ONWARD, FAX], offered("pres, fax:tel")),
        ([EMAIL, WEB], offered("email:mailto, web:http, web:https")),
        ([EMAIL, WEB, OLD], offered("email:mailto, web:http, web:https and others")),
        ([OWN], offered("p-own:sip")),
    ],
)
def test_where_there_is_no_usable_record(records: list[str], advice: str) -> None:
    assert advice_on_number(failure(*records)) == advice


def test_where_nothing_was_asked() -> None:
    policy = Policy(enum_services=["pstn:sip"])
    error = failure(SIP, number=f"tel:{NUMBER};npdi", policy=policy)  # RFC 4694 §5.1
    assert advice_on_number(error) == "Ask for other services, with --service."


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (
            "tel:7042;phone-context=+1914555",
            "With --local-numbers, it stands for +19145557042.",
        ),
        ("tel:7042;phone-context=example.com", ""),
        ("tel:*21;phone-context=+1914555", ""),
        ("02079460123", ""),
    ],
)
def test_a_local_number_may_stand_for_a_global_one(text: str, advice: str) -> None:
    assert advice_on_number(InvalidNumber("it", text=text, position=0)) == advice


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (" +44 20 7946 0123", ALONE),
        ("sip:+442079460123", ALONE),
        ("SIPS:+44 20 7946 0123", ALONE),
        ("02079460123", ""),
        ("sip:02079460123", ""),
        ("host:+5060", ""),
        ("sip:a b", ""),
    ],
)
def test_a_number_is_told_from_a_uri(text: str, advice: str) -> None:
    with pytest.raises(InvalidUri) as caught:
        SipUri.parse_target(text)
    assert advice_on_number(caught.value) == advice


def test_the_advice_follows_on_the_mark_of_the_place() -> None:
    text = "tel:7042;phone-context=+1914555"
    assert complaint(InvalidNumber("it", text=text, position=4), HERE).splitlines() == [
        "sipresolve: it (invalid-number)",
        f"  {text}",
        "      ^",
        "With --local-numbers, it stands for +19145557042.",
    ]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("+44 20 7946 O123", 12, "'O' is not allowed in a global number"),
        ("+1234567890123456", 0, "a global number has 15 digits at most (E.164), not 16"),
        ("02079460123", 0, "this is a dialled string"),
        ("tel:+44;ext=x", 12, "the parameter 'ext'"),
    ],
)
def test_the_fault_of_a_number_is_pointed_at(text: str, place: int, message: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        TelUri.parse_number(text)
    first, *others = complaint(caught.value, HERE).splitlines()
    assert first.startswith(f"sipresolve: {message}")
    assert first.endswith(" (invalid-number)")
    assert "position" not in first
    assert others == [f"  {text}", f"  {' ' * place}^"]


def test_that_a_number_is_not_in_use_is_an_answer() -> None:
    said = complaint(NumberUnused("it"), HERE).splitlines()
    assert said == [
        "sipresolve: it (number-unused)",
        "That is an answer and no failure: no further root is asked.",
    ]


def test_a_circle_of_records_is_told_from_one_of_aliases() -> None:
    circle = f"the records of {NUMBER} lead in a circle, or too deep, at {DOMAIN}"
    said = complaint(failure(LOOP), HERE).splitlines()
    assert said == [
        f"sipresolve: {circle} (loop)",
        "The owner of the zone has to mend its NAPTR records.",
    ]


def test_a_circle_through_several_domains_is_told_whole() -> None:
    records = [ONWARD, 'n.example NAPTR 10 10 "" "" "" n.example']
    first, _ = complaint(failure(*records), HERE).splitlines()
    assert first.endswith("lead in a circle, or too deep, at n.example (loop)")


@pytest.mark.parametrize("status", ["servfail", "refused", "timeout"])
def test_where_a_root_does_not_answer_another_may(status: str) -> None:
    said = complaint(failure(f"@ NAPTR {status}"), HERE).splitlines()
    assert said[1].endswith(f"--nameserver. {ANOTHER_ROOT}")


def test_where_a_domain_behind_a_root_fails_no_other_root_is_named() -> None:
    error = failure(ONWARD, "n.example NAPTR servfail")
    assert isinstance(error, DnsFailure)
    assert advice_on_root(error, HERE) == ""


def test_where_the_domain_of_a_uri_fails_the_advice_is_that_of_a_uri() -> None:
    with pytest.raises(NoSuchDomain) as caught:
        Simulation(numbers(SIP)).resolve_number(NUMBER)
    assert complaint(caught.value, HERE).splitlines()[1:] == ["Check how the domain is spelt."]


def test_where_there_are_uris_but_none_of_sip() -> None:
    policy = Policy(enum_services=["email:mailto"])
    error = NoTargets("it")
    error.resolution = Simulation(numbers(EMAIL), policy=policy).resolve_number(NUMBER)
    assert complaint(error, HERE).splitlines()[1:] == [
        "Ask for services of SIP, with --service, or see what sipresolve enum finds."
    ]


def test_where_options_rule_out_what_the_number_leads_to() -> None:
    records = numbers('@ NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:[2001:db8::1]!" .')
    with pytest.raises(NoTargets) as caught:
        Simulation(records, policy=Policy(families=["ipv4"])).resolve_number(NUMBER)
    here = Circumstances(roots=("e164.arpa",), restrictions=("--family",))
    assert complaint(caught.value, here).splitlines()[1:] == [
        "Try without --family, which may rule out what the domain has."
    ]


def test_without_an_address_the_advice_is_that_of_a_domain() -> None:
    with pytest.raises(NoTargets) as caught:
        Simulation(numbers(SIP, "nobody.example SRV 0 0 0 .")).resolve_number(NUMBER)
    assert complaint(caught.value, HERE).splitlines()[1:] == ["Its owner has to publish addresses."]


@pytest.mark.parametrize(
    "error",
    [InvalidUri("it", text="", position=0), NoTargets("it"), Misuse("it"), DnsFailure("it")],
)
def test_what_has_nothing_to_do_with_numbers_is_left_to_others(error: SipResolveError) -> None:
    assert advice_on_number(error) == advice_on_root(error, HERE) == ""


def test_nothing_of_a_record_reaches_the_terminal_raw() -> None:
    naptr = Naptr(10, 10, "u", "E2U+\x1b[2J", b"", ".")
    resolution = answered(f"{DOMAIN} NAPTR", naptr)
    message = f"{DOMAIN} {naptr}: skipped"
    notes = (Note(code="enum-service-not-wanted", message=message),)
    error = NoSuchNumber("it")
    error.resolution = evolve(resolution, notes=notes)
    assert complaint(error, HERE).splitlines()[1:] == [offered(r"\x1b[2j")]
