"""What a person is told where nothing was found."""

from __future__ import annotations

import pytest
from simulation import Simulation, answer, zone

from sipresolve import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    Dnssec,
    DnsTimeout,
    InvalidUri,
    InvalidVia,
    Link,
    Loop,
    NoSuchDomain,
    NoTargets,
    NotSecure,
    Policy,
    Reason,
    Security,
    ServiceNotOffered,
    SipResolveError,
    SipUri,
    Source,
    Status,
    UnsupportedTransport,
    Via,
)
from sipresolve.cli.advice import complaint
from sipresolve.cli.replies import Circumstances

NO_OPTIONS = Circumstances()
BOTH = Circumstances(restrictions=("--family", "--transports"))
ASKED = "The questions went to "
HAVE_IT_PROVEN = (
    "Have it proven, with --dnssec validate, ask a validating nameserver, with --trust-ad, or leave"
    " out --require-secure."
)
ITS_OWNER = "Its owner has to repair it, unless somebody forges it on the way."
SET_THE_CLOCK = (
    "If all domains are, set the clock of this machine; else its owner has to sign anew."
)
ASK_ANOTHER = (
    "If all domains are, ask a nameserver that passes signatures on, with --nameserver; else its"
    " owner has to repair it."
)
CHECK_THE_ANCHOR = (
    "Check the trust anchor, given with --trust-anchor; those of the root come with updates of"
    " sipresolve."
)
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
            HAVE_IT_PROVEN,
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
    ("error", "dnssec", "advice"),
    [
        (
            NotSecure("it"),
            "trust-ad",
            "Have it proven here, with --dnssec validate, or leave out --require-secure.",
        ),
        (
            NotSecure("it"),
            "validate",
            "Its owner has to sign it, and the zones above; or leave out --require-secure.",
        ),
        (
            Bogus("it"),
            "trust-ad",
            "With --dnssec validate, it is shown where the chain of trust breaks.",
        ),
        (Bogus("it"), "validate", ITS_OWNER),
        (NoSuchDomain("it"), "validate", "Check how the domain is spelt."),
    ],
)
def test_what_may_help_depends_on_who_proves(
    error: SipResolveError, dnssec: str, advice: str
) -> None:
    said = complaint(error, Circumstances(dnssec=Dnssec(dnssec)))
    assert said == f"sipresolve: it ({error.code})\n{advice}\n"


SECURE, BROKEN = Security.SECURE, Security.BOGUS
AT_THE_ANCHOR = (Link(".", "DNSKEY", BROKEN, "none fits"),)
BELOW_IT = (
    Link(".", "DNSKEY", SECURE, "signed"),
    Link("com", "DS", SECURE, "signed"),
    Link("com", "DNSKEY", BROKEN, "none fits"),
)
#: A zone with an anchor may lack the key that has signed something else than its keys.
OF_ITS_RECORDS = (Link(".", "DNSKEY", SECURE, "signed"), Link("a", "A", BROKEN, "no such key"))


@pytest.mark.parametrize(
    ("code", "chain", "advice"),
    [
        ("signature-expired", BELOW_IT, SET_THE_CLOCK),
        ("signature-not-yet-valid", AT_THE_ANCHOR, SET_THE_CLOCK),
        ("no-matching-key", AT_THE_ANCHOR, CHECK_THE_ANCHOR),
        ("no-matching-key", BELOW_IT, ITS_OWNER),
        ("no-matching-key", OF_ITS_RECORDS, ITS_OWNER),
        ("no-matching-key", (), ITS_OWNER),
        ("no-signature", OF_ITS_RECORDS, ASK_ANOTHER),
        ("not-denied", OF_ITS_RECORDS, ASK_ANOTHER),
        ("bogus", OF_ITS_RECORDS, ITS_OWNER),
        ("too-much-work", OF_ITS_RECORDS, ITS_OWNER),
    ],
)
def test_what_may_help_depends_on_what_is_wrong(
    code: str, chain: tuple[Link, ...], advice: str
) -> None:
    """RFC 4033 §5: it may be the data, the keys, or the resolver's own configuration."""
    reason = Reason.of(code, "it")
    forged = answer("a A", Status.BOGUS, security=BROKEN, reason=reason, proof=chain)
    said = complaint(Bogus("it", answers=(forged,)), Circumstances(dnssec=Dnssec.VALIDATE))
    assert said.splitlines()[1:] == [advice]


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


