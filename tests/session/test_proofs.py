"""Proofs among the calls of one resolver: what is asked, shared, kept, and given up."""

from __future__ import annotations

import sys
from collections import Counter
from operator import itemgetter
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from signed_world import (
    NOW,
    Crypto,
    Lookups,
    World,
    Zone,
    a,
    name_data,
    naptr,
    srv,
    tampered,
)

from sipresolve.session.plans import key_of
from sipresolve.session.proof.means import Checking
from sipresolve.session.proof.names import labels_of
from sipresolve.session.proofs import Proofs
from sipresolve.session.run import Run
from sipresolve.session.session import Session
from sipresolve.vocabulary.caching import CachePolicy
from sipresolve.vocabulary.errors import (
    Bogus,
    BudgetExceeded,
    DnsFailure,
    DnsTimeout,
    Misuse,
    NoTargets,
    NotSecure,
    SipResolveError,
    TooManyNames,
)
from sipresolve.vocabulary.evidence import Evidence, RrType, SignedSet
from sipresolve.vocabulary.keys import DnsKey
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Question, RecordType, Security, Source, Status
from sipresolve.vocabulary.uri import SipUri

UDP: dict[str, Any] = {"families": ("ipv4",), "transports": ("udp",)}
LEAF = Question("a.example.com", RecordType.A, signed=True)


def example(**more: Any) -> Zone:
    zone = Zone("example.com", **more)
    zone.add("example.com", RrType.NAPTR, naptr(10, 10, "SIP+D2U", "_sip._udp.example.com"))
    zone.add("_sip._udp.example.com", RrType.SRV, srv(1, 1, 5060, "a.example.com"))
    zone.add("www.example.com", RrType.CNAME, name_data("a.example.com"))
    return zone.add("a.example.com", RrType.A, a("192.0.2.1"))


def world(*more: Zone, **fields: Any) -> World:
    return World(Zone("."), Zone("com"), example(**fields), *more)


def failing(text: str, status: Status) -> Any:
    """What makes a question fail."""

    def tamper(answer: Answer) -> Answer:
        if str(answer.question) != text:
            return answer
        return Answer(question=answer.question, status=status, detail="nobody is there")

    return tamper


# --- What is asked, and when

KEYS_OF_EXAMPLE = {
    "example.com DNSKEY*",
    "example.com DS*",
    "com DNSKEY*",
    "com DS*",
    ". DNSKEY*",
}


def test_keys_are_asked_for_together_with_what_they_prove() -> None:
    """No round trip more than without validation, where the zone is guessed."""
    lookups = Lookups(world(), **UDP)
    found = lookups.resolve("sip:example.com")
    assert found.security is Security.SECURE
    assert lookups.rounds == [
        {"example.com NAPTR*", "_sip._udp.example.com SRV*", "example.com A*", *KEYS_OF_EXAMPLE},
        {"a.example.com A*"},
    ]
    plain = Lookups(world(), **UDP, dnssec="ignore")
    plain.session = Session(plain.policy)
    domain = plain.world
    plain.world.tamper = _with_records(domain)
    plain.resolve("sip:example.com")
    assert len(plain.rounds) == len(lookups.rounds)


def _with_records(domain: World) -> Any:
    """The answers as they are without proof: by proving them."""
    known = Lookups(domain)
    proven = {
        text: known.prove(text)
        for text in (
            "example.com NAPTR",
            "_sip._udp.example.com SRV",
            "a.example.com A",
            "example.com A",
        )
    }
    return lambda answer: evolve(proven[str(answer.question)], question=answer.question)


# What is asked, and in how many rounds: one more where the zone was not guessed.
ROUNDS: list[tuple[str, int]] = [
    ("a.example.com A", 1),
    ("example.com NAPTR", 1),
    ("_sip._udp.example.com SRV", 1),
    ("a.sub.example.com A", 1),
    ("in.a.example.com A", 1),
    ("_sip._udp.sub.example.com SRV", 1),
    ("a.plain.com A", 1),
    ("nope.com A", 1),
    ("www.example.com A", 1),
    ("away.example.com A", 2),
    ("a.b.c.d.e.example.com A", 1),
]


@pytest.mark.parametrize(("asked", "rounds"), ROUNDS)
def test_how_many_round_trips_a_proof_takes(asked: str, rounds: int) -> None:
    sub = Zone("sub.example.com").add("a.sub.example.com", RrType.A, a("192.0.2.1"))
    plain = Zone("plain.com", signed=False).add("a.plain.com", RrType.A, a("192.0.2.1"))
    other = Zone("other.com").add("a.other.com", RrType.A, a("192.0.2.1"))
    domain = world(sub, plain, other)
    zone = domain.zones[sub.apex[1:]]
    zone.add("in.a.example.com", RrType.A, a("192.0.2.1"))
    zone.add("away.example.com", RrType.CNAME, name_data("a.other.com"))
    zone.add("a.b.c.d.e.example.com", RrType.A, a("192.0.2.1"))
    lookups = Lookups(domain)
    assert lookups.prove(asked).status in (Status.OK, Status.NXDOMAIN)
    assert len(lookups.rounds) == rounds
    assert len(lookups.asked) == len(set(lookups.asked)), "nothing is asked twice"


def test_keys_are_cached() -> None:
    """A chain that is proven costs its new signatures only."""
    lookups = Lookups(world())
    lookups.prove("a.example.com A")
    checks = lookups.crypto.checks
    assert checks == 6
    assert lookups.prove("example.com NAPTR").security is Security.SECURE
    assert lookups.asked == ["example.com NAPTR*"]
    assert lookups.crypto.checks == checks + 1
    assert lookups.prove("a.example.com A").source is Source.CACHE
    assert lookups.asked == []
    assert lookups.crypto.checks == checks + 1


