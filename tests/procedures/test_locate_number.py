"""From a number to servers: each SIP URI of RFC 6116 is located as RFC 3263 says, in order."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from attrs import evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from simulation import NEVER, Caller, Simulation, answer, question, walk, zone
from strategies import Network, callers, networks_of_a_number, policies_for_numbers
from telephony import DOMAIN, NUMBER, codes, leads, mapped, numbers, terminal, warned

from sipresolve.procedures.locate_number import Client, locate_number, map_number
from sipresolve.vocabulary.errors import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    Loop,
    NoSuchDomain,
    NoSuchNumber,
    NoTargets,
    NotSecure,
    NumberUnused,
    ServiceNotOffered,
    SipResolveError,
    UnsupportedTransport,
)
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Answer, Security, Status
from sipresolve.vocabulary.targets import Note, Resolution, Target
from sipresolve.vocabulary.uri import SipUri

ROOT = question(f"{DOMAIN} NAPTR")

#: Domains with an address alone, and one with a server of its own.
HOSTS = """
    a.example A 192.0.2.1
    b.example A 192.0.2.2
    c.example A 192.0.2.3
    _sip._udp.srv.example SRV 10 20 5070 h.srv.example
    _sips._tcp.srv.example SRV 10 20 5071 h.srv.example
    h.srv.example A 192.0.2.9
