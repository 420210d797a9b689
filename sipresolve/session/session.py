"""What the calls of one resolver share: the questions in flight.

A question in flight belongs to the session, never to the call that opened it: others join it, and
a call that leaves harms none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from sipresolve.procedures.locate import EAGER, locate
from sipresolve.procedures.search import Pace
from sipresolve.session.run import Limits, Run, Waiting
from sipresolve.vocabulary.policy import Dnssec
from sipresolve.vocabulary.records import Security

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from sipresolve.procedures.addresses import Sources
    from sipresolve.session.run import Step
    from sipresolve.vocabulary.policy import Policy
    from sipresolve.vocabulary.records import Answer, Question
    from sipresolve.vocabulary.uri import SipUri

__all__ = ["Session"]

#: For a caller who wants only what RFC 3263 needs next to be asked.
_FRUGAL: Final = Pace(ahead=0, stragglers=EAGER.stragglers)


class Session:
    """What the calls of one resolver share. It is pure, and no lock guards it: its driver does."""

    def __init__(self, policy: Policy) -> None:
        """Begin with nothing.

        Args:
            policy: What the client wants and can do, where a call does not say otherwise.
        """
        self.policy = policy
        self._in_flight: dict[Question, set[Run]] = {}

    def locate(
        self, uri: SipUri, policy: Policy, *, rng: Random, sources: Sources, now: float
    ) -> Run:
        """Begin to locate the servers of a URI (RFC 3263 §4)."""
        pace = EAGER if policy.speculation else _FRUGAL
        limits = Limits(
            lifetime=policy.lifetime, budget=policy.budget, speculation=policy.speculation
        )
        procedure = locate(uri, policy=policy, rng=rng, sources=sources, pace=pace)
        return Run(procedure, limits, now)

    def advance(self, run: Run, now: float) -> Step:
        """Take a run as far as it can go; the questions to start are those not in flight yet."""
        step = run.advance(now)
        if not isinstance(step, Waiting):
            return step
        # What is in flight for nobody may have been lost with whoever asked.
        fresh = tuple(question for question in step.start if not self._in_flight.get(question))
        for question in step.start:
            self._in_flight.setdefault(question, set()).add(run)
        return Waiting(fresh, step.until)

    def deliver(self, answers: Iterable[Answer], now: float) -> set[Run]:
        """Pass answers on to the runs that wait for them, and say which those are."""
        reached: set[Run] = set()
        for answer in answers:
            graded = self._graded(answer)
            for run in self._in_flight.pop(answer.question, ()):
                run.learn(graded, now)
                reached.add(run)
        return reached

    def leave(self, run: Run) -> tuple[Question, ...]:
        """A run is over: say which questions in flight nobody waits for any more."""
        run.abandon()
        for runs in self._in_flight.values():
            runs.discard(run)
        return tuple(question for question, runs in self._in_flight.items() if not runs)

    def forget(self, question: Question) -> set[Run]:
        """A question in flight will not be answered; say which runs wait for it."""
        return self._in_flight.pop(question, set())

    @property
    def in_flight(self) -> bool:
        """Whether any answer is outstanding."""
        return bool(self._in_flight)

    def _graded(self, answer: Answer) -> Answer:
        """An answer with what DNSSEC says of it, as far as the policy believes it.

        RFC 4035 §4.9.3: the AD bit counts only from a trusted resolver over a secure path. It says
        nothing of the additional section (§3.2.3), which is then left unread.
        """
        if self.policy.dnssec is not Dnssec.TRUST_AD:
            return answer
        if answer.status.is_failure:
            return evolve(answer, additional=())
        security = Security.SECURE if answer.authenticated else Security.INSECURE
        return evolve(answer, security=security, additional=())