def test_keys_of_parents_are_shared_by_domains() -> None:
    lookups = Lookups(world(Zone("other.com")))
    lookups.prove("a.example.com A")
    lookups.prove("other.com A")
    assert lookups.asked == ["other.com A*", "other.com DNSKEY*", "other.com DS*"]


def test_what_came_to_prove_an_answer_is_not_kept() -> None:
    lookups = Lookups(world())
    found = lookups.prove("a.example.com A")
    assert found.evidence is None
    assert lookups.session.cache.statistics().entries == 6


def test_a_question_in_flight_is_joined_with_its_proof() -> None:
    lookups = Lookups(world())
    first, second = lookups.ask("a.example.com A"), lookups.ask("a.example.com A")
    asked = lookups.advance(first)
    assert {f"{each}*" for each in asked} == {"a.example.com A*", *KEYS_OF_EXAMPLE}
    assert all(each.signed for each in asked)
    assert lookups.advance(second) == ()
    lookups.answer(*asked)
    lookups.finish(first, second)
    assert first.ended == second.ended
    assert first.ended is not None
    assert first.ended.used[0].security is Security.SECURE
    assert not lookups.session.in_flight


def test_an_answer_reaches_all_who_wait_for_it() -> None:
    lookups = Lookups(world())
    first, second = (
        lookups.ask("a.example.com A"),
        lookups.ask("a.example.com A", "example.com NAPTR"),
    )
    asked = (*lookups.advance(first), *lookups.advance(second))
    answers = [lookups.world.answer(each) for each in asked]
    of_keys = [answer for answer in answers if answer.question != LEAF]
    assert lookups.session.deliver(of_keys, 0.1) == {second}
    leaf = [answer for answer in answers if answer.question == LEAF]
    assert lookups.session.deliver(leaf, 0.2) == {first, second}


def test_answers_may_come_in_any_order() -> None:
    for seed in range(20):
        lookups = Lookups(world())
        run = lookups.ask("a.example.com A", "nope.example.com A")
        asked = list(lookups.advance(run))
        Random(seed).shuffle(asked)
        while asked:
            answer = lookups.world.answer(asked.pop())
            lookups.session.deliver([answer], 0.1)
            asked += lookups.session.take()
        lookups.finish(run)
        assert run.ended is not None
        assert {each.security for each in run.ended.used} == {Security.SECURE}
        assert lookups.crypto.checks == 8


def test_without_speculation_only_what_is_needed_is_asked() -> None:
    lookups = Lookups(world(), speculation=False)
    assert lookups.prove("a.example.com A").security is Security.SECURE
    assert lookups.rounds[0] == {"a.example.com A*"}


# --- Who leaves


def test_who_leaves_gives_up_what_his_proof_asks() -> None:
    lookups = Lookups(world())
    run = lookups.ask("a.example.com A")
    asked = lookups.advance(run)
    assert set(lookups.session.leave(run)) == set(asked)
    assert lookups.session.leave(run) == (), "it is given back once"
    for each in asked:
        lookups.session.forget(each)
    assert not lookups.session.in_flight


def test_who_leaves_takes_nothing_from_others() -> None:
    lookups = Lookups(world())
    first, second = lookups.ask("a.example.com A"), lookups.ask("example.com NAPTR")
    asked = (*lookups.advance(first), *lookups.advance(second))
    assert lookups.session.leave(first) == (LEAF,)
    lookups.answer(*(each for each in asked if each != LEAF))
    lookups.finish(second)
    assert second.ended is not None
    assert second.ended.used[0].security is Security.SECURE


def test_who_comes_after_one_who_left_asks_anew() -> None:
    lookups = Lookups(world())
    first, second = lookups.ask("a.example.com A"), lookups.ask("a.example.com A")
    lookups.advance(first)
    lookups.session.leave(first)
    asked = lookups.advance(second)
    assert LEAF in asked
    lookups.answer(*asked)
    lookups.finish(second)
    assert second.ended is not None
    assert second.ended.used[0].security is Security.SECURE
    assert not lookups.session.in_flight


def test_who_leaves_before_anything_was_asked() -> None:
    lookups = Lookups(world())
    run = lookups.ask("a.example.com A")
    assert lookups.session.leave(run) == ()


def test_what_a_run_needed_and_did_not_get_goes_on() -> None:
    """The answer may be late, but not for the cache."""
    lookups = Lookups(world(), lifetime=1.0)
    run = lookups.ask("a.example.com A")
    asked = lookups.advance(run)
    lookups.now = 5.0
    lookups.advance(run)
    assert run.ended is not None
    assert run.ended.used[0].status is Status.TIMEOUT
    assert lookups.session.leave(run) == ()
    lookups.answer(*asked)
    assert lookups.prove("a.example.com A").source is Source.CACHE


def test_what_will_not_be_answered_is_told_to_the_calls() -> None:
    lookups = Lookups(world())
    run = lookups.ask("a.example.com A")
    asked = lookups.advance(run)
    assert lookups.session.forget(LEAF) == {run}
    assert lookups.session.forget(LEAF) == set()
    run.start_again()
    again = lookups.advance(run)
    assert LEAF in again
    lookups.answer(*{*asked, *again})
    lookups.finish(run)
    assert run.ended is not None
    assert run.ended.used[0].security is Security.SECURE


def test_keys_that_will_not_be_answered_are_asked_for_again() -> None:
    lookups = Lookups(world())
    run = lookups.ask("a.example.com A")
    asked = lookups.advance(run)
    leaf = lookups.world.answer(LEAF)
    lookups.session.deliver([leaf], 0.1)
    reached = lookups.session.forget(Question("com", RecordType.DNSKEY, signed=True))
    assert reached == {run}
    run.start_again()
    again = lookups.advance(run)
    assert LEAF in again
    lookups.answer(*{*asked, *again})
    lookups.finish(run)
    assert run.ended is not None
    assert run.ended.used[0].security is Security.SECURE