"""
SIP_A, SIP_B, SIP_C = (f"sip:{letter}@{letter}.example" for letter in "abc")
IPV4: Mapping[str, Any] = {"families": ("ipv4",)}
ALL_SERVICES: Mapping[str, Any] = {
    "enum_services": ("sip", "pstn:sip", "pstn:tel", "voice:tel", "email:mailto")
}


def simulation(*lines: str, hosts: str = HOSTS, **policy: Any) -> Simulation:
    return Simulation(numbers(*lines) | zone(hosts), policy=Policy(**{**IPV4, **policy}))


def of(*answers: Answer, hosts: str = HOSTS, **policy: Any) -> Simulation:
    """Of answers that have more to them than their records."""
    known = zone(hosts) | {each.question: each for each in answers}
    return Simulation(known, policy=Policy(**{**IPV4, **policy}))


def targets(resolution: Resolution) -> str:
    """Each with the user of its URI, by which they are told apart."""
    return ", ".join(f"{_user(target)} {target}" for target in resolution.targets)


def _user(target: Target) -> str:
    return "-" if target.uri is None else target.uri.user or ""


def uris(*texts: str) -> list[str]:
    """A record for each URI, in order."""
    return [terminal(text, 10, place) for place, text in enumerate(texts)]


def failure(found: Simulation, **more: Any) -> SipResolveError:
    with pytest.raises(SipResolveError) as caught:
        found.resolve_number(NUMBER, **more)
    return caught.value


# --- Targets


@frozen
class Case:
    """The records of a number, and where it leads."""

    why: str
    records: list[str]
    expected: str
    notes: str = ""
    policy: Mapping[str, Any] = field(factory=dict)
    more: Mapping[str, Any] = field(factory=dict)


CASES = [
    Case("one URI, which has an address", uris(SIP_A), "a udp 192.0.2.1:5060"),
    Case("one URI, which has a server", uris("sip:s@srv.example"), "s udp 192.0.2.9:5070"),
    Case("each URI in its turn", uris(SIP_B, SIP_A, SIP_C),
         "b udp 192.0.2.2:5060, a udp 192.0.2.1:5060, c udp 192.0.2.3:5060"),
    Case("by what the URI says of port and transport",
         uris("sip:1@a.example:5080", "sip:2@a.example;transport=tcp", "sips:3@a.example",
              "sip:4@192.0.2.7", "sip:5@x.example;maddr=b.example"),
         "1 udp 192.0.2.1:5080, 2 tcp 192.0.2.1:5060, 3 tls 192.0.2.1:5061, 4 udp 192.0.2.7:5060, "
         "5 udp 192.0.2.2:5060"),
    Case("behind a non-terminal record",
         [leads("n.example"), terminal(SIP_A, owner="n.example")], "a udp 192.0.2.1:5060"),
    Case("one set before another", [terminal(SIP_A, 10, 1), leads("n.example", 10, 2),
                                    terminal(SIP_B, 10, 3), terminal(SIP_C, owner="n.example")],
         "a udp 192.0.2.1:5060, c udp 192.0.2.3:5060, b udp 192.0.2.2:5060"),
    # What is not located
    Case("a URI of another scheme beside one",
         [terminal("mailto:m@a.example", 10, 1, "E2U+email:mailto"), terminal(SIP_A, 10, 2),
          terminal("tel:+44", 10, 3, "E2U+voice:tel")],
         "a udp 192.0.2.1:5060", policy=ALL_SERVICES),
    Case("URIs of other schemes alone: they are for the caller",
         [terminal("tel:+442079460123;npdi", 10, 1, "E2U+pstn:tel"),
          terminal("mailto:m@a.example", 10, 2, "E2U+email:mailto")], "", policy=ALL_SERVICES),
    Case("one that cannot be located, beside one that can", uris("sip:x@gone.example", SIP_A),
         "a udp 192.0.2.1:5060", "uri-not-located"),
    Case("and behind one that can", uris(SIP_A, "sip:x@gone.example", SIP_B),
         "a udp 192.0.2.1:5060, b udp 192.0.2.2:5060", "uri-not-located"),
    Case("one that wants what the client lacks",
         uris("sips:x@a.example", "sip:y@a.example;transport=sctp", SIP_A),
         "a udp 192.0.2.1:5060", "uri-not-located uri-not-located",
         {"transports": ("udp", "tcp")}),
    # Twins, which are requests of their own
    Case("two URIs for one place", uris("sip:1@a.example", "sip:2@a.example", SIP_B),
         "1 udp 192.0.2.1:5060, 2 udp 192.0.2.1:5060, b udp 192.0.2.2:5060"),
    Case("and by another name for it", uris("sip:1@a.example", "sip:2@192.0.2.1"),
         "1 udp 192.0.2.1:5060, 2 udp 192.0.2.1:5060"),
    Case("one place by two transports",
         uris("sip:1@a.example", "sip:2@a.example;transport=tcp"),
         "1 udp 192.0.2.1:5060, 2 tcp 192.0.2.1:5060"),
    Case("one place by TLS, whose certificate has to show two names (RFC 5922 §4)",
         uris("sips:1@a.example", "sips:2@192.0.2.1", "sips:3@A.example."),
         "1 tls 192.0.2.1:5061, 2 tls 192.0.2.1:5061, 3 tls 192.0.2.1:5061"),
    Case("one URI for two services is located once",
         [terminal(SIP_A, 10, 1, "E2U+sip+pstn:sip"), terminal(SIP_A, 10, 2, "E2U+sip")],
         "a udp 192.0.2.1:5060", "enum-named-before"),
    Case("and its failure told once",
         [terminal("sip:x@gone.example", 10, 1, "E2U+sip+pstn:sip"), terminal(SIP_A, 10, 2)],
         "a udp 192.0.2.1:5060", "uri-not-located"),
    # RFC 3261 §18.1.1
    Case("a request that is too large for UDP", uris(SIP_A, "sip:2@a.example;transport=tcp"),
         "a tcp 192.0.2.1:5060, a udp 192.0.2.1:5060, 2 tcp 192.0.2.1:5060",
         more={"large": True}),
    Case("where TCP is published before", uris("sip:1@a.example;transport=tcp", "sip:2@a.example"),
         "1 tcp 192.0.2.1:5060, 2 tcp 192.0.2.1:5060, 2 udp 192.0.2.1:5060",
         more={"large": True}),
    # RFC 3261 §16.6
    Case("as SIPS URIs", uris(SIP_A, "sips:b@b.example", "sip:s@srv.example"),
         "a tls 192.0.2.1:5061, b tls 192.0.2.2:5061, s tls 192.0.2.9:5071", more={"sips": True}),
    Case("as a SIPS URI, which UDP cannot carry", uris("sip:x@a.example;transport=udp", SIP_B),
         "b tls 192.0.2.2:5061", "uri-not-located", more={"sips": True}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
@pytest.mark.parametrize("speculation", [True, False], ids=["speculating", "frugal"])
def test_where_a_number_leads(case: Case, *, speculation: bool) -> None:
    found = simulation(*case.records, **{**case.policy, "speculation": speculation})
    resolution = found.resolve_number(NUMBER, **case.more)
    assert targets(resolution) == case.expected
    assert codes(resolution) == case.notes.split()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_it_is_the_same_one_at_a_time(case: Case) -> None:
    found = simulation(*case.records, **case.policy)
    resolution = found.failover_number(NUMBER, **case.more)
    assert targets(resolution) == case.expected
    assert sorted(codes(resolution)) == sorted(case.notes.split())
    eager = simulation(*case.records, **case.policy).resolve_number(NUMBER, **case.more)
    assert resolution.uris == eager.uris


def test_what_a_target_carries() -> None:
    [target] = simulation(*uris("sips:s@srv.example;x=y")).resolve_number(NUMBER).targets
    assert str(target.uri) == "sips:s@srv.example;x=y", "the Request-URI (RFC 3261 §16.5)"
    assert (target.host, target.tls_name) == ("h.srv.example", "srv.example")
    assert (target.priority, target.weight, target.port) == (10, 20, 5071)
    assert (target.order, target.preference) == (None, None), "those of its own domain"


def test_as_a_sips_uri_each_is_located() -> None:
    found = simulation(*uris("sip:a@a.example;x=y")).resolve_number(NUMBER, sips=True)
    assert [str(target.uri) for target in found.targets] == ["sip:a@a.example;x=y"]
    assert [target.tls_name for target in found.targets] == ["a.example"]
    assert mapped(found) == "sip:a@a.example;x=y", "what ENUM gave"


@pytest.mark.parametrize(
    ("enum", "address", "expected"),
    [
        ((300, "secure"), (60, "secure"), (60, "secure")),
        ((60, "insecure"), (300, "secure"), (60, "insecure")),
        ((300, "secure"), (60, "indeterminate"), (60, "indeterminate")),
        ((None, "secure"), (60, "secure"), (60, "secure")),
        ((60, "secure"), (None, "secure"), (60, "secure")),
        ((None, "secure"), (None, "secure"), (None, "secure")),
    ],
)
def test_a_target_is_as_safe_and_holds_as_long_as_all_that_leads_to_it(
    enum: tuple[int | None, str],
    address: tuple[int | None, str],
    expected: tuple[int | None, str],
) -> None:
    found = of(
        answer(str(ROOT), '1 1 "u" "E2U+sip" "!^.*$!sip:a.example:5060!" .', ttl=enum[0],
               security=Security(enum[1])),
        answer("a.example A", "192.0.2.1", ttl=address[0], security=Security(address[1])),
    )  # fmt: skip
    [target] = found.resolve_number(NUMBER).targets
    assert (target.ttl, target.security) == expected


@pytest.mark.parametrize(
    ("enum", "address", "said"),
    [
        ("insecure", "secure", "of enum"),
        ("secure", "insecure", "of address"),
        ("insecure", "indeterminate", "of address"),
        ("indeterminate", "insecure", "of enum"),
    ],
)
def test_the_weakest_of_both_says_why(enum: str, address: str, said: str) -> None:
    found = of(
        answer(str(ROOT), '1 1 "u" "E2U+sip" "!^.*$!sip:a.example:5060!" .',
               security=Security(enum), reason=Reason("not-signed", "of enum")),
        answer("a.example A", "192.0.2.1",
               security=Security(address), reason=Reason("not-signed", "of address")),
    )  # fmt: skip
    [target] = found.resolve_number(NUMBER).targets
    assert str(target.reason) == said


def test_of_a_numeric_uri_all_is_said_by_enum() -> None:
    said = answer(str(ROOT), '1 1 "u" "E2U+sip" "!^.*$!sip:192.0.2.7!" .', ttl=60,
                  security=Security.INSECURE)  # fmt: skip
    [target] = of(said).resolve_number(NUMBER).targets
    assert (target.ttl, target.security) == (60, Security.INSECURE)
    assert target.reason == said.reason


def test_the_whole_rests_on_all_that_was_asked() -> None:
    """Also on what led nowhere: that may be another tomorrow."""
    found = simulation(*uris("sip:x@gone.example:5060", SIP_A)).resolve_number(NUMBER)
    assert found.expires_in == 60, "of the absence"
    assert found.security is Security.INDETERMINATE


def test_the_subject_is_the_number_and_its_uris_are_all_told() -> None:
    records = [*uris(SIP_A), terminal("tel:+44", 10, 9, "E2U+voice:tel")]
    found = simulation(*records, **ALL_SERVICES).resolve_number(f"tel:{NUMBER};ext=5")
    assert found.subject == TelUri.parse(f"tel:{NUMBER};ext=5")
    assert mapped(found) == f"{SIP_A} tel:+44"


@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_gives_the_same_order(seed: int) -> None:
    weighted = "\n".join(
        f"_sip._udp.{domain}.example SRV 1 1 506{n} h{n}.{domain}.example\n"
        f"h{n}.{domain}.example A 192.0.2.{n}"
        for domain in ("v", "w")
        for n in range(6)
    )
    records = uris("sip:v@v.example", "sip:w@w.example")
    orders = {
        simulation(*records, hosts=weighted).resolve_number(NUMBER, seed).targets for _ in range(2)
    }
    assert len(orders) == 1
    [order] = orders
    lazy = simulation(*records, hosts=weighted).failover_number(NUMBER, seed=seed)
    assert lazy.targets == order
    others = {
        simulation(*records, hosts=weighted).resolve_number(NUMBER, 100 + n).targets
        for n in range(5)
    }
    assert len(others) > 1


# --- Where nothing is found


#: How the domain of a URI can fail, in the order in which that is told.
RANKED = [
    ("sip:bogus.example:5060", Bogus),
    ("sip:servfail.example:5060", DnsFailure),
    ("sip:timeout.example:5060", DnsTimeout),
    ("sip:gone.example", NoSuchDomain),
]
FATES = """
    bogus.example A bogus
    servfail.example A servfail
    timeout.example A timeout
    void.example NAPTR nodata
    _sip._udp.no.example SRV 0 0 0 .
