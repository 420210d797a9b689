"""What the calls of one resolver share, and what they do not."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from attrs import evolve
from simulation import NEVER, Caller, Simulation, answer, question, zone
from telephony import DOMAIN, NUMBER

from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.session.session import Session
from sipresolve.vocabulary.caching import CachePolicy
from sipresolve.vocabulary.errors import (
    AddressRefused,
    Busy,
    Misuse,
    NameRefused,
    SipResolveError,
    TooManyNames,
)
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Question, Security, Source, Status
from sipresolve.vocabulary.targets import Resolution, Target
from sipresolve.vocabulary.uri import SipUri
from sipresolve.vocabulary.via import Via

URI = SipUri.parse("sip:example.com:5060")
NO_CACHE = CachePolicy(entries=0)
PATIENT = CachePolicy(stale_after=1.8)
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


def test_what_a_call_has_timed_out_on_goes_on_for_the_cache() -> None:
    """The answer may be late, but not for the next call."""
    session = Session(Policy(lifetime=4.0))
    run = locate(session)
    session.advance(run, 0.0)
    session.deliver([NO_ADDRESS6], 0.1)
    assert isinstance(session.advance(run, 2.0), Ended)
    assert session.leave(run) == ()
    assert session.deliver([ADDRESS], 2.5) == set()
    assert not session.in_flight
    later = session.locate(
        URI, Policy(families=("ipv4",)), rng=Random(1), sources=NO_SOURCES, now=3.0
    )
    assert len(finish(session, later, 3.0)) == 1


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
    session = Session(Policy(), NO_CACHE)
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
    assert session.look_ahead(run, 0.0) == (), "it was started with what had to be waited for"
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
    assert session.look_ahead(run, 0.0) == ()
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
    for more, expected in (
        ({}, ["udp"]),
        ({"large": True}, ["tcp", "udp"]),
        ({"sips": True}, ["tls"]),
    ):
        session = Session(Policy())
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
    session = Session(Policy(lifetime=4.0, budget=1), CachePolicy(stale=0))
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
    for authenticated, expected in ((True, Security.SECURE), (False, Security.INSECURE)):
        session = Session(Policy(dnssec="trust-ad"))
        run = session.map_number(TEL, session.policy, now=0.0)
        session.advance(run, 0.0)
        session.deliver([evolve(ENUM, authenticated=authenticated)], 0.1)
        finish(session, run, 0.1)
        assert {mapped.security for mapped in run.result(TEL).uris} == {expected}


# --- Repeated calls: what is known is not asked again

HOST = "sip:example.com:5060"
RECORDS = zone("example.com A 192.0.2.1")
A1 = ADDRESS.question


def simulated(
    answers: dict[Question, Answer] | None = None,
    policy: Policy = ONE_FAMILY,
    caching: CachePolicy | None = None,
    **more: Any,
) -> Simulation:
    """Calls that share a session."""
    shared = Session(policy, caching)
    return Simulation(
        dict(RECORDS if answers is None else answers), policy=policy, shared=shared, **more
    )


def say(simulation: Simulation, *answers: Answer) -> None:
    """From now on, the DNS says this."""
    for each in answers:
        simulation.answers[each.question] = each  # type: ignore[index]  # it is a dict


def sources(resolution: Resolution | None) -> dict[str, tuple[Status, Source]]:
    """What became of each question."""
    assert resolution is not None
    return {
        str(query.question): (query.answer.status, query.answer.source)
        for query in resolution.queries
        if query.answer is not None
    }


def addresses(resolution: Resolution) -> list[str]:
    return [str(target.address) for target in resolution.targets]


def failed(simulation: Simulation, uri: str = HOST) -> SipResolveError:
    with pytest.raises(SipResolveError) as caught:
        simulation.resolve(uri)
    return caught.value


def test_what_is_known_is_not_asked_again() -> None:
    simulation = simulated()
    simulation.resolve(HOST)
    began = simulation.now
    resolution = simulation.resolve(HOST)
    assert simulation.asked == [A1]
    assert simulation.now == began
    assert sources(resolution) == {"example.com A": (Status.OK, Source.CACHE)}
    assert resolution.queries[0].seconds == 0


def test_what_is_over_is_asked_again() -> None:
    simulation = simulated(caching=CachePolicy(refresh_ahead=0))
    simulation.resolve(HOST)
    simulation.pass_time(299.9)
    simulation.resolve(HOST)
    simulation.pass_time(0.2)
    say(simulation, answer("example.com A", "192.0.2.2"))
    assert addresses(simulation.resolve(HOST)) == ["192.0.2.2"]


def test_a_ttl_is_counted_from_when_the_question_was_asked() -> None:
    """Nobody can say when between the question and the answer it began."""
    simulation = simulated(delay=1.0, caching=CachePolicy(refresh_ahead=0))
    simulation.resolve(HOST)
    assert simulation.resolve(HOST).expires_in == 299
    simulation.pass_time(299.0)
    simulation.resolve(HOST)
    assert simulation.asked == [A1, A1]


def test_what_belongs_to_no_view_of_a_call_is_shared() -> None:
    """Policies of calls differ; what the DNS says does not."""
    simulation = simulated()
    simulation.resolve(HOST)
    simulation.policy = evolve(ONE_FAMILY, transports=("tcp",), selection="stateless")
    assert [target.transport for target in simulation.resolve(HOST).targets] == ["tcp"]
    assert simulation.asked == [A1]


# RFC 2308 §5: "a name error ... applies to all types"; and an absence without SOA is not kept.
def test_absences_are_known_as_well() -> None:
    simulation = simulated({})
    assert failed(simulation).code == "no-such-domain"
    assert failed(simulation, "sip:example.com:5070").code == "no-such-domain"
    assert simulation.asked == [A1]
    simulation.pass_time(61.0)
    failed(simulation)
    assert simulation.asked == [A1, A1]


def test_a_name_that_does_not_exist_has_no_records_of_any_type() -> None:
    """RFC 8020, RFC 2308 §5."""
    simulation = simulated({})
    failed(simulation)
    failed(simulation, "sip:example.com")
    assert question("example.com NAPTR") not in simulation.asked


def test_an_absence_that_nobody_vouches_for_is_asked_again() -> None:
    simulation = simulated({A1: Answer(question=A1, status=Status.NODATA)})
    failed(simulation)
    failed(simulation)
    assert simulation.asked == [A1, A1]


def test_addresses_that_came_along_are_known_later() -> None:
    """RFC 2181 §5.4.1: unless they have been asked for."""
    extra = answer("h.example.com A", "192.0.2.7", source=Source.ADDITIONAL)
    srv = answer("_sip._udp.example.com SRV", "1 1 5060 h.example.com", additional=(extra,))
    simulation = simulated({srv.question: srv})
    assert addresses(simulation.resolve("sip:example.com")) == ["192.0.2.7"]
    second = simulation.resolve("sip:h.example.com:5060")
    assert extra.question not in simulation.asked
    assert sources(second) == {"h.example.com A": (Status.OK, Source.CACHE)}


def test_what_came_along_for_another_domain_serves_the_call_that_asked_and_no_other() -> None:
    """RFC 2181 §5.4.1; nobody says for all where the hosts of others are."""
    forged = answer("pbx.victim.com A", "203.0.113.6", ttl=604_800, source=Source.ADDITIONAL)
    srv = answer("_sip._udp.evil.example SRV", "1 1 5060 pbx.victim.com", additional=(forged,))
    own = answer("pbx.victim.com A", "192.0.2.1")
    simulation = simulated({srv.question: srv, own.question: own})
    caught = simulation.resolve("sip:evil.example;transport=udp")
    assert addresses(caught) == ["203.0.113.6"]
    assert addresses(simulation.resolve("sip:pbx.victim.com:5060")) == ["192.0.2.1"]
    simulation.pass_time(3_600.0)
    say(simulation, Answer(question=own.question, status=Status.SERVFAIL))
    assert addresses(simulation.resolve("sip:pbx.victim.com:5060")) == ["192.0.2.1"], "stale"


def test_where_ad_is_trusted_what_came_along_is_not_kept_either() -> None:
    """RFC 4035 §3.2.3."""
    extra = answer("h.example.com A", "192.0.2.7", source=Source.ADDITIONAL)
    srv = answer("_sip._udp.example.com SRV", "1 1 5060 h.example.com", additional=(extra,))
    say_so = answer("h.example.com A", "192.0.2.8", authenticated=True)
    policy = evolve(ONE_FAMILY, dnssec="trust-ad")
    simulation = simulated({srv.question: srv, say_so.question: say_so}, policy)
    assert addresses(simulation.resolve("sip:example.com")) == ["192.0.2.8"]
    assert addresses(simulation.resolve("sip:h.example.com:5060")) == ["192.0.2.8"]


# --- TTL 0, and what belongs to a call


def test_what_has_no_life_serves_the_call_that_asked_and_no_other() -> None:
    """RFC 1035 §3.2.1: "should only be used for the transaction in progress"."""
    simulation = simulated({A1: answer("example.com A", "192.0.2.1", ttl=0)})
    for calls in (1, 2, 3):
        resolution = simulation.resolve(HOST)
        assert addresses(resolution) == ["192.0.2.1"]
        assert resolution.expires_in == 0
        assert simulation.asked == [A1] * calls


def test_what_has_no_life_serves_all_who_wait_for_it() -> None:
    """The transactions in progress when it comes."""
    session = Session(ONE_FAMILY)
    first, second = locate(session), locate(session)
    session.advance(first, 0.0)
    session.advance(second, 0.0)
    session.deliver([answer("example.com A", "192.0.2.1", ttl=0)], 0.1)
    assert len(finish(session, first, 0.1)) == len(finish(session, second, 0.1)) == 1
    third = locate(session)
    step = session.advance(third, 0.1)
    assert isinstance(step, Waiting)
    assert step.start == (A1,)


def test_what_one_call_was_late_for_is_no_secret_to_the_next() -> None:
    """A time-out belongs to the call whose lifetime is over; the DNS has not failed."""
    simulation = simulated(policy=evolve(ONE_FAMILY, lifetime=0.02), delay=0.05)
    assert failed(simulation).code == "dns-timeout"
    simulation.policy = ONE_FAMILY
    assert addresses(simulation.resolve(HOST)) == ["192.0.2.1"]


def test_the_budget_belongs_to_the_call() -> None:
    simulation = simulated(policy=evolve(ONE_FAMILY, budget=1))
    assert failed(simulation, "sip:example.com").code == "budget-exceeded"
    simulation.policy = ONE_FAMILY
    assert addresses(simulation.resolve("sip:example.com")) == ["192.0.2.1"]


# --- Many callers, one query


def test_many_callers_with_the_same_question_cost_one_query() -> None:
    session = Session(ONE_FAMILY)
    runs = [locate(session) for _ in range(100)]
    started = [
        asked
        for run in runs
        if isinstance(step := session.advance(run, 0.0), Waiting)
        for asked in step.start
    ]
    assert started == [A1]
    for leaver in runs[::2]:
        assert session.leave(leaver) == ()
    assert session.deliver([ADDRESS], 0.1) == set(runs[1::2])
    for run in runs[1::2]:
        assert len(finish(session, run, 0.1)) == 1
        assert session.leave(run) == ()
    assert not session.in_flight


def test_the_last_one_who_leaves_gives_it_back() -> None:
    session = Session(ONE_FAMILY)
    runs = [locate(session) for _ in range(3)]
    for run in runs:
        session.advance(run, 0.0)
    assert [session.leave(run) for run in runs] == [(), (), (A1,)]


def test_who_leaves_before_its_question_was_started() -> None:
    """It waits in the queue, and must not be started for nobody, nor lost for the others."""
    session = Session(ONE_FAMILY)
    run = first_target(session)
    other = locate_lazily(session, SipUri.parse("sip:d.example.com:5060"))
    session.leave(run)
    step = session.advance(other, 0.0)
    assert isinstance(step, Waiting)
    assert step.start == (question("d.example.com A"),)
    session.leave(other)
    assert session.take() == ()


# --- What a call ended without goes on for the cache

DOMAIN_NAPTR = answer("example.com NAPTR", '10 10 "s" "SIP+D2T" "" _sip._tcp.example.com', ttl=300)
TCP_SET = answer("_sip._tcp.example.com SRV", "1 1 5060 a.example.com")
SLOW_NAPTR = {each.question: each for each in (DOMAIN_NAPTR, SRV, TCP_SET, A, B, C)}
UDP_TCP = Policy(families=("ipv4",), transports=("udp", "tcp"))


@pytest.mark.parametrize("lazy", [False, True])
def test_a_naptr_that_lapsed_is_there_for_the_next(*, lazy: bool) -> None:
    """Half a second after SRV it is not waited for; a late answer still goes to the cache."""
    late = DOMAIN_NAPTR.question
    simulation = simulated(SLOW_NAPTR, UDP_TCP, delays={late: 3.0})
    call = simulation.failover if lazy else simulation.resolve
    without = call("sip:example.com")
    assert {target.transport for target in without.targets} == {"udp", "tcp"}
    assert simulation.kept == (late,)
    assert late not in simulation.given_back
    simulation.pass_time(3.0)
    within = call("sip:example.com")
    assert {target.transport for target in within.targets} == {"tcp"}, "as the domain says"
    assert simulation.asked.count(late) == 1


def test_a_naptr_that_lapsed_is_joined_and_not_asked_twice() -> None:
    late = DOMAIN_NAPTR.question
    simulation = simulated(SLOW_NAPTR, UDP_TCP, delays={late: 0.9})
    simulation.resolve("sip:example.com")
    assert {t.transport for t in simulation.resolve("sip:example.com").targets} == {"tcp"}
    assert simulation.asked.count(late) == 1


def test_a_late_host_is_there_for_the_next() -> None:
    simulation = simulated(
        {each.question: each for each in (SRV, A, B, C)}, delays={A.question: 2.0}
    )
    uri = "sip:example.com;transport=udp"
    assert addresses(simulation.resolve(uri)) == ["192.0.2.2", "192.0.2.3"]
    assert simulation.kept == (A.question,)
    simulation.pass_time(2.0)
    assert addresses(simulation.resolve(uri)) == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    assert simulation.asked.count(A.question) == 1


def test_a_late_family_is_there_for_the_next() -> None:
    six = answer("example.com AAAA", "2001:db8::1")
    simulation = simulated({A1: ADDRESS, six.question: six}, Policy(), delays={six.question: 2.0})
    assert addresses(simulation.resolve(HOST)) == ["192.0.2.1"]
    assert simulation.kept == (six.question,)
    simulation.pass_time(2.0)
    assert set(addresses(simulation.resolve(HOST))) == {"192.0.2.1", "2001:db8::1"}
    assert simulation.asked.count(six.question) == 1


def test_hints_that_nobody_waits_for_are_given_back() -> None:
    hint = question("example.com A")
    simulation = simulated({each.question: each for each in (SRV, A, B, C)}, delays={hint: 9.0})
    simulation.resolve("sip:example.com;transport=udp")
    assert simulation.given_back == (hint,)
    assert simulation.kept == ()


def test_who_leaves_on_the_way_leaves_nothing_for_the_cache() -> None:
    session = Session(ONE_FAMILY)
    run = locate(session)
    session.advance(run, 0.0)
    assert session.leave(run) == (A1,)
    session.forget(A1)
    assert session.overdue(1e9) == ()


def test_what_goes_on_for_the_cache_is_overdue_in_the_end() -> None:
    """After 30 s no backend answers any more."""
    simulation = simulated(SLOW_NAPTR, UDP_TCP, delays={DOMAIN_NAPTR.question: NEVER})
    simulation.resolve("sip:example.com")
    session = simulation.shared
    assert session is not None
    assert session.overdue(29.9) == ()
    assert session.overdue(30.0) == (DOMAIN_NAPTR.question,)
    assert session.forget(DOMAIN_NAPTR.question) == set()
    assert session.overdue(30.0) == ()
    assert not session.in_flight


def test_what_somebody_waits_for_is_not_overdue() -> None:
    simulation = simulated(SLOW_NAPTR, UDP_TCP, delays={DOMAIN_NAPTR.question: NEVER})
    simulation.resolve("sip:example.com")
    session = simulation.shared
    assert session is not None
    run = session.locate(
        SipUri.parse("sip:example.com"), UDP_TCP, rng=Random(1), sources=NO_SOURCES, now=29.0
    )
    session.advance(run, 29.0)
    assert session.overdue(30.0) == ()


def test_a_call_that_joined_what_is_kept_may_leave_it() -> None:
    simulation = simulated(SLOW_NAPTR, UDP_TCP, delays={DOMAIN_NAPTR.question: 5.0})
    simulation.resolve("sip:example.com")
    simulation.failover("sip:example.com", Caller(wants=1))
    assert DOMAIN_NAPTR.question not in simulation.given_back
    assert simulation.kept == (DOMAIN_NAPTR.question,)
    assert simulation.asked.count(DOMAIN_NAPTR.question) == 1


# --- Serve-stale (RFC 8767)


def stale_call(
    *said: Answer, caching: CachePolicy | None = None, **more: Any
) -> tuple[Simulation, Resolution | SipResolveError]:
    """A call after the TTL, where asking again brings this."""
    simulation = simulated(caching=caching)
    simulation.resolve(HOST)
    simulation.pass_time(300.0)
    for name, value in more.items():
        setattr(simulation, name, value)
    say(simulation, *said)
    try:
        return simulation, simulation.resolve(HOST)
    except SipResolveError as error:
        return simulation, error


FAILED = [Status.SERVFAIL, Status.REFUSED, Status.FORMERR, Status.NOTIMP, Status.TIMEOUT]


@pytest.mark.parametrize("status", FAILED)
def test_where_asking_again_fails_the_stale_answer_is_served(status: Status) -> None:
    _, resolution = stale_call(Answer(question=A1, status=status))
    assert isinstance(resolution, Resolution)
    assert addresses(resolution) == ["192.0.2.1"]
    assert sources(resolution) == {"example.com A": (Status.OK, Source.STALE)}
    # RFC 8767 §4: "a RECOMMENDED value of 30 seconds"
    assert resolution.expires_in == 30
    assert {target.ttl for target in resolution.targets} == {30}


def test_the_stale_answer_holds_back_the_next_question() -> None:
    """RFC 8767 §5: a failed refresh is not tried again for 30 s; meanwhile nobody waits."""
    simulation, _ = stale_call(Answer(question=A1, status=Status.SERVFAIL))
    asked, began = len(simulation.asked), simulation.now
    for pause in (0.0, 10.0, 19.9):
        simulation.pass_time(pause)
        now = simulation.now
        resolution = simulation.resolve(HOST)
        assert simulation.now == now
        assert sources(resolution) == {"example.com A": (Status.OK, Source.STALE)}
        assert resolution.expires_in is not None
        assert resolution.expires_in <= 30 - (now - began)
    assert len(simulation.asked) == asked
    simulation.pass_time(0.2)
    say(simulation, answer("example.com A", "192.0.2.2"))
    assert addresses(simulation.resolve(HOST)) == ["192.0.2.2"]


def test_where_asking_again_takes_long_the_stale_answer_is_served() -> None:
    """RFC 8767 §5: "client response timer ... a RECOMMENDED value of 1.8 seconds"."""
    simulation, resolution = stale_call(caching=PATIENT, delay=2.2)
    assert isinstance(resolution, Resolution)
    assert simulation.now == pytest.approx(300.02 + 1.8)
    assert sources(resolution) == {"example.com A": (Status.OK, Source.STALE)}
    assert addresses(resolution) == ["192.0.2.1"]


def test_the_answer_that_took_long_goes_to_the_cache() -> None:
    """RFC 8767 §5: "the resolver then ... continues to attempt to refresh"."""
    late = answer("example.com A", "192.0.2.2")
    simulation, resolution = stale_call(late, caching=PATIENT, delay=2.2)
    assert isinstance(resolution, Resolution)
    assert addresses(resolution) == ["192.0.2.1"]
    assert simulation.given_back == ()
    simulation.pass_time(1.0)
    asked = len(simulation.asked)
    fresh = simulation.resolve(HOST)
    assert len(simulation.asked) == asked
    assert addresses(fresh) == ["192.0.2.2"]
    assert sources(fresh) == {"example.com A": (Status.OK, Source.CACHE)}


def test_it_is_served_no_sooner_where_the_answer_comes() -> None:
    fresh = answer("example.com A", "192.0.2.2")
    _, resolution = stale_call(fresh, caching=PATIENT, delay=1.7)
    assert isinstance(resolution, Resolution)
    assert sources(resolution) == {"example.com A": (Status.OK, Source.NETWORK)}


def test_it_is_served_at_the_end_of_a_short_lifetime() -> None:
    """Rather than nothing."""
    policy = evolve(ONE_FAMILY, lifetime=1.0)
    simulation, resolution = stale_call(caching=PATIENT, delay=9.0, policy=policy)
    assert isinstance(resolution, Resolution)
    assert simulation.now == pytest.approx(300.02 + 0.5)
    assert sources(resolution) == {"example.com A": (Status.OK, Source.STALE)}


def test_how_long_to_wait_for_the_fresh_one_is_a_matter_of_policy() -> None:
    simulation, resolution = stale_call(caching=CachePolicy(stale_after=0.25), delay=1.0)
    assert isinstance(resolution, Resolution)
    assert simulation.now == pytest.approx(300.02 + 0.25)


def test_what_is_served_lazily_is_stale_after_the_same_time() -> None:
    simulation = simulated(caching=PATIENT)
    simulation.resolve(HOST)
    simulation.pass_time(300.0)
    simulation.delay = 2.4
    resolution = simulation.failover(HOST)
    assert simulation.now == pytest.approx(300.02 + 1.8)
    assert sources(resolution) == {"example.com A": (Status.OK, Source.STALE)}


def test_a_stale_naptr_is_served_before_its_wait_lapses() -> None:
    """RFC 3263 §4.1: a domain that wants TLS is not given up to UDP because NAPTR is silent."""
    naptr = answer("example.com NAPTR", '1 1 "s" "SIPS+D2T" "" _sips._tcp.example.com')
    lasting = [
        answer("_sips._tcp.example.com SRV", "1 1 5061 example.com", ttl=3600),
        answer("_sip._udp.example.com SRV", "1 1 5060 example.com", ttl=3600),
        answer("example.com A", "192.0.2.1", ttl=3600),
    ]
    policy = Policy(families=("ipv4",), transports=("tls", "udp"))
    delays: dict[Question, float] = {}
    answers = {each.question: each for each in (naptr, *lasting)}
    simulation = simulated(answers, policy, delays=delays)
    simulation.resolve("sip:example.com")
    simulation.pass_time(301.0)
    delays[naptr.question] = NEVER
    began, resolution = simulation.now, simulation.resolve("sip:example.com")
    assert {target.transport for target in resolution.targets} == {"tls"}
    assert resolution.warnings == ()
    assert sources(resolution)["example.com NAPTR"] == (Status.OK, Source.STALE)
    assert simulation.now - began < 0.5


def test_a_stale_address_is_not_given_up_as_a_straggler() -> None:
    srv = answer(
        "_sip._udp.example.com SRV", "1 0 5060 a.example.com", "2 0 5060 b.example.com", ttl=3600
    )
    late = answer("a.example.com A", "192.0.2.1")
    there = answer("b.example.com A", "192.0.2.2", ttl=3600)
    delays: dict[Question, float] = {}
    answers = {each.question: each for each in (srv, late, there)}
    simulation = simulated(answers, ONE_FAMILY, delays=delays)
    uri = "sip:example.com;transport=udp"
    simulation.resolve(uri)
    simulation.pass_time(301.0)
    delays[late.question] = NEVER
    resolution = simulation.resolve(uri)
    assert set(addresses(resolution)) == {"192.0.2.1", "192.0.2.2"}
    assert "addresses-given-up" not in {note.code for note in resolution.notes}


def test_where_the_answer_is_forged_nothing_stale_is_served() -> None:
    """RFC 8767 §4 is for who cannot be reached; and BOGUS is no reason to serve what was before."""
    simulation, error = stale_call(Answer(question=A1, status=Status.BOGUS))
    assert isinstance(error, SipResolveError)
    assert error.code == "bogus"
    assert failed(simulation).code == "bogus", "while it is remembered"
    simulation.pass_time(2.5)
    simulation.delay = 2.2
    say(simulation, ADDRESS)
    resolution = simulation.resolve(HOST)
    assert sources(resolution) == {"example.com A": (Status.OK, Source.NETWORK)}
    assert simulation.now > 300.02 + 2.5 + 2.2, "nor when it takes long"


@pytest.mark.parametrize("status", [Status.NXDOMAIN, Status.NODATA])
def test_an_absence_replaces_what_was_there(status: Status) -> None:
    """RFC 8767 §4: NXDOMAIN and NODATA are answers, and "MUST" replace the stale one."""
    simulation, error = stale_call(Answer(question=A1, status=status, ttl=5))
    assert isinstance(error, SipResolveError)
    assert error.code in {"no-such-domain", "no-targets"}
    simulation.pass_time(10.0)
    say(simulation, Answer(question=A1, status=Status.SERVFAIL))
    error = failed(simulation)
    assert error.code != "dns-failure", "what is stale by now is the absence"
    assert sources(error.resolution) == {"example.com A": (status, Source.STALE)}


@pytest.mark.parametrize("more", [{}, {"delay": 2.2}])
def test_without_serve_stale_there_is_none(more: dict[str, Any]) -> None:
    status = Status.SERVFAIL if not more else Status.TIMEOUT
    said = [Answer(question=A1, status=status)]
    _, error = stale_call(*said, caching=CachePolicy(stale=0), **more)
    assert isinstance(error, SipResolveError)
    assert error.code in {"dns-failure", "dns-timeout"}


def test_what_is_too_old_is_not_served() -> None:
    simulation = simulated(caching=CachePolicy(stale=100))
    simulation.resolve(HOST)
    say(simulation, Answer(question=A1, status=Status.SERVFAIL))
    simulation.pass_time(399.0)
    assert addresses(simulation.resolve(HOST)) == ["192.0.2.1"]
    simulation.pass_time(35.0)
    assert failed(simulation).code == "dns-failure"


def test_whoever_waits_is_served_the_same() -> None:
    simulation = simulated()
    simulation.resolve(HOST)
    session = simulation.shared
    assert session is not None
    runs = [
        session.locate(URI, ONE_FAMILY, rng=Random(1), sources=NO_SOURCES, now=400.0)
        for _ in range(3)
    ]
    for run in runs:
        session.advance(run, 400.0)
    assert session.deliver([Answer(question=A1, status=Status.SERVFAIL)], 400.1) == set(runs)
    for run in runs:
        assert len(finish(session, run, 400.1)) == 1
        assert sources(run.result(URI)) == {"example.com A": (Status.OK, Source.STALE)}


# --- Refresh ahead


def test_what_is_used_is_asked_for_again_before_it_is_over() -> None:
    simulation = simulated()
    simulation.resolve(HOST)
    say(simulation, answer("example.com A", "192.0.2.2"))
    simulation.pass_time(280.0)
    before = simulation.now
    for _ in range(3):
        assert addresses(simulation.resolve(HOST)) == ["192.0.2.1"]
    assert simulation.now == before, "the call does not wait"
    assert simulation.asked == [A1, A1], "once"
    assert simulation.kept == (A1,)
    simulation.pass_time(30.0)
    before = simulation.now
    resolution = simulation.resolve(HOST)
    assert addresses(resolution) == ["192.0.2.2"]
    assert simulation.now == before, "and nobody waits"
    assert simulation.asked == [A1, A1]


def test_what_is_not_used_is_not_asked_for_again() -> None:
    simulation = simulated()
    simulation.resolve(HOST)
    simulation.pass_time(269.0)
    simulation.resolve(HOST)
    simulation.pass_time(100.0)
    assert simulation.asked == [A1]


def test_nothing_is_refreshed_ahead_where_that_is_not_wanted() -> None:
    simulation = simulated(caching=CachePolicy(refresh_ahead=0))
    simulation.resolve(HOST)
    simulation.pass_time(299.0)
    simulation.resolve(HOST)
    assert simulation.asked == [A1]


def test_a_refresh_that_failed_harms_nobody() -> None:
    simulation = simulated()
    simulation.resolve(HOST)
    simulation.pass_time(280.0)
    say(simulation, Answer(question=A1, status=Status.SERVFAIL))
    simulation.resolve(HOST)
    simulation.pass_time(5.0)
    resolution = simulation.resolve(HOST)
    assert sources(resolution) == {"example.com A": (Status.OK, Source.CACHE)}


def test_a_refresh_that_takes_long_is_joined_by_who_has_to_wait() -> None:
    simulation = simulated(caching=PATIENT)
    simulation.resolve(HOST)
    simulation.pass_time(299.0)
    simulation.delay = 1.5
    say(simulation, answer("example.com A", "192.0.2.2"))
    simulation.resolve(HOST)
    simulation.pass_time(1.1)
    assert addresses(simulation.resolve(HOST)) == ["192.0.2.2"]
    assert simulation.asked == [A1, A1]


def test_a_refresh_is_no_question_of_the_call() -> None:
    """It is there for the next: who leaves does not give it back."""
    session = Session(ONE_FAMILY)
    run = locate(session)
    session.advance(run, 0.0)
    session.deliver([ADDRESS], 0.0)
    finish(session, run, 0.0)
    session.leave(run)
    later = session.locate(URI, ONE_FAMILY, rng=Random(1), sources=NO_SOURCES, now=290.0)
    finish(session, later, 290.0)
    assert session.leave(later) == ()
    assert session.take() == (A1,)
    assert session.overdue(319.9) == ()
    assert session.overdue(320.0) == (A1,)


# --- Failures are remembered (RFC 9520)


@pytest.mark.parametrize("status", [*FAILED, Status.BOGUS])
def test_a_failure_is_not_asked_about_again_at_once(status: Status) -> None:
    """RFC 9520 §3.2: "MUST ... for at least 1 second", and twice as long each time, up to 5 s."""
    simulation = simulated({A1: Answer(question=A1, status=status)})
    code = failed(simulation).code
    for asked, held in enumerate((2.0, 4.0, 5.0, 5.0), start=1):
        simulation.pass_time(held - 0.5)
        before = simulation.now
        error = failed(simulation)
        assert error.code == code
        assert sources(error.resolution) == {"example.com A": (status, Source.CACHE)}
        assert simulation.now == before
        assert len(simulation.asked) == asked
        simulation.pass_time(0.5)
        failed(simulation)
        assert len(simulation.asked) == asked + 1


def test_a_success_forgives_the_failures() -> None:
    simulation = simulated({A1: Answer(question=A1, status=Status.SERVFAIL)})
    failed(simulation)
    simulation.pass_time(2.0)
    failed(simulation)
    say(simulation, answer("example.com A", "192.0.2.1", ttl=1))
    simulation.pass_time(4.0)
    assert addresses(simulation.resolve(HOST)) == ["192.0.2.1"]


# --- Bounds


def test_who_needs_a_question_while_too_many_are_in_flight() -> None:
    session = Session(evolve(ONE_FAMILY, concurrency=2))
    runs = [locate(session, SipUri.parse(f"sip:h{n}.example:5060")) for n in range(3)]
    steps = [session.advance(run, 0.0) for run in runs]
    assert [isinstance(step, Waiting) for step in steps] == [True, True, False]
    with pytest.raises(Busy, match="2 questions are in flight"):
        runs[2].result(URI)
    assert runs[2].resolution(URI).queries == (), "it was not asked"
    session.leave(runs[2])
    session.deliver([answer("h0.example A", "192.0.2.1")], 0.1)
    again = locate(session, SipUri.parse("sip:h2.example:5060"))
    step = session.advance(again, 0.1)
    assert isinstance(step, Waiting), "to be busy is nothing to be remembered"
    assert step.start == (question("h2.example A"),)


def test_who_joins_what_is_in_flight_is_never_refused() -> None:
    session = Session(evolve(ONE_FAMILY, concurrency=1))
    runs = [locate(session) for _ in range(3)]
    assert all(isinstance(session.advance(run, 0.0), Waiting) for run in runs)
    assert session.deliver([ADDRESS], 0.1) == set(runs)


def test_what_is_known_needs_no_leave() -> None:
    session = Session(evolve(ONE_FAMILY, concurrency=1))
    run = locate(session)
    session.advance(run, 0.0)
    session.deliver([ADDRESS], 0.1)
    finish(session, run, 0.1)
    session.advance(locate(session, SipUri.parse("sip:h.example:5060")), 0.1)
    assert len(finish(session, locate(session), 0.1)) == 1


def test_a_hint_that_has_no_room_is_asked_when_it_is_needed() -> None:
    simulation = simulated(
        {each.question: each for each in (SRV, A, B, C)},
        evolve(ONE_FAMILY, concurrency=1),
    )
    resolution = simulation.resolve("sip:example.com;transport=udp")
    assert len(resolution.targets) == 3
    assert simulation.asked == [each.question for each in (SRV, A, B, C)]
    assert resolution.warnings == ()


def test_hints_leave_a_quarter_of_the_room_to_what_is_needed() -> None:
    """The policy says so of what is only probably needed."""
    policy = evolve(ONE_FAMILY, concurrency=8)
    many = answer("_sip._udp.example.com SRV", *(f"{n} 0 5060 h{n}.example.com" for n in range(20)))
    session = Session(policy)
    run = session.locate(THREE, policy, rng=Random(1), sources=NO_SOURCES, now=0.0)
    session.advance(run, 0.0)
    session.deliver([many, NO_ADDRESS], 0.1)
    step = session.advance(run, 0.1)
    assert isinstance(step, Waiting)
    in_flight = len(step.start)
    assert in_flight <= 6
    other = locate(session, SipUri.parse("sip:other.example:5060"))
    assert isinstance(session.advance(other, 0.1), Waiting)


def test_a_family_that_has_no_room_while_a_later_host_is_known() -> None:
    """What is waited for may not have been asked yet."""
    six = answer("b.example.com AAAA", "2001:db8::2")
    policy = Policy(transports=("udp",))
    simulation = simulated({each.question: each for each in (SRV, A, B, six)}, policy)
    simulation.resolve("sip:b.example.com:5060")
    simulation.policy = evolve(policy, concurrency=1)
    found = addresses(simulation.resolve("sip:example.com;transport=udp"))
    assert found == ["192.0.2.1", "2001:db8::2", "192.0.2.2"]


def test_a_refresh_keeps_to_the_bound_as_well() -> None:
    """It is nothing that anybody needs now."""
    session = Session(evolve(ONE_FAMILY, concurrency=1))
    run = locate(session)
    session.advance(run, 0.0)
    session.deliver([ADDRESS], 0.0)
    finish(session, run, 0.0)
    busy = session.locate(
        SipUri.parse("sip:h.example:5060"), session.policy, rng=Random(1), sources=NO_SOURCES,
        now=290.0,
    )  # fmt: skip
    session.advance(busy, 290.0)
    later = session.locate(URI, session.policy, rng=Random(1), sources=NO_SOURCES, now=290.0)
    assert len(finish(session, later, 290.0)) == 1
    assert session.take() == ()
    assert len(session._flights) == 1


def test_a_refresh_that_had_no_room_is_made_when_there_is_room() -> None:
    """Else all would wait in the end, though the answer was in use all the time."""
    session = Session(evolve(ONE_FAMILY, concurrency=1))
    run = locate(session)
    session.advance(run, 0.0)
    session.deliver([ADDRESS], 0.0)
    finish(session, run, 0.0)
    busy = locate_at(session, SipUri.parse("sip:h.example:5060"), 280.0)
    session.advance(busy, 280.0)
    session.take()
    assert len(finish(session, locate_at(session, URI, 280.0), 280.0)) == 1
    session.deliver([answer("h.example A", "192.0.2.9")], 281.0)
    assert len(finish(session, locate_at(session, URI, 282.0), 282.0)) == 1
    assert session.take() == (A1,)


def test_what_is_in_flight_for_long_is_asked_anew_to_refresh_it() -> None:
    session = Session(evolve(ONE_FAMILY, lifetime=60.0))
    session.advance(locate(session), 0.0)
    other = locate(session, SipUri.parse("sip:com;transport=udp"))
    session.advance(other, 0.0)
    extra = answer("example.com A", "192.0.2.1", ttl=20, source=Source.ADDITIONAL)
    srv = answer("_sip._udp.com SRV", "1 1 5060 example.com", additional=(extra,))
    session.deliver([srv], 0.0)
    assert len(finish(session, locate_at(session, URI, 19.0), 19.0)) == 1
    assert session.take() == (A1,)
    assert session.is_asked_again(A1)


def locate_at(session: Session, uri: SipUri, now: float) -> Run:
    return session.locate(uri, session.policy, rng=Random(1), sources=NO_SOURCES, now=now)


@pytest.mark.parametrize(
    "policy", [evolve(ONE_FAMILY, concurrency=2), evolve(ONE_FAMILY, names_per_minute=2)]
)
def test_what_must_not_be_asked_now_is_answered_by_what_is_stale(policy: Policy) -> None:
    """RFC 8767 §4: a refresh that cannot be made is no reason to forget what was there."""
    session = Session(policy)
    uri = SipUri.parse("sip:pbx.example.com:5060")
    run = locate(session, uri)
    session.advance(run, 0.0)
    session.deliver([answer("pbx.example.com A", "192.0.2.1", ttl=60)], 0.0)
    finish(session, run, 0.0)
    for n in range(2):
        stranger = SipUri.parse(f"sip:r{n}.example.com:5060")
        session.advance(locate_at(session, stranger, 120.0), 120.0)
    run = locate_at(session, uri, 120.0)
    assert [str(target.address) for target in finish(session, run, 120.0)] == ["192.0.2.1"]
    assert sources(run.result(uri)) == {"pbx.example.com A": (Status.OK, Source.STALE)}


def test_a_naptr_for_which_there_is_no_room_is_not_waited_for() -> None:
    """What is not asked is not to come; and the note says that it was not the domain's fault."""
    session = Session(evolve(ONE_FAMILY, transports=("udp",), concurrency=8))
    uri = SipUri.parse("sip:example.com")
    known = zone("_sip._udp.example.com SRV 1 1 5060 h.example.com\nh.example.com A 192.0.2.1")
    run = locate(session, uri)
    while isinstance(step := session.advance(run, 0.0), Waiting):
        said = [
            known.get(each) or Answer(question=each, status=Status.NODATA) for each in step.start
        ]
        session.deliver(said, 0.0)
    finish(session, run, 0.0)
    for orphan in session.leave(run):
        session.forget(orphan)
    for n in range(8):
        stranger = SipUri.parse(f"sip:h.o{n}.example:5060")
        session.advance(locate_at(session, stranger, 1.0), 1.0)
    run = locate_at(session, uri, 1.0)
    assert [str(target.address) for target in finish(session, run, 1.0)] == ["192.0.2.1"]
    assert "busy" in {note.code for note in run.notes}
    assert "naptr-failed" not in {note.code for note in run.notes}