def test_several_proofs_that_wait_for_the_same_keys_lose_them_together() -> None:
    lookups = Lookups(world())
    run = lookups.ask("a.example.com A", "nope.example.com A")
    asked = lookups.advance(run)
    leaves = [each for each in asked if each.type is RecordType.A]
    lookups.session.deliver([lookups.world.answer(each) for each in leaves], 0.1)
    again: tuple[Question, ...] = ()
    for zone in ("example.com", "com", "."):
        keys = Question(zone, RecordType.DNSKEY, signed=True)
        assert lookups.session.forget(keys) == {run}
        run.start_again()
        again = lookups.advance(run)
        assert set(leaves) <= set(again)
    lookups.answer(*{*asked, *again})
    lookups.finish(run)
    assert run.ended is not None
    assert {each.security for each in run.ended.used} == {Security.SECURE}


def test_of_two_proofs_that_lose_the_same_one_may_have_waited_for_the_other() -> None:
    """Whether a zone is signed is what its keys wait for, and what is unsigned."""
    plain = Zone("plain.com", signed=False).add("a.plain.com", RrType.A, a("192.0.2.1"))
    lookups = Lookups(world(plain))
    run = lookups.ask("a.plain.com A")
    asked = lookups.advance(run)
    leaf = Question("a.plain.com", RecordType.A, signed=True)
    lookups.session.deliver([lookups.world.answer(leaf)], 0.1)
    assert lookups.session.forget(Question("plain.com", RecordType.DS, signed=True)) == {run}
    run.start_again()
    again = lookups.advance(run)
    lookups.answer(*{*asked, *again})
    lookups.finish(run)
    assert run.ended is not None
    assert run.ended.used[0].security is Security.INSECURE
    assert not lookups.session.in_flight


def test_what_is_old_is_asked_anew() -> None:
    """After an outage nobody would notice else that it is over."""
    lookups = Lookups(world())
    first, second = lookups.ask("a.example.com A"), lookups.ask("a.example.com A")
    lookups.advance(first)
    lookups.now = 2.5
    asked = lookups.advance(second)
    assert LEAF in asked
    lookups.answer(*asked)
    lookups.finish(first, second)
    for run in (first, second):
        assert run.ended is not None
        assert run.ended.used[0].security is Security.SECURE


KEYS_OF_COM = Question("com", RecordType.DNSKEY, signed=True)
KEYS_OF_ROOT = Question(".", RecordType.DNSKEY, signed=True)


@pytest.mark.parametrize("late", [LEAF, KEYS_OF_COM, KEYS_OF_ROOT])
def test_of_what_is_old_only_what_is_awaited_is_asked_anew(late: Question) -> None:
    """What the proof has come to is not lost, however many others it waits for in between."""
    lookups = Lookups(world(), lifetime=20.0)
    first, second = lookups.ask("a.example.com A"), lookups.ask("a.example.com A")
    asked = lookups.advance(first)
    lookups.answer(*(each for each in asked if each != late))
    lookups.now = 1.9
    assert lookups.advance(second) == (), "it is not old yet"
    third = lookups.ask("a.example.com A")
    lookups.now = 2.5
    assert lookups.advance(third) == (late,)
    assert lookups.session.is_asked_again(late)
    fourth = lookups.ask("a.example.com A")
    assert lookups.advance(fourth) == (), "it is new now"
    lookups.rounds = []
    lookups.answer(late)
    assert lookups.asked == [f"{late}*"]
    lookups.finish(first, second, third, fourth)
    for run in (first, second, third, fourth):
        assert run.ended is not None
        assert run.ended.used[0].security is Security.SECURE
    assert not lookups.session.in_flight


def slowly(
    lookups: Lookups, asked: str, *, takes: float, every: float, calls: int
) -> tuple[list[Run], Counter[Question]]:
    """What becomes of calls that come one after another, and what is asked meanwhile, how often.

    Args:
        lookups: Who answers.
        asked: What each of them asks.
        takes: How long each answer takes, in seconds; what is asked anew begins anew.
        every: When the next call comes, in seconds.
        calls: How many.
    """
    session, sent = lookups.session, Counter[Question]()
    runs: list[Run] = []
    agenda: list[tuple[float, Question | None]] = [(every * n, None) for n in range(calls)]
    while agenda:
        agenda.sort(key=itemgetter(0))
        lookups.now, question = agenda.pop(0)
        if question is None:
            runs.append(lookups.ask(asked))
        else:
            session.deliver([lookups.world.answer(question)], lookups.now)
        started = [each for run in runs for each in lookups.advance(run)]
        started += session.take()
        sent.update(started)
        agenda = [event for event in agenda if event[1] not in started]
        agenda += [(lookups.now + takes, each) for each in started]
    return runs, sent


@pytest.mark.parametrize("takes", [0.6, 1.2, 1.5, 1.9])
@pytest.mark.parametrize("every", [0.1, 0.5, 2.1])
def test_slow_answers_are_enough_however_many_call(takes: float, every: float) -> None:
    """A proof of two legs takes longer than a question may be old."""
    other = Zone("other.net").add("a.other.net", RrType.A, a("192.0.2.1"))
    domain = world(Zone("net"), other)
    domain.zones[labels_of("example.com")].add(
        "away.example.com", RrType.CNAME, name_data("a.other.net")
    )
    lookups = Lookups(domain, lifetime=20.0)
    runs, sent = slowly(lookups, "away.example.com A", takes=takes, every=every, calls=30)
    assert len(sent) == 10
    assert set(sent.values()) == {1}
    for run in runs:
        assert run.ended is not None
        assert run.ended.used[0].security is Security.SECURE
    assert not lookups.session.in_flight


