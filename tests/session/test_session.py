"""What the calls of one resolver share, and what they do not."""

from __future__ import annotations

from random import Random
from typing import Any

from attrs import evolve
from simulation import answer, question
from telephony import DOMAIN, NUMBER

from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.session.session import Session
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Security, Source, Status
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.uri import SipUri
from sipresolve.vocabulary.via import Via

URI = SipUri.parse("sip:example.com:5060")
ADDRESS = answer("example.com A", "192.0.2.1")
NO_ADDRESS6 = answer("example.com AAAA", Status.NODATA)


def locate(session: Session, uri: SipUri = URI) -> Run:
    return session.locate(uri, session.policy, rng=Random(1), sources=NO_SOURCES, now=0.0)


def locate_lazily(session: Session, uri: SipUri = URI) -> Run:
    return session.locate(
        uri, session.policy, rng=Random(1), sources=NO_SOURCES, now=0.0, lazy=True
    )


def finish(session: Session, run: Run, now: float) -> list[Target]:
    targets = []
    while not isinstance(step := session.advance(run, now), Ended):
        assert isinstance(step, Target)
        targets.append(step)
    return targets


def test_a_question_in_flight_is_joined() -> None:
    session = Session(Policy())
    first, second = locate(session), locate(session)
    step = session.advance(first, 0.0)
    assert isinstance(step, Waiting)
    assert len(step.start) == 2
    step = session.advance(second, 0.1)
    assert isinstance(step, Waiting)
    assert step.start == ()
    assert session.deliver([ADDRESS, NO_ADDRESS6], 0.2) == {first, second}
    assert finish(session, first, 0.2) == finish(session, second, 0.2) != []


def test_who_leaves_harms_none() -> None:
    session = Session(Policy())
    first, second = locate(session), locate(session)
    session.advance(first, 0.0)
    session.advance(second, 0.0)
    assert session.leave(first) == ()
    assert session.deliver([ADDRESS, NO_ADDRESS6], 0.2) == {second}
    assert len(finish(session, second, 0.2)) == 1


def test_what_nobody_waits_for_any_more() -> None:
    session = Session(Policy())
    run = locate(session)
    session.advance(run, 0.0)
    orphans = session.leave(run)
    assert set(orphans) == {ADDRESS.question, NO_ADDRESS6.question}
    assert session.leave(run) == (), "it is given back once"
    for orphan in orphans:
        session.forget(orphan)
    assert not session.in_flight
    assert session.deliver([ADDRESS], 0.3) == set()


def test_what_is_in_flight_for_nobody_is_started_again() -> None:
    """Its answer may have been lost with whoever asked."""
    session = Session(Policy())
    first, second = locate(session), locate(session)
    session.advance(first, 0.0)
    session.leave(first)
    step = session.advance(second, 1.0)
    assert isinstance(step, Waiting)
    assert set(step.start) == {ADDRESS.question, NO_ADDRESS6.question}


def test_an_answer_that_nobody_asked_for_is_let_go() -> None:
    assert Session(Policy()).deliver([answer("other.example A", "192.0.2.9")], 0.0) == set()


# RFC 4035 §4.9.3: AD counts only where the caller trusts the resolver and the path to it.
def test_ad_counts_only_where_it_is_trusted() -> None:
    expected = {
        ("ignore", True): Security.INDETERMINATE,
        ("ignore", False): Security.INDETERMINATE,
        ("trust-ad", True): Security.SECURE,
        ("trust-ad", False): Security.INSECURE,
    }
    for (dnssec, authenticated), security in expected.items():
        session = Session(Policy(dnssec=dnssec))
        run = locate(session)
        session.advance(run, 0.0)
        session.deliver(
            [
                answer("example.com A", "192.0.2.1", authenticated=authenticated),
                answer("example.com AAAA", Status.NODATA, authenticated=authenticated),
            ],
            0.1,
        )
        [target] = finish(session, run, 0.1)
        assert target.security is security
        assert run.result(URI).security is security


def test_a_failure_proves_nothing() -> None:
    session = Session(Policy(dnssec="trust-ad"))
    run = locate(session)
    session.advance(run, 0.0)
    failed = answer("example.com AAAA", Status.SERVFAIL, authenticated=True)
    session.deliver([answer("example.com A", "192.0.2.1", authenticated=True), failed], 0.1)
    [target] = finish(session, run, 0.1)
    assert target.security is Security.SECURE, "the weakest on its own path"
    assert run.result(URI).security is Security.INDETERMINATE, "the weakest of all that was used"


