"""ENUM by the clauses of RFC 6116 §3 and §5: what is found, what is asked, what is said."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from simulation import NEVER, Simulation, answer, question, walk
from strategies import Network, networks_of_a_number, policies_for_numbers, shuffled
from telephony import DOMAIN, NUMBER, codes, leads, mapped, numbers, terminal, warned

from sipresolve.procedures.lookup import Lookup
from sipresolve.procedures.telephone import LATE_PATIENCE, enum, mappable
from sipresolve.vocabulary.errors import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    InvalidNumber,
    Loop,
    NoSuchNumber,
    NotSecure,
    NumberUnused,
    SipResolveError,
)
from sipresolve.vocabulary.mapped import MappedUri
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.reasons import Reason
from sipresolve.vocabulary.records import Answer, Security, Status
from sipresolve.vocabulary.targets import Note, Resolution

ROOT = question(f"{DOMAIN} NAPTR")
A, B, C = (question(f"{letter}.example NAPTR") for letter in "abc")

#: A second root, and the domain of the number there.
SECOND = DOMAIN.replace("e164.arpa", "second.example")
ROOTS: Mapping[str, Any] = {"enum_roots": ("e164.arpa", "second.example")}
UNUSED = '@ NAPTR 10 5 "u" "E2U+unused:data" "!^.*$!data:,free!" .'


def simulation(*lines: str, **policy: Any) -> Simulation:
    return Simulation(numbers(*lines), policy=Policy(**policy))


def of(*answers: Answer, **policy: Any) -> Simulation:
    """Of answers that have more to them than their records."""
    return Simulation({each.question: each for each in answers}, policy=Policy(**policy))


def asked(simulation: Simulation) -> list[str]:
    return [each.name for each in simulation.asked]


# --- What is found


@frozen
class Case:
    """Some records of a number, the URIs they give, and what is noted on the way."""

    why: str
    records: tuple[str, ...]
    uris: str
    notes: str = ""
    policy: Mapping[str, Any] = field(factory=dict)


FOUND = [
    Case("§3.3: one record, one URI", (terminal("sip:a@x.example"),), "sip:a@x.example"),
    # The sequence
    Case("§5.2: ORDER is the major sort term, and the lowest that is accepted the last",
         (terminal("sip:c@x.example", 20, 1), terminal("sip:b@x.example", 10, 2),
          terminal("sip:a@x.example", 10, 1)),
         "sip:a@x.example sip:b@x.example", "enum-order-not-considered"),
    Case("RFC 3403 §4.1: of (2,1), (1,2) and (1,1) the last is the first",
         (terminal("sip:3@x.example", 2, 1), terminal("sip:2@x.example", 1, 2),
          terminal("sip:1@x.example", 1, 1)),
         "sip:1@x.example sip:2@x.example", "enum-order-not-considered"),
    Case('§5.2: alike in both: "in the sequence in which they appear in the DNS response"',
         (terminal("sip:z@x.example"), terminal("sip:a@x.example"), terminal("sip:m@x.example")),
         "sip:z@x.example sip:a@x.example sip:m@x.example"),
    Case('§5.2: a worse ORDER is considered "unless a record has been accepted"',
         (terminal("sip:b@x.example", 20), terminal("mailto:b@x.example", 10)),
         "sip:b@x.example", "enum-uri-scheme"),
    Case("several orders without use before one that has",
         ('@ NAPTR 1 1 "u" "E2U+h323" "!^.*$!h323:a@x.example!" .',
          '@ NAPTR 2 1 "s" "E2U+sip" "" x.example', '@ NAPTR 3 1 "u" "E2U+sip" "!(!!" .',
          terminal("sip:a@x.example", 4), terminal("sip:b@x.example", 5)),
         "sip:a@x.example",
         "enum-service-not-wanted enum-flag enum-regexp enum-order-not-considered"),
    Case('relaxed: "it MAY present all NAPTRs"',
         (terminal("sip:c@x.example", 30), terminal("sip:b@x.example", 20),
          terminal("sip:a@x.example", 10)),
         "sip:a@x.example sip:b@x.example sip:c@x.example", policy={"naptr_order": "relaxed"}),
    # Services
    Case("§3.4.3.2: a compound record is one for each service, from left to right",
         ('@ NAPTR 10 10 "u" "E2U+pstn:sip+sip" "!^.*$!sip:a@x.example!" .',
          terminal("sip:b@x.example", 10, 20)),
         "sip:a@x.example sip:a@x.example sip:b@x.example"),
    Case("a URI comes once for a service",
         (terminal("sip:a@x.example", 10, 1), terminal("sip:a@x.example", 10, 2),
          terminal("sip:a@x.example", 10, 3, "E2U+pstn:sip"),
          terminal("sip:b@x.example", 10, 4)),
         "sip:a@x.example sip:a@x.example sip:b@x.example", "enum-named-before"),
    Case("§5.2: a number takes the record whose pattern it matches",
         (r'@ NAPTR 10 10 "u" "E2U+sip" "!^\+1(.*)$!sip:\1@us.example!" .',
          r'@ NAPTR 10 20 "u" "E2U+sip" "!^\+44(.*)$!sip:\1@uk.example!" .'),
         "sip:2079460123@uk.example", "enum-no-match"),
    Case('§5.2: "clients SHOULD also support" the syntax of RFC 2916',
         (terminal("sip:a@x.example", service="sip+E2U"),), "sip:a@x.example"),
    Case("services of private networks, where they are asked for",
         (terminal("sip:a@x.example", 10, 1, "E2U+P-Mine"),
          terminal("sip:b@x.example", 10, 2, "E2U+P-Theirs")),
         "sip:a@x.example", "enum-private", {"enum_services": ("P-mine",)}),
    Case("a record of another application beside those of ENUM",
         ('@ NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp.x.example', terminal("sip:a@x.example")),
         "sip:a@x.example", "enum-other-application"),
    # Non-terminal records
    Case("§5.2.1: the Replacement is where to go on; the regexp there is applied to the number",
         (leads("a.example"),
          r'a.example NAPTR 10 10 "u" "E2U+sip" "!^\+44(.*)$!sip:\1@x.example!" .'),
         "sip:2079460123@x.example"),
    Case("§5.2: ORDER counts within one RRset alone",
         (leads("a.example", 10, 1), terminal("sip:b@x.example", 10, 2),
          terminal("sip:a@x.example", 500, owner="a.example")),
         "sip:a@x.example sip:b@x.example"),
    Case("a non-terminal record that led to a URI is accepted as any other",
         (leads("a.example", 10), terminal("sip:b@x.example", 20),
          terminal("sip:a@x.example", owner="a.example")),
         "sip:a@x.example", "enum-order-not-considered"),
    Case("and so is one that leads to what was named before",
         (terminal("sip:a@x.example", 10, 1), leads("a.example", 10, 2),
          terminal("sip:a@x.example", 1, owner="a.example"),
          terminal("sip:b@x.example", 2, owner="a.example")),
         "sip:a@x.example", "enum-named-before enum-order-not-considered"),
    Case("§5.2.1: all discarded there: on \"with the next NAPTR in the 'referring' RRSet\"",
         (leads("a.example", 10), terminal("sip:b@x.example", 20),
          terminal("mailto:a@x.example", owner="a.example")),
         "sip:b@x.example", "enum-uri-scheme enum-leads-nowhere"),
    Case("a domain that is not there", (leads("a.example"), terminal("sip:b@x.example", 20)),
         "sip:b@x.example", "enum-leads-nowhere"),
    Case("a name that the DNS cannot hold", (leads("a" * 64), terminal("sip:b@x.example", 20)),
         "sip:b@x.example", "enum-leads-nowhere"),
    Case("a domain that fails",
         (leads("a.example"), "a.example NAPTR servfail", terminal("sip:b@x.example", 20)),
         "sip:b@x.example", "enum-domain-failed"),
    Case("a domain that is forged, behind a URI",
         (terminal("sip:b@x.example"), leads("a.example", 10, 20), "a.example NAPTR bogus"),
         "sip:b@x.example", "enum-domain-failed"),
    Case("several non-terminals, one after the other",
         (leads("a.example", 10, 1), leads("b.example", 10, 2), leads("c.example", 10, 3),
          terminal("sip:a@x.example", owner="a.example"),
          terminal("sip:c@x.example", owner="c.example")),
         "sip:a@x.example sip:c@x.example", "enum-leads-nowhere"),
    Case("one into another, and back behind it",
         (leads("a.example", 10, 1), terminal("sip:4@x.example", 10, 2),
          terminal("sip:1@x.example", 10, 1, owner="a.example"),
          leads("b.example", 10, 2, "a.example"),
          terminal("sip:3@x.example", 10, 3, owner="a.example"),
          terminal("sip:2@x.example", owner="b.example")),
         "sip:1@x.example sip:2@x.example sip:3@x.example sip:4@x.example"),
    Case("two ways to one domain, which is gone through once",
         (leads("a.example", 10, 1), leads("b.example", 10, 2),
          leads("c.example", owner="a.example"), leads("c.example", owner="b.example"),
          terminal("sip:c@x.example", owner="c.example")),
         "sip:c@x.example", "enum-seen"),
    Case("what was accepted is so on another way (RFC 3403 §4.1)",
         (leads("c.example", 10, 1), leads("b.example", 10, 2),
          leads("c.example", 10, owner="b.example"),
          terminal("sip:z@x.example", 20, owner="b.example"),
          terminal("sip:c@x.example", owner="c.example")),
         "sip:c@x.example", "enum-seen enum-order-not-considered"),
    Case("and what was not is not",
         (leads("c.example", 10, 1), leads("b.example", 10, 2),
          leads("c.example", 10, owner="b.example"),
          terminal("sip:z@x.example", 20, owner="b.example"),
          terminal("not a URI", owner="c.example")),
         "sip:z@x.example", "enum-uri enum-leads-nowhere enum-seen"),
    # Loops: §5.2.1: "able to detect and recover from such a loop, without failure"
    Case("a record that leads to itself, beside one of use",
         (leads(DOMAIN, 10, 1), terminal("sip:a@x.example", 10, 2)),
         "sip:a@x.example", "enum-loop"),
    Case("a loop behind one of use",
         (terminal("sip:a@x.example", 10, 1), leads("a.example", 10, 2),
          leads(DOMAIN, owner="a.example")),
         "sip:a@x.example", "enum-loop enum-leads-nowhere"),
    Case("a loop with a way out",
         (leads("a.example"), leads(DOMAIN, 10, 1, "a.example"),
          terminal("sip:a@x.example", 10, 2, owner="a.example")),
         "sip:a@x.example", "enum-loop"),
    # Numbers that are not in use
    Case("what says so behind a URI does not count",
         (terminal("sip:a@x.example", 10, 1), UNUSED), "sip:a@x.example", "enum-after-another"),
    Case("nor in a domain behind it",
         (terminal("sip:a@x.example", 10, 1), leads("a.example", 10, 2),
          'a.example NAPTR 1 1 "u" "E2U+void" "!^.*$!data:,x!" .'),
         "sip:a@x.example", "enum-after-another enum-leads-nowhere"),
    Case("nor of a higher order",
         (terminal("sip:a@x.example", 9), UNUSED), "sip:a@x.example", "enum-order-not-considered"),
    Case("nor where its pattern does not match the number",
         ('@ NAPTR 10 5 "u" "E2U+unused:data" "!^.1!data:,free!" .', terminal("sip:a@x.example")),
         "sip:a@x.example", "enum-no-match"),
    # Roots
    Case("the first root that has a usable record wins",
         (terminal("sip:a@x.example", 99), terminal("sip:b@x.example", 1, owner=SECOND)),
         "sip:a@x.example", "", ROOTS),
    Case("one that has none is passed by",
         (terminal("mailto:a@x.example"), terminal("sip:b@x.example", owner=SECOND)),
         "sip:b@x.example", "enum-uri-scheme", ROOTS),
    Case("one where the number is not", (terminal("sip:b@x.example", owner=SECOND),),
         "sip:b@x.example", "", ROOTS),
    Case("one that fails", ("@ NAPTR servfail", terminal("sip:b@x.example", owner=SECOND)),
         "sip:b@x.example", "enum-root-failed", ROOTS),
    Case("one that leads in a circle",
         (leads(DOMAIN), terminal("sip:b@x.example", owner=SECOND)),
         "sip:b@x.example", "enum-loop", ROOTS),
    Case("one that leads to the number below another root",
         (leads(SECOND), terminal("sip:b@x.example", owner=SECOND)),
         "sip:b@x.example", "", ROOTS),
    Case("infrastructure before public ENUM (RFC 5067)",
         (terminal("sip:b@x.example"),
          terminal("sip:a@x.example", owner=DOMAIN.replace("e164", "ie164"))),
         "sip:a@x.example", "", {"enum_roots": ("ie164.arpa", "e164.arpa")}),
]  # fmt: skip


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case.why)
@pytest.mark.parametrize("speculation", [True, False], ids=["speculating", "frugal"])
def test_what_is_found(case: Case, *, speculation: bool) -> None:
    resolution = simulation(*case.records, **{**case.policy, "speculation": speculation}).enum(
        NUMBER
    )
    assert mapped(resolution) == case.uris
    assert codes(resolution) == case.notes.split()
    assert resolution.targets == ()


def test_what_a_uri_carries() -> None:
    records = (
        leads("a.example", owner=SECOND),
        'a.example NAPTR 100 7 "U" "E2U+voice:tel+SIP" "!^(.*)$!sip:\\1@x.example!i" .',
    )
    resolution = simulation(*records, **ROOTS).enum("tel:+44-20-7946-0123;ext=5")
    [found] = resolution.uris
    assert isinstance(found, MappedUri)
    assert (found.uri, found.service) == (f"sip:{NUMBER}@x.example", "sip")
    assert (found.root, found.domain) == ("second.example", "a.example")
    assert (found.order, found.preference) == (100, 7)
    assert (found.naptr.flags, found.naptr.service) == ("U", "E2U+voice:tel+SIP")
    assert str(found.parsed) == found.uri
    assert resolution.subject == TelUri.parse("tel:+442079460123;ext=5")


def test_the_domain_of_a_record_is_the_one_that_was_asked_for() -> None:
    """What a CNAME or DNAME leads to is another name of the same."""
    found = answer(
        str(ROOT), '10 10 "u" "E2U+sip" "!^.*$!sip:a@x.example!" .', aliases=("n.carrier.example",)
    )
    [uri] = of(found).enum(NUMBER).uris
    assert (uri.domain, uri.root) == (DOMAIN, "e164.arpa")


@pytest.mark.parametrize(
    ("ttls", "expected", "expires"),
    [((300, 60), 60, 60), ((60, 300), 60, 60), ((None, 60), 60, 60), ((None, None), None, None)],
)
def test_a_uri_holds_as_long_as_all_that_leads_to_it(
    ttls: tuple[int | None, ...], expected: int | None, expires: int | None
) -> None:
    first = answer(str(ROOT), '10 10 "" "" "" a.example', ttl=ttls[0])
    second = answer(str(A), '10 10 "u" "E2U+sip" "!^.*$!sip:a@x.example!" .', ttl=ttls[1])
    resolution = of(first, second).enum(NUMBER)
    assert (resolution.uris[0].ttl, resolution.expires_in) == (expected, expires)


def test_what_another_way_says_is_no_part_of_it() -> None:
    """A domain that led nowhere has its share in the whole, and none in a URI."""
    first = answer(str(ROOT), '10 1 "" "" "" a.example',
                   '10 2 "u" "E2U+sip" "!^.*$!sip:a@x.example!" .', ttl=300,
                   security=Security.SECURE)  # fmt: skip
    nothing = answer(str(A), Status.NXDOMAIN, ttl=30, security=Security.INSECURE)
    resolution = of(first, nothing).enum(NUMBER)
    assert (resolution.uris[0].ttl, resolution.uris[0].security) == (300, Security.SECURE)
    assert (resolution.expires_in, resolution.security) == (30, Security.INSECURE)


def test_a_uri_says_why_it_is_no_more_secure() -> None:
    """The weakest of the answers that led to it; and the error, where proof is required."""
    first = answer(str(ROOT), '10 1 "" "" "" a.example', security=Security.SECURE)
    why = Reason("not-signed", "why")
    second = answer(str(A), '10 10 "u" "E2U+sip" "!^.*$!sip:a@x.example!" .',
                    security=Security.INSECURE, reason=why)  # fmt: skip
    [mapped] = of(first, second).enum(NUMBER).uris
    assert (mapped.security, mapped.reason) == (Security.INSECURE, why)
    with pytest.raises(NotSecure, match=r"a\.example NAPTR: why$"):
        of(first, second, require_secure=True).enum(NUMBER)


def test_a_thousand_records_take_no_more_than_their_number() -> None:
    """What was named before is found in no time, however much was named."""
    lines = [terminal(f"sip:{n}@x.example", 10, n) for n in range(1000)]
    resolution = evolve(simulation(*lines, *lines), policy=Policy(records=2000)).enum(NUMBER)
    assert len(resolution.uris) == 1000
    assert set(codes(resolution)) == {"enum-named-before"}


# --- Where nothing is found


@frozen
class Failure:
    """Some records of a number that give nothing, and why."""

    why: str
    records: tuple[str, ...]
    error: type[SipResolveError]
    notes: str = ""
    policy: Mapping[str, Any] = field(factory=dict)


FAILURES = [
    Failure("NXDOMAIN: the number has no entry", (), NoSuchNumber),
    Failure("nor has it with no such record", ("@ A 192.0.2.1",), NoSuchNumber),
    Failure("NODATA", ("@ NAPTR nodata",), NoSuchNumber),
    Failure("none that can be used", ('@ NAPTR 1 1 "u" "E2U+sip" "!(!!" .',), NoSuchNumber,
            "enum-regexp"),
    Failure("none that is wanted", (terminal("tel:+44", service="E2U+voice:tel"),), NoSuchNumber,
            "enum-service-not-wanted"),
    Failure("what leads nowhere", (leads("a.example"),), NoSuchNumber, "enum-leads-nowhere"),
    Failure("in no root", (), NoSuchNumber, "", ROOTS),
    # Failure is not absence
    *(
        Failure(f"{status} is not absence", (f"@ NAPTR {status}",), error, "enum-root-failed")
        for status, error in (("servfail", DnsFailure), ("refused", DnsFailure),
                              ("formerr", DnsFailure), ("notimp", DnsFailure),
                              ("timeout", DnsTimeout))
    ),
    Failure("the first root fails, and the second has nothing",
            ("@ NAPTR servfail",), DnsFailure, "enum-root-failed", ROOTS),
    Failure("the second fails", (f"{SECOND} NAPTR timeout",), DnsTimeout, "enum-root-failed",
            ROOTS),
    Failure("one fails and one is silent: what the DNS said outranks what it did not",
            ("@ NAPTR timeout", f"{SECOND} NAPTR refused"), DnsFailure,
            "enum-root-failed enum-root-failed", ROOTS),
    Failure("behind a non-terminal",
            (leads("a.example"), "a.example NAPTR servfail"), DnsFailure, "enum-domain-failed"),
    Failure("behind a non-terminal, silent",
            (leads("a.example"), "a.example NAPTR timeout"), DnsTimeout, "enum-domain-failed"),
    Failure("a failure outranks a circle",
            (leads(DOMAIN, 1), leads("a.example", 2), "a.example NAPTR servfail"), DnsFailure,
            "enum-loop enum-domain-failed"),
    Failure("a failure beside a record that cannot be used",
            (terminal("mailto:a@x.example", 1), leads("a.example", 2), "a.example NAPTR servfail"),
            DnsFailure, "enum-uri-scheme enum-domain-failed"),
    # Circles
    Failure("a circle of one", (leads(DOMAIN),), Loop, "enum-loop"),
    Failure("a circle of two", (leads("a.example"), leads(DOMAIN, owner="a.example")), Loop,
            "enum-loop enum-leads-nowhere"),
    Failure("a circle of three, not through the number",
            (leads("a.example"), leads("b.example", owner="a.example"),
             leads("c.example", owner="b.example"), leads("a.example", owner="c.example")),
            Loop, "enum-loop enum-leads-nowhere enum-leads-nowhere enum-leads-nowhere"),
    Failure("a circle in the first root, and nothing in the second", (leads(DOMAIN),), Loop,
            "enum-loop", ROOTS),
    # What may be forged
    Failure("a forged answer", ("@ NAPTR bogus",), Bogus, ""),
    Failure("a forged answer is no reason to ask elsewhere",
            ("@ NAPTR bogus", terminal("sip:b@x.example", owner=SECOND)), Bogus, "", ROOTS),
    Failure("nor is one behind a non-terminal",
            (leads("a.example"), "a.example NAPTR bogus",
             terminal("sip:b@x.example", owner=SECOND)), Bogus, "", ROOTS),
    Failure("nor is one behind another record",
            (leads("a.example"), "a.example NAPTR bogus", terminal("sip:b@x.example", 20)), Bogus),
    Failure("a forged answer outranks a failure",
            ("@ NAPTR servfail", f"{SECOND} NAPTR bogus"), Bogus, "enum-root-failed", ROOTS),
    # Numbers that are not in use
    Failure("unused", (UNUSED,), NumberUnused),
    Failure("void", ('@ NAPTR 1 1 "u" "E2U+void:mailto" "!^.*$!mailto:a@x.example!" .',),
            NumberUnused),
    Failure("unused before a URI", (UNUSED, terminal("sip:a@x.example")), NumberUnused),
    Failure("unused of a lower order than a URI", (UNUSED, terminal("sip:a@x.example", 20)),
            NumberUnused),
    Failure("unused behind what cannot be used", (terminal("mailto:x", 1), UNUSED), NumberUnused,
            "enum-uri-scheme"),
    Failure("unused where a non-terminal leads",
            (leads("a.example", 1), terminal("sip:a@x.example", 2),
             'a.example NAPTR 1 1 "u" "E2U+void" "!^.*$!data:,x!" .'), NumberUnused),
    Failure("unused in the first root, and in use in the second",
            (UNUSED, terminal("sip:b@x.example", owner=SECOND)), NumberUnused, "", ROOTS),
    Failure("unused in the second root alone", (UNUSED.replace("@", SECOND, 1),), NumberUnused,
            "", ROOTS),
    # Bounds
    Failure("a budget of two questions", (leads("a.example"), leads("b.example", owner="a.example"),
            terminal("sip:b@x.example", owner="b.example")), BudgetExceeded,
            "enum-domain-failed enum-leads-nowhere", {"budget": 2}),
    Failure("a budget for one root", (), BudgetExceeded, "enum-root-failed",
            {"budget": 1, **ROOTS}),
]  # fmt: skip


def failure(simulation: Simulation, number: str = NUMBER) -> SipResolveError:
    with pytest.raises(SipResolveError) as caught:
        simulation.enum(number)
    return caught.value


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.why)
def test_where_nothing_is_found(case: Failure) -> None:
    error = failure(simulation(*case.records, **case.policy))
    assert type(error) is case.error
    assert codes(error.resolution) == case.notes.split()
    assert not error.from_input
    assert error.answers
    assert error.resolution is not None
    assert error.resolution.uris == ()


#: What a root can say instead of records, and what comes of it where another says no more; the
#: strongest first.
STATUSES = {
    Status.BOGUS: Bogus,
    Status.SERVFAIL: DnsFailure,
    Status.REFUSED: DnsFailure,
    Status.FORMERR: DnsFailure,
    Status.NOTIMP: DnsFailure,
    Status.TIMEOUT: DnsTimeout,
    Status.NXDOMAIN: NoSuchNumber,
    Status.NODATA: NoSuchNumber,
}


@pytest.mark.parametrize("second", STATUSES)
@pytest.mark.parametrize("first", STATUSES)
def test_of_two_roots_the_stronger_word_counts(first: Status, second: Status) -> None:
    found = simulation(f"@ NAPTR {first}", f"{SECOND} NAPTR {second}", **ROOTS)
    strongest = next(error for error in STATUSES.values()
                     if error in (STATUSES[first], STATUSES[second]))  # fmt: skip
    assert type(failure(found)) is strongest
    assert len(found.asked) == (1 if first is Status.BOGUS else 2)


def test_aliases_that_never_end() -> None:
    """A CNAME or DNAME that leads back to itself is a circle as well."""
    looped = Answer(question=ROOT, status=Status.SERVFAIL, loop=True)
    assert isinstance(failure(of(looped)), Loop)
    behind = Answer(question=A, status=Status.SERVFAIL, loop=True)
    assert isinstance(failure(of(answer(str(ROOT), '1 1 "" "" "" a.example'), behind)), Loop)


@pytest.mark.parametrize(
    ("records", "policy", "message"),
    [
        ((), {}, f"{NUMBER} has no usable record for pstn:sip or sip below e164.arpa"),
        ((), {"enum_services": ("h323",), **ROOTS},
         f"{NUMBER} has no usable record for h323 below e164.arpa or second.example"),
        ((UNUSED,), {},
         f"{NUMBER} is not in use, says E2U+unused:data of {DOMAIN} (data:,free)"),
        (('@ NAPTR 1 1 "u" "E2U+void" "!^.*$!!" .',), {},
         f"{NUMBER} is not in use, says E2U+void of {DOMAIN}"),
        ((leads(DOMAIN),), {},
         f"the records of {NUMBER} lead in a circle, or too deep, at {DOMAIN}"),
        (("@ NAPTR servfail",), {}, f"the DNS did not say: {DOMAIN} NAPTR: servfail"),
    ],
)  # fmt: skip
def test_what_is_said_for_a_person(
    records: tuple[str, ...], policy: dict[str, Any], message: str
) -> None:
    assert failure(simulation(*records, **policy)).message == message


# --- What is asked


def test_the_roots_are_asked_one_after_the_other() -> None:
    """To ask is to tell them the number."""
    found = simulation(terminal("sip:b@x.example", owner=SECOND), **ROOTS)
    found.enum(NUMBER)
    assert asked(found) == [DOMAIN, SECOND]
    assert found.now == pytest.approx(0.04)
    first = simulation(terminal("sip:a@x.example"), **ROOTS)
    first.enum(NUMBER)
    assert asked(first) == [DOMAIN]


@pytest.mark.parametrize(
    ("record", "roots"),
    [(UNUSED, 1), ("@ NAPTR bogus", 1), ("@ NAPTR servfail", 2), ("@ NAPTR nxdomain", 2)],
)
def test_what_keeps_from_asking_the_next_root(record: str, roots: int) -> None:
    found = simulation(record, **ROOTS)
    failure(found)
    assert len(found.asked) == roots


def test_a_silent_root_leaves_time_for_the_next() -> None:
    """No question gets more than half of what is left."""
    found = evolve(
        simulation(terminal("sip:b@x.example", owner=SECOND), **ROOTS), delays={ROOT: NEVER}
    )
    assert mapped(found.enum(NUMBER)) == "sip:b@x.example"
    assert found.now == pytest.approx(2.52)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_a_chain_of_up_to_five_is_followed(depth: int) -> None:
    """§5.2.1: "a chain of more than 5 "non-terminal" NAPTRs" alone is a sign of a loop."""
    found = simulation(*chain(depth))
    assert mapped(found.enum(NUMBER)) == "sip:end@x.example"
    assert len(found.asked) == depth + 1
    assert found.now == pytest.approx(0.02 * (depth + 1))


def test_a_chain_of_six_is_not() -> None:
    """§5.2.1: "It SHOULD NOT make the DNS query indicated by that non-terminal NAPTR"."""
    found = simulation(*chain(6))
    error = failure(found)
    assert isinstance(error, Loop)
    assert error.message.endswith("at n6.example")
    assert codes(error.resolution) == ["enum-too-deep", *["enum-leads-nowhere"] * 5]
    assert asked(found) == [DOMAIN, *(f"n{place}.example" for place in range(1, 6))]


def test_a_chain_of_six_beside_a_record_of_use() -> None:
    found = simulation(*chain(6), terminal("sip:a@x.example", 20))
    resolution = found.enum(NUMBER)
    assert mapped(resolution) == "sip:a@x.example"
    assert "enum-too-deep" in warned(resolution)


def chain(depth: int) -> list[str]:
    """So many non-terminal records in a row, and a URI at the end."""
    names = ["@", *(f"n{place}.example" for place in range(1, depth + 1))]
    links = [leads(to, owner=owner) for owner, to in pairwise(names)]
    return [*links, terminal("sip:end@x.example", owner=names[-1])]


@pytest.mark.parametrize(("length", "questions"), [(1, 1), (2, 2), (3, 3), (5, 5)])
def test_a_circle_costs_one_question_for_each_domain_in_it(length: int, questions: int) -> None:
    names = ["@", *(f"n{place}.example" for place in range(1, length)), DOMAIN]
    lines = [leads(to, owner=owner) for owner, to in pairwise(names)]
    found = simulation(*lines)
    assert isinstance(failure(found), Loop)
    assert len(found.asked) == questions


def test_a_circle_behind_an_alias_ends() -> None:
    """The alias has records of its own, which lead back to it by its other name."""
    aliased = answer(str(ROOT), '1 1 "" "" "" a.example', aliases=("a.example",))
    error = failure(of(aliased, answer(str(A), '1 1 "" "" "" a.example')))
    assert isinstance(error, Loop)


def test_the_domains_of_the_next_non_terminals_are_looked_up_together() -> None:
    """Those of one set: four ahead of the one that is waited for."""
    lines = [leads(f"n{place}.example", 10, place) for place in range(7)]
    ends = [terminal(f"sip:{n}@x.example", owner=f"n{n}.example") for n in range(7)]
    found = simulation(*lines, *ends)
    assert len(found.enum(NUMBER).uris) == 7
    assert found.now == pytest.approx(0.06), "the number; n0 to n4; and then n5 and n6"


def test_without_speculation_they_are_looked_up_one_by_one() -> None:
    lines = [leads(f"n{place}.example", 10, place) for place in range(3)]
    found = simulation(*lines, terminal("sip:0@x.example", owner="n0.example"), speculation=False)
    found.enum(NUMBER)
    assert found.now == pytest.approx(0.08)


def test_hints_stop_at_the_budget() -> None:
    lines = [leads(f"n{place}.example", 10, place) for place in range(9)]
    found = simulation(*lines, terminal("sip:1@x.example", owner="n1.example"), budget=3)
    resolution = found.enum(NUMBER)
    assert mapped(resolution) == "sip:1@x.example"
    assert asked(found) == [DOMAIN, "n0.example", "n1.example"]
    assert warned(resolution) == ["enum-leads-nowhere", *["enum-domain-failed"] * 7]


@pytest.mark.parametrize(("budget", "uris"), [(1, ""), (2, "sip:a@x.example"),
                                              (3, "sip:a@x.example sip:b@x.example")])  # fmt: skip
def test_what_a_budget_allows(budget: int, uris: str) -> None:
    found = simulation(
        leads("a.example", 10, 1),
        leads("b.example", 10, 2),
        terminal("sip:a@x.example", owner="a.example"),
        terminal("sip:b@x.example", owner="b.example"),
        budget=budget,
    )
    if not uris:
        assert isinstance(failure(found), BudgetExceeded)
    else:
        assert mapped(found.enum(NUMBER)) == uris
    assert len(found.asked) == budget


# --- What is late


@pytest.mark.parametrize(
    ("delay", "uris", "at"),
    [
        (0.4, "sip:a@x.example sip:b@x.example sip:c@x.example", 0.42),
        (0.6, "sip:a@x.example sip:c@x.example", 0.02 + LATE_PATIENCE),
        (NEVER, "sip:a@x.example sip:c@x.example", 0.02 + LATE_PATIENCE),
    ],
)
def test_where_there_is_a_uri_a_domain_is_waited_for_half_a_second(
    delay: float, uris: str, at: float
) -> None:
    records = (
        terminal("sip:a@x.example", 10, 1),
        leads("b.example", 10, 2),
        terminal("sip:c@x.example", 10, 3),
        terminal("sip:b@x.example", owner="b.example"),
    )
    found = evolve(simulation(*records), delays={B: delay})
    resolution = found.enum(NUMBER)
    assert mapped(resolution) == uris
    assert found.now == pytest.approx(at)
    late = "sip:b@x.example" not in uris
    assert warned(resolution) == ["enum-domain-failed"] * late
    assert found.kept == ((B,) if late else ()), "its answer is for the cache"


def test_what_is_late_is_told() -> None:
    found = evolve(simulation(terminal("sip:a@x.example", 10, 1), leads("b.example", 10, 2)),
                   delays={B: 9.0})  # fmt: skip
    [warning] = found.enum(NUMBER).warnings
    assert warning.message.endswith(
        'NAPTR 10 2 "" "" "" b.example: skipped, the replacement leads to a domain that was not'
        " answered for: no answer in time"
    )


def test_where_there_is_no_uri_yet_a_domain_is_waited_for() -> None:
    records = (leads("a.example"), terminal("sip:a@x.example", owner="a.example"))
    found = evolve(simulation(*records), delays={A: 2.0})
    assert mapped(found.enum(NUMBER)) == "sip:a@x.example"
    assert found.now == pytest.approx(2.02)


def test_a_silent_domain_leaves_time_for_the_next() -> None:
    records = (leads("a.example", 10, 1), leads("b.example", 10, 2),
               terminal("sip:b@x.example", owner="b.example"))  # fmt: skip
    found = evolve(simulation(*records), delays={A: NEVER})
    resolution = found.enum(NUMBER)
    assert mapped(resolution) == "sip:b@x.example"
    assert warned(resolution) == ["enum-domain-failed"]
    assert found.now == pytest.approx(0.02 + (5 - 0.02) / 2), "half of what was left"


def test_a_stateless_proxy_waits_for_all() -> None:
    """RFC 3263 §4.4: the order must not depend on what came first."""
    records = (terminal("sip:a@x.example", 10, 1), leads("b.example", 10, 2),
               terminal("sip:b@x.example", owner="b.example"))  # fmt: skip
    found = evolve(simulation(*records, selection="stateless"), delays={B: 2.0})
    assert mapped(found.enum(NUMBER)) == "sip:a@x.example sip:b@x.example"
    assert found.now == pytest.approx(2.02)


# --- What DNSSEC says


def graded(state: str, text: str, *data: str | Status) -> Answer:
    return answer(text, *data, security=Security(state))


URI = '10 10 "u" "E2U+sip" "!^.*$!sip:a@x.example!" .'
NOT_IN_USE = '10 5 "u" "E2U+unused:data" "!^.*$!data:,free!" .'
LEADS = '10 10 "" "" "" a.example'


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("secure", "secure", "secure"),
        ("secure", "insecure", "insecure"),
        ("insecure", "secure", "insecure"),
        ("indeterminate", "insecure", "indeterminate"),
    ],
)
def test_a_uri_is_as_safe_as_the_weakest_on_its_way(first: str, second: str, expected: str) -> None:
    found = of(graded(first, str(ROOT), LEADS), graded(second, str(A), URI))
    resolution = found.enum(NUMBER)
    assert resolution.uris[0].security == resolution.security == Security(expected)


@pytest.mark.parametrize("state", ["secure", "insecure", "indeterminate"])
def test_the_roots_that_had_nothing_are_on_the_way(state: str) -> None:
    """Whoever can forge that could send the caller to the next root."""
    found = of(
        graded(state, str(ROOT), Status.NXDOMAIN),
        graded("secure", f"{SECOND} NAPTR", URI),
        **ROOTS,
    )
    resolution = found.enum(NUMBER)
    assert resolution.uris[0].security == resolution.security == Security(state)


REQUIRED: Mapping[str, Any] = {"require_secure": True, **ROOTS}
PROOF = [
    ("what is proven", [graded("secure", str(ROOT), URI)], "sip:a@x.example", []),
    ("what is not", [graded("insecure", str(ROOT), URI)], NotSecure, ["enum-not-secure"]),
    ("a way that is proven in part",
     [graded("insecure", str(ROOT), LEADS), graded("secure", str(A), URI)], NotSecure,
     ["enum-not-secure", "enum-leads-nowhere"]),
    ("the next root, where it is proven that the first has nothing",
     [graded("secure", str(ROOT), Status.NXDOMAIN), graded("secure", f"{SECOND} NAPTR", URI)],
     "sip:a@x.example", []),
    ("and where it is not",
     [graded("insecure", str(ROOT), Status.NXDOMAIN), graded("secure", f"{SECOND} NAPTR", URI)],
     NotSecure, ["enum-not-secure"]),
    ("and where the first has what is not proven",
     [graded("insecure", str(ROOT), URI), graded("secure", f"{SECOND} NAPTR", URI)],
     NotSecure, ["enum-not-secure", "enum-not-secure"]),
    ("and where the first fails",
     [answer(str(ROOT), Status.SERVFAIL), graded("secure", f"{SECOND} NAPTR", URI)],
     NotSecure, ["enum-root-failed", "enum-not-secure"]),
    ("a non-terminal leads to what is not, beside what is",
     [graded("secure", str(ROOT), LEADS, URI.replace("a@", "b@")), graded("insecure", str(A), URI)],
     "sip:b@x.example", ["enum-not-secure", "enum-leads-nowhere"]),
    ("that a number is not in use has to be proven as well",
     [graded("insecure", str(ROOT), NOT_IN_USE), graded("secure", f"{SECOND} NAPTR", URI)],
     NotSecure, ["enum-not-secure", "enum-not-secure"]),
    ("and where it is, it counts", [graded("secure", str(ROOT), NOT_IN_USE)], NumberUnused, []),
    ("where it is not, nothing is known", [graded("insecure", str(ROOT), NOT_IN_USE)], NotSecure,
     ["enum-not-secure"]),
    ("absence that is proven", [graded("secure", str(ROOT), Status.NXDOMAIN),
                                graded("secure", f"{SECOND} NAPTR", Status.NODATA)],
     NoSuchNumber, []),
    ("absence that may be forged", [graded("secure", str(ROOT), Status.NXDOMAIN),
                                    graded("insecure", f"{SECOND} NAPTR", Status.NXDOMAIN)],
     NotSecure, []),
    ("what is withheld outranks a failure", [graded("insecure", str(ROOT), URI),
                                             answer(f"{SECOND} NAPTR", Status.SERVFAIL)],
     NotSecure, ["enum-not-secure", "enum-root-failed"]),
    ("a failure outranks absence", [answer(str(ROOT), Status.SERVFAIL),
                                    graded("insecure", f"{SECOND} NAPTR", Status.NXDOMAIN)],
     DnsFailure, ["enum-root-failed"]),
    ("a forgery outranks what is withheld", [graded("insecure", str(ROOT), URI),
                                             answer(f"{SECOND} NAPTR", Status.BOGUS)],
     Bogus, ["enum-not-secure"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "answers", "expected", "notes"), PROOF, ids=[case[0] for case in PROOF]
)
def test_where_proof_is_required(
    why: str, answers: list[Answer], expected: str | type[SipResolveError], notes: list[str]
) -> None:
    found = of(*answers, **REQUIRED)
    if isinstance(expected, str):
        resolution: Resolution | None = found.enum(NUMBER)
        assert mapped(found.enum(NUMBER)) == expected, why
    else:
        error = failure(found)
        assert type(error) is expected, why
        resolution = error.resolution
    assert codes(resolution) == notes


# --- Portability (RFC 4694 §5.1)

PORTED = '@ NAPTR 10 1 "u" "E2U+pstn:tel" "!^(.*)$!tel:\\1;npdi;rn=+44161!" .'
BOTH = {"enum_services": ("pstn:tel", "pstn:sip", "sip")}


def test_what_a_database_knows_comes_back_in_its_parts() -> None:
    resolution = simulation(PORTED, terminal("sip:a@x.example", 10, 2), **BOTH).enum(NUMBER)
    ported, _ = resolution.uris
    assert ported.uri == f"tel:{NUMBER};npdi;rn=+44161"
    assert ported.number is not None
    assert (ported.number.is_dipped, ported.number.routing_number) == (True, "+44161")


@pytest.mark.parametrize("said", ["npdi", "npdi;rn=+44161", "cic=+1-6789", "rn=+44161;npdi"])
def test_of_a_number_that_was_looked_up_portability_is_not_asked_for(said: str) -> None:
    """ "The network node MUST NOT retrieve the NP-related information"."""
    found = simulation(PORTED, terminal("sip:p@x.example", 10, 2, "E2U+pstn:sip"),
                       terminal("sip:a@x.example", 10, 3), **BOTH)  # fmt: skip
    resolution = found.enum(f"tel:{NUMBER};{said}")
    assert mapped(resolution) == "sip:a@x.example"
    assert codes(resolution) == ["enum-service-not-wanted"] * 2


@pytest.mark.parametrize(
    ("said", "reason"),
    [("npdi", ";npdi (RFC 4694 §5.1) says"), ("cic=+1-6789", ";cic (RFC 4694 §5.1) says")],
)
def test_where_nothing_else_is_asked_for_nobody_is_asked(said: str, reason: str) -> None:
    found = simulation(PORTED, enum_services=("pstn:tel", "pstn:sip"))
    error = failure(found, f"tel:{NUMBER};{said}")
    assert isinstance(error, NoSuchNumber)
    assert found.asked == []
    assert error.message == f"{NUMBER} has been looked up before, as {reason}"


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        (("e164.arpa",), []),
        (("e164.arpa", "second.example"), [SECOND]),
        (("second.example", "E164.ARPA."), [SECOND]),
        (("ie164.arpa",), [DOMAIN.replace("e164", "ie164")]),
    ],
)
def test_with_enumdi_the_public_enum_has_been_asked(
    roots: tuple[str, ...], expected: list[str]
) -> None:
    """RFC 4759: who has asked it for a number says so in the tel URI."""
    found = simulation(terminal("sip:a@x.example"), enum_roots=roots)
    assert isinstance(failure(found, f"tel:{NUMBER};enumdi"), NoSuchNumber)
    assert asked(found) == expected


@pytest.mark.parametrize("said", ["rn=+44161", "ext=5", "isub=5", "x=npdi", "rn-x=5"])
def test_other_parameters_keep_from_nothing(said: str) -> None:
    """A routing number says where the number is; the number is what is mapped all the same."""
    found = simulation(PORTED, **BOTH)
    assert mapped(found.enum(f"tel:{NUMBER};{said}")) == f"tel:{NUMBER};npdi;rn=+44161"
    assert asked(found) == [DOMAIN]


def test_only_the_type_pstn_is_about_portability() -> None:
    lookup = Lookup(
        number=TelUri.parse(f"tel:{NUMBER};npdi"),
        policy=Policy(enum_services=("pstn", "pstn:x:y", "pstndata:cnam", "x-pstn", "sip:pstn")),
    )
    assert lookup.services == {"pstndata:cnam", "x-pstn", "sip:pstn"}


# --- What is mapped


@pytest.mark.parametrize(
    ("text", "local_numbers", "expected"),
    [
        ("tel:+442079460123", False, "+442079460123"),
        ("tel:+442079460123", True, "+442079460123"),
        # RFC 3966 §5.1.5
        ("tel:7042;phone-context=+1914555", True, "+19145557042"),
        ("tel:863-1234;phone-context=+1-914-555", True, "+19145558631234"),
    ],
)
def test_the_number_that_is_mapped(text: str, *, local_numbers: bool, expected: str) -> None:
    policy = Policy(enum_local_numbers=local_numbers)
    assert mappable(TelUri.parse(text), policy).number == expected


@pytest.mark.parametrize(
    ("text", "local_numbers", "said"),
    [
        # §3.7: "MUST only pass numbers to the ENUM client query process that it believes are E.164
        # numbers"
        ("tel:7042;phone-context=+1914555", False, "ENUM takes global ones (RFC 6116 §3.7)"),
        ("tel:7042;phone-context=example.com", False, "is a local number"),
        ("tel:7042;phone-context=example.com", True, ""),
        ("tel:*21;phone-context=+1914555", True, ""),
        ("tel:1234567890;phone-context=+123456", True, ""),
    ],
)
def test_numbers_that_are_not_mapped(text: str, said: str, *, local_numbers: bool) -> None:
    with pytest.raises(InvalidNumber) as caught:
        mappable(TelUri.parse(text), Policy(enum_local_numbers=local_numbers))
    assert said in caught.value.message
    assert caught.value.text == text
    assert 0 <= caught.value.position <= len(text)


@pytest.mark.parametrize("number", ["+é1", "+abc", "+", "+1234567890123456", "+44-20"])
def test_what_the_constructor_lets_through_is_not_mapped(number: str) -> None:
    with pytest.raises(InvalidNumber, match=r"has no number of E\.164"):
        mappable(TelUri(number=number), Policy())


# --- The procedure by itself


def test_it_is_a_generator_of_what_it_finds() -> None:
    lookup = Lookup(number=TelUri.parse(f"tel:{NUMBER}"), policy=Policy())
    records = numbers(terminal("sip:a@x.example", 1), terminal("mailto:b", 2), leads("a.example"))
    yielded, _ = walk(enum(lookup), records)
    assert [type(each) for each in yielded] == [MappedUri, Note, Note]
    assert yielded[0] is lookup.found[0]
    assert [used.question for used in lookup.used] == [ROOT]


def test_it_may_be_left_at_any_time() -> None:
    lookup = Lookup(number=TelUri.parse(f"tel:{NUMBER}"), policy=Policy())
    steps = enum(lookup)
    next(steps)
    steps.close()
    assert lookup.found == []
    assert lookup.used == []


# --- The order of a response


def outcome(network: Network, policy: Policy) -> Resolution | SipResolveError:
    try:
        return Simulation(network.answers, policy=policy).enum(NUMBER)
    except SipResolveError as error:
        return error


@given(data=st.data(), policy=policies_for_numbers())
def test_the_order_of_a_response_decides_between_equals_alone(
    data: st.DataObject, policy: Policy
) -> None:
    """§5.2: "There is no benefit in further randomizing"."""
    network = data.draw(networks_of_a_number(late=False).map(without_equals))
    other = data.draw(shuffled(network))
    policy = evolve(policy, budget=10_000)
    one, another = outcome(network, policy), outcome(other, policy)
    assert getattr(one, "uris", ()) == getattr(another, "uris", ())
    assert getattr(one, "code", None) == getattr(another, "code", None)


def without_equals(network: Network) -> Network:
    """With one record alone of each order and preference."""
    answers = {
        asked: evolve(each, records=(*{(n.order, n.preference): n for n in each.naptrs}.values(),))
        for asked, each in network.answers.items()
    }
    return evolve(network, answers=answers)