def test_proofs_go_on_in_the_order_in_which_they_began() -> None:
    """The same answers have the same result then, whatever runs hash to."""
    policy = Policy(dnssec="validate", trust_anchors=(world().anchor,))
    proofs = Proofs(policy, Checking(Crypto(), lambda: NOW))
    asked = [Question(f"n{number}.example.com", RecordType.A) for number in range(40)]
    for question in asked:
        proofs.begin(question, None, 0.0)
    assert proofs.yet_to_begin == len(proofs) == 40
    begun = [proofs.next() for _ in asked]
    assert (proofs.next(), proofs.yet_to_begin) == (None, 0)
    call = Lookups(world()).ask("a.example.com A")
    assert proofs.without_proofs({call, *(each for each in begun if each)}) == {call}
    assert [proofs.next() for _ in asked] == begun
    assert [proofs.proven_by(each) for each in begun if each] == asked


def test_what_a_proof_waits_for_and_the_proofs_that_it_waits_for() -> None:
    lookups = Lookups(world())
    run = lookups.ask("a.example.com A")
    asked = lookups.advance(run)
    proofs = lookups.session._proofs
    assert proofs is not None
    leaf = evolve(LEAF, signed=False)
    assert sorted(map(str, proofs.awaited_by(leaf))) == sorted(map(str, asked)), "each once"
    lookups.answer(*(each for each in asked if each != KEYS_OF_ROOT))
    assert list(proofs.awaited_by(leaf)) == [KEYS_OF_ROOT]
    assert list(proofs.awaited_by(Question("other.com", RecordType.A))) == []


def test_what_two_proofs_wait_for_is_said_once() -> None:
    """Whether a zone is signed is what its keys wait for, and what is unsigned."""
    plain = Zone("plain.com", signed=False).add("a.plain.com", RrType.A, a("192.0.2.1"))
    lookups = Lookups(world(plain))
    asked = lookups.advance(lookups.ask("a.plain.com A"))
    leaf = evolve(LEAF, name="a.plain.com")
    lookups.session.deliver([lookups.world.answer(leaf)], 0.1)
    proofs = lookups.session._proofs
    assert proofs is not None
    awaited = sorted(map(str, proofs.awaited_by(evolve(leaf, signed=False))))
    assert awaited == sorted(str(each) for each in asked if each != leaf)


def test_a_proof_that_nobody_wants_any_more_does_not_go_on() -> None:
    policy = Policy(dnssec="validate", trust_anchors=(world().anchor,))
    proofs = Proofs(policy, Checking(Crypto(), lambda: NOW))
    dropped, wanted = evolve(LEAF, signed=False), Question("b.example.com", RecordType.A)
    for question in (dropped, wanted):
        proofs.begin(question, None, 0.0)
    assert proofs.drop(dropped) is not None
    assert proofs.yet_to_begin == len(proofs) == 1
    assert proofs.next() is proofs.of(wanted) is not None
    assert proofs.next() is None
    assert proofs.drop(dropped) is None


def test_it_is_said_what_a_proof_was_waiting_for() -> None:
    """It is not the question of the call that nobody has answered."""
    lookups = Lookups(world(), lifetime=2.0, **UDP)
    for withheld, named in ((KEYS_OF_COM, True), (LEAF, False)):
        lookups.session.flush()
        run = lookups.locate("sip:a.example.com:5060")
        lookups.answer(*(each for each in lookups.advance(run) if each != withheld))
        lookups.now += 2.0
        lookups.advance(run)
        with pytest.raises(DnsTimeout) as raised:
            run.result(SipUri.parse("sip:a.example.com:5060"))
        assert ("com DNSKEY" in str(raised.value)) is named
        lookups.session.leave(run)
        lookups.session.forget(withheld)


@pytest.mark.parametrize("labels", [32, 124])
def test_who_leaves_a_very_long_chain(labels: int) -> None:
    """Each proof that nobody wants any more gives up the next: the stack has room for all."""
    names = [".".join("x" * depth) for depth in range(1, labels + 1)]
    domain = World(Zone("."), *map(Zone, names))
    domain.zones[labels_of(names[-1])].add(names[-1], RrType.A, a("192.0.2.1"))
    lookups = Lookups(domain, concurrency=1_000)
    run = lookups.ask(f"{names[-1]} A")
    asked = list(lookups.advance(run))
    withheld = [each for each in asked if each == KEYS_OF_ROOT]
    while going := [each for each in asked if each != KEYS_OF_ROOT]:
        lookups.session.deliver([domain.answer(each) for each in going], 0.1)
        asked = list(lookups.session.take())
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_depth() + 400)
    try:
        left = lookups.session.leave(run)
    finally:
        sys.setrecursionlimit(limit)
    for question in {*left, *withheld}:
        lookups.session.forget(question)
    assert not lookups.session.in_flight


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


# --- What is kept

LONG = CachePolicy(refresh_ahead=0.0, stale=86_400.0)
REFRESHED = CachePolicy(refresh_ahead=0.5, shortest_refreshed=1.0)


def test_what_is_in_use_is_proven_again_before_it_expires() -> None:
    lookups = Lookups(world(), caching=REFRESHED)
    lookups.prove("a.example.com A")
    lookups.now += 200.0
    lookups.time += 200.0
    run = lookups.ask("a.example.com A")
    lookups.advance(run)
    assert run.ended is not None
    asked = lookups.session.take()
    assert LEAF in asked
    lookups.session.leave(run)
    lookups.answer(*asked)
    lookups.now += 200.0
    found = lookups.prove("a.example.com A")
    assert (found.source, found.security) == (Source.CACHE, Security.SECURE)
    assert not [text for text in lookups.asked if text.startswith("a.")]