def test_a_name_that_the_policy_does_not_allow_is_not_asked_for() -> None:
    policy = evolve(ONE_FAMILY, allow_name=lambda name: "example.com" not in name)
    simulation = simulated(policy=policy)
    error = failed(simulation)
    assert isinstance(error, NameRefused)
    assert simulation.asked == []
    assert error.resolution is not None
    assert error.resolution.queries == ()


def test_a_host_that_the_policy_does_not_allow_is_left_out() -> None:
    policy = evolve(ONE_FAMILY, allow_name=lambda name: not name.startswith("b."))
    simulation = simulated({each.question: each for each in (SRV, A, B, C)}, policy)
    for _ in range(3):
        resolution = simulation.resolve("sip:example.com;transport=udp")
        assert addresses(resolution) == ["192.0.2.1", "192.0.2.3"]
        assert [note.code for note in resolution.warnings] == ["name-refused"]
    assert B.question not in simulation.asked


def test_a_hook_that_fails_ends_the_call() -> None:
    simulation = simulated(policy=evolve(ONE_FAMILY, allow_name=lambda _name: 1 / 0 > 0))
    assert isinstance(failed(simulation), Misuse)


def test_too_many_names_below_one_domain() -> None:
    policy = evolve(ONE_FAMILY, names_per_minute=3)
    hosts = [f"h{n}.example.com" for n in range(5)]
    simulation = simulated(zone("\n".join(f"{host} A 192.0.2.1" for host in hosts)), policy)
    for host in hosts[:3]:
        simulation.resolve(f"sip:{host}:5060")
    assert isinstance(failed(simulation, f"sip:{hosts[3]}:5060"), TooManyNames)
    assert addresses(simulation.resolve(f"sip:{hosts[0]}:5060")) == ["192.0.2.1"]
    simulation.pass_time(60.0)
    assert addresses(simulation.resolve(f"sip:{hosts[3]}:5060")) == ["192.0.2.1"]