"""


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("second", range(4))
def test_a_failure_outranks_absence(first: int, second: int) -> None:
    found = simulation(*uris(RANKED[first][0], RANKED[second][0]), hosts=FATES)
    error = failure(found)
    assert type(error) is RANKED[min(first, second)][1]
    assert error.answers


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        # of equals, the first tells what it is
        ("sip:gone.example", "sip:void.example", NoSuchDomain),
        ("sip:void.example", "sip:gone.example", NoTargets),
        ("sip:no.example;transport=udp", "sip:gone.example", ServiceNotOffered),
        ("sip:x.example;transport=sctp", "sip:gone.example", UnsupportedTransport),
        ("sip:gone.example", "sips:192.0.2.1;transport=udp", NoSuchDomain),
        ("sip:[2001:db8::1]", "sip:x.example;transport=sctp", NoTargets),
        ("sip:x.example;transport=sctp", "sip:timeout.example:5060", DnsTimeout),
    ],
)
def test_among_equals_it_is_that_of_the_first_uri(
    first: str, second: str, error: type[SipResolveError]
) -> None:
    assert type(failure(simulation(*uris(first, second), hosts=FATES))) is error


def test_a_uri_of_another_scheme_hides_no_failure() -> None:
    records = [
        terminal("sip:timeout.example:5060", 10, 1),
        terminal("tel:+44", 10, 2, "E2U+voice:tel"),
    ]
    error = failure(simulation(*records, hosts=FATES, **ALL_SERVICES))
    assert isinstance(error, DnsTimeout)
    assert error.resolution is not None
    assert [mapped.uri for mapped in error.resolution.uris] == [
        "sip:timeout.example:5060",
        "tel:+44",
    ]


def test_a_circle_of_aliases_outranks_absence() -> None:
    looped = Answer(question=question("l.example A"), status=Status.SERVFAIL, loop=True)
    found = of(*numbers(*uris("sip:gone.example:5060", "sip:l.example:5060")).values(), looped)
    assert isinstance(failure(found), Loop)


def test_what_is_not_proven_outranks_a_failure() -> None:
    said = answer(str(ROOT), '1 1 "u" "E2U+sip" "!^.*$!sip:servfail.example:5060!" .',
                  '1 2 "u" "E2U+sip" "!^.*$!sip:a.example:5060!" .',
                  security=Security.SECURE)  # fmt: skip
    found = of(said, hosts=FATES + HOSTS, require_secure=True)
    error = failure(found)
    assert isinstance(error, NotSecure)
    assert "target-not-secure" in codes(error.resolution)


@pytest.mark.parametrize("uri", ["sips:a.example", "sips:192.0.2.1", "sip:a.example;transport=tls",
                                 "sip:a.example;transport=pigeon"])  # fmt: skip
def test_what_enum_wants_is_no_wrong_input(uri: str) -> None:
    """Who gave the number may try again when the record has changed."""
    found = simulation(*uris(uri), transports=("udp", "tcp"))
    error = failure(found)
    assert isinstance(error, UnsupportedTransport)
    assert not error.from_input
    assert codes(error.resolution)[-1] == "uri-not-located"
    assert len(found.asked) == 1, "nothing is asked of a URI that cannot be used"
    assert failure(found, sips=True).from_input is False


def test_what_the_domain_offers_is_told() -> None:
    """It is the domain's offer, and was no wrong input before."""
    hosts = 'x.example NAPTR 1 1 "s" "SIP+D2S" "" _sip._sctp.x.example'
    error = failure(simulation(*uris("sip:x.example"), hosts=hosts))
    assert isinstance(error, UnsupportedTransport)
    assert error.offered == ("SIP+D2S",)