def test_keys_in_use_are_proven_again_before_they_expire() -> None:
    """Nobody waits for them then."""
    lookups = Lookups(world(), caching=REFRESHED)
    lookups.prove("a.example.com A")
    lookups.now += 200.0
    assert lookups.prove("example.com NAPTR").security is Security.SECURE
    assert lookups.rounds == [{"example.com NAPTR*", *KEYS_OF_EXAMPLE}]
    assert not lookups.session.in_flight
    lookups.now += 120.0
    assert lookups.prove("nope.example.com A").security is Security.SECURE
    assert lookups.asked == ["nope.example.com A*"]


@pytest.mark.parametrize("caching", [CachePolicy(entries=0), CachePolicy(entries=1)])
def test_without_a_cache_each_chain_is_proven_anew(caching: CachePolicy) -> None:
    lookups = Lookups(world(), caching=caching, **UDP)
    assert lookups.resolve("sip:example.com").security is Security.SECURE
    assert all(len(asked) <= 3 + len(KEYS_OF_EXAMPLE) for asked in lookups.rounds)
    assert len(lookups.asked) <= 4 * (1 + len(KEYS_OF_EXAMPLE))


def test_keys_that_may_not_be_kept_are_used_once() -> None:
    """A TTL of 0 serves who asked."""
    lookups = Lookups(world())
    lookups.world.tamper = lambda answer: evolve(answer, ttl=0)
    assert lookups.prove("a.example.com A", "example.com NAPTR").security is Security.SECURE
    assert lookups.session.cache.statistics().entries == 0


def test_what_is_refreshed_for_nobody_is_overdue_one_day() -> None:
    lookups = Lookups(world(), caching=REFRESHED)
    lookups.prove("a.example.com A")
    lookups.now += 200.0
    run = lookups.ask("a.example.com A")
    lookups.advance(run)
    lookups.session.leave(run)
    assert lookups.session.overdue(lookups.now + 29.0) == ()
    late = lookups.now + 31.0
    for _ in range(3):
        for question in lookups.session.overdue(late):
            lookups.session.forget(question)
    assert not lookups.session.in_flight


def test_a_refresh_waits_for_room() -> None:
    lookups = Lookups(world(), caching=REFRESHED, concurrency=4)
    lookups.prove("a.example.com A")
    lookups.now += 200.0
    busy = lookups.ask("x.example.com A", "y.example.com A", "z.example.com A")
    waiting = lookups.advance(busy)
    run = lookups.ask("a.example.com A")
    assert LEAF not in lookups.advance(run)
    lookups.session.deliver([lookups.world.answer(each) for each in waiting], lookups.now)
    assert LEAF in lookups.session.take()


def test_a_stale_answer_ends_with_its_signatures() -> None:
    """RFC 8767 §4 and RFC 4035 §5.3.3: what is served must still be signed."""
    lookups = Lookups(world(ends=1_000), caching=LONG)
    lookups.prove("a.example.com A")
    lookups.world.tamper = failing("a.example.com A", Status.SERVFAIL)
    for passed, expected in ((400.0, Status.OK), (900.0, Status.OK), (1_050.0, Status.SERVFAIL)):
        lookups.now = lookups.time = passed
        found = lookups.prove("a.example.com A")
        assert found.status is expected
        if expected is Status.OK:
            assert (found.source, found.security) == (Source.STALE, Security.SECURE)


def test_a_stale_answer_ends_with_those_of_its_keys() -> None:
    domain = World(Zone("."), Zone("com", ends=1_000), example())
    lookups = Lookups(domain, caching=LONG)
    lookups.prove("a.example.com A", "nope.example.com A")
    lookups.world.tamper = lambda answer: Answer(question=answer.question, status=Status.TIMEOUT)
    lookups.now = lookups.time = 900.0
    assert lookups.prove("a.example.com A").source is Source.STALE
    assert lookups.prove("nope.example.com A").source is Source.STALE
    lookups.now = lookups.time = 1_050.0
    assert lookups.prove("a.example.com A").status is Status.TIMEOUT
    assert lookups.prove("nope.example.com A").status is Status.TIMEOUT


def test_a_fresh_answer_ends_with_its_signatures() -> None:
    lookups = Lookups(world(ends=100))
    assert lookups.prove("a.example.com A").ttl == 100
    lookups.now = lookups.time = 101.0
    found = lookups.prove("a.example.com A")
    assert (found.status, found.reason.code) == (Status.BOGUS, "signature-expired")


def test_a_fresh_answer_ends_with_those_of_its_keys() -> None:
    """What vouches for it has ended, though its TTL and its own signature have not."""
    domain = World(Zone("."), Zone("com", ends=60), example())
    lookups = Lookups(domain, caching=LONG)
    assert lookups.prove("a.example.com A", "nope.example.com A").ttl == 300
    lookups.now = lookups.time = 59.0
    assert lookups.prove("a.example.com A").source is Source.CACHE
    lookups.now = lookups.time = 61.0
    for asked in ("a.example.com A", "nope.example.com A"):
        found = lookups.prove(asked)
        assert (found.status, found.reason.code) == (Status.BOGUS, "signature-expired")


# --- What was not proven, asked for another


def forging(*forged: tuple[str, bytes]) -> Any:
    """What answers questions with records that nobody has signed."""
    answers = dict(forged)

    def tamper(answer: Answer) -> Answer:
        data = answers.get(str(answer.question))
        if data is None:
            return answer
        kind = RrType[answer.question.type]
        found = SignedSet(labels_of(answer.question.name), kind, 300, (data,))
        return evolve(answer, status=Status.OK, evidence=Evidence((found,)))

    return tamper