def test_an_address_that_the_policy_does_not_allow_is_left_out() -> None:
    policy = evolve(ONE_FAMILY, allow_address=lambda address, _host: str(address) != "192.0.2.2")
    simulation = simulated({each.question: each for each in (SRV, A, B, C)}, policy)
    for _ in range(3):
        resolution = simulation.resolve("sip:example.com;transport=udp")
        assert addresses(resolution) == ["192.0.2.1", "192.0.2.3"]
        assert [note.code for note in resolution.warnings] == ["address-refused"]


def test_where_no_address_is_allowed_that_is_the_error() -> None:
    policy = evolve(ONE_FAMILY, allow_address=lambda _address, _host: False)
    simulation = simulated({each.question: each for each in (SRV, A, B, C)}, policy)
    for uri in ("sip:example.com;transport=udp", "sip:192.0.2.9"):
        for _ in range(2):
            assert isinstance(failed(simulation, uri), AddressRefused)


def test_where_a_request_came_from_needs_no_leave() -> None:
    """RFC 3261 §18.2.2: `received` is what was seen, and no name led there; sent-by is a name."""
    policy = evolve(ONE_FAMILY, allow_address=lambda _address, _host: False)
    simulation = simulated(policy=policy)
    resolution = simulation.respond("SIP/2.0/UDP example.com:5060;received=10.0.0.9")
    assert addresses(resolution) == ["10.0.0.9"]
    assert [note.code for note in resolution.warnings] == ["address-refused"]