def test_a_uri_that_is_not_located_is_named_with_the_reason() -> None:
    [note] = simulation(*uris("sip:x@gone.example", SIP_A)).resolve_number(NUMBER).warnings
    assert note.message == "sip:x@gone.example: there is no domain 'gone.example'"


@pytest.mark.parametrize(
    ("records", "error"),
    [
        ([], NoSuchNumber),
        (["@ NAPTR servfail"], DnsFailure),
        (["@ NAPTR bogus"], Bogus),
        ([leads(DOMAIN)], Loop),
        (['@ NAPTR 1 1 "u" "E2U+unused:data" "!^.*$!data:,x!" .', terminal(SIP_A)], NumberUnused),
    ],
)
def test_where_enum_gives_nothing_that_is_the_error(
    records: list[str], error: type[SipResolveError]
) -> None:
    found = simulation(*records)
    said = failure(found)
    assert type(said) is error
    assert said.resolution is not None
    assert said.resolution.targets == ()
    assert said.resolution.uris == ()
    assert len(found.asked) == 1


# --- What is asked, and when


def test_the_domains_of_several_uris_are_looked_up_together() -> None:
    """With what is noted of records between them, too."""
    records = [terminal(SIP_A, 10, 1), terminal("h323:a@a.example", 10, 2, "E2U+h323"),
               terminal(SIP_B, 10, 3), terminal("mailto:x", 10, 4),
               terminal("sip:s@srv.example", 10, 5), terminal("sip:192.0.2.4", 10, 6)]  # fmt: skip
    found = simulation(*records)
    resolution = found.resolve_number(NUMBER)
    assert len(resolution.targets) == 4
    assert found.now == pytest.approx(0.06), "the number; all domains; and the server's address"