@pytest.mark.parametrize("primed", [False, True])
def test_an_insecure_alias_takes_no_name_from_a_secure_zone(*, primed: bool) -> None:
    """Else whoever has an unsigned zone could first have it forgotten that another is signed.

    RFC 2308 §5: that ``_tcp.example.com`` does not exist was not proven, where an alias said it.
    """
    signed = Zone("example.com").add("a.example.com", RrType.A, a("192.0.2.1"))
    signed.add("_sip._udp.example.com", RrType.SRV, srv(1, 1, 5060, "a.example.com"))
    evil = Zone("evil.com", signed=False)
    evil.add("evil.com", RrType.CNAME, name_data("_tcp.example.com"))
    lookups = Lookups(World(Zone("."), Zone("com"), signed, evil))
    if primed:
        with pytest.raises(NoTargets):
            lookups.resolve("sip:evil.com:5060")
    lookups.session.flush("evil.com")
    lookups.world.tamper = forging(
        ("_sip._tcp.example.com SRV", srv(0, 1, 5060, "evil.com")),
        ("evil.com A", a("192.0.2.66")),
    )
    with pytest.raises(Bogus) as raised:
        lookups.resolve("sip:example.com;transport=tcp")
    assert raised.value.resolution is not None
    assert raised.value.resolution.targets == ()


@pytest.mark.parametrize("primed", [False, True])
def test_nor_the_name_that_is_the_end_of_it(*, primed: bool) -> None:
    evil = Zone("evil.com", signed=False)
    evil.add("www.evil.com", RrType.CNAME, name_data("foo.example.com"))
    lookups = Lookups(world(evil))
    if primed:
        found = lookups.prove("www.evil.com A")
        assert (found.status, found.security) == (Status.NXDOMAIN, Security.INSECURE)
        assert lookups.prove("www.evil.com A").source is Source.CACHE
    lookups.world.tamper = forging(("bar.foo.example.com A", a("192.0.2.66")))
    assert lookups.prove("bar.foo.example.com A").status is Status.BOGUS


def test_a_secure_alias_says_of_its_end_that_it_does_not_exist() -> None:
    domain = world()
    zone = domain.zones[labels_of("example.com")]
    zone.add("lost.example.com", RrType.CNAME, name_data("nope.example.com"))
    lookups = Lookups(domain)
    assert lookups.prove("lost.example.com A").security is Security.SECURE
    found = lookups.prove("nope.example.com AAAA")
    assert (found.status, found.security, found.source) == ("nxdomain", "secure", "cache")


@pytest.mark.parametrize("kind", [RecordType.DS, RecordType.DNSKEY])
def test_a_server_that_knows_nothing_of_dnssec_keeps_its_names(kind: RecordType) -> None:
    """RFC 3597 came after some: they say of an unknown type that the name does not exist."""
    plain = Zone("plain.com", signed=False).add("sip.voice.plain.com", RrType.A, a("192.0.2.1"))
    plain.add("voice.plain.com", RrType.A, a("192.0.2.2"))
    lookups = Lookups(world(plain))

    def tamper(answer: Answer) -> Answer:
        is_meant = answer.question.name == "voice.plain.com" and answer.question.type is kind
        return evolve(answer, status=Status.NXDOMAIN) if is_meant else answer

    lookups.world.tamper = tamper
    assert lookups.prove(f"voice.plain.com {kind}", "sip.voice.plain.com A").status
    found = lookups.prove("voice.plain.com A")
    assert (found.status, found.security) == (Status.OK, Security.INSECURE)


def test_in_place_of_what_is_forged_nothing_stale_is_served() -> None:
    lookups = Lookups(world(), caching=LONG)
    lookups.prove("a.example.com A")
    lookups.now = lookups.time = 400.0
    lookups.world.tamper = tampered("a.example.com A", lambda each: evolve(each, signatures=()))
    assert lookups.prove("a.example.com A").status is Status.BOGUS
    lookups.world.tamper = lambda answer: Answer(question=answer.question, status=Status.TIMEOUT)
    assert lookups.prove("a.example.com A").status is Status.BOGUS, (
        "for as long as it is remembered"
    )


def test_a_forgery_is_remembered_for_a_while() -> None:
    """RFC 9520 §3.2."""
    lookups = Lookups(world())
    lookups.world.tamper = tampered("a.example.com A", lambda each: evolve(each, signatures=()))
    lookups.prove("a.example.com A")
    lookups.prove("a.example.com A")
    assert lookups.asked == []
    lookups.world.tamper = lambda answer: answer
    lookups.now += 10.0
    assert lookups.prove("a.example.com A").security is Security.SECURE


def test_other_nameservers_are_asked_for_all_of_it() -> None:
    lookups = Lookups(world())
    lookups.prove("a.example.com A")
    lookups.session.look_through("others")
    lookups.prove("a.example.com A")
    assert set(lookups.asked) == {"a.example.com A*", *KEYS_OF_EXAMPLE}


def test_other_nameservers_are_asked_for_what_is_in_flight() -> None:
    lookups = Lookups(world())
    first, second = lookups.ask("a.example.com A"), lookups.ask("a.example.com A")
    lookups.advance(first)
    lookups.session.look_through("others")
    asked = lookups.advance(second)
    assert {f"{each}*" for each in asked} == {"a.example.com A*", *KEYS_OF_EXAMPLE}
    assert lookups.session.is_asked_again(LEAF)
    lookups.answer(*asked)
    lookups.finish(first, second)
    assert first.ended == second.ended
    assert not lookups.session.in_flight


def test_keys_are_flushed_with_all_else() -> None:
    lookups = Lookups(world())
    lookups.prove("a.example.com A")
    lookups.session.flush()
    lookups.prove("a.example.com A")
    assert set(lookups.asked) == {"a.example.com A*", *KEYS_OF_EXAMPLE}


# --- What cannot be had