def test_records_beyond_the_bound_are_left_out() -> None:
    lots = answer("example.com A", *(f"192.0.2.{n}" for n in range(1, 9)))
    simulation = simulated({A1: lots}, evolve(ONE_FAMILY, records=3))
    for _ in range(3):
        resolution = simulation.resolve(HOST)
        assert set(addresses(resolution)) == {"192.0.2.1", "192.0.2.2", "192.0.2.3"}
        [note] = resolution.warnings
        assert (note.code, note.question) == ("records-left-out", A1)
        assert "5 of 8" in note.message


def test_sips_that_vanished_is_a_warning_until_it_is_back() -> None:
    """RFC 3263 §7."""
    naptr = question("example.com NAPTR")
    with_sips = answer(str(naptr), '1 1 "s" "SIPS+D2T" "" _sips._tcp.example.com', ttl=100)
    without = Answer(question=naptr, status=Status.NODATA, ttl=100)
    simulation = simulated({**RECORDS, naptr: with_sips}, Policy(families=("ipv4",)))
    simulation.answers |= zone(  # type: ignore[operator]  # it is a dict
        "_sips._tcp.example.com SRV 1 1 5061 example.com"
    )
    for said, calls, expected in (
        (with_sips, 2, []),
        (without, 3, ["sips-naptr-vanished"]),
        (with_sips, 2, []),
        (Answer(question=naptr, status=Status.SERVFAIL), 1, []),
        (without, 2, ["sips-naptr-vanished"]),
    ):
        say(simulation, said)
        simulation.pass_time(140.0)
        for _ in range(calls):
            warnings = simulation.resolve("sip:example.com").warnings
            assert [n.code for n in warnings if n.code == "sips-naptr-vanished"] == expected