def test_of_a_single_uri_nothing_more_is_asked_than_of_that_uri() -> None:
    found, plain = simulation(*uris(SIP_A)), simulation()
    found.resolve_number(NUMBER)
    plain.resolve(SIP_A)
    assert found.asked == [ROOT, *plain.asked]
    assert found.now == pytest.approx(0.04)


def test_without_speculation_nothing_is_asked_ahead() -> None:
    found = simulation(*uris("sip:a.example:5060", "sip:b.example:5060"), speculation=False)
    found.failover_number(NUMBER)
    first, second = ([each.name for each in handed.asked] for handed in found.handed_out)
    assert first == [DOMAIN, "a.example"]
    assert second == [DOMAIN, "a.example", "b.example"]


@pytest.mark.parametrize(("lazy", "ahead"), [(True, 4), (False, 8)])
def test_only_the_next_few_are_looked_up_with_one(*, lazy: bool, ahead: int) -> None:
    """Also for who wants all at once: hints must not spend the budget that URIs need."""
    hosts = "\n".join(f"u{n}.example A 192.0.2.{n}" for n in range(12))
    found = simulation(*uris(*(f"sip:u{n}.example:5060" for n in range(12))), hosts=hosts)
    delays = {question("u0.example A"): 1.0}
    found = evolve(found, delays=delays)
    if lazy:
        found.failover_number(NUMBER, Caller(wants=1))
        assert len(found.handed_out[0].asked) == 1 + 1 + ahead
        return
    found.resolve_number(NUMBER)
    assert len(found.asked) == 1 + 12
    assert found.now == pytest.approx(0.02 + 1.0 + 0.02)


