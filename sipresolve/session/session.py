"""What the calls of one resolver share: the cache, the plans, and the questions in flight.

Whatever is to be asked waits in one queue, which a driver takes (`Session.take`, `Waiting.start`)
and starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve.procedures.locate import locate
from sipresolve.procedures.locate_number import (
    Client,
    locate_number,
    locate_user_phone,
    map_number,
)
from sipresolve.procedures.respond import respond
from sipresolve.procedures.search import EAGER, Pace
from sipresolve.session.bounds import Bounds, trimmed
from sipresolve.session.cache import Cache
from sipresolve.session.flights import Flights
from sipresolve.session.grading import graded
from sipresolve.session.plans import Plans
from sipresolve.session.run import Ended, Run, Waiting
from sipresolve.session.vanished import SipsMemory
from sipresolve.vocabulary.caching import CachePolicy
from sipresolve.vocabulary.errors import Misuse
from sipresolve.vocabulary.names import is_domain_name, normal_name
from sipresolve.vocabulary.policy import Dnssec
from sipresolve.vocabulary.records import Answer, Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from sipresolve.procedures.addresses import Sources
    from sipresolve.procedures.ask import Procedure
    from sipresolve.session.cache import Hit, View
    from sipresolve.session.flights import Flight
    from sipresolve.session.proof.means import Checking
    from sipresolve.session.proofs import Proofs
    from sipresolve.session.run import Step
    from sipresolve.vocabulary.numbers import TelUri
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Question
    from sipresolve.vocabulary.uri import SipUri
    from sipresolve.vocabulary.via import Via

__all__ = ["Session"]


class Session:
    """What the calls of one resolver share. It is pure, and no lock guards it: its driver does."""

    def __init__(
        self,
        policy: Policy,
        caching: CachePolicy | None = None,
        checking: Checking | None = None,
    ) -> None:
        """Begin with nothing.

        Args:
            policy: What the client wants and can do, where a call does not say otherwise.
            caching: What may be kept, and for how long; None for the defaults.
            checking: What answers are proven with, where the policy wants that.
        """
        self.policy = policy
        self.caching = caching or CachePolicy()
        self.cache = Cache(self.caching)
        self.plans = Plans(self.caching)
        self._bounds = Bounds(policy)
        self._sips = SipsMemory()
        self._view: View = None
        self._flights = Flights()
        self.checking = checking
        self._proofs = None if checking is None else _proofs(policy, checking)
        self._put_off: list[Question] = []  # refreshes for which there was no room

    # --- Runs begin

    def locate(  # noqa: PLR0913 - all but two are named where it is called
        self,
        uri: SipUri,
        policy: Policy,
        *,
        rng: Random,
        sources: Sources,
        now: float,
        large: bool = False,
        lazy: bool = False,
    ) -> Run:
        """Begin to locate the servers of a URI (RFC 3263 §4).

        Args:
            uri: What to locate.
            policy: What the client wants and can do.
            rng: The dice.
            sources: Where this machine would send from.
            now: The time.
            large: Whether the request is too large for UDP.
            lazy: Whether targets are wanted one at a time, with the caller busy in between.
        """
        # What a hook allows, it may not allow the next time.
        prepare = not (large or policy.allow_name or policy.allow_address)
        procedure = locate(
            uri,
            policy=policy,
            rng=rng,
            sources=sources,
            pace=_pace(policy, lazy),
            large=large,
            prepare=prepare,
        )
        run = self._run(procedure, policy, now)
        if prepare:
            run.to_plan = uri, self.plans.epoch
        return run

    def locate_number(  # noqa: PLR0913 - likewise
        self,
        number: TelUri,
        policy: Policy,
        *,
        rng: Random,
        sources: Sources,
        now: float,
        large: bool = False,
        lazy: bool = False,
        sips: bool = False,
        uri: SipUri | None = None,
    ) -> Run:
        """Begin to locate the servers of a telephone number (RFC 6116, then RFC 3263 §4).

        Args:
            number: What to locate: a global number.
            policy: As of `locate`, and so are the others but for two:
            rng: As of `locate`.
            sources: As of `locate`.
            now: As of `locate`.
            large: As of `locate`.
            lazy: As of `locate`.
            sips: Whether what the number leads to is located as if it were a SIPS URI.
            uri: The SIP URI that has the number, to be located where the number leads nowhere.
        """
        client = Client(
            policy=policy,
            rng=rng,
            sources=sources,
            pace=_pace(policy, lazy),
            large=large,
            sips=sips,
        )
        if uri is None:
            return self._run(locate_number(number, client), policy, now)
        return self._run(locate_user_phone(number, uri, client), policy, now)

    def map_number(self, number: TelUri, policy: Policy, *, now: float) -> Run:
        """Begin to map a telephone number to URIs (RFC 6116); arguments as of `locate_number`."""
        return self._run(map_number(number, policy=policy), policy, now)

    def respond(  # noqa: PLR0913 - likewise
        self,
        via: Via,
        policy: Policy,
        *,
        rng: Random,
        sources: Sources,
        now: float,
        lazy: bool = False,
    ) -> Run:
        """Begin to find where a response goes (RFC 3261 §18.2.2); arguments as of `locate`."""
        procedure = respond(via, policy=policy, rng=rng, sources=sources, pace=_pace(policy, lazy))
        return self._run(procedure, policy, now)

    def _run(self, procedure: Procedure[tuple[Answer, ...]], policy: Policy, now: float) -> Run:
        stale_after = self.caching.stale_after if self.caching.stale else float("inf")
        return Run(procedure, policy, now, stale_after=stale_after, lacking=self._lacking)

    def _lacking(self, question: Question) -> str:
        """What the proof of a question waits for, where that is something else, for a person."""
        awaited = () if self._proofs is None else tuple(self._proofs.awaited_by(question))
        if not awaited or any((a.name, a.type) == (question.name, question.type) for a in awaited):
            return ""
        return f" to {awaited[0]}, which its proof needs"

    # --- Runs go on

    def advance(self, run: Run, now: float) -> Step:
        """Take a run as far as it can go; the questions to start are those not in flight yet."""
        for question in run.impatient_for(now):
            if stale := self.cache.stale(question, self._view, now):
                self._tell(run, stale, now)
        while isinstance(step := run.advance(now), Waiting):
            if not step.start:
                return Waiting(self.take(), step.until)
            self._look_up(run, step.start, now)
            self._go_on(now)
        self.plans.keep(run, now)
        return step

    def look_ahead(self, run: Run, now: float) -> tuple[Question, ...]:
        """The questions to start before the caller turns to a target."""
        self._look_up(run, run.look_ahead(), now)
        self._go_on(now)
        return self.take()

    def take(self) -> tuple[Question, ...]:
        """The questions to start now, for whomever."""
        return self._flights.take()

    def is_asked_again(self, question: Question) -> bool:
        """Whether it was started before, for nameservers that are no longer those to ask."""
        flight = self._flights.get(question)
        return flight is not None and flight.is_again

    def _look_up(self, run: Run, questions: Iterable[Question], now: float) -> None:
        """Find each in the cache, or let the run wait for it."""
        for question in questions:
            if forbidden := self._bounds.forbidden(question, run.policy):
                run.learn(forbidden, now)
                continue
            hit = None if question.signed else self.cache.get(question, self._view, now)
            if hit is None:
                self._join(run, question, now)
                continue
            self._tell(run, hit.answer, now, hit)
            if hit.refresh:
                self._refresh(question, now)

    def _refresh(self, question: Question, now: float) -> None:
        """Ask again for what is in use and expires soon, if nobody is in need of the room."""
        if not self._bounds.has_room_for_hints(self.policy, self._in_flight()):
            self._put_off.append(question)
        elif self._flights.to_join(question, self._view, now) is None:
            self._launch(question, now, None)
            self._flights.keep(question)

    def _join(self, run: Run, question: Question, now: float) -> None:
        """Let a run wait for a question, if it may be asked."""
        flight = self._to_join(question, now)
        if flight is None:
            if refusal := self._refusal(run, question, now):
                self._refuse(run, refusal, now)
                return
            flight = self._launch(question, now, run)
        flight.runs.add(run)
        run.join(question, flight.since)

    def _to_join(self, question: Question, now: float) -> Flight | None:
        """The flight of a question that one more may wait for.

        A proof is never begun anew, since what it has come to would be lost; but what it has waited
        for too long is asked anew.
        """
        if self._proofs is None or self._proofs.of(question) is None:
            return self._flights.to_join(question, self._view, now)
        flight = self._flights.to_join(question, self._view, now, fresh=float("inf"))
        if flight is not None:
            for awaited in self._proofs.awaited_by(question):
                if self._flights.to_join(awaited, self._view, now) is None:
                    self._flights.launch(awaited, self._view, now)
        return flight

    def _launch(self, question: Question, now: float, run: Run | None) -> Flight:
        """Have a question started; or its proof, which asks what it needs."""
        if self._proofs is None or question.signed:
            return self._flights.launch(question, self._view, now)
        self._drop_proof(question)
        self._proofs.begin(question, run, now)
        return self._flights.launch(question, self._view, now, start=False)

    def _in_flight(self) -> int:
        """How many questions have been put to the DNS, and were not answered yet.

        A proof that is yet to begin will put one.
        """
        if self._proofs is None:
            return len(self._flights)
        return len(self._flights) - len(self._proofs) + self._proofs.yet_to_begin

    def _refusal(self, run: Run, question: Question, now: float) -> Answer | None:
        in_flight = self._in_flight()
        if question.signed and not run.work.may_ask():
            detail = "not asked, too many questions for the proofs of one call"
            return Answer(question=question, status=Status.UNASKED, detail=detail)
        if run.needs(question) or self._bounds.has_room_for_hints(run.policy, in_flight):
            return self._bounds.refusal(question, run.policy, now, in_flight)
        return Answer(question=question, status=Status.BUSY, detail="not asked ahead of time")

    def _refuse(self, run: Run, refusal: Answer, now: float) -> None:
        """A question is not asked now: if it was but a hint, it may be later, when it is needed."""
        question = refusal.question
        if run.needs(question):
            stale = self.cache.stale(question, self._view, now)
            self._tell(run, stale or refusal, now)
        else:
            run.withdraw(question)

    def _tell(self, run: Run, answer: Answer, now: float, hit: Hit | None = None) -> None:
        if note := self._sips.vanished(answer):
            run.notes[note] = None
        run.learn(answer, now, hit)

    # --- Answers come

    def deliver(self, answers: Iterable[Answer], now: float) -> set[Run]:
        """Pass answers on to the cache and the runs that wait for them, and say which those are."""
        reached: set[Run] = set()
        for answer in answers:
            reached |= self._settle(answer, now)
        reached |= self._go_on(now)
        put_off, self._put_off = self._put_off, []
        for question in put_off:
            self._refresh(question, now)
        self._go_on(now)
        return reached

    def _settle(self, answer: Answer, now: float) -> set[Run]:
        """Pass on one answer; what came to prove another is for nobody else, and not kept."""
        flight = self._flights.land(answer.question)
        if flight is None:
            return set()
        if answer.question.signed:
            for run in flight.runs:
                run.learn(answer, now)
        else:
            taken = trimmed(self._graded(answer), self.policy.records)
            ends = self._ends(taken, now)
            given = self.cache.put(taken, flight.view, now=now, since=flight.since, ends=ends)
            for run in flight.runs:
                self._tell(run, given, now)
        if self._proofs is None:
            return flight.runs
        return self._proofs.without_proofs(flight.runs)

    def _go_on(self, now: float) -> set[Run]:
        """Take the proofs as far as they can go, and pass on what they have proven."""
        reached: set[Run] = set()
        while self._proofs is not None and (proof := self._proofs.next()) is not None:
            step = proof.advance(now)
            if isinstance(step, Ended):
                answer = self._proofs.end(proof, step)
                for question in proof.questions:
                    self._flights.keep(question)
                self._flights.leave(proof)
                if _is_too_much(answer, proof):
                    reached |= self._settle_for(proof, answer, now)
                else:
                    reached |= self._settle(answer, now)
            elif isinstance(step, Waiting) and step.start:
                self._look_up(proof, step.start, now)
                self._proofs.go_on(proof)
        return reached

    def _settle_for(self, proof: Run, answer: Answer, now: float) -> set[Run]:
        """Pass on that a call has spent what it may: to its own proofs, and to nobody else.

        The others prove it at their own expense, and the cache does not hear of it: else whoever
        makes one call work in vain could take the keys of a whole TLD from all.
        """
        flight = self._flights.land(answer.question)
        own = {run for run in flight.runs if run.work is proof.work} if flight else set()
        for run in own:
            self._tell(run, answer, now)
        told = flight.runs if flight else set()
        for run in told - own:
            self._join(run, answer.question, now)  # where it may be refused, and so is told as well
        return self._proofs.without_proofs(told) if self._proofs else told

    def _ends(self, answer: Answer, now: float) -> float:
        """When an answer must not be served any more: its signatures have expired."""
        if answer.proven_until is None or self.checking is None:
            return float("inf")
        return now + answer.proven_until - self.checking.clock()

    def forget(self, question: Question) -> set[Run]:
        """A question in flight will not be answered; say which runs wait for it."""
        flight = self._flights.land(question)
        if self._proofs is None or flight is None:
            return flight.runs if flight else set()
        self._drop_proof(question)
        reached = self._proofs.without_proofs(flight.runs)
        for proof in flight.runs - reached:
            if (proven := self._proofs.proven_by(proof)) is not None:
                reached |= self.forget(proven)
        return reached

    # --- Runs end

    def leave(self, run: Run) -> tuple[Question, ...]:
        """A run is over: say which questions in flight nobody waits for any more.

        What it needed and ended without goes on: the answer may be late, but not for the cache.
        """
        for question in run.lapsed:
            self._flights.keep(question)
        run.abandon()
        orphans = self._flights.leave(run)
        if self._proofs is None:
            return orphans
        asked = tuple(question for question in orphans if question.signed)
        for question in orphans:
            if not question.signed:
                self._flights.land(question)
                asked += self._drop_proof(question)
        return asked

    def _drop_proof(self, question: Question) -> tuple[Question, ...]:
        """Nobody wants a proof any more: say which questions nobody waits for without it."""
        proof = None if self._proofs is None else self._proofs.drop(question)
        return () if proof is None else self.leave(proof)

    def overdue(self, now: float) -> tuple[Question, ...]:
        """The questions in flight that nobody waits for, and that were asked long ago."""
        return self._flights.overdue(now)

    @property
    def in_flight(self) -> bool:
        """Whether any answer is outstanding."""
        return bool(self._flights)

    # --- What all of it rests on

    def look_through(self, view: View) -> None:
        """Answers are those of other nameservers from now on, if this is another view."""
        if view != self._view:
            self._view = view
            self._put_off.clear()
            self.plans.flush()

    def flush(self, name: str | None = None) -> None:
        """Forget what is known, or what is known of a name.

        Raises:
            Misuse: That is no domain name.
        """
        if name is not None and not is_domain_name(name):
            raise Misuse(f"a domain name is wanted, not {name!r}")
        self.cache.flush(name)
        self.plans.flush()
        self._put_off.clear()
        self._sips.forget(None if name is None else normal_name(name))

    def _graded(self, answer: Answer) -> Answer:
        """An answer with what DNSSEC says of it, as far as the policy believes it."""
        return graded(answer) if self.policy.dnssec is Dnssec.TRUST_AD else answer


def _proofs(policy: Policy, checking: Checking) -> Proofs:
    from sipresolve.session.proofs import Proofs  # noqa: PLC0415 - few need it

    return Proofs(policy, checking)


def _is_too_much(answer: Answer, proof: Run) -> bool:
    """Whether a proof has failed only because its call has spent what it may."""
    if answer.status is Status.UNASKED:
        return True
    return answer.reason.code == "too-much-work" and proof.work.is_spent


#: For a caller who is busy with one target at a time: the next few hosts are looked up meanwhile.
_LAZY: Final = Pace(ahead=4, stragglers=None)


def _pace(policy: Policy, lazy: bool) -> Pace:  # noqa: FBT001
    pace = _LAZY if lazy else EAGER
    # Without speculation only what RFC 3263 needs next is asked.
    return pace if policy.speculation else evolve(pace, ahead=0)
