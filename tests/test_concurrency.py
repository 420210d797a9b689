"""Many calls over one session and one health book: none sees anything of another but health.

Any course of events, step by step, beside a model. Threads and tasks are in `test_crowds`.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from ipaddress import ip_address
from random import Random
from types import coroutine
from typing import TYPE_CHECKING, Any, Final

import crowd
from attrs import define, evolve, field
from crowd import ENDINGS, WORLD, Alone, Clock, NaiveHealth
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from simulation import walk, zone
from strategies import (
    any_of_them,
    calls_of_a_crowd,
    calls_to_numbers,
    endings,
    long_pauses,
    rarely,
    rests_of_a_503,
    short_pauses,
    some_of_them,
)

from sipresolve.failover.book import HealthBook
from sipresolve.failover.claims import Claims
from sipresolve.failover.course import NO_MORE
from sipresolve.failover.health import Place
from sipresolve.failover.iterators import AsyncFailover
from sipresolve.procedures.addresses import NO_SOURCES
from sipresolve.procedures.locate_number import Client, locate_number
from sipresolve.resolver.subjects import subject_of
from sipresolve.session.run import Waiting
from sipresolve.session.session import Session
from sipresolve.vocabulary.caching import CachePolicy
from sipresolve.vocabulary.errors import AllTargetsFailed, SipResolveError
from sipresolve.vocabulary.numbers import TelUri
from sipresolve.vocabulary.policy import Policy
from sipresolve.vocabulary.records import Answer, Status
from sipresolve.vocabulary.targets import Target
from sipresolve.vocabulary.transports import TCP, UDP

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Mapping

    from strategies import CallOfACrowd

    from sipresolve.failover.attempt import Attempt
    from sipresolve.failover.course import Found
    from sipresolve.session.run import Run
    from sipresolve.vocabulary.records import Address, Question
    from sipresolve.vocabulary.targets import Resolution, Subject

#: NAPTR is waited for to its end, so that what a call finds depends on its answers alone.
POLICY: Final = Policy(transports=(UDP, TCP), lifetime=5.0, on_naptr_failure="fail")

#: No question gets more than half of what is left of a lifetime: the first to lapse has had this.
LEAST: Final = 2.5

#: What says that something came late, and so went to the end.
LATE: Final = {"host-late", "family-late"}

SHORTEST, LONGEST, PROBING, GRACE = 10.0, 45.0, 25.0, 15.0

#: More callers than this do not meet more often.
ENOUGH: Final = 5

#: Where nobody goes.
ELSEWHERE: Final = Place(UDP, ip_address("192.0.2.99"), 5060)


# --- Whom they call: those of a crowd, and by number ----------------------------------------------

#: Two numbers that lead to the servers of the crowd, one over two domains. No server comes twice.
EVERYTHING: Final = WORLD | zone("""
    3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa NAPTR 10 1 "" "" "" numbers.hosting.example
    3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa NAPTR 10 2 "" "" "" more.hosting.example
    3.2.1.0.6.4.9.7.0.2.4.4.e164.arpa NAPTR 10 3 "u" "E2U+sip" "!^.*$!sip:a@example.com!" .
    numbers.hosting.example NAPTR 10 2 "u" "E2U+email:mailto" "!^.*$!mailto:a@example.com!" .
    more.hosting.example NAPTR 20 1 "u" "E2U+sip" "!^.*$!sip:b@d.hosting.example:5090!" .
    more.hosting.example NAPTR 20 2 "u" "E2U+sip" "!^.*$!sip:b@nowhere.example!" .
    4.2.1.0.6.4.9.7.0.2.4.4.e164.arpa NAPTR 10 1 "u" "E2U+sip" "!^.*$!sip:c@a.example.com:5060!" .
    4.2.1.0.6.4.9.7.0.2.4.4.e164.arpa NAPTR 10 2 "u" "E2U+sip" "!^.*$!sip:c@192.0.2.77!" .