def test_and_so_is_one_in_a_via() -> None:
    with pytest.raises(NoTargets) as caught:
        Simulation({}, policy=Policy(families=("ipv6",))).respond("SIP/2.0/UDP 192.0.2.1")
    advice = complaint(caught.value, Circumstances(restrictions=("--family",))).splitlines()[1]
    assert advice == "The host is an IPv4 address: try without --family."


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


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("SIP/2.0 192.0.2.1", ["  SIP/2.0 192.0.2.1", "         ^"]),
        ("v: SIP/2.0/UDP a\r\n ;b=(", ["  v: SIP/2.0/UDP a\\r\\n ;b=(", f"  {' ' * 24}^"]),
        ("SIP/2.0/UDP", ["  SIP/2.0/UDP", f"  {' ' * 11}^"]),
    ],
)
def test_and_so_is_that_of_a_via(text: str, pointer: list[str]) -> None:
    with pytest.raises(InvalidVia) as caught:
        Via.parse(text)
    first, *others = complaint(caught.value, NO_OPTIONS).splitlines()
    assert others == pointer
    assert "position" not in first


@pytest.mark.parametrize(
    ("before", "behind", "shown", "place"),
    [
        (0, 75, f"({'b' * 75}", 0),
        (75, 0, f"{'a' * 75}(", 75),
        # Too long for a line of a terminal: what is around the place, as much as there is room for.
        (0, 76, f"({'b' * 72}...", 0),
        (38, 200, f"{'a' * 38}({'b' * 34}...", 38),
        (39, 200, f"...{'a' * 35}({'b' * 34}...", 38),
        (200, 38, f"...{'a' * 35}({'b' * 34}...", 38),
        (200, 37, f"...{'a' * 35}({'b' * 37}", 38),
        (200, 36, f"...{'a' * 35}({'b' * 36}", 38),
        (200, 0, f"...{'a' * 71}(", 74),  # behind it, there is room for a mark below the end
    ],
)
def test_of_a_long_text_what_is_around_the_fault_is_shown_and_the_characters_are_counted(
    before: int, behind: int, shown: str, place: int
) -> None:
    text = "a" * before + "(" + "b" * behind
    error = InvalidUri("it", text=text, position=before)
    first, *others = complaint(error, NO_OPTIONS).splitlines()
    assert len(shown) <= 76
    assert others == [f"  {shown}", f"  {' ' * place}^"]
    at = f", at character {before + 1}" if len(text) > 76 else ""  # counted from 1
    assert first == f"sipresolve: it{at} (invalid-uri)"


def test_the_fault_of_a_long_text_may_be_behind_its_end() -> None:
    with pytest.raises(InvalidVia) as caught:
        Via.parse(f"SIP/2.0/UDP{' ' * 70}")
    first, text, mark = complaint(caught.value, NO_OPTIONS).splitlines()
    assert first.startswith("sipresolve: the host is missing, at character ")
    assert len(text) <= 78
    assert text.startswith("  ")
    assert mark.strip() == "^"


def test_octets_that_are_escaped_move_the_mark() -> None:
    text = "\x1b" * 50 + "("
    error = InvalidUri("it", text=text, position=50)
    _, shown, mark = complaint(error, NO_OPTIONS).splitlines()
    assert shown[mark.index("^")] == "("
    assert len(shown) <= 78


def test_nothing_in_an_error_reaches_the_terminal_raw() -> None:
    for error in (
        NoSuchDomain("\x1b[2J"),
        InvalidUri("\x1b[2J", text="\x1b[2J", position=1),
        UnsupportedTransport("\x1b[2J", offered=("\x1b[2J",)),
        DnsTimeout("\x1b[2J"),
    ):
        said = complaint(error, Circumstances(nameservers=("\x1b[2J",)))
        assert all(line.isprintable() for line in said.split("\n"))