def test_additional_data_is_not_used_where_ad_is_trusted() -> None:
    """RFC 4035 §3.2.3: AD says nothing of the additional section."""
    for dnssec, asks_for_addresses in (("ignore", False), ("trust-ad", True)):
        session = Session(Policy(dnssec=dnssec, families=("ipv4",), transports=("udp",)))
        run = locate(session, SipUri.parse("sip:example.com;transport=udp"))
        session.advance(run, 0.0)
        extra = answer("a.example.com A", "192.0.2.1", source=Source.ADDITIONAL)
        srv = answer("_sip._udp.example.com SRV", "1 1 5060 a.example.com", additional=(extra,))
        session.deliver(
            [srv, Answer(question=question("example.com A"), status=Status.NODATA)], 0.1
        )
        step = session.advance(run, 0.1)
        asked = isinstance(step, Waiting) and question("a.example.com A") in step.start
        assert asked is asks_for_addresses


# --- Who holds what


def test_who_leaves_gives_back_what_only_it_waits_for() -> None:
    session = Session(Policy())
    first, second = locate(session), locate(session, SipUri.parse("sip:example.com"))
    started = [step.start for run in (first, second)
               if isinstance(step := session.advance(run, 0.0), Waiting)]  # fmt: skip
    assert set(started[0]) == {ADDRESS.question, NO_ADDRESS6.question}
    assert not set(started[0]) & set(started[1]), "the addresses are in flight already"
    assert set(session.leave(second)) == set(started[1])
    assert set(session.leave(first)) == set(started[0])


def test_who_leaves_gives_back_what_it_has_timed_out_on() -> None:
    """It may still be in flight, and nobody wants it any more."""
    session = Session(Policy(lifetime=4.0))
    run = locate(session)
    session.advance(run, 0.0)
    session.deliver([NO_ADDRESS6], 0.1)
    assert isinstance(session.advance(run, 2.0), Ended)
    assert session.leave(run) == (ADDRESS.question,)


def test_what_another_waits_for_is_not_given_back_after_a_time_out_either() -> None:
    session = Session(Policy(lifetime=4.0))
    first = locate(session)
    session.advance(first, 0.0)
    second = session.locate(URI, session.policy, rng=Random(1), sources=NO_SOURCES, now=1.9)
    session.advance(second, 1.9)
    session.deliver([NO_ADDRESS6], 2.0)
    assert isinstance(session.advance(first, 2.0), Ended)
    assert session.leave(first) == ()
    assert session.deliver([ADDRESS], 2.1) == {second}
    assert len(finish(session, second, 2.1)) == 1


def test_what_was_answered_is_not_given_back() -> None:
    session = Session(Policy())
    run = locate(session)
    session.advance(run, 0.0)
    session.deliver([ADDRESS, NO_ADDRESS6], 0.1)
    finish(session, run, 0.1)
    assert session.leave(run) == ()
    assert not session.in_flight


def test_what_others_have_asked_since_is_theirs() -> None:
    """A question that was answered may be in flight again, for another call."""
    session = Session(Policy())
    first, second = locate(session), locate(session)
    session.advance(first, 0.0)
    session.deliver([ADDRESS, NO_ADDRESS6], 0.1)
    session.advance(second, 0.2)
    assert session.leave(first) == ()
    assert session.leave(first) == (), "leaving twice is leaving once"
    assert session.deliver([ADDRESS], 0.3) == {second}


def test_what_came_unasked_is_given_back() -> None:
    """An address that came along with an SRV answer needs no answer of its own."""
    session = Session(Policy(families=("ipv4",), transports=("udp",)))
    run = locate(session, SipUri.parse("sip:example.com;transport=udp"))
    session.advance(run, 0.0)
    extra = answer("example.com A", "192.0.2.1", source=Source.ADDITIONAL)
    srv = answer("_sip._udp.example.com SRV", "1 1 5060 example.com", additional=(extra,))
    session.deliver([srv], 0.1)
    assert len(finish(session, run, 0.1)) == 1
    assert session.leave(run) == (extra.question,)


# --- One target at a time

THREE = SipUri.parse("sip:example.com;transport=udp")
SRV = answer(
    "_sip._udp.example.com SRV", "1 0 5060 a.example.com", "2 0 5060 b.example.com",
    "3 0 5060 c.example.com",
)  # fmt: skip
ONE_FAMILY = Policy(families=("ipv4",), transports=("udp",))
A, B, C = (answer(f"{host}.example.com A", f"192.0.2.{n}") for n, host in enumerate("abc", 1))
NO_ADDRESS = answer("example.com A", Status.NODATA)