@pytest.mark.parametrize("lost", ["example.com DNSKEY", "com DS", ". DNSKEY", "a.example.com A"])
@pytest.mark.parametrize(
    ("status", "error"), [(Status.TIMEOUT, DnsTimeout), (Status.SERVFAIL, DnsFailure)]
)
def test_without_its_proof_nothing_is_used(
    lost: str, status: Status, error: type[SipResolveError]
) -> None:
    lookups = Lookups(world(), **UDP)
    lookups.world.tamper = failing(lost, status)
    with pytest.raises(error) as raised:
        lookups.resolve("sip:a.example.com:5060")
    assert raised.value.resolution is not None
    assert raised.value.resolution.targets == ()
    assert raised.value.resolution.security is Security.INDETERMINATE
    assert lost in str(raised.value)


DEEP = ".".join("abcdefghijklmnopqrst") + ".example.com"


def unsigned_deep() -> World:
    """A name of many labels, and its records without their signature."""
    domain = world()
    domain.zones[labels_of("example.com")].add(DEEP, RrType.A, a("192.0.2.1"))
    domain.tamper = tampered(f"{DEEP} A", lambda each: evolve(each, signatures=()))
    return domain


@pytest.mark.parametrize("questions", [0, 1, 5, 8, 20])
def test_what_the_proofs_of_a_call_ask_has_an_end(questions: int) -> None:
    """Whoever has the domain decides how many there are; another call begins anew."""
    lookups = Lookups(unsigned_deep(), **UDP)
    run = lookups.locate(f"sip:{DEEP}:5060")
    run.work.questions = questions
    lookups.finish(run)
    assert len(lookups.asked) <= questions
    with pytest.raises(BudgetExceeded) as raised:
        run.result(SipUri.parse(f"sip:{DEEP}:5060"))
    assert raised.value.code == "budget-exceeded"
    [unasked] = raised.value.answers
    assert (unasked.status, unasked.question.name) == (Status.UNASKED, DEEP)
    assert lookups.prove(f"{DEEP} A").reason.code == "no-signature", "it is not remembered"
    assert lookups.prove("example.com NAPTR").security is Security.SECURE


def test_who_asks_few_questions_may_prove_them() -> None:
    """The bound is that of the policy: three questions for each, and a chain."""
    lookups = Lookups(unsigned_deep(), budget=1)
    assert lookups.prove(f"{DEEP} A").reason.code == "no-signature"


@pytest.mark.parametrize("questions", range(6))
def test_who_waits_with_a_call_that_has_asked_too_much_asks_for_himself(questions: int) -> None:
    lookups = Lookups(world(), speculation=False)
    first, second = lookups.ask("a.example.com A"), lookups.ask("a.example.com A")
    first.work.questions = questions
    asked = (*lookups.advance(first), *lookups.advance(second))
    lookups.answer(*asked)
    lookups.finish(first, second)
    assert first.ended is not None
    assert second.ended is not None
    assert first.ended.used[0].status is Status.UNASKED
    assert second.ended.used[0].security is Security.SECURE
    assert not lookups.session.in_flight


@pytest.mark.parametrize("allow", [lambda name: name.endswith("example.com")])
def test_who_may_ask_for_a_name_may_prove_it(allow: Any) -> None:
    """The names of the zones above it are not what the caller wants to know."""
    lookups = Lookups(world(), allow_name=allow)
    assert lookups.prove("a.example.com A").security is Security.SECURE
    assert lookups.prove("a.other.com A").status is Status.NAME_REFUSED


def test_a_hook_that_fails_fails_its_own_call() -> None:
    def allow(_: str) -> bool:
        raise RuntimeError

    lookups = Lookups(world(), allow_name=allow)
    with pytest.raises(Misuse):
        lookups.prove("a.example.com A")


def test_a_proof_does_not_count_as_names_below_a_domain() -> None:
    lookups = Lookups(world(), names_per_minute=2)
    assert lookups.prove("a.example.com A").security is Security.SECURE
    assert lookups.prove("nope.example.com A").security is Security.SECURE
    assert lookups.prove("more.example.com A").status is Status.TOO_MANY_NAMES
    with pytest.raises(TooManyNames):
        lookups.resolve("sip:yet.example.com:5060")


def test_the_budget_is_for_what_the_call_asks() -> None:
    """Not for what its proofs do, whose number the domain decides."""
    deep = Zone("plain.com", signed=False).add("a.b.c.d.plain.com", RrType.A, a("192.0.2.1"))
    lookups = Lookups(world(deep), budget=1, **UDP)
    assert lookups.resolve("sip:a.b.c.d.plain.com:5060").security is Security.INSECURE
    with pytest.raises(BudgetExceeded):
        lookups.resolve("sip:a.b.c.d.plain.com")


def test_few_records_are_taken_of_what_was_asked_and_all_keys() -> None:
    """Else who wants few addresses could not prove one."""
    others = tuple(DnsKey(257, 3, 13, bytes((number,))) for number in range(10))
    zone = example(more_keys=others)
    zone.add("more.example.com", RrType.A, a("192.0.2.1"), a("192.0.2.2"))
    lookups = Lookups(World(Zone("."), Zone("com"), zone), records=1)
    found = lookups.prove("more.example.com A")
    assert (found.security, len(found.records), found.left_out) == (Security.SECURE, 1, 1)
    assert len(lookups.prove("example.com DNSKEY").records) == 11


def test_nobody_needs_that_many_keys() -> None:
    others = tuple(
        DnsKey(257, 3, 13, bytes((number, step))) for number in range(100) for step in range(5)
    )
    lookups = Lookups(world(more_keys=others), records=1)
    keys = lookups.prove("example.com DNSKEY")
    assert (len(keys.records), keys.left_out) == (256, 245)


@pytest.mark.parametrize("concurrency", range(6, 14))
def test_no_more_is_in_flight_than_the_policy_allows(concurrency: int) -> None:
    """What is only probably needed is put off, and harms nobody."""
    lookups = Lookups(world(), concurrency=concurrency)
    found = lookups.resolve("sip:example.com")
    assert found.security is Security.SECURE
    assert max(map(len, lookups.rounds)) <= concurrency