def test_while_the_caller_is_busy_the_next_few_are_looked_up() -> None:
    hosts = "\n".join(f"u{n}.example A 192.0.2.{n}" for n in range(12))
    found = simulation(*uris(*(f"sip:u{n}.example:5060" for n in range(12))), hosts=hosts)
    found.failover_number(NUMBER, Caller(busy=32.0))
    at = [handed.at for handed in found.handed_out]
    assert at == [pytest.approx(0.04 + 32.0 * place) for place in range(12)]
    asked = [len(handed.asked) for handed in found.handed_out]
    assert asked == [6, 7, 8, 9, 10, 11, 12, 13, 13, 13, 13, 13]


def test_more_uris_than_the_budget_has_questions_for() -> None:
    """Those that come first are located before those that follow are asked about."""
    hosts = "\n".join(
        f"_sip._udp.u{n}.example SRV 1 1 5060 h.u{n}.example\nh.u{n}.example A 192.0.2.{n}"
        for n in range(60)
    )
    records = uris(*(f"sip:u{n}@u{n}.example" for n in range(60)))
    found = simulation(*records, hosts=hosts, lifetime=60)
    resolution = found.resolve_number(NUMBER)
    located = [str(target.uri) for target in resolution.targets]
    assert len(located) > 20
    assert located == [each.uri for each in resolution.uris[: len(located)]]
    assert warned(resolution).count("uri-not-located") == 60 - len(located)
    assert len(found.asked) == 256


def test_a_first_target_waits_for_nothing_that_follows() -> None:
    """Neither for the domains of later URIs, nor for what a later non-terminal leads to."""
    records = [terminal(SIP_A, 10, 1), terminal(SIP_B, 10, 2), leads("n.example", 10, 3)]
    found = evolve(simulation(*records), delays={
        question("b.example A"): NEVER, question("n.example NAPTR"): NEVER})  # fmt: skip
    found.failover_number(NUMBER, Caller(wants=1))
    [handed] = found.handed_out
    assert handed.at == pytest.approx(0.04)
    assert set(found.given_back) >= {question("b.example A")}


@pytest.mark.parametrize(
    ("wants", "left"), [(1, ["b.example A", "c.example A"]), (2, ["c.example A"]), (3, [])]
)
def test_who_leaves_early_leaves_nothing_behind(wants: int, left: list[str]) -> None:
    found = simulation(*uris("sip:1@a.example:5060", "sip:2@b.example:5060", "sip:c.example:5060"))
    found = evolve(found, delays={
        question("a.example A"): 0.1, question("b.example A"): 1, question("c.example A"): 2
    })  # fmt: skip
    resolution = found.failover_number(NUMBER, Caller(wants=wants))
    assert len(resolution.targets) == wants
    assert len(resolution.uris) == 3
    assert found.given_back == tuple(map(question, left))


def test_a_domain_that_never_answers_holds_up_no_other_uri() -> None:
    """Half of the lifetime at most; what follows was asked meanwhile."""
    found = evolve(simulation(*uris("sip:x@a.example:5060", SIP_B)),
                   delays={question("a.example A"): NEVER})  # fmt: skip
    resolution = found.resolve_number(NUMBER)
    assert targets(resolution) == "b udp 192.0.2.2:5060"
    assert warned(resolution) == ["address-failed", "uri-not-located"]
    assert found.now == pytest.approx(0.02 + 4.98 / 2)