def first_target(session: Session, now: float = 0.0) -> Run:
    """A run whose caller is about to turn to its first target."""
    run = locate_lazily(session, THREE)
    session.advance(run, now)
    session.deliver([SRV, NO_ADDRESS], now)
    session.advance(run, now)
    session.deliver([A], now)
    assert isinstance(session.advance(run, now), Target)
    return run


def test_what_comes_next_is_in_flight_while_the_caller_is_busy() -> None:
    session = Session(ONE_FAMILY)
    run = first_target(session)
    assert session.look_ahead(run) == (), "it was started with what had to be waited for"
    assert session.deliver([B, C], 0.1) == {run}
    run.come_back(32.0)
    assert [target.host for target in finish(session, run, 32.0)] == [
        "b.example.com",
        "c.example.com",
    ]


def test_what_comes_next_is_joined_where_another_has_asked_for_it() -> None:
    session = Session(ONE_FAMILY)
    other = locate(session, SipUri.parse("sip:example.com:5060"))
    session.advance(other, 0.0)
    run = session.respond(
        Via.parse("SIP/2.0/UDP example.com:5060;received=192.0.2.9"),
        session.policy,
        rng=Random(1),
        sources=NO_SOURCES,
        now=0.0,
        lazy=True,
    )
    assert isinstance(session.advance(run, 0.0), Target)
    assert session.look_ahead(run) == ()
    run.come_back(1.0)
    step = session.advance(run, 1.0)
    assert isinstance(step, Waiting)
    assert step.start == ()
    assert session.deliver([ADDRESS], 1.1) == {other, run}


def test_the_caller_of_a_lazy_run_may_leave_at_any_time() -> None:
    session = Session(ONE_FAMILY)
    run = first_target(session)
    assert set(session.leave(run)) == {B.question, C.question}
    assert session.deliver([B, C], 0.1) == set()
    assert session.advance(run, 0.2) == Ended()


def test_after_a_fork_what_was_in_flight_is_started_again() -> None:
    """The child has a session of its own, and no share in what the parent waits for."""
    parent = Session(ONE_FAMILY)
    run = first_target(parent)
    child = Session(ONE_FAMILY)
    run.start_again()
    run.come_back(1.0)
    step = child.advance(run, 1.0)
    assert isinstance(step, Waiting)
    assert step.start == (B.question, C.question)
    assert child.deliver([B, C], 1.1) == {run}
    assert len(finish(child, run, 1.1)) == 2
    assert child.leave(run) == ()
    assert not child.in_flight


def test_only_who_is_lazy_looks_no_further_than_it_has_to() -> None:
    """Four hosts ahead; all of them for who wants all at once; none for who does not speculate."""
    many = answer("_sip._udp.example.com SRV", *(f"{n} 0 5060 h{n}.example.com" for n in range(9)))
    for policy, lazy, expected in (
        (ONE_FAMILY, True, 5),
        (ONE_FAMILY, False, 9),
        (evolve(ONE_FAMILY, speculation=False), True, 1),
        (evolve(ONE_FAMILY, speculation=False), False, 1),
    ):
        session = Session(policy)
        run = session.locate(THREE, policy, rng=Random(1), sources=NO_SOURCES, now=0.0, lazy=lazy)
        session.advance(run, 0.0)
        session.deliver([many, NO_ADDRESS], 0.1)
        step = session.advance(run, 0.1)
        assert isinstance(step, Waiting)
        assert len(step.start) == expected


# --- Requests and responses


def test_a_large_request_is_located_as_one() -> None:
    """RFC 3261 §18.1.1."""
    session = Session(Policy())
    for large, expected in ((False, ["udp"]), (True, ["tcp", "udp"])):
        run = session.locate(
            SipUri.parse("sip:192.0.2.1"),
            session.policy,
            rng=Random(1),
            sources=NO_SOURCES,
            now=0.0,
            large=large,
        )
        assert [target.transport for target in finish(session, run, 0.0)] == expected


def test_a_response_goes_along_its_via() -> None:
    """RFC 3261 §18.2.2."""
    session = Session(Policy())
    via = Via.parse("SIP/2.0/TCP 192.0.2.1;received=192.0.2.2")
    run = session.respond(via, session.policy, rng=Random(1), sources=NO_SOURCES, now=0.0)
    assert [str(target) for target in finish(session, run, 0.0)] == [
        "tcp 192.0.2.2:5060",
        "tcp 192.0.2.1:5060",
    ]
    assert run.result(via).subject is via


# --- Numbers