# --- Other nameservers, and forgetting


def test_other_nameservers_are_asked_anew() -> None:
    simulation = simulated()
    session = simulation.shared
    assert session is not None
    for view, asked in (("a", 1), ("a", 1), ("b", 2), ("a", 2)):
        session.look_through(view)
        simulation.resolve(HOST)
        assert len(simulation.asked) == asked


def test_an_answer_of_other_nameservers_is_kept_as_theirs() -> None:
    session = Session(ONE_FAMILY)
    session.look_through("a")
    run = locate(session)
    session.advance(run, 0.0)
    session.look_through("b")
    session.deliver([ADDRESS], 0.1)
    assert len(finish(session, run, 0.1)) == 1
    session.leave(run)
    step = session.advance(locate(session), 0.2)
    assert isinstance(step, Waiting)
    assert step.start == (A1,)


def test_what_is_in_flight_to_other_nameservers_is_not_joined() -> None:
    """They may be those of a network that was left; who waited for them waits for these now."""
    session = Session(ONE_FAMILY)
    session.look_through("a")
    before, after = locate(session), locate(session)
    session.advance(before, 0.0)
    assert not session.is_asked_again(A1)
    session.look_through("b")
    step = session.advance(after, 1.0)
    assert isinstance(step, Waiting)
    assert step.start == (A1,)
    assert session.is_asked_again(A1)
    assert session.deliver([ADDRESS], 1.1) == {before, after}
    assert len(finish(session, before, 1.1)) == len(finish(session, after, 1.1)) == 1
    assert not session.in_flight