""")


def answer_to(question: Question) -> Answer:
    return EVERYTHING.get(question) or Answer(question=question, status=Status.NODATA)


def alone(call: CallOfACrowd, answers: Mapping[Question, Answer]) -> Alone:
    """What a caller gets where there is no other."""
    subject = subject_of(call.uri)
    if not isinstance(subject, TelUri):
        return crowd.alone(call.uri, call.seed, POLICY, answers, large=call.large)
    client = Client(policy=POLICY, rng=Random(call.seed), large=call.large)
    try:
        yielded, _ = walk(locate_number(subject, client), answers)
    except SipResolveError as error:
        return Alone(code=error.code)
    return Alone(tuple(item for item in yielded if isinstance(item, Target)))


# --- The least that can be a pump -----------------------------------------------------------------


@define
class Pump:
    """Takes searches on, one step at a time; answers come when a test lets them, for no cache.

    Attributes:
        coming: What is in flight.
        cancels: Whether that can be given up; there are backends that cannot.
    """

    clock: Clock
    session: Session = field(factory=lambda: Session(POLICY, CachePolicy(entries=0)))
    coming: list[Question] = field(factory=list)
    cancels: bool = True

    def leave(self, run: Run) -> None:
        for question in self.session.leave(run):
            if self.cancels:
                self.coming = [each for each in self.coming if each != question]
                self.session.forget(question)


@define(eq=False)
class Search:
    """The targets of one call, as the iterator has them.

    Attributes:
        until: When it goes on, whatever comes.
    """

    pump: Pump
    subject: Subject
    run: Run
    until: float = 0.0

    @property
    def resolution(self) -> Resolution:
        return self.run.resolution(self.subject)

    async def next(self) -> Found:
        pump, step = self.pump, None
        self.run.come_back(pump.clock.now)
        try:
            while isinstance(step := pump.session.advance(self.run, pump.clock.now), Waiting):
                pump.coming += step.start
                self.until = step.until
                if step.until > pump.clock.now:
                    await a_turn()
            if isinstance(step, Target):
                pump.coming += pump.session.look_ahead(self.run, pump.clock.now)
                return step
        finally:
            if not isinstance(step, Target):
                self.leave()
        return step.error or NO_MORE

    def leave(self) -> None:
        self.pump.leave(self.run)

    def abandon(self) -> None:
        self.pump.leave(self.run)


@coroutine
def a_turn() -> Generator[None, None, None]:
    yield


# --- What is known of a call ----------------------------------------------------------------------


@define(eq=False)
class Caller:
    """Who makes a call, and what the model knows of it.

    Attributes:
        call: What it wants.
        run: How far its search is.
        search: Its targets.
        failover: Its attempts.
        step: Its way to the next attempt, where it waits for the DNS.
        attempt: The attempt that it makes, where it makes one.
        put_off: The targets that it has come to, and whether each has to wait for the others.
        tried: The targets of its attempts.
        refused: Where TCP was refused.
        told: What it was told of what it asked.
        waited: For how long it has waited for the DNS, in seconds.
    """

    call: CallOfACrowd
    run: Run
    search: Search
    failover: AsyncFailover
    step: Coroutine[Any, Any, Attempt] | None = None
    attempt: Attempt | None = None
    put_off: dict[Target, bool] = field(factory=dict)
    tried: list[Target] = field(factory=list)
    refused: set[tuple[Address, int]] = field(factory=set)
    told: dict[Question, Answer] = field(factory=dict)
    waited: float = 0.0

    @property
    def due(self) -> list[Target]:
        """Whom to try, in order: the healthy; and when all are known, those that were put off."""
        at_once = [target for target, put_off in self.put_off.items() if not put_off]
        if not self.run.ended:
            return at_once
        later = [target for target, put_off in self.put_off.items() if put_off]
        return at_once + [target for target in later if self.wants(target)]

    def wants(self, target: Target) -> bool:
        """RFC 3261 §18.1.1: what is too large for UDP goes there only where TCP was refused."""
        return not target.only_after_refusal or (target.address, target.port) in self.refused

    @property
    def place(self) -> Place:
        """Where its attempt is."""
        assert self.attempt is not None
        return Place.of(self.attempt.target)

    def asks(self, question: Question) -> bool:
        """Whether it waits, or has somebody wait, for an answer."""
        queries = () if self.run.ended else self.search.resolution.queries
        return any(query.question == question and query.answer is None for query in queries)


# --- Anything that can happen ---------------------------------------------------------------------


class Callers(RuleBasedStateMachine):
    """Calls begin, wait, try targets and end in any way; answers come in any order; time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.pump = Pump(self.clock)
        self.health = NaiveHealth(self.clock, SHORTEST, LONGEST, PROBING, GRACE)
        self.book = HealthBook(
            shortest=SHORTEST, longest=LONGEST, probing=PROBING, grace=GRACE, clock=self.clock
        )
        self.claims = Claims(self.book)
        self.callers: list[Caller] = []

    @initialize(cancels=st.booleans())
    def choose_a_backend(self, cancels: bool) -> None:
        self.pump.cancels = cancels

    @property
    def busy(self) -> list[Caller]:
        return [caller for caller in self.callers if caller.attempt]

    @property
    def waiting(self) -> list[Caller]:
        return [caller for caller in self.callers if caller.step]

    # --- What callers do

    @precondition(lambda self: len(self.callers) < ENOUGH)
    @rule(calls=st.lists(calls_of_a_crowd() | calls_to_numbers(), min_size=1, max_size=3))
    def begin(self, calls: list[CallOfACrowd]) -> None:
        for call in calls:
            subject = subject_of(call.uri)
            session = self.pump.session
            begin = session.locate_number if isinstance(subject, TelUri) else session.locate
            run = begin(
                subject,  # type: ignore[arg-type]  # of the kind that is begun with
                POLICY,
                rng=Random(call.seed),
                sources=NO_SOURCES,
                now=self.clock.now,
                large=call.large,
                lazy=True,
            )
            search = Search(self.pump, subject, run)
            caller = Caller(call, run, search, AsyncFailover(search, self.claims))
            self.callers.append(caller)
            self.go_on(caller)

    @precondition(lambda self: self.busy)
    @rule(which=any_of_them, how=endings)
    def end(self, which: int, how: str) -> None:
        caller, ending = self.busy[which % len(self.busy)], ENDINGS[how]
        attempt, place = caller.attempt, caller.place
        assert attempt is not None
        is_refusal = ending.refuses and place.transport is TCP
        if is_refusal:
            caller.refused.add((place.address, place.port))
        # RFC 3261 §18.1.1: who refuses what was to go by UDP is not to blame for it.
        if ending.blames and not (is_refusal and attempt.target.instead_of_udp):
            self.health.failed(place, caller)
        elif how == "answered":
            self.health.answered(place, caller)
        else:
            self.health.released(place, caller)
        with suppress(OSError, ZeroDivisionError), attempt:
            ending.act(attempt)
        if ending.goes_on or how == "answered":
            self.go_on(caller)
        else:
            self.over(caller)

    @precondition(lambda self: self.busy)
    @rule(which=any_of_them, rest=rests_of_a_503)
    def end_with_a_rest(self, which: int, rest: float) -> None:
        caller = self.busy[which % len(self.busy)]
        assert caller.attempt is not None
        self.health.rested(caller.place, caller, rest)
        caller.attempt.failed("503", retry_after=rest)
        self.go_on(caller)

    @precondition(lambda self: self.callers)
    @rule(which=any_of_them, closes=st.booleans())
    def leave(self, which: int, closes: bool) -> None:
        """It is cancelled, or breaks out of the loop; if it closes nothing, finalisers have to."""
        caller = self.callers[which % len(self.callers)]
        if caller.step is not None:
            caller.step.close()
        elif closes:
            self.health.released(caller.place, caller)
        else:
            self.health.lost.append((caller.place, caller))
        if closes:
            with suppress(StopIteration):
                caller.failover.aclose().send(None)
        caller.attempt = None
        del caller.failover
        self.over(caller)

    # --- What happens to them

    @precondition(lambda self: self.pump.coming)
    @rule(which=some_of_them, fails=rarely)
    def answer_some(self, which: list[int], fails: bool) -> None:
        """Of what is in flight, some is answered; the last of it may be a failure."""
        for left, number in enumerate(which, 1 - len(which)):
            if coming := self.pump.coming:
                question = coming[number % len(coming)]
                self.answer(failure(question) if fails and not left else answer_to(question))

    @precondition(lambda self: self.pump.coming)
    @rule(which=any_of_them, seconds=short_pauses)
    def answer_all_but_one_name(self, which: int, seconds: float) -> None:
        name = self.pump.coming[which % len(self.pump.coming)].name
        for question in tuple(self.pump.coming):
            if question.name != name and question in self.pump.coming:
                self.answer(answer_to(question))
        self.wait(seconds)

    def answer_all(self) -> None:
        while self.pump.coming:
            self.answer(answer_to(self.pump.coming[0]))

    def answer(self, answer: Answer) -> None:
        question = answer.question
        self.pump.coming.remove(question)
        concerned = [caller for caller in self.callers if caller.asks(question)]
        for caller in concerned:
            caller.told[question] = answer
        reached = self.pump.session.deliver([answer], self.clock.now)
        assert reached >= {caller.run for caller in concerned}
        for caller in self.waiting:
            if caller.run in reached:
                self.take_a_turn(caller)

    @precondition(lambda self: self.waiting)
    @rule(which=any_of_them)
    def wake_for_nothing(self, which: int) -> None:
        self.take_a_turn(self.waiting[which % len(self.waiting)])

    @rule(seconds=short_pauses)
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        for caller in self.waiting:
            caller.waited += seconds
        for caller in sorted(self.waiting, key=lambda caller: caller.search.until):
            if caller.search.until <= self.clock.now:
                self.take_a_turn(caller)

    @rule(seconds=long_pauses)
    def wait_long(self, seconds: float) -> None:
        """Callers are busy for longer than any lifetime, and nobody waits for the DNS so long."""
        while self.waiting and self.pump.coming:
            self.answer(answer_to(self.pump.coming[0]))
        self.clock.now += seconds

    # --- One step of a call

    def go_on(self, caller: Caller) -> None:
        """Ask for the next attempt."""
        caller.attempt = None
        caller.step = caller.failover.__anext__()
        self.take_a_turn(caller)

    def take_a_turn(self, caller: Caller) -> None:
        assert caller.step is not None
        try:
            caller.step.send(None)
        except StopIteration as stop:
            self.come_to(caller, stop.value)
        except StopAsyncIteration:
            self.over(caller)
        except SipResolveError as error:
            self.come_to_targets(caller)
            self.over(caller, error)
        else:
            self.come_to_targets(caller)

    def come_to(self, caller: Caller, attempt: Attempt) -> None:
        self.come_to_targets(caller)
        if caller.put_off[attempt.target]:  # It is a last resort, and may be a probe by now.
            self.health.admit(Place.of(attempt.target), caller)
        caller.step, caller.attempt = None, attempt
        caller.tried.append(attempt.target)
        assert caller.tried == caller.due[: len(caller.tried)]

    def come_to_targets(self, caller: Caller) -> None:
        for target in caller.run.targets[len(caller.put_off) :]:
            place = Place.of(target)
            is_due = caller.wants(target) and self.health.admit(place, caller) != "penalised"
            caller.put_off[target] = not is_due

    def over(self, caller: Caller, error: SipResolveError | None = None) -> None:
        self.callers.remove(caller)
        check_call(caller, error)

    # --- What must hold

    @invariant()
    def health_is_what_callers_said(self) -> None:
        said = {(each.place, each.remaining, each.probing) for each in self.book.snapshot()}
        assert said == self.health.snapshot()

    def teardown(self) -> None:
        """When all have ended, nothing is left; unless a step has failed, which says more."""
        if sys.exc_info()[0] is not None:
            return
        while self.callers:
            for _ in self.busy:
                self.end(0, "silent")
            self.answer_all()
            self.wait(LEAST)
        self.answer_all()
        assert not self.pump.session.in_flight
        self.claims.admit(ELSEWHERE)  # Whoever comes next takes back what was lost.
        assert not any(penalty.probing for penalty in self.book.snapshot())


def check_call(caller: Caller, error: SipResolveError | None) -> None:
    """It has had what it would have had alone, given what it was told, and told itself."""
    queries = caller.search.resolution.queries
    answers = {query.question: query.answer for query in queries if query.answer}
    for question, answer in answers.items():
        lapsed = answer.status is Status.TIMEOUT and caller.waited >= LEAST
        assert caller.told.get(question) is answer or (lapsed and question not in caller.told)
    call = caller.call
    by_itself = alone(call, {**EVERYTHING, **answers})
    found, expected = list(caller.put_off), list(by_itself.targets)
    places, all_places = list(map(Place.of, found)), set(map(Place.of, expected))
    assert len(set(places)) == len(places)
    is_late = any(note.code in LATE for note in caller.run.notes)
    assert set(places) <= all_places if is_late else found == expected[: len(found)]
    if error is None:
        return
    assert set(places) == all_places
    if not isinstance(error, AllTargetsFailed):
        assert (error.code, found) == (by_itself.code, [])
        return
    assert caller.tried == caller.due == [target for target, _ in error.failures]


def failure(question: Question) -> Answer:
    return evolve(answer_to(question), status=Status.SERVFAIL, records=())


TestCallers = Callers.TestCase