TEL = TelUri.parse(f"tel:{NUMBER}")
ENUM = answer(f"{DOMAIN} NAPTR", '1 1 "u" "E2U+sip" "!^.*$!sip:192.0.2.9!" .',
              '1 2 "u" "E2U+sip" "!^.*$!sip:example.com:5060!" .')  # fmt: skip


def locate_number(session: Session, *, lazy: bool = False, **more: Any) -> Run:
    return session.locate_number(
        TEL, session.policy, rng=Random(1), sources=NO_SOURCES, now=0.0, lazy=lazy, **more
    )


def test_a_number_is_mapped_and_what_it_leads_to_is_located() -> None:
    session = Session(Policy())
    mapping, locating = session.map_number(TEL, session.policy, now=0.0), locate_number(session)
    step = session.advance(mapping, 0.0)
    assert isinstance(step, Waiting)
    assert step.start == (ENUM.question,)
    step = session.advance(locating, 0.0)
    assert isinstance(step, Waiting)
    assert step.start == (), "the question in flight is joined"
    assert session.deliver([ENUM], 0.1) == {mapping, locating}
    assert finish(session, mapping, 0.1) == []
    assert isinstance(session.advance(locating, 0.1), Target)
    assert isinstance(session.advance(locating, 0.1), Waiting)
    session.deliver([ADDRESS, NO_ADDRESS6], 0.2)
    assert [target.host for target in finish(session, locating, 0.2)] == ["example.com"]
    mapped, located = mapping.result(TEL), locating.result(TEL)
    assert mapped.uris == located.uris
    assert (len(mapped.uris), mapped.targets, len(located.targets)) == (2, (), 2)


def test_what_is_said_of_a_request_for_a_number() -> None:
    """RFC 3261 §18.1.1 and §16.6."""
    session = Session(Policy())
    for more, expected in (
        ({}, ["udp"]),
        ({"large": True}, ["tcp", "udp"]),
        ({"sips": True}, ["tls"]),
    ):
        run = locate_number(session, **more)
        session.advance(run, 0.0)
        session.deliver([evolve(ENUM, records=ENUM.records[:1])], 0.0)
        assert [target.transport for target in finish(session, run, 0.0)] == expected


def test_the_uri_that_has_the_number_is_located_where_that_leads_nowhere() -> None:
    session = Session(Policy())
    run = locate_number(session, uri=SipUri.parse("sip:192.0.2.7;user=phone"))
    session.advance(run, 0.0)
    session.deliver([evolve(ENUM, status=Status.NXDOMAIN, records=())], 0.0)
    assert [str(target) for target in finish(session, run, 0.0)] == ["udp 192.0.2.7:5060"]


def test_the_lifetime_and_the_budget_are_those_of_the_policy() -> None:
    session = Session(Policy(lifetime=4.0, budget=1))
    for run in (session.map_number(TEL, session.policy, now=0.0), locate_number(session)):
        step = session.advance(run, 0.0)
        assert isinstance(step, Waiting)
        assert step.until == 2.0, "half of it for one question"
    session.deliver([ENUM], 0.1)
    assert isinstance(session.advance(run, 0.1), Target)
    assert isinstance(session.advance(run, 0.1), Ended), "the second question is not asked"


def test_of_a_number_too_only_the_next_few_are_looked_up_for_who_is_lazy() -> None:
    uris = [f"sip:h{n}.example.com:5060" for n in range(20)]
    many = answer(f"{DOMAIN} NAPTR", *(f'1 1 "u" "E2U+sip" "!^.*$!{uri}!" .' for uri in uris))
    for policy, lazy, expected in (
        (ONE_FAMILY, True, 5),
        (ONE_FAMILY, False, 9),
        (evolve(ONE_FAMILY, speculation=False), True, 1),
        (evolve(ONE_FAMILY, speculation=False), False, 1),
    ):
        session = Session(policy)
        run = locate_number(session, lazy=lazy)
        session.advance(run, 0.0)
        session.deliver([many], 0.1)
        step = session.advance(run, 0.1)
        assert isinstance(step, Waiting)
        assert len(step.start) == expected


def test_what_dnssec_says_of_a_number_counts_where_it_is_trusted() -> None:
    """RFC 4035 §4.9.3."""
    session = Session(Policy(dnssec="trust-ad"))
    for authenticated, expected in ((True, Security.SECURE), (False, Security.INSECURE)):
        run = session.map_number(TEL, session.policy, now=0.0)
        session.advance(run, 0.0)
        session.deliver([evolve(ENUM, authenticated=authenticated)], 0.1)
        finish(session, run, 0.1)
        assert {mapped.security for mapped in run.result(TEL).uris} == {expected}