@pytest.mark.parametrize(
    ("flushed", "warns"),
    [(None, False), ("example.com", False), ("EXAMPLE.com.", False), ("example.net", True)],
)
def test_what_is_flushed_is_missed_no_more(flushed: str | None, warns: bool) -> None:
    """RFC 3263 §7: who moves a domain away from SIPS on purpose says so."""
    naptr = answer("example.com NAPTR", '1 1 "s" "SIPS+D2T" "" _sips._tcp.example.com')
    sips = answer("_sips._tcp.example.com SRV", "1 1 5061 example.com")
    simulation = simulated(
        {**RECORDS, naptr.question: naptr, sips.question: sips}, Policy(families=("ipv4",))
    )
    simulation.resolve("sip:example.com")
    say(simulation, Answer(question=naptr.question, status=Status.NODATA, ttl=100))
    simulation.pass_time(301.0)
    simulation.shared.flush(flushed)  # type: ignore[union-attr]  # it is there
    codes = {note.code for note in simulation.resolve("sip:example.com").warnings}
    assert ("sips-naptr-vanished" in codes) is warns


@pytest.mark.parametrize(
    ("name", "again"), [(None, True), ("example.com", True), ("EXAMPLE.com.", True), ("x.y", False)]
)
def test_what_is_flushed_is_asked_again(name: str | None, again: bool) -> None:
    simulation = simulated()
    simulation.resolve(HOST)
    simulation.shared.flush(name)  # type: ignore[union-attr]  # it is there
    simulation.resolve(HOST)
    assert (len(simulation.asked) == 2) is again