@pytest.mark.parametrize("concurrency", range(1, 6))
def test_where_there_is_hardly_any_room_a_call_may_be_too_much(concurrency: int) -> None:
    lookups = Lookups(world(), concurrency=concurrency)
    run = lookups.locate("sip:example.com")
    lookups.finish(run)
    assert all(len(asked) <= concurrency for asked in lookups.rounds)
    assert {each.security for each in run.targets} <= {Security.SECURE}


# --- What becomes of it


def test_a_plan_keeps_what_is_proven() -> None:
    domain = world(Zone("plain.com", signed=False).add("plain.com", RrType.A, a("192.0.2.9")))
    lookups = Lookups(domain, **UDP)
    for uri in ("sip:example.com", "sip:plain.com"):
        first = lookups.resolve(uri)
        lookups.resolve(uri)
        plan = lookups.session.plans.find(key_of(SipUri.parse(uri), lookups.policy), lookups.now)
        assert plan is not None
        by_plan = plan.resolve(SipUri.parse(uri), Random(1), lookups.now)
        assert (by_plan.security, by_plan.reason) == (first.security, first.reason)
        assert [each.security for each in by_plan.targets] == [
            each.security for each in first.targets
        ]
        assert [each.reason for each in by_plan.targets] == [each.reason for each in first.targets]


def test_a_plan_ends_with_the_signatures() -> None:
    lookups = Lookups(world(ends=100), **UDP)
    lookups.resolve("sip:example.com")
    lookups.resolve("sip:example.com")
    key = key_of(SipUri.parse("sip:example.com"), lookups.policy)
    assert lookups.session.plans.find(key, 50.0) is not None
    assert lookups.session.plans.find(key, 101.0) is None


def test_a_call_that_requires_proof() -> None:
    plain = Zone("plain.com", signed=False).add("plain.com", RrType.A, a("192.0.2.9"))
    lookups = Lookups(world(plain), require_secure=True, **UDP)
    assert len(lookups.resolve("sip:example.com").targets) == 1
    with pytest.raises(NotSecure) as raised:
        lookups.resolve("sip:plain.com:5060")
    assert "plain.com A: plain.com is not signed: the zone above proves" in str(raised.value)


def test_a_forged_record_ends_a_call() -> None:
    lookups = Lookups(world(), **UDP)
    lookups.world.tamper = tampered("example.com NAPTR", lambda each: evolve(each, signatures=()))
    with pytest.raises(Bogus) as raised:
        lookups.resolve("sip:example.com")
    assert "example.com NAPTR" in str(raised.value)


def test_the_time_of_day_is_not_the_time_of_the_cache() -> None:
    """An hour that goes back or forth is none of the TTLs'."""
    lookups = Lookups(world())
    lookups.prove("a.example.com A")
    lookups.time = -3_000.0
    lookups.now += 100.0
    assert lookups.prove("a.example.com A").source is Source.CACHE


def test_a_session_that_proves_nothing_has_no_proofs() -> None:
    session = Session(Policy())
    assert session.checking is None
    assert session.deliver([], 0.0) == set()


# --- Whatever calls do


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            ["ask", "ask", "answer", "answer", "leave", "forget", "wait", "look", "overdue"]
        ),
        st.integers(0, 30),
    ),
    max_size=40,
)
MIXED = [
    "a.example.com A",
    "nope.example.com A",
    "www.example.com A",
    "a.plain.com A",
    "a.other.com A",
]


class Crowd:
    """Calls that ask, leave, and lose what they asked; each event has a number to choose by."""

    def __init__(self) -> None:
        plain = Zone("plain.com", signed=False).add("a.plain.com", RrType.A, a("192.0.2.1"))
        other = Zone("other.com").add("a.other.com", RrType.A, a("192.0.2.1"))
        self.lookups = Lookups(world(plain, other), lifetime=1_000.0, caching=REFRESHED)
        self.session = self.lookups.session
        self.runs: list[Run] = []
        self.outstanding: list[Question] = []

    def ask(self, number: int) -> None:
        self.runs.append(self.lookups.ask(MIXED[number % 5], MIXED[number // 5 % 5]))

    def answer(self, number: int) -> None:
        for question in self._take(number):
            self.session.deliver([self.lookups.world.answer(question)], self.lookups.now)

    def leave(self, number: int) -> None:
        if self.runs:
            self.session.leave(self.runs.pop(number % len(self.runs)))

    def forget(self, number: int) -> None:
        for question in self._take(number):
            for run in self.session.forget(question):
                run.start_again()

    def wait(self, number: int) -> None:
        self.lookups.now += number / 10

    def look(self, number: int) -> None:
        self.session.look_through(number % 2)

    def overdue(self, _: int) -> None:
        for question in self.session.overdue(self.lookups.now):
            self.session.forget(question)

    def go_on(self) -> None:
        for run in self.runs:
            self.outstanding.extend(self.lookups.advance(run))
        self.outstanding.extend(self.session.take())

    def _take(self, number: int) -> list[Question]:
        if not self.outstanding:
            return []
        return [self.outstanding.pop(number % len(self.outstanding))]


@given(HAPPENINGS)
def test_whatever_calls_do_each_is_answered_and_nothing_is_left(
    happenings: list[tuple[str, int]],
) -> None:
    """In any order of asking, leaving, answers, losses, and other nameservers."""
    crowd = Crowd()
    for what, number in happenings:
        getattr(crowd, what)(number)
        crowd.go_on()
    while crowd.outstanding:
        crowd.answer(0)
        crowd.go_on()
    assert not crowd.session.in_flight
    for run in crowd.runs:
        assert run.ended is not None
        for answer in run.ended.used:
            is_plain = answer.question.name == "a.plain.com"
            assert answer.security is (Security.INSECURE if is_plain else Security.SECURE)
        assert crowd.session.leave(run) == ()