@pytest.mark.parametrize(
    ("budget", "expected"), [(1, BudgetExceeded), (2, "1 udp 192.0.2.1:5060"),
                             (3, "1 udp 192.0.2.1:5060, 2 udp 192.0.2.2:5060")]
)  # fmt: skip
def test_what_a_budget_allows(budget: int, expected: str | type[SipResolveError]) -> None:
    found = simulation(*uris("sip:1@a.example:5060", "sip:2@b.example:5060"), budget=budget)
    if isinstance(expected, str):
        assert targets(found.resolve_number(NUMBER)) == expected
    else:
        assert type(failure(found)) is expected
    assert len(found.asked) == budget


# --- A SIP URI that has the number (RFC 3261 §19.1.6)

PHONE = f"sip:{NUMBER}@c.example;user=phone"
UNUSED = '@ NAPTR 1 1 "u" "E2U+unused:data" "!^.*$!data:,x!" .'


@frozen
class PhoneCase:
    """The records of the number, and where its SIP URI leads."""

    why: str
    records: list[str]
    expected: str
    notes: str = ""
    warnings: str = ""
    policy: Mapping[str, Any] = field(factory=dict)


PHONE_CASES = [
    PhoneCase("the number is there", uris(SIP_A, SIP_B),
              "a udp 192.0.2.1:5060, b udp 192.0.2.2:5060"),
    PhoneCase("it is not", [], "- udp 192.0.2.3:5060", "enum-not-used"),
    PhoneCase("nothing of it can be used", [terminal("mailto:x")], "- udp 192.0.2.3:5060",
              "enum-uri-scheme enum-not-used", "enum-uri-scheme"),
    PhoneCase("it leads in a circle", [leads(DOMAIN)], "- udp 192.0.2.3:5060",
              "enum-loop enum-not-used", "enum-loop"),
    PhoneCase("ENUM fails", ["@ NAPTR servfail"], "- udp 192.0.2.3:5060",
              "enum-root-failed enum-not-used", "enum-root-failed enum-not-used"),
    PhoneCase("ENUM is silent", ["@ NAPTR timeout"], "- udp 192.0.2.3:5060",
              "enum-root-failed enum-not-used", "enum-root-failed enum-not-used"),
    PhoneCase("its URIs are not there", uris("sip:gone.example"), "- udp 192.0.2.3:5060",
              "uri-not-located enum-not-used", "uri-not-located"),
    PhoneCase("one of its URIs is", uris("sip:gone.example", SIP_A), "a udp 192.0.2.1:5060",
              "uri-not-located", "uri-not-located"),
    PhoneCase("its URIs want what the client lacks", uris("sips:a.example"),
              "- udp 192.0.2.3:5060", "uri-not-located enum-not-used", "uri-not-located",
              {"transports": ("udp",)}),
    PhoneCase("its URIs are not located", [terminal("tel:+44", service="E2U+voice:tel")],
              "- udp 192.0.2.3:5060", "enum-not-used", policy=ALL_SERVICES),
]  # fmt: skip


@pytest.mark.parametrize("case", PHONE_CASES, ids=lambda case: case.why)
def test_where_the_uri_of_a_number_leads(case: PhoneCase) -> None:
    """Its domain owns the user part: what ENUM does not know is no reason to give up."""
    for locate in (Simulation.resolve_number, Simulation.failover_number):
        found = simulation(*case.records, **case.policy)
        resolution = locate(found, NUMBER, uri=SipUri.parse(PHONE))
        assert targets(resolution) == case.expected
        assert codes(resolution) == case.notes.split()
        assert warned(resolution) == case.warnings.split()
        assert resolution.expires_in is not None


@pytest.mark.parametrize(
    ("records", "error"),
    [([UNUSED], NumberUnused), (["@ NAPTR bogus"], Bogus),
     (uris("sip:bogus.example:5060"), Bogus)],
)  # fmt: skip
def test_what_enum_denies_is_not_asked_elsewhere(
    records: list[str], error: type[SipResolveError]
) -> None:
    found = simulation(*records, hosts=HOSTS + FATES)
    assert type(failure(found, uri=SipUri.parse(PHONE))) is error
    assert question("c.example A") not in found.asked


def test_nor_what_is_not_proven_where_it_has_to_be() -> None:
    found = simulation(*uris(SIP_A), require_secure=True)
    assert isinstance(failure(found, uri=SipUri.parse(PHONE)), NotSecure)
    assert question("c.example A") not in found.asked