def test_who_joins_is_given_what_is_stale_as_early_as_who_asked() -> None:
    """RFC 8767 §5: the timer is that of the question, which has been in flight since."""
    session = Session(ONE_FAMILY, CachePolicy(stale_after=1.0))
    run = locate(session)
    session.advance(run, 0.0)
    session.deliver([ADDRESS], 0.1)
    finish(session, run, 0.1)
    first = session.locate(URI, ONE_FAMILY, rng=Random(1), sources=NO_SOURCES, now=400.0)
    session.advance(first, 400.0)
    second = session.locate(URI, ONE_FAMILY, rng=Random(1), sources=NO_SOURCES, now=400.75)
    step = session.advance(second, 400.75)
    assert isinstance(step, Waiting)
    assert (step.start, step.until) == ((), 401.0)
    assert len(finish(session, second, 401.0)) == 1


@pytest.mark.parametrize("name", ["", "sip:example.com", "a b", " example.com", 5, b"example.com"])
def test_what_is_no_domain_name_is_not_flushed(name: Any) -> None:
    with pytest.raises(Misuse, match="a domain name is wanted"):
        Session(Policy()).flush(name)


def test_what_has_just_been_asked_is_not_refreshed_on_top() -> None:
    session = Session(evolve(ONE_FAMILY, lifetime=60.0))
    session.advance(locate_at(session, SipUri.parse("sip:com;transport=udp"), 0.0), 0.0)
    session.advance(locate_at(session, URI, 18.0), 18.0)
    session.take()
    extra = answer("example.com A", "192.0.2.1", ttl=20, source=Source.ADDITIONAL)
    srv = answer("_sip._udp.com SRV", "1 1 5060 example.com", additional=(extra,))
    session.deliver([srv], 18.5)
    assert len(finish(session, locate_at(session, URI, 18.6), 18.6)) == 1
    assert session.take() == ()
