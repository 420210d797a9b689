"""What the calls of one resolver share, and what they do not."""

from __future__ import annotations

from random import Random

from simulation import answer, question

from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.session.session import Session
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Security, Source, Status
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.uri import SipUri

URI = SipUri.parse("sip:example.com:5060")
ADDRESS = answer("example.com A", "192.0.2.1")
NO_ADDRESS6 = answer("example.com AAAA", Status.NODATA)


def locate(session: Session, uri: SipUri = URI) -> Run:
    return session.locate(uri, session.policy, rng=Random(1), sources=NO_SOURCES, now=0.0)


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