@pytest.mark.parametrize(
    ("uri", "policy", "error", "from_input"),
    [
        ("sip:gone.example", {}, NoSuchDomain, False),
        ("sip:timeout.example:5060", {}, DnsTimeout, False),
        # what the caller's own URI wants is the caller's matter
        ("sips:c.example", {"transports": ("udp",)}, UnsupportedTransport, True),
        ("sip:c.example:5060", {"budget": 1}, BudgetExceeded, False),
    ],
)
def test_where_neither_leads_anywhere_it_is_the_error_of_the_uri(
    uri: str, policy: dict[str, Any], error: type[SipResolveError], *, from_input: bool
) -> None:
    said = failure(simulation(hosts=HOSTS + FATES, **policy), uri=SipUri.parse(uri))
    assert type(said) is error
    assert said.from_input is from_input


@pytest.mark.parametrize(
    ("uri", "expected"), [(PHONE, "a udp 192.0.2.1:5060"),
                          (PHONE.replace("sip:", "sips:"), "a tls 192.0.2.1:5061")]
)  # fmt: skip
def test_a_sips_uri_does_not_leave_tls_by_its_number(uri: str, expected: str) -> None:
    """RFC 3261 §19.1: it "specifies that the resource be contacted securely"."""
    resolution = simulation(*uris(SIP_A)).resolve_number(NUMBER, uri=SipUri.parse(uri))
    assert targets(resolution) == expected


def test_that_the_domain_is_asked_is_told_with_the_reason() -> None:
    note = simulation().resolve_number(NUMBER, uri=SipUri.parse(PHONE)).notes[-1]
    assert note.message == (
        f"{NUMBER} has no usable record for pstn:sip or sip below e164.arpa;"
        " c.example is asked instead"
    )


def test_its_own_targets_are_no_twins_of_what_enum_gave() -> None:
    """Where ENUM led somewhere the domain is not asked, and else there is nothing before."""
    resolution = simulation(*uris("sip:x@c.example")).resolve_number(
        NUMBER, uri=SipUri.parse(PHONE)
    )
    assert targets(resolution) == "x udp 192.0.2.3:5060"


# --- The procedures by themselves


def client(**policy: Any) -> Client:
    return Client(policy=Policy(**IPV4, **policy), rng=Random(1))


def test_it_is_a_generator_of_uris_and_targets() -> None:
    """The URIs of one answer, and then their targets."""
    records = numbers(*uris(SIP_A, "sip:gone.example", SIP_B)) | zone(HOSTS)
    yielded, used = walk(locate_number(TelUri.parse(f"tel:{NUMBER}"), client()), records)
    kinds = [MappedUri, MappedUri, MappedUri, Target, Note, Target]
    assert [type(each) for each in yielded] == kinds
    assert used[0].question == ROOT
    assert {each.question for each in used} >= {question("a.example A"), question("b.example A")}


def test_mapping_locates_nothing() -> None:
    records = numbers(*uris(SIP_A)) | zone(HOSTS)
    number = TelUri.parse(f"tel:{NUMBER}")
    yielded, used = walk(map_number(number, policy=Policy()), records)
    assert [type(each) for each in yielded] == [MappedUri]
    assert [each.question for each in used] == [ROOT]


# --- One at a time, or all at once


def outcome(
    network: Network, policy: Policy, seed: int, caller: Caller | None = None
) -> Resolution | SipResolveError:
    found = Simulation(network.answers, delays=network.delays, policy=policy)
    try:
        if caller is None:
            return found.resolve_number(NUMBER, seed)
        return found.failover_number(NUMBER, caller, seed)
    except SipResolveError as error:
        return error


@given(
    network=networks_of_a_number(late=False),
    policy=policies_for_numbers(),
    seed=st.integers(),
    caller=callers(),
)
def test_who_wants_one_at_a_time_gets_the_same(
    network: Network, policy: Policy, seed: int, caller: Caller
) -> None:
    policy = evolve(policy, budget=10_000)
    eager, lazy = outcome(network, policy, seed), outcome(network, policy, seed, caller)
    for what in ("targets", "uris", "code"):
        assert getattr(lazy, what, ()) == getattr(eager, what, ())
