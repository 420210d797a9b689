"""What a person is told where nothing was found."""

from __future__ import annotations

import pytest
from simulation import Simulation, answer, zone

from sipresolve import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    InvalidUri,
    Loop,
    NoSuchDomain,
    NoTargets,
    NotSecure,
    Policy,
    ServiceNotOffered,
    SipResolveError,
    SipUri,
    Source,
    Status,
    UnsupportedTransport,
)
from sipresolve.cli.advice import complaint
from sipresolve.cli.replies import Circumstances

NO_OPTIONS = Circumstances()
BOTH = Circumstances(restrictions=("--family", "--transports"))
ASKED = "The questions went to "
TRY_MORE_TIME = "Try more time, with --timeout, or another nameserver, with --nameserver."

FAILED = answer("a A", Status.SERVFAIL, detail="192.0.2.53:53: servfail")
FAILED_LIKEWISE = answer("b A", Status.SERVFAIL, detail="192.0.2.53:53: servfail")
REFUSED = answer("c A", Status.REFUSED)


@pytest.mark.parametrize(
    ("error", "second_line"),
    [
        (NoSuchDomain("it"), "Check how the domain is spelt."),
        (NoTargets("it"), "Its owner has to publish addresses."),
        (DnsFailure("it"), "Ask again later, or ask another nameserver, with --nameserver."),
        (
            DnsFailure("it", answers=(answer("x A", Status.REFUSED, source=Source.ZONE),)),
            "The zone files have to hold these names; each file is given with --zone.",
        ),
        (DnsTimeout("it"), "Try another nameserver, with --nameserver."),
        (Loop("it"), "The owner of the zone has to mend its aliases (CNAME and DNAME records)."),
        (
            NotSecure("it"),
            "Ask a validating nameserver, with --trust-ad, or leave out --require-secure.",
        ),
        (BudgetExceeded("it"), "With --no-speculation only what is needed is asked."),
        (
            UnsupportedTransport("it", offered=("SIPS+D2W", "SIP+D2S", "SIP+D2X")),
            "If the client has it, ask with --transports sctp,wss.",
        ),
        (UnsupportedTransport("it", offered=("SIP+D2X",)), None),
        (UnsupportedTransport("it", from_input=True), None),
        (ServiceNotOffered("it"), None),
        (Bogus("it"), None),
    ],
)
def test_the_error_and_what_may_help(error: SipResolveError, second_line: str | None) -> None:
    lines = [f"sipresolve: it ({error.code})", *([second_line] if second_line else [])]
    assert complaint(error, NO_OPTIONS) == "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("error", "circumstances", "advice"),
    [
        # The options of the client are not the fault of the domain.
        (
            NoTargets("it"),
            Circumstances(restrictions=("--family",)),
            "Try without --family, which may rule out what the domain has.",
        ),
        (
            NoTargets("it"),
            BOTH,
            "Try without --family and --transports, which may rule out what the domain has.",
        ),
        (
            ServiceNotOffered("it"),
            BOTH,
            "Try without --transports, which may rule out what the domain has.",
        ),
        (ServiceNotOffered("it"), Circumstances(restrictions=("--family",)), None),
        (NoSuchDomain("it"), BOTH, "Check how the domain is spelt."),
        # More time helps only where there was none left.
        (
            DnsTimeout("it"),
            Circumstances(nameservers=("192.0.2.53:53",), out_of_time=True),
            f"{ASKED}192.0.2.53:53. {TRY_MORE_TIME}",
        ),
        (
            DnsTimeout("it"),
            Circumstances(nameservers=("192.0.2.53:53", "[::1:53]:53")),
            f"{ASKED}192.0.2.53:53 and [::1:53]:53. Try another nameserver, with --nameserver.",
        ),
    ],
)
def test_the_advice_fits_the_options(
    error: SipResolveError, circumstances: Circumstances, advice: str | None
) -> None:
    assert complaint(error, circumstances).splitlines()[1:] == ([advice] if advice else [])


def test_a_literal_address_of_the_other_family_is_told_from_a_domain_without() -> None:
    with pytest.raises(NoTargets) as caught:
        Simulation({}, policy=Policy(families=("ipv4",))).resolve("sip:[2001:db8::1]")
    advice = complaint(caught.value, Circumstances(restrictions=("--family",))).splitlines()[1]
    assert advice == "The host is an IPv6 address: try without --family."


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DnsFailure("it failed: a A: x", answers=(FAILED,)), "it failed: a A: x"),
        (
            DnsFailure("it failed: a A: x; b A: x", answers=(FAILED, FAILED_LIKEWISE)),
            "it failed: 192.0.2.53:53: servfail",
        ),
        (DnsFailure("it failed: a A: x; c A: y", answers=(FAILED, REFUSED)), "it failed"),
        (Loop("no end: c A; c A", answers=(REFUSED, REFUSED)), "no end: refused"),
        (NotSecure("it: not: proven", answers=(FAILED, REFUSED)), "it: not: proven"),
    ],
)
def test_of_several_answers_only_what_they_have_in_common_is_told(
    error: SipResolveError, said: str
) -> None:
    assert complaint(error, NO_OPTIONS).splitlines()[0] == f"sipresolve: {said} ({error.code})"


def test_a_search_in_vain_is_told_in_short() -> None:
    answers = zone("example.com NAPTR servfail\n_sip._udp.example.com SRV servfail")
    with pytest.raises(DnsFailure) as caught:
        Simulation(answers).resolve("sip:example.com")
    first = complaint(caught.value, NO_OPTIONS).splitlines()[0]
    assert first == "sipresolve: the DNS did not say: servfail (dns-failure)"


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("sip:a b", ["  sip:a b", "       ^"]),
        ("sip:a\x1b[1m b", ["  sip:a\\x1b[1m b", "       ^"]),
        ("sip:\x1b\x1bü", ["  sip:\\x1b\\x1bü", "      ^"]),
        ("", []),
    ],
)
def test_the_fault_of_a_uri_is_pointed_at_and_not_counted(text: str, pointer: list[str]) -> None:
    with pytest.raises(InvalidUri) as caught:
        SipUri.parse(text)
    first, *others = complaint(caught.value, NO_OPTIONS).splitlines()
    assert others == pointer
    assert "position" not in first
    assert first.startswith(f"sipresolve: {caught.value.message.partition(', at ')[0]}")


def test_where_there_is_no_room_the_characters_are_counted_from_1() -> None:
    with pytest.raises(InvalidUri) as caught:
        SipUri.parse(f"sip:{'a' * 200} ")
    assert caught.value.position == 204
    [line] = complaint(caught.value, NO_OPTIONS).splitlines()
    assert line.endswith(", at character 205 (invalid-uri)")


def test_nothing_in_an_error_reaches_the_terminal_raw() -> None:
    for error in (
        NoSuchDomain("\x1b[2J"),
        InvalidUri("\x1b[2J", text="\x1b[2J", position=1),
        UnsupportedTransport("\x1b[2J", offered=("\x1b[2J",)),
        DnsTimeout("\x1b[2J"),
    ):
        said = complaint(error, Circumstances(nameservers=("\x1b[2J",)))
        assert all(line.isprintable() for line in said.split("\n"))
